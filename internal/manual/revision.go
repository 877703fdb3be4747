package manual

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/manual/internal/revision"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// SupersessionKind is why one manual is to be asked instead of another.
type SupersessionKind string

// The kinds of supersession.
const (
	SupersessionRevision  SupersessionKind = "revision"  // it is a newer revision
	SupersessionDuplicate SupersessionKind = "duplicate" // it has the same text
	SupersessionTold      SupersessionKind = "told"      // somebody said so, and nothing was proposed
)

// SupersessionState is how far a supersession is.
type SupersessionState string

// The states of a supersession.
const (
	SupersessionOpen      SupersessionState = "open"      // proposed: both are asked
	SupersessionConfirmed SupersessionState = "confirmed" // the successor is asked
	SupersessionDismissed SupersessionState = "dismissed" // both stay, and it is not proposed again
	SupersessionUndone    SupersessionState = "undone"    // the predecessor was reinstated
)

var supersessionStates = []SupersessionState{SupersessionOpen, SupersessionConfirmed, SupersessionDismissed, SupersessionUndone}

// Supersession says that one manual is asked instead of another, or proposes it. What
// is proposed has no effect until somebody confirms it. The predecessor is kept: it
// can be read, it is asked when it is named, and its citations stay as they are.
type Supersession struct {
	ID                     uuid.UUID
	Predecessor, Successor Manual
	Kind                   SupersessionKind
	State                  SupersessionState
	Evidence               SupersessionEvidence
	CreatedAt              time.Time
	UpdatedAt              time.Time // of what it says
	DecidedAt              *time.Time
	DecidedBy              uuid.UUID // zero before the decision
}

// SupersessionEvidence is what a proposal rests on; the zero value where nothing was
// proposed.
type SupersessionEvidence struct {
	// Reason is what tells the newer one: revision, date or added; text of a duplicate.
	Reason string         `json:"reason,omitempty"`
	Facts  []ComparedFact `json:"facts,omitempty"`
	Pages  PageOverlap    `json:"pages"`
}

// ComparedFact is something that the two say of themselves, "" where one does not.
type ComparedFact struct {
	Field       string `json:"field"` // title, revision, date, models, type, language, serial_range, added
	Predecessor string `json:"predecessor"`
	Successor   string `json:"successor"`
}

// PageOverlap counts the pages with text that the two share.
type PageOverlap = revision.Overlap

const (
	actionSuperseded audit.Action = "manual.superseded"
	actionReinstated audit.Action = "manual.reinstated"
	actionKeptBoth   audit.Action = "supersession.dismissed"
)

// SupersessionFilter selects supersessions.
type SupersessionFilter struct {
	State  SupersessionState // SupersessionOpen when empty
	Manual uuid.UUID         // predecessor or successor; any when zero
	Limit  int               // 50 when 0, 200 at most
	Cursor string            // as returned with the page before
}

// Supersessions returns what a filter selects, the oldest first, and the cursor of
// the next page, "" after the last.
//
// Errors: STATE_INVALID, CURSOR_INVALID.
func (s *Service) Supersessions(ctx context.Context, f SupersessionFilter) (found []Supersession, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	if f.State == "" {
		f.State = SupersessionOpen
	}
	if !slices.Contains(supersessionStates, f.State) {
		return nil, "", errdefs.New(errdefs.Invalid, "STATE_INVALID",
			"%q is no state of a supersession. Use open, confirmed, dismissed or undone.", string(f.State))
	}
	terms, args := []string{"state = @state"}, pgx.NamedArgs{"state": string(f.State)}
	if f.Manual != uuid.Nil {
		terms = append(terms, "@manual IN (predecessor_id, successor_id)")
		args["manual"] = f.Manual
	}
	if f.Cursor != "" {
		c, err := postgres.ParseCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		terms = append(terms, "(created_at, id) > (@cursor_time, @cursor_id)")
		args["cursor_time"], args["cursor_id"] = c.Time, c.ID
	}
	// The open ones in the order of the index supersession_open.
	rows, err := s.pool.Query(ctx, "SELECT supersession.* FROM supersession WHERE "+strings.Join(terms, " AND ")+
		" ORDER BY created_at, id LIMIT "+strconv.Itoa(f.Limit+1), args)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[db.Supersession])
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(all) > f.Limit {
		all = all[:f.Limit]
		last := all[f.Limit-1]
		next = postgres.Cursor{Time: last.CreatedAt, ID: last.ID}.String()
	}
	found, err = s.withBoth(ctx, s.pool, all)
	return found, next, err
}

// withBoth adds the manuals to the rows. One that is deleted meanwhile takes its
// supersessions with it.
func (s *Service) withBoth(ctx context.Context, conn db.DBTX, rows []db.Supersession) ([]Supersession, error) {
	var ids []uuid.UUID
	for _, r := range rows {
		ids = append(ids, r.PredecessorID, r.SuccessorID)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	found, err := db.New(conn).ManualsByID(ctx, slices.Compact(ids))
	if err != nil {
		return nil, postgres.Translate(err)
	}
	manuals, err := s.many(ctx, conn, found)
	if err != nil {
		return nil, err
	}
	byID := make(map[uuid.UUID]Manual, len(manuals))
	for _, m := range manuals {
		byID[m.ID] = m
	}
	out := []Supersession{}
	for _, r := range rows {
		p, pok := byID[r.PredecessorID]
		n, nok := byID[r.SuccessorID]
		if !pok || !nok {
			continue
		}
		x := Supersession{
			ID: r.ID, Predecessor: p, Successor: n, Kind: SupersessionKind(r.Kind), State: SupersessionState(r.State),
			CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, DecidedAt: r.DecidedAt, DecidedBy: uuid.UUID(r.DecidedBy.Bytes),
		}
		if err := json.Unmarshal(r.Evidence, &x.Evidence); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// CountSupersessions returns how many are open.
func (s *Service) CountSupersessions(ctx context.Context) (int, error) {
	n, err := db.New(s.pool).CountSupersessions(ctx)
	return int(n), postgres.Translate(err)
}

// Supersession returns the one with the id.
//
// Errors: SUPERSESSION_NOT_FOUND.
func (s *Service) Supersession(ctx context.Context, id uuid.UUID) (Supersession, error) {
	row, err := db.New(s.pool).GetSupersession(ctx, id)
	if err != nil {
		return Supersession{}, supersessionError(err)
	}
	return s.oneSupersession(ctx, s.pool, row)
}

func (s *Service) oneSupersession(ctx context.Context, conn db.DBTX, row db.Supersession) (Supersession, error) {
	all, err := s.withBoth(ctx, conn, []db.Supersession{row})
	if err == nil && len(all) == 0 {
		err = supersessionError(pgx.ErrNoRows)
	}
	if err != nil {
		return Supersession{}, err
	}
	return all[0], nil
}

func supersessionError(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errdefs.New(errdefs.NotFound, "SUPERSESSION_NOT_FOUND",
			"There is no such supersession. One of its manuals may have been deleted, or it no longer holds; list those that are open.")
	}
	return postgres.Translate(err)
}

// SupersessionDecision is what somebody says to a proposed supersession.
type SupersessionDecision struct {
	User uuid.UUID // who decides; LocalUser when zero
	// Seen is the UpdatedAt of the proposal that was looked at; when it says something
	// else by now, nothing is decided. Zero decides about what is there.
	Seen time.Time
}

// Confirm has the successor of a proposal asked instead of its predecessor, from now
// on. Confirming again changes nothing.
//
// Errors: SUPERSESSION_NOT_FOUND, SUPERSESSION_DECIDED when somebody said otherwise,
// SUPERSESSION_CHANGED, MANUAL_SUPERSEDED when one of the two is superseded by another
// manual by now.
func (s *Service) Confirm(ctx context.Context, id uuid.UUID, d SupersessionDecision) (Supersession, error) {
	return s.decideSupersession(ctx, d, byID(id), func(tx pgx.Tx, row db.Supersession, user uuid.UUID) error {
		switch state := SupersessionState(row.State); state {
		case SupersessionConfirmed:
			return nil
		case SupersessionDismissed, SupersessionUndone:
			return supersessionDecided(state)
		case SupersessionOpen:
		}
		return s.supersedeManual(ctx, tx, row, user)
	})
}

// DismissSupersession says that both manuals are to be asked. It is not proposed again.
// Dismissing again changes nothing.
//
// Errors: SUPERSESSION_NOT_FOUND, SUPERSESSION_DECIDED, SUPERSESSION_CHANGED.
func (s *Service) DismissSupersession(ctx context.Context, id uuid.UUID, d SupersessionDecision) (Supersession, error) {
	return s.decideSupersession(ctx, d, byID(id), func(tx pgx.Tx, row db.Supersession, user uuid.UUID) error {
		switch state := SupersessionState(row.State); state {
		case SupersessionDismissed:
			return nil
		case SupersessionConfirmed, SupersessionUndone:
			return supersessionDecided(state)
		case SupersessionOpen:
		}
		if err := s.recordSupersession(ctx, tx, row, user, SupersessionDismissed, actionKeptBoth); err != nil {
			return err
		}
		return s.judgeBoth(ctx, tx, row)
	})
}

func supersessionDecided(state SupersessionState) error {
	return errdefs.New(errdefs.Conflict, "SUPERSESSION_DECIDED",
		"This was %s meanwhile. Look at the manuals; supersede or reinstate one of them there if that was wrong.", string(state))
}

// Supersede has one manual asked instead of another because somebody says so, whether
// that was proposed, dismissed or undone before. Saying it again changes nothing.
//
// Errors: MANUAL_NOT_FOUND, SUPERSESSION_INVALID for a manual and itself,
// MANUAL_SUPERSEDED when one of the two is superseded by another manual.
func (s *Service) Supersede(ctx context.Context, predecessor, successor uuid.UUID, d SupersessionDecision) (Supersession, error) {
	if predecessor == successor {
		return Supersession{}, errdefs.New(errdefs.Invalid, "SUPERSESSION_INVALID", "A manual cannot supersede itself. Name the other one.")
	}
	find := func(ctx context.Context, q *db.Queries) (db.Supersession, error) {
		for _, id := range []uuid.UUID{predecessor, successor} {
			if _, err := q.GetManual(ctx, id); err != nil {
				return db.Supersession{}, rowError(err)
			}
		}
		of := db.SupersessionOfParams{PredecessorID: predecessor, SuccessorID: successor}
		row, err := q.SupersessionOf(ctx, of)
		if !errors.Is(err, pgx.ErrNoRows) {
			return row, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return row, err
		}
		if err := q.TellSupersession(ctx, db.TellSupersessionParams{ID: id, PredecessorID: predecessor, SuccessorID: successor}); err != nil {
			return row, err
		}
		return q.SupersessionOf(ctx, of)
	}
	return s.decideSupersession(ctx, d, find, func(tx pgx.Tx, row db.Supersession, user uuid.UUID) error {
		if SupersessionState(row.State) == SupersessionConfirmed {
			return nil
		}
		return s.supersedeManual(ctx, tx, row, user)
	})
}

func byID(id uuid.UUID) func(context.Context, *db.Queries) (db.Supersession, error) {
	return func(ctx context.Context, q *db.Queries) (db.Supersession, error) {
		row, err := q.GetSupersession(ctx, id)
		if err != nil {
			return row, supersessionError(err)
		}
		return row, nil
	}
}

// decideSupersession runs decide on what find returns, one decision in the library at
// a time.
func (s *Service) decideSupersession(ctx context.Context, d SupersessionDecision,
	find func(context.Context, *db.Queries) (db.Supersession, error), decide func(pgx.Tx, db.Supersession, uuid.UUID) error,
) (out Supersession, err error) {
	if d.User == uuid.Nil {
		d.User = LocalUser
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockSupersessions(ctx); err != nil {
			return err
		}
		row, err := find(ctx, q)
		if err != nil {
			return err
		}
		if !d.Seen.IsZero() && !d.Seen.Equal(row.UpdatedAt) {
			return errdefs.New(errdefs.Conflict, "SUPERSESSION_CHANGED",
				"One of the manuals was read or described otherwise meanwhile, and the proposal says something else now. Look at it again.")
		}
		if err := decide(tx, row, d.User); err != nil {
			return err
		}
		if row, err = q.GetSupersession(ctx, row.ID); err != nil {
			return err
		}
		out, err = s.oneSupersession(ctx, tx, row)
		return err
	})
	return out, err
}

// lockBoth locks the two manuals, in the order of their ids as everybody who locks two.
func lockBoth(ctx context.Context, q *db.Queries, row db.Supersession) (predecessor, successor db.Manual, err error) {
	ids := []uuid.UUID{row.PredecessorID, row.SuccessorID}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range ids {
		m, err := lockShown(ctx, q, id)
		if err != nil {
			return predecessor, successor, err
		}
		if id == row.PredecessorID {
			predecessor = m
		} else {
			successor = m
		}
	}
	return predecessor, successor, nil
}

// supersedeManual makes a supersession hold. That the successor has none of its own
// keeps the manuals from superseding each other in a circle.
func (s *Service) supersedeManual(ctx context.Context, tx pgx.Tx, row db.Supersession, user uuid.UUID) error {
	q := db.New(tx)
	predecessor, successor, err := lockBoth(ctx, q, row)
	if err != nil {
		return err
	}
	for _, m := range []db.Manual{predecessor, successor} {
		if m.SupersededBy.Valid {
			return errdefs.New(errdefs.Conflict, "MANUAL_SUPERSEDED",
				"%q is superseded by another manual already. Name that manual, or reinstate %q first.", m.Title, m.Title)
		}
	}
	if err := q.Supersede(ctx, db.SupersedeParams{ID: predecessor.ID, SupersededBy: nullable(successor.ID)}); err != nil {
		return err
	}
	if err := s.recordSupersession(ctx, tx, row, user, SupersessionConfirmed, actionSuperseded); err != nil {
		return err
	}
	// Nothing else is to be decided about a manual that is not asked.
	others, err := q.SupersessionsOf(ctx, predecessor.ID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if SupersessionState(o.State) != SupersessionOpen {
			continue
		}
		if err := q.WithdrawSupersession(ctx, o.ID); err != nil {
			return err
		}
		if err := s.judgeBoth(ctx, tx, o); err != nil {
			return err
		}
	}
	if err := s.judgeBoth(ctx, tx, row); err != nil {
		return err
	}
	if err := s.enqueueCompare(ctx, tx, successor.ID); err != nil { // with what the predecessor stood before
		return err
	}
	predecessor.SupersededBy = nullable(successor.ID)
	return s.tell(ctx, tx, EventSuperseded, predecessor)
}

// recordSupersession notes a decision, in the audit of both manuals.
func (s *Service) recordSupersession(ctx context.Context, tx pgx.Tx, row db.Supersession, user uuid.UUID, state SupersessionState, action audit.Action) error {
	err := db.New(tx).DecideSupersession(ctx, db.DecideSupersessionParams{ID: row.ID, State: string(state), DecidedBy: nullable(user)})
	if err != nil {
		return err
	}
	detail := map[string]any{"predecessor": row.PredecessorID, "successor": row.SuccessorID, "kind": row.Kind}
	return errors.Join(
		audit.Record(ctx, tx, user, action, row.PredecessorID, detail),
		audit.Record(ctx, tx, user, action, row.SuccessorID, detail),
	)
}

// judgeBoth renews the reasons to look at the two.
func (s *Service) judgeBoth(ctx context.Context, tx pgx.Tx, row db.Supersession) error {
	return errors.Join(s.judgeAgain(ctx, tx, row.PredecessorID), s.judgeAgain(ctx, tx, row.SuccessorID))
}

// Reinstate has a superseded manual asked again: it undoes Confirm and Supersede. Of a
// manual that is not superseded it changes nothing.
//
// Errors: MANUAL_NOT_FOUND.
func (s *Service) Reinstate(ctx context.Context, id uuid.UUID, d SupersessionDecision) (Manual, error) {
	if d.User == uuid.Nil {
		d.User = LocalUser
	}
	var out Manual
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockSupersessions(ctx); err != nil {
			return err
		}
		row, err := lockShown(ctx, q, id)
		if err != nil {
			return err
		}
		if row.SupersededBy.Valid {
			if err := s.reinstate(ctx, tx, row, d.User); err != nil {
				return err
			}
		}
		if row, err = q.GetManual(ctx, id); err != nil {
			return err
		}
		out, err = s.one(ctx, tx, row)
		return err
	})
	return out, err
}

func (s *Service) reinstate(ctx context.Context, tx pgx.Tx, row db.Manual, user uuid.UUID) error {
	q := db.New(tx)
	all, err := q.SupersessionsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.PredecessorID != row.ID || SupersessionState(x.State) != SupersessionConfirmed {
			continue
		}
		err := q.DecideSupersession(ctx, db.DecideSupersessionParams{ID: x.ID, State: string(SupersessionUndone), DecidedBy: nullable(user)})
		if err != nil {
			return err
		}
	}
	if err := q.Supersede(ctx, db.SupersedeParams{ID: row.ID}); err != nil {
		return err
	}
	detail := map[string]any{"predecessor": row.ID, "successor": uuid.UUID(row.SupersededBy.Bytes)}
	if err := audit.Record(ctx, tx, user, actionReinstated, row.ID, detail); err != nil {
		return err
	}
	return s.enqueueCompare(ctx, tx, row.ID)
}

// passOn is to come before a manual is deleted: what it has superseded is superseded
// by its own successor, or asked again.
func (s *Service) passOn(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	q := db.New(tx)
	if err := q.LockSupersessions(ctx); err != nil {
		return err
	}
	left, err := q.SupersededBy(ctx, id)
	if err != nil || len(left) == 0 {
		return err
	}
	row, err := q.GetManual(ctx, id)
	if err != nil {
		return rowError(err)
	}
	for _, m := range left {
		if err := q.Supersede(ctx, db.SupersedeParams{ID: m.ID, SupersededBy: row.SupersededBy}); err != nil {
			return err
		}
		detail := map[string]any{"predecessor": m.ID, "successor": id, "deleted": row.Title}
		action := actionReinstated
		if row.SupersededBy.Valid {
			action, detail["successor"] = actionSuperseded, uuid.UUID(row.SupersededBy.Bytes)
		} else if err := s.enqueueCompare(ctx, tx, m.ID); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, LocalUser, action, m.ID, detail); err != nil {
			return err
		}
	}
	return nil
}

// successors adds to the manuals what is asked instead of them.
func successors(ctx context.Context, q *db.Queries, rows []db.Manual, at map[uuid.UUID]*Manual) error {
	var ids []uuid.UUID
	for _, r := range rows {
		if r.SupersededBy.Valid {
			ids = append(ids, uuid.UUID(r.SupersededBy.Bytes))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := q.References(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, f := range found {
			if r.SupersededBy.Valid && uuid.UUID(r.SupersededBy.Bytes) == f.ID {
				at[r.ID].SupersededBy = &Reference{f.ID, f.Title, f.Revision}
			}
		}
	}
	return nil
}
