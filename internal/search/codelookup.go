package search

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// CodeFilter selects rows of the error-code index. What is zero selects all.
type CodeFilter struct {
	Code         string // as typed
	ModelID      uuid.UUID
	Manufacturer string // as typed
	Manual       uuid.UUID
	Language     string // ISO 639-1, of the row's page
	Limit        int    // how many rows at most; 50 when 0
	Cursor       string // CodeList.Next of the list that goes on
}

// CodeList is what a look-up of codes found.
type CodeList struct {
	// Rows are by code, manual and page.
	Rows []FoundCode
	Next string // cursor of the rest, "" after the last
	// Loosely says that no row has the code as it was typed: those listed differ in
	// zeros before a number, or have a zero where the letter O was typed.
	Loosely bool
	// Near are codes of the same selection that look like the one that was not
	// found, as printed, the nearest first.
	Near []string
}

// FoundCode is a row with the manual that it is printed in.
type FoundCode struct {
	CodeRow
	Title        string // of the manual
	Revision     string // of the manual, as printed
	PageLabel    string // printed on the page; "" when it is not known for a fact
	Manufacturer string // of the manual's models; of the first where they differ
	ManualModels []string

	ordinal int
}

// codeSelection is the part of the index that a look-up reads.
type codeSelection struct {
	column   string // code_key or loose_key
	keys     []string
	manuals  []uuid.UUID // nil for all
	language string
	limit    int
	after    *codeCursor
	whole    bool // leave out the rows under the parts of composed codes
}

const (
	defaultCodes = 50
	maxNear      = 8
	nearCodes    = 400  // rows of codes that are compared with the one that was not found
	fewManuals   = 50   // whose codes are all compared with it
	fewCodes     = 2000 // rows of these
)

// LookUpCodes returns the rows of error codes that a filter selects. A code is
// found however it is typed. Of manuals that are superseded those are left out whose
// successor can be asked instead, unless one is asked for by its id.
func (s *Store) LookUpCodes(ctx context.Context, f CodeFilter) (CodeList, error) {
	r := codeSelection{column: "code_key", language: f.Language, limit: cmp.Or(f.Limit, defaultCodes), whole: f.Code == ""}
	if f.Cursor != "" {
		c, err := parseCodeCursor(f.Cursor)
		if err != nil {
			return CodeList{}, err
		}
		r.column, r.after = c.column, &c
	}
	if f.Manual != uuid.Nil {
		r.manuals = []uuid.UUID{f.Manual}
	} else if f.ModelID != uuid.Nil || f.Manufacturer != "" {
		var err error
		if r.manuals, err = s.manualsOf(ctx, f.ModelID, f.Manufacturer); err != nil {
			return CodeList{}, err
		}
	}
	var asked []string
	if f.Code != "" {
		if r.keys = lookUpKeys(f.Code); len(r.keys) == 0 {
			return CodeList{}, errdefs.New(errdefs.Invalid, "CODE_INVALID", "%q has neither a letter nor a digit. Type the code as the display shows it.", f.Code)
		}
		asked = slices.Clone(r.keys)
		if r.column == "loose_key" {
			r.loosen()
		}
	}
	out, err := s.listCodes(ctx, r, asked)
	if err != nil {
		return CodeList{}, err
	}
	if len(out.Rows) == 0 && f.Code != "" && r.after == nil {
		r.column = "loose_key"
		r.loosen()
		if out, err = s.listCodes(ctx, r, asked); err != nil {
			return CodeList{}, err
		}
	}
	out.Loosely = r.column == "loose_key" && len(out.Rows) > 0
	if len(out.Rows) == 0 && f.Code != "" && r.after == nil {
		out.Near, err = s.nearCodes(ctx, r, codeKey(f.Code))
	}
	return out, err
}

// listCodes returns a part of a list with what the shop says of its rows; asked are the
// keys of the code, nil for all.
func (s *Store) listCodes(ctx context.Context, r codeSelection, asked []string) (out CodeList, err error) {
	if out.Rows, err = s.selectCodes(ctx, r); err != nil {
		return out, err
	}
	if len(out.Rows) > r.limit {
		out.Rows = out.Rows[:r.limit]
		last := out.Rows[r.limit-1]
		out.Next = codeCursor{r.column, r.keyOf(last.Key), last.ManualID, last.ordinal}.String()
	}
	out.Rows, err = s.correctFound(ctx, r, asked, out.Rows)
	return out, err
}

// lookUpKeys returns the keys of a typed code: of the whole, of a sub-code, of
// every code of a range.
func lookUpKeys(code string) []string {
	var keys []string
	for _, c := range givenCodes(textnorm.Clean(code)) {
		keys = append(keys, typedKeys(c)...)
	}
	return slices.Compact(keys)
}

func (r *codeSelection) loosen() {
	for i, k := range r.keys {
		r.keys[i] = looseKey(k)
	}
}

func (r *codeSelection) keyOf(key string) string {
	if r.column == "loose_key" {
		return looseKey(key)
	}
	return key
}

// Conditions of what is shown of manual m: servedManual that its rows are shown at all,
// askedManual that they are when nobody names a manual, as the view asked_manual says,
// and askedForModel that they are for the model mm.model_id: a successor that does not
// know the model takes nothing from it. Few manuals are superseded, which is why that
// is asked first: a join would be made for all of them.
const (
	servedManual = `m.draft_of IS NULL AND m.generation > 0 AND m.status <> 'quarantined'`
	askedManual  = servedManual + ` AND (m.superseded_by IS NULL OR NOT EXISTS (
		SELECT FROM manual n WHERE n.id = m.superseded_by AND n.generation > 0 AND n.status <> 'quarantined'))`
	askedForModel = servedManual + ` AND (m.superseded_by IS NULL OR NOT EXISTS (
		SELECT FROM manual n JOIN manual_model nm ON nm.manual_id = n.id
		WHERE n.id = m.superseded_by AND nm.model_id = mm.model_id AND n.generation > 0 AND n.status <> 'quarantined'))`
)

// manualsOf returns the manuals that are asked about a model, or about the models of a
// manufacturer; it is never nil.
func (s *Store) manualsOf(ctx context.Context, model uuid.UUID, manufacturer string) ([]uuid.UUID, error) {
	rows, err := s.db.Query(ctx, `
		SELECT DISTINCT m.id FROM manual m
		JOIN manual_model mm ON mm.manual_id = m.id JOIN model ON model.id = mm.model_id
		WHERE `+askedForModel+`
		  AND ($1::uuid IS NULL OR model.id = $1) AND ($2 = '' OR model.manufacturer_key = $2)`,
		uuid.NullUUID{UUID: model, Valid: model != uuid.Nil}, textnorm.Key(manufacturer))
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	return out, postgres.Translate(err)
}

// selectCodes reads one row more than the limit.
func (s *Store) selectCodes(ctx context.Context, r codeSelection) ([]FoundCode, error) {
	if r.manuals != nil && len(r.manuals) == 0 {
		return nil, nil
	}
	terms, args := []string{"true"}, pgx.NamedArgs{"limit": r.limit + 1}
	where := func(term, name string, value any) {
		terms = append(terms, term)
		args[name] = value
	}
	key := r.column + ` COLLATE "C"`
	if r.keys != nil {
		where(key+` = ANY (@keys)`, "keys", r.keys)
	}
	if r.manuals != nil {
		where(`e.manual_id = ANY (@manuals)`, "manuals", r.manuals)
	} else {
		terms = append(terms, askedManual)
	}
	if r.language != "" {
		where(`e.language = @language`, "language", r.language)
	}
	if r.whole {
		terms = append(terms, `e.whole`)
	}
	if r.after != nil {
		where(`(`+key+`, e.manual_id, e.ordinal) > (@key, @manual, @ordinal)`, "key", r.after.key)
		args["manual"], args["ordinal"] = r.after.manual, r.after.ordinal
	}
	rows, err := s.db.Query(ctx, `
		WITH e AS MATERIALIZED (
			SELECT e.manual_id, e.ordinal, e.page, e.row, `+key+` AS sort_key, m.title, m.revision
			FROM error_code e JOIN manual m ON m.id = e.manual_id AND `+servedManual+`
			WHERE `+strings.Join(terms, " AND ")+`
			ORDER BY `+key+`, e.manual_id, e.ordinal LIMIT @limit -- error_code_lookup, error_code_loose
		)
		SELECT e.manual_id, e.row, e.ordinal, e.title, e.revision, coalesce(p.label, ''), models.manufacturer, models.names
		FROM e LEFT JOIN page p ON p.manual_id = e.manual_id AND p.number = e.page,
		     LATERAL (SELECT coalesce(min(manufacturer), '') AS manufacturer, coalesce(array_agg(name ORDER BY name), '{}') AS names
		              FROM manual_model mm JOIN model ON model.id = mm.model_id WHERE mm.manual_id = e.manual_id) models
		ORDER BY sort_key, e.manual_id, e.ordinal`, args)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f FoundCode, err error) {
		var id uuid.UUID
		var data []byte
		var ordinal int
		if err := row.Scan(&id, &data, &ordinal, &f.Title, &f.Revision, &f.PageLabel, &f.Manufacturer, &f.ManualModels); err != nil {
			return f, err
		}
		err = json.Unmarshal(data, &f.CodeRow)
		f.ManualID, f.ordinal = id, ordinal
		return f, err
	})
	return out, postgres.Translate(err)
}

// NearCodes returns codes of the manuals that look like one that they do not have, as
// printed, the nearest first.
func (s *Store) NearCodes(ctx context.Context, manuals []uuid.UUID, code string) ([]string, error) {
	key := codeKey(code)
	if key == "" {
		return nil, nil
	}
	return s.nearCodes(ctx, codeSelection{manuals: append([]uuid.UUID{}, manuals...)}, key)
}

// nearCodes returns codes of the selection that look like a key, the nearest first. In
// a few manuals all codes are compared with it, in more those that begin like it.
func (s *Store) nearCodes(ctx context.Context, r codeSelection, key string) ([]string, error) {
	runes := []rune(key)
	var prefix string
	within := `code_key COLLATE "C" >= $1 AND code_key COLLATE "C" < $1 || U&'\FFFF' AND ($2::uuid[] IS NULL OR e.manual_id = ANY ($2))` // error_code_lookup
	limit := nearCodes
	switch n := len(r.manuals); {
	case r.manuals != nil && n <= fewManuals:
		limit = fewCodes
		within = `starts_with(code_key, $1) AND e.manual_id = ANY ($2)` // error_code_key
	case len(runes) > 1:
		prefix = string(runes[:len(runes)-1])
	default:
		prefix = key
	}
	shown := askedManual
	if r.manuals != nil {
		shown = servedManual
	}
	rows, err := s.db.Query(ctx, `
		SELECT DISTINCT ON (code_key) row->>'code', code_key FROM (
			SELECT code_key, row FROM error_code e JOIN manual m ON m.id = e.manual_id AND `+shown+`
			WHERE `+within+` AND whole
			LIMIT $3) near`, prefix, r.manuals, limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	type near struct {
		code     string
		distance int
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n near, err error) {
		var k string
		if err := row.Scan(&n.code, &k); err != nil {
			return n, err
		}
		n.distance = textnorm.EditDistance(key, k, len(runes)+len(k))
		if n.distance >= max(len(runes), utf8.RuneCountInString(k)) {
			n.code = "" // nothing of it is alike
		}
		return n, nil
	})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	slices.SortFunc(found, func(a, b near) int { return cmp.Or(a.distance-b.distance, strings.Compare(a.code, b.code)) })
	var out []string
	for _, n := range found {
		if len(out) < maxNear && n.code != "" && !slices.Contains(out, n.code) {
			out = append(out, n.code)
		}
	}
	return out, nil
}

// codeCursor is the last row of a part of a list.
type codeCursor struct {
	column, key string
	manual      uuid.UUID
	ordinal     int
}

func (c codeCursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", c.column, c.key, c.manual, c.ordinal))
}

func parseCodeCursor(s string) (codeCursor, error) {
	bad := func(err error) (codeCursor, error) {
		return codeCursor{}, errdefs.Wrap(err, errdefs.Invalid, "CURSOR_INVALID", "The cursor is not one of ours. Start again without it.")
	}
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return bad(err)
	}
	parts := strings.Split(textnorm.Clean(strings.ReplaceAll(string(data), "\x00", " ")), " ")
	if len(parts) != 4 || parts[0] != "code_key" && parts[0] != "loose_key" {
		return bad(fmt.Errorf("%d parts", len(parts)))
	}
	c := codeCursor{column: parts[0], key: parts[1]}
	if c.manual, err = uuid.Parse(parts[2]); err != nil {
		return bad(err)
	}
	if c.ordinal, err = strconv.Atoi(parts[3]); err != nil {
		return bad(err)
	}
	return c, nil
}
