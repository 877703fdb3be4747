// Package jobs runs background work: a set-up of River, whose queue is a table
// of our own database, so that a job is enqueued by the transaction that creates
// the row it works on.
//
// It promises that a job is worked at least once, also when the process that
// was working on it is killed: its jobs go on elsewhere, or after its restart,
// within seconds. A job may therefore run twice, even at the same time when a
// process loses its database, and must be written for that. The package knows no
// kinds of jobs.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Options are the settings of a Runner.
type Options struct {
	Log *slog.Logger
	// Queues are the queues this process works on, each with the number of jobs
	// that may run at once here. Raise a number when there are processors to
	// spare. Nil stands for the default queue with one job.
	Queues map[string]int
	// Grace is how long Stop waits for running jobs before it cancels them; they
	// are given back and go on later. 10 s when 0, which most orchestrators
	// allow before they kill.
	Grace time.Duration
	// MaxTimeout is the longest time that any worker allows a job. Jobs that
	// have run for longer are taken for lost even if their process lives. 2 h
	// when 0.
	MaxTimeout time.Duration
}

// Runner enqueues jobs and, once started, works on them.
type Runner struct {
	pool    *pgxpool.Pool
	client  *river.Client[pgx.Tx]
	workers *river.Workers
	node    *node
	log     *slog.Logger
}

// fetchCooldown is how often a queue may be asked for jobs. River's 100 ms would
// hold 8 workers at 75 short jobs a second.
const fetchCooldown = 10 * time.Millisecond

// New returns a Runner on the database. Nothing is worked on before Start.
func New(pool *pgxpool.Pool, o Options) (*Runner, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Queues == nil {
		o.Queues = map[string]int{river.QueueDefault: 1}
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	if o.MaxTimeout == 0 {
		o.MaxTimeout = 2 * time.Hour
	}
	queues := map[string]river.QueueConfig{}
	for name, n := range o.Queues {
		queues[name] = river.QueueConfig{MaxWorkers: n, FetchCooldown: fetchCooldown}
	}
	id := nodeID()
	workers := river.NewWorkers()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		ID:      id,
		Logger:  slog.New(quiet{o.Log.Handler()}),
		Queues:  queues,
		Workers: workers,
		// Of two jobs that come within this time, the second is not announced.
		FetchCooldown:        fetchCooldown,
		SoftStopTimeout:      o.Grace,
		RescueStuckJobsAfter: o.MaxTimeout + 10*time.Minute,
		ErrorHandler:         &errorLog{o.Log},
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Runner{
		pool:    pool,
		client:  client,
		workers: workers,
		node:    &node{id: id, config: pool.Config().ConnConfig.Copy(), log: o.Log},
		log:     o.Log,
	}, nil
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// nodeID names this process among all that ever worked on the queue.
func nodeID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	host = notInID.ReplaceAllString(host, "-")
	return fmt.Sprintf("%.40s-%d-%s", host, os.Getpid(), uuid.NewString()[:13])
}

// Workers is where the domains register their kinds of jobs with
// river.AddWorker, before Start.
func (r *Runner) Workers() *river.Workers { return r.workers }

// InsertTx enqueues a job within tx: it exists if and when tx commits.
func (r *Runner) InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error {
	if _, err := r.client.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// InsertManyTx enqueues jobs within tx, of one kind or several.
func (r *Runner) InsertManyTx(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := r.client.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("jobs: enqueue %d jobs: %w", len(jobs), err)
	}
	return nil
}

// Every has a job enqueued in this pause, by whichever of the processes at work
// leads, and at once when it begins to lead. It is called before Start.
func (r *Runner) Every(pause time.Duration, args river.JobArgs) {
	r.client.PeriodicJobs().Add(river.NewPeriodicJob(river.PeriodicInterval(pause),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil },
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// AddQueue has this process work on a queue too, with so many jobs at once. It
// may be called before Start and after; of a queue that it works on already it
// changes nothing.
func (r *Runner) AddQueue(name string, workers int) error {
	err := r.client.Queues().Add(name, river.QueueConfig{MaxWorkers: workers, FetchCooldown: fetchCooldown})
	if _, ok := errors.AsType[*river.QueueAlreadyAddedError](err); ok {
		return nil
	}
	if err != nil {
		return fmt.Errorf("jobs: add the queue %s: %w", name, err)
	}
	return nil
}

// Start begins to work on jobs. It first shows the database that this process
// is alive, so that no other takes its jobs over. It goes on until Stop; ctx
// limits the start only.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.node.start(ctx); err != nil {
		return err
	}
	if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
		r.node.stop()
		return fmt.Errorf("jobs: start: %w", err)
	}
	return nil
}

// Stop takes no more jobs, waits for the running ones as Options.Grace says and
// returns when none runs any more. When ctx ends first, the jobs are cancelled
// at once.
func (r *Runner) Stop(ctx context.Context) error {
	err := r.client.Stop(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		// Workers obey their context; what does not is lost with the process.
		cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = r.client.StopAndCancel(cctx)
	}
	// Last: with its lock free, others take over whatever is still running.
	r.node.stop()
	if err != nil {
		return fmt.Errorf("jobs: stop: %w", err)
	}
	return nil
}

// errorLog writes what a worker returned, once and with our error codes.
type errorLog struct{ log *slog.Logger }

func (e *errorLog) HandleError(ctx context.Context, job *jobRow, err error) *river.ErrorHandlerResult {
	e.log.WarnContext(ctx, "job failed; it is tried again later",
		"job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "code", errdefs.Code(err), "error", err)
	return nil
}

func (e *errorLog) HandlePanic(ctx context.Context, job *jobRow, value any, trace string) *river.ErrorHandlerResult {
	e.log.ErrorContext(ctx, "job panicked; it is tried again later",
		"job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "panic", value, "trace", trace)
	return nil
}
