//go:build unix

package embedded

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// fileLock is an flock on a file of the server's folder. The kernel lets go of
// it when the process ends, however it ends, and children do not inherit it.
type fileLock struct {
	path string
	file *os.File
}

// exclusive waits until no other process holds the lock in any way.
func (l *fileLock) exclusive(ctx context.Context) (unlock func(), err error) {
	if err := l.acquire(ctx, syscall.LOCK_EX); err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil
}

// shared waits until no other process holds the lock exclusively.
func (l *fileLock) shared(ctx context.Context) error {
	return l.acquire(ctx, syscall.LOCK_SH)
}

// tryExclusive reports whether it got the lock, without waiting.
func (l *fileLock) tryExclusive() (bool, error) {
	return l.try(syscall.LOCK_EX)
}

func (l *fileLock) acquire(ctx context.Context, how int) error {
	// Asked again and again, because a blocked flock could not be cancelled.
	wait := 5 * time.Millisecond
	for {
		if got, err := l.try(how); got || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 100*time.Millisecond)
	}
}

func (l *fileLock) try(how int) (bool, error) {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, err
	}
	if err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
			return false, nil
		}
		return false, err
	}
	l.file = file
	return true, nil
}

// Close releases the lock, if it is held.
func (l *fileLock) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
