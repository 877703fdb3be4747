package search

import (
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// Printed is a text of a manual with the words that say it.
type Printed struct {
	Text string `json:"text"` // as printed
	// Heading is the column's, or what the text stands for, as printed; "" when
	// nothing is.
	Heading string           `json:"heading,omitempty"`
	Words   []structure.Span `json:"words"`
	Boxes   []PageBox        `json:"boxes"` // of the words, one per line
}

// PageBox is a place on a page.
type PageBox struct {
	Page int     `json:"page"` // PDF page number
	Box  pdf.Box `json:"box"`  // points
}

// Empty reports whether nothing is printed.
func (p *Printed) Empty() bool { return len(p.Words) == 0 }

// ref is a word of a manual.
type ref struct{ page, word int }

// sheets are the pages of a manual by number.
type sheets map[int]*pdf.Page

func newSheets(pages []pdf.Page) sheets {
	out := sheets{}
	for i := range pages {
		out[pages[i].Number] = &pages[i]
	}
	return out
}

func (s sheets) word(r ref) *pdf.Word { return &s[r.page].Words[r.word] }

// refs returns the words of spans that exist.
func (s sheets) refs(spans ...structure.Span) []ref {
	var out []ref
	for _, sp := range spans {
		p := s[sp.Page]
		for _, w := range sp.Words {
			if p != nil && w >= 0 && w < len(p.Words) {
				out = append(out, ref{sp.Page, w})
			}
		}
	}
	return out
}

func (s sheets) text(refs []ref) string {
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = s.word(r).Text
	}
	return strings.Join(out, " ")
}

// printed makes a Printed of words.
func (s sheets) printed(heading string, refs []ref) Printed {
	out := Printed{Text: s.text(refs), Heading: heading}
	line, page := -1, 0
	for _, r := range refs {
		if r.page != page {
			page = r.page
			out.Words = append(out.Words, structure.Span{Page: r.page})
			line = -1
		}
		last := &out.Words[len(out.Words)-1]
		last.Words = append(last.Words, r.word)
		at, box := s.line(r), s.word(r).Box
		if at == line && line >= 0 {
			b := &out.Boxes[len(out.Boxes)-1].Box
			*b = b.Union(box)
			continue
		}
		line = at
		out.Boxes = append(out.Boxes, PageBox{r.page, box})
	}
	return out
}

// line returns the index of the line that a word stands on, -1 for none.
func (s sheets) line(r ref) int { return s[r.page].LineOf(r.word) }

// extent is where a word lies along its line and across it, in points, in the
// direction in which it is read.
type extent struct{ from, to, top, bottom float64 }

func (e extent) middle() float64 { return (e.from + e.to) / 2 }
func (e extent) across() float64 { return (e.top + e.bottom) / 2 }
func (e extent) height() float64 { return e.bottom - e.top }

func (s sheets) extent(r ref) extent {
	b := s.word(r).Box
	turn := uint8(0)
	if l := s.line(r); l >= 0 {
		turn = s[r.page].Lines[l].Turn % 4
	}
	switch turn {
	case 1: // read upwards
		return extent{-b.Y1, -b.Y0, b.X0, b.X1}
	case 2:
		return extent{-b.X1, -b.X0, -b.Y1, -b.Y0}
	case 3:
		return extent{b.Y0, b.Y1, -b.X1, -b.X0}
	}
	return extent{b.X0, b.X1, b.Y0, b.Y1}
}

// around returns the extent of several words.
func (s sheets) around(refs []ref) extent {
	out := s.extent(refs[0])
	for _, r := range refs[1:] {
		e := s.extent(r)
		out = extent{min(out.from, e.from), max(out.to, e.to), min(out.top, e.top), max(out.bottom, e.bottom)}
	}
	return out
}

// confidence is the lowest that OCR gave one of the words, 0 when the file has
// the text itself.
func (s sheets) confidence(refs []ref) int {
	out := 0
	for _, r := range refs {
		if c := int(s.word(r).Confidence); c > 0 && (out == 0 || c < out) {
			out = c
		}
	}
	return out
}
