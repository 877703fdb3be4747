package correction

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// Deps are what a Service is built from; all are needed.
type Deps struct {
	DB      *pgxpool.Pool
	Rows    rows
	Manuals manuals
	Answers answers
}

// rows are those that were read; *search.Store has them.
type rows interface {
	RowsNamed(ctx context.Context, manual uuid.UUID, table search.RowTable, name string) ([]search.Row, error)
}

// manuals is the library; *manual.Service is.
type manuals interface {
	Get(ctx context.Context, id uuid.UUID) (manual.Manual, error)
	Page(ctx context.Context, id uuid.UUID, n int) (pdf.Page, string, error)
}

// answers are those that were shown; *troubleshoot.Service keeps them.
type answers interface {
	Answer(ctx context.Context, id uuid.UUID) (*troubleshoot.Answer, error)
}

// Service makes, changes and undoes corrections, and takes flags. It may be used
// concurrently.
type Service struct {
	pool    *pgxpool.Pool
	rows    rows
	manuals manuals
	answers answers
}

// New returns the service.
func New(d Deps) *Service { return &Service{d.DB, d.Rows, d.Manuals, d.Answers} }

// Correction is what the shop says of a row, with how it came about.
type Correction struct {
	search.Correction
	// Fit says how it fits what is read now; what is undone has none.
	Fit       search.Fit
	Note      string // why, for other people
	Undone    bool
	CreatedBy string // names
	CreatedAt time.Time
}

// LookAgain reports whether the manual is read differently since it was made, so that
// somebody should look at it again. It holds nevertheless.
func (c *Correction) LookAgain() bool { return !c.Undone && c.Fit != search.FitHolds }

// Draft is a correction that is to be made.
type Draft struct {
	ID       uuid.UUID // UUIDv7 of a client that may retry; made when zero
	ManualID uuid.UUID
	Table    search.RowTable
	Kind     search.CorrectionKind
	Row      RowRef // that is corrected; of no use when one is added
	Says     search.Says
	Note     string
	User     uuid.UUID // who says so; manual.LocalUser when zero
}

// RowRef names a row of a manual. The name alone will do where the manual has one such
// row.
type RowRef struct {
	Name        string // the code, part number or setting, as printed or typed
	Page        int    // PDF page number; 0 for any
	Fingerprint string // search.Row.Fingerprint; "" for any
}

// Change is one state that a correction was in.
type Change struct {
	Version int
	Action  string // made, changed, undone, redone
	Says    search.Says
	Note    string
	By      string // name
	At      time.Time
}

// The audit's actions; the subject is the manual.
const (
	actionMade    audit.Action = "correction.made"
	actionChanged audit.Action = "correction.changed"
	actionUndone  audit.Action = "correction.undone"
	actionRedone  audit.Action = "correction.redone"
)

// Make stores a correction, which holds from then on for everyone. The same id again
// returns what it has become, and created is false.
//
// Errors: FORBIDDEN, MANUAL_NOT_FOUND, MANUAL_NOT_INDEXED, CORRECTION_INVALID,
// ROW_NOT_FOUND, ROW_AMBIGUOUS, ROW_OUTDATED, PAGE_NOT_FOUND, QUOTE_NOT_FOUND,
// CORRECTION_EXISTS for a row that is corrected already, CORRECTION_ID_TAKEN.
func (s *Service) Make(ctx context.Context, d Draft) (c Correction, created bool, err error) {
	d.User = cmp.Or(d.User, manual.LocalUser)
	if err := s.authorise(ctx, d.User); err != nil {
		return c, false, err
	}
	d.clean()
	if d.ID != uuid.Nil {
		switch c, err = s.Get(ctx, d.ID); {
		case err == nil && c.ManualID == d.ManualID && c.Table == d.Table && c.Kind == d.Kind:
			return c, false, nil
		case err == nil:
			return Correction{}, false, errdefs.New(errdefs.Conflict, "CORRECTION_ID_TAKEN", "This id is another correction's. Make a new id for each.")
		case !errdefs.Is(err, errdefs.NotFound):
			return c, false, err
		}
	}
	m, err := s.manuals.Get(ctx, d.ManualID)
	if err != nil {
		return c, false, err
	}
	if m.Generation == 0 {
		return c, false, errdefs.New(errdefs.Conflict, "MANUAL_NOT_INDEXED", "%q is not read yet. Correct it when it is.", m.Title)
	}
	r := record{ID: d.ID, ManualID: d.ManualID, Table: d.Table, Kind: d.Kind, Says: d.Says, Note: d.Note, Version: 1, CreatedBy: d.User}
	if r.ID == uuid.Nil {
		if r.ID, err = uuid.NewV7(); err != nil {
			return c, false, err
		}
	}
	if d.Kind != search.CorrectionAdd {
		row, err := s.row(ctx, d.ManualID, d.Table, d.Row)
		if err != nil {
			return c, false, err
		}
		r.Anchor = row.Anchor()
	}
	if err := s.check(ctx, &m, &r); err != nil {
		return c, false, err
	}
	if err := s.insert(ctx, &r); err != nil {
		return c, false, err
	}
	c, err = s.Get(ctx, r.ID)
	return c, true, err
}

func (s *Service) insert(ctx context.Context, r *record) error {
	anchor, says, err := r.encode()
	if err != nil {
		return err
	}
	correction := r.correction()
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO correction (id, manual_id, row_table, kind, anchor, says, keys, note, created_by, updated_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
			r.ID, r.ManualID, string(r.Table), string(r.Kind), anchor, says, correction.Keys(), r.Note, r.CreatedBy)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, r, "made", r.CreatedBy, nil)
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.ConstraintName {
		case "correction_row":
			return s.exists(ctx, r)
		case "correction_pkey": // the same request at once
			return errdefs.New(errdefs.Conflict, "CORRECTION_ID_TAKEN", "This correction was just made. Read it, and change it there.")
		case "correction_manual_id_fkey":
			return errdefs.New(errdefs.NotFound, "MANUAL_NOT_FOUND", "The manual was deleted meanwhile.")
		}
	}
	return postgres.Translate(err)
}

// exists says that somebody has corrected the same row.
func (s *Service) exists(ctx context.Context, r *record) error {
	var other uuid.UUID
	var by string
	err := s.pool.QueryRow(ctx, `SELECT c.id, coalesce(nullif(e.full_name, ''), e.username) FROM `+tables+`
		WHERE c.manual_id = $1 AND c.row_table = $2 AND c.anchor_key = $3 AND c.anchor_page = $4 AND c.fingerprint = $5 AND NOT c.undone AND c.kind <> 'add'`,
		r.ManualID, string(r.Table), r.Anchor.Key, r.Anchor.Page, r.Anchor.Fingerprint).Scan(&other, &by)
	e := errdefs.New(errdefs.Conflict, "CORRECTION_EXISTS", "This row is corrected already. Look at that correction, and change or undo it.")
	if err == nil {
		e = errdefs.New(errdefs.Conflict, e.Code, "%s has corrected this row already. Look at that correction, and change or undo it.", by).With("correction_id", other)
	}
	return e
}

func (r *record) encode() (anchor, says []byte, err error) {
	anchor = []byte("{}")
	if r.Kind != search.CorrectionAdd {
		if anchor, err = json.Marshal(r.Anchor); err != nil {
			return nil, nil, err
		}
	}
	says, err = json.Marshal(r.Says)
	return anchor, says, err
}

// note keeps a state of a correction in its history and in the audit.
func (s *Service) note(ctx context.Context, tx pgx.Tx, r *record, action string, user uuid.UUID, before any) error {
	_, says, err := r.encode()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO correction_change (correction_id, version, action, says, note, by) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.ID, r.Version, action, says, r.Note, user)
	if err != nil {
		return err
	}
	detail := map[string]any{"correction": r.ID, "table": r.Table, "kind": r.Kind, "row": cmp.Or(r.Anchor.Name, r.Says.Name), "page": cmp.Or(r.Anchor.Page, r.Says.Page), "says": r.Says}
	if r.Note != "" {
		detail["note"] = r.Note
	}
	if before != nil {
		detail["before"] = before
	} else if len(r.Anchor.Fields) > 0 {
		detail["printed"] = r.Anchor.Fields
	}
	return audit.Record(ctx, tx, user, audit.Action("correction."+action), r.ManualID, detail)
}

// row finds the row that a reference names, as it was read.
func (s *Service) row(ctx context.Context, id uuid.UUID, table search.RowTable, ref RowRef) (search.Row, error) {
	named, err := s.rows.RowsNamed(ctx, id, table, ref.Name)
	if err != nil {
		return search.Row{}, err
	}
	if ref.Name == "" {
		return search.Row{}, errdefs.New(errdefs.Invalid, "CORRECTION_INVALID", "Name the row: its code, part number or setting as printed.")
	}
	found := slices.DeleteFunc(slices.Clone(named), func(r search.Row) bool {
		return ref.Page > 0 && r.Page != ref.Page || ref.Fingerprint != "" && r.Fingerprint() != ref.Fingerprint
	})
	switch {
	case len(found) == 0:
		e := errdefs.New(errdefs.NotFound, "ROW_NOT_FOUND", "The manual has no row %q there as it is read now. Look the row up again; one that was not read can be added.", ref.Name)
		if len(named) > 0 {
			e = e.With("rows", choices(named))
		}
		return search.Row{}, e
	case len(found) > 1:
		return search.Row{}, errdefs.New(errdefs.Conflict, "ROW_AMBIGUOUS", "The manual has %d rows %q. Say which one, by page and fingerprint.", len(found), ref.Name).
			With("rows", choices(found))
	case found[0].Fingerprint() == "":
		return search.Row{}, errdefs.New(errdefs.Conflict, "ROW_OUTDATED", "An older version of the program has read this row. Have the manual read again, then correct it.")
	}
	return found[0], nil
}

// Choice is a row that may be meant, in the detail "rows" of the errors ROW_AMBIGUOUS
// and ROW_NOT_FOUND.
type Choice struct {
	Name        string            `json:"name"`
	Page        int               `json:"page"` // PDF page number
	Fingerprint string            `json:"fingerprint"`
	Fields      []search.RowField `json:"fields"` // as printed
}

func choices(rows []search.Row) []Choice {
	out := make([]Choice, len(rows))
	for i, r := range rows {
		out[i] = Choice{r.Name, r.Page, r.Fingerprint(), r.Fields}
	}
	return out
}

// Get returns a correction.
//
// Errors: CORRECTION_NOT_FOUND.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Correction, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+columns+` FROM `+tables+` WHERE c.id = $1`, id)
	if err != nil {
		return Correction{}, postgres.Translate(err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRecord)
	if err != nil {
		return Correction{}, notFound(err)
	}
	return s.fitted(ctx, r, map[tableOf][]search.Row{})
}

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errdefs.New(errdefs.NotFound, "CORRECTION_NOT_FOUND", "There is no such correction. Its manual may have been deleted; list those there are.")
	}
	return postgres.Translate(err)
}

// tableOf names a table of a manual.
type tableOf struct {
	manual uuid.UUID
	table  search.RowTable
}

// fitted finds out how a correction fits the rows as they are read now. Rows that were
// read for one are kept in known for the next.
func (s *Service) fitted(ctx context.Context, r record, known map[tableOf][]search.Row) (Correction, error) {
	c := Correction{Correction: r.correction(), Note: r.Note, Undone: r.Undone, CreatedBy: r.Author, CreatedAt: r.CreatedAt}
	if r.Undone {
		return c, nil
	}
	of := tableOf{r.ManualID, r.Table}
	rows, ok := known[of]
	if !ok {
		var err error
		if rows, err = s.rows.RowsNamed(ctx, r.ManualID, r.Table, ""); err != nil {
			return c, err
		}
		known[of] = rows
	}
	c.Fit = c.FitOf(rows)
	return c, nil
}

// History returns the states of a correction, the first first.
func (s *Service) History(ctx context.Context, id uuid.UUID) ([]Change, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT h.version, h.action, h.says, h.note, coalesce(nullif(u.full_name, ''), u.username), h.at
		FROM correction_change h JOIN users u ON u.id = h.by WHERE h.correction_id = $1 ORDER BY h.version`, id)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Change, err error) {
		var says []byte
		if err := row.Scan(&h.Version, &h.Action, &says, &h.Note, &h.By, &h.At); err != nil {
			return h, err
		}
		return h, json.Unmarshal(says, &h.Says)
	})
	return out, postgres.Translate(err)
}

// Edit changes what a correction says.
type Edit struct {
	Version int // that was looked at
	Says    *search.Says
	Note    *string
	User    uuid.UUID // manual.LocalUser when zero
}

// Change has a correction say something else.
//
// Errors: FORBIDDEN, CORRECTION_NOT_FOUND, CORRECTION_CHANGED when somebody changed it
// since the version that was looked at, CORRECTION_UNDONE, and those of Make.
func (s *Service) Change(ctx context.Context, id uuid.UUID, e Edit) (Correction, error) {
	return s.change(ctx, id, e.Version, e.User, actionChanged, func(r *record) error {
		if r.Undone {
			return errdefs.New(errdefs.Conflict, "CORRECTION_UNDONE", "This correction was undone meanwhile. Redo it, or make a new one.")
		}
		if e.Says != nil {
			r.Says = cleanSays(*e.Says)
		}
		if e.Note != nil {
			r.Note = cleanText(*e.Note)
		}
		m, err := s.manuals.Get(ctx, r.ManualID)
		if err != nil {
			return err
		}
		return s.check(ctx, &m, r)
	})
}

// Undo ends a correction: what was read counts again. Undoing again changes nothing.
// With the version 0 it is undone whatever it says by now.
//
// Errors: FORBIDDEN, CORRECTION_NOT_FOUND, CORRECTION_CHANGED.
func (s *Service) Undo(ctx context.Context, id uuid.UUID, version int, user uuid.UUID) (Correction, error) {
	return s.change(ctx, id, version, user, actionUndone, func(r *record) error {
		if r.Undone {
			return errSame
		}
		r.Undone = true
		return nil
	})
}

// Redo has a correction hold again that was undone.
//
// Errors: those of Undo, CORRECTION_EXISTS when its row has another one by now.
func (s *Service) Redo(ctx context.Context, id uuid.UUID, version int, user uuid.UUID) (Correction, error) {
	return s.change(ctx, id, version, user, actionRedone, func(r *record) error {
		if !r.Undone {
			return errSame
		}
		r.Undone = false
		return nil
	})
}

// errSame says that there is nothing to change.
var errSame = errors.New("correction: nothing to change")

// change applies do to a locked correction and keeps the state before.
func (s *Service) change(ctx context.Context, id uuid.UUID, version int, user uuid.UUID, action audit.Action, do func(*record) error) (Correction, error) {
	user = cmp.Or(user, manual.LocalUser)
	if err := s.authorise(ctx, user); err != nil {
		return Correction{}, err
	}
	var r record
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM `+tables+` WHERE c.id = $1 FOR UPDATE OF c`, id)
		if err != nil {
			return err
		}
		if r, err = pgx.CollectExactlyOneRow(rows, scanRecord); err != nil {
			return notFound(err)
		}
		if version != 0 && version != r.Version {
			return errdefs.New(errdefs.Conflict, "CORRECTION_CHANGED", "%s has changed this correction meanwhile. Look at it again and repeat your change.", r.Editor).
				With("version", r.Version)
		}
		before := r.Says
		if err := do(&r); err != nil {
			return err
		}
		r.Version++
		_, says, err := r.encode()
		if err != nil {
			return err
		}
		correction := r.correction()
		_, err = tx.Exec(ctx, `UPDATE correction SET says = $2, keys = $3, note = $4, version = $5, undone = $6, updated_by = $7, updated_at = now() WHERE id = $1`,
			r.ID, says, correction.Keys(), r.Note, r.Version, r.Undone, user)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, &r, strings.TrimPrefix(string(action), "correction."), user, before)
	})
	switch pg, ok := errors.AsType[*pgconn.PgError](err); {
	case errors.Is(err, errSame):
	case ok && pg.ConstraintName == "correction_row":
		return Correction{}, s.exists(ctx, &r)
	case err != nil:
		return Correction{}, postgres.Translate(err)
	}
	return s.Get(ctx, id)
}

// authorise is the one place that decides who may correct and review: today
// administrators, of whom the local user is one.
func (s *Service) authorise(ctx context.Context, user uuid.UUID) error {
	var may bool
	err := s.pool.QueryRow(ctx, `SELECT active AND role = 'administrator' FROM users WHERE id = $1`, user).Scan(&may)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return postgres.Translate(err)
	}
	if !may {
		return errdefs.New(errdefs.Forbidden, "FORBIDDEN", "Only an administrator may correct rows and decide about flags. Flag what is wrong, and an administrator will see it.")
	}
	return nil
}
