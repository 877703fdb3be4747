package watch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/watch"
)

// engine opens every file; nothing is read in these tests.
type engine struct{ *pdf.Engine }

func (engine) Probe(context.Context, string, string) (pdf.Document, error) {
	return pdf.Document{Pages: 1}, nil
}

// library is where watchers import to.
type library struct {
	*manual.Service
	pool *pgxpool.Pool
	// full, while set, is the error of every file that is received.
	full error
	// received, if set, is called after a file was read.
	received func()
}

func (l *library) Receive(ctx context.Context, file io.Reader) (*manual.Incoming, error) {
	if l.full != nil {
		return nil, l.full
	}
	in, err := l.Service.Receive(ctx, file)
	if l.received != nil {
		l.received()
	}
	return in, err
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{pool: pgtest.New(t)}
	blobs, err := blob.NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	runner, err := jobs.New(l.pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.Service = manual.New(manual.Deps{
		DB: l.pool, Blobs: blobs, PDF: engine{}, Index: search.New(l.pool, slog.New(slog.DiscardHandler)),
		Models: equipment.New(l.pool), Jobs: runner, ImageDir: t.TempDir(),
	})
	l.Register(runner.Workers())
	return l
}

// names returns the file names of all manuals, sorted.
func (l *library) names(t *testing.T) string {
	t.Helper()
	manuals, _, err := l.List(t.Context(), manual.Filter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range manuals {
		out = append(out, m.FileName)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (l *library) watch(t *testing.T, c *clock, folders ...string) *watch.Watcher {
	t.Helper()
	w := watch.New(watch.Config{Folders: folders, DB: l.pool, Manuals: l, Now: c.time})
	t.Cleanup(func() { stop(t, w) })
	return w
}

func stop(t *testing.T, w *watch.Watcher) {
	t.Helper()
	if err := w.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// limit is how long a test waits for what should come within a second.
const limit = 2 * time.Minute

// lookUntil looks until it has seen what it waits for, and reports whether it has.
func lookUntil(t *testing.T, w *watch.Watcher, seen func() bool) bool {
	t.Helper()
	for deadline := time.Now().Add(limit); !seen(); {
		if time.Now().After(deadline) {
			return false
		}
		look(t, w, 1)
	}
	return true
}

func look(t *testing.T, w *watch.Watcher, times int) {
	t.Helper()
	for range times {
		if err := w.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// write writes a file that ends as a PDF does, with a time of its own.
func write(t *testing.T, path, content string) {
	t.Helper()
	raw(t, path, "%PDF-1.7 "+content+"\n%%EOF\n")
}

func raw(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAFileIsImportedOnceWhenItIsComplete(t *testing.T) {
	l, c, dir := newLibrary(t), newClock(), t.TempDir()
	w := l.watch(t, c, dir)
	write(t, filepath.Join(dir, "Maker", "M-1", "a.PDF"), "a")
	look(t, w, 1)
	if got := l.names(t); got != "" {
		t.Fatalf("imported at the first look: %s", got)
	}
	look(t, w, 3)
	if got := l.names(t); got != "a.PDF" {
		t.Fatalf("imported: %q", got)
	}
	// Copying in many steps: it changes from look to look.
	growing := filepath.Join(dir, "b.pdf")
	for i := 1; i < 4; i++ {
		raw(t, growing, "%PDF-1.7 "+strings.Repeat("x", 100*i))
		look(t, w, 1)
	}
	// Copying stalls: the end of a PDF is missing.
	look(t, w, 3)
	if got := l.names(t); got != "a.PDF" {
		t.Fatalf("an unfinished file was imported: %q", got)
	}
	write(t, growing, strings.Repeat("x", 400))
	look(t, w, 2)
	if got := l.names(t); got != "a.PDF b.pdf" {
		t.Errorf("imported: %q", got)
	}
	// A file that never gets its end is taken as it is, after a while.
	raw(t, filepath.Join(dir, "c.pdf"), "%PDF-1.1 old")
	look(t, w, 2)
	c.pass(2 * time.Minute)
	look(t, w, 1)
	if got := l.names(t); got != "a.PDF b.pdf c.pdf" {
		t.Errorf("imported: %q", got)
	}
	if left, err := os.ReadFile(growing); err != nil || !bytes.Contains(left, []byte("%%EOF")) {
		t.Error("the user's file was changed", err)
	}
}

func TestAFileThatChangesWhileItIsReadIsLeftForLater(t *testing.T) {
	l, c, dir := newLibrary(t), newClock(), t.TempDir()
	w := l.watch(t, c, dir)
	path := filepath.Join(dir, "a.pdf")
	write(t, path, "one")
	look(t, w, 1)
	l.received = func() { write(t, path, "one and more") }
	look(t, w, 1)
	if got := l.names(t); got != "" {
		t.Fatalf("half a file was imported: %q", got)
	}
	l.received = nil
	look(t, w, 2)
	manuals, _, err := l.List(t.Context(), manual.Filter{})
	if err != nil || len(manuals) != 1 || manuals[0].SizeBytes != int64(len("%PDF-1.7 one and more\n%%EOF\n")) {
		t.Errorf("%+v, %v", manuals, err)
	}
}

func TestWhatIsNobodysManualIsPassedOver(t *testing.T) {
	l, c, dir := newLibrary(t), newClock(), t.TempDir()
	w := l.watch(t, c, dir)
	for _, name := range []string{
		".hidden.pdf", "._a.pdf", "~$a.pdf", "a.pdf~", "b.pdf.part", "b.pdf", "C.pdf.crdownload", "c.pdf", "d.txt",
		".git/e.pdf", "#recycle/f.pdf", "@eaDir/g.pdf", "h.pdf.download/h.pdf", "i",
	} {
		write(t, filepath.Join(dir, name), name)
	}
	write(t, filepath.Join(dir, "sub", "j.pdf"), "j")
	// Links in circles, and two ways to one folder.
	for link, to := range map[string]string{"sub/up": dir, "again": filepath.Join(dir, "sub"), "self": "self"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.pdf"), 0o600); err != nil {
		t.Fatal(err)
	}
	look(t, w, 3)
	if got := l.names(t); got != "j.pdf" {
		t.Errorf("imported: %q", got)
	}
}

func TestLinksDoNotLeadOutOfAWatchedFolder(t *testing.T) {
	l, c, base := newLibrary(t), newClock(), t.TempDir()
	dir, link, elsewhere := filepath.Join(base, "share"), filepath.Join(base, "link"), filepath.Join(base, "elsewhere")
	write(t, filepath.Join(dir, "sub", "a.pdf"), "a")
	write(t, filepath.Join(elsewhere, "private.pdf"), "private")
	for name, to := range map[string]string{
		link: dir, filepath.Join(dir, "within.pdf"): filepath.Join(dir, "sub", "a.pdf"), filepath.Join(dir, "nowhere.pdf"): "nowhere",
		filepath.Join(dir, "file.pdf"): filepath.Join(elsewhere, "private.pdf"), filepath.Join(dir, "folder"): "../elsewhere",
	} {
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	w := l.watch(t, c, link) // that the folder itself is a link is its owner's will
	look(t, w, 2)
	if got := l.names(t); got != "a.pdf" && got != "within.pdf" { // of one content
		t.Errorf("imported: %q", got)
	}
	s, err := w.Status(t.Context())
	if err != nil || len(s) != 1 {
		t.Fatal(s, err)
	}
	got := map[string]string{}
	for _, f := range s[0].Failed {
		got[f.Path] = f.Code
	}
	want := map[string]string{"file.pdf": "LINK_LEAVES_FOLDER", "folder/private.pdf": "LINK_LEAVES_FOLDER", "nowhere.pdf": "FILE_UNREADABLE"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestAFailureIsKeptAndTriedAgainWhenThatMakesSense(t *testing.T) {
	l, c, dir := newLibrary(t), newClock(), t.TempDir()
	w := l.watch(t, c, dir)
	raw(t, filepath.Join(dir, "sub", "broken.pdf"), "this is a letter %%EOF")
	write(t, filepath.Join(dir, "good.pdf"), "good")
	l.full = errdefs.As(syscall.ENOSPC)
	look(t, w, 2)
	status := func() watch.Folder {
		t.Helper()
		s, err := w.Status(t.Context())
		if err != nil || len(s) != 1 {
			t.Fatal(s, err)
		}
		return s[0]
	}
	if s := status(); s.FailedFiles != 2 || s.Failed[0].Code != "STORAGE_FULL" || s.Failed[0].RetryAt == nil || s.Imported != 0 {
		t.Fatalf("%+v", s)
	}
	// There is room again: what passes is tried again, in growing pauses, also by the next process.
	l.full = nil
	look(t, w, 3)
	if got := l.names(t); got != "" {
		t.Errorf("tried again at once: %q", got)
	}
	stop(t, w)
	w = l.watch(t, c, dir)
	c.pass(31 * time.Second)
	look(t, w, 2)
	if got := l.names(t); got != "good.pdf" {
		t.Errorf("imported: %q", got)
	}
	s := status()
	if s.FailedFiles != 1 || s.Failed[0].Path != "sub/broken.pdf" || s.Failed[0].Code != "NOT_A_PDF" || s.Failed[0].Message == "" || s.Failed[0].RetryAt != nil {
		t.Fatalf("%+v", s)
	}
	if s.Imported != 1 || s.Files != 2 || s.Waiting != 0 || s.Error != "" || !s.LookedAt.Equal(c.time()) {
		t.Errorf("%+v", s)
	}
	// What is wrong with the file itself is not tried again before it changes.
	tries := 0
	l.received = func() { tries++ }
	c.pass(24 * time.Hour)
	look(t, w, 3)
	if tries != 0 {
		t.Errorf("tried %d times again", tries)
	}
	write(t, filepath.Join(dir, "sub", "broken.pdf"), "mended")
	look(t, w, 2)
	if got := l.names(t); got != "broken.pdf good.pdf" || status().FailedFiles != 0 {
		t.Errorf("imported: %q, %+v", got, status())
	}
}

func TestAFolderThatIsAwayIsNotForgotten(t *testing.T) {
	l, c := newLibrary(t), newClock()
	dir := filepath.Join(t.TempDir(), "share")
	other := t.TempDir()
	w := l.watch(t, c, dir, other)
	write(t, filepath.Join(other, "other.pdf"), "other")
	look(t, w, 2)
	if got := l.names(t); got != "other.pdf" {
		t.Fatalf("a folder that is missing keeps another from being watched: %q", got)
	}
	write(t, filepath.Join(dir, "a.pdf"), "a")
	look(t, w, 2)
	write(t, filepath.Join(dir, "late.pdf"), "late")
	look(t, w, 1) // it waits
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	look(t, w, 2)
	all, err := w.Status(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if s := all[slices.IndexFunc(all, func(f watch.Folder) bool { return f.Path == dir })]; !strings.Contains(s.Error, "gone") || s.Files != 0 || s.Waiting != 0 {
		t.Errorf("of a folder that is gone: %+v", s)
	}
	reads := 0
	l.received = func() { reads++ }
	// An unmounted share is an empty folder.
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	look(t, w, 2)
	if err := errors.Join(os.Remove(dir), os.Rename(dir+"-away", dir)); err != nil {
		t.Fatal(err)
	}
	look(t, w, 3)
	if reads != 1 || l.names(t) != "a.pdf late.pdf other.pdf" { // what waited
		t.Errorf("read %d files again; %s", reads, l.names(t))
	}
}

func TestOneProcessWatchesAndAnotherTakesOver(t *testing.T) {
	l, c, dir := newLibrary(t), newClock(), t.TempDir()
	one, two := l.watch(t, c, dir), l.watch(t, c, dir)
	look(t, one, 1)
	write(t, filepath.Join(dir, "a.pdf"), "a")
	look(t, two, 3)
	if got := l.names(t); got != "" {
		t.Fatalf("both watch: %q", got)
	}
	look(t, one, 2)
	write(t, filepath.Join(dir, "b.pdf"), "b")
	look(t, one, 1)
	stop(t, one) // its session ends, as it does when it is killed
	reads := 0
	l.received = func() { reads++ }
	// PostgreSQL frees the lock when it notices.
	if !lookUntil(t, two, func() bool { return l.names(t) == "a.pdf b.pdf" }) || reads != 1 {
		t.Errorf("imported: %q, read %d files", l.names(t), reads)
	}
}

func TestTheLossOfTheDatabaseConnectionIsSurvived(t *testing.T) {
	l, c, dir := newLibrary(t), newClock(), t.TempDir()
	w := l.watch(t, c, dir)
	look(t, w, 1)
	if _, err := l.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a.pdf"), "a")
	for deadline := time.Now().Add(limit); l.names(t) != "a.pdf"; {
		if err := w.Look(t.Context()); err != nil {
			t.Logf("look: %v", err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("imported: %q", l.names(t))
		}
	}
}

func TestAStartedWatcherImportsAndStops(t *testing.T) {
	l, dir := newLibrary(t), t.TempDir()
	w := watch.New(watch.Config{Folders: []string{dir}, DB: l.pool, Manuals: l, Every: time.Millisecond})
	w.Start(t.Context())
	imported := make(chan struct{})
	l.received = sync.OnceFunc(func() { close(imported) })
	write(t, filepath.Join(dir, "a.pdf"), "a")
	select {
	case <-imported:
	case <-time.After(limit):
		t.Fatal("nothing was imported")
	}
	stop(t, w)
}

func lookedAt(t *testing.T, w *watch.Watcher) time.Time {
	t.Helper()
	s, err := w.Status(t.Context())
	if err != nil || len(s) != 1 {
		t.Fatal(s, err)
	}
	return s[0].LookedAt
}

// Whatever people do with files and however often the program is restarted, each
// content that was left alone for two looks is a manual, and once.
func TestEachContentIsImportedOnce(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			l, c, dir := newLibrary(t), newClock(), t.TempDir()
			w := l.watch(t, c, dir)
			watched := 0
			files := map[string]string{} // that are there now
			expected := map[string]bool{}
			for range 40 {
				name := fmt.Sprintf("m%d.pdf", r.IntN(4))
				path := filepath.Join(dir, fmt.Sprintf("d%d", r.IntN(2)), name)
				switch r.IntN(6) {
				case 0, 1:
					files[path] = fmt.Sprint("content ", r.IntN(8))
					write(t, path, files[path])
					at := c.time().Add(time.Duration(r.IntN(1e9)))
					if err := os.Chtimes(path, at, at); err != nil {
						t.Fatal(err)
					}
				case 2:
					delete(files, path)
					os.Remove(path)
				case 3:
					stop(t, w)
					w = l.watch(t, c, dir)
					// The lock is free when PostgreSQL has noticed.
					c.pass(time.Millisecond)
					now := c.time().Truncate(time.Microsecond)
					if !lookUntil(t, w, func() bool { return !lookedAt(t, w).Before(now) }) {
						t.Fatal("the new watcher does not get to look")
					}
				case 4:
					c.pass(time.Duration(r.IntN(int(time.Hour))))
				case 5:
					look(t, w, 1)
				}
				if r.IntN(5) > 0 {
					continue
				}
				// They are left alone for a while.
				for range 3 {
					look(t, w, 1)
				}
				for _, content := range files {
					expected[content] = true
				}
				watched++
			}
			look(t, w, 3)
			for _, content := range files {
				expected[content] = true
			}
			var manuals, contents int
			if err := l.pool.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT sha256) FROM manual`).Scan(&manuals, &contents); err != nil {
				t.Fatal(err)
			}
			// One that was there for two looks by chance is imported, too.
			if manuals != contents || manuals < len(expected) || manuals > 8 {
				t.Errorf("%d manuals of %d contents, want at least %d after %d rests", manuals, contents, len(expected), watched)
			}
		})
	}
}
