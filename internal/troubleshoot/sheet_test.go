package troubleshoot

import (
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Sheet sets lines of text as a page: a word is 40 points wide and a line 20
// high. Where a line holds bars, they divide it into the cells of a table row;
// a bar at the end closes the last. Rows that follow each other are one table,
// and a row that begins with "+" goes on with the cells of the one above. A line
// that begins with "#" is set larger and bold.
func Sheet(number int, lines ...string) *pdf.Page {
	p := &pdf.Page{Number: number, Width: 595, Height: 842}
	open := false // the line before was a row
	for i, line := range lines {
		first := len(p.Words)
		goesOn := strings.HasPrefix(line, "+")
		x := 20.0
		var cells []pdf.Cell
		for _, part := range strings.Split(strings.TrimLeft(line, "+#"), "|") {
			var cell pdf.Cell
			for _, w := range strings.Fields(part) {
				cell.Words = append(cell.Words, len(p.Words))
				p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: 20 * float64(i), X1: x + 38, Y1: 20*float64(i) + 12}})
				x += 40
			}
			cells = append(cells, cell)
		}
		l := pdf.Line{First: first, Count: len(p.Words) - first, FontSize: 10}
		if strings.HasPrefix(line, "#") {
			l.FontSize, l.Bold = 14, true
		}
		if l.Count > 0 {
			last := &p.Words[len(p.Words)-1]
			if strings.HasSuffix(last.Text, "\u00ad") {
				l.SoftHyphen, last.Text = true, strings.TrimSuffix(last.Text, "\u00ad")
			}
			l.Box = p.Words[first].Box.Union(last.Box)
		}
		p.Lines = append(p.Lines, l)
		row := len(cells) > 1
		if row && !open {
			p.Tables = append(p.Tables, pdf.Table{})
		}
		if open = row; !row {
			continue
		}
		table := &p.Tables[len(p.Tables)-1]
		if !goesOn {
			table.Rows = append(table.Rows, pdf.Row{Cells: make([]pdf.Cell, len(cells))})
		}
		last := table.Rows[len(table.Rows)-1].Cells
		for k, c := range cells {
			for _, w := range c.Words {
				addWord(p, &last[k], w)
				if table.Box == (pdf.Box{}) {
					table.Box = p.Words[w].Box
				}
				table.Box = table.Box.Union(p.Words[w].Box)
			}
		}
	}
	return p
}

func addWord(p *pdf.Page, c *pdf.Cell, w int) {
	if c.Box = p.Words[w].Box; len(c.Words) > 0 {
		c.Box = c.Box.Union(p.Words[c.Words[0]].Box)
	}
	c.Text = strings.TrimSpace(c.Text + " " + p.Words[w].Text)
	c.Words = append(c.Words, w)
}
