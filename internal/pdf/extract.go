package pdf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// splitPages is from how many pages that are left on a document is read by two
// workers, if there is a slot. Where no worker stands by, the second one costs a
// start, as much CPU as 15 usual pages: with 50 left, both gain by it.
const splitPages = 50

// Range is a run of pages, both ends included.
type Range struct {
	First int `json:"first"` // PDF page number, 1 is the first
	Last  int `json:"last"`  // 0 stands for the last page of the document
}

// ExtractOptions say what to read.
type ExtractOptions struct {
	// Pages are read, in no particular order and each once even if ranges overlap;
	// what lies outside of the document is left out. nil stands for all pages.
	Pages []Range
}

// Visitor receives a document while it is read. An error that a function
// returns stops the reading and is returned by Extract as it is. Both may be
// nil. They are called one at a time, though not always by the same goroutine.
type Visitor struct {
	Document func(Document) error // once, before the pages
	Page     func(Page) error     // once per page, in no particular order
}

// Extract reads the text of the file's pages. It waits for one of the slots; a
// long document is read from both ends by two workers while another slot is
// free, so that its pages come in no particular order. A page that cannot be read
// is reported with Page.Error set and does not end the reading. When an error is
// returned, the pages visited before it are good: reading can go on with those
// that were not.
//
// Codes of its errors: NOT_A_PDF, PDF_ENCRYPTED, PDF_DAMAGED, PDF_NO_PAGES,
// PDF_TOO_LARGE, PDF_TIMEOUT, PDF_ENGINE_UNAVAILABLE, FILE_NOT_FOUND; a
// cancelled context is returned as its cause.
func (e *Engine) Extract(ctx context.Context, path string, o ExtractOptions, v Visitor) error {
	file, err := e.open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	release, err := acquire(ctx, e.slots)
	if err != nil {
		return err
	}
	defer release()

	group, ctx := errgroup.WithContext(ctx)
	x := &extraction{engine: e, file: file, visitor: v, pages: o.Pages, time: &budget{left: e.limits.DocumentTime}, group: group}
	group.Go(func() error { return x.read(ctx, forwards) })
	return group.Wait()
}

// extraction reads one document through as many workers as it takes.
type extraction struct {
	engine  *Engine
	file    *os.File
	visitor Visitor
	pages   []Range // asked for
	time    *budget // for all pages
	group   *errgroup.Group

	mu       sync.Mutex
	known    bool // the document has been visited
	todo     []int
	split    bool // a second worker has been started
	restarts int

	visiting sync.Mutex // held while the visitor is called
	stopped  error      // what it returned, after which it is not called again
}

type direction int

const (
	forwards  direction = iota // from the first page on
	backwards                  // from the last page on
)

// errTaken ends a worker which came to a page that the other one reads: all
// pages are taken.
var errTaken = errors.New("the page is read by another worker")

// read has pages read by one worker after the other until none is left.
func (x *extraction) read(ctx context.Context, d direction) error {
	retry := 0 // the page that broke the last worker and is tried once more
	blind := 0 // the page that broke a worker that only looked at its picture
	for {
		req := request{Op: opExtract, Limits: x.engine.limits, Background: true, Blind: blind}
		if done := x.ask(&req, d, retry); done {
			return nil
		}
		first, current, looked := true, 0, 0
		err := x.engine.work(ctx, x.file, req, x.time, func(m *message) error {
			switch {
			case m.Document != nil:
				return x.document(*m.Document)
			case m.Start > 0:
				first, current = current == 0, m.Start
				if m.Start == retry {
					return nil // taken already
				}
				return x.take(d, m.Start)
			case m.Look:
				looked = current
			case m.Page != nil:
				if m.Page.Number != current {
					return fmt.Errorf("pdf worker sent page %d, want %d", m.Page.Number, current)
				}
				if err := x.visit(*m.Page); err != nil {
					return err
				}
				x.help(ctx)
			}
			return nil
		})
		if err == nil && current > 0 || errors.Is(err, errTaken) {
			retry = 0
			continue // the worker may have stopped early to have its memory freed
		}
		if err == nil {
			if x.ask(&req, d, retry) {
				return nil
			}
			return damaged(errors.New("the worker read no page"))
		}
		if d == backwards && current == 0 && retry == 0 && ctx.Err() == nil {
			x.engine.log.WarnContext(ctx, "a document is read by one worker, since a second one failed to start", "error", err.Error())
			return nil // the first one reads all that is left
		}
		broken, ok := errors.AsType[*brokenWorker](err)
		if !ok {
			return err
		}
		if broken.page == 0 || broken.total || x.exhausted() {
			return broken.documentError()
		}
		if looked == broken.page { // its text was read: that is not to be lost
			x.engine.log.WarnContext(ctx, "the picture of a page broke the PDF engine and was not looked at", "page", broken.page, "timeout", broken.timeout)
			retry, blind = broken.page, broken.page
			continue
		}
		// What broke may be the fault of pages before: the engine grows with each.
		if !first && !broken.timeout {
			retry = broken.page
			continue
		}
		x.engine.log.WarnContext(ctx, "a page broke the PDF engine and was skipped", "page", broken.page, "timeout", broken.timeout)
		x.engine.log.DebugContext(ctx, "what the PDF worker said", "page", broken.page, "detail", broken.detail)
		retry = 0
		if err := x.visit(Page{Number: broken.page, Error: broken.pageError()}); err != nil {
			return err
		}
	}
}

// ask puts the pages into the request that a worker is to read, beginning with
// retry unless that is 0. done says that there are none.
func (x *extraction) ask(req *request, d direction, retry int) (done bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.known {
		req.Pages = x.pages
		return false
	}
	numbers := slices.Clone(x.todo)
	if d == backwards {
		slices.Reverse(numbers)
	}
	if retry > 0 {
		numbers = slices.Insert(numbers, 0, retry)
	}
	req.Order = ranges(numbers)
	return len(numbers) == 0
}

// document is called for each worker's first message.
func (x *extraction) document(doc Document) error {
	x.mu.Lock()
	known := x.known
	if !known {
		x.known, x.todo = true, numbers(x.pages, doc.Pages)
	}
	x.mu.Unlock()
	if known || x.visitor.Document == nil {
		return nil
	}
	x.visiting.Lock()
	defer x.visiting.Unlock()
	return x.visitor.Document(doc)
}

// take notes that the worker of that direction reads the page now.
func (x *extraction) take(d direction, page int) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.todo) == 0 {
		return errTaken
	}
	at := 0
	if d == backwards {
		at = len(x.todo) - 1
	}
	if x.todo[at] != page {
		return fmt.Errorf("pdf worker reads page %d, want %d", page, x.todo[at])
	}
	x.todo = slices.Delete(x.todo, at, at+1)
	return nil
}

// exhausted counts a broken worker and reports whether it was one too many.
func (x *extraction) exhausted() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.restarts++
	return x.restarts > x.engine.limits.Restarts
}

func (x *extraction) visit(p Page) error {
	if x.visitor.Page == nil {
		return nil
	}
	x.visiting.Lock()
	defer x.visiting.Unlock()
	if x.stopped == nil {
		x.stopped = x.visitor.Page(p)
	}
	return x.stopped
}

// help starts a second worker if it is worth it and there is a slot by now.
func (x *extraction) help(ctx context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.split || len(x.todo) < splitPages || !x.engine.slots.TryAcquire(1) {
		return
	}
	x.split = true
	x.group.Go(func() error {
		defer x.engine.slots.Release(1)
		return x.read(ctx, backwards)
	})
}

// numbers returns the numbers of the pages in ascending order.
func numbers(pages []Range, last int) []int {
	if pages == nil {
		pages = []Range{{First: 1}}
	}
	pages = slices.SortedFunc(slices.Values(pages), func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	var out []int
	next := 1
	for _, r := range pages {
		if r.Last <= 0 || r.Last > last {
			r.Last = last
		}
		for n := max(r.First, next); n <= r.Last; n++ {
			out = append(out, n)
		}
		next = max(next, r.Last+1)
	}
	return out
}

// inOrder returns the numbers of the pages as ranges lists them, within the
// document.
func inOrder(ranges []Range, last int) []int {
	var out []int
	for _, r := range ranges {
		step := 1
		if r.First > r.Last {
			step = -1
		}
		for n := r.First; n != r.Last+step; n += step {
			if n >= 1 && n <= last {
				out = append(out, n)
			}
		}
	}
	return out
}

// ranges writes page numbers as the fewest ranges in the same order; a range
// whose first page is after its last runs backwards.
func ranges(numbers []int) []Range {
	var out []Range
	for _, n := range numbers {
		if k := len(out) - 1; k >= 0 {
			r := &out[k]
			if step := n - r.Last; r.First == r.Last && (step == 1 || step == -1) || r.First < r.Last && step == 1 || r.First > r.Last && step == -1 {
				r.Last = n
				continue
			}
		}
		out = append(out, Range{First: n, Last: n})
	}
	return out
}

// budget is time that several workers use up.
type budget struct {
	mu   sync.Mutex
	left time.Duration
}

// spend takes from the budget, unless d is 0, and returns what is left of it.
func (b *budget) spend(d time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left -= d
	return b.left
}
