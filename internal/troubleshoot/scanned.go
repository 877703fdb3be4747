package troubleshoot

import (
	"slices"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
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

// Doubtful is the confidence, 1 to 100, below which a reader is told that OCR may
// have read a figure wrongly. Sound print has 90 and more; wrong digits have come
// with up to 88.
const Doubtful = 90

// doubtfulFigures returns those of the words that hold a digit and were read with
// less than certainty, as they were read, each once.
func doubtfulFigures(p *pdf.Page, words []int) []string {
	var out []string
	for _, w := range words {
		if word := p.Words[w]; word.Confidence > 0 && word.Confidence < Doubtful && textnorm.HasDigit(word.Text) && !slices.Contains(out, word.Text) {
			out = append(out, word.Text)
		}
	}
	return out
}
