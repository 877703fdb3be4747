// Package watch finds PDF files in folders, and imports what appears in watched
// ones.
//
// It promises that a file is imported once however often it is seen, also after a
// restart, and anew when it has changed; that a file which is still being written
// is left alone until it is complete; that nothing in a watched folder is ever
// changed, and nothing outside of it imported; and that one file, or one folder,
// never keeps the others from being imported. Of several processes with the same folder one watches it, and another
// takes over when that ends. It does not judge files: package manual does.
//
// Folders are looked at in intervals. Notifications of the file system are not
// used, since those of network shares tell nothing about what others write.
package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

// Config is what a Watcher works with. All fields without a default are needed.
type Config struct {
	// Folders are watched with everything below them. Processes that name the same
	// path are taken to see the same folder.
	Folders []string
	DB      *pgxpool.Pool
	Manuals library // *manual.Service
	Log     *slog.Logger
	// Every is the pause between two looks, and so half of what a file waits. 5 s
	// when 0: quick for a person, and next to nothing for a file server.
	Every time.Duration
	// Now tells the time of pauses. time.Now when nil.
	Now func() time.Time
}

type library interface {
	Receive(ctx context.Context, file io.Reader) (*manual.Incoming, error)
}

const (
	// stillness is how long a file without a PDF's end must have stayed as it is to
	// be taken for complete: copying may stall, and some old manuals lack it.
	stillness = time.Minute
	// firstRetry doubles up to lastRetry.
	firstRetry, lastRetry = 30 * time.Second, time.Hour
)

// Watcher imports what appears in folders. Look is for one goroutine; Start runs
// it in the background.
type Watcher struct {
	config  Config
	node    string
	lock    lock
	folders []*folder
	cancel  context.CancelFunc
	done    chan struct{}
}

// folder is a watched folder and what this process knows of it.
type folder struct {
	path string
	held bool   // this process watches it
	told string // the problem that was logged last
	// Of the files that are settled, and of those that are not, as the look before
	// saw them; by their path below the folder.
	known  map[string]record
	before map[string]sighting
}

// stamp tells versions of a file apart. Times are whole microseconds, as
// PostgreSQL keeps them.
type stamp struct {
	size     int64
	modified time.Time
}

func stampOf(size int64, modified time.Time) stamp {
	return stamp{size, modified.UTC().Truncate(time.Microsecond)}
}

// sighting is a file that is not settled.
type sighting struct {
	stamp
	since time.Time // when it was first seen like this
}

// record is what became of a file.
type record struct {
	stamp
	manual   uuid.UUID // zero for a failure
	code     string
	message  string
	attempts int
	retry    time.Time // zero: not before the file changes
}

// New returns a Watcher of the folders.
func New(c Config) *Watcher {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Every == 0 {
		c.Every = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	w := &Watcher{config: c, node: host + " " + strconv.Itoa(os.Getpid())}
	seen := map[string]bool{}
	for _, path := range c.Folders {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		if !seen[path] {
			seen[path] = true
			w.folders = append(w.folders, &folder{path: path})
		}
	}
	w.lock.config = c.DB.Config().ConnConfig
	return w
}

// Start looks at the folders until Stop.
func (w *Watcher) Start(ctx context.Context) {
	ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	w.done = make(chan struct{})
	go func() {
		defer close(w.done)
		ticker := time.NewTicker(w.config.Every)
		defer ticker.Stop()
		told := false
		for {
			err := w.Look(ctx)
			if err != nil && ctx.Err() == nil && !told {
				w.config.Log.WarnContext(ctx, "the watched folders cannot be looked at; trying again", "error", err)
			}
			told = err != nil
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
}

// Stop ends a started Watcher: a file that is being imported is given up, and
// imported by whoever watches next.
func (w *Watcher) Stop(ctx context.Context) error {
	defer w.lock.release()
	if w.cancel == nil {
		return nil
	}
	w.cancel()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("watch: stop: %w", ctx.Err())
	}
}

// Look looks at each folder once and imports, one after the other, the files that
// the look before saw as they are now. What is wrong with a file or a folder is
// recorded; the error is of the database, or ctx's.
func (w *Watcher) Look(ctx context.Context) error {
	for _, f := range w.folders {
		if err := w.look(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watcher) look(ctx context.Context, f *folder) error {
	held, fresh, err := w.lock.take(ctx, f.path)
	if err != nil || !held {
		f.held = false
		return err
	}
	// Another may have watched in between.
	if fresh || !f.held {
		if f.known, err = records(ctx, w.config.DB, f.path); err != nil {
			return err
		}
		f.before, f.held = nil, true
	}
	files, ready, problem := w.find(ctx, f)
	if err := ctx.Err(); err != nil {
		return err
	}
	w.tell(ctx, f, problem)
	waiting := min(len(f.before), files) // of a folder that is away, none is there to wait
	if err := w.note(ctx, f, files, waiting, problem); err != nil {
		return err
	}
	for _, file := range ready {
		done, err := w.settle(ctx, f, file)
		if err != nil {
			return err
		}
		if done {
			waiting--
		}
	}
	if len(ready) == 0 {
		return nil
	}
	return w.note(ctx, f, files, waiting, problem)
}

// find searches the folder, notes what is not settled and returns how many PDF
// files there are, those of them that are ready, and what could not be read.
func (w *Watcher) find(ctx context.Context, f *folder) (files int, ready []File, problem string) {
	now := w.config.Now()
	next := map[string]sighting{}
	err := Walk(ctx, f.path, func(file File) error {
		if file.NoEnding {
			return nil
		}
		files++
		key, s := keyOf(file.Rel), sighting{stampOf(file.Size, file.Modified), now}
		if r, ok := f.known[key]; ok && r.stamp == s.stamp && (r.retry.IsZero() || now.Before(r.retry)) {
			return nil
		}
		last, seen := f.before[key]
		if seen && last.stamp == s.stamp {
			s.since = last.since
			if now.Sub(s.since) >= stillness || complete(file) {
				ready = append(ready, file)
			}
		}
		next[key] = s
		return nil
	}, func(path string, _ error) {
		problem = fmt.Sprintf("The folder %s cannot be read. Check its owner and mode.", path)
	})
	if err != nil {
		// An unmounted share: what was seen stays known, and what waited goes on.
		if errors.Is(err, fs.ErrNotExist) {
			return 0, nil, "The folder is gone. If it is a share, mount it; what waited in it is imported when it is back."
		}
		return 0, nil, "The folder cannot be read. Check its owner and mode and, if it is a share, that it is mounted."
	}
	f.before = next
	return files, ready, problem
}

// complete reports whether the file ends as a PDF does. One that cannot be read is
// complete enough to say so.
func complete(file File) bool {
	f, err := Open(file.Path)
	if err != nil {
		return true
	}
	defer f.Close()
	const end = 2048
	tail := make([]byte, min(end, file.Size))
	if _, err := f.ReadAt(tail, file.Size-int64(len(tail))); err != nil {
		return errors.Is(err, io.EOF)
	}
	return bytes.Contains(tail, []byte("%%EOF"))
}

// tell logs a folder's problem when it begins and when it is over.
func (w *Watcher) tell(ctx context.Context, f *folder, problem string) {
	switch {
	case problem == f.told:
	case problem != "":
		w.config.Log.WarnContext(ctx, "a watched folder cannot be read; trying again", "folder", f.path, "problem", problem)
	default:
		w.config.Log.InfoContext(ctx, "a watched folder can be read again", "folder", f.path)
	}
	f.told = problem
}

// settle imports a file and records what became of it. It reports whether nothing
// is left to do for now.
func (w *Watcher) settle(ctx context.Context, f *folder, file File) (bool, error) {
	key := keyOf(file.Rel)
	s := stampOf(file.Size, file.Modified)
	m, err := w.take(ctx, f.path, file)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if errors.Is(err, errChanged) {
		delete(f.before, key) // it is seen for the first time again
		return false, nil
	}
	r := record{stamp: s, manual: m, attempts: 1}
	if old, ok := f.known[key]; ok && old.stamp == s {
		r.attempts += old.attempts
	}
	if err != nil {
		known := errdefs.As(err)
		r.code, r.message = known.Code, known.Message
		if passing(known) {
			r.retry = w.config.Now().Add(min(firstRetry<<min(r.attempts-1, 10), lastRetry)).UTC().Truncate(time.Microsecond)
		}
		w.config.Log.WarnContext(ctx, "a file of a watched folder cannot be imported", "folder", f.path, "file", file.Rel, "code", r.code, "error", err)
	}
	if err := save(ctx, w.config.DB, f.path, key, r); err != nil {
		return false, err
	}
	f.known[key] = r
	delete(f.before, key)
	return true, nil
}

// errChanged says that a file changed while it was read.
var errChanged = errors.New("watch: the file has changed")

// take imports a file of a folder as it was seen.
func (w *Watcher) take(ctx context.Context, folder string, file File) (uuid.UUID, error) {
	f, err := openWithin(folder, file.Path)
	if err != nil {
		return uuid.Nil, err
	}
	defer f.Close()
	unchanged := func() bool {
		info, err := f.Stat()
		return err == nil && stampOf(info.Size(), info.ModTime()) == stampOf(file.Size, file.Modified)
	}
	if !unchanged() {
		return uuid.Nil, errChanged
	}
	in, err := w.config.Manuals.Receive(ctx, f)
	if err != nil {
		if !unchanged() {
			return uuid.Nil, errChanged
		}
		return uuid.Nil, err
	}
	defer in.Discard()
	if !unchanged() {
		return uuid.Nil, errChanged
	}
	a, err := in.Accept(ctx, manual.Upload{FileName: filepath.Base(file.Path), Folders: Folders(file.Path)})
	return a.Manual.ID, err
}

// passing reports whether the failure may be over without the file changing.
func passing(e *errdefs.Error) bool {
	switch e.Kind {
	case errdefs.StorageFull, errdefs.Unavailable, errdefs.Internal, errdefs.RateLimited:
		return true
	case errdefs.Timeout:
		return e.Code != "PDF_TIMEOUT" // the file's own
	}
	// A mode may be mended, and a link replaced, without a trace in size and time.
	return e.Code == "FILE_UNREADABLE" || e.Code == "LINK_LEAVES_FOLDER"
}

// keyOf is how a path is stored: as it is, or quoted when it is no text.
func keyOf(rel string) string {
	if utf8.ValidString(rel) {
		return rel
	}
	return strconv.QuoteToASCII(rel)
}
