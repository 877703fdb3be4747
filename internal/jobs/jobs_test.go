package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"go.uber.org/goleak"

	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// childURL is set in a child of this test program, which then only works on
// jobs of that database until it is killed.
const childURL = "JOBS_TEST_CHILD_URL"

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := workUntilKilled(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func workUntilKilled(url string) error {
	ctx := context.Background()
	pool, err := postgres.Open(ctx, url, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	r, err := jobs.New(pool, jobs.Options{})
	if err != nil {
		return err
	}
	river.AddWorker(r.Workers(), &worker{work: func(context.Context, *river.Job[task]) error {
		fmt.Println("working")
		select {}
	}})
	if err := r.Start(ctx); err != nil {
		return err
	}
	select {}
}

type task struct {
	Name string `json:"name"`
}

func (task) Kind() string { return "test.task" }

type worker struct {
	river.WorkerDefaults[task]
	work func(context.Context, *river.Job[task]) error
}

func (w *worker) Work(ctx context.Context, job *river.Job[task]) error { return w.work(ctx, job) }

func newRunner(t *testing.T, pool *pgxpool.Pool, o jobs.Options, work func(context.Context, *river.Job[task]) error) *jobs.Runner {
	t.Helper()
	r, err := jobs.New(pool, o)
	if err != nil {
		t.Fatal(err)
	}
	river.AddWorker(r.Workers(), &worker{work: work})
	return r
}

func start(t *testing.T, r *jobs.Runner) {
	t.Helper()
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, r) })
}

func stop(t *testing.T, r *jobs.Runner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := r.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func insert(t *testing.T, pool *pgxpool.Pool, r *jobs.Runner, args river.JobArgs) {
	t.Helper()
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error { return r.InsertTx(t.Context(), tx, args, nil) })
	if err != nil {
		t.Fatal(err)
	}
}

// limit is how long a test waits for what should come within seconds.
const limit = 2 * time.Minute

// await fails the test if nothing comes out of c soon.
func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(limit):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func TestJobsOfAKilledProcessGoOnWithinSeconds(t *testing.T) {
	url := pgtest.URL(t)
	pool, err := postgres.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	worked := make(chan int, 1)
	survivor := newRunner(t, pool, jobs.Options{}, func(_ context.Context, job *river.Job[task]) error {
		worked <- job.Attempt
		return nil
	})
	insert(t, pool, survivor, task{"left behind"})

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childURL+"="+url)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "working\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed

	killed := time.Now()
	start(t, survivor)
	if attempt := await(t, worked, "the killed process's job"); attempt != 2 {
		t.Errorf("attempt %d, want 2", attempt)
	}
	if took := time.Since(killed); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestJobsOfALivingProcessAreLeftAlone(t *testing.T) {
	pool := pgtest.New(t)
	var runs atomic.Int32
	running, release := make(chan bool, 2), make(chan bool)
	one := newRunner(t, pool, jobs.Options{}, func(context.Context, *river.Job[task]) error {
		runs.Add(1)
		running <- true
		<-release
		return nil
	})
	defer close(release)
	insert(t, pool, one, task{"long"})
	start(t, one)
	await(t, running, "the long job")

	// An orphan of a process that never was: when it has been given back, the
	// other process has looked at all running jobs twice.
	done := make(chan string, 10)
	two := newRunner(t, pool, jobs.Options{}, func(_ context.Context, job *river.Job[task]) error {
		done <- job.Args.Name
		return nil
	})
	if _, err := pool.Exec(t.Context(), `
		INSERT INTO river_job (kind, args, state, attempt, max_attempts, attempted_at, attempted_by, queue, priority, metadata)
		VALUES ('test.task', '{"name": "orphan"}', 'running', 3, 3, now(), '{former,gone}', 'default', 1, '{}')`); err != nil {
		t.Fatal(err)
	}
	start(t, two)
	if name := await(t, done, "the orphan"); name != "orphan" {
		t.Errorf("%q was taken from a living process", name)
	}
	if n := runs.Load(); n != 1 {
		t.Errorf("the long job ran %d times", n)
	}
}

func TestANodeTakesItsLockAgainAfterLosingItsConnection(t *testing.T) {
	pool := pgtest.New(t)
	r := newRunner(t, pool, jobs.Options{}, func(context.Context, *river.Job[task]) error { return nil })
	start(t, r)
	const locks = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	var before int
	if err := pool.QueryRow(t.Context(), locks).Scan(&before); err != nil {
		t.Fatalf("a started node holds no lock: %v", err)
	}
	if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, before); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(limit)
	for {
		var pid int
		err := pool.QueryRow(t.Context(), locks).Scan(&pid)
		if err == nil && pid != before {
			return
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("the node did not take its lock again")
		}
	}
}

func TestStopGivesRunningJobsBack(t *testing.T) {
	pool := pgtest.New(t)
	running := make(chan int, 2)
	work := func(ctx context.Context, job *river.Job[task]) error {
		running <- job.Attempt
		if len(job.AttemptedBy) > 1 {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
	one := newRunner(t, pool, jobs.Options{Grace: 10 * time.Millisecond}, work)
	insert(t, pool, one, task{"again"})
	if err := one.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, running, "the job")
	stop(t, one)

	two := newRunner(t, pool, jobs.Options{}, work)
	start(t, two)
	await(t, running, "the job's second run")
}

func TestAJobExistsOnlyIfItsTransactionCommits(t *testing.T) {
	pool := pgtest.New(t)
	names := make(chan string, 2)
	r := newRunner(t, pool, jobs.Options{}, func(_ context.Context, job *river.Job[task]) error {
		names <- job.Args.Name
		return nil
	})
	failed := errors.New("rolled back")
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		return errors.Join(r.InsertTx(t.Context(), tx, task{"undone"}, nil), failed)
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	insert(t, pool, r, task{"done"})
	start(t, r)
	if got := await(t, names, "the job"); got != "done" {
		t.Errorf("worked on %q", got)
	}
}

func TestStopLeavesNothingBehind(t *testing.T) {
	pool := pgtest.New(t)
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	r := newRunner(t, pool, jobs.Options{}, func(context.Context, *river.Job[task]) error { return nil })
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop(t, r)
	pool.Reset()
	goleak.VerifyNone(t, before,
		goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}
