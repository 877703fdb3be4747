package manual

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
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/manual/internal/identify"
	"github.com/techcopilot/techcopilot/internal/manual/internal/revision"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

const (
	// someShare is how much of their pages manuals must share to be taken for
	// revisions of each other where what is told of them leaves it open.
	someShare = 0.3
	// manyShare is that of manuals which are for different models.
	manyShare = 0.5
	// fewestSame is how many pages with the same text make a manual worth a comparison.
	fewestSame = 1
)

// compareArgs name a manual whose text or description is another one.
type compareArgs struct {
	ManualID uuid.UUID `json:"manual_id"`
}

// Kind implements river.JobArgs.
func (compareArgs) Kind() string { return "manual.compare" }

// enqueueCompare has a manual compared with others when tx commits.
func (s *Service) enqueueCompare(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	return s.jobs.InsertTx(ctx, tx, compareArgs{id}, &river.InsertOpts{Queue: QueueIngest, Priority: priorityDraft, MaxAttempts: 5})
}

// comparer works on compareArgs. What it does may be done again at any time, and what
// it fails at costs a proposal and nothing else.
type comparer struct {
	river.WorkerDefaults[compareArgs]
	service *Service
}

// Timeout implements river.Worker.
func (*comparer) Timeout(*river.Job[compareArgs]) time.Duration { return ingestTimeout }

// Work implements river.Worker.
func (w *comparer) Work(ctx context.Context, job *river.Job[compareArgs]) error {
	return w.service.Compare(ctx, job.Args.ManualID)
}

// CompareUncompared has the manuals compared whose text was not compared with that of
// others yet: those that an earlier release has read. It is for the start of a program.
func (s *Service) CompareUncompared(ctx context.Context) error {
	ids, err := db.New(s.pool).Uncompared(ctx)
	if err != nil || len(ids) == 0 {
		return postgres.Translate(err)
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		for _, id := range ids {
			if err := s.enqueueCompare(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Compare has done at once what is done in the background when a manual is read: its
// supersessions are proposed. It is for a program that ends with its import.
func (s *Service) Compare(ctx context.Context, id uuid.UUID) error {
	err := s.compare(ctx, id)
	if errdefs.Is(err, errdefs.NotFound) {
		return nil // deleted
	}
	return err
}

// edition is a manual as it is compared.
type edition struct {
	db.Manual
	models []string // ids
	names  []string // of the models
	prints []revision.Print
}

// compare reads what a manual prints about its revision and proposes what it has
// superseded, or what has superseded it.
func (s *Service) compare(ctx context.Context, id uuid.UUID) error {
	q := db.New(s.pool)
	row, err := q.GetManual(ctx, id)
	if err != nil {
		return rowError(err)
	}
	if row.Generation == 0 || Status(row.Status) == Quarantined {
		return nil // compared when it is read or released
	}
	if row.ComparedGeneration != row.Generation {
		if err := s.printAgain(ctx, id); err != nil {
			return err
		}
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		// Of two that come at once, the second sees the first.
		if err := q.LockSupersessions(ctx); err != nil {
			return err
		}
		mine, err := s.edition(ctx, q, id)
		if err != nil {
			return err
		}
		others, err := candidates(ctx, q, mine)
		if err != nil {
			return err
		}
		related, err := s.related(ctx, q, mine, others)
		if err != nil {
			return err
		}
		found := map[[2]uuid.UUID]bool{}
		touched := []uuid.UUID{id}
		for _, r := range related {
			if err := proposeSupersession(ctx, q, r); err != nil {
				return err
			}
			found[[2]uuid.UUID{r.older.ID, r.newer.ID}] = true
			touched = append(touched, r.older.ID, r.newer.ID)
		}
		// What was proposed before and no longer holds.
		before, err := q.SupersessionsOf(ctx, id)
		if err != nil {
			return err
		}
		for _, b := range before {
			if SupersessionState(b.State) != SupersessionOpen || found[[2]uuid.UUID{b.PredecessorID, b.SuccessorID}] {
				continue
			}
			if err := q.WithdrawSupersession(ctx, b.ID); err != nil {
				return err
			}
			touched = append(touched, b.PredecessorID, b.SuccessorID)
		}
		slices.SortFunc(touched, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
		for _, t := range slices.Compact(touched) {
			if err := s.judgeAgain(ctx, tx, t); err != nil && !errdefs.Is(err, errdefs.NotFound) {
				return err
			}
		}
		return nil
	})
}

// printPages stores what the pages of a locked manual are compared by, and what they
// print of its revision. row is the manual as its transaction leaves it.
func printPages(ctx context.Context, q *db.Queries, row db.Manual, pages []pdf.Page) error {
	set := db.SetPrintsParams{
		ManualID: row.ID, Generation: row.Generation, PrintedRevision: noNUL(identify.Revision(pages)),
		PrintedDate: revision.PrintedDate(pages, time.Now()), SerialRange: noNUL(revision.Serials(pages, row.Title)),
	}
	if len(set.SerialRange) > maxSerials {
		set.SerialRange = ""
	}
	if err := q.SetPrints(ctx, set); err != nil {
		return err
	}
	var prints []db.InsertPrintsParams
	for _, p := range revision.Prints(pages) {
		prints = append(prints, db.InsertPrintsParams{ManualID: row.ID, Number: int32(p.Page), Hash: p.Hash, Sketch: p.Sketch})
	}
	_, err := q.InsertPrints(ctx, prints)
	return err
}

// printAgain does so for a manual that an earlier release has read, or whose range of
// serial numbers is to be read from its text.
func (s *Service) printAgain(ctx context.Context, id uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := lockShown(ctx, q, id)
		if err != nil || row.ComparedGeneration == row.Generation {
			return err
		}
		pages, err := storedPages(ctx, q, id, true)
		if err != nil {
			return err
		}
		return printPages(ctx, q, row, pages)
	})
}

// edition reads a manual as it is compared.
func (s *Service) edition(ctx context.Context, q *db.Queries, id uuid.UUID) (edition, error) {
	row, err := q.GetManual(ctx, id)
	if err != nil {
		return edition{}, rowError(err)
	}
	e := edition{Manual: row}
	models, err := q.ModelsOf(ctx, []uuid.UUID{id})
	if err != nil {
		return e, err
	}
	for _, m := range models {
		e.models, e.names = append(e.models, m.ID.String()), append(e.names, m.Manufacturer+" "+m.Name)
	}
	prints, err := q.Prints(ctx, id)
	for _, p := range prints {
		e.prints = append(e.prints, revision.Print{Page: int(p.Number), Hash: p.Hash, Sketch: p.Sketch})
	}
	return e, err
}

// candidates returns the manuals that may be another revision or a copy: those of its
// models, and those with the same pages whatever they are for. Of superseded manuals
// nothing is to be decided.
func candidates(ctx context.Context, q *db.Queries, m edition) ([]uuid.UUID, error) {
	if m.SupersededBy.Valid {
		return nil, nil
	}
	out, err := q.ManualsOfSameModels(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	same, err := q.ManualsWithSamePages(ctx, db.ManualsWithSamePagesParams{ManualID: m.ID, Least: int32(max(fewestSame, len(m.prints)/2))})
	if err != nil {
		return nil, err
	}
	for _, r := range same {
		if !slices.Contains(out, r.ManualID) {
			out = append(out, r.ManualID)
		}
	}
	return out, nil
}

// relation is what two manuals have to do with each other.
type relation struct {
	older, newer edition
	kind         SupersessionKind
	evidence     SupersessionEvidence
}

// related returns what a manual has to do with others. Of many with the same text all
// are duplicates of the one that was there first, and of no other. Of many that share
// no page and print no revision or date, each is proposed to supersede the one that was
// added before it, and no other: a model may have a dozen leaflets.
func (s *Service) related(ctx context.Context, q *db.Queries, mine edition, others []uuid.UUID) ([]relation, error) {
	var out []relation
	first := mine
	for _, o := range others {
		theirs, err := s.edition(ctx, q, o)
		if errdefs.Is(err, errdefs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r, ok := relate(mine, theirs)
		if !ok {
			continue
		}
		out = append(out, r)
		if r.kind == SupersessionDuplicate && addedBefore(r.newer, first) {
			first = r.newer
		}
	}
	before, after := edition{}, edition{} // the nearest of those of which nothing is known
	for _, r := range out {
		switch {
		case !r.unfounded():
		case r.newer.ID == mine.ID && (before.ID == uuid.Nil || addedBefore(before, r.older)):
			before = r.older
		case r.older.ID == mine.ID && (after.ID == uuid.Nil || addedBefore(r.newer, after)):
			after = r.newer
		}
	}
	return slices.DeleteFunc(out, func(r relation) bool {
		return r.kind == SupersessionDuplicate && r.newer.ID != first.ID ||
			r.unfounded() && r.older.ID != before.ID && r.newer.ID != after.ID
	}), nil
}

// unfounded reports whether the manuals are for the same, and nothing else speaks for
// them being revisions of each other.
func (r relation) unfounded() bool {
	return r.evidence.Reason == "added" && r.evidence.Pages.Same+r.evidence.Pages.Similar == 0
}

// relate says which of two manuals supersedes the other, and why; ok is false when
// neither seems to.
func relate(a, b edition) (r relation, ok bool) {
	older, newer, reason := order(a, b)
	o := revision.Compare(older.prints, newer.prints)
	kind := SupersessionRevision
	switch {
	case o.SameText():
		// What was there first has been asked and cited.
		kind, reason = SupersessionDuplicate, "text"
		if addedBefore(older, newer) {
			older, newer = newer, older
			o.OnlyOld, o.OnlyNew = o.OnlyNew, o.OnlyOld
		}
	case !revised(older, newer, o.Share()):
		return r, false
	}
	return relation{older, newer, kind, SupersessionEvidence{Reason: reason, Facts: facets(older, newer), Pages: o}}, true
}

// revised reports whether two manuals seem to be revisions of each other: of the same
// type, in the same language, for the same serial numbers and the same models.
func revised(older, newer edition, share float64) bool {
	shared := 0
	for _, m := range older.models {
		if slices.Contains(newer.models, m) {
			shared++
		}
	}
	switch {
	case older.Type != newer.Type, older.Language == "", older.Language != newer.Language,
		!revision.SameSerials(older.SerialRange, newer.SerialRange), shared == 0:
		return false
	case shared < len(older.models) && share < manyShare:
		return false // the older is for other models too: it may be a book of the whole range
	case Type(older.Type) == TypeBulletin, Type(older.Type) == TypeUnknown:
		return share >= someShare // of these a model has several that have nothing to do with each other
	}
	return true
}

// order says which of two manuals is the newer and what tells it: what they print as
// their revision or, where that does not, their date, and else which was added later.
func order(a, b edition) (older, newer edition, reason string) {
	c, reason := revision.CompareRevisions(a.revision(), b.revision()), "revision"
	if c == 0 {
		c, reason = revision.CompareDates(a.PrintedDate, b.PrintedDate), "date"
	}
	if c == 0 {
		c, reason = 1, "added"
		if addedBefore(a, b) {
			c = -1
		}
	}
	if c < 0 {
		return a, b, reason
	}
	return b, a, reason
}

func addedBefore(a, b edition) bool {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID.String(), b.ID.String())) < 0
}

// revision is what was told, or else what is printed.
func (e edition) revision() string { return cmp.Or(e.Revision, e.PrintedRevision) }

// facets sets side by side what a person looks at.
func facets(older, newer edition) []ComparedFact {
	var out []ComparedFact
	for _, f := range []ComparedFact{
		{"title", older.Title, newer.Title},
		{"revision", older.revision(), newer.revision()},
		{"date", older.PrintedDate, newer.PrintedDate},
		{"models", strings.Join(older.names, ", "), strings.Join(newer.names, ", ")},
		{"type", older.Type, newer.Type},
		{"language", older.Language, newer.Language},
		{"serial_range", older.SerialRange, newer.SerialRange},
		{"added", older.CreatedAt.UTC().Format(time.DateOnly), newer.CreatedAt.UTC().Format(time.DateOnly)},
	} {
		if f.Predecessor != "" || f.Successor != "" {
			out = append(out, f)
		}
	}
	return out
}

// proposeSupersession makes or renews a proposal. One that somebody has decided stays,
// and so does a decision about the same two the other way round.
func proposeSupersession(ctx context.Context, q *db.Queries, r relation) error {
	back, err := q.SupersessionOf(ctx, db.SupersessionOfParams{PredecessorID: r.newer.ID, SuccessorID: r.older.ID})
	switch {
	case err == nil && SupersessionState(back.State) != SupersessionOpen:
		return nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	data, err := json.Marshal(r.evidence)
	if err != nil {
		return err
	}
	_, err = q.ProposeSupersession(ctx, db.ProposeSupersessionParams{
		ID: id, PredecessorID: r.older.ID, SuccessorID: r.newer.ID, Kind: string(r.kind), Evidence: data,
	})
	return err
}
