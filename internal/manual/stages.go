package manual

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// A manual is read in stages, each a job of its own:
//
//	screen → extract → index → codes → cover
//	                    ↑ ↓
//	                    ocr (a job per page)
//
// What a stage has done is in the rows of the manual and its pages, and nowhere
// else. Every job takes the lock of the manual's row, looks whether its work is
// still wanted, stores what it has, and lets settle derive from the rows what
// comes next: one transaction, in which the next job is enqueued too. So a job
// may be killed anywhere, run twice, or twice at once, and the manual ends the
// same. A job that finds nothing to do, since another was faster, the manual was
// begun anew (Manual.run) or is gone, ends without a word.

// The queues of the ingest. Screening and OCR have their own, which only processes
// work on that may screen, or have tesseract: see Service.WatchScreen and
// Service.WatchOCR.
const (
	QueueIngest = "ingest"
	QueueScreen = "screen"
	QueueOCR    = "ocr"
)

// runArgs name a manual, and the run of its ingest that a job belongs to.
type runArgs struct {
	ManualID uuid.UUID `json:"manual_id"`
	Run      int32     `json:"run"`
	Draft    bool      `json:"draft,omitempty"` // of a manual that is read again
}

func (a runArgs) of() runArgs { return a }

type (
	screenArgs  struct{ runArgs }
	extractArgs struct{ runArgs }
	indexArgs   struct{ runArgs }
	codesArgs   struct{ runArgs }
	coverArgs   struct{ runArgs }
	ocrArgs     struct {
		runArgs
		Page int32 `json:"page"` // PDF page number
	}
)

// Kind implements river.JobArgs.
func (screenArgs) Kind() string { return "manual.screen" }

// Kind implements river.JobArgs.
func (extractArgs) Kind() string { return "manual.extract" }

// Kind implements river.JobArgs.
func (indexArgs) Kind() string { return "manual.index" }

// Kind implements river.JobArgs.
func (codesArgs) Kind() string { return "manual.codes" }

// Kind implements river.JobArgs.
func (coverArgs) Kind() string { return "manual.cover" }

// Kind implements river.JobArgs.
func (ocrArgs) Kind() string { return "manual.ocr" }

const (
	// ingestTimeout ends a job that hangs. Pages that are done stay done, so that
	// the next attempt needs less; 2,000 pages take some five minutes.
	ingestTimeout = time.Hour
	// ocrTimeout is of one page, which usually takes 1 to 3 s and waits for a slot
	// first, behind the extraction of a large manual at worst.
	ocrTimeout = 30 * time.Minute

	// ingestAttempts, with the pauses of retryPause, go on for about two hours:
	// time to free a disk or to repair a database.
	ingestAttempts = 12
	// storagePause is how often room is looked for on a disk that has been full for
	// as long as the attempts last.
	storagePause = 5 * time.Minute
	// internalAttempts is how often what looks like our own fault is tried, and
	// a page's OCR whatever its fault.
	internalAttempts = 3
	// cutOffs is how often a job may end with its process before it is taken for
	// the cause. Servers are restarted, and a long manual meets many restarts.
	cutOffs = 40
)

// The priorities of jobs, 1 to 4: a manual that was begun is finished before the
// next is read, and the first pages of each manual get their OCR before the
// rest of any.
const (
	priorityFinish = 1 + iota
	priorityExtract
	// What is read again can be asked meanwhile, and waits for what cannot.
	priorityDraft
)

// enqueue adds a job of the ingest.
func (s *Service) enqueue(ctx context.Context, tx pgx.Tx, args river.JobArgs) error {
	return s.jobs.InsertTx(ctx, tx, args, insertOpts(args))
}

func insertOpts(args river.JobArgs) *river.InsertOpts {
	// The worker gives up by itself, and says so in the manual. River is to drop
	// the job only after that, since nobody would hear of it.
	o := &river.InsertOpts{MaxAttempts: 2 * (ingestAttempts + cutOffs), Queue: QueueIngest, Priority: priorityFinish}
	switch a := args.(type) {
	case screenArgs:
		o.Queue = QueueScreen
	case extractArgs:
		o.Priority = priorityExtract
	case ocrArgs:
		o.Queue = QueueOCR
		if a.Page > 20 {
			o.Priority = priorityExtract
		}
	}
	if a, ok := args.(jobArgs); ok && a.of().Draft {
		o.Priority += priorityDraft - priorityFinish
	}
	return o
}

// Register adds the workers that read manuals. They work on the queues
// QueueIngest, QueueScreen and QueueOCR.
func (s *Service) Register(w *river.Workers) {
	register(w, s, s.screenManual)
	register(w, s, s.extract)
	register(w, s, s.indexText)
	register(w, s, s.indexCodes)
	register(w, s, s.makeCover)
	river.AddWorker(w, &worker[adoptArgs]{
		service: s, timeout: ingestTimeout, work: s.adopt, attempts: ingestAttempts, giveUp: s.failAdopt,
		postpone: func(context.Context, runArgs, error) {}, // the manual is there meanwhile
	})
	river.AddWorker(w, &comparer{service: s})
	river.AddWorker(w, &worker[ocrArgs]{
		service: s, timeout: ocrTimeout, work: s.readPicture, attempts: internalAttempts, giveUp: s.failOCR,
		// What is wrong with one page does not hold up the manual; a full disk does.
		postpone: func(ctx context.Context, args runArgs, err error) {
			if errdefs.Is(err, errdefs.StorageFull) {
				s.postpone(ctx, args, err)
			}
		},
	})
}

func register[T jobArgs](w *river.Workers, s *Service, work func(context.Context, T) error) {
	river.AddWorker(w, &worker[T]{
		service: s, timeout: ingestTimeout, work: work, attempts: ingestAttempts,
		postpone: s.postpone, giveUp: func(ctx context.Context, args T, err error) error { return s.fail(ctx, args.of(), stageOf(args), err) },
	})
}

// stageOf returns the stage that a job is for.
func stageOf(args river.JobArgs) Stage {
	switch args.(type) {
	case screenArgs:
		return StageScreen
	case extractArgs:
		return StageExtract
	case ocrArgs:
		return StageOCR
	case indexArgs:
		return StageIndex
	case codesArgs:
		return StageCodes
	default:
		return StageCover
	}
}

type jobArgs interface {
	river.JobArgs
	of() runArgs
}

// worker is what the jobs of all stages have in common: when they are tried
// again, and when they are given up.
type worker[T jobArgs] struct {
	river.WorkerDefaults[T]
	service  *Service
	timeout  time.Duration
	attempts int // that may end in an error
	work     func(context.Context, T) error
	// postpone shows why the work waits; giveUp stores why it is not tried again.
	postpone func(context.Context, runArgs, error)
	giveUp   func(context.Context, T, error) error
}

// Timeout implements river.Worker.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

// NextRetry implements river.Worker: 2, 4, 8 … seconds up to 15 minutes.
func (*worker[T]) NextRetry(job *river.Job[T]) time.Time {
	failed, _ := jobs.Tries(job.JobRow)
	return time.Now().Add(min(time.Second<<min(failed+1, 20), 15*time.Minute))
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	failed, cutOff := jobs.Tries(job.JobRow)
	log := w.service.log.With("manual", job.Args.of().ManualID, "stage", stageOf(job.Args))
	if a, ok := any(job.Args).(ocrArgs); ok {
		log = log.With("page", a.Page) // which fails by itself
	}
	// The process was killed at each attempt, or the database was away when the
	// failure was to be noted.
	if cutOff > cutOffs || failed > w.attempts {
		return w.giveUp(ctx, job.Args, errdefs.New(errdefs.Internal, "INGEST_FAILED",
			"This manual could not be read in %d attempts, the last of which were cut off. Try it again; if that ends the same way, report it with the file.", failed+cutOff))
	}
	err := w.guarded(ctx, job.Args)
	switch {
	case err == nil, errors.Is(err, errOvertaken):
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return river.JobSnooze(0) // the program stops; the job goes on elsewhere or later
	case permanent(err):
		log.WarnContext(ctx, "reading failed for good", "code", errdefs.Code(err), "error", err)
		return w.giveUp(ctx, job.Args, err)
	case errdefs.Is(err, errdefs.StorageFull) && failed+1 >= w.attempts:
		// Nothing is wrong with the manual: it waits for room, however long.
		w.postpone(ctx, job.Args.of(), err)
		return river.JobSnooze(storagePause)
	case waitsForScanner(err) && failed+1 >= internalAttempts:
		// Nor here: it goes on soon after the scanner works again.
		w.postpone(ctx, job.Args.of(), err)
		return river.JobSnooze(screenEvery)
	case failed+1 >= w.attempts, errdefs.Is(err, errdefs.Internal) && failed+1 >= internalAttempts:
		log.ErrorContext(ctx, "reading failed too often", "code", errdefs.Code(err), "error", err)
		return w.giveUp(ctx, job.Args, err)
	}
	w.postpone(ctx, job.Args.of(), err)
	return err
}

// guarded makes a panic an error of this manual: River would try it again and in
// the end forget it.
func (w *worker[T]) guarded(ctx context.Context, args T) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("manual: panic: %v\n%s", r, debug.Stack())
		}
	}()
	return w.work(ctx, args)
}

// errOvertaken says that a job is not wanted any more: the manual was deleted or
// begun anew, or another worker has done it.
var errOvertaken = errors.New("manual: the job was overtaken")

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

// begin shows that a stage is worked on, if it still is to be.
func (s *Service) begin(ctx context.Context, args runArgs, stage Stage) (db.Manual, error) {
	row, err := db.New(s.pool).BeginStage(ctx, db.BeginStageParams{ID: args.ManualID, Run: args.Run, Stage: string(stage)})
	if errors.Is(err, pgx.ErrNoRows) {
		return row, errOvertaken
	}
	return row, postgres.Translate(err)
}

// lockRun locks the manual if the run is still wanted.
func lockRun(ctx context.Context, tx pgx.Tx, args runArgs) (db.Manual, error) {
	row, err := db.New(tx).LockManual(ctx, args.ManualID)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, errOvertaken
	}
	if err != nil {
		return row, err
	}
	if row.Run != args.Run || !running(row) {
		return row, errOvertaken
	}
	return row, nil
}

// running reports whether jobs may work on the manual. A ready one may still have
// a job that does nothing.
func running(row db.Manual) bool {
	switch Status(row.Status) {
	case Queued, Processing, Ready:
		return true
	case Failed, Quarantined:
	}
	return false
}

// lockStage locks the manual if the run is still wanted and at this stage.
func lockStage(ctx context.Context, tx pgx.Tx, args runArgs, stage Stage) (db.Manual, error) {
	row, err := lockRun(ctx, tx, args)
	if err == nil && Stage(row.Stage) != stage {
		err = errOvertaken
	}
	return row, err
}

// screenManual decides whether the file may be read at all.
func (s *Service) screenManual(ctx context.Context, args screenArgs) error {
	if err := s.mayScreen(ctx, s.pool); err != nil {
		return err
	}
	row, err := s.begin(ctx, args.runArgs, StageScreen)
	if err != nil {
		return err
	}
	file, release, err := s.blobs.LocalFile(ctx, originalKey(row.Sha256))
	if err != nil {
		return err
	}
	defer release()
	v, err := s.screen(ctx, row, file)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockStage(ctx, tx, args.runArgs, StageScreen)
		if err != nil {
			return err
		}
		// A scanner may have become required since the job began.
		if err := s.mayScreen(ctx, tx); err != nil {
			return err
		}
		if v.quarantine() {
			return s.quarantine(ctx, tx, row, v)
		}
		return s.settle(ctx, tx, row, facts{screened: true})
	})
}
