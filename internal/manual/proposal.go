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
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/manual/internal/identify"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// ProposalState is how far a proposal is.
type ProposalState string

// The states of a proposal.
const (
	ProposalWaiting    ProposalState = "waiting"    // for the manual's text
	ProposalOpen       ProposalState = "open"       // for somebody to decide
	ProposalAccepted   ProposalState = "accepted"   // as it was, or with changes
	ProposalDismissed  ProposalState = "dismissed"  // the manual stays without models
	ProposalSuperseded ProposalState = "superseded" // the models were told in another way
)

var proposalStates = []ProposalState{ProposalWaiting, ProposalOpen, ProposalAccepted, ProposalDismissed, ProposalSuperseded}

// Proposal says what a manual that came without models seems to be for. It is
// made of the manual's text when that is read, and again when OCR adds to it,
// until somebody decides. Fields for which there is no evidence are empty; a
// proposal may be empty altogether, and then says that somebody has to look.
type Proposal struct {
	Manual       Manual
	State        ProposalState
	Manufacturer string
	Models       []string
	Type         Type // "" for no proposal
	Title        string
	Revision     string
	// Sure says that manufacturer and models are printed on the first pages and
	// named by a source that is independent of them.
	Sure      bool
	Evidence  []Evidence
	CreatedAt time.Time
	UpdatedAt time.Time // of what it says
	DecidedAt *time.Time
	DecidedBy uuid.UUID // zero before the decision, and when the program superseded it
}

// Evidence is one reason for a proposed value.
type Evidence = identify.Evidence

// maxFolders is how many names of folders are kept as hints, the innermost.
const maxFolders = 4

// keepHints notes what came with a manual without models, so that a proposal can
// be made when its text is read.
func (s *Service) keepHints(ctx context.Context, q *db.Queries, id uuid.UUID, u Upload) error {
	data, err := json.Marshal(identify.Hints{Folders: folderHints(u)})
	if err != nil {
		return err
	}
	return q.AddHints(ctx, db.AddHintsParams{ManualID: id, Hints: data})
}

func folderHints(u Upload) []string {
	var names []string
	for _, f := range u.Folders[max(0, len(u.Folders)-maxFolders):] {
		if f = cleanFileName(f); f != "" {
			names = append(names, f)
		}
	}
	return names
}

// renewHints takes over the folders in which a file was met again, and proposes
// anew, as long as nobody has decided and nothing sure was found with those from
// before. The manual is locked.
func (s *Service) renewHints(ctx context.Context, tx pgx.Tx, row db.Manual, u Upload) error {
	q := db.New(tx)
	folders := folderHints(u)
	if len(folders) == 0 || len(u.Models) > 0 {
		return nil
	}
	if has, err := q.HasModels(ctx, row.ID); err != nil || has {
		return err
	}
	p, err := q.LockProposal(ctx, row.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // added before there were proposals
	case err != nil:
		return err
	case p.Sure, ProposalState(p.State) != ProposalWaiting && ProposalState(p.State) != ProposalOpen:
		return nil
	}
	var hints identify.Hints
	if len(p.Hints) > 0 {
		if err := json.Unmarshal(p.Hints, &hints); err != nil || slices.Equal(hints.Folders, folders) {
			return err
		}
	}
	if err := q.SetFolderHints(ctx, db.SetFolderHintsParams{ManualID: row.ID, Folders: folders}); err != nil {
		return err
	}
	if row.Generation == 0 {
		return nil // made with its index
	}
	pages, err := storedPages(ctx, q, row.ID, true)
	if err != nil {
		return err
	}
	if err := s.propose(ctx, tx, row, pages); err != nil {
		return err
	}
	return s.judgeAgain(ctx, tx, row.ID)
}

// noteTitle keeps the title of the PDF's metadata as a hint.
func (s *Service) noteTitle(ctx context.Context, q *db.Queries, id uuid.UUID, title string) error {
	if title = cleanText(title); title == "" || len(title) > maxTitle {
		return nil
	}
	return q.AddTitleHint(ctx, db.AddTitleHintParams{ManualID: id, Title: noNUL(title)})
}

// propose makes or renews the proposal of a locked manual from its pages, which
// are in order. A manual that has models, and a proposal that was decided, are
// left alone.
func (s *Service) propose(ctx context.Context, tx pgx.Tx, row db.Manual, pages []pdf.Page) error {
	if row.DraftOf.Valid {
		return nil // made for its manual, with its pages
	}
	q := db.New(tx)
	p, err := q.LockProposal(ctx, row.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // added before there were proposals
	case err != nil:
		return err
	case ProposalState(p.State) != ProposalWaiting && ProposalState(p.State) != ProposalOpen:
		return nil
	}
	if has, err := q.HasModels(ctx, row.ID); err != nil || has {
		return err
	}
	var hints identify.Hints
	if len(p.Hints) > 0 {
		if err := json.Unmarshal(p.Hints, &hints); err != nil {
			return err
		}
	}
	entries, err := outline(row)
	if err != nil {
		return err
	}
	document := identify.New(pages, entries, row.FileName, hints)
	known, err := known(ctx, q, document.Keys())
	if err != nil {
		return err
	}
	found := document.Identify(known)
	evidence, err := json.Marshal(slices.Concat([]Evidence{}, found.Evidence)) // [], not null
	if err != nil {
		return err
	}
	_, err = q.SetProposal(ctx, db.SetProposalParams{
		ManualID: row.ID, Manufacturer: noNUL(found.Manufacturer), Models: models(found.Models), Type: found.Type,
		Title: noNUL(found.Title), Revision: noNUL(found.Revision), Sure: found.Sure, Evidence: evidence,
	})
	return err
}

// models are the names as PostgreSQL takes them.
func models(names []string) []string {
	out := []string{}
	for _, n := range names {
		out = append(out, noNUL(n))
	}
	return out
}

// known asks the library for the names that a text holds.
func known(ctx context.Context, q *db.Queries, keys []string) (k identify.Known, err error) {
	if k.Manufacturers, err = q.KnownManufacturers(ctx, keys); err != nil {
		return k, err
	}
	rows, err := q.KnownModels(ctx, keys)
	for _, r := range rows {
		k.Models = append(k.Models, identify.Model{Manufacturer: r.Manufacturer, Name: r.Name, Aliases: equipment.Aliases(r.Name)})
	}
	return k, err
}

// supersede ends the proposal of a manual that was given models in another way.
func (s *Service) supersede(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	q := db.New(tx)
	p, err := q.LockProposal(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && ProposalState(p.State) != ProposalWaiting && ProposalState(p.State) != ProposalOpen {
		return nil
	}
	if err != nil {
		return err
	}
	return q.DecideProposal(ctx, db.DecideProposalParams{ManualID: id, State: string(ProposalSuperseded)})
}

// Proposal returns the proposal of a manual.
//
// Errors: MANUAL_NOT_FOUND, PROPOSAL_NOT_FOUND for a manual that came with models.
func (s *Service) Proposal(ctx context.Context, id uuid.UUID) (Proposal, error) {
	return s.proposal(ctx, s.pool, id)
}

func (s *Service) proposal(ctx context.Context, conn db.DBTX, id uuid.UUID) (Proposal, error) {
	row, err := db.New(conn).GetManual(ctx, id)
	if err != nil {
		return Proposal{}, rowError(err)
	}
	p, err := db.New(conn).GetProposal(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Proposal{}, noProposal()
	}
	if err != nil {
		return Proposal{}, postgres.Translate(err)
	}
	m, err := s.one(ctx, conn, row)
	if err != nil {
		return Proposal{}, err
	}
	return newProposal(p, m)
}

func noProposal() error {
	return errdefs.New(errdefs.NotFound, "PROPOSAL_NOT_FOUND",
		"There is no proposal for this manual: it came with its models. Change the manual itself if they are wrong.")
}

func newProposal(r db.Proposal, m Manual) (Proposal, error) {
	p := Proposal{
		Manual: m, State: ProposalState(r.State), Manufacturer: r.Manufacturer, Models: r.Models, Type: Type(r.Type),
		Title: r.Title, Revision: r.Revision, Sure: r.Sure, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		DecidedAt: r.DecidedAt, DecidedBy: uuid.UUID(r.DecidedBy.Bytes),
	}
	return p, json.Unmarshal(r.Evidence, &p.Evidence)
}

// ProposalFilter selects proposals.
type ProposalFilter struct {
	State  ProposalState // ProposalOpen when empty
	Sure   *bool         // both when nil
	Limit  int           // 50 when 0, 200 at most
	Cursor string        // as returned with the page before
}

// Proposals returns the proposals that a filter selects, the oldest first, and
// the cursor of the next page, "" after the last. Those that are decided or made
// meanwhile do not shift the pages.
//
// Errors: STATE_INVALID, CURSOR_INVALID.
func (s *Service) Proposals(ctx context.Context, f ProposalFilter) (proposals []Proposal, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	if f.State == "" {
		f.State = ProposalOpen
	}
	if !slices.Contains(proposalStates, f.State) {
		return nil, "", errdefs.New(errdefs.Invalid, "STATE_INVALID",
			"%q is no state of a proposal. Use waiting, open, accepted, dismissed or superseded.", string(f.State))
	}
	terms, args := []string{"state = @state"}, pgx.NamedArgs{"state": string(f.State)}
	if f.Sure != nil {
		terms = append(terms, "sure = @sure")
		args["sure"] = *f.Sure
	}
	if f.Cursor != "" {
		c, err := postgres.ParseCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		terms = append(terms, "(created_at, manual_id) > (@cursor_time, @cursor_id)")
		args["cursor_time"], args["cursor_id"] = c.Time, c.ID
	}
	// Of the open ones in the order of the index proposal_open.
	rows, err := s.pool.Query(ctx, "SELECT proposal.* FROM proposal WHERE "+strings.Join(terms, " AND ")+
		" ORDER BY created_at, manual_id LIMIT "+strconv.Itoa(f.Limit+1), args)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[db.Proposal])
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(found) > f.Limit {
		found = found[:f.Limit]
		last := found[f.Limit-1]
		next = postgres.Cursor{Time: last.CreatedAt, ID: last.ManualID}.String()
	}
	proposals, err = s.withManuals(ctx, found)
	return proposals, next, err
}

// withManuals adds the manuals to the rows. One that is deleted meanwhile takes
// its proposal with it.
func (s *Service) withManuals(ctx context.Context, rows []db.Proposal) ([]Proposal, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ManualID
	}
	found, err := db.New(s.pool).ManualsByID(ctx, ids)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	manuals, err := s.many(ctx, s.pool, found)
	if err != nil {
		return nil, err
	}
	byID := make(map[uuid.UUID]Manual, len(manuals))
	for _, m := range manuals {
		byID[m.ID] = m
	}
	var out []Proposal
	for _, r := range rows {
		m, ok := byID[r.ManualID]
		if !ok {
			continue
		}
		p, err := newProposal(r, m)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// CountProposals returns how many proposals are open, and how many of them sure.
func (s *Service) CountProposals(ctx context.Context) (open, sure int, err error) {
	n, err := db.New(s.pool).CountProposals(ctx)
	return int(n.Open), int(n.Sure), postgres.Translate(err)
}

// Decision is what somebody says to a proposal. Nil fields are taken as they were
// proposed.
type Decision struct {
	User uuid.UUID // who decides; LocalUser when zero
	// Seen is the UpdatedAt of the proposal that was looked at; when it says
	// something else by now, nothing is decided. Zero accepts what is there.
	Seen         time.Time
	Manufacturer *string
	Models       *[]string
	Type         *Type
	Title        *string
	Revision     *string
}

func (d Decision) changes() bool {
	return d.Manufacturer != nil || d.Models != nil || d.Type != nil || d.Title != nil || d.Revision != nil
}

// The actions of the audit.
const (
	actionAccepted  audit.Action = "proposal.accepted"
	actionDismissed audit.Action = "proposal.dismissed"
)

// Accept gives the manual what its proposal says, with the decision's changes.
// Title, type and revision that somebody has told already stay, unless the
// decision itself names them.
//
// Errors: MANUAL_NOT_FOUND, PROPOSAL_NOT_FOUND, PROPOSAL_DECIDED when somebody
// was faster, PROPOSAL_CHANGED when it no longer says what was looked at,
// PROPOSAL_WAITING before the text was read, PROPOSAL_INCOMPLETE when there is
// no model, and one for each field that is wrong.
func (s *Service) Accept(ctx context.Context, id uuid.UUID, d Decision) (Proposal, error) {
	return s.decide(ctx, id, d, func(tx pgx.Tx, row db.Manual, p db.Proposal) error {
		return s.accepted(ctx, tx, row, p, d, false)
	})
}

// Dismiss closes the proposal of a manual, which stays as it is: found by its id
// only, until it is given models.
//
// Errors: as of Accept, but for PROPOSAL_INCOMPLETE.
func (s *Service) Dismiss(ctx context.Context, id uuid.UUID, d Decision) (Proposal, error) {
	return s.decide(ctx, id, d, func(tx pgx.Tx, _ db.Manual, p db.Proposal) error {
		return s.record(ctx, tx, p, d.User, ProposalDismissed, actionDismissed, map[string]any{
			"manufacturer": p.Manufacturer, "models": p.Models,
		})
	})
}

// decide runs f on the locked manual and its open proposal.
func (s *Service) decide(ctx context.Context, id uuid.UUID, d Decision, f func(pgx.Tx, db.Manual, db.Proposal) error) (out Proposal, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := q.LockManual(ctx, id)
		if err != nil {
			return rowError(err)
		}
		p, err := q.LockProposal(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return noProposal()
		}
		if err != nil {
			return err
		}
		switch state := ProposalState(p.State); {
		case state == ProposalWaiting:
			return errdefs.New(errdefs.Conflict, "PROPOSAL_WAITING",
				"The text of this manual is not read yet, so that nothing is proposed so far. Try again when it is, or change the manual itself.")
		case state != ProposalOpen:
			return errdefs.New(errdefs.Conflict, "PROPOSAL_DECIDED",
				"This proposal was %s meanwhile. Look at the manual, and change it there if that was wrong.", string(state))
		case !d.Seen.IsZero() && !d.Seen.Equal(p.UpdatedAt):
			return errdefs.New(errdefs.Conflict, "PROPOSAL_CHANGED",
				"More of the manual was read meanwhile, and the proposal says something else now. Look at it again.")
		}
		if err := f(tx, row, p); err != nil {
			return err
		}
		if err := s.judgeAgain(ctx, tx, id); err != nil {
			return err
		}
		out, err = s.proposal(ctx, tx, id)
		return err
	})
	return out, err
}

// accepted applies an open proposal within tx.
func (s *Service) accepted(ctx context.Context, tx pgx.Tx, row db.Manual, p db.Proposal, d Decision, all bool) error {
	manufacturer, names := p.Manufacturer, p.Models
	if d.Manufacturer != nil {
		manufacturer = *d.Manufacturer
	}
	if d.Models != nil {
		names = *d.Models
	}
	if equipment.Key(manufacturer) == "" || len(names) == 0 {
		return errdefs.New(errdefs.Invalid, "PROPOSAL_INCOMPLETE",
			"It is not known what machine this manual is for. Name manufacturer and model to accept it.")
	}
	names, err := checkModels(manufacturer, names)
	if err != nil {
		return err
	}
	patch := Patch{Title: d.Title, Type: d.Type, Revision: d.Revision}
	if patch.Title == nil && p.Title != "" && row.Title == defaultTitle(row.FileName) && len(p.Title) <= maxTitle {
		patch.Title = &p.Title
	}
	if patch.Type == nil && p.Type != "" && Type(row.Type) == TypeUnknown {
		t := Type(p.Type)
		patch.Type = &t
	}
	if patch.Revision == nil && p.Revision != "" && row.Revision == "" && len(p.Revision) <= maxRevision {
		patch.Revision = &p.Revision
	}
	// First, since models that come otherwise supersede an open proposal.
	err = s.record(ctx, tx, p, d.User, ProposalAccepted, actionAccepted, map[string]any{
		"manufacturer": manufacturer, "models": names, "sure": p.Sure, "changed": d.changes(), "all_sure": all,
	})
	if err != nil {
		return err
	}
	if _, err := s.update(ctx, tx, row, patch); err != nil {
		return err
	}
	return s.addModels(ctx, tx, row.ID, manufacturer, names) // which also looks for revisions
}

func (s *Service) record(ctx context.Context, tx pgx.Tx, p db.Proposal, user uuid.UUID, state ProposalState, action audit.Action, detail map[string]any) error {
	if user == uuid.Nil {
		user = LocalUser
	}
	err := db.New(tx).DecideProposal(ctx, db.DecideProposalParams{
		ManualID: p.ManualID, State: string(state), DecidedBy: pgtype.UUID{Bytes: user, Valid: true},
	})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, user, action, p.ManualID, detail)
}

// AcceptedAll counts what AcceptAllSure did.
type AcceptedAll struct {
	Accepted int // manuals that have their models now
	Passed   int // decided, changed or deleted by somebody else meanwhile
	Open     int // proposals that are left for a person
}

// AcceptAllSure accepts every open proposal that is sure, each on its own: what
// was accepted before an error stays, and doing it again goes on.
func (s *Service) AcceptAllSure(ctx context.Context, user uuid.UUID) (n AcceptedAll, err error) {
	ids, err := db.New(s.pool).SureProposals(ctx)
	if err != nil {
		return n, postgres.Translate(err)
	}
	for _, id := range ids {
		d := Decision{User: user}
		_, err := s.decide(ctx, id, d, func(tx pgx.Tx, row db.Manual, p db.Proposal) error {
			if !p.Sure { // it has become doubtful since it was listed
				return errdefs.New(errdefs.Conflict, "PROPOSAL_CHANGED", "The proposal is no longer sure.")
			}
			return s.accepted(ctx, tx, row, p, d, true)
		})
		switch {
		case err == nil:
			n.Accepted++
		case errdefs.Is(err, errdefs.Conflict), errdefs.Is(err, errdefs.NotFound):
			n.Passed++
		default:
			return n, err
		}
	}
	n.Open, _, err = s.CountProposals(ctx)
	return n, err
}
