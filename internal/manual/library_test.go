package manual_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/search"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	os.Exit(m.Run())
}

// engine stands in for the PDF engine: it reads test files, which say how many
// pages they have, and can be stopped at any page.
type engine struct {
	// at, if set, is called before each page that is read.
	at func(ctx context.Context, page int) error
	// document, if set, is called before the file is read.
	document func(ctx context.Context) error
	// render, if set, is called for each image.
	render func(ctx context.Context, o pdf.RenderOptions) ([]byte, error)

	// scanned, if set, says which pages are pictures.
	scanned func(page int) bool
	// pictured, if set, says which pages are pictures without text.
	pictured func(page int) bool
	// broken, if set, says what is wrong with a page, "" for nothing.
	broken func(page int) string

	mu    sync.Mutex
	reads []int // the pages that were read, in order

	copies atomic.Int32 // without password
}

// file is a test file; tag makes its content one of a kind.
func file(pages int, tag string) string { return fmt.Sprintf("%%PDF-1.7 %d pages %s", pages, tag) }

func (e *engine) Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var pages int
	var tag string
	if _, err := fmt.Sscanf(string(data), "%%PDF-1.7 %d pages %s", &pages, &tag); err != nil {
		return err
	}
	if e.document != nil {
		if err := e.document(ctx); err != nil {
			return err
		}
	}
	d := pdf.Document{Pages: pages, Outline: []pdf.OutlineEntry{{Title: "Faults\x00", Level: 1, Page: 1}}}
	if err := v.Document(d); err != nil {
		return err
	}
	for n := 1; n <= pages; n++ {
		if !asked(o, n) {
			continue
		}
		if e.at != nil {
			if err := e.at(ctx, n); err != nil {
				return err
			}
		}
		e.mu.Lock()
		e.reads = append(e.reads, n)
		e.mu.Unlock()
		p := page(n, fmt.Sprintf("Error E%d: the pump of %s has failed.\x00 Check the fuse.", n, tag))
		if e.scanned != nil && e.scanned(n) {
			p = pdf.Page{Number: n, Width: 595, Height: 842, ImageShare: 1, OCR: []pdf.Box{{X1: 595, Y1: 842}}}
		}
		if e.pictured != nil && e.pictured(n) {
			p = pdf.Page{Number: n, Width: 595, Height: 842, ImageShare: 0.4}
		}
		if e.broken != nil && e.broken(n) != "" {
			p = pdf.Page{Number: n, Error: e.broken(n)}
		}
		if err := v.Page(p); err != nil {
			return err
		}
	}
	return nil
}

// asked reports whether page n is to be read.
func asked(o pdf.ExtractOptions, n int) bool {
	return o.Pages == nil || slices.ContainsFunc(o.Pages, func(r pdf.Range) bool {
		return n >= r.First && (n <= r.Last || r.Last == 0)
	})
}

func (e *engine) Render(ctx context.Context, path string, o pdf.RenderOptions) ([]byte, error) {
	if e.render != nil && o.Width != 400 { // the width of covers
		return e.render(ctx, o)
	}
	return []byte("png"), nil
}

func (e *engine) pagesRead() []int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]int(nil), e.reads...)
}

func page(n int, text string) pdf.Page {
	p := pdf.Page{Number: n, Width: 595, Height: 842}
	for i, w := range strings.Fields(text) {
		p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: float64(40 * i), Y0: 100, X1: float64(40*i + 35), Y1: 112}})
	}
	p.Lines = []pdf.Line{{Count: len(p.Words), Box: pdf.Box{Y0: 100, X1: 500, Y1: 112}, FontSize: 10}}
	return p
}

// library is a Service with everything it needs.
type library struct {
	*manual.Service
	pool   *pgxpool.Pool
	dir    string
	blobs  blob.Store
	runner *jobs.Runner
	engine *engine
}

type setup struct {
	pool   *pgxpool.Pool // nil: a new one
	dir    string        // "": a new one
	engine *engine       // nil: one without surprises
	pdf    interface {   // nil: engine
		Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error
		Render(ctx context.Context, path string, o pdf.RenderOptions) ([]byte, error)
		Probe(ctx context.Context, path, password string) (pdf.Document, error)
		Decrypt(ctx context.Context, path, password string, w io.Writer) error
		Screen(ctx context.Context, path string) ([]pdf.Finding, error)
	}
	rows                 map[string][]search.Row // nil: those that are read
	ocr                  *tesseract              // nil: none
	hooks                *told                   // nil: none
	maxFile, imageBudget int64
	scanner              interface { // nil: none
		Scan(ctx context.Context, r io.Reader) (string, error)
	}
	log   *slog.Logger
	blobs func(blob.Store) blob.Store
}

// limit is how long a test waits for what should come within seconds.
const limit = 5 * time.Minute

// newLibrary returns a library that does not read manuals yet: see start.
func newLibrary(t *testing.T, o setup) *library {
	t.Helper()
	if o.pool == nil {
		o.pool = pgtest.New(t)
	}
	if o.dir == "" {
		o.dir = t.TempDir()
	}
	if o.engine == nil {
		o.engine = &engine{}
	}
	local, err := blob.NewLocal(filepath.Join(o.dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	l := &library{pool: o.pool, dir: o.dir, blobs: local, engine: o.engine}
	if o.blobs != nil {
		l.blobs = o.blobs(local)
	}
	if l.runner, err = jobs.New(o.pool, jobs.Options{Grace: 10 * time.Millisecond, Queues: map[string]int{manual.QueueIngest: 2}}); err != nil {
		t.Fatal(err)
	}
	deps := manual.Deps{
		DB: o.pool, Blobs: l.blobs, PDF: o.engine, Index: search.New(o.pool, slog.New(slog.DiscardHandler)),
		Models: equipment.New(o.pool), Jobs: l.runner,
		ImageDir: filepath.Join(o.dir, "images"), ImageBudget: o.imageBudget, MaxFileSize: o.maxFile,
		Scanner: o.scanner, Log: o.log,
	}
	if o.rows != nil {
		deps.Index = &rowsOf{search.New(o.pool, slog.New(slog.DiscardHandler)), o.pool, o.rows}
	}
	if o.pdf != nil {
		deps.PDF = o.pdf
	}
	if o.ocr != nil {
		deps.OCR, deps.OCREvery = o.ocr, 20*time.Millisecond
	}
	if o.hooks != nil {
		deps.Hooks = o.hooks
	}
	l.Service = manual.New(deps)
	l.Register(l.runner.Workers())
	return l
}

func (l *library) start(t *testing.T) {
	t.Helper()
	t.Cleanup(l.begin(t))
}

// begin is start for a test that stops the library itself.
func (l *library) begin(t *testing.T) (stop func()) {
	t.Helper()
	if err := l.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.WatchScreen(ctx)
		l.WatchOCR(ctx)
	}()
	return func() {
		cancel()
		<-done
		l.stop(t)
	}
}

func (l *library) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := l.runner.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func (l *library) add(t *testing.T, u manual.Upload, content string) manual.Manual {
	t.Helper()
	m, _, err := l.Intake(t.Context(), u, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wait returns the manual when it is ready or failed.
func (l *library) wait(t *testing.T, id uuid.UUID) manual.Manual {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m, err := l.Wait(ctx, id, nil)
	if err != nil {
		t.Fatalf("waiting for the manual: %v (%+v)", err, m)
	}
	return m
}

func (l *library) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := l.pool.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// files returns the names of the files below a folder of the library.
func (l *library) files(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(l.dir, folder), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != ".lock" {
			out = append(out, d.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

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

// counting counts what is read of it.
type counting struct {
	io.Reader
	n atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// endlessPDF is a PDF file that does not end.
func endlessPDF() *counting {
	return &counting{Reader: io.MultiReader(strings.NewReader("%PDF-1.7\n"), repeat{})}
}

type repeat struct{}

func (repeat) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte{'x'}, len(p))), nil }

func reader(s string) io.Reader { return strings.NewReader(s) }
