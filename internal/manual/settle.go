package manual

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

const (
	// indexPause and indexShare say how often a manual is indexed while its pages
	// still come: not before so long, and so that it takes at most a sixth of the time.
	indexPause = 15 * time.Second
	indexShare = 5
	// doubtful is the mean confidence of OCR, in percent, below which a page is to
	// be looked at.
	doubtful = 70
	// queueAtOnce bounds the jobs that one statement adds.
	queueAtOnce = 2000
)

// facts are what a job knows and the rows do not tell.
type facts struct {
	screened  bool // screening lets the manual in
	newText   bool // text was stored
	extracted bool // the whole document was read
	indexed   bool // the index was made
	covered   bool // the cover was made or cannot be made
	ocr       bool // this process can have pictures read
	resumed   bool // the jobs of an earlier run are void
}

// settle derives from the rows of a locked manual what is to be done next,
// enqueues that and saves the manual's state. Every transaction that changes
// something about a manual's reading ends with it.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, row db.Manual, f facts) error {
	q := db.New(tx)
	if f.newText {
		row.TextVersion++
	}
	c, err := q.CountPages(ctx, db.CountPagesParams{ManualID: row.ID, Doubtful: doubtful})
	if err != nil {
		return err
	}
	if f.indexed {
		row.IndexedAt = &c.Now
	}
	if f.extracted {
		switch {
		case c.Done < int64(row.Pages):
			return errdefs.New(errdefs.Internal, "PAGES_MISSING", "%d of the %d pages were not read. It is tried again.", int64(row.Pages)-c.Done, row.Pages)
		case c.Failed == c.Done:
			return errdefs.New(errdefs.Invalid, "PAGES_UNREADABLE",
				"No page of this PDF could be read. Open it in a PDF viewer and save or print it as a new PDF, then add that.")
		}
	}
	if f.ocr && mayReadPictures(row, c) {
		if err := s.queuePictures(ctx, tx, row, &c); err != nil {
			return err
		}
	}
	row.PagesDone, row.PagesFailed = int32(c.Done), int32(c.Failed)
	row.OcrWaiting, row.OcrDone, row.OcrFailed = int32(c.Waiting+c.Queued), int32(c.OcrDone), int32(c.OcrFailed)

	if wantsIndex(row, c, f) {
		if err := s.enqueue(ctx, tx, indexArgs{runOf(row)}); err != nil {
			return err
		}
		row.IndexQueued = true
	}
	stage := nextStage(row, c, f)
	entered := stage != Stage(row.Stage) || f.resumed
	if entered {
		if err := s.enter(ctx, tx, &row, stage, c, f); err != nil {
			return err
		}
	}
	if err := s.save(ctx, tx, &row, c); err != nil {
		return err
	}
	if entered && stage == "" {
		return s.announce(ctx, tx, row)
	}
	return nil
}

func runOf(row db.Manual) runArgs { return runArgs{row.ID, row.Run, row.DraftOf.Valid} }

// nextStage returns what is to be done first of what is left, "" when all is done.
func nextStage(row db.Manual, c db.CountPagesRow, f facts) Stage {
	switch {
	case Stage(row.Stage) == StageScreen && !f.screened:
		return StageScreen
	case row.Pages == 0 || c.Done < int64(row.Pages), Stage(row.Stage) == StageExtract && !f.extracted:
		return StageExtract
	case c.Queued > 0 || c.Waiting > 0 && f.ocr:
		return StageOCR
	case row.IndexedVersion < row.TextVersion:
		return StageIndex
	case row.CodesVersion < row.IndexedVersion:
		return StageCodes
	case !f.covered:
		return StageCover
	}
	return ""
}

// enter brings the manual to a stage and enqueues its job, unless that was done
// by what made the stage due: index, codes and OCR are also due in between.
func (s *Service) enter(ctx context.Context, tx pgx.Tx, row *db.Manual, stage Stage, c db.CountPagesRow, f facts) error {
	read := Stage(row.Stage) == StageExtract && stage != StageExtract
	if stage != Stage(row.Stage) {
		row.Stage, row.StageStartedAt, row.StageBase = string(stage), &c.Now, 0
		if stage == StageOCR {
			row.StageBase = int32(c.OcrDone + c.OcrFailed)
		}
	}
	switch stage {
	case "":
		if c.OcrFailed > 0 && c.Waiting+c.Queued == 0 {
			text, err := db.New(tx).HasText(ctx, row.ID)
			if err != nil {
				return err
			}
			if !text {
				row.Status, row.Stage = string(Failed), string(StageOCR) // a retry reads these pages again
				row.ErrorCode, row.ErrorMessage = "OCR_FAILED", ocrFailed
				return nil
			}
		}
		row.Status, row.ErrorCode, row.ErrorMessage = string(Ready), "", ""
		row.ReadyAt = &c.Now
		return nil
	case StageScreen, StageExtract, StageCover:
		if err := s.enqueue(ctx, tx, jobOf(stage, runOf(*row))); err != nil {
			return err
		}
	case StageCodes:
		if f.resumed {
			if err := s.enqueue(ctx, tx, codesArgs{runOf(*row)}); err != nil {
				return err
			}
		}
	case StageOCR, StageIndex:
		if read { // its first page can be drawn while the text is indexed
			if err := s.enqueue(ctx, tx, coverArgs{runOf(*row)}); err != nil {
				return err
			}
		}
	}
	if Status(row.Status) != Processing {
		row.Status = string(Queued)
	}
	return nil
}

// ocrFailed is the error of a manual of which nothing could be read, for want of
// OCR that works.
const ocrFailed = "No page of this manual has a word that could be read: the OCR of its scanned pages failed, and the pages say why. " +
	"See whether tesseract works on the server (tesseract --version, TESSERACT), then retry the manual; if it fails again, scan it anew."

func jobOf(stage Stage, args runArgs) river.JobArgs {
	switch stage {
	case StageScreen:
		return screenArgs{args}
	case StageExtract:
		return extractArgs{args}
	default:
		return coverArgs{args}
	}
}

// wantsIndex reports whether the stored text is to be indexed now: when there is
// none to come, and else from time to time. A request that is under way reads
// what is stored when it begins, and takes the manual's lock for that; so none
// gets lost between two.
func wantsIndex(row db.Manual, c db.CountPagesRow, f facts) bool {
	if row.IndexedVersion >= row.TextVersion || row.IndexQueued || c.Done == 0 || Stage(row.Stage) == StageScreen {
		return false
	}
	extracted := f.extracted || Stage(row.Stage) != StageExtract && c.Done == int64(row.Pages)
	if extracted && c.Queued == 0 {
		return true
	}
	since := row.IndexedAt
	if since == nil {
		since = row.StageStartedAt
	}
	pause := max(indexPause, time.Duration(indexShare*float64(row.IndexSeconds)*float64(time.Second)))
	return since != nil && c.Now.Sub(*since) > pause
}

// mayReadPictures reports whether pages that wait for OCR may go on. It begins
// when all text is indexed, which also tells the language; while that is not
// known it goes on when the pages so far are indexed, since they may tell.
func mayReadPictures(row db.Manual, c db.CountPagesRow) bool {
	if c.Waiting == 0 || row.Pages == 0 || c.Done < int64(row.Pages) {
		return false
	}
	begun := c.Queued+c.OcrDone+c.OcrFailed > 0
	return row.IndexedVersion == row.TextVersion && c.Queued == 0 || begun && row.Language != ""
}

// queuePictures enqueues the OCR of pages that wait for it: of all, or of ever
// more as long as nothing has told the language.
func (s *Service) queuePictures(ctx context.Context, tx pgx.Tx, row db.Manual, c *db.CountPagesRow) error {
	for c.Waiting > 0 {
		n := int32(queueAtOnce)
		if row.Language == "" {
			n = max(firstScans, int32(c.OcrDone+c.OcrFailed))
		}
		pages, err := db.New(tx).QueuePages(ctx, db.QueuePagesParams{ManualID: row.ID, MaxPages: n})
		if err != nil {
			return err
		}
		jobs := make([]river.InsertManyParams, len(pages))
		for i, n := range pages {
			args := ocrArgs{runOf(row), n}
			jobs[i] = river.InsertManyParams{Args: args, InsertOpts: insertOpts(args)}
		}
		if err := s.jobs.InsertManyTx(ctx, tx, jobs); err != nil {
			return err
		}
		c.Waiting -= int64(len(pages))
		c.Queued += int64(len(pages))
		if row.Language == "" {
			return nil
		}
	}
	return nil
}

// save writes the state of a locked manual, with the judgement of its pages.
func (s *Service) save(ctx context.Context, tx pgx.Tx, row *db.Manual, c db.CountPagesRow) error {
	row.OcrQuality = string(grade(*row, c))
	if err := s.review(ctx, tx, row, c); err != nil {
		return err
	}
	return db.New(tx).SaveState(ctx, db.SaveStateParams{
		ID: row.ID, Status: row.Status, Stage: row.Stage, StageStartedAt: row.StageStartedAt, StageBase: row.StageBase, Run: row.Run,
		ErrorCode: row.ErrorCode, ErrorMessage: row.ErrorMessage,
		PagesDone: row.PagesDone, PagesFailed: row.PagesFailed, Generation: row.Generation, Language: row.Language,
		TextVersion: row.TextVersion, IndexedVersion: row.IndexedVersion, CodesVersion: row.CodesVersion,
		IndexQueued: row.IndexQueued, IndexedAt: row.IndexedAt, IndexSeconds: row.IndexSeconds,
		OcrWaiting: row.OcrWaiting, OcrDone: row.OcrDone, OcrFailed: row.OcrFailed, OcrQuality: row.OcrQuality,
		NeedsReview: row.NeedsReview, ReviewReasons: row.ReviewReasons, ReadyAt: row.ReadyAt,
	})
}

// fail ends the run with an error, at the stage that has failed. What is stored
// and indexed stays, and a retry goes on from there.
func (s *Service) fail(ctx context.Context, args runArgs, stage Stage, cause error) error {
	e := errdefs.As(cause)
	ctx, cancel := outliving(ctx)
	defer cancel()
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockRun(ctx, tx, args)
		if err != nil || Status(row.Status) == Ready {
			return err
		}
		row.Status, row.Stage = string(Failed), string(stage)
		row.ErrorCode, row.ErrorMessage, row.IndexQueued = e.Code, noNUL(e.Message), false
		c, err := db.New(tx).CountPages(ctx, db.CountPagesParams{ManualID: row.ID, Doubtful: doubtful})
		if err != nil {
			return err
		}
		row.PagesDone, row.PagesFailed = int32(c.Done), int32(c.Failed)
		if err := s.save(ctx, tx, &row, c); err != nil {
			return err
		}
		return s.announce(ctx, tx, row)
	})
	if errors.Is(err, errOvertaken) {
		return nil
	}
	return err
}

// postpone shows why a manual waits. It is a courtesy: with the database away
// it cannot be done.
func (s *Service) postpone(ctx context.Context, args runArgs, err error) {
	e := errdefs.As(err)
	ctx, cancel := outliving(ctx)
	defer cancel()
	perr := db.New(s.pool).Postpone(ctx, db.PostponeParams{ID: args.ManualID, Run: args.Run, Code: e.Code, Message: noNUL(e.Message)})
	if perr != nil {
		s.log.WarnContext(ctx, "cannot note why a manual waits", "manual", args.ManualID, "error", perr)
	}
}

// outliving returns a context for what is to be noted when a job's own time is
// over.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

// Retry has tried again what failed about a manual: a failed manual goes on from
// the stage that failed, and of any other the pages that could not be read and
// those whose OCR failed are read again. A manual that waits after an error goes
// on at once. Where nothing has failed it changes nothing.
//
// Errors: MANUAL_NOT_FOUND, MANUAL_QUARANTINED.
func (s *Service) Retry(ctx context.Context, id uuid.UUID) (Manual, error) {
	return s.retry(ctx, id, 0)
}

// RetryPage does so for one page (PDF page number) of a manual that was read.
//
// Errors: those of Retry, and PAGE_NOT_FOUND.
func (s *Service) RetryPage(ctx context.Context, id uuid.UUID, page int) (Manual, error) {
	if _, err := s.rowWithPage(ctx, id, page); err != nil {
		return Manual{}, err
	}
	return s.retry(ctx, id, int32(page))
}

func (s *Service) retry(ctx context.Context, id uuid.UUID, page int32) (Manual, error) {
	available := s.ocrAvailable(ctx)
	var out Manual
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := q.LockManual(ctx, id)
		if err != nil {
			return rowError(err)
		}
		if err := s.tryAgain(ctx, tx, row, page, available); err != nil {
			return err
		}
		if row, err = q.GetManual(ctx, id); err != nil {
			return err
		}
		out, err = s.one(ctx, tx, row)
		return err
	})
	return out, err
}

// tryAgain is Retry of a locked manual, or RetryPage of a page that is not 0.
func (s *Service) tryAgain(ctx context.Context, tx pgx.Tx, row db.Manual, page int32, available bool) error {
	switch Status(row.Status) {
	case Quarantined:
		return errdefs.New(errdefs.Conflict, "MANUAL_QUARANTINED",
			"%q is in quarantine and is not read. Look at what was found in it, and release it if it can be trusted.", row.Title)
	case Failed:
		return s.resume(ctx, tx, row, available)
	case Queued, Processing:
		if row.ErrorCode != "" {
			return s.resume(ctx, tx, row, available)
		}
		if Stage(row.Stage) == StageScreen || Stage(row.Stage) == StageExtract {
			return nil // its failed pages can be retried when the others are read
		}
	case Ready:
	}
	q := db.New(tx)
	forgotten, err := q.ForgetFailed(ctx, db.ForgetFailedParams{ManualID: row.ID, Number: page})
	if err != nil {
		return err
	}
	waiting, err := q.AwaitOCRAgain(ctx, db.AwaitOCRAgainParams{ManualID: row.ID, Number: page})
	if err != nil || forgotten+waiting == 0 {
		return err
	}
	return s.settle(ctx, tx, row, facts{ocr: available})
}

// resume begins a new run of a locked manual from where the last one ended,
// whose jobs are void.
func (s *Service) resume(ctx context.Context, tx pgx.Tx, row db.Manual, available bool) error {
	q := db.New(tx)
	if _, err := q.ForgetFailed(ctx, db.ForgetFailedParams{ManualID: row.ID}); err != nil {
		return err
	}
	if _, err := q.AwaitOCRAgain(ctx, db.AwaitOCRAgainParams{ManualID: row.ID}); err != nil {
		return err
	}
	if err := q.UnqueueAll(ctx, row.ID); err != nil {
		return err
	}
	row.Run++
	row.Status, row.ErrorCode, row.ErrorMessage, row.IndexQueued = string(Queued), "", "", false
	return s.settle(ctx, tx, row, facts{ocr: available, resumed: true})
}
