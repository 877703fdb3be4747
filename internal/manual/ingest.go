package manual

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// ingestArgs name one run of the ingest: the one that leads from Generation to
// the next. A run that is done, or was overtaken, does nothing when it is worked
// on again.
type ingestArgs struct {
	ManualID   uuid.UUID `json:"manual_id"`
	Generation int32     `json:"generation"`
}

// Kind implements river.JobArgs.
func (ingestArgs) Kind() string { return "manual.ingest" }

const (
	// ingestTimeout ends a run that hangs. Pages that are done stay done, so that
	// the next attempt needs less; 2,000 pages take some five minutes.
	ingestTimeout = time.Hour
	// ingestAttempts, with the pauses of NextRetry, go on for about two hours:
	// time to free a disk or to repair a database.
	ingestAttempts = 12
	// internalAttempts is how often what looks like our own fault is tried.
	internalAttempts = 3
	// batchPages and batchTime say how many pages are stored at once, and how
	// long the first of them waits for that: progress is to be seen.
	batchPages = 8
	batchTime  = 500 * time.Millisecond
)

func (s *Service) enqueue(ctx context.Context, tx pgx.Tx, id uuid.UUID, generation int32) error {
	// The worker gives up by itself, and says so in the manual. River is to drop
	// the job only long after that, since nobody would hear of it.
	return s.jobs.InsertTx(ctx, tx, ingestArgs{id, generation}, &river.InsertOpts{MaxAttempts: 3 * ingestAttempts})
}

// ingester reads one manual: text page by page, then the index. When it is
// killed half-way, the next attempt goes on after the last stored page.
type ingester struct {
	river.WorkerDefaults[ingestArgs]
	service *Service
}

// Timeout implements river.Worker.
func (*ingester) Timeout(*river.Job[ingestArgs]) time.Duration { return ingestTimeout }

// NextRetry implements river.Worker: 2, 4, 8 … seconds up to 15 minutes.
func (*ingester) NextRetry(job *river.Job[ingestArgs]) time.Time {
	return time.Now().Add(min(time.Second<<min(job.Attempt, 20), 15*time.Minute))
}

// Work implements river.Worker.
func (w *ingester) Work(ctx context.Context, job *river.Job[ingestArgs]) error {
	s, args := w.service, job.Args
	// The last attempt did not come to its end: the process was killed again, or
	// the database was away when the failure was to be noted.
	if job.Attempt > ingestAttempts {
		return s.fail(ctx, args, errdefs.New(errdefs.Internal, "INGEST_FAILED",
			"This manual could not be read in %d attempts, the last of which were cut off. Try it again; if that ends the same way, report it with the file.", ingestAttempts))
	}
	err := s.ingest(ctx, args)
	switch {
	case err == nil, errors.Is(err, errOvertaken):
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return errors.Join(ctx.Err(), err) // the program stops; the job goes on later
	case permanent(err):
		s.log.WarnContext(ctx, "manual cannot be read", "manual", args.ManualID, "code", errdefs.Code(err), "error", err)
		return s.fail(ctx, args, err)
	case job.Attempt >= ingestAttempts, errdefs.Is(err, errdefs.Internal) && job.Attempt >= internalAttempts:
		s.log.ErrorContext(ctx, "reading a manual is given up", "manual", args.ManualID, "code", errdefs.Code(err), "error", err)
		return s.fail(ctx, args, err)
	}
	s.postpone(ctx, args, err)
	return err
}

// errOvertaken says that the run is not wanted any more: the manual was deleted,
// or another worker has completed it.
var errOvertaken = errors.New("manual: the run was overtaken")

// permanent reports whether trying again would end the same way: it is the file
// that is wrong.
func permanent(err error) bool {
	switch errdefs.As(err).Kind {
	case errdefs.Invalid, errdefs.Unsupported, errdefs.TooLarge, errdefs.NotFound, errdefs.Forbidden, errdefs.Conflict:
		return true
	case errdefs.Timeout:
		// The document's own limit; the job's is a context error.
		return errdefs.Code(err) == "PDF_TIMEOUT"
	}
	return false
}

func (s *Service) fail(ctx context.Context, args ingestArgs, err error) error {
	e := errdefs.As(err)
	// Also when the job's own time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return postgres.Translate(db.New(s.pool).Fail(ctx, db.FailParams{
		ID: args.ManualID, Generation: args.Generation, Code: e.Code, Message: e.Message,
	}))
}

// postpone shows why a manual waits. It is a courtesy: with the database away
// it cannot be done.
func (s *Service) postpone(ctx context.Context, args ingestArgs, err error) {
	e := errdefs.As(err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	perr := db.New(s.pool).Postpone(ctx, db.PostponeParams{
		ID: args.ManualID, Generation: args.Generation, Code: e.Code, Message: e.Message,
	})
	if perr != nil {
		s.log.WarnContext(ctx, "cannot note why a manual waits", "manual", args.ManualID, "error", perr)
	}
}

func (s *Service) ingest(ctx context.Context, args ingestArgs) (err error) {
	// A panic must end as an error of this manual: River would try it again and
	// in the end forget it.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("manual: panic: %v\n%s", r, debug.Stack())
		}
	}()
	row, err := db.New(s.pool).StartProcessing(ctx, db.StartProcessingParams{ID: args.ManualID, Generation: args.Generation})
	if errors.Is(err, pgx.ErrNoRows) {
		return errOvertaken
	}
	if err != nil {
		return postgres.Translate(err)
	}
	if row.Pages == 0 || row.PagesDone < row.Pages {
		if err := s.extract(ctx, args, row); err != nil {
			return err
		}
	}
	return s.finish(ctx, args)
}

// extract stores the text of the pages that are not stored yet.
func (s *Service) extract(ctx context.Context, args ingestArgs, row db.Manual) error {
	file, release, err := s.blobs.LocalFile(ctx, originalKey(row.Sha256))
	if err != nil {
		return err
	}
	defer release()
	b := &batch{service: s, args: args}
	err = s.pdf.Extract(ctx, file, pdf.ExtractOptions{Pages: []pdf.Range{{First: int(row.PagesDone) + 1}}}, pdf.Visitor{
		Document: func(d pdf.Document) error { return s.setDocument(ctx, args, d) },
		Page:     func(p pdf.Page) error { return b.add(ctx, p) },
	})
	if err != nil {
		return err
	}
	return b.flush(ctx)
}

func (s *Service) setDocument(ctx context.Context, args ingestArgs, d pdf.Document) error {
	if d.Pages <= 0 {
		return errdefs.New(errdefs.Invalid, "PDF_NO_PAGES", "The PDF has no pages. Check that it was downloaded or copied completely.")
	}
	for i := range d.Outline {
		d.Outline[i].Title = noNUL(d.Outline[i].Title)
	}
	if d.Outline == nil {
		d.Outline = []pdf.OutlineEntry{}
	}
	data, err := json.Marshal(d.Outline)
	if err != nil {
		return err
	}
	n, err := db.New(s.pool).SetDocument(ctx, db.SetDocumentParams{
		ID: args.ManualID, Generation: args.Generation, Pages: int32(d.Pages), Outline: data,
	})
	if err != nil {
		return postgres.Translate(err)
	}
	if n == 0 {
		return errOvertaken
	}
	return nil
}

// batch collects pages until it is worth a transaction.
type batch struct {
	service *Service
	args    ingestArgs
	since   time.Time
	numbers []int32
	layouts []string
	errors  []string
}

func (b *batch) add(ctx context.Context, p pdf.Page) error {
	layout, err := encodePage(&p)
	if err != nil {
		return err
	}
	if len(b.numbers) == 0 {
		b.since = time.Now()
	}
	b.numbers = append(b.numbers, int32(p.Number))
	b.layouts = append(b.layouts, layout)
	b.errors = append(b.errors, noNUL(p.Error))
	if len(b.numbers) < batchPages && time.Since(b.since) < batchTime {
		return nil
	}
	return b.flush(ctx)
}

func (b *batch) flush(ctx context.Context) error {
	if len(b.numbers) == 0 {
		return nil
	}
	err := postgres.InTx(ctx, b.service.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		if _, err := lockRun(ctx, q, b.args); err != nil {
			return err
		}
		failed, err := q.InsertPages(ctx, db.InsertPagesParams{
			ManualID: b.args.ManualID, Numbers: b.numbers, Layouts: b.layouts, Errors: b.errors,
		})
		if err != nil {
			return err
		}
		return q.AddProgress(ctx, db.AddProgressParams{
			ID: b.args.ManualID, PagesDone: b.numbers[len(b.numbers)-1], Failed: int32(failed),
		})
	})
	b.numbers, b.layouts, b.errors = b.numbers[:0], b.layouts[:0], b.errors[:0]
	return err
}

// lockRun locks the manual if the run is still wanted.
func lockRun(ctx context.Context, q *db.Queries, args ingestArgs) (db.Manual, error) {
	row, err := q.LockManual(ctx, args.ManualID)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, errOvertaken
	}
	if err != nil {
		return row, err
	}
	if row.Generation != args.Generation || Status(row.Status) != Processing {
		return row, errOvertaken
	}
	return row, nil
}

// finish makes the stored pages a ready manual, or nothing at all.
func (s *Service) finish(ctx context.Context, args ingestArgs) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := lockRun(ctx, q, args)
		if err != nil {
			return err
		}
		if row.PagesFailed == row.Pages {
			return errdefs.New(errdefs.Invalid, "PAGES_UNREADABLE",
				"No page of this PDF could be read. Open it in a PDF viewer and save or print it as a new PDF, then add that.")
		}
		pages, err := storedPages(ctx, q, row.ID)
		if err != nil {
			return err
		}
		if err := labelPages(ctx, q, row.ID, pages); err != nil {
			return err
		}
		entries, err := outline(row)
		if err != nil {
			return err
		}
		indexed, err := s.index.IndexManual(ctx, tx, search.Source{
			ManualID: row.ID, Title: row.Title, Language: row.Language, Outline: entries, Pages: inOrder(pages),
		})
		if err != nil {
			return err
		}
		language := row.Language
		if language == "" {
			language = indexed.Language
		}
		return q.Finish(ctx, db.FinishParams{ID: row.ID, Language: language, OcrWaiting: int32(withoutText(pages))})
	})
}

// labelPages stores the printed page labels, which can only be told from all
// pages together.
func labelPages(ctx context.Context, q *db.Queries, id uuid.UUID, pages []pdf.Page) error {
	set := db.SetLabelsParams{ManualID: id}
	for i, label := range pdf.PrintedLabels(pages) {
		if label = noNUL(label); label != "" {
			set.Numbers = append(set.Numbers, int32(pages[i].Number))
			set.Labels = append(set.Labels, label)
		}
	}
	if len(set.Numbers) == 0 {
		return nil
	}
	return q.SetLabels(ctx, set)
}

// withoutText counts the pages that hold pictures only.
func withoutText(pages []pdf.Page) int {
	n := 0
	for i := range pages {
		if p := &pages[i]; len(p.Words) == 0 && p.Error == "" && p.ImageShare > 0 {
			n++
		}
	}
	return n
}

func inOrder(pages []pdf.Page) iter.Seq2[pdf.Page, error] {
	return func(yield func(pdf.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// storedPages reads the stored pages of a manual in order, a few at a time: a
// page is up to some 100 kB of JSON. Labels and index both need all of them at
// once.
func storedPages(ctx context.Context, q *db.Queries, id uuid.UUID) ([]pdf.Page, error) {
	const fetch = 32
	var pages []pdf.Page
	next := int32(1)
	for {
		rows, err := q.PagesFrom(ctx, db.PagesFromParams{ManualID: id, First: next, MaxRows: fetch})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			p, err := decodePage(r.Layout)
			if err != nil {
				return nil, err
			}
			pages = append(pages, p)
			next = r.Number + 1
		}
		if len(rows) < fetch {
			return pages, nil
		}
	}
}

// encodePage returns the page as PostgreSQL takes it: its jsonb holds no NUL,
// which some PDFs have between letters.
func encodePage(p *pdf.Page) (string, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	if bytes.Contains(data, []byte(`\u0000`)) {
		p.Label, p.Error = noNUL(p.Label), noNUL(p.Error)
		for i := range p.Words {
			p.Words[i].Text = noNUL(p.Words[i].Text)
		}
		for _, t := range p.Tables {
			for _, r := range t.Rows {
				for i := range r.Cells {
					r.Cells[i].Text = noNUL(r.Cells[i].Text)
				}
			}
		}
		if data, err = json.Marshal(p); err != nil {
			return "", err
		}
	}
	return string(data), nil
}

func noNUL(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}

func decodePage(layout []byte) (pdf.Page, error) {
	var p pdf.Page
	err := json.Unmarshal(layout, &p)
	return p, err
}
