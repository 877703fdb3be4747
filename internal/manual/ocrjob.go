package manual

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// firstScans is how many pages of a scan in an unknown language are read before
// the language is looked for in them.
const firstScans = 4

// wantedEvery is how often it is looked whether a page that is being read is
// still wanted: its manual may be deleted, or begun anew.
const wantedEvery = 3 * time.Second

// readPicture has the pictures of a page read. What it finds becomes the page's
// text when the manual is indexed next.
func (s *Service) readPicture(ctx context.Context, args ocrArgs) error {
	q := db.New(s.pool)
	row, err := q.GetReading(ctx, args.ManualID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errOvertaken
	case err != nil:
		return postgres.Translate(err)
	case row.Run != args.Run || !running(row):
		return errOvertaken
	}
	layout, err := q.GetOCRPage(ctx, db.GetOCRPageParams{ManualID: row.ID, Number: args.Page})
	if errors.Is(err, pgx.ErrNoRows) {
		return errOvertaken
	}
	if err != nil {
		return postgres.Translate(err)
	}
	p, err := decodePage(layout)
	if err != nil {
		return err
	}
	if len(p.OCR) == 0 { // of a version that did not look for pictures
		p.OCR = []pdf.Box{{X1: p.Width, Y1: p.Height}}
	}
	if s.ocr == nil {
		return s.unqueueOCR(ctx, args)
	}
	file, release, err := s.blobs.LocalFile(ctx, originalKey(row.Sha256))
	if err != nil {
		return err
	}
	defer release()
	if err := q.BeginOCR(ctx, db.BeginOCRParams{ID: args.ManualID, Run: args.Run}); err != nil {
		return postgres.Translate(err)
	}
	wanted, done := s.whileWanted(ctx, args)
	read, stats, err := s.ocr.Read(wanted, file, p, row.Language)
	done()
	if errors.Is(context.Cause(wanted), errOvertaken) {
		return errOvertaken
	}
	if errdefs.Code(err) == "OCR_UNAVAILABLE" {
		return s.unqueueOCR(ctx, args)
	}
	if err != nil {
		return err
	}
	text, err := encodePage(&read)
	if err != nil {
		return err
	}
	confidence := float32(0) // stands for none
	if stats.Words > 0 {
		confidence = max(float32(stats.Confidence), 0.1)
	}
	return s.endOCR(ctx, args, facts{ocr: true, newText: true}, func(q *db.Queries) (int64, error) {
		return q.StoreOCR(ctx, db.StoreOCRParams{ManualID: args.ManualID, Number: args.Page, Layout: text, Confidence: confidence})
	})
}

// whileWanted returns a context that ends, with errOvertaken, when the page need
// not be read any more. done is to follow.
func (s *Service) whileWanted(ctx context.Context, args ocrArgs) (wanted context.Context, done func()) {
	wanted, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(wantedEvery)
		defer ticker.Stop()
		for {
			select {
			case <-wanted.Done():
				return
			case <-ticker.C:
			}
			// Where the database cannot be asked, the page is read on.
			still, err := db.New(s.pool).WantsOCR(wanted, db.WantsOCRParams{ManualID: args.ManualID, Number: args.Page, Run: args.Run})
			if err == nil && !still {
				cancel(errOvertaken)
				return
			}
		}
	}()
	return wanted, func() {
		cancel(nil)
		<-ended
	}
}

// unqueueOCR has a page wait: this process has lost tesseract.
func (s *Service) unqueueOCR(ctx context.Context, args ocrArgs) error {
	return s.endOCR(ctx, args, facts{}, func(q *db.Queries) (int64, error) {
		return q.UnqueueOCR(ctx, db.UnqueueOCRParams{ManualID: args.ManualID, Number: args.Page})
	})
}

// failOCR notes that the pictures of a page cannot be read.
func (s *Service) failOCR(ctx context.Context, args ocrArgs, err error) error {
	ctx, cancel := outliving(ctx)
	defer cancel()
	err = s.endOCR(ctx, args, facts{ocr: s.ocrAvailable(ctx)}, func(q *db.Queries) (int64, error) {
		return q.FailOCR(ctx, db.FailOCRParams{ManualID: args.ManualID, Number: args.Page, Error: noNUL(errdefs.As(err).Message)})
	})
	if errors.Is(err, errOvertaken) {
		return nil
	}
	return err
}

// endOCR stores what became of a queued page, unless another job was faster.
func (s *Service) endOCR(ctx context.Context, args ocrArgs, f facts, store func(*db.Queries) (int64, error)) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockRun(ctx, tx, args.runArgs)
		if err != nil {
			return err
		}
		n, err := store(db.New(tx))
		if err != nil {
			return err
		}
		if n == 0 {
			return errOvertaken
		}
		return s.settle(ctx, tx, row, f)
	})
}

// ocrAvailable reports whether this process can have pictures read.
func (s *Service) ocrAvailable(ctx context.Context) bool {
	if s.ocr == nil {
		return false
	}
	_, err := s.ocr.Available(ctx)
	return err == nil
}

// WatchOCR has this process work on the OCR of pages while it has tesseract, and
// picks up pages that wait for it: it looks at once and then every few seconds,
// until ctx ends. It is for processes that work on jobs; any number of them may
// watch.
func (s *Service) WatchOCR(ctx context.Context) {
	if s.ocr == nil {
		return
	}
	ticker := time.NewTicker(s.ocrEvery)
	defer ticker.Stop()
	working := false
	for {
		if s.ocrAvailable(ctx) {
			if !working {
				if err := s.jobs.AddQueue(QueueOCR, s.ocrWorkers); err != nil {
					s.log.ErrorContext(ctx, "OCR cannot begin", "error", err)
					return
				}
				working = true
			}
			if err := s.resumeOCR(ctx); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "pages that wait for OCR cannot be picked up; trying again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// resumeOCR enqueues the pages that wait for OCR.
func (s *Service) resumeOCR(ctx context.Context) error {
	ids, err := db.New(s.pool).AwaitingOCR(ctx)
	if err != nil {
		return postgres.Translate(err)
	}
	for _, id := range ids {
		err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.resumeOCROf(ctx, tx, id) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) resumeOCROf(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	q := db.New(tx)
	row, err := q.LockManual(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil || !running(row) || Stage(row.Stage) == StageScreen || Stage(row.Stage) == StageExtract {
		return err
	}
	before := row.OcrWaiting
	c, err := q.CountPages(ctx, db.CountPagesParams{ManualID: id, Doubtful: doubtful})
	if err != nil || !mayReadPictures(row, c) {
		return err // its turn comes with its index
	}
	if before > 0 && Status(row.Status) == Ready {
		s.log.InfoContext(ctx, "pages that waited for OCR are read", "manual", id, "pages", before)
	}
	return s.settle(ctx, tx, row, facts{ocr: true, covered: Status(row.Status) == Ready})
}
