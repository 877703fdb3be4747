package manual

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// images keeps rendered pages as files dir/<manual's hash>/<name>.png. It is a
// cache in every respect: what cannot be read is drawn again, what cannot be
// written is not kept.
//
// A file's modification time is when it was last asked for. What the files take
// is counted as they are written; when the budget is exceeded the folder is
// read, which also finds what other processes have put there, and the oldest
// are removed until a fifth of the budget is free. So a clean-up comes once in
// many writes and its cost does not matter.
type images struct {
	dir    string
	budget int64
	slots  chan struct{}
	flight singleflight.Group
	log    *slog.Logger

	mu    sync.Mutex
	bytes int64 // -1 until the folder was read
}

const (
	// renderTimeout bounds a render that nobody may be waiting for any more.
	renderTimeout = 2 * time.Minute
	// touchAfter is how exact "last asked for" is kept.
	touchAfter = time.Minute
	imageTemp  = ".tmp-"
)

func newImages(dir string, budget int64, renders int, log *slog.Logger) *images {
	return &images{dir: dir, budget: budget, slots: make(chan struct{}, renders), log: log, bytes: -1}
}

// get returns the image from the cache or from render, which is called once for
// all that ask for the same image at the same time.
func (c *images) get(ctx context.Context, sha, name string, render func(context.Context) ([]byte, error)) ([]byte, error) {
	path := filepath.Join(c.dir, sha, name+".png")
	if png, ok := c.load(path); ok {
		return png, nil
	}
	return c.once(ctx, sha+name, func(ctx context.Context) ([]byte, error) {
		if png, ok := c.load(path); ok { // somebody was faster
			return png, nil
		}
		png, err := render(ctx)
		if err == nil {
			c.store(path, png)
		}
		return png, err
	})
}

// once has an image drawn for all that ask for it at the same time.
func (c *images) once(ctx context.Context, key string, render func(context.Context) ([]byte, error)) ([]byte, error) {
	// The render must not end with the first of its callers.
	shared := context.WithoutCancel(ctx)
	done := c.flight.DoChan(key, func() (any, error) {
		shared, cancel := context.WithTimeout(shared, renderTimeout)
		defer cancel()
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		case <-shared.Done():
			return nil, shared.Err()
		}
		return render(shared)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		png, _ := r.Val.([]byte)
		return png, r.Err
	}
}

func (c *images) load(path string) ([]byte, bool) {
	png, err := os.ReadFile(path)
	if err != nil || len(png) == 0 {
		return nil, false
	}
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > touchAfter {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // it may have been evicted just now
	}
	return png, true
}

func (c *images) store(path string, png []byte) {
	if int64(len(png)) > c.budget/2 {
		return // it would push out everything else
	}
	if err := writeWhole(path, png); err != nil {
		c.log.Warn("page image is not kept", "error", err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes >= 0 {
		if c.bytes += int64(len(png)); c.bytes <= c.budget {
			return
		}
	}
	c.evict()
}

// writeWhole makes the file appear under its name when it is complete.
func writeWhole(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, imageTemp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // a leftover is evicted like any file
	}
	return err
}

// evict counts the files and, over the budget, removes the oldest. The lock is
// held.
func (c *images) evict() {
	type file struct {
		path string
		size int64
		used time.Time
	}
	var files []file
	var total int64
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // what has gone meanwhile does not count
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // the same
		}
		if strings.HasPrefix(d.Name(), imageTemp) && time.Since(info.ModTime()) < renderTimeout {
			return nil // being written
		}
		files = append(files, file{path, info.Size(), info.ModTime()})
		total += info.Size()
		return nil
	})
	if err != nil {
		c.log.Warn("the folder of page images cannot be read", "error", err)
		return
	}
	if total > c.budget {
		slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.used.Compare(b.used), strings.Compare(a.path, b.path)) })
		for _, f := range files {
			if total <= c.budget/5*4 {
				break
			}
			if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				c.log.Warn("page image cannot be removed", "error", err)
				continue
			}
			total -= f.size
			_ = os.Remove(filepath.Dir(f.path)) // succeeds when it was the last one
		}
	}
	c.bytes = total
}

// forget removes the images of a manual.
func (c *images) forget(sha string) {
	if err := os.RemoveAll(filepath.Join(c.dir, sha)); err != nil {
		c.log.Warn("the page images of a deleted manual are left behind", "error", err)
	}
}
