package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Files being written live in tempDir, each under a lock (flock) that its
// writer holds: a file without one belongs to a process that is gone. lockFile
// closes the gap between creating a file and locking it.
const (
	tempDir  = ".tmp"
	lockFile = ".lock"
)

// Local keeps the files in a folder of this machine. Several processes may use
// the same folder.
type Local struct {
	dir  string
	root *os.Root
}

// NewLocal opens the store in dir, which is created when it is missing, and
// removes what killed processes left half-written.
func NewLocal(dir string) (*Local, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, tempDir), 0o700); err != nil {
		return nil, fmt.Errorf("blob: create the folder of the originals: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: open the folder of the originals: %w", err)
	}
	l := &Local{dir: dir, root: root}
	if err := l.removeAbandoned(); err != nil {
		root.Close()
		return nil, fmt.Errorf("blob: remove abandoned files: %w", err)
	}
	return l, nil
}

// Close releases the folder. Files that are open stay readable.
func (l *Local) Close() error { return l.root.Close() }

// Stage implements Store.
func (l *Local) Stage(ctx context.Context, r io.Reader, limit int64) (Staged, error) {
	s, err := l.newStaged()
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, r, limit); err != nil {
		s.Discard()
		return nil, err
	}
	return s, nil
}

// Put implements Store.
func (l *Local) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	s, err := l.Stage(ctx, r, 0)
	if err != nil {
		return 0, err
	}
	defer s.Discard()
	return s.Size(), s.Store(ctx, key)
}

// Open implements Store.
func (l *Local) Open(_ context.Context, key string) (File, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	f, err := l.root.Open(key)
	if err != nil {
		return nil, readError(key, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, readError(key, err)
	}
	return &localFile{File: f, size: info.Size()}, nil
}

// LocalFile implements Store. The path is that of the stored file itself.
func (l *Local) LocalFile(_ context.Context, key string) (string, func(), error) {
	if err := CheckKey(key); err != nil {
		return "", nil, err
	}
	info, err := l.root.Stat(key)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return "", nil, readError(key, err)
	}
	return filepath.Join(l.dir, filepath.FromSlash(key)), func() {}, nil
}

// Delete implements Store.
func (l *Local) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := l.root.Remove(key); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("blob: delete %s: %w", key, err)
	}
	return l.syncDir(path.Dir(key))
}

func readError(key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return notFound(key, err)
	}
	return fmt.Errorf("blob: read %s: %w", key, err)
}

type localFile struct {
	*os.File
	size int64
}

func (f *localFile) Size() int64 { return f.size }

// staged is a file in tempDir; its open descriptor holds the lock.
type staged struct {
	store *Local
	name  string // below the root
	file  *os.File
	hash  hash.Hash
	size  int64
	once  sync.Once
}

func (l *Local) newStaged() (*staged, error) {
	gate, err := l.lock(unix.LOCK_SH)
	if err != nil {
		return nil, fmt.Errorf("blob: lock the folder: %w", err)
	}
	defer gate.Close()
	name := path.Join(tempDir, uuid.NewString())
	f, err := l.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, errdefs.As(fmt.Errorf("blob: create a temporary file: %w", err))
	}
	s := &staged{store: l, name: name, file: f, hash: sha256.New()}
	if err := flock(f, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		s.Discard()
		return nil, fmt.Errorf("blob: lock a temporary file: %w", err)
	}
	return s, nil
}

func (s *staged) fill(ctx context.Context, r io.Reader, limit int64) error {
	buf := make([]byte, 128<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, rerr := r.Read(buf)
		s.size += int64(n)
		if limit > 0 && s.size > limit {
			return errdefs.New(errdefs.TooLarge, "FILE_TOO_LARGE",
				"The file is larger than %s, the most that is accepted. Split it, or ask the administrator to raise the limit.", bytesText(limit)).
				With("limit_bytes", limit)
		}
		if n > 0 {
			s.hash.Write(buf[:n])
			if _, err := s.file.Write(buf[:n]); err != nil {
				return errdefs.As(fmt.Errorf("blob: write: %w", err))
			}
		}
		switch {
		case errors.Is(rerr, io.EOF):
			return nil
		case rerr != nil:
			return rerr
		}
	}
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1e6:
		return fmt.Sprintf("%.4g MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d bytes", n)
}

func (s *staged) SHA256() string { return hex.EncodeToString(s.hash.Sum(nil)) }

func (s *staged) Size() int64 { return s.size }

// LocalFile implements Staged. The path is that of the temporary file itself.
func (s *staged) LocalFile(context.Context) (string, func(), error) {
	if _, err := s.store.root.Stat(s.name); err != nil {
		return "", nil, readError(s.name, err)
	}
	return filepath.Join(s.store.dir, filepath.FromSlash(s.name)), func() {}, nil
}

func (s *staged) Store(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := s.store.publish(s, key); err != nil {
		return errdefs.As(fmt.Errorf("blob: store %s: %w", key, err))
	}
	s.once.Do(func() { s.file.Close() }) // the name is gone; nothing to discard
	return nil
}

func (s *staged) Discard() {
	s.once.Do(func() {
		// Removed before the lock is released: no sweep can see it unlocked.
		// A failure leaves a file that the next start removes.
		_ = s.store.root.Remove(s.name)
		s.file.Close()
	})
}

// publish makes the content durable first and then its name, so that a power
// cut leaves the whole file or none.
func (l *Local) publish(s *staged, key string) error {
	if err := s.file.Sync(); err != nil {
		return err
	}
	dir := path.Dir(key)
	if err := l.makeDir(dir); err != nil {
		return err
	}
	if err := l.root.Rename(s.name, key); err != nil {
		return err
	}
	return l.syncDir(dir)
}

// makeDir creates dir and its parents, durably.
func (l *Local) makeDir(dir string) error {
	done := "."
	for part := range strings.SplitSeq(dir, "/") {
		next := path.Join(done, part)
		err := l.root.Mkdir(next, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err == nil {
			if err := l.syncDir(done); err != nil {
				return err
			}
		}
		done = next
	}
	return nil
}

func (l *Local) syncDir(dir string) error {
	d, err := l.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// removeAbandoned deletes the temporary files that no process is writing.
func (l *Local) removeAbandoned() error {
	gate, err := l.lock(unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer gate.Close()
	entries, err := fs.ReadDir(l.root.FS(), tempDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(tempDir, e.Name())
		f, err := l.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its writer finished just now
		}
		if err != nil {
			return err
		}
		err = flock(f, unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			err = l.root.Remove(name)
		}
		f.Close()
		if err != nil && !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// lock takes the folder's gate: shared while a temporary file is created and
// locked, exclusive while abandoned ones are looked for.
func (l *Local) lock(how int) (*os.File, error) {
	f, err := l.root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
