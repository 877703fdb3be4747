package manual

import (
	"time"

	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
)

// Stage is a step of the ingest. They follow each other, except that pages are
// in OCR while others are still extracted, and that the index is made several
// times of a long manual.
type Stage string

// The stages, in their order.
const (
	StageScreen  Stage = "screen"  // for active content and viruses
	StageExtract Stage = "extract" // of the text layer, page by page
	StageOCR     Stage = "ocr"     // of pages and parts of pages that are pictures
	StageIndex   Stage = "index"
	StageCodes   Stage = "codes" // the error-code index
	StageCover   Stage = "cover" // what the manual is, read from its first pages
)

// Progress says how far the reading of a manual is. The zero value is that of a
// manual that is done.
type Progress struct {
	// Stage is what is worked on, or what failed; "" when all is done.
	Stage Stage
	// Done and Total count the pages of the stage, those that could not be read
	// among them. Total is 0 where a stage does not count pages, or does not know
	// them yet.
	Done, Total int
	// Rate is in pages per second since the stage began or was resumed; 0 before
	// there is evidence of it, and when nothing has moved for a while.
	Rate float64
	// ETA is how long all stages together will still take; 0 when that cannot be
	// told.
	ETA time.Duration
}

const (
	// A rate is believed after so many pages, or after so many fewer when they took
	// this long: the first pages of a manual are covers and hold little.
	evidencePages, evidenceFew = 8, 2
	evidenceTime               = 3 * time.Second
	// indexPerPage is what index, codes and cover take of a page at least; measured
	// at some 3 to 6 ms. It is small beside the reading, so that an error in it is
	// too. What the last index took counts where there was one.
	indexPerPage = 5 * time.Millisecond
	// standstill is how long a stage may show nothing new before its rate is no
	// longer believed; a page of OCR takes up to some 20 s.
	standstill = 30 * time.Second
)

// progress derives the progress from the manual's row. It counts from the row's
// own times, which are all the database's, so that a node's clock matters only
// for telling a standstill.
func progress(r db.Manual, now time.Time) Progress {
	p := Progress{Stage: Stage(r.Stage)}
	read, ocred := int(r.PagesDone), int(r.OcrDone+r.OcrFailed)
	ocrTotal := ocred + int(r.OcrWaiting)
	switch p.Stage {
	case StageExtract:
		p.Done, p.Total = read, int(r.Pages)
	case StageOCR:
		p.Done, p.Total = ocred, ocrTotal
	}
	if r.StageStartedAt == nil || Status(r.Status) != Processing || now.Sub(r.UpdatedAt) > standstill {
		return p
	}
	elapsed := r.UpdatedAt.Sub(*r.StageStartedAt)
	tail := max(time.Duration(r.Pages)*indexPerPage, time.Duration(float64(r.IndexSeconds)*float64(time.Second)))
	switch p.Stage {
	case StageExtract:
		p.Rate = rate(p.Done-int(r.StageBase), elapsed)
		left, known := remaining(p.Total-p.Done, p.Rate)
		// Pages that turn out to be pictures go to OCR at once, beside the
		// extraction; those still to come are taken to be as many as among the
		// pages so far.
		if known && ocrTotal > 0 {
			// (What of it an earlier attempt did is not noted.)
			expected := ocrTotal * p.Total / max(read, 1)
			var ocr time.Duration
			ocr, known = remaining(expected-ocred, rate(ocred, elapsed))
			known = known && r.StageBase == 0
			left = max(left, ocr)
		}
		if known {
			p.ETA = left + tail
		}
	case StageOCR:
		p.Rate = rate(p.Done-int(r.StageBase), elapsed)
		if left, known := remaining(p.Total-p.Done, p.Rate); known {
			p.ETA = left + tail
		}
	case StageIndex, StageCodes, StageCover:
		p.ETA = max(0, tail-now.Sub(*r.StageStartedAt))
	}
	return p
}

// rate returns the pages per second, or 0 as long as there is no evidence.
func rate(pages int, elapsed time.Duration) float64 {
	if elapsed <= 0 || pages < evidenceFew || pages < evidencePages && elapsed < evidenceTime {
		return 0
	}
	return float64(pages) / elapsed.Seconds()
}

// remaining returns how long the pages take at the rate, and whether that can be
// told.
func remaining(pages int, rate float64) (time.Duration, bool) {
	if pages <= 0 {
		return 0, true
	}
	if rate <= 0 {
		return 0, false
	}
	return time.Duration(float64(pages) / rate * float64(time.Second)), true
}
