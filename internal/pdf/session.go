package pdf

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"
)

// A scanned manual is drawn page by page for OCR, with seconds between, and a file that
// was opened to be taken in is read in a moment. Starting a worker and opening the
// document costs about as much as reading ten pages, so that the worker is kept for the
// next request about the same file.
const (
	// sessionPages bounds what one document can do to the worker that draws it; as
	// many pages of PageTime are less than CPU allows.
	sessionPages = 32
	// sessionIdle is longer than OCR takes for most pages.
	sessionIdle = 30 * time.Second
	// sessionMemory is the part of Limits.Memory from which on a worker is not kept:
	// what it waits with is held without a slot.
	sessionMemory = 4
)

// session is a worker that has a document open and takes requests about it.
type session struct {
	child *child
	file  os.FileInfo // tells the document from all others, and from its earlier self
	pages int         // drawn
	idle  *time.Timer // ends it when nobody wants another page
}

// sessions keeps the workers that wait for another request.
type sessions struct {
	most int

	mu     sync.Mutex
	idle   []*session // the one that waits longest first
	closed bool
}

// take returns a worker that has the file open, nil when there is none.
func (k *sessions) take(file os.FileInfo) *session {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, s := range slices.Backward(k.idle) { // so that those beyond need grow old
		if os.SameFile(s.file, file) && s.file.Size() == file.Size() && s.file.ModTime().Equal(file.ModTime()) {
			s.idle.Stop()
			k.idle = slices.Delete(k.idle, i, i+1)
			return s
		}
	}
	return nil
}

// keep has a worker wait for another page.
func (k *sessions) keep(s *session) {
	k.mu.Lock()
	over := s
	if !k.closed {
		over = nil
		s.idle = time.AfterFunc(sessionIdle, func() { k.expire(s) })
		if k.idle = append(k.idle, s); len(k.idle) > k.most {
			over = k.idle[0]
			over.idle.Stop()
			k.idle = slices.Delete(k.idle, 0, 1)
		}
	}
	k.mu.Unlock()
	if over != nil {
		over.child.end()
	}
}

// expire ends a worker, unless it was taken meanwhile.
func (k *sessions) expire(s *session) {
	k.mu.Lock()
	i := slices.Index(k.idle, s)
	if i >= 0 {
		k.idle = slices.Delete(k.idle, i, i+1)
	}
	k.mu.Unlock()
	if i >= 0 {
		s.child.end()
	}
}

// close ends the workers that wait, and has no more kept.
func (k *sessions) close() {
	k.mu.Lock()
	idle := k.idle
	k.idle, k.closed = nil, true
	k.mu.Unlock()
	for _, s := range idle {
		s.idle.Stop()
		s.child.end()
	}
}

// drawNext draws a page by a worker that has the file open, or a new one, which
// is kept for the next page.
func (e *Engine) drawNext(ctx context.Context, file *os.File, o RenderOptions) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if s := e.sessions.take(info); s != nil {
		drawn, err := e.drawAnother(ctx, s, o)
		if err == nil || ctx.Err() != nil || s.child.timedOut.Load() {
			return drawn, err
		}
		// What broke may be the fault of pages before, or the worker had ended.
		e.log.DebugContext(ctx, "a page is drawn again, by a new PDF worker", "page", o.Page, "error", err.Error())
	}
	c, err := e.start(file, e.drawing(o))
	if err != nil {
		return nil, e.notStarted(err)
	}
	return e.draw(ctx, &session{child: c, file: info})
}

// drawing is the request for a page that is drawn in the background.
func (e *Engine) drawing(o RenderOptions) request {
	return request{Op: opRender, CacheDir: e.cacheDir, Render: &o, Stay: true, Limits: e.limits, Background: true}
}

// drawAnother asks a worker that waits for a page.
func (e *Engine) drawAnother(ctx context.Context, s *session, o RenderOptions) ([]byte, error) {
	if err := s.ask(e.drawing(o)); err != nil {
		return nil, damaged(err)
	}
	return e.draw(ctx, s)
}

// ask has a worker that waits do something else, or ends it.
func (s *session) ask(req request) error {
	line, err := req.line()
	if err == nil {
		_, err = s.child.orders.Write(line)
	}
	if err != nil {
		s.child.end()
	}
	return err
}

// opened returns a worker that has the file open since it was probed, and was given
// the request; nil when there is none.
func (e *Engine) opened(file *os.File, req request) *child {
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	for {
		s := e.sessions.take(info)
		if s == nil || s.ask(req) == nil {
			if s == nil {
				return nil
			}
			return s.child
		}
	}
}

// draw receives the page that a worker was asked for, and keeps or ends it.
func (e *Engine) draw(ctx context.Context, s *session) ([]byte, error) {
	var drawn []byte
	more, err := e.converse(ctx, s.child, &budget{left: e.limits.PageTime}, receive(&drawn))
	if s.pages++; err == nil && more && s.pages < sessionPages {
		e.sessions.keep(s)
	} else {
		s.child.end()
	}
	return picture(drawn, err)
}
