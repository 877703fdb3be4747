package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

// tracker follows the manuals of an import until all are settled. It is safe for
// concurrent use.
type tracker struct {
	show *progress

	mu      sync.Mutex
	results []importedFile
	waiting map[uuid.UUID]*reading
	last    map[uuid.UUID]manual.Change // of manuals that changed before they were waited for
	closed  bool
	settled chan struct{} // closed when all is done
}

// reading is a manual that is being read, with the files that hold it.
type reading struct {
	files []pendingFile
	heard time.Time
}

type pendingFile struct {
	index   int
	path    string
	started time.Time
	created bool
	kept    []string
}

func newTracker(files int, show *progress) *tracker {
	return &tracker{
		show: show, results: make([]importedFile, files), waiting: map[uuid.UUID]*reading{},
		last: map[uuid.UUID]manual.Change{}, settled: make(chan struct{}),
	}
}

// accepted notes what became of a file at its intake; it is done when its manual is.
func (t *tracker) accepted(i int, path string, started time.Time, a manual.Accepted, noWait bool) {
	f := pendingFile{i, path, started, a.Created, a.Kept}
	t.mu.Lock()
	defer t.mu.Unlock()
	id := a.Manual.ID
	if a.Manual.Settled() || noWait {
		t.finish(f, a.Manual)
		return
	}
	p := t.waiting[id]
	if p == nil {
		p = &reading{heard: time.Now()}
		t.waiting[id] = p
	}
	p.files = append(p.files, f)
	t.show.page(a.Manual)
	if c, ok := t.last[id]; ok {
		t.update(c)
	}
}

// done notes a file that was not taken in.
func (t *tracker) done(i int, r importedFile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.results[i] = r
	t.show.done(r)
}

// close says that no more files come.
func (t *tracker) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.end()
}

func (t *tracker) end() {
	if t.closed && len(t.waiting) == 0 {
		select {
		case <-t.settled:
		default:
			close(t.settled)
		}
	}
}

type followed interface {
	Get(ctx context.Context, id uuid.UUID) (manual.Manual, error)
	WatchAll(ctx context.Context) iter.Seq2[manual.Change, error]
}

// follow notes what happens to the manuals until all are settled.
func (t *tracker) follow(ctx context.Context, manuals followed) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		var err error
		for c, werr := range manuals.WatchAll(watching) {
			if err = werr; err != nil {
				break
			}
			t.mu.Lock()
			t.update(c)
			t.mu.Unlock()
		}
		ended <- err
	}()
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-t.settled:
			stop()
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		case err := <-ended:
			return err
		case <-ticker.C:
			if err := t.ask(ctx, manuals); err != nil {
				return err
			}
		}
	}
}

// ask asks for manuals of which nothing was heard for a while: a short one may be
// settled before anybody watched.
func (t *tracker) ask(ctx context.Context, manuals followed) error {
	const patience, most = 10 * time.Second, 20
	var silent []uuid.UUID
	t.mu.Lock()
	for id, p := range t.waiting {
		if len(silent) < most && time.Since(p.heard) > patience {
			silent = append(silent, id)
		}
	}
	t.mu.Unlock()
	for _, id := range silent {
		m, err := manuals.Get(ctx, id)
		deleted := errdefs.Is(err, errdefs.NotFound)
		if err != nil && !deleted {
			return err
		}
		m.ID = id
		t.mu.Lock()
		t.update(manual.Change{Manual: m, Deleted: deleted})
		t.mu.Unlock()
	}
	return nil
}

// update notes a change of a manual.
func (t *tracker) update(c manual.Change) {
	id := c.Manual.ID
	p := t.waiting[id]
	if p == nil {
		if !t.closed {
			t.last[id] = c
		}
		return
	}
	p.heard = time.Now()
	if !c.Deleted && !c.Manual.Settled() {
		t.show.page(c.Manual)
		return
	}
	delete(t.waiting, id)
	for _, f := range p.files {
		if c.Deleted {
			r := importedFile{File: f.path, Result: "failed", Code: "MANUAL_NOT_FOUND", Error: "Somebody deleted the manual while it was read.", Seconds: since(f.started)}
			t.results[f.index] = r
			t.show.done(r)
			continue
		}
		t.finish(f, c.Manual)
	}
	t.end()
}

// finish notes a file whose manual is settled, or not to be waited for.
func (t *tracker) finish(f pendingFile, m manual.Manual) {
	r := importedFile{
		File: f.path, Result: "imported", ID: m.ID.String(), Title: m.Title, Pages: m.Pages, NoText: m.OCRWaiting,
		Review: m.NeedsReview, NotApplied: f.kept, Seconds: since(f.started),
	}
	switch {
	case m.Status == manual.Failed && m.Error != nil:
		r.Result, r.Code, r.Error = "failed", m.Error.Code, m.Error.Message
	case m.Status == manual.Quarantined && m.Error != nil:
		r.Result, r.Code, r.Error = "quarantined", m.Error.Code, m.Error.Message
	case !f.created:
		r.Result = "known"
	case !m.Settled():
		r.Result, r.NoText = "accepted", 0
	}
	t.results[f.index] = r
	t.show.page(m)
	t.show.done(r)
}

// progress shows how far the import is: a bar in a terminal, a line for each
// file otherwise, nothing when the result is to be JSON. It is safe for
// concurrent use.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	quiet bool
	log   *slog.Logger
	bar   *progressbar.ProgressBar // nil when there is none
	ended chan struct{}            // closed when the bar is not drawn any more
	// Pages per manual, to count on the bar, those for OCR once more; files that
	// are not open yet count as if they were as long as the average of the others.
	total, read map[uuid.UUID]int
	files, ends int
}

func newProgress(e *env, quiet bool, files int) *progress {
	p := &progress{
		out: e.stdout, quiet: quiet, log: e.log, files: files, total: map[uuid.UUID]int{}, read: map[uuid.UUID]int{},
		ended: make(chan struct{}),
	}
	if e.terminal && !quiet {
		p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription("reading"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("pages"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(redraw),
			progressbar.OptionSetRenderBlankState(true),   // the first page may take seconds
			progressbar.OptionSetSpinnerChangeInterval(0)) // or it draws whenever it likes, over a question as well
		go p.spin()
	}
	return p
}

// redraw is how often the bar is drawn at most, and while no page is read.
const redraw = 100 * time.Millisecond

// spin shows that the import goes on while no page is read.
func (p *progress) spin() {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-p.ended:
			return
		case <-ticker.C:
			p.mu.Lock()
			if p.bar != nil {
				p.note(p.bar.RenderBlank())
			}
			p.mu.Unlock()
		}
	}
}

// page notes how far a manual is.
func (p *progress) page(m manual.Manual) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil || m.Pages == 0 {
		return
	}
	p.total[m.ID] = m.Pages + m.OCRWaiting + m.OCRDone + m.OCRFailed
	p.read[m.ID] = m.PagesDone + m.OCRDone + m.OCRFailed
	if m.Settled() {
		p.read[m.ID] = p.total[m.ID]
	}
	total, read := 0, 0
	for _, n := range p.total {
		total += n
	}
	for _, n := range p.read {
		read += n
	}
	total = total * max(p.files, len(p.total)) / len(p.total)
	p.bar.ChangeMax(total)
	p.note(p.bar.Set(max(0, min(read, total-1))))
}

// hold has the terminal to itself while f runs.
func (p *progress) hold(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.note(p.bar.Clear())
	}
	f()
}

// done shows what became of a file.
func (p *progress) done(r importedFile) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ends++
	if p.bar != nil {
		p.note(p.bar.Clear())
		p.bar.Describe(fmt.Sprintf("reading, %d of %d files done", p.ends, p.files))
	}
	name := oneLine(r.File)
	switch r.Result {
	case "failed":
		fmt.Fprintf(p.out, "failed    %s: %s\n", name, oneLine(r.Error))
	case "quarantined":
		fmt.Fprintf(p.out, "held back %s: %s (%s)\n", name, oneLine(r.Error), r.ID)
	case "accepted":
		fmt.Fprintf(p.out, "taken in  %s (%s)\n", name, r.ID)
	case "known":
		fmt.Fprintf(p.out, "known     %s (%d pages, %s)\n", name, r.Pages, r.ID)
		if len(r.NotApplied) > 0 {
			fmt.Fprintf(p.out, "          not changed, since it says something else: %s; the API's PATCH /api/v1/manuals/%s changes it\n",
				strings.Join(r.NotApplied, ", "), r.ID)
		}
	default:
		fmt.Fprintf(p.out, "imported  %s (%d pages in %.1f s, %s)\n", name, r.Pages, r.Seconds, r.ID)
		if r.NoText > 0 {
			fmt.Fprintf(p.out, "          %d of its pages wait for OCR, and cannot be asked yet\n", r.NoText)
		}
	}
}

// finish removes the bar. It is called once.
func (p *progress) finish() {
	close(p.ended)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.note(p.bar.Finish())
		p.bar = nil
	}
}

// note drops the bar when it cannot be drawn: the import matters, not the bar.
func (p *progress) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) {
		p.bar = nil
	}
}
