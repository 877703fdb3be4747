package troubleshoot

import (
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
	row := c.table.Rows[c.row]
	asked := spanningCell(row, c.column)
	var item Item
	var texts []string
	l := label{draft: d, page: c.page}
	for k, cell := range row.Cells {
		if len(cell.Words) == 0 || len(cell.Words) > passageWords || slices.ContainsFunc(row.Cells[:k], func(o cellOf) bool { return slices.Equal(o.Words, cell.Words) }) {
			continue
		}
		at, known := c.page.place(row, k)
		names := known && at.names() || !known && k == 0 && len(row.Cells) > 1
		text := c.page.text(cell.Words)
		switch {
		case k == asked, asked < 0 && !names:
			quotes := d.quote(c.page, cell.Words)
			if len(quotes) == 0 {
				continue // a dash
			}
			if known {
				head := l.value(at.axes(), asked >= 0)
				if head != "" {
					text = head + ": " + text
				}
			}
			texts = append(texts, text)
			item.Quotes = append(item.Quotes, quotes...)
		case names || k < asked && !textnorm.HasDigit(text) && (!known || textnorm.HasDigit(row.Cells[asked].Text)):
			l.add(structure.Span{Page: c.page.pdf.Number, Words: cell.Words})
		}
	}
	item.Text, item.Label = strings.Join(texts, headingSpaces), strings.Join(l.texts, headingSpaces)
	item.Quotes = append(item.Quotes, l.quotes...)
	if item.Text == "" {
		item.Text, item.Label = item.Label, ""
	}
	return item
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

// spanningCell returns the cell that holds a column's value in a row: its own,
// or the one to its left that spans over it; -1 when the row has none there.
func spanningCell(row pdfRow, column int) int {
	if column < 0 {
		return -1
	}
	for k := column; k > 0; k-- {
		if len(row.Cells[k].Words) == 0 {
			continue
		}
		center := (row.Cells[column].Box.X0 + row.Cells[column].Box.X1) / 2
		if k == column || row.Cells[k].Box.X1 > center {
			return k
		}
		break
	}
	return -1
}

// modelColumn returns the one column whose heading names the chosen model where
// other columns name its siblings, -1 when there is none.
func (e *evidence) modelColumn(p *page, h header) int {
	at, siblings := -1, false
	for k, words := range h.words {
		if k == 0 {
			continue // names the rows
		}
		switch e.names(p, words) {
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
