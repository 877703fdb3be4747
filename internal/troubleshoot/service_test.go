package troubleshoot_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	os.Exit(m.Run())
}

// reader reads PDF files.
type reader interface {
	Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error
	Render(ctx context.Context, path string, o pdf.RenderOptions) ([]byte, error)
	Probe(ctx context.Context, path, password string) (pdf.Document, error)
	Decrypt(ctx context.Context, path, password string, w io.Writer) error
	Screen(ctx context.Context, path string) ([]pdf.Finding, error)
}

// typed reads test files: lines of text as troubleshoot.Sheet sets them, pages
// divided by form feeds.
type typed struct{}

const typedHead = "%PDF-1.7\n"

func (typed) Extract(_ context.Context, path string, _ pdf.ExtractOptions, v pdf.Visitor) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	pages := strings.Split(strings.TrimPrefix(string(data), typedHead), "\f")
	if err := v.Document(pdf.Document{Pages: len(pages)}); err != nil {
		return err
	}
	for n := 1; n <= len(pages); n++ {
		if err := v.Page(*troubleshoot.Sheet(n, strings.Split(strings.Trim(pages[n-1], "\n"), "\n")...)); err != nil {
			return err
		}
	}
	return nil
}

func (typed) Probe(context.Context, string, string) (pdf.Document, error) {
	return pdf.Document{Pages: 1}, nil
}

func (typed) Decrypt(context.Context, string, string, io.Writer) error {
	return errors.New("not encrypted")
}

func (typed) Screen(context.Context, string) ([]pdf.Finding, error) { return nil, nil }

func (typed) Render(context.Context, string, pdf.RenderOptions) ([]byte, error) {
	return nil, errors.New("not drawn")
}

// library is a library with the service under test.
type library struct {
	*troubleshoot.Service
	manuals *manual.Service
	pool    *pgxpool.Pool
	runner  *jobs.Runner
	clock   time.Time // what the service takes for now
}

// limit is how long a test waits for what should come within seconds.
const limit = 5 * time.Minute

// newLibrary returns an empty library that does not read manuals yet.
func newLibrary(t testing.TB, engine reader) *library {
	t.Helper()
	l := &library{pool: pgtest.New(t), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	local, err := blob.NewLocal(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	if l.runner, err = jobs.New(l.pool, jobs.Options{Grace: 10 * time.Millisecond, Queues: map[string]int{manual.QueueIngest: 2, manual.QueueScreen: 1}}); err != nil {
		t.Fatal(err)
	}
	store, models := search.New(l.pool, slog.New(slog.DiscardHandler)), equipment.New(l.pool)
	l.manuals = manual.New(manual.Deps{
		DB: l.pool, Blobs: local, PDF: engine, Index: store, Models: models, Jobs: l.runner, ImageDir: filepath.Join(dir, "images"),
	})
	l.manuals.Register(l.runner.Workers())
	l.Service = troubleshoot.New(troubleshoot.Deps{
		DB: l.pool, Search: store, Manuals: l.manuals, Models: models, Now: func() time.Time { return l.clock },
	})
	return l
}

func (l *library) start(t testing.TB) {
	t.Helper()
	if err := l.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := l.runner.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func (l *library) add(t testing.TB, u manual.Upload, file io.Reader) manual.Manual {
	t.Helper()
	m, _, err := l.manuals.Intake(t.Context(), u, file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wait returns a manual when it is ready or failed.
func (l *library) wait(t testing.TB, id uuid.UUID) manual.Manual {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m, err := l.manuals.Wait(ctx, id, nil)
	if err != nil {
		t.Fatalf("waiting for %s: %v", m.Title, err)
	}
	return m
}

// typed adds a manual of the model "KX-1" by Kestrel and waits until it can be
// asked.
func (l *library) typed(t testing.TB, title, text string) manual.Manual {
	t.Helper()
	m := l.add(t, manual.Upload{Title: title, Manufacturer: "Kestrel", Models: []string{"KX-1"}, Language: "en"}, strings.NewReader(typedHead+text))
	if m = l.wait(t, m.ID); m.Status != manual.Ready {
		t.Fatalf("%s: %s %+v", title, m.Status, m.Error)
	}
	return m
}

func (l *library) ask(t testing.TB, q troubleshoot.Question) *troubleshoot.Answer {
	t.Helper()
	a, err := l.Ask(t.Context(), q, manual.LocalUser)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return a
}

func (l *library) count(t testing.TB, query string) int {
	t.Helper()
	var n int
	if err := l.pool.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// newDemoLibrary returns a library of the demo manuals, read by the real engine.
func newDemoLibrary(t testing.TB) (*library, map[string]manual.Manual) {
	t.Helper()
	engine, err := pdf.NewEngine(pdf.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := newLibrary(t, engine)
	l.start(t)
	manuals := map[string]manual.Manual{}
	for _, d := range demo.Manuals() {
		var file bytes.Buffer
		if err := d.Write(&file); err != nil {
			t.Fatal(err)
		}
		manuals[d.FileName] = l.add(t, manual.Upload{
			FileName: d.FileName, Title: d.Title, Manufacturer: d.Manufacturer, Models: d.Models,
			Type: manual.Type(d.Type), Revision: d.Revision, Language: d.Language,
		}, &file)
	}
	for name, m := range manuals {
		if manuals[name] = l.wait(t, m.ID); manuals[name].Status != manual.Ready {
			t.Fatalf("%s: %+v", name, manuals[name].Error)
		}
	}
	return l, manuals
}

// Where a question cannot be asked, the error says why and what to do.
func TestAQuestionThatCannotBeAsked(t *testing.T) {
	l := newLibrary(t, typed{})
	// A manual that nobody reads yet, and one that was taken away.
	waiting := l.add(t, manual.Upload{Title: "Waiting", Manufacturer: "Kestrel", Models: []string{"KX-9"}}, strings.NewReader(typedHead+"waiting"))
	gone := l.add(t, manual.Upload{Manufacturer: "Kestrel", Models: []string{"KX-7"}}, strings.NewReader(typedHead+"gone"))
	if err := l.manuals.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		question troubleshoot.Question
		kind     errdefs.Kind
		code     string
	}{
		"no model":                 {troubleshoot.Question{Code: "E1"}, errdefs.Invalid, "MODEL_REQUIRED"},
		"a blank model":            {troubleshoot.Question{Model: " \t", Code: "E1"}, errdefs.Invalid, "MODEL_REQUIRED"},
		"no text":                  {troubleshoot.Question{Model: "KX-9"}, errdefs.Invalid, "QUESTION_REQUIRED"},
		"white space":              {troubleshoot.Question{Model: "KX-9", Symptom: " \n\u00a0"}, errdefs.Invalid, "QUESTION_REQUIRED"},
		"only punctuation":         {troubleshoot.Question{Model: "KX-9", Code: "--", Symptom: "?!"}, errdefs.Invalid, "QUESTION_REQUIRED"},
		"only control characters":  {troubleshoot.Question{Model: "KX-9", Symptom: "\x00\x01\x7f"}, errdefs.Invalid, "QUESTION_REQUIRED"},
		"a symptom that is long":   {troubleshoot.Question{Model: "KX-9", Symptom: strings.Repeat("ä", 2001)}, errdefs.Invalid, "INVALID_QUESTION"},
		"a code that is long":      {troubleshoot.Question{Model: "KX-9", Code: strings.Repeat("E", 33)}, errdefs.Invalid, "INVALID_QUESTION"},
		"a model that is long":     {troubleshoot.Question{Model: strings.Repeat("K", 201), Code: "E1"}, errdefs.Invalid, "INVALID_QUESTION"},
		"a maker that is long":     {troubleshoot.Question{Manufacturer: strings.Repeat("K", 201), Model: "KX-9", Code: "E1"}, errdefs.Invalid, "INVALID_QUESTION"},
		"a language that is long":  {troubleshoot.Question{Model: "KX-9", Code: "E1", Language: "not-a-language"}, errdefs.Invalid, "INVALID_QUESTION"},
		"a symptom in Latin-1":     {troubleshoot.Question{Model: "KX-9", Symptom: "T\xfcr"}, errdefs.Invalid, "INVALID_QUESTION"},
		"a code in Latin-1":        {troubleshoot.Question{Model: "KX-9", Code: "\xff"}, errdefs.Invalid, "INVALID_QUESTION"},
		"an unknown model":         {troubleshoot.Question{Manufacturer: "Kestrel", Model: "KX-8", Code: "E1"}, errdefs.NotFound, "MODEL_NOT_FOUND"},
		"a model without a manual": {troubleshoot.Question{Manufacturer: "Kestrel", Model: "KX-7", Code: "E1"}, errdefs.NotFound, "MANUAL_NOT_FOUND"},
		"a manual being read":      {troubleshoot.Question{Manufacturer: "Kestrel", Model: "KX-9", Code: "E1"}, errdefs.Unavailable, "MANUAL_PROCESSING"},
		"this manual being read":   {troubleshoot.Question{ManualID: &waiting.ID, Code: "E1"}, errdefs.Unavailable, "MANUAL_PROCESSING"},
		"an unknown manual":        {troubleshoot.Question{ManualID: &uuid.UUID{}, Code: "E1"}, errdefs.NotFound, "MANUAL_NOT_FOUND"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, err := l.Ask(t.Context(), tt.question, manual.LocalUser)
			if a != nil || err == nil {
				t.Fatalf("answered %+v", a)
			}
			if e := errdefs.As(err); e.Kind != tt.kind || e.Code != tt.code || e.Message == "" {
				t.Errorf("got %s of kind %d (%s)", e.Code, e.Kind, e.Message)
			}
		})
	}
	_, err := l.Ask(t.Context(), troubleshoot.Question{Manufacturer: "Kestrel", Model: "KX-8", Code: "E1"}, manual.LocalUser)
	closest, _ := errdefs.As(err).Details["closest"].([]equipment.Model)
	if len(closest) == 0 || closest[0].Manufacturer != "Kestrel" {
		t.Errorf("the closest models are not named: %+v", errdefs.As(err).Details)
	}
	if n := l.count(t, `SELECT count(*) FROM answer`) + l.count(t, `SELECT count(*) FROM answer_cache`); n != 0 {
		t.Errorf("%d errors were kept as answers", n)
	}
}

func TestAManualThatFailedSaysSo(t *testing.T) {
	l := newLibrary(t, broken{})
	l.start(t)
	m := l.add(t, manual.Upload{Title: "Torn", Manufacturer: "Kestrel", Models: []string{"KX-1"}}, strings.NewReader(typedHead+"x"))
	if m = l.wait(t, m.ID); m.Status != manual.Failed {
		t.Fatal(m.Status)
	}
	_, err := l.Ask(t.Context(), troubleshoot.Question{Model: "KX-1", Code: "E1"}, manual.LocalUser)
	if e := errdefs.As(err); e.Code != "MANUAL_NOT_READABLE" || !strings.Contains(e.Message, "Torn") || !strings.Contains(e.Message, m.Error.Message) {
		t.Errorf("%s: %s", e.Code, e.Message)
	}
}

// broken cannot read any file.
type broken struct{ typed }

func (broken) Extract(context.Context, string, pdf.ExtractOptions, pdf.Visitor) error {
	return errdefs.New(errdefs.Invalid, "ENCRYPTED", "The file needs a password. Remove it and import the file again.")
}
