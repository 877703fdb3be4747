package pdf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A worker takes a tenth of a second to start, of which the document needs
// nothing. So an engine may keep workers that have started, are confined and wait
// for their one document: it comes, with the request, over a socket that is the
// worker's descriptor 3. The socket is closed with that, or brings further requests
// about the same document. What such a worker may
// do is no more than what one does that is started for its document: it needs to
// open nothing, and the filter of system calls is the same and in force before.

// standby holds workers that wait for a document.
type standby struct {
	engine *Engine
	size   int

	mu       sync.Mutex
	waiting  []*waitingChild
	starting *waitingChild // not ready yet
	later    *time.Timer   // before they are refilled
	filling  bool
	closed   bool
	filled   sync.WaitGroup
}

// waitingChild is a worker without a document, and the way to give it one.
type waitingChild struct {
	*child
	socket *os.File
}

func (w *waitingChild) drop() {
	w.socket.Close()
	w.end()
}

// take returns a worker that has the file and the request, nil if none waits.
func (s *standby) take(file *os.File, req request) *child {
	for {
		s.mu.Lock()
		if len(s.waiting) == 0 {
			s.mu.Unlock()
			return nil
		}
		w := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.mu.Unlock()
		err := w.give(file, req)
		if err == nil && req.Stay {
			w.orders = w.socket
			return w.child
		}
		w.socket.Close()
		if err == nil {
			return w.child
		}
		w.end() // it died while it waited
	}
}

// refillPause is how long the places of workers stay empty that were given a document:
// who waits for that needs the processors more.
const refillPause = 1500 * time.Millisecond

// refillSoon does what refill does, in a while.
func (s *standby) refillSoon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.later == nil && !s.closed && len(s.waiting) < s.size {
		s.later = time.AfterFunc(refillPause, func() {
			s.mu.Lock()
			s.later = nil
			s.mu.Unlock()
			s.refill()
		})
	}
}

// refill starts workers until as many wait as are to, and does not wait for that.
func (s *standby) refill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.filling || s.closed || len(s.waiting) >= s.size {
		return
	}
	s.filling = true
	s.filled.Go(func() {
		for s.add() {
		}
	})
}

// add starts a worker, one after the other: the first compiles the PDF engine where
// that is not cached. It reports whether another one is to follow.
func (s *standby) add() (more bool) {
	w, err := s.engine.startWaiting()
	s.mu.Lock()
	if err == nil && s.closed {
		w.drop()
		err = errors.New("closed")
	}
	if err != nil {
		// Whoever needs a worker next is told why none can be started.
		s.filling = false
		s.mu.Unlock()
		return false
	}
	s.starting = w
	s.mu.Unlock()

	ready := w.isReady(s.engine.limits.StartTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting = nil
	if ready && !s.closed {
		s.waiting = append(s.waiting, w)
		s.filling = len(s.waiting) < s.size
	} else {
		w.drop()
		s.filling = false
	}
	return s.filling
}

// isReady waits for the worker's first message, which is left for whoever works
// with it, and kills it after limit.
func (w *waitingChild) isReady(limit time.Duration) bool {
	stop := w.bound(limit)
	defer stop()
	const sign = `{"ready":true`
	first, err := w.out.Peek(len(sign))
	return err == nil && string(first) == sign
}

// close ends the workers that wait. None is started afterwards.
func (s *standby) close() {
	s.mu.Lock()
	s.closed = true
	if s.later != nil {
		s.later.Stop()
	}
	for _, w := range s.waiting {
		w.drop()
	}
	s.waiting = nil
	if s.starting != nil {
		s.starting.kill()
	}
	s.mu.Unlock()
	s.filled.Wait()
}

// worker returns a worker that has the file and the request: one that waits for
// them, or a new one. Screening needs no PDF engine, but the memory it takes.
func (e *Engine) worker(file *os.File, req request) (*child, error) {
	if req.Op != opScreen {
		if c := e.standby.take(file, req); c != nil {
			return c, nil
		}
	}
	return e.start(file, req)
}

// startWaiting starts a worker without a document.
func (e *Engine) startWaiting() (*waitingChild, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c, err := e.start(theirs, request{Op: opWait, CacheDir: e.cacheDir, Limits: e.limits})
	if err != nil {
		ours.Close()
		return nil, err
	}
	return &waitingChild{c, ours}, nil
}

func socketPair() (ours, theirs *os.File, err error) {
	syscall.ForkLock.RLock() // no child of another goroutine is to get them
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socket for a worker: %w", err)
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	return os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "parent"), nil
}

// give sends the request, as a line, and with its first byte the file.
func (w *waitingChild) give(file *os.File, req request) error {
	line, err := req.line()
	if err != nil {
		return err
	}
	socket, doc := int(w.socket.Fd()), int(file.Fd())
	n, err := unix.SendmsgN(socket, line, unix.UnixRights(doc), nil, unix.MSG_NOSIGNAL)
	for err == nil && n < len(line) {
		line = line[n:]
		n, err = unix.SendmsgN(socket, line, nil, nil, unix.MSG_NOSIGNAL)
	}
	return err
}

// await returns what give has sent, once it has. It closes the socket unless further
// requests come over it.
func await(socket *os.File) (req request, file *os.File, err error) {
	defer func() {
		if !req.Stay {
			socket.Close()
		}
	}()
	var line []byte
	buf, control := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(4))
	for len(line) == 0 || line[len(line)-1] != '\n' {
		n, controls, _, _, err := unix.Recvmsg(int(socket.Fd()), buf, control, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err == nil && n == 0:
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return req, nil, fmt.Errorf("wait for a document: %w", err)
		}
		if controls > 0 {
			if file, err = received(control[:controls]); err != nil {
				return req, nil, fmt.Errorf("wait for a document: %w", err)
			}
		}
		line = append(line, buf[:n]...)
	}
	if file == nil {
		return req, nil, errors.New("wait for a document: none came")
	}
	err = json.Unmarshal(line, &req)
	return req, file, err
}

func received(control []byte) (*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	if len(messages) != 1 {
		return nil, fmt.Errorf("%d control messages", len(messages))
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fds[0]), "document.pdf"), nil
}
