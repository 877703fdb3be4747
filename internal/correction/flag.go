package correction

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// Reason is what is wrong.
type Reason string

// The reasons of flags.
const (
	WrongPage  Reason = "wrong_page"
	WrongRow   Reason = "wrong_row"
	WrongModel Reason = "wrong_model"
)

// FlagState is how far a flag is.
type FlagState string

// The states of flags.
const (
	FlagOpen      FlagState = "open"
	FlagResolved  FlagState = "resolved"  // it was right, and seen to
	FlagDismissed FlagState = "dismissed" // what it is about is as it should be
)

// Flag says that something is wrong in a row, or in an answer that was shown.
type Flag struct {
	ID       uuid.UUID
	ManualID uuid.UUID // zero for an answer that cites none
	Title    string    // of the manual
	// Of an answer:
	AnswerID uuid.UUID
	Item     string // error_code, steps/0; "" for the whole
	// Of a row, as it was when it was flagged:
	Table search.RowTable
	Row   search.Anchor

	Reason       Reason
	Note         string
	State        FlagState
	CorrectionID uuid.UUID // that has resolved it, zero without one
	Resolution   string    // what the reviewer says to it
	CreatedBy    string    // name
	CreatedAt    time.Time
	DecidedBy    string     // name, "" before
	DecidedAt    *time.Time // nil before
}

// NewFlag is a flag that is to be raised, about a row or about an answer.
type NewFlag struct {
	ID     uuid.UUID // UUIDv7 of the client, so that it may retry; made when zero
	Answer uuid.UUID
	Item   string // of the answer: error_code, steps/0, values/1; "" for the whole
	Manual uuid.UUID
	Table  search.RowTable
	Row    RowRef
	Reason Reason
	Note   string
	User   uuid.UUID // manual.LocalUser when zero
}

const (
	actionFlagged     audit.Action = "flag.raised"
	actionFlagDecided audit.Action = "flag.decided"
)

// Flag raises a flag. The same id again returns what has become of it, and created is
// false. The row need not be there as it was: a flag may come hours after it was seen.
//
// Errors: FLAG_INVALID, FLAG_ID_TAKEN, ANSWER_NOT_FOUND, ITEM_NOT_FOUND,
// MANUAL_NOT_FOUND.
func (s *Service) Flag(ctx context.Context, n NewFlag) (f Flag, created bool, err error) {
	n.User = cmp.Or(n.User, manual.LocalUser)
	n.Note, n.Row.Name = cleanText(n.Note), cleanText(n.Row.Name)
	if n.ID != uuid.Nil {
		switch f, err = s.GetFlag(ctx, n.ID); {
		case err == nil && f.AnswerID == n.Answer && f.Reason == n.Reason && f.Table == n.Table && f.Item == n.Item:
			return f, false, nil
		case err == nil:
			return Flag{}, false, errdefs.New(errdefs.Conflict, "FLAG_ID_TAKEN", "This id is another flag's. Make a new id for each.")
		case !errdefs.Is(err, errdefs.NotFound):
			return f, false, err
		}
	} else if n.ID, err = uuid.NewV7(); err != nil {
		return f, false, err
	}
	if err := n.check(); err != nil {
		return f, false, err
	}
	anchor, manualID, err := s.subject(ctx, n)
	if err != nil {
		return f, false, err
	}
	data, err := json.Marshal(anchor)
	if err != nil {
		return f, false, err
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO flag (id, manual_id, answer_id, item, row_table, anchor, reason, note, created_by)
			VALUES ($1, (SELECT id FROM manual WHERE id = $2), $3, $4, nullif($5, ''), $6, $7, $8, $9)`,
			n.ID, manualID, uuid.NullUUID{UUID: n.Answer, Valid: n.Answer != uuid.Nil}, n.Item, string(n.Table), data, string(n.Reason), n.Note, n.User)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, n.User, actionFlagged, cmp.Or(manualID, n.Answer), map[string]any{"flag": n.ID, "reason": n.Reason, "row": anchor.Name, "answer": n.Answer, "item": n.Item})
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "flag_pkey" {
		f, err = s.GetFlag(ctx, n.ID) // the same request at once
		return f, false, err
	}
	if err != nil {
		return f, false, postgres.Translate(err)
	}
	f, err = s.GetFlag(ctx, n.ID)
	return f, true, err
}

func (n *NewFlag) check() error {
	bad := func(message string) error { return errdefs.New(errdefs.Invalid, "FLAG_INVALID", "%s", message) }
	switch {
	case !slices.Contains([]Reason{WrongPage, WrongRow, WrongModel}, n.Reason):
		return bad("Say what is wrong: wrong_page, wrong_row or wrong_model.")
	case (n.Answer == uuid.Nil) == (n.Manual == uuid.Nil):
		return bad("A flag is about an answer or about a row of a manual. Give one of them.")
	case n.Manual != uuid.Nil && (fieldsOf(n.Table) == nil || n.Row.Name == ""):
		return bad("Name the row: its table (codes, parts or settings) and its code, part number or setting.")
	case n.Answer != uuid.Nil && n.Table != "":
		return bad("A flag about an answer names an item of it, and no row.")
	case len(n.Note) > maxText, len(n.Row.Name) > maxName, len(n.Row.Fingerprint) > maxName:
		return bad("A text is too long. A name may have 200 bytes and a note 4000.")
	}
	return nil
}

// subject finds what a flag is about, and its manual.
func (s *Service) subject(ctx context.Context, n NewFlag) (search.Anchor, uuid.UUID, error) {
	if n.Answer != uuid.Nil {
		a, err := s.answers.Answer(ctx, n.Answer)
		if err != nil {
			return search.Anchor{}, uuid.Nil, err
		}
		id, err := manualOf(a, n.Item)
		return search.Anchor{}, id, err
	}
	if _, err := s.manuals.Get(ctx, n.Manual); err != nil {
		return search.Anchor{}, uuid.Nil, err
	}
	row, err := s.row(ctx, n.Manual, n.Table, n.Row)
	switch {
	case errdefs.Is(err, errdefs.NotFound), errdefs.Is(err, errdefs.Conflict): // not as it was seen, or one of several
		return search.Anchor{Name: n.Row.Name, Page: n.Row.Page, Fingerprint: n.Row.Fingerprint}, n.Manual, nil
	case err != nil:
		return search.Anchor{}, uuid.Nil, err
	}
	return row.Anchor(), n.Manual, nil
}

// manualOf returns the manual that an item of an answer cites, of the whole answer the
// first; zero when it cites none.
func manualOf(a *troubleshoot.Answer, item string) (uuid.UUID, error) {
	name, number, numbered := strings.Cut(item, "/")
	at, err := strconv.Atoi(number)
	lengths := map[string]int{
		"values": len(a.Values), "steps": len(a.Steps), "parts": len(a.Parts), "likely_causes": len(a.LikelyCauses),
		"passages": len(a.Passages), "warnings": len(a.Warnings),
	}
	var quotes []troubleshoot.Quote
	switch {
	case item == "":
		if len(a.Citations) > 0 {
			return a.Citations[0].ManualID, nil
		}
		return uuid.Nil, nil
	case item == "error_code" && a.ErrorCode != nil:
		quotes = a.ErrorCode.Quotes
	case !numbered || err != nil || at < 0 || at >= lengths[name]:
		return uuid.Nil, errdefs.New(errdefs.Invalid, "ITEM_NOT_FOUND", "The answer has no item %q. Use error_code, or a list and a number counted from 0, as steps/0.", item)
	case name == "steps":
		quotes = a.Steps[at].Quotes
	case name == "parts":
		quotes = a.Parts[at].Quotes
	default:
		list := map[string][]troubleshoot.Item{"values": a.Values, "likely_causes": a.LikelyCauses, "passages": a.Passages, "warnings": a.Warnings}[name]
		quotes = list[at].Quotes
	}
	if len(quotes) > 0 && quotes[0].Citation < len(a.Citations) {
		return a.Citations[quotes[0].Citation].ManualID, nil
	}
	return manualOf(a, "")
}

const flagQuery = `SELECT f.id, coalesce(f.manual_id, '00000000-0000-0000-0000-000000000000'), coalesce(m.title, ''),
		coalesce(f.answer_id, '00000000-0000-0000-0000-000000000000'), f.item, coalesce(f.row_table, ''), f.anchor, f.reason, f.note, f.state,
		coalesce(f.correction_id, '00000000-0000-0000-0000-000000000000'), f.resolution,
		coalesce(nullif(u.full_name, ''), u.username), f.created_at, coalesce(nullif(d.full_name, ''), d.username, ''), f.decided_at
	FROM flag f JOIN users u ON u.id = f.created_by LEFT JOIN users d ON d.id = f.decided_by LEFT JOIN manual m ON m.id = f.manual_id WHERE `

func scanFlag(row pgx.CollectableRow) (f Flag, err error) {
	var anchor []byte
	err = row.Scan(&f.ID, &f.ManualID, &f.Title, &f.AnswerID, &f.Item, &f.Table, &anchor, &f.Reason, &f.Note, &f.State,
		&f.CorrectionID, &f.Resolution, &f.CreatedBy, &f.CreatedAt, &f.DecidedBy, &f.DecidedAt)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(anchor, &f.Row)
}

// GetFlag returns a flag.
//
// Errors: FLAG_NOT_FOUND.
func (s *Service) GetFlag(ctx context.Context, id uuid.UUID) (Flag, error) {
	rows, err := s.pool.Query(ctx, flagQuery+`f.id = $1`, id)
	if err != nil {
		return Flag{}, postgres.Translate(err)
	}
	f, err := pgx.CollectExactlyOneRow(rows, scanFlag)
	return f, flagError(err)
}

func flagError(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errdefs.New(errdefs.NotFound, "FLAG_NOT_FOUND", "There is no such flag. Its manual may have been deleted; list those that are open.")
	}
	return postgres.Translate(err)
}

// FlagFilter selects flags. Empty fields select all.
type FlagFilter struct {
	State  FlagState // FlagOpen when empty
	Manual uuid.UUID
	Answer uuid.UUID
	Reason Reason
	Limit  int    // 50 when 0, 200 at most
	Cursor string // as returned with the page before
}

// Flags returns the flags that a filter selects, the oldest first, and the cursor of
// the next page, "" after the last.
//
// Errors: STATE_INVALID, CURSOR_INVALID.
func (s *Service) Flags(ctx context.Context, f FlagFilter) (found []Flag, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	f.Limit = min(f.Limit, maxLimit)
	f.State = cmp.Or(f.State, FlagOpen)
	if !slices.Contains([]FlagState{FlagOpen, FlagResolved, FlagDismissed}, f.State) {
		return nil, "", errdefs.New(errdefs.Invalid, "STATE_INVALID", "%q is no state of a flag. Use open, resolved or dismissed.", string(f.State))
	}
	terms, args := []string{"f.state = @state"}, pgx.NamedArgs{"state": string(f.State)}
	if f.Manual != uuid.Nil {
		terms, args["manual"] = append(terms, "f.manual_id = @manual"), f.Manual
	}
	if f.Answer != uuid.Nil {
		terms, args["answer"] = append(terms, "f.answer_id = @answer"), f.Answer
	}
	if f.Reason != "" {
		terms, args["reason"] = append(terms, "f.reason = @reason"), string(f.Reason)
	}
	if f.Cursor != "" {
		c, err := postgres.ParseCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		terms, args["time"], args["id"] = append(terms, "(f.created_at, f.id) > (@time, @id)"), c.Time, c.ID
	}
	// In the order of the index flag_created.
	rows, err := s.pool.Query(ctx, flagQuery+strings.Join(terms, " AND ")+` ORDER BY f.created_at, f.id LIMIT `+strconv.Itoa(f.Limit+1), args)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if found, err = pgx.CollectRows(rows, scanFlag); err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(found) > f.Limit {
		found = found[:f.Limit]
		next = postgres.Cursor{Time: found[f.Limit-1].CreatedAt, ID: found[f.Limit-1].ID}.String()
	}
	return found, next, nil
}

// FlagDecision is what a reviewer says to a flag.
type FlagDecision struct {
	State        FlagState
	Resolution   string
	CorrectionID uuid.UUID // that resolves it, if one does
	User         uuid.UUID // manual.LocalUser when zero
}

// DecideFlag resolves or dismisses a flag, or opens it again. Saying the same again
// changes nothing.
//
// Errors: FORBIDDEN, FLAG_NOT_FOUND, FLAG_DECIDED when somebody decided otherwise
// meanwhile, FLAG_INVALID.
func (s *Service) DecideFlag(ctx context.Context, id uuid.UUID, d FlagDecision) (Flag, error) {
	d.User = cmp.Or(d.User, manual.LocalUser)
	if err := s.authorise(ctx, d.User); err != nil {
		return Flag{}, err
	}
	d.Resolution = cleanText(d.Resolution)
	if !slices.Contains([]FlagState{FlagOpen, FlagResolved, FlagDismissed}, d.State) || len(d.Resolution) > maxText ||
		d.CorrectionID != uuid.Nil && d.State != FlagResolved {
		return Flag{}, errdefs.New(errdefs.Invalid, "FLAG_INVALID", "A flag is resolved, perhaps by a correction, dismissed, or opened again.")
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var state FlagState
		var about uuid.UUID
		err := tx.QueryRow(ctx, `SELECT state, coalesce(manual_id, answer_id, id) FROM flag WHERE id = $1 FOR UPDATE`, id).Scan(&state, &about)
		switch {
		case err != nil:
			return flagError(err)
		case state == d.State:
			return nil
		case state != FlagOpen && d.State != FlagOpen:
			return errdefs.New(errdefs.Conflict, "FLAG_DECIDED", "This flag was %s meanwhile. Open it again if that was wrong.", string(state))
		}
		_, err = tx.Exec(ctx, `
			UPDATE flag SET state = $2, resolution = $3, correction_id = $4,
				decided_by = CASE WHEN $2 = 'open' THEN NULL ELSE $5::uuid END, decided_at = CASE WHEN $2 = 'open' THEN NULL ELSE now() END
			WHERE id = $1`, id, string(d.State), d.Resolution, uuid.NullUUID{UUID: d.CorrectionID, Valid: d.CorrectionID != uuid.Nil}, d.User)
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "flag_correction_id_fkey" {
			return errdefs.New(errdefs.Invalid, "FLAG_INVALID", "There is no such correction. List those of the manual.")
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, d.User, actionFlagDecided, about, map[string]any{"flag": id, "state": d.State, "resolution": d.Resolution})
	})
	if err != nil {
		return Flag{}, err
	}
	return s.GetFlag(ctx, id)
}
