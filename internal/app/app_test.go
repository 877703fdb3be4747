package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	os.Exit(m.Run())
}

// limit is how long a test waits for an event that should come within seconds.
const limit = slowdown * 3 * time.Minute

// open builds the program on a database of its own.
func open(t *testing.T, change func(*config.Library, *app.Options)) *app.App {
	t.Helper()
	cfg, err := config.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := app.Options{
		DB: pgtest.New(t), Workers: true, PDFCache: pdfCache(t),
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	if change != nil {
		change(&cfg.Library, &o)
	}
	a, err := app.Open(t.Context(), cfg.Library, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return a
}

// pdfCache holds the compiled PDF engine of all tests on this machine: compiling it
// takes seconds, and a minute under the race detector.
func pdfCache(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "techcopilot", "pdf-engine")
}

// client speaks to the API of a program.
type client struct {
	t   *testing.T
	url string
}

func serve(t *testing.T, a *app.App) client {
	t.Helper()
	s := httptest.NewServer(a.Handler(nil))
	t.Cleanup(s.Close)
	return client{t, s.URL}
}

// response is an answer, read to its end.
type response struct {
	*http.Response
	body []byte
}

func (r response) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%s %s: %d %s: %v", r.Request.Method, r.Request.URL, r.StatusCode, r.body, err)
	}
	return v
}

func (r response) want(t *testing.T, status int) response {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %.500s", r.Request.Method, r.Request.URL, r.StatusCode, status, r.body)
	}
	return r
}

// wantProblem checks a problem document and returns it.
func (r response) wantProblem(t *testing.T, status int, code string) map[string]any {
	t.Helper()
	p := r.want(t, status).json(t)
	if p["code"] != code || p["detail"] == "" || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s: want %s, got %s", r.Request.Method, r.Request.URL, code, r.body)
	}
	return p
}

func (c client) do(method, path string, body io.Reader, headers ...string) response {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response{res, data}
}

func (c client) get(path string, headers ...string) response {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil, headers...)
}

func (c client) post(path, body string) response {
	c.t.Helper()
	return c.do(http.MethodPost, path, strings.NewReader(body), "Content-Type", "application/json")
}

// part is a part of an upload, in its order.
type part struct{ name, value string }

func file(data []byte) part { return part{"file", string(data)} }

func form(parts ...part) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var err error
		var f io.Writer
		if p.name == "file" {
			f, err = w.CreateFormFile("file", "manual.pdf")
		} else {
			f, err = w.CreateFormField(p.name)
		}
		if err == nil {
			_, err = io.WriteString(f, p.value)
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func (c client) upload(parts ...part) response {
	c.t.Helper()
	body, contentType := form(parts...)
	return c.do(http.MethodPost, "/api/v1/manuals", bytes.NewReader(body), "Content-Type", contentType)
}

// settled waits until a manual is ready or failed.
func (c client) settled(path string) map[string]any {
	c.t.Helper()
	var m map[string]any
	eventually(c.t, path+" is ready or failed", func() bool {
		m = c.get(path).want(c.t, http.StatusOK).json(c.t)
		return m["status"] == "ready" || m["status"] == "failed"
	})
	return m
}

// eventually asks until an event has come.
func eventually(t *testing.T, event string, happened func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !happened() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("it did not happen within %s: %s", limit, event)
		}
	}
}

// demoPDF is the shortest demo manual and its file; written once, since
// typesetting takes a moment.
var demoPDF = sync.OnceValues(func() (demo.Manual, []byte) {
	for _, m := range demo.Manuals() {
		if m.Manufacturer == "Tarnholm" {
			var b bytes.Buffer
			if err := m.Write(&b); err != nil {
				panic(err)
			}
			return m, b.Bytes()
		}
	}
	panic("no demo manual of Tarnholm")
})

func TestSameFileTwiceIsOneManual(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	_, data := demoPDF()
	ctx := t.Context()
	var ids [2]manual.Manual
	created := 0
	for i := range ids {
		m, isNew, err := a.Manuals.Intake(ctx, manual.Upload{FileName: fmt.Sprintf("%d.pdf", i), Manufacturer: "Tarnholm", Models: []string{fmt.Sprintf("M-%d", i)}}, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if isNew {
			created++
		}
		ids[i] = m
	}
	m, err := a.Manuals.Wait(ctx, ids[1].ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if created != 1 || ids[0].ID != ids[1].ID || m.Status != manual.Ready || m.PagesDone != m.Pages || len(m.Models) != 2 {
		t.Errorf("created %d, manual %+v", created, m)
	}
}

func TestSameFileAtOnceIsOneManual(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	_, data := demoPDF()
	var wg sync.WaitGroup
	results := make([]manual.Manual, 4)
	for i := range results {
		wg.Go(func() {
			m, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf"}, bytes.NewReader(data))
			if err == nil {
				m, err = a.Manuals.Wait(t.Context(), m.ID, nil)
			}
			if err != nil {
				t.Error(err)
			}
			results[i] = m
		})
	}
	wg.Wait()
	for _, m := range results {
		if m.ID != results[0].ID || m.Status != manual.Ready || m.PagesDone != m.Pages {
			t.Errorf("manual %s %s, generation %d", m.ID, m.Status, m.Generation)
		}
	}
}

func TestCloseIsBoundedAndRepeatable(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	_, data := demoPDF()
	m, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf"}, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(started); took > slowdown*25*time.Second {
		t.Errorf("it took %s", took)
	}
	got, err := a.Manuals.Get(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status == manual.Failed {
		t.Errorf("stopping failed the manual: %+v", got.Error)
	}
}

func TestDemoIsLoadedOnceAndAnswersItsQuestions(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	for range 2 {
		if err := a.LoadDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	all, _, err := a.Manuals.List(t.Context(), manual.Filter{})
	if err != nil || len(all) != len(demo.Manuals()) {
		t.Errorf("%d manuals of %d, %v", len(all), len(demo.Manuals()), err)
	}
	for _, q := range demo.Questions() {
		answer, err := a.Ask(t.Context(), troubleshoot.Question{Manufacturer: q.Manufacturer, Model: q.Model, Code: q.Code, Symptom: q.Symptom})
		if err != nil || answer.Kind == troubleshoot.Refused || len(answer.Citations) == 0 {
			t.Errorf("%+v: %+v, %v", q, answer, err)
		}
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Workers = false }))
	c.get("/api/v1/manuals/00000000-0000-7000-8000-00000000abcd").wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
	metrics := string(c.get("/metrics").want(t, http.StatusOK).body)
	if want := `http_requests_total{method="GET",route="GET /api/v1/manuals/{id}",status="404"} 1`; !strings.Contains(metrics, want) {
		t.Errorf("no %s in\n%s", want, metrics)
	}
}

// TestRequestThatIsGivenUpIsNoFailure cancels requests at many moments: none may
// be logged as a failure of the server.
func TestRequestThatIsGivenUpIsNoFailure(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	a := open(t, func(_ *config.Library, o *app.Options) {
		o.Workers, o.Log = false, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	c := serve(t, a)
	for i := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/api/v1/manuals?query=x", nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
		}
		cancel()
	}
	c.get("/health/ready").want(t, http.StatusOK)
	if s := log.String(); strings.Contains(s, "request failed") {
		t.Errorf("logged:\n%s", s)
	}
}

func TestAManualThatIsBeingReadIsNoFailure(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) {
		o.Workers, o.Log = false, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}))
	c.upload(part{"manufacturer", "Acme"}, part{"model", "KR-310"}, file(document("x").Bytes())).want(t, http.StatusAccepted)
	c.post("/api/v1/troubleshoot", `{"model": "KR-310", "code": "E1"}`).wantProblem(t, http.StatusServiceUnavailable, "MANUAL_PROCESSING")
	if s := log.String(); strings.Contains(s, "request failed") {
		t.Errorf("logged:\n%s", s)
	}
}

// safeBuffer is a buffer that several goroutines may write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
