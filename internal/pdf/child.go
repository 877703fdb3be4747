package pdf

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// work runs one worker and hands its messages to handle, in order. What the
// worker takes once the PDF engine runs is taken from the budget. A worker that has
// only opened the document is kept for who reads it, where workers are kept at all.
func (e *Engine) work(ctx context.Context, file *os.File, req request, b *budget, handle func(*message) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	req.CacheDir = e.cacheDir
	if req.Op == opExtract {
		if c := e.opened(file, req); c != nil {
			_, err := e.converse(ctx, c, b, handle)
			c.end()
			if broken, ok := errors.AsType[*brokenWorker](err); !ok || broken.page > 0 || broken.timeout {
				return err
			}
			// It had ended while it waited.
		}
	}
	req.Stay = req.Op == opProbe && req.Password == "" && e.standby.size > 0
	c, err := e.worker(file, req)
	if err != nil {
		return e.notStarted(err)
	}
	defer e.standby.refillSoon()
	more, err := e.converse(ctx, c, b, handle)
	if info, serr := file.Stat(); more && err == nil && serr == nil {
		e.sessions.keep(&session{child: c, file: info})
	} else {
		c.end()
	}
	return err
}

func (e *Engine) notStarted(err error) error {
	return (&failure{Code: failEngine, Detail: err.Error()}).userError(e.limits)
}

// converse hands the messages of a worker to handle, in order, until it has done
// what it was asked. more says that it waits for something else to do.
func (e *Engine) converse(ctx context.Context, c *child, b *budget, handle func(*message) error) (more bool, err error) {
	stop := context.AfterFunc(ctx, c.kill)
	defer func() {
		if !stop() {
			more = false // it is being killed
		}
	}()

	page, limit := 0, e.limits.StartTime
	if c.ready {
		limit = e.limits.PageTime
	}
	for {
		left := b.spend(0)
		if c.ready {
			limit = min(limit, max(left, minRead))
		}
		m, took, err := c.read(limit)
		if c.ready {
			left = b.spend(took)
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if err != nil {
			c.end()
			slow := c.timedOut.Load() || c.outOfCPU(e.limits.CPU)
			return false, &brokenWorker{page: page, timeout: slow, total: left <= 0, detail: err.Error() + ": " + c.stderr.String()}
		}
		switch {
		case m.Ready:
			c.ready, limit = true, e.limits.FileTime
			continue
		case m.Failure != nil && m.Failure.Code == failTrap:
			return false, &brokenWorker{page: page, detail: m.Failure.Detail}
		case m.Failure != nil:
			return false, m.Failure.userError(e.limits)
		case m.Done:
			return m.More, nil
		case m.Start > 0:
			page, limit = m.Start, e.limits.PageTime
		}
		if err := handle(m); err != nil {
			return false, err
		}
	}
}

// minRead is how long a worker is waited for even when no time is left: it may
// have answered already.
const minRead = time.Millisecond

// child is a running worker.
type child struct {
	cmd      *exec.Cmd
	stdin    io.WriteCloser
	orders   *os.File // takes the further requests of a worker that stays
	ready    bool     // the PDF engine runs
	out      *bufio.Reader
	stderr   tail
	timedOut atomic.Bool
	mu       sync.Mutex // held while the process is killed or waited for
	ended    bool
}

func (e *Engine) start(file *os.File, req request) (*child, error) {
	line, err := req.line()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(e.command[0], e.command[1:]...)}
	c.cmd.Env = []string{} // the worker reads foreign bytes: it gets no secrets
	c.cmd.Dir = "/"
	c.cmd.ExtraFiles = []*os.File{file}
	c.cmd.Stderr = &c.stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.cmd.WaitDelay = time.Second
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	c.out = bufio.NewReaderSize(stdout, 64<<10)
	if req.Stay { // one that stands by has its socket for that
		orders, own, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer orders.Close()
		c.orders, c.cmd.ExtraFiles = own, append(c.cmd.ExtraFiles, orders)
	}
	if err := c.cmd.Start(); err != nil {
		_ = c.orders.Close() // of no orders, it says so
		return nil, err
	}
	// A worker that dies before it reads shows itself by the end of its output.
	_, _ = c.stdin.Write(line)
	return c, nil
}

// kill ends the worker and whatever is in its process group at once. It may be
// called at any time: once the worker has been waited for, its id may be another
// process's and is not used.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// end kills the worker, if it still runs, and waits for it.
func (c *child) end() {
	c.kill()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		_ = c.cmd.Wait()
		_ = c.orders.Close() // of no orders, it says so
		c.ended = true
	}
}

// outOfCPU reports whether the ended worker was killed by the kernel for
// having used its CPU time, which the kernel and wait count a little differently.
func (c *child) outOfCPU(limit time.Duration) bool {
	state := c.cmd.ProcessState
	return state != nil && !state.Exited() && state.UserTime()+state.SystemTime() >= limit*9/10
}

// read returns the worker's next message and how much of its time that took, as
// patience says. It kills the worker after limit.
func (c *child) read(limit time.Duration) (m *message, took time.Duration, err error) {
	began := c.now()
	stop := c.bound(limit)
	defer stop()
	m, err = c.message()
	return m, c.since(began), err
}

// message returns the worker's next message.
func (c *child) message() (*message, error) {
	line, err := c.line()
	if err != nil {
		return nil, err
	}
	m := &message{}
	if err := json.Unmarshal(line, m); err != nil {
		return nil, err
	}
	if m.Bytes > 0 {
		if m.Bytes > maxMessage {
			return nil, errors.New("message too long")
		}
		m.data = make([]byte, m.Bytes)
		if _, err := io.ReadFull(c.out, m.data); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// line returns the worker's next line, valid until the next read.
func (c *child) line() ([]byte, error) {
	var line []byte
	for {
		part, err := c.out.ReadSlice('\n')
		if len(line)+len(part) > maxMessage {
			return nil, errors.New("message too long")
		}
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if err == nil {
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// tail keeps the first bytes that a worker writes to standard error: a Go crash
// tells its reason first, and goes on for long.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	if room := 2048 - t.Len(); room > 0 {
		t.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
