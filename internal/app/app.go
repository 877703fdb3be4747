// Package app puts the program together: one graph of database, stores, services
// and jobs, the same for serve, import, ask, the evaluation and the tests.
//
// It promises that what Open has started Close stops, in reverse order and in
// bounded time. It decides nothing that a domain could decide.
package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"golang.org/x/sync/semaphore"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/clamd"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/httpapi"
	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/ocr"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/telemetry"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
	"github.com/techcopilot/techcopilot/internal/watch"
	"github.com/techcopilot/techcopilot/internal/webhook"
)

// closeTimeout bounds Close: orchestrators kill after 10 to 30 seconds, and
// whatever is cut off then goes on at the next start.
const closeTimeout = 20 * time.Second

// Options say what of the program is wanted. The zero value reads and asks.
type Options struct {
	// Workers has this process read manuals that were added, here or elsewhere.
	Workers bool
	// Node is what such a process does beside that.
	Node  config.Node
	Log   *slog.Logger // nothing is logged when nil
	Build telemetry.Build
	// DB is an open and migrated database to use; it stays open. Without it the
	// configured or the private one is opened and migrated.
	DB *pgxpool.Pool
	// PDFWorker is the argv of the process that reads PDFs; this executable
	// when nil.
	PDFWorker []string
	// PDFCache holds the compiled PDF engine; a folder of the data folder when
	// empty. Tests share one, since compiling takes seconds.
	PDFCache string
	// WrapBlobs puts something around the store of originals, such as a disk that
	// is full.
	WrapBlobs func(blob.Store) blob.Store
}

// App is the running program.
type App struct {
	Manuals      *manual.Service
	Models       *equipment.Service
	Search       *search.Store
	Troubleshoot *troubleshoot.Service
	Corrections  *correction.Service
	Watch        *watch.Watcher
	Webhooks     *webhook.Service

	cfg     config.Library
	log     *slog.Logger
	db      *pgxpool.Pool
	server  *embedded.Server // nil when the database is somebody else's
	metrics *telemetry.Metrics
	slots   int                           // children that may work in the background at once
	parts   []httpapi.Part                // that this process uses where they are there
	closers []func(context.Context) error // in the order in which things were started
}

// Open builds the program and starts what it needs.
func Open(ctx context.Context, cfg config.Library, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{cfg: cfg, log: o.Log, slots: slots(cfg.Slots), metrics: telemetry.NewMetrics(o.Build)}
	if err := a.open(ctx, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// open is the whole graph, from the bottom up.
func (a *App) open(ctx context.Context, o Options) error {
	err := prepareFolder(a.cfg.DataDir)
	if err != nil {
		return err
	}
	if a.db = o.DB; a.db == nil {
		if a.db, err = a.openDatabase(ctx); err != nil {
			return err
		}
		if _, err = postgres.Migrate(ctx, a.db); err != nil {
			return err
		}
	}

	originals, err := blob.NewLocal(filepath.Join(a.cfg.DataDir, "files"))
	if err != nil {
		return err
	}
	a.onClose(func(context.Context) error { return originals.Close() })
	var blobs blob.Store = originals
	if o.WrapBlobs != nil {
		blobs = o.WrapBlobs(blobs)
	}
	background := semaphore.NewWeighted(int64(a.slots))
	engine, err := pdf.NewEngine(pdf.Config{
		Slots:    background,
		Standby:  a.standby(o.Workers),
		Command:  o.PDFWorker,
		CacheDir: cmp.Or(o.PDFCache, filepath.Join(a.cfg.DataDir, "cache", "pdf")),
		Limits:   pdf.Limits{FileSize: int64(a.cfg.MaxUpload)},
		Log:      a.log,
	})
	if err != nil {
		return err
	}
	a.onClose(func(context.Context) error { engine.Close(); return nil })
	runner, err := jobs.New(a.db, jobs.Options{Log: a.log, Queues: queues(a.slots)})
	if err != nil {
		return err
	}

	reader := ocr.New(ocr.Config{Engine: engine, Slots: background, Command: a.cfg.Tesseract, Log: a.log})
	if o.Workers {
		a.parts = append(a.parts, httpapi.Part{Name: "ocr", Check: func(ctx context.Context) error {
			_, err := reader.Available(ctx)
			return err
		}})
	}

	if a.Webhooks, err = a.newWebhooks(runner, o.Build.Version); err != nil {
		return err
	}
	a.Models = equipment.New(a.db)
	corrections := correction.NewStore(a.db)
	a.Search = search.New(a.db, a.log, search.WithCorrections(corrections))
	deps := manual.Deps{
		DB: a.db, Blobs: blobs, PDF: engine, OCR: reader, OCRWorkers: a.slots, Index: a.Search, Models: a.Models, Jobs: runner, Log: a.log,
		Hooks:       a.Webhooks,
		ImageDir:    filepath.Join(a.cfg.DataDir, "cache", "pages"),
		ImageBudget: max(int64(a.cfg.ImageCache), 1), // 0 would stand for the default
		MaxFileSize: int64(a.cfg.MaxUpload),
	}
	if a.cfg.Scans() {
		scanner := clamd.New(a.cfg.ClamdAddress)
		deps.Scanner = scanner
		a.parts = append(a.parts, httpapi.Part{Name: "virus_scanner", Check: scanner.Ping})
	}
	a.Manuals = manual.New(deps)
	a.Watch = watch.New(watch.Config{Folders: o.Node.WatchDir, DB: a.db, Manuals: a.Manuals, Log: a.log})
	a.Troubleshoot = troubleshoot.New(troubleshoot.Deps{
		DB: a.db, Search: a.Search, Manuals: a.Manuals, Models: a.Models, Corrections: corrections, Log: a.log, Now: time.Now,
	})
	a.Corrections = correction.New(correction.Deps{DB: a.db, Rows: a.Search, Manuals: a.Manuals, Answers: a.Troubleshoot})

	if err := a.checkLibrary(ctx); err != nil {
		return err
	}
	if err := a.metrics.Register(newLibraryMetrics(a.Manuals, runner, a.log)); err != nil {
		return err
	}
	if err := a.agreeOnScanner(ctx); err != nil {
		return err
	}
	a.Manuals.Register(runner.Workers())
	a.Webhooks.Register(runner.Workers())
	if o.Workers {
		if err := errors.Join(a.Manuals.JudgeUngraded(ctx), a.Manuals.CompareUncompared(ctx)); err != nil {
			return err
		}
		if err := runner.Start(ctx); err != nil {
			return err
		}
		a.onClose(runner.Stop)
		a.background(ctx, a.Manuals.WatchScreen) // if it may
		a.background(ctx, a.Manuals.WatchOCR)    // while tesseract is there
		if len(o.Node.WatchDir) > 0 {
			a.Watch.Start(ctx)
			a.onClose(a.Watch.Stop)
		}
	}
	return nil
}

// agreeOnScanner makes what is set here about the virus scanner hold for all
// processes of the library. Nothing set changes nothing.
func (a *App) agreeOnScanner(ctx context.Context) error {
	switch {
	case a.cfg.Scans():
		return a.Manuals.RequireScanner(ctx)
	case a.cfg.ClamdAddress == config.ClamdOff:
		return a.Manuals.WaiveScanner(ctx)
	}
	return nil
}

// background runs f until Close, which waits for its end.
func (a *App) background(ctx context.Context, f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	a.onClose(func(closing context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-closing.Done():
			return closing.Err()
		}
	})
}

// queues says how many jobs of each queue run at once in a process with so many
// slots.
func queues(slots int) map[string]int {
	return map[string]int{
		// One more than can extract, so that a manual whose text is there is not
		// kept from being indexed by those that wait for a slot.
		manual.QueueIngest: slots + 1,
		// These wait for others, such as receivers of webhooks.
		river.QueueDefault: 4,
	}
}

// standby is how many workers of the PDF engine wait for documents: as many as
// read one manual. A command that reads a manual or two starts them when needed.
func (a *App) standby(workers bool) int {
	if !workers {
		return 0
	}
	return min(a.slots, 2)
}

// onClose adds what is to be stopped before everything that was started earlier.
func (a *App) onClose(f func(context.Context) error) { a.closers = append(a.closers, f) }

// Close stops what Open started, in reverse order. Manuals that are being read
// go on at the next start. It may be called more than once.
func (a *App) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	var errs []error
	for _, stop := range slices.Backward(a.closers) {
		errs = append(errs, stop(ctx))
	}
	a.closers = nil
	return errors.Join(errs...)
}

// Slots is how many children may work in the background at once.
func (a *App) Slots() int { return a.slots }

// Ask answers a question of the local user.
func (a *App) Ask(ctx context.Context, q troubleshoot.Question) (*troubleshoot.Answer, error) {
	return a.Troubleshoot.Ask(ctx, q, manual.LocalUser)
}
