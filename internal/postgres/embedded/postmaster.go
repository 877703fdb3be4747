//go:build unix

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postmaster is a server process as its data folder's postmaster.pid tells.
type postmaster struct {
	pid          int
	data         string // the folder whose file this is
	servedFolder string // the folder it was started on, as the file says
	socketDir    string // "" until the server has made its socket
}

// readPostmaster returns what postmaster.pid says, nil when there is none. The
// file outlives a server that was killed.
func readPostmaster(data string) (*postmaster, error) {
	content, err := os.ReadFile(pidFile(data))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Lines: pid, data folder, start time, port, socket folder, ...
	lines := strings.Split(string(content), "\n")
	p := &postmaster{pid: firstNumber(content), data: data}
	if len(lines) > 4 {
		p.servedFolder = strings.TrimSpace(lines[1])
		p.socketDir = strings.TrimSpace(lines[4])
	}
	return p, nil
}

// firstNumber reads the process number in a lock file's first line; 0, which no
// server has, when there is none.
func firstNumber(content []byte) int {
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0
	}
	return pid
}

func pidFile(data string) string { return filepath.Join(data, "postmaster.pid") }

// alive reports whether the process runs and is the server of this data folder,
// not another process that got the number of one long gone.
func (p *postmaster) alive() bool {
	return p.pid > 1 && pidInUse(p.pid) && servesFolder(p.pid, p.data)
}

func pidInUse(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// terminate stops the server and waits until it is gone. A fast shutdown comes
// first; a server that does not manage it within 30 s is told to stop at once,
// which its next start repairs from the write-ahead log.
func (p *postmaster) terminate(ctx context.Context) error {
	for _, step := range []struct {
		signal   syscall.Signal
		patience time.Duration
	}{{syscall.SIGINT, 30 * time.Second}, {syscall.SIGQUIT, 15 * time.Second}} {
		if err := syscall.Kill(p.pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the database server (process %d): %w", p.pid, err)
		}
		gone, err := p.awaitEnd(ctx, step.patience)
		if gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("the database server (process %d) does not stop", p.pid)
}

func (p *postmaster) awaitEnd(ctx context.Context, patience time.Duration) (bool, error) {
	deadline := time.Now().Add(patience)
	for wait := 5 * time.Millisecond; p.alive(); wait = min(2*wait, 50*time.Millisecond) {
		if time.Now().After(deadline) {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(wait):
		}
	}
	return true, nil
}
