//go:build unix

package embedded

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// A lock is an flock on a file of the server's folder, held until unlockFile. The
// kernel lets go of it when the process ends, however it ends, and programs that
// are started do not inherit it.

// lockFile waits for a lock, exclusive (LOCK_EX) or shared (LOCK_SH).
func lockFile(ctx context.Context, path string, how int) (*os.File, error) {
	// Asked again and again, because a blocked flock could not be cancelled.
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		if file, err := tryLockFile(path, how); file != nil || err != nil {
			return file, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// tryLockFile returns nil when somebody else holds the lock.
func tryLockFile(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
			return nil, nil
		}
		return nil, err
	}
	return file, nil
}

// unlockFile gives up a lock at once. To close the file would not: a child that this
// process is just starting has it open, too, until it runs its program.
func unlockFile(file *os.File) error {
	return errors.Join(syscall.Flock(int(file.Fd()), syscall.LOCK_UN), file.Close())
}
