package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// hundred is a manual of 100 text pages, from its upload until it is ready,
// beside PyMuPDF that only reads its text.
type hundred struct {
	Pages   int     `json:"pages"`
	Seconds float64 `json:"seconds"`         // upload until all stages but OCR are done
	PyMuPDF float64 `json:"pymupdf_seconds"` // rawdict of all pages, alone
	Ratio   float64 `json:"ratio"`           // the median of each round's
}

func (b *bench) hundredPages(ctx context.Context, rounds int) (hundred, error) {
	h := hundred{Pages: 100}
	pages, err := b.textPages(ctx)
	if err != nil {
		return h, err
	}
	file := filepath.Join(b.scratch, "hundred.pdf")
	if err := b.assemble(ctx, pages, 0, h.Pages, file); err != nil {
		return h, err
	}
	script, err := b.script()
	if err != nil {
		return h, err
	}
	s, err := b.serve(ctx, filepath.Join(b.scratch, "hundred"), "--tesseract", "none")
	if err != nil {
		return h, err
	}
	defer s.stop()
	var ours, theirs, ratios []float64
	for round := range rounds + 1 {
		copied := filepath.Join(b.scratch, "hundred-"+strconv.Itoa(round)+".pdf")
		if err := vary(file, copied, round); err != nil {
			return h, err
		}
		began := time.Now()
		address, err := s.upload(ctx, copied)
		if err != nil {
			return h, err
		}
		if _, err := s.read(ctx, address, 20*time.Millisecond); err != nil {
			return h, err
		}
		mine := time.Since(began)
		other, err := measure(ctx, "/usr/bin/python3", script, "rawdict", copied)
		if err != nil {
			return h, err
		}
		if round > 0 { // the first fills caches
			ours, theirs = append(ours, mine.Seconds()), append(theirs, other.wall.Seconds())
			ratios = append(ratios, mine.Seconds()/other.wall.Seconds())
		}
	}
	h.Seconds, h.PyMuPDF, h.Ratio = middle(ours), middle(theirs), middle(ratios)
	return h, nil
}

func (h hundred) print() {
	fmt.Printf("\n%d text pages, from upload until they can be asked: %.2f s; PyMuPDF rawdict: %.2f s; ratio %.2f (at most 2)\n",
		h.Pages, h.Seconds, h.PyMuPDF, h.Ratio)
}
