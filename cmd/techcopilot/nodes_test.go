package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// scale says how often a test repeats what it does.
type scale struct {
	race  int // under the race detector, which sees as much in one round as in many
	quick int // make test
	full  int // make test-full
}

// rounds is how often a test repeats what it does in this suite, which names what
// it leaves to the full one.
func rounds(t *testing.T, s scale) int {
	t.Helper()
	n := s.quick
	switch {
	case os.Getenv("TECHCOPILOT_ROUNDS") == "full":
		return s.full
	case slowdown > 1:
		n = s.race
	}
	t.Run(fmt.Sprintf("%d more of %d rounds", s.full-n, s.full), func(t *testing.T) { t.Skip("make test-full runs all of them") })
	return n
}

// newNodes is a library whose database server outlives every node.
func newNodes(t *testing.T) (library, *pgxpool.Pool) {
	t.Helper()
	l := newLibrary(t)
	l.url = pgtest.URL(t)
	pool, err := pgxpool.New(t.Context(), l.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return l, pool
}

// upload is a file to be added under an id, so that it can be sent again.
type original struct {
	id   uuid.UUID
	name string
	data []byte
}

// originals are the demo manuals, two of which have scanned pages.
func originals(t *testing.T) []original {
	t.Helper()
	var out []original
	for _, m := range demo.Manuals() {
		var b bytes.Buffer
		if err := m.Write(&b); err != nil {
			t.Fatal(err)
		}
		out = append(out, original{uuid.Must(uuid.NewV7()), m.FileName, b.Bytes()})
	}
	return out
}

// variation returns a file with the same pages and another content.
func (o original) variation(n int) original {
	data := fmt.Appendf(slices.Clip(o.data), "%%%% copy %d\n", n)
	return original{uuid.Must(uuid.NewV7()), fmt.Sprintf("%d-%s", n, o.name), data}
}

// send uploads the file and returns the status, or 0 when the server went away.
func (o original) send(ctx context.Context, address string) (status int, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if o.id != uuid.Nil {
		_ = w.WriteField("id", o.id.String())
	}
	f, err := w.CreateFormFile("file", o.name)
	if err != nil {
		panic(err) // a buffer takes everything
	}
	f.Write(o.data)
	w.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/api/v1/manuals", &b)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(res.Body); err != nil {
		return 0, nil
	}
	return res.StatusCode, out.Bytes()
}

// sendUntilAccepted repeats an upload as a client does whose server is killed.
func (o original) sendUntilAccepted(ctx context.Context, address string) error {
	for {
		status, body := o.send(ctx, address)
		switch {
		case status == http.StatusAccepted || status == http.StatusOK:
			return nil
		case status != 0 && status != http.StatusServiceUnavailable:
			return fmt.Errorf("%s: %d %s", o.name, status, body)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s was not accepted: %w", o.name, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// query returns one value.
func query[T any](t *testing.T, pool *pgxpool.Pool, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// until polls until the condition holds; what describes it when it does not.
func until(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", within, what)
		}
		<-tick.C
	}
}

const (
	unfinished = `SELECT count(*) FROM manual WHERE status NOT IN ('ready', 'failed', 'quarantined')`
	// pending jobs of manuals, also of those that others have overtaken.
	pending = `SELECT count(*) FROM river_job WHERE kind LIKE 'manual.%' AND finalized_at IS NULL`
)

// settled waits until n manuals are there and nothing is left to do.
func settled(t *testing.T, pool *pgxpool.Pool, n int) {
	t.Helper()
	until(t, limit, fmt.Sprintf("%d manuals are there and done", n), func() bool {
		return query[int](t, pool, `SELECT count(*) FROM manual`) == n && query[int](t, pool, unfinished) == 0 && query[int](t, pool, pending) == 0
	})
}

// rows dumps what was read from the manuals, in every table that has rows of
// manuals: everything that an undisturbed import would have stored as well. Times
// are left out, and what counts how often something was done.
func rows(t *testing.T, pool *pgxpool.Pool) map[string][]string {
	t.Helper()
	tables, err := pool.Query(t.Context(), `
		SELECT c.relname, ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND atttypid = 'timestamptz'::regtype)
		FROM pg_class c
		WHERE c.oid = 'manual'::regclass
		   OR c.oid IN (SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid = 'manual'::regclass)`)
	if err != nil {
		t.Fatal(err)
	}
	without := map[string][]string{}
	var table string
	var times []string
	if _, err := pgx.ForEachRow(tables, []any{&table, &times}, func() error {
		without[table] = slices.Clone(times)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for table, counts := range map[string]string{
		"manual":       "index_seconds stage_base generation text_version indexed_version codes_version compared_generation",
		"manual_index": "version",
		"supersession": "id",
	} {
		without[table] = append(without[table], strings.Fields(counts)...)
	}
	out := map[string][]string{}
	for table, columns := range without {
		got, err := pool.Query(t.Context(), fmt.Sprintf(`SELECT (to_jsonb(r) - $1::text[])::text AS line FROM %s r ORDER BY line`, pgx.Identifier{table}.Sanitize()), columns)
		if err != nil {
			t.Fatal(err)
		}
		if out[table], err = pgx.CollectRows(got, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// sameRows compares two dumps and shows the first rows that differ.
func sameRows(t *testing.T, want, got map[string][]string) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(want)) {
		w, g := want[table], got[table]
		if len(w) != len(g) {
			t.Errorf("%s: %d rows, want %d", table, len(g), len(w))
			continue
		}
		for i := range w {
			if w[i] != g[i] {
				var a, b map[string]any
				if err := errors.Join(json.Unmarshal([]byte(w[i]), &a), json.Unmarshal([]byte(g[i]), &b)); err != nil {
					t.Fatal(err)
				}
				t.Errorf("%s: row %d differs (-want +got):\n%.2000s", table, i, cmp.Diff(a, b))
				break
			}
		}
	}
}

// process is one in the operating system's list. The start tells it from a later
// one with its number.
type process struct {
	pid   int
	start string
}

// descendants lists the children of a process, and theirs; none where there is
// no /proc.
func descendants(root int) []process {
	all, children := map[int]process{}, map[int][]int{}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		if pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))); pid > 0 {
			if state, parent, start := stat(pid); state != "" && state != "Z" {
				all[pid] = process{pid, start}
				children[parent] = append(children[parent], pid)
			}
		}
	}
	var out []process
	for queue := children[root]; len(queue) > 0; queue = queue[1:] {
		out = append(out, all[queue[0]])
		queue = append(queue, children[queue[0]]...)
	}
	return out
}

func stat(pid int) (state string, parent int, start string) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, ""
	}
	// The name in parentheses may hold spaces.
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(f) < 20 {
		return "", 0, ""
	}
	parent, _ = strconv.Atoi(f[1])
	return f[0], parent, f[19]
}

// gone reports whether the process has ended.
func (p process) gone() bool {
	state, _, start := stat(p.pid)
	return state == "" || state == "Z" || state == "X" || start != p.start
}

// killAll ends the program as a power cut would, and waits until its children
// have noticed.
func (r *running) killAll() {
	r.t.Helper()
	children := descendants(r.Process.Pid)
	r.kill()
	until(r.t, slowdown*20*time.Second, fmt.Sprintf("the %d children of a killed process end", len(children)), func() bool {
		return !slices.ContainsFunc(children, func(p process) bool { return !p.gone() })
	})
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// stages are what a manual goes through, in order; the first is its upload.
var stages = []string{"upload", "screen", "extract", "ocr", "index", "codes", "cover"}

// reaches waits until a job of the stage runs, or an upload may be under way. It
// reports false when there is nothing left to do.
func reaches(t *testing.T, pool *pgxpool.Pool, stage string, manuals int) bool {
	t.Helper()
	if stage == "upload" {
		return true
	}
	running := false
	until(t, limit, "a job of the stage "+stage, func() bool {
		running = query[bool](t, pool, `SELECT EXISTS (SELECT FROM river_job WHERE kind = $1 AND state = 'running')`, "manual."+stage)
		return running || query[int](t, pool, `SELECT count(*) FROM manual`) == manuals && query[int](t, pool, unfinished) == 0
	})
	return running
}

// disturbed imports the files while the process that reads them is killed in up
// to so many stages. It returns in which a job was running when it was.
func (l library) disturbed(pool *pgxpool.Pool, files []original, kind string, kills int) (hit []string) {
	t := l.t
	t.Helper()
	port := freePort(t)
	address := "http://127.0.0.1:" + port
	command := []string{"serve", "--port", port}
	if kind == "worker" {
		api := l.start("serve", "--no-workers", "--port", port)
		defer func() {
			if code := api.stop(syscall.SIGTERM); code != exitOK {
				t.Errorf("exit code %d:\n%s", code, api.stderr)
			}
		}()
		command = []string{"worker"}
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	accepted := make(chan error, len(files))
	for _, f := range files {
		go func() { accepted <- f.sendUntilAccepted(ctx, address) }()
	}

	plan := slices.Clone(stages)
	if kind == "worker" {
		plan = plan[1:] // it takes no uploads
	}
	for len(plan) > kills {
		i := rand.IntN(len(plan))
		plan = slices.Delete(plan, i, i+1)
	}
	victim := l.start(command...)
	for _, stage := range plan {
		if !reaches(t, pool, stage, len(files)) {
			break
		}
		<-time.After(rand.N(120 * time.Millisecond))
		hit = append(hit, stage)
		victim.killAll()
		victim = l.start(command...)
	}
	for range files {
		if err := <-accepted; err != nil {
			t.Fatal(err)
		}
	}
	settled(t, pool, len(files))
	if code := victim.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, victim.stderr)
	}
	return hit
}

// TestKilledAtAnyPointEndsInTheSameRows kills a server or a worker in all stages
// of imports.
func TestKilledAtAnyPointEndsInTheSameRows(t *testing.T) {
	t.Parallel()
	kills := rounds(t, scale{race: 1, quick: 5, full: 50})
	files := originals(t)

	calm, calmPool := newNodes(t)
	calm.disturbed(calmPool, files, "serve", 0)
	want := rows(t, calmPool)
	for _, table := range []string{"page", "chunk", "manual_term", "section", "manual_table", "drawing", "error_code", "part", "manual_setting", "page_print"} {
		if len(want[table]) == 0 {
			t.Fatalf("the manuals have no rows in %s", table)
		}
	}
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Run("OCR", func(t *testing.T) { t.Skip("tesseract is not installed: the stage has no jobs") })
	} else if n := query[int](t, calmPool, `SELECT count(*) FROM page WHERE ocr = 'done'`); n == 0 {
		t.Error("no page was read by OCR")
	}

	l, pool := newNodes(t)
	hits := map[string]int{}
	kinds := []string{"serve", "worker"}
	for done, round := 0, rand.IntN(2); done < kills; round++ {
		if query[int](t, pool, `SELECT count(*) FROM manual`) > 0 {
			l.deleteAll(files)
		}
		hit := l.disturbed(pool, files, kinds[round%2], min(kills-done, len(stages)))
		for _, stage := range hit {
			hits[stage]++
		}
		done += len(hit)
		sameRows(t, want, rows(t, pool))
		l.nothingLeft(pool, len(files))
		if t.Failed() {
			t.Fatalf("after kills of a %s in %v", kinds[round%2], hit)
		}
	}
	t.Logf("killed in: %v", hits)
}

// deleteAll removes the manuals, so that they can be imported again.
func (l library) deleteAll(files []original) {
	t := l.t
	t.Helper()
	s := l.start("serve", "--no-workers", "--port", "0")
	address := s.address()
	for _, f := range files {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, address+"/api/v1/manuals/"+f.id.String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			t.Fatalf("delete %s: %s", f.name, res.Status)
		}
	}
	s.stop(syscall.SIGTERM)
}

// nothingLeft checks that processes that have all ended left no lock, no
// half-written file and no original of nobody.
func (l library) nothingLeft(pool *pgxpool.Pool, manuals int) {
	t := l.t
	t.Helper()
	until(t, slowdown*10*time.Second, "the locks of ended processes are free", func() bool {
		return query[int](t, pool, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`) == 0
	})
	if n := query[int](t, pool, `SELECT count(*) FROM manual WHERE indexed_version <> text_version OR codes_version <> text_version OR index_queued`); n > 0 {
		t.Errorf("%d manuals wait for an index that nobody makes", n)
	}
	found := map[string]int{}
	dir := filepath.Join(l.dir, "files")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			kind, _, _ := strings.Cut(rel, string(filepath.Separator))
			found[kind]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{".lock": 1, "originals": manuals, "covers": manuals}, found); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestTwoNodesShareTheQueueAndOneSurvivesTheOther(t *testing.T) {
	t.Parallel()
	l, pool := newNodes(t)
	server := l.start("serve", "--port", "0", "--slots", "1")
	address := server.address()
	worker := l.start("worker", "--slots", "1")
	var files []original
	for _, o := range originals(t) {
		for n := range 2 {
			files = append(files, o.variation(n))
		}
	}
	for _, f := range files {
		if status, body := f.send(t.Context(), address); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, body)
		}
	}
	// The id of a node holds the number of its process.
	node := func(r *running) string { return fmt.Sprintf("%%-%d-%%", r.Process.Pid) }
	worked := func(r *running, state string) int {
		return query[int](t, pool, `SELECT count(*) FROM river_job WHERE state = $2 AND attempted_by[array_upper(attempted_by, 1)] LIKE $1`, node(r), state)
	}
	until(t, limit, "both nodes have done work, and the worker is at more", func() bool {
		return worked(server, "completed") > 0 && worked(worker, "completed") > 0 && worked(worker, "running") > 0
	})
	worker.killAll()
	killed := time.Now()
	until(t, slowdown*15*time.Second, "what the killed worker was at goes on elsewhere", func() bool { return worked(worker, "running") == 0 })
	t.Logf("taken over within %s", time.Since(killed).Round(10*time.Millisecond))
	settled(t, pool, len(files))
	if n := query[int](t, pool, `SELECT count(*) FROM manual WHERE status <> 'ready'`); n > 0 {
		t.Errorf("%d manuals are not ready", n)
	}
	if code := server.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, server.stderr)
	}
	l.nothingLeft(pool, len(files))
}

func TestAWorkerThatIsStoppedGivesItsJobsBack(t *testing.T) {
	t.Parallel()
	l, pool := newNodes(t)
	server := l.start("serve", "--port", "0", "--no-workers")
	address := server.address()
	files := originals(t)
	for _, f := range files {
		if status, body := f.send(t.Context(), address); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, body)
		}
	}
	if n := query[int](t, pool, `SELECT count(*) FROM river_job WHERE kind LIKE 'manual.%' AND state <> 'available'`); n > 0 {
		t.Errorf("a server without workers has taken %d jobs", n)
	}
	port := freePort(t)
	first := l.start("worker", "--health-address", "127.0.0.1:"+port)
	until(t, limit, "the worker is at work", func() bool {
		return query[int](t, pool, `SELECT count(*) FROM river_job WHERE kind LIKE 'manual.%' AND state = 'running'`) > 0
	})
	if status, body := fetch(t, http.MethodGet, "http://127.0.0.1:"+port+"/health/ready", nil, ""); status != http.StatusOK || body["status"] == nil {
		t.Errorf("health of the worker: %d %v", status, body)
	}
	if code := first.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, first.stderr)
	}
	if n := query[int](t, pool, `SELECT count(*) FROM river_job WHERE state = 'running'`); n > 0 {
		t.Errorf("%d jobs are held by a worker that has stopped", n)
	}
	second := l.start("worker")
	settled(t, pool, len(files))
	for _, r := range []*running{second, server} {
		if code := r.stop(syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code %d:\n%s", code, r.stderr)
		}
	}
}
