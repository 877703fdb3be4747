package structure

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// piece is a printed grid of cells, or one half of two that stand side by side in
// one grid, with its headings told from its rows.
type piece struct {
	page  *page
	table int // index into the page's tables
	first int // column of the page's table
	n     int // columns
	rows  []pieceRow
	// title and header are how many rows at the top are its title and running heads,
	// and its headings.
	title, header int
	caption       []int // words of its first heading that are its title instead
	headed        bool  // its first row is one of headings for certain
	box           pdf.Box
}

// pieceRow is a row of a piece; its cells are those of the page's table, mended.
type pieceRow struct {
	index int // into the page's table
	box   pdf.Box
	cells []pieceCell
}

type pieceCell struct {
	words []int // of the cell, or of the one to the left that spans over this
	text  string
	box   pdf.Box
	span  int  // columns that it spans, 0 when it is covered by one to its left
	above bool // it is the cell above, which spans down
}

func (c *pieceCell) filled() bool { return c.span > 0 && len(c.words) > 0 }

const (
	// headerRows is how many rows of headings a table has at most.
	headerRows = 4
	// headerWords is how many words a heading has at most.
	headerWords = 14
)

// pieces reads the tables of a page, in order.
func pieces(v *page) []*piece {
	var out []*piece
	for k := range v.Tables {
		t := &v.Tables[k]
		n := 0
		for _, r := range t.Rows {
			n = max(n, len(r.Cells))
		}
		if n == 0 || v.doubled(t.Box) {
			continue
		}
		x := &piece{page: v, table: k, n: n, box: t.Box}
		for i := range t.Rows {
			x.rows = append(x.rows, x.row(t, i))
		}
		x.spreadHeadings()
		for _, h := range x.halves() {
			for _, y := range h.sections() {
				y.readHeader()
				out = append(out, y)
			}
		}
	}
	return out
}

// row reads row i: which of its cells span columns, and which the cell above.
func (x *piece) row(t *pdf.Table, i int) pieceRow {
	src := t.Rows[i].Cells
	out := pieceRow{index: i, box: t.Rows[i].Box, cells: make([]pieceCell, x.n)}
	for k := 0; k < x.n; {
		if k >= len(src) {
			out.cells[k].span = 1
			k++
			continue
		}
		c := pieceCell{words: x.page.valid(src[k].Words), text: src[k].Text, box: src[k].Box, span: 1}
		for k+c.span < len(src) && len(src[k+c.span].Words) == 0 {
			b := src[k+c.span].Box
			if (b.X0+b.X1)/2 >= c.box.X1 {
				break
			}
			c.span++
		}
		if i > 0 && len(c.words) > 0 && k < len(t.Rows[i-1].Cells) {
			c.above = slices.Equal(src[k].Words, t.Rows[i-1].Cells[k].Words)
		}
		out.cells[k] = c
		for j := 1; j < c.span; j++ {
			covered := c
			covered.span = 0
			out.cells[k+j] = covered
		}
		k += c.span
	}
	return out
}

// filled counts the printed cells of a row.
func (r *pieceRow) filled() int {
	n := 0
	for k := range r.cells {
		if r.cells[k].filled() {
			n++
		}
	}
	return n
}

// words are all words of the row, from left to right.
func (r *pieceRow) words() []int {
	var out []int
	for k := range r.cells {
		if r.cells[k].span > 0 {
			out = append(out, r.cells[k].words...)
		}
	}
	return out
}

// spreadHeadings divides a first row whose only cell holds the headings of all
// columns: on scans nothing but space is between them. It is left alone unless
// every part that results names the role of its column.
func (x *piece) spreadHeadings() {
	if len(x.rows) < 2 || x.n < 2 || x.rows[0].filled() != 1 || len(x.rows[0].cells[0].words) < 2 {
		return
	}
	below := x.rows[1].cells
	cells := make([]pieceCell, x.n)
	for k := range cells {
		cells[k] = pieceCell{span: 1, box: pdf.Box{X0: below[k].box.X0, Y0: x.rows[0].box.Y0, X1: below[k].box.X1, Y1: x.rows[0].box.Y1}}
	}
	for _, w := range x.rows[0].cells[0].words {
		b := x.page.Words[w].Box
		center := (b.X0 + b.X1) / 2
		k := slices.IndexFunc(below, func(c pieceCell) bool { return c.span == 1 && c.box.X0 <= center && center < c.box.X1 })
		if k < 0 {
			return
		}
		cells[k].words = append(cells[k].words, w)
	}
	named := 0
	for k := range cells {
		cells[k].text = x.page.text(cells[k].words)
		switch {
		case len(cells[k].words) == 0:
		case RoleOf(cells[k].text) == RoleOther:
			return
		default:
			named++
		}
	}
	if named >= 2 {
		x.rows[0].cells = cells
	}
}

// halves returns the pieces of a grid whose headings repeat from left to right, as
// when a long table is printed in two or three columns, else the piece itself. A
// row that one of them has twice, since it stands beside two of another's, is kept
// once.
func (x *piece) halves() []*piece {
	n := x.period()
	if n == x.n {
		return []*piece{x}
	}
	var out []*piece
	head := x.rows[0].cells
	for from := 0; from < x.n; from += n {
		half := &piece{page: x.page, table: x.table, first: from, n: n, box: x.box, headed: true}
		half.box.X0, half.box.X1 = head[from].box.X0, head[from+n-1].box.X1
		for _, r := range x.rows {
			row := pieceRow{index: r.index, box: r.box, cells: slices.Clone(r.cells[from : from+n])}
			row.box.X0, row.box.X1 = half.box.X0, half.box.X1
			if k := len(half.rows); k > 0 && row.filled() > 0 && sameWords(&half.rows[k-1], &row) {
				continue
			}
			half.rows = append(half.rows, row)
		}
		out = append(out, half)
	}
	return out
}

// period returns after how many columns the headings repeat; the number of columns
// when they do not.
func (x *piece) period() int {
	if len(x.rows) < 2 {
		return x.n
	}
	head := x.rows[0].cells
	texts := make([]string, x.n)
	for k := range head {
		if !head[k].filled() || head[k].span != 1 {
			return x.n
		}
		texts[k] = folded(head[k].text)
	}
	for n := 2; n <= x.n/2; n++ {
		same := x.n%n == 0 && texts[0] != texts[1] // not columns that are all named alike
		for k := n; k < x.n && same; k++ {
			same = texts[k] == texts[k-n]
		}
		if same {
			return n
		}
	}
	return x.n
}

// sections returns the pieces of a grid in which a second row of headings stands
// between the rows, else the piece itself: two tables that touch are read as one.
func (x *piece) sections() []*piece {
	var out []*piece
	from := 0
	for i := 1; i < len(x.rows)-1; i++ {
		if !x.headsAnew(i) || x.headsAnew(i-1) {
			continue // one row of headings goes on with the next
		}
		at := i
		for at > from && x.rows[at-1].filled() <= 1 {
			at-- // its title
		}
		if at == from {
			continue // only a note is above the first headings
		}
		out = append(out, x.slice(from, at))
		from = at
	}
	if from == 0 {
		return []*piece{x}
	}
	return append(out, x.slice(from, len(x.rows)))
}

// headsAnew reports whether row i, amid a table, is one of headings: its cells name
// different roles, and it is set bold where the row before is not, or has the words
// of the table's first row again. "No display | Check supply" names roles, too.
func (x *piece) headsAnew(i int) bool {
	var roles []Role
	filled := 0
	for k := range x.rows[i].cells {
		c := &x.rows[i].cells[k]
		if !c.filled() {
			continue
		}
		filled++
		if len(c.words) > headingLimit || c.above || sentence(c.text) {
			return false
		}
		if r := RoleOf(c.text); r != RoleOther && r != RolePosition && !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	if len(roles) < 2 || 2*len(roles) < filled {
		return false
	}
	if x.headerText(i, 1) == x.headerText(0, 1) {
		return true
	}
	before := i - 1
	for before > 0 && x.rows[before].filled() <= 1 {
		before-- // a title
	}
	return x.page.bold(x.rows[i].words()) && !x.page.bold(x.rows[before].words())
}

func (x *piece) slice(from, to int) *piece {
	out := *x
	out.rows = x.rows[from:to]
	out.headed = x.headed && from == 0
	out.box.Y0, out.box.Y1 = out.rows[0].box.Y0, out.rows[len(out.rows)-1].box.Y1
	return &out
}

func sameWords(a, b *pieceRow) bool {
	return slices.EqualFunc(a.cells, b.cells, func(a, b pieceCell) bool { return slices.Equal(a.words, b.words) })
}

// headings returns the words of the headings of each column, outermost first. A
// heading that spans columns is in each of them, one that spans rows once.
func (x *piece) headings() [][][]int {
	out := make([][][]int, x.n)
	for k := range out {
		for r := x.title; r < x.title+x.header; r++ {
			c := &x.rows[r].cells[k]
			if len(c.words) == 0 || c.above && r > x.title {
				continue
			}
			out[k] = append(out[k], c.words)
		}
	}
	return out
}

// heading joins the parts of a column's heading.
func (x *piece) heading(k int) string {
	var sb strings.Builder
	spanned := false
	for r := x.title; r < x.title+x.header; r++ {
		c := &x.rows[r].cells[k]
		if len(c.words) == 0 || c.above && r > x.title {
			continue
		}
		switch {
		case sb.Len() == 0:
		case spanned:
			sb.WriteString(headingSpace)
		default:
			sb.WriteByte(' ')
		}
		sb.WriteString(c.text)
		spanned = slices.ContainsFunc(x.rows[r].cells, func(c pieceCell) bool { return c.span > 1 })
	}
	return sb.String()
}

// headingSpace is between a heading and those below it.
const headingSpace = " › "
