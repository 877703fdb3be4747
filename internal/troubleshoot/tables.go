package troubleshoot

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// grid is what one page prints of a table of its manual.
type grid struct {
	table    *structure.Table
	part     *structure.Part
	rows     []gridRow // below the headings
	headings string    // those of all columns
	// ofFaults says that the table tells what to do about faults; one of what to do
	// at which intervals does not.
	ofFaults bool
}

// gridRow is a row as the page prints it. index is that in the manual's table, whose
// other places have the rest of a row that goes on over a page break.
type gridRow struct {
	index  int
	cells  [][]int // the words of each column; none in a column that the cell to its left spans
	groups string  // the headings between rows that it stands under
}

// words returns the words of the row's cells, each once.
func (r *gridRow) words() []int {
	var out []int
	for _, c := range r.cells {
		for _, w := range c {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// place is the logical cell of a column of one of the grid's rows.
func (g *grid) place(row, column int) cellPlace { return cellPlace{g.table, g.rows[row].index, column} }

// heading is what is printed over a column, "" when nothing is.
func (g *grid) heading(column int) string { return g.table.Columns[column].Heading }

// has reports whether one of the columns has a role.
func (g *grid) has(roles ...structure.Role) bool {
	return slices.ContainsFunc(g.table.Columns, func(c structure.Column) bool { return slices.Contains(roles, c.Role) })
}

// scheduleHeads are over the column of a maintenance table that says when.
var scheduleHeads = strings.Fields("frequency interval intervals every schedule period häufigkeit intervall wartungsintervall turnus frecuencia intervalo periodicidad fréquence intervalle périodicité frequenza intervallo frequentie")

// column returns the column with a heading, -1 when there is none.
func (g *grid) column(heading string) int {
	if heading == "" {
		return -1
	}
	return slices.IndexFunc(g.table.Columns, func(c structure.Column) bool { return c.Heading == heading })
}

// value returns the column whose cell holds a column's value in a row: its own, or
// the one to its left that spans over it; -1 when the row has none there.
func (g *grid) value(row, column int) int {
	if column < 0 {
		return -1
	}
	_, first := g.table.Cell(g.rows[row].index, column)
	if len(g.rows[row].cells[first]) == 0 {
		return -1
	}
	return first
}

// grids returns what the page prints of the manual's tables, in printed order.
func (v *page) grids() []*grid {
	var out []*grid
	for _, t := range v.logical() {
		groups := groupTexts(t)
		for i := range t.Parts {
			part := &t.Parts[i]
			if part.Page != v.pdf.Number {
				continue
			}
			g := newGrid(t, part)
			to := len(t.Rows)
			if i+1 < len(t.Parts) {
				to = t.Parts[i+1].FirstRow
			}
			for r := max(part.FirstRow-1, 0); r < to; r++ {
				if r < part.FirstRow && t.Rows[r].At[0].Page == part.Page {
					continue // of the part before; else the rest of a row of the page before
				}
				if cells := v.cellsOf(&t.Rows[r]); cells != nil {
					g.rows = append(g.rows, gridRow{r, cells, groups[r]})
				}
			}
			out = append(out, g)
		}
	}
	return out
}

func newGrid(t *structure.Table, part *structure.Part) *grid {
	g := &grid{table: t, part: part}
	heads := make([]string, len(t.Columns))
	for k := range heads {
		heads[k] = g.heading(k)
	}
	g.headings = strings.Join(heads, " ")
	g.ofFaults = g.has(structure.RoleRemedy) && !slices.ContainsFunc(textnorm.Tokens(g.headings), func(w string) bool { return slices.Contains(scheduleHeads, w) })
	return g
}

// groupTexts returns, by row, the headings between rows that it stands under.
func groupTexts(t *structure.Table) []string {
	type place struct{ page, word int }
	said := map[place]string{}
	out := make([]string, len(t.Rows))
	for r := range t.Rows {
		var texts []string
		for _, s := range t.Rows[r].Group {
			texts = append(texts, said[place{s.Page, s.Words[0]}])
		}
		out[r] = strings.Join(texts, " ")
		if c := &t.Rows[r].Cells[0]; t.Rows[r].Heading && !c.Empty() {
			said[place{c.Words[0].Page, c.Words[0].Words[0]}] = c.Text
		}
	}
	return out
}

// cellsOf returns the words that the page has of a row's cells, nil for none.
func (v *page) cellsOf(r *structure.Row) [][]int {
	var out [][]int
	for k := range r.Cells {
		for _, s := range r.Cells[k].Words {
			if s.Page != v.pdf.Number || slices.ContainsFunc(s.Words, func(w int) bool { return w < 0 || w >= len(v.pdf.Words) }) {
				continue
			}
			if out == nil {
				out = make([][]int, len(r.Cells))
			}
			out[k] = s.Words
		}
	}
	return out
}

// logical returns the tables of the manual that have a part on the page. A table
// that is in none of them is read by itself: of a manual that was indexed before
// there was a structure, and what a booklet's sheet shows again.
func (v *page) logical() []*structure.Table {
	if v.complete {
		return v.tables
	}
	v.complete = true
	read := make([]bool, len(v.pdf.Tables))
	for _, t := range v.tables {
		for _, p := range t.Parts {
			if p.Page == v.pdf.Number && p.Table < len(read) {
				read[p.Table] = true
			}
		}
	}
	if !slices.Contains(read, false) {
		return v.tables
	}
	alone := structure.Read([]pdf.Page{*v.pdf}, structure.Options{})
	for _, t := range alone.TablesOn(v.pdf.Number) {
		if slices.ContainsFunc(t.Parts, func(p structure.Part) bool { return !read[p.Table] }) {
			v.tables = append(v.tables, t)
		}
	}
	return v.tables
}
