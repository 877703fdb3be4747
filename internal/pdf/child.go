package pdf

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// extraction reads one document through as many workers as it takes.
type extraction struct {
	engine  *Engine
	file    *os.File
	visitor Visitor
	next    int           // the page to read next
	pages   int           // of the document, 0 while unknown
	left    time.Duration // of the time for all pages
}

func (x *extraction) run(ctx context.Context) error {
	for restarts := 0; ; {
		req := request{Op: opExtract, From: x.next, Limits: x.engine.limits}
		err := x.engine.work(ctx, x.file, req, &x.left, x.receive)
		broken, ok := errors.AsType[*brokenWorker](err)
		if !ok {
			return err
		}
		if broken.page == 0 || broken.total {
			return broken.documentError()
		}
		x.engine.log.WarnContext(ctx, "a page broke the PDF engine and was skipped", "page", broken.page, "timeout", broken.timeout)
		x.engine.log.DebugContext(ctx, "what the PDF worker said", "page", broken.page, "detail", broken.detail)
		if restarts++; restarts > x.engine.limits.Restarts {
			return broken.documentError()
		}
		if err := x.page(Page{Number: broken.page, Error: broken.pageError()}); err != nil {
			return err
		}
		if x.next > x.pages {
			return nil
		}
	}
}

func (x *extraction) receive(m *message) error {
	switch {
	case m.Document != nil:
		first := x.pages == 0
		x.pages = m.Document.Pages
		if first && x.visitor.Document != nil {
			return x.visitor.Document(*m.Document)
		}
	case m.Page != nil:
		return x.page(*m.Page)
	}
	return nil
}

func (x *extraction) page(p Page) error {
	if p.Number != x.next {
		return fmt.Errorf("pdf worker sent page %d, want %d", p.Number, x.next)
	}
	x.next++
	if x.visitor.Page == nil {
		return nil
	}
	return x.visitor.Page(p)
}

// work runs one worker and hands its messages to handle, in order. left is
// reduced by the time that its pages take.
func (e *Engine) work(ctx context.Context, file *os.File, req request, left *time.Duration, handle func(*message) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	req.CacheDir = e.cacheDir
	c, err := e.start(file, req)
	if err != nil {
		return (&failure{Code: failEngine, Detail: err.Error()}).userError(e.limits)
	}
	defer c.end()
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()

	page, limit := 0, e.limits.StartTime
	for {
		began := time.Now()
		if page > 0 {
			limit = min(limit, max(*left, time.Millisecond))
		}
		line, err := c.read(limit)
		if page > 0 {
			*left -= time.Since(began)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			c.end()
			slow := c.timedOut.Load() || c.outOfCPU(e.limits.CPU)
			return &brokenWorker{page: page, timeout: slow, total: *left <= 0, detail: err.Error() + ": " + c.stderr.String()}
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("pdf worker: %w", err)
		}
		switch {
		case m.Failure != nil && m.Failure.Code == failTrap:
			return &brokenWorker{page: page, detail: m.Failure.Detail}
		case m.Failure != nil:
			return m.Failure.userError(e.limits)
		case m.Done:
			return nil
		case m.Start > 0:
			page, limit = m.Start, e.limits.PageTime
			continue
		}
		if err := handle(&m); err != nil {
			return err
		}
	}
}

// child is a running worker.
type child struct {
	cmd      *exec.Cmd
	stdin    io.WriteCloser
	out      *bufio.Reader
	stderr   tail
	timedOut atomic.Bool
	mu       sync.Mutex // held while the process is killed or waited for
	ended    bool
}

func (e *Engine) start(file *os.File, req request) (*child, error) {
	line, err := json.Marshal(req)
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
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	// A worker that dies before it reads shows itself by the end of its output.
	_, _ = c.stdin.Write(append(line, '\n'))
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
		c.ended = true
	}
}

// outOfCPU reports whether the ended worker was killed by the kernel for
// having used its CPU time, which the kernel and wait count a little differently.
func (c *child) outOfCPU(limit time.Duration) bool {
	state := c.cmd.ProcessState
	return state != nil && !state.Exited() && state.UserTime()+state.SystemTime() >= limit*9/10
}

// read returns the worker's next line. It kills the worker after limit.
func (c *child) read(limit time.Duration) ([]byte, error) {
	timer := time.AfterFunc(limit, func() {
		c.timedOut.Store(true)
		c.kill()
	})
	defer timer.Stop()
	var line []byte
	for {
		part, err := c.out.ReadSlice('\n')
		if len(line)+len(part) > maxMessage {
			return nil, errors.New("message too long")
		}
		if err == nil && line == nil {
			return part, nil // valid until the next read, which is after its use
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
