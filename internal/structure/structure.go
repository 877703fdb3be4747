// Package structure reads what a manual is made of from its extracted pages: its
// sections with what they hold for, its tables with the headings, units and
// conditions of each cell, its drawings, its printed page labels, and what of it
// is printed twice.
//
// It is pure: the same pages give the same Document, nothing is stored and no
// word is made up. Whatever it states about a page points at the words that say
// it, so that it can be quoted; what it cannot tell is left empty. It does not
// decide which words of a page belong to which cell (package pdf does) and keeps
// no index (package search does).
package structure

import (
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Options are what is known of a manual besides its pages.
type Options struct {
	Outline []pdf.OutlineEntry // in any order; entries without a page are ignored
	// Languages are those of the pages, ISO 639-1, by PDF page number. A page that is
	// missing counts as one in an unknown language.
	Languages map[int]string
	// Models are the names of the models that the manual is for, as the library has
	// them. They are recognised wherever they are printed; other designations only
	// where the manual calls them models.
	Models []string
}

// Document is the structure of a manual. The slices are in page order.
type Document struct {
	Sections []Section `json:"sections,omitempty"`
	Tables   []Table   `json:"tables,omitempty"`
	Drawings []Drawing `json:"drawings,omitempty"`
	// Labels are the printed page labels by PDF page number: facts only, so that a
	// page whose label is not certain has none.
	Labels map[int]string `json:"labels,omitempty"`
	// Doubles are the pages and regions that repeat others.
	Doubles []Double `json:"doubles,omitempty"`
	// LineLanguages are the languages, ISO 639-1, of each line of the pages on which
	// several languages take turns, by PDF page number; "" for a line that does not
	// tell. Pages of one language are not in it.
	LineLanguages map[int][]string `json:"line_languages,omitempty"`

	rows map[rowKey][]rowPlace
}

// Span is a run of words of one page: what can be quoted and boxed.
type Span struct {
	Page  int   `json:"page"`  // PDF page number
	Words []int `json:"words"` // indices into the page's words, in reading order
}

// Text returns the words as printed, separated by spaces. Words that the page
// does not have are left out.
func (s Span) Text(p *pdf.Page) string {
	out := make([]string, 0, len(s.Words))
	for _, w := range s.Words {
		if w >= 0 && w < len(p.Words) {
			out = append(out, p.Words[w].Text)
		}
	}
	return strings.Join(out, " ")
}

// Fact is a text with the words that say it.
type Fact struct {
	Text string `json:"text"` // as printed
	Span
}

// Double says that a page, or a region of it, repeats another.
type Double struct {
	Page int     `json:"page"`          // PDF page number of the repetition
	Box  pdf.Box `json:"box"`           // what of the page is a repetition; zero for all of it
	Of   int     `json:"of"`            // PDF page number of what is repeated
	Kind string  `json:"kind"`          // spread (a booklet's sheet that shows it again) or language (a copy in another language)
	From pdf.Box `json:"from,omitzero"` // what is repeated of page Of; zero for all of it
}

// The kinds of Double.
const (
	DoubleSpread   = "spread"
	DoubleLanguage = "language"
)
