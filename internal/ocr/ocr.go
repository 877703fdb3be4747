// Package ocr reads the text that is drawn on a page and in no text layer: scans,
// pictures of tables, letters as outlines, fonts without a usable map.
//
// A Reader has the PDF engine draw the page, hands the picture to the tesseract
// program, a process of its own under limits, and merges the words it finds, each
// with its box and confidence, into the page. It does not decide which pages need
// it (pdf.Page.OCR does) and stores nothing.
package ocr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// renderer draws pages; a *pdf.Engine does.
type renderer interface {
	Render(ctx context.Context, path string, o pdf.RenderOptions) ([]byte, error)
}

// Config says how a Reader works. Engine is required.
type Config struct {
	Engine renderer
	// Slots bound the heavy work of this process; a page holds one while tesseract
	// runs. It is to be the one that Engine has. Default: none, pages are not held back.
	Slots *semaphore.Weighted
	// Command is the tesseract program, by name or path. Default "tesseract".
	Command string
	// DataDir holds tesseract's language packs (TESSDATA_PREFIX). Default: where the
	// program was built to look.
	DataDir string
	// PageTime is how long tesseract may take for one picture of a page. A usual page
	// takes 1 to 3 s, an exploded view full of hatching has taken 20. Default 60 s.
	PageTime time.Duration
	// SlotTime is how long a page that takes long keeps its slot from other work.
	// After that it gives the slot back and is read on; at most one page at a time
	// is read without a slot. So pages hold all slots for no longer than that, as
	// long as no more of them are read at once than there are slots. Default 10 s.
	SlotTime time.Duration
	// Log receives what tesseract says when it fails, and whenever it comes or goes.
	// Default: nothing is logged.
	Log *slog.Logger
}

// Reader reads pages. It is safe for concurrent use and holds nothing that must
// be closed.
type Reader struct {
	engine   renderer
	slots    *semaphore.Weighted
	slotTime time.Duration
	lent     chan struct{} // holds one while a page is read without its slot
	run      tesseract
	log      *slog.Logger

	mu      sync.Mutex // held while tesseract is looked for
	looked  time.Time
	status  Status
	missing error
}

// Status is what is installed.
type Status struct {
	Version   string   // of tesseract, such as 5.3.0
	Languages []string // ISO 639-1, sorted, of the packs that are used
	packs     map[string]bool
}

// Stats say what a page's OCR found.
type Stats struct {
	Words int // that were added to the page
	// Confidence is the mean confidence of these words weighted by their length, 0
	// to 100; 0 when there are none.
	Confidence float64
}

// New returns a Reader. It starts nothing: tesseract may be installed later.
func New(c Config) *Reader {
	r := &Reader{engine: c.Engine, slots: c.Slots, slotTime: c.SlotTime, lent: make(chan struct{}, 1), log: c.Log}
	r.run = tesseract{command: c.Command, dataDir: c.DataDir, limit: c.PageTime}
	if r.run.command == "" {
		r.run.command = "tesseract"
	}
	if r.run.limit <= 0 {
		r.run.limit = time.Minute
	}
	if r.slotTime <= 0 {
		r.slotTime = 10 * time.Second
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r
}

// lookAgain is how long a finding of Available holds, so that an installation is
// noticed without a restart.
const lookAgain = 30 * time.Second

// Available says what is installed. Its error has the code OCR_UNAVAILABLE when
// tesseract 5, or its English pack, is missing, and says why. The finding is
// remembered for half a minute, and logged when it is another one.
func (r *Reader) Available(ctx context.Context) (Status, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.looked.IsZero() && time.Since(r.looked) < lookAgain {
		return r.status, r.missing
	}
	status, err := r.run.status(ctx)
	if ctx.Err() != nil {
		return Status{}, context.Cause(ctx)
	}
	was := r.missing
	r.looked, r.status, r.missing = time.Now(), status, err
	switch {
	case err != nil && (was == nil || was.Error() != err.Error()):
		r.log.WarnContext(ctx, "scanned pages cannot be read: tesseract is not available", "command", r.run.command, "error", errors.Unwrap(err))
	case err == nil && was != nil:
		r.log.InfoContext(ctx, "tesseract is available again", "command", r.run.command, "version", status.Version)
	}
	return status, err
}

// unavailable is the error of Available.
func unavailable(command string, cause error) error {
	return errdefs.Wrap(cause, errdefs.Unavailable, "OCR_UNAVAILABLE",
		"Scanned pages cannot be read: TESSERACT=%s cannot be used (%v). Install tesseract %d with its English language pack "+
			"(Debian: apt-get install tesseract-ocr) or set TESSERACT to its path; waiting pages are picked up by themselves.",
		command, cause, minVersion)
}

// Read reads the regions p.OCR of page p of the file and returns the page with
// their words merged in, and its OCR regions emptied. language is that of the manual, ISO 639-1,
// or "" when it is not known. A page without regions is returned as it is.
//
// Codes of its errors: OCR_UNAVAILABLE, OCR_TIMEOUT, OCR_FAILED and those of
// pdf.Engine.Render; a cancelled context is returned as its cause.
func (r *Reader) Read(ctx context.Context, path string, p pdf.Page, language string) (pdf.Page, Stats, error) {
	if len(p.OCR) == 0 {
		return p, Stats{}, nil
	}
	status, err := r.Available(ctx)
	if err != nil {
		return pdf.Page{}, Stats{}, err
	}
	sheet, err := r.draw(ctx, path, &p)
	if err != nil {
		return pdf.Page{}, Stats{}, err
	}
	release, err := r.takeSlot(ctx)
	if err != nil {
		return pdf.Page{}, Stats{}, err
	}
	defer release()
	w := work{run: r.run, status: status, sheet: sheet, page: &p, language: language}
	scan, err := w.read(ctx)
	if err != nil {
		return pdf.Page{}, Stats{}, r.failed(ctx, err, p.Number)
	}
	out := pdf.Merge(p, scan)
	return out, stats(&out), nil
}

// takeSlot waits for a slot for one page; release is to follow. A page that takes
// longer than SlotTime lends its slot to others, unless another page does.
func (r *Reader) takeSlot(ctx context.Context) (release func(), err error) {
	if r.slots == nil {
		return func() {}, nil
	}
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, context.Cause(ctx)
	}
	read, released := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(released)
		patience := time.NewTimer(r.slotTime)
		defer patience.Stop()
		select {
		case <-read:
			r.slots.Release(1)
			return
		case <-patience.C:
		}
		select {
		case <-read:
			r.slots.Release(1)
		case r.lent <- struct{}{}:
			r.slots.Release(1)
			<-read
			<-r.lent
		}
	}()
	return func() {
		close(read)
		<-released
	}, nil
}

// failed makes an error of tesseract one for users.
func (r *Reader) failed(ctx context.Context, err error, page int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.log.WarnContext(ctx, "a page could not be read by OCR", "page", page, "error", err.Error())
	if errors.Is(err, errTimeout) {
		return errdefs.Wrap(err, errdefs.Timeout, "OCR_TIMEOUT", "Reading the picture of page %d took too long and was stopped. Retry the manual when the machine is less busy.", page)
	}
	return errdefs.Wrap(fmt.Errorf("page %d: %w", page, err), errdefs.Internal, "OCR_FAILED", "The picture of page %d could not be read. Retry the manual; if it fails again, the page is damaged.", page)
}

// stats sums up the words of a page that came from OCR.
func stats(p *pdf.Page) Stats {
	var s Stats
	var sum, chars float64
	for _, w := range p.Words {
		if w.Confidence > 0 {
			n := float64(len(w.Text))
			s.Words++
			sum += n * float64(w.Confidence)
			chars += n
		}
	}
	if chars > 0 {
		s.Confidence = sum / chars
	}
	return s
}
