package troubleshoot

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// headerWords is the length up to which a column's heading is shown with its
// cells.
const headerWords = 8

// rowItem shows a row. When the question or the chosen model names a column, its
// cell is the text and the row's name the label; otherwise every cell is shown
// under its heading: a figure without its column is half a statement.
func (d *draft) rowItem(c candidate) Item {
	h := readHeader(c.page, c.table)
	row := c.table.Rows[c.row]
	asked := spanningCell(row, c.column)
	var item Item
	var texts, labels []string
	for k, cell := range row.Cells {
		if len(cell.Words) == 0 || len(cell.Words) > passageWords || slices.ContainsFunc(row.Cells[:k], func(o cellOf) bool { return slices.Equal(o.Words, cell.Words) }) {
			continue
		}
		text := c.page.text(cell.Words)
		switch {
		case asked < 0 && k == 0 && len(row.Cells) > 1:
			labels = append(labels, text)
		case asked < 0:
			if head := h.short(k); head != nil {
				text = c.page.text(head) + ": " + text
				item.Quotes = append(item.Quotes, d.headerQuotes(c, h, k)...)
			}
			texts = append(texts, text)
		case k == asked:
			if head := h.short(c.column); head != nil {
				labels = append(labels, c.page.text(head))
				item.Quotes = append(item.Quotes, d.headerQuotes(c, h, c.column)...)
			}
			texts = append(texts, text)
		case k == 0, k < asked && !textnorm.HasDigit(text):
			labels = append(labels, text)
		default:
			continue
		}
		item.Quotes = append(item.Quotes, d.quote(c.page, cell.Words)...)
	}
	item.Text, item.Label = strings.Join(texts, headingSpaces), strings.Join(labels, headingSpaces)
	if item.Text == "" {
		item.Text, item.Label = item.Label, ""
	}
	return item
}

// short returns the words of a column's heading, nil when there is none that is
// short enough to stand with a cell.
func (h header) short(column int) []int {
	if column >= len(h.words) || len(h.words[column]) == 0 || len(h.words[column]) > headerWords {
		return nil
	}
	return h.words[column]
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

// headerQuotes quotes a column's heading cell by cell: its rows are not one run.
func (d *draft) headerQuotes(c candidate, h header, k int) []Quote {
	var out []Quote
	for r := range h.rows {
		if cell := c.table.Rows[r].Cells[k]; len(cell.Words) > 0 {
			out = append(out, d.quote(c.page, cell.Words)...)
		}
	}
	return out
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
