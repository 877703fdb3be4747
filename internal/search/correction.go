package search

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// The index holds what the pages say, and is made anew whenever they are read. What
// the shop says of a row is kept apart from it and laid over the rows when they are
// read, so that no indexing can lose it: see docs/decisions/0017-corrections.md.

// corrections tells what the shop says of rows, package correction's Store.
type corrections interface {
	// Corrections returns those of a table that hold and are found by one of the keys,
	// the oldest first; nil stands for all manuals, and for all keys.
	Corrections(ctx context.Context, tx pgx.Tx, table RowTable, manuals []uuid.UUID, keys []string) ([]Correction, error)
}

// Option changes what New makes.
type Option func(*Store)

// WithCorrections lays what c tells over the rows that were read.
func WithCorrections(c corrections) Option { return func(s *Store) { s.corrections = c } }

// uncorrected is a library in which nobody corrects anything.
type uncorrected struct{}

func (uncorrected) Corrections(context.Context, pgx.Tx, RowTable, []uuid.UUID, []string) ([]Correction, error) {
	return nil, nil
}

// CorrectionKind is what a correction does.
type CorrectionKind string

// The kinds of corrections.
const (
	CorrectionReplace  CorrectionKind = "replace"  // fields of a row are others
	CorrectionAdd      CorrectionKind = "add"      // a row was not read
	CorrectionSuppress CorrectionKind = "suppress" // what was read is no row
)

// Correction is what the shop says of a row of a manual.
type Correction struct {
	ID       uuid.UUID
	ManualID uuid.UUID
	Table    RowTable
	Kind     CorrectionKind
	Anchor   Anchor // the row that it is about; zero of an added one
	Says     Says
	Version  int
	By       string // name of who said it last
	At       time.Time
}

// Anchor tells a row by what the manual prints: rows have no identity of their own,
// since each reading makes them anew.
type Anchor struct {
	Key         string     `json:"key"`  // normalised
	Name        string     `json:"name"` // the code, part number or setting as printed
	Page        int        `json:"page"` // PDF page number
	Fingerprint string     `json:"fingerprint"`
	Fields      []RowField `json:"fields"` // as printed when it was corrected
	// Solutions are the causes and remedies of a code, which are in Fields without
	// their pairs.
	Solutions []SolutionText `json:"solutions,omitempty"`
	Models    []string       `json:"models,omitempty"`
}

// Says are the words of the shop; what is empty is as printed.
type Says struct {
	Name   string   `json:"name,omitempty"` // the code, part number or setting
	Page   int      `json:"page,omitempty"` // PDF page number
	Models []string `json:"models,omitempty"`
	// Fields are by the names of RowField, causes and remedies also by those of
	// SolutionField and with a line for each; "" of one that is to be empty.
	Fields map[string]string `json:"fields,omitempty"`
	// Quote stands on the page of an added row, as somebody has checked who added it;
	// "" where the row is in the shop's own words.
	Quote string `json:"quote,omitempty"`
}

// Fit is how a correction fits what is read now.
type Fit string

// How corrections fit. One that does not hold is to be looked at again.
const (
	FitHolds   Fit = "holds"   // the row is there as it was; an added row is not there
	FitChanged Fit = "changed" // the row in its place says something else; an added row was read by now
	FitGone    Fit = "gone"    // there is no such row any more
)

// Corrected marks a row as the shop's.
type Corrected struct {
	Correction
	Fit Fit
}

// Text returns what the shop says for a field, and whether it says anything.
func (c *Corrected) Text(field string) (string, bool) {
	if c == nil {
		return "", false
	}
	text, ok := c.Says.Fields[field]
	return text, ok
}

// Printed returns what the manual printed for a field when it was corrected.
func (c *Correction) Printed(field string) string {
	if role, n, ok := SolutionField(field); ok && n > 0 {
		if n > len(c.Anchor.Solutions) {
			return ""
		}
		return c.Anchor.Solutions[n-1].of(role)
	}
	for _, f := range c.Anchor.Fields {
		if f.Name == field {
			return f.Text
		}
	}
	return ""
}

// Keys are those under which a correction is found: the row's own and the shop's.
func (c *Correction) Keys() []string {
	var out []string
	for _, name := range []string{c.Anchor.Name, c.Says.Name} {
		for _, k := range rowKeys(c.Table, name) {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	if k := c.Anchor.Key; k != "" && !slices.Contains(out, k) {
		out = append(out, k)
	}
	return out
}

// rowKeys returns the keys under which a row with the name is found.
func rowKeys(table RowTable, name string) []string {
	if name == "" {
		return nil
	}
	if table == RowCodes {
		return typedKeys(name)
	}
	if k := textnorm.Key(name); k != "" {
		return []string{k}
	}
	return nil
}

// Fingerprint stands for what a row says beside its name, whatever the typography; ""
// of a row that was read by a release that did not keep its text.
func (r *Row) Fingerprint() string {
	var b strings.Builder
	for _, f := range r.Fields {
		if key := textnorm.Key(f.Text); key != "" {
			b.WriteString(f.Name + "\x00" + key + "\x00")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:12])
}

// Anchor returns what a correction of the row holds on to.
func (r *Row) Anchor() Anchor {
	return Anchor{Key: r.Key, Name: r.Name, Page: r.Page, Fingerprint: r.Fingerprint(), Fields: r.Fields, Solutions: r.Solutions, Models: r.Models}
}

// place finds the row that a correction is about among the rows of its manual and
// table: several, where one is found by several keys. Text that is as it was makes it
// the row, on whatever page by now. Otherwise the row of the same name in the same
// place that has at least half of its words is the same one, read differently.
func (a *Anchor) place(rows []Row) (at []int, fit Fit) {
	nearest := -1
	for i := range rows {
		if rows[i].Key != a.Key || rows[i].Fingerprint() != a.Fingerprint {
			continue
		}
		if nearest < 0 || abs(rows[i].Page-a.Page) < abs(rows[nearest].Page-a.Page) {
			nearest = i
		}
	}
	if nearest >= 0 {
		return sameRows(rows, nearest), FitHolds
	}
	best, likeness, tied := -1, sameEnough, false
	for i := range rows {
		if rows[i].Key != a.Key || rows[i].Page != a.Page {
			continue
		}
		switch l := alike(rows[i].Fields, a.Fields); {
		case l > likeness || l == likeness && best < 0:
			best, likeness, tied = i, l, false
		case l == likeness && rows[i].Fingerprint() != rows[best].Fingerprint():
			tied = true
		}
	}
	if best < 0 || tied {
		return nil, FitGone
	}
	return sameRows(rows, best), FitChanged
}

// sameEnough is the part of their words that a row has in common with what was read
// otherwise.
const sameEnough = 0.5

func sameRows(rows []Row, of int) []int {
	var out []int
	for i := range rows {
		if rows[i].Key == rows[of].Key && rows[i].Page == rows[of].Page && rows[i].Fingerprint() == rows[of].Fingerprint() {
			out = append(out, i)
		}
	}
	return out
}

// alike is Dice's coefficient of the words of two rows.
func alike(a, b []RowField) float64 {
	words := func(fields []RowField) map[string]bool {
		out := map[string]bool{}
		for _, f := range fields {
			for _, t := range textnorm.Tokens(f.Text) {
				out[t] = true
			}
		}
		return out
	}
	x, y := words(a), words(b)
	common := 0
	for w := range x {
		if y[w] {
			common++
		}
	}
	return 2 * float64(common) / float64(max(len(x)+len(y), 1))
}

func abs(n int) int { return max(n, -n) }

// FitOf returns how a correction fits the rows of its manual and table.
func (c *Correction) FitOf(rows []Row) Fit {
	if c.Kind != CorrectionAdd {
		_, fit := c.Anchor.place(rows)
		return fit
	}
	keys := c.Keys()
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Page == c.Says.Page && slices.Contains(keys, r.Key) }) {
		return FitChanged
	}
	return FitHolds
}

// overlay is what corrections make of the rows of a table.
type overlay struct {
	of      map[int]*Corrected // by index of the row: what the shop says of it
	alone   []*Corrected       // rows that only the shop has
	dropped map[int]bool       // rows that are none, or that another stands for
}

// overlayRows lays corrections over the rows of manuals; ids are the rows' manuals.
func overlayRows(ids []uuid.UUID, rows []Row, all []Correction) overlay {
	o := overlay{of: map[int]*Corrected{}, dropped: map[int]bool{}}
	for _, c := range all {
		var own []Row
		var index []int
		for i := range rows {
			if ids[i] == c.ManualID && o.of[i] == nil && !o.dropped[i] {
				own, index = append(own, rows[i]), append(index, i)
			}
		}
		corrected := &Corrected{Correction: c, Fit: c.FitOf(own)}
		if c.Kind == CorrectionAdd {
			o.alone = append(o.alone, corrected)
			continue
		}
		at, _ := c.Anchor.place(own)
		if len(at) == 0 && c.Kind == CorrectionReplace {
			o.alone = append(o.alone, corrected)
		}
		for _, i := range at {
			if c.Kind == CorrectionSuppress {
				o.dropped[index[i]] = true
			} else {
				o.of[index[i]] = corrected
			}
		}
	}
	return o
}

// Printed is the row in the form of all tables, as printed.
func (r *CodeRow) Printed() Row {
	out := Row{Table: RowCodes, Key: r.Key, Name: r.Code, Page: r.Page, Solutions: r.solutionTexts(), Models: r.Models}
	if !strings.Contains(r.Key, "/") {
		out.Key = textnorm.Key(r.Code) // also of the copies under a part of the code
	}
	for _, role := range fieldRoles {
		var texts []string
		for _, f := range r.Fields {
			if f.Role == role && textnorm.Key(f.Printed) != "" {
				texts = append(texts, f.Printed)
			}
		}
		if len(texts) > 0 {
			out.Fields = append(out.Fields, RowField{Name: string(role), Text: strings.Join(texts, " ")})
		}
	}
	return out
}

// correctCodes lays corrections over rows of codes and keeps those of the keys; nil
// for all. The rows that only the shop has stand before the others of their manual.
func correctCodes(rows []CodeRow, all []Correction, keys []string) []CodeRow {
	if len(all) == 0 {
		return rows
	}
	ids, printed := make([]uuid.UUID, len(rows)), make([]Row, len(rows))
	for i := range rows {
		ids[i], printed[i] = rows[i].ManualID, rows[i].Printed()
	}
	o := overlayRows(ids, printed, all)
	var out []CodeRow
	begun := map[uuid.UUID]bool{} // manuals
	renamed := map[*Corrected]bool{}
	add := func(r CodeRow) {
		if keys == nil || slices.Contains(keys, r.Key) {
			out = append(out, r)
		}
	}
	alone := func(manual uuid.UUID) {
		if begun[manual] {
			return
		}
		begun[manual] = true
		for _, c := range o.alone {
			if c.ManualID == manual {
				for _, r := range c.codeRows(CodeRow{ManualID: manual}) {
					add(r)
				}
			}
		}
	}
	for i, r := range rows {
		alone(r.ManualID)
		c := o.of[i]
		switch {
		case o.dropped[i]:
		case c == nil:
			add(r)
		case c.Says.Name == "":
			r.Corrected = c
			if c.Says.Models != nil {
				r.Models = c.Says.Models
			}
			add(r)
		case !renamed[c]: // its copies under other keys are those of the printed name
			renamed[c] = true
			for _, n := range c.codeRows(r) {
				add(n)
			}
		}
	}
	for _, c := range o.alone {
		alone(c.ManualID)
	}
	return out
}

// codeRows are the rows of the shop's name: one for each key, like those that are
// read. r is the row that it is about, if there is one.
func (c *Corrected) codeRows(r CodeRow) []CodeRow {
	r.Corrected = c
	r.Code = cmp.Or(c.Says.Name, c.Anchor.Name)
	if r.Page == 0 {
		r.Page = cmp.Or(c.Says.Page, c.Anchor.Page)
		r.LastPage, r.Models = r.Page, c.Anchor.Models
	}
	if c.Says.Models != nil {
		r.Models = c.Says.Models
	}
	var out []CodeRow
	for _, k := range rowKeys(RowCodes, r.Code) {
		r.Key = k
		out = append(out, r)
	}
	return out
}

// RowsNamed returns the rows of a table of a manual that have the name, as they were
// read and without corrections, each once; with an empty name all of them.
func (s *Store) RowsNamed(ctx context.Context, manual uuid.UUID, table RowTable, name string) ([]Row, error) {
	all, err := s.printedRows(ctx, manual, table)
	if err != nil {
		return nil, err
	}
	keys := rowKeys(table, name)
	var out []Row
	for _, r := range all {
		named := name == "" || slices.Contains(keys, r.Key) || slices.ContainsFunc(rowKeys(table, r.Name), func(k string) bool { return slices.Contains(keys, k) })
		if named && !slices.ContainsFunc(out, func(o Row) bool {
			return o.Key == r.Key && o.Page == r.Page && o.Fingerprint() == r.Fingerprint()
		}) {
			out = append(out, r)
		}
	}
	return out, nil
}

// printedRows returns the rows of a table as they were read.
func (s *Store) printedRows(ctx context.Context, manual uuid.UUID, table RowTable) ([]Row, error) {
	switch table {
	case RowParts:
		parts, err := s.PartsOf(ctx, manual)
		return inOneForm(parts, (*PartRow).row), err
	case RowSettings:
		settings, err := s.SettingsOf(ctx, manual)
		return inOneForm(settings, (*SettingRow).row), err
	default:
		codes, err := s.CodesOf(ctx, manual)
		return inOneForm(codes, (*CodeRow).Printed), err
	}
}

func inOneForm[T any](rows []T, form func(*T) Row) []Row {
	out := make([]Row, len(rows))
	for i := range rows {
		out[i] = form(&rows[i])
	}
	return out
}

// CorrectedCodes returns the rows of codes of the manuals that were read and that the
// shop says otherwise.
func (s *Store) CorrectedCodes(ctx context.Context, manuals []uuid.UUID) ([]CodeRow, error) {
	var out []CodeRow
	err := postgres.InSnapshot(ctx, s.db, func(tx pgx.Tx) error {
		all, err := s.corrections.Corrections(ctx, tx, RowCodes, manuals, nil)
		if err != nil || len(all) == 0 {
			return err
		}
		var keys []string
		for i := range all {
			keys = append(keys, all[i].Keys()...)
		}
		rows, err := tx.Query(ctx, `SELECT manual_id, row FROM error_code WHERE manual_id = ANY($1) AND code_key = ANY($2)
			ORDER BY manual_id, ordinal`, manuals, keys) // error_code_key
		if err != nil {
			return err
		}
		read, err := pgx.CollectRows(rows, scanCodeRow)
		if err != nil {
			return err
		}
		out = slices.DeleteFunc(correctCodes(read, all, nil), func(r CodeRow) bool { return r.Corrected == nil || len(r.Fields) == 0 })
		return nil
	})
	return out, err
}
