package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// guest asks a server for its health and a cached answer until it is told to
// stop, and notes what went wrong.
type guest struct {
	address, question string
	asked             int
	slowest           time.Duration
	problems          []string
}

func (g *guest) visit(ctx context.Context, stop <-chan struct{}) {
	client := http.Client{Timeout: slowdown * 10 * time.Second}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, r := range [][3]string{
			{http.MethodGet, "/health/ready", ""},
			{http.MethodPost, "/api/v1/troubleshoot", g.question},
		} {
			req, err := http.NewRequestWithContext(ctx, r[0], g.address+r[1], strings.NewReader(r[2]))
			if err != nil {
				panic(err) // both are well-formed
			}
			req.Header.Set("Content-Type", "application/json")
			began := time.Now()
			res, err := client.Do(req)
			if err == nil {
				res.Body.Close()
				if res.StatusCode != http.StatusOK {
					err = fmt.Errorf("%s", res.Status)
				}
			}
			g.asked++
			g.slowest = max(g.slowest, time.Since(began))
			if err != nil {
				g.problems = append(g.problems, fmt.Sprintf("%s: %v", r[1], err))
			}
		}
		select {
		case <-stop:
			return
		case <-tick.C:
		}
	}
}

// memory returns what a process and its descendants hold, in bytes, shared pages
// counted once; 0 where there is no /proc.
func memory(pid int) int64 {
	var sum int64
	for _, p := range append(descendants(pid), process{pid: pid}) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.pid))
		if err != nil {
			continue // it has just ended
		}
		for line := range strings.Lines(string(data)) {
			var kb int64
			if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kb); n == 1 {
				sum += kb << 10
			}
		}
	}
	return sum
}

// watched samples a running program until done.
type watched struct {
	memory   int64 // the most that it and its descendants held, in bytes
	children int   // the most descendants at a time
}

func (r *running) watch(done <-chan struct{}) watched {
	var w watched
	tick := time.NewTicker(300 * time.Millisecond) // each look takes 10 ms
	defer tick.Stop()
	for {
		select {
		case <-done:
			return w
		case <-tick.C:
			w.children = max(w.children, len(descendants(r.Process.Pid)))
			w.memory = max(w.memory, memory(r.Process.Pid))
		}
	}
}

// soundFiles are what is mutated: small, so that there is time for many, and
// with something for each stage.
func soundFiles() [][]byte {
	table := func() *pdftest.Page {
		p := pdftest.NewPage()
		p.Text(72, 60, 18, pdftest.Bold, "Error codes")
		p.Grid([]float64{72, 140, 320, 520}, []float64{80, 100, 120, 140})
		for i, row := range [][3]string{
			{"Code", "Meaning", "Remedy"}, {"E1", "Probe open", "Check the probe at J4"}, {"E2", "Drain blocked", "Clean the drain hose"},
		} {
			for j, cell := range row {
				p.Text([]float64{76, 144, 324}[j], 94+20*float64(i), 10, pdftest.Regular, cell)
			}
		}
		return p
	}
	text := func(n int) *pdftest.Page {
		p := pdftest.NewPage()
		p.Text(72, 60, 18, pdftest.Bold, fmt.Sprintf("Chapter %d", n))
		for i := range 30 {
			p.Text(72, 90+14*float64(i), 10, pdftest.Regular, fmt.Sprintf("%d. Disconnect the power and remove panel %d with its four screws.", i+1, n))
		}
		return p
	}
	turned := text(3)
	turned.Rotate = 90
	scanned := pdftest.NewPage()
	scanned.Image(0, 0, scanned.Width, scanned.Height)
	book := pdftest.Document{
		Title: "Service manual", Pages: []*pdftest.Page{text(1), table(), turned},
		Bookmarks: []pdftest.Bookmark{{Title: "Start", Page: 1}, {Title: "Codes", Page: 2}}, Labels: "0 <</S/r>> 1 <</S/D>>",
	}
	leaflet := pdftest.Document{Pages: []*pdftest.Page{table()}}
	scan := pdftest.Document{Pages: []*pdftest.Page{scanned, text(1)}}
	return [][]byte{book.Bytes(), leaflet.Bytes(), scan.Bytes(), leaflet.EncryptedBytes("", "owner"), book.Bytes()}
}

// mostMemory is what a server with two slots may need for small documents: each
// child reads one, and they share the compiled PDF engine.
const mostMemory = 768 << 20

// TestServerSurvivesACorpusOfMutatedFiles uploads broken files, several at once,
// while somebody asks. Every file has to end with a clear word.
func TestServerSurvivesACorpusOfMutatedFiles(t *testing.T) {
	t.Parallel()
	files := rounds(t, scale{race: 10, quick: 40, full: 2000})
	l, pool := newNodes(t)
	server := l.start("serve", "--port", "0", "--log-level", "error", "--slots", "2")
	g := guest{address: server.address(), question: `{"model": "TI-350", "code": "HI-P"}`}
	l.importOne(originals(t), "Tarnholm", "TI-350")

	stop, done := make(chan struct{}), make(chan struct{})
	var with sync.WaitGroup
	with.Go(func() { g.visit(t.Context(), stop) })
	var most watched
	with.Go(func() { most = server.watch(done) })

	var accepted atomic.Int32
	codes := newTally()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(6)
	seed, sound := rand.Uint64(), soundFiles()
	for i := range files {
		group.Go(func() error {
			data := pdftest.Mutate(seed+uint64(i), sound[i%len(sound)])
			status, body := original{name: fmt.Sprintf("mutated-%d.pdf", i), data: data}.send(ctx, g.address)
			switch {
			case status == http.StatusAccepted:
				accepted.Add(1)
			case status == http.StatusOK: // the same bytes by chance
			case status >= 400 && status < 500:
				var p struct{ Code, Detail string }
				if err := json.Unmarshal(body, &p); err != nil || p.Code == "" || p.Detail == "" {
					return fmt.Errorf("file %d: %d without a clear word: %s", i, status, body)
				}
				codes.add("refused " + p.Code)
			default:
				return fmt.Errorf("file %d of seed %d: %d %s", i, seed, status, body)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	until(t, time.Hour, "all files have been read", func() bool { return query[int](t, pool, unfinished) == 0 })
	settled(t, pool, int(accepted.Load())+1)
	close(stop)
	// Two wait for the next document; one that drew pages for OCR ends by itself.
	until(t, slowdown*time.Minute, "no child process is left but those that wait", func() bool { return len(descendants(server.Process.Pid)) <= 2 })
	close(done)
	with.Wait()

	got, err := pool.Query(t.Context(), `SELECT status, error_code, error_message FROM manual WHERE file_name LIKE 'mutated-%'`)
	if err != nil {
		t.Fatal(err)
	}
	var status, code, message string
	if _, err := pgx.ForEachRow(got, []any{&status, &code, &message}, func() error {
		codes.add(strings.TrimSpace(status + " " + code))
		if status == "failed" && (code == "" || message == "" || code == "INTERNAL" || code == "INGEST_FAILED") {
			t.Errorf("a file failed without a clear word: %s %q", code, message)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(g.problems) > 0 {
		t.Errorf("%d of %d requests beside the uploads failed, first %s", len(g.problems), g.asked, g.problems[0])
	}
	if most.memory > mostMemory {
		t.Errorf("server and children held %d MB at once, more than %d", most.memory>>20, int64(mostMemory)>>20)
	}
	if code := server.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, server.stderr)
	}
	t.Logf("seed %d: %v; %d requests meanwhile, the slowest %s; %d MB and %d children at most",
		seed, codes, g.asked, g.slowest.Round(time.Millisecond), most.memory>>20, most.children)
}

// importOne adds the demo manual of a manufacturer for a model.
func (l library) importOne(from []original, manufacturer, model string) {
	l.t.Helper()
	i := slices.IndexFunc(from, func(o original) bool { return strings.HasPrefix(o.name, strings.ToLower(manufacturer)) })
	path := filepath.Join(l.t.TempDir(), from[i].name)
	if err := os.WriteFile(path, from[i].data, 0o600); err != nil {
		l.t.Fatal(err)
	}
	if out, errOut, code := l.run("import", "--manufacturer", manufacturer, "--model", model, path); code != exitOK {
		l.t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
	}
}

// tally counts what occurred. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func newTally() *tally { return &tally{counts: map[string]int{}} }

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what]++
}

func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprint(t.counts)
}

// TestImportOfManyFilesUsesAllSlotsAndLittleMemory imports 50 files at once.
func TestImportOfManyFilesUsesAllSlotsAndLittleMemory(t *testing.T) {
	t.Parallel()
	n := rounds(t, scale{race: 3, quick: 4, full: 50})
	l, pool := newNodes(t)
	dir := t.TempDir()
	from := originals(t)
	for i := range n {
		o := from[i%len(from)].variation(i)
		if err := os.WriteFile(filepath.Join(dir, o.name), o.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := l.start("import", "--json", "--slots", "2", dir)
	done, most := make(chan struct{}), make(chan watched, 1)
	go func() { most <- r.watch(done) }()
	code := r.end()
	close(done)
	if code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, r.stderr)
	}
	if got := query[int](t, pool, `SELECT count(*) FROM manual WHERE status = 'ready'`); got != n {
		t.Errorf("%d of %d manuals are ready", got, n)
	}
	w := <-most
	if _, err := os.Stat("/proc/self/smaps_rollup"); err == nil && w.children < 2 {
		t.Errorf("at most %d children worked at once", w.children)
	}
	if w.memory > mostMemory {
		t.Errorf("%d MB were held at once, more than %d", w.memory>>20, int64(mostMemory)>>20)
	}
	t.Logf("%d files: %d MB and %d children at most", n, w.memory>>20, w.children)
}
