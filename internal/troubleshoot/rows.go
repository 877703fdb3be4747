package troubleshoot

import (
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// headerWords is the length up to which a column's heading is shown with its
// cells.
const headerWords = 8

// rowItem shows a row: its values with their headings, units and conditions, for
// a figure without its column is half a statement. When the question or the
// chosen model names a column, its cell is the text and all that it is of the
// label; otherwise every cell is shown under its heading.
func (d *draft) rowItem(c candidate) Item {
	cells := c.grid.rows[c.row].cells
	asked := c.grid.value(c.row, c.column)
	var item Item
	var texts []string
	l := label{draft: d, page: c.page}
	for k, words := range cells {
		if len(words) == 0 || len(words) > passageWords || slices.ContainsFunc(cells[:k], func(o []int) bool { return slices.Equal(o, words) }) {
			continue
		}
		at := c.grid.place(c.row, k)
		text := c.page.text(words)
		switch {
		case k == asked, asked < 0 && !at.names():
			quotes := d.quote(c.page, words)
			if len(quotes) == 0 {
				continue // a dash
			}
			if head := l.value(at.axes(), asked >= 0); head != "" {
				text = head + ": " + text
			}
			texts = append(texts, text)
			item.Quotes = append(item.Quotes, quotes...)
		case at.names() || k < asked && !textnorm.HasDigit(text) && textnorm.HasDigit(c.page.text(cells[asked])):
			l.add(structure.Span{Page: c.page.pdf.Number, Words: words})
		}
	}
	item.Text, item.Label = strings.Join(texts, headingSpaces), strings.Join(l.texts, headingSpaces)
	item.Quotes = append(item.Quotes, l.quotes...)
	if item.Text == "" {
		item.Text, item.Label = item.Label, ""
	}
	return item
}

var plainFigure = regexp.MustCompile(`^\d+$`)

// headed reports whether a row that OCR read has the headings under which its values
// are asked for: its name was read, and each figure of the question stands in what
// names the row or the column. Where OCR lost the names, any row looks like the asked
// one. A text layer loses none.
func (e *evidence) headed(c *candidate) bool {
	if c.kind != tableRow || !slices.ContainsFunc(c.words, func(w int) bool { return c.page.pdf.Words[w].Confidence > 0 }) {
		return true
	}
	row := &c.grid.rows[c.row]
	if len(row.cells[0]) == 0 && c.grid.heading(0) != "" {
		return false
	}
	m := matcher{e.result.Terms}
	said := larger(m.words(c.page, c.heading), m.text(c.grid.table.Title.Text+" "+row.groups), 1)
	said = larger(said, e.inRange(c.page.text(row.cells[0]), e.measured()), 1)
	for k, words := range row.cells {
		if c.grid.table.Columns[k].Names {
			said = larger(said, m.words(c.page, words), 1)
		}
		if c.column < 0 || k == c.column {
			said = larger(said, m.text(c.grid.heading(k)), 1)
		}
	}
	for i, t := range e.result.Terms {
		if said[i] == 0 && plainFigure.MatchString(t.Word) {
			return false
		}
	}
	return true
}

// label is what the values of an item are of.
type label struct {
	draft  *draft
	page   *page
	said   []structure.Span
	texts  []string
	quotes []Quote
}

// value adds what a cell has to be read with: the headings of its row, its unit and
// its conditions. The headings of its column are added, too, or returned to be shown
// with the cell. Its table's title is quoted only: Cell.Title shows it.
func (l *label) value(a structure.Axes, one bool) (column string) {
	l.quote(a.Title.Span)
	for _, s := range a.Rows {
		l.add(s)
	}
	var heads []string
	words := 0
	for _, s := range a.Columns {
		if one {
			l.add(s)
			continue
		}
		l.quote(s)
		heads, words = append(heads, l.text(s)), words+len(s.Words)
	}
	if words > headerWords {
		heads = nil
	}
	l.add(a.Unit.Span)
	for _, f := range a.Conditions {
		l.add(f.Span)
	}
	return strings.Join(heads, " ")
}

// add shows and quotes words, once.
func (l *label) add(s structure.Span) {
	if l.quote(s) {
		l.texts = append(l.texts, l.text(s))
	}
}

// quote quotes words, once.
func (l *label) quote(s structure.Span) bool {
	p := l.of(s)
	if p == nil || len(s.Words) == 0 || slices.ContainsFunc(l.said, func(o structure.Span) bool { return o.Page == s.Page && holds(o.Words, s.Words) }) {
		return false
	}
	l.said = append(l.said, s)
	quoted := len(l.quotes)
	for _, words := range p.quotable(s.Words) {
		l.quotes = append(l.quotes, l.draft.quote(p, words)...)
	}
	return len(l.quotes) > quoted
}

func (l *label) text(s structure.Span) string {
	if p := l.of(s); p != nil {
		return p.text(s.Words)
	}
	return ""
}

// quotable cuts words into what can be quoted in one: a cell, or words that follow
// each other.
func (v *page) quotable(words []int) [][]int {
	if v.inTable[words[0]] {
		return [][]int{words}
	}
	var out [][]int
	for i, w := range words {
		if i == 0 || w != words[i-1]+1 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	return out
}

// of returns the page that words stand on, nil when it cannot be read.
func (l *label) of(s structure.Span) *page {
	p := l.page
	if s.Page != p.pdf.Number {
		p = l.draft.evidence.neighbour(p, s.Page-p.pdf.Number)
	}
	if p == nil || slices.ContainsFunc(s.Words, func(w int) bool { return w >= len(p.pdf.Words) }) {
		return nil
	}
	return p
}

// modelColumn returns the one column whose heading names the chosen model where
// other columns name its siblings, -1 when there is none.
func (e *evidence) modelColumn(g *grid) int {
	at, siblings := -1, false
	for k := range g.table.Columns {
		if k == 0 {
			continue // names the rows
		}
		switch e.names(g.heading(k)) {
		case thisModel:
			if at >= 0 {
				return -1
			}
			at = k
		case otherModels:
			siblings = true
		case noModel:
		}
	}
	if !siblings {
		return -1
	}
	return at
}
