package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"github.com/techcopilot/techcopilot/internal/httpapi"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/telemetry"
)

// limit is how long a test waits for what should come within a second or two.
const limit = 2 * time.Minute

// library is a server whose manuals a test changes by hand.
type library struct {
	t    *testing.T
	pool *pgxpool.Pool
	url  string
	http *http.Server
	done chan error // of Serve
}

func serveLibrary(t *testing.T, streams int, change func(*http.Server)) *library {
	t.Helper()
	l := &library{t: t, pool: pgtest.New(t), done: make(chan error, 1)}
	h := httpapi.New(httpapi.Deps{
		Manuals: manual.New(manual.Deps{DB: l.pool}), Health: httpapi.Health{Ping: l.pool.Ping},
		Log: slog.New(slog.DiscardHandler), Metrics: telemetry.NewMetrics(telemetry.Build{}), MaxStreams: streams,
	})
	l.http = httpapi.NewServer(h, slog.New(slog.DiscardHandler))
	if change != nil {
		change(l.http)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.url = "http://" + listener.Addr().String()
	go func() { l.done <- l.http.Serve(listener) }()
	t.Cleanup(func() { l.http.Close() })
	return l
}

func (l *library) exec(sql string, args ...any) {
	l.t.Helper()
	if _, err := l.pool.Exec(l.t.Context(), sql, args...); err != nil {
		l.t.Fatal(err)
	}
}

// add puts a manual of 100 pages into extraction.
func (l *library) add() uuid.UUID {
	l.t.Helper()
	id := uuid.New()
	sha := strings.Repeat(strings.ReplaceAll(id.String(), "-", ""), 2)
	l.exec(`INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, revision, language, status, created_by, pages, stage, stage_started_at)
		VALUES ($1, $2, $2, 1, 'a.pdf', 'Oven', 'service', '', 'en', 'processing', $3, 100, 'extract', now())`, id, sha, manual.LocalUser)
	return id
}

// extracted notes that so many pages are done, so long after the stage began.
func (l *library) extracted(id uuid.UUID, pages int, after time.Duration) {
	l.t.Helper()
	l.exec(`UPDATE manual SET pages_done = $2, stage_started_at = now() - $3::interval, updated_at = now() WHERE id = $1`, id, pages, after)
}

func (l *library) settle(id uuid.UUID, status string) {
	l.t.Helper()
	l.exec(`UPDATE manual SET status = $2, stage = CASE WHEN $2 = 'ready' THEN '' ELSE stage END, updated_at = now() WHERE id = $1`, id, status)
}

// stream is an open stream of events.
type stream struct {
	t     *testing.T
	res   *http.Response
	lines *bufio.Scanner
}

type sent struct {
	id, name string
	data     struct {
		ID       uuid.UUID
		Status   string
		Progress struct {
			Stage       string
			Done, Total int
			Rate        float64
			ETA         int `json:"eta_seconds"`
		}
	}
}

func (l *library) watch(path, lastID string) *stream {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), limit)
	l.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+"/api/v1/manuals/"+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	transport := &http.Transport{}
	l.t.Cleanup(transport.CloseIdleConnections)
	res, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { res.Body.Close() })
	return &stream{l.t, res, bufio.NewScanner(res.Body)}
}

// next returns the next event, and false at the end of the stream.
func (s *stream) next() (sent, bool) {
	s.t.Helper()
	var e sent
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch {
		case name == "id":
			e.id = value
		case name == "event":
			e.name = value
		case name == "data":
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				s.t.Fatalf("%s: %v", value, err)
			}
		case name == "" && e.name != "":
			return e, true
		}
	}
	if err := s.lines.Err(); err != nil {
		s.t.Fatalf("the stream broke off: %v", err)
	}
	return e, false
}

func (s *stream) want(name string) sent {
	s.t.Helper()
	e, ok := s.next()
	if !ok || e.name != name {
		s.t.Fatalf("got %+v, %v; want %s", e, ok, name)
	}
	return e
}

func (s *stream) wantEnd() {
	s.t.Helper()
	if e, ok := s.next(); ok {
		s.t.Fatalf("got %+v; want the end", e)
	}
}

func TestManualIsWatchedToItsEnd(t *testing.T) {
	for _, status := range []string{"ready", "failed", "quarantined"} {
		t.Run(status, func(t *testing.T) {
			l := serveLibrary(t, 0, nil)
			id := l.add()
			s := l.watch(id.String()+"/events", "")
			if h := s.res.Header; h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", h)
			}
			first := s.want("progress")
			if p := first.data.Progress; first.data.ID != id || p.Stage != "extract" || p.Total != 100 || p.Rate != 0 || p.ETA != 0 {
				t.Errorf("before there is evidence: %+v", first)
			}
			l.extracted(id, 40, 4*time.Second)
			e := s.want("progress")
			if p := e.data.Progress; p.Done != 40 || p.Rate != 10 || p.ETA < 6 || p.ETA > 8 {
				t.Errorf("after 40 pages in 4 s: %+v", e)
			}
			if e.id == first.id {
				t.Error("two states have one id")
			}
			l.settle(id, status)
			last := s.want(status)
			if last.data.Status != status {
				t.Errorf("%+v", last)
			}
			s.wantEnd()

			if again := l.watch(id.String()+"/events", last.id); again.res.StatusCode != http.StatusNoContent {
				t.Errorf("a client that has the last event gets %d", again.res.StatusCode)
			}
			missed := l.watch(id.String()+"/events", e.id)
			missed.want(status)
			missed.wantEnd()
		})
	}
}

func TestWhatAClientHasIsNotSentAgain(t *testing.T) {
	l := serveLibrary(t, 0, nil)
	id := l.add()
	have := l.watch(id.String()+"/events", "").want("progress")
	s := l.watch(id.String()+"/events", have.id)
	l.extracted(id, 1, time.Second)
	if e := s.want("progress"); e.data.Progress.Done != 1 {
		t.Errorf("%+v", e)
	}
}

func TestDeletedManualEndsTheStream(t *testing.T) {
	l := serveLibrary(t, 0, nil)
	id := l.add()
	s := l.watch(id.String()+"/events", "")
	s.want("progress")
	l.exec(`DELETE FROM manual`)
	if e := s.want("deleted"); e.data.ID != id {
		t.Errorf("%+v", e)
	}
	s.wantEnd()
	gone := l.watch(id.String()+"/events", "")
	if body, _ := io.ReadAll(gone.res.Body); gone.res.StatusCode != http.StatusNotFound || !strings.Contains(string(body), "MANUAL_NOT_FOUND") {
		t.Errorf("%d %s", gone.res.StatusCode, body)
	}
}

func TestLibraryIsWatched(t *testing.T) {
	l := serveLibrary(t, 0, nil)
	settled := l.add()
	l.settle(settled, "ready")
	reading := l.add()
	s := l.watch("events", "")
	if e := s.want("progress"); e.data.ID != reading {
		t.Fatalf("%+v", e)
	}
	added := l.add()
	if e := s.want("progress"); e.data.ID != added {
		t.Errorf("%+v", e)
	}
	l.settle(reading, "failed")
	if e := s.want("failed"); e.data.ID != reading {
		t.Errorf("%+v", e)
	}
	l.exec(`DELETE FROM manual WHERE id = $1`, settled)
	if e := s.want("deleted"); e.data.ID != settled {
		t.Errorf("%+v", e)
	}
}

func TestServerStopsAlthoughStreamsAreOpen(t *testing.T) {
	l := serveLibrary(t, 0, nil)
	one, all := l.watch(l.add().String()+"/events", ""), l.watch("events", "")
	one.want("progress")
	all.want("progress")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if err := l.http.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	one.wantEnd()
	all.wantEnd()
	<-l.done
}

func TestStreamOutlivesTheServersLimits(t *testing.T) {
	t.Parallel()
	l := serveLibrary(t, 0, func(s *http.Server) { s.ReadTimeout, s.WriteTimeout = 2*time.Second, 2*time.Second })
	id := l.add()
	s := l.watch(id.String()+"/events", "")
	for i := range 2 {
		s.want("progress")
		<-time.After(1500 * time.Millisecond)
		l.extracted(id, i+1, time.Second)
	}
	s.want("progress")
}

func TestStreamsAreBoundedAndEndWithTheirClients(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	l := serveLibrary(t, 2, nil)
	path := l.add().String() + "/events"
	first, second := l.watch(path, ""), l.watch("events", "")
	first.want("progress")
	second.want("progress")
	refused := l.watch(path, "")
	if body, _ := io.ReadAll(refused.res.Body); refused.res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "TOO_MANY_STREAMS") || refused.res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", refused.res.StatusCode, body)
	}
	first.res.Body.Close()
	second.res.Body.Close()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); { // until the server has noticed
		if s := l.watch(path, ""); s.res.StatusCode == http.StatusOK {
			s.want("progress")
			s.res.Body.Close()
			l.http.Close()
			l.pool.Close()
			goleak.VerifyNone(t, ignore)
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Error("streams of clients that are gone are still open")
}

// pipes is a listener whose connections hold no byte that is not read.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestClientThatTakesNothingIsCutOff(t *testing.T) {
	t.Parallel() // takes as long as a client may stall
	l := serveLibrary(t, 1, nil)
	id := l.add()
	listener := make(pipes, 1)
	defer close(listener)
	go l.http.Serve(listener)
	ours, theirs := net.Pipe()
	defer ours.Close()
	listener <- theirs
	path := id.String() + "/events"
	io.WriteString(ours, "GET /api/v1/manuals/"+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := ours.Read(make([]byte, 1)); err != nil { // the stream is open
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for l.watch(path, "").res.StatusCode != http.StatusOK {
		select {
		case <-ctx.Done():
			t.Fatal("a client that takes nothing still has its stream")
		case <-time.After(100 * time.Millisecond):
		}
	}
}
