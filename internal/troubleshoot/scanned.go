package troubleshoot

import (
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Stands reports whether a text stands on a page by the rules by which quotes are
// accepted: contiguous, in order, whole words, in one cell where it is in a table.
// It is what the evaluation checks readings of pictures with.
func Stands(p *pdf.Page, text string) bool {
	v := newVerifier([]*page{{manual: uuid.Nil, pdf: p}})
	_, ok := v.find(pageKey{uuid.Nil, p.Number}, text, nil)
	return ok
}

// confidence returns the lowest confidence with which OCR read one of the words, 0
// when all are of the text layer.
func confidence(p *pdf.Page, words []int) int {
	lowest := 0
	for _, w := range words {
		if c := int(p.Words[w].Confidence); c > 0 && (lowest == 0 || c < lowest) {
			lowest = c
		}
	}
	return lowest
}
