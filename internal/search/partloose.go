package search

import (
	"math"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

const (
	// looseRows is how many lines with a number in one place make a list.
	looseRows = 4
	// looseGap divides what stands side by side in one line, as a part of its height.
	looseGap = 1.6
)

// lists reads the lists that are no tables: the lines under headings of a parts list
// that are too few to make columns, and lines that begin with a part number, one
// below the other, on pages that speak of parts.
func (r *partReader) lists() {
	for page := range r.sheets {
		if r.speaksOfParts(page) {
			r.headed(page)
			r.loose(page)
		}
	}
}

// headed reads the lines under a line of headings.
func (r *partReader) headed(page int) {
	p := r.sheets[page]
	inTable := tableWords(p)
	for i, l := range p.Lines {
		if l.Count < 2 || l.Count > headingWords || l.Cipher || inTable[l.First] {
			continue
		}
		heads := r.runs(page, l)
		number, describes := -1, -1
		for k, h := range heads {
			switch partHeading(r.sheets.text(h)) {
			case structure.RolePartNumber:
				number = k
			case structure.RoleMeaning:
				describes = k
			default:
			}
		}
		if len(heads) != 2 || number < 0 || describes < 0 {
			continue
		}
		columns := []extent{r.sheets.around(heads[0]), r.sheets.around(heads[1])}
		last := columns[0]
		for _, below := range p.Lines[i+1:] {
			if below.Count == 0 {
				continue
			}
			cells := r.runs(page, below)
			e := r.sheets.around(cells[0])
			if e.top-last.bottom > headedGap*e.height() || e.top < last.top {
				break
			}
			if len(cells) != 2 || inTable[below.First] || !beneath(columns[0], r.sheets.around(cells[0])) || !beneath(columns[1], r.sheets.around(cells[1])) {
				break // the description goes on, or the list is at its end
			}
			text, ok := spelled(strings.Fields(r.sheets.text(cells[number])))
			if !ok || !lettered(r.sheets.text(cells[describes])) || r.sheets.confidence(cells[number]) > 0 {
				break
			}
			row := PartRow{Page: page, Number: r.sheets.printed(r.sheets.text(heads[number]), cells[number]), Description: r.sheets.printed(r.sheets.text(heads[describes]), cells[describes])}
			row.Number.Text = text
			r.emit(row)
			last = e
		}
	}
}

// headedGap is how far below the line before the next of a list is at most, as a
// part of its height.
const headedGap = 1.8

// beneath reports whether a cell begins where its heading does.
func beneath(head, cell extent) bool { return math.Abs(head.from-cell.from) <= 2*startSlack }

// runs divides a line at the gaps between columns.
func (r *partReader) runs(page int, l pdf.Line) [][]ref {
	var out [][]ref
	for w := l.First; w < l.First+l.Count; w++ {
		at := ref{page, w}
		if n := len(out); n > 0 {
			run := out[n-1]
			a, b := r.sheets.extent(run[len(run)-1]), r.sheets.extent(at)
			if b.from-a.to <= looseGap*b.height() {
				out[n-1] = append(run, at)
				continue
			}
		}
		out = append(out, []ref{at})
	}
	return out
}

// loose reads the lists of one page.
func (r *partReader) loose(page int) {
	p := r.sheets[page]
	inTable := tableWords(p)
	type line struct {
		at    extent
		words []ref
	}
	groups := map[string][]line{}
	var order []string
	for i, l := range p.Lines {
		if l.Count < 2 || l.Cipher || p.DottedLeader(i) || inTable[l.First] || r.taken[ref{page, l.First}] {
			continue
		}
		var run []ref
		flush := func() {
			if len(run) >= 2 && strongNumber(r.sheets.word(run[0]).Text) && lettered(r.sheets.text(run[1:])) && r.sheets.confidence(run[:1]) == 0 {
				e := r.sheets.extent(run[0])
				key := numberShape(r.sheets.word(run[0]).Text)
				for _, k := range order {
					if g := groups[k]; k[:len(k)-1] == key && math.Abs(g[0].at.from-e.from) <= startSlack {
						groups[k] = append(g, line{e, run})
						run = nil
						return
					}
				}
				key += string(rune('A' + len(order)%26))
				groups[key] = []line{{e, run}}
				order = append(order, key)
			}
			run = nil
		}
		for w := l.First; w < l.First+l.Count; w++ {
			at := ref{page, w}
			if len(run) > 0 {
				a, b := r.sheets.extent(run[len(run)-1]), r.sheets.extent(at)
				if len(run) > 1 && b.from-a.to > looseGap*b.height() || strongNumber(p.Words[w].Text) || !strongNumber(r.sheets.word(run[0]).Text) {
					flush()
				}
			}
			run = append(run, at)
		}
		flush()
	}
	for _, k := range order {
		lines := groups[k]
		if len(lines) < looseRows {
			continue
		}
		heading := r.headingOver(page, lines[0].words[0])
		for _, l := range lines {
			row := PartRow{Page: page, Number: r.sheets.printed("", l.words[:1]), Description: r.sheets.printed("", l.words[1:])}
			if !heading.Empty() {
				row.Group = []Printed{heading}
			}
			r.emit(row)
		}
	}
}

// headingOver returns the line that stands right above a list.
func (r *partReader) headingOver(page int, first ref) Printed {
	p := r.sheets[page]
	e := r.sheets.extent(first)
	best, near := -1, 3*e.height()
	for i, l := range p.Lines {
		at := extent{l.Box.X0, l.Box.X1, l.Box.Y0, l.Box.Y1}
		if gap := e.top - at.bottom; l.Count > 0 && gap >= -1 && gap < near && math.Abs(at.from-e.from) <= 2*startSlack {
			best, near = i, gap
		}
	}
	if best < 0 || slices.ContainsFunc(p.Words[p.Lines[best].First:p.Lines[best].First+p.Lines[best].Count], func(w pdf.Word) bool { return textnorm.HasDigit(w.Text) }) {
		return Printed{}
	}
	l := p.Lines[best]
	span := structure.Span{Page: page}
	for w := l.First; w < l.First+l.Count; w++ {
		span.Words = append(span.Words, w)
	}
	return r.sheets.printed("", r.sheets.refs(span))
}
