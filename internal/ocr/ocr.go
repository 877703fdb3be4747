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
	// takes 1 to 3 s, an exploded view full of hatching has taken 20. Default 2 min.
	PageTime time.Duration
	// Log receives what tesseract says when it fails. Default: nothing is logged.
	Log *slog.Logger
}

// Reader reads pages. It is safe for concurrent use and holds nothing that must
// be closed.
type Reader struct {
	engine renderer
	slots  *semaphore.Weighted
	run    tesseract
	log    *slog.Logger

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
	r := &Reader{engine: c.Engine, slots: c.Slots, log: c.Log}
	r.run = tesseract{command: c.Command, dataDir: c.DataDir, limit: c.PageTime}
	if r.run.command == "" {
		r.run.command = "tesseract"
	}
	if r.run.limit <= 0 {
		r.run.limit = 2 * time.Minute
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
// tesseract, or its English pack, is missing. The finding is remembered for half
// a minute.
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
	r.looked, r.status, r.missing = time.Now(), status, err
	return status, err
}

// unavailable is the error of Available.
func unavailable(cause error) error {
	return errdefs.Wrap(cause, errdefs.Unavailable, "OCR_UNAVAILABLE",
		"Scanned pages cannot be read because tesseract 4 or newer with its English language pack is not installed. "+
			"Install it (Debian: apt-get install tesseract-ocr); waiting pages are picked up by themselves.")
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
	if r.slots != nil {
		if err := r.slots.Acquire(ctx, 1); err != nil {
			return pdf.Page{}, Stats{}, context.Cause(ctx)
		}
		defer r.slots.Release(1)
	}
	w := work{run: r.run, status: status, sheet: sheet, page: &p, language: language}
	scan, err := w.read(ctx)
	if err != nil {
		return pdf.Page{}, Stats{}, r.failed(ctx, err, p.Number)
	}
	out := pdf.Merge(p, scan)
	return out, stats(&out), nil
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
