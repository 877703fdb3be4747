package troubleshoot

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// mendTables gives tables the shape in which they are read: headings that were
// taken for one cell are put over their columns, and a table that is printed in
// two halves side by side becomes two. No word is added, dropped or moved.
func mendTables(p *pdf.Page) {
	var out []pdf.Table
	for _, t := range p.Tables {
		spreadHeadings(p, &t)
		out = append(out, halves(&t)...)
	}
	p.Tables = out
}

// spreadHeadings divides a first row whose only cell holds the headings of all
// columns: on scans nothing but space is between them. It is left alone unless
// each part that results names the role of its column.
func spreadHeadings(p *pdf.Page, t *pdf.Table) {
	if len(t.Rows) < 2 || len(t.Rows[0].Cells) < 2 || len(t.Rows[0].Cells[0].Words) < 2 || filledCells(t.Rows[0]) != 1 {
		return
	}
	below := t.Rows[1].Cells
	cells := make([]pdf.Cell, len(below))
	for k := range cells {
		cells[k].Box = pdf.Box{X0: below[k].Box.X0, Y0: t.Rows[0].Box.Y0, X1: below[k].Box.X1, Y1: t.Rows[0].Box.Y1}
	}
	for _, w := range t.Rows[0].Cells[0].Words {
		center := (p.Words[w].Box.X0 + p.Words[w].Box.X1) / 2
		k := slices.IndexFunc(below, func(c pdf.Cell) bool { return c.Box.X0 <= center && center < c.Box.X1 })
		if k < 0 {
			return
		}
		cells[k].Words = append(cells[k].Words, w)
	}
	named := 0
	for k := range cells {
		texts := make([]string, len(cells[k].Words))
		for i, w := range cells[k].Words {
			texts[i] = p.Words[w].Text
		}
		cells[k].Text = strings.Join(texts, " ")
		switch {
		case len(texts) == 0:
		case search.HeaderRole(cells[k].Text) == search.RoleOther:
			return
		default:
			named++
		}
	}
	if named < 2 {
		return
	}
	rows := slices.Clone(t.Rows)
	rows[0].Cells = cells
	t.Rows = rows
}

// halves returns the two tables of one whose second half has the headings of the
// first again, else the table itself. A row that one half has twice, since it
// stands beside two of the other's, is kept once.
func halves(t *pdf.Table) []pdf.Table {
	if len(t.Rows) < 2 {
		return []pdf.Table{*t}
	}
	head := t.Rows[0].Cells
	n := len(head) / 2
	if n < 2 || len(head) != 2*n {
		return []pdf.Table{*t}
	}
	for k := range n {
		if len(head[k].Words) == 0 || textnorm.Fold(head[k].Text) != textnorm.Fold(head[k+n].Text) || slices.Equal(head[k].Words, head[k+n].Words) {
			return []pdf.Table{*t}
		}
	}
	if textnorm.Fold(head[0].Text) == textnorm.Fold(head[1].Text) {
		return []pdf.Table{*t} // columns that are all named alike
	}
	var out []pdf.Table
	for from := 0; from < len(head); from += n {
		part := pdf.Table{Box: t.Box}
		part.Box.X0, part.Box.X1 = head[from].Box.X0, head[from+n-1].Box.X1
		for _, r := range t.Rows {
			row := pdf.Row{Box: r.Box, Cells: r.Cells[from : from+n]}
			row.Box.X0, row.Box.X1 = part.Box.X0, part.Box.X1
			if k := len(part.Rows); k > 0 && filledCells(row) > 0 && sameCells(part.Rows[k-1], row) {
				continue
			}
			part.Rows = append(part.Rows, row)
		}
		out = append(out, part)
	}
	return out
}

func sameCells(a, b pdf.Row) bool {
	return slices.EqualFunc(a.Cells, b.Cells, func(a, b pdf.Cell) bool { return slices.Equal(a.Words, b.Words) })
}
