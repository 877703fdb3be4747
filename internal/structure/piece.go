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

// look is what a row looks like.
type look struct {
	filled  int
	figures int // cells that begin with a figure, the first column's not counted when it names
	roles   int // cells that name the role of a column
	toggles int // cells that say ON, OFF or the like, each counted once
	long    bool
	ended   bool // a cell reads as a sentence
	bold    bool
	shared  int // cells that span down from the row above
	units   int // cells that are units
	only    int // the only filled column, -1
}

func (x *piece) look(i int) look {
	r := &x.rows[i]
	out := look{only: -1, bold: true}
	var toggles []string
	for k := range r.cells {
		c := &r.cells[k]
		if !c.filled() {
			continue
		}
		out.filled++
		out.only = k
		if c.above {
			out.shared++
		}
		if len(c.words) > headerWords {
			out.long = true
		}
		out.ended = out.ended || sentence(c.text)
		out.bold = out.bold && x.page.bold(c.words)
		role := RoleOther
		if len(c.words) <= headingLimit {
			role = RoleOf(c.text)
		}
		switch {
		case role == RolePosition:
			toggles = append(toggles, folded(c.text))
		case role != RoleOther:
			out.roles++
		case x.page.isUnit(c.words):
			out.units++
		}
		if isFigure(x.page.Words[c.words[0]].Text) && (k > 0 || len(c.words) <= 3) {
			out.figures++
		}
	}
	if out.filled != 1 {
		out.only = -1
	}
	out.bold = out.bold && out.filled > 0
	if slices.Sort(toggles); len(slices.Compact(slices.Clone(toggles))) == len(toggles) {
		out.toggles = len(toggles)
	}
	return out
}

// readHeader tells the rows at the top that are the table's title and headings. A
// table never consists of headings alone unless they name roles.
func (x *piece) readHeader() {
	looks := make([]look, len(x.rows))
	bold, figured := 0, 0
	for i := range x.rows {
		looks[i] = x.look(i)
		if looks[i].bold {
			bold++
		}
		if x.figured(i) {
			figured++
		}
	}
	i := 0
	for i < len(x.rows) && x.page.inFurniture(x.rows[i].words()) {
		i++ // running heads that were taken for a row
	}
	if i == len(x.rows) || looks[i].filled == 0 {
		x.title = i // also where the headings cannot be read, as of a scan
		return
	}
	// Notes and the title may have been taken for rows.
	for n := i; n < len(x.rows)-2 && n < i+2 && looks[n].only >= 0; n++ {
		if next := &looks[n+1]; next.roles >= 2 && !next.long && !next.ended && 2*next.roles >= next.filled {
			i = n + 1
			break
		}
	}
	if i < len(x.rows) && x.isTitle(i, looks) {
		i++
	}
	// Figures that head the columns of a chart, below its title and what they are.
	chart := i - 1
	for k := i; k < min(i+3, len(x.rows)-2) && chart < i; k++ {
		if x.axis(k) || x.otherUnit(k) {
			chart = k
		} else if looks[k].only < 0 {
			break
		}
	}
	if chart > i && looks[i].only == 0 {
		i++
	}
	x.splitCaption(i)
	x.title = i
	// Bold tells only where the rows below are not.
	mostBold := 2*(bold-1) > len(x.rows)
	values := 3*figured >= len(x.rows)-i
	named := false   // a row above names the columns
	setBold := false // the first row of headings is set apart from the rows below
	for n := 0; n < headerRows && i < len(x.rows)-1; n++ {
		l := &looks[i]
		if x.headed && i == 0 || i <= chart {
			i++
			continue
		}
		if !x.isHeader(i, l, n, values, named, mostBold) || n > 0 && setBold && !l.bold && !x.sharesDown(i, l, n) && l.units == 0 {
			break
		}
		setBold = setBold || n == 0 && l.bold && !mostBold
		named = named || l.roles >= 2
		i++
	}
	x.header = i - x.title
	if x.header > 0 && x.header == len(x.rows)-x.title-1 && x.header > 1 {
		x.trimHeader(looks)
	}
}

// splitCaption takes a numbered caption out of the first heading when it was read
// as a line of it: "Table 5 Resistances | Component".
func (x *piece) splitCaption(i int) {
	if x.title > 0 || i >= len(x.rows)-1 || x.rows[i].filled() < 2 {
		return
	}
	c := &x.rows[i].cells[0]
	if !c.filled() || !caption.MatchString(c.text) {
		return
	}
	line := x.page.lineOf[c.words[0]]
	n := 0
	for n < len(c.words) && x.page.lineOf[c.words[n]] == line {
		n++
	}
	x.caption = c.words[:n]
	c.words = c.words[n:]
	c.text = x.page.text(c.words)
}

// trimHeader takes back rows of a table that is nearly all headings, from the last
// that is not set bold or does not share a cell with the one above.
func (x *piece) trimHeader(looks []look) {
	for n := x.header; n > 1; n-- {
		l := &looks[x.title+n-1]
		if !l.bold && l.shared == 0 && l.roles < 2 {
			x.header = n - 1
		}
	}
}

// figured reports whether a row has figures beside its name.
func (x *piece) figured(i int) bool {
	for k := 1; k < x.n; k++ {
		c := &x.rows[i].cells[k]
		if c.filled() && len(c.words) <= 8 && isFigure(x.page.Words[c.words[0]].Text) {
			return true
		}
	}
	return false
}

// isTitle reports whether row i is the table's title: its only cell, over headings.
func (x *piece) isTitle(i int, looks []look) bool {
	l := &looks[i]
	if l.only < 0 || len(x.rows)-i < 3 || x.n < 2 || looks[i+1].filled < 2 {
		return false
	}
	c := &x.rows[i].cells[l.only]
	if caption.MatchString(c.text) {
		return true
	}
	spans := c.span > x.n/2 && c.span > 1
	return spans && !l.ended && !looks[i+1].long && (looks[i+1].roles >= 2 || looks[i+1].figures == 0 && (l.bold || looks[i+1].bold))
}

// isHeader reports whether row i, below n others, is one of headings.
func (x *piece) isHeader(i int, l *look, n int, values, named, mostBold bool) bool {
	switch {
	case l.filled == 0 || l.long:
		return false
	case x.sharesDown(i, l, n):
		return true
	case l.ended:
		return false
	case l.roles >= 2 && !named && 2*l.roles >= min(l.filled, 4), l.roles >= 1 && l.toggles == 2 && n == 0:
		return true
	case l.only > 0:
		return l.bold && !mostBold && n == 0 // a group's heading over its columns
	case l.only == 0:
		return false // a heading between rows
	case l.figures == 0 && l.units > 0 && n > 0 && l.units+1 >= l.filled:
		return true // the units below the names
	case l.bold && !mostBold && 2*l.figures < l.filled:
		return true
	case n == 0 && l.figures == 0 && l.filled == x.n && x.n > 2 && !isItem(x.rows[i].cells[0].text) && x.countsFrom(i+1) && x.short(i):
		return true
	case values && l.figures == 0 && n < 2 && l.filled >= max(2, x.n/2):
		return n == 0 || !named && len(x.rows[i].cells[0].words) == 0
	case n == 0 && l.roles == 1 && l.figures == 0 && x.n == 2 && l.filled == 2:
		return len(x.rows[i].cells[0].words) <= 3 && len(x.rows[i].cells[1].words) <= 3 && (i == 0 || x.title > 0)
	}
	return false
}

// sharesDown reports whether a heading of the row above spans down over this row,
// and ends soon: else it is a name that spans over the whole table.
func (x *piece) sharesDown(i int, l *look, n int) bool {
	if n == 0 || l.shared == 0 {
		return false
	}
	for k := range x.rows[i].cells {
		if !x.rows[i].cells[k].above || !x.rows[i].cells[k].filled() {
			continue
		}
		end := i + 1
		for end < len(x.rows) && x.rows[end].cells[k].above {
			end++
		}
		if end-i+n <= headerRows && end < len(x.rows) && !(k == 0 && l.filled > 1 && l.shared == 1 && x.repeatsNames(end)) {
			return true
		}
	}
	return false
}

// repeatsNames reports whether the first column has cells that span down below
// row i too: then they name groups of rows, and are no headings.
func (x *piece) repeatsNames(i int) bool {
	for ; i < len(x.rows); i++ {
		if c := &x.rows[i].cells[0]; c.above && c.filled() {
			return true
		}
	}
	return false
}

// axis reports whether row i holds the figures of an axis: a name first, then
// figures that rise or fall, over rows that do the same in the first column.
func (x *piece) axis(i int) bool {
	if x.n < 3 || len(x.rows)-i < 3 {
		return false
	}
	c := &x.rows[i].cells[0]
	if c.filled() && isFigure(x.page.Words[c.words[0]].Text) {
		return false
	}
	var across, down []float64
	for k := 1; k < x.n; k++ {
		f, ok := x.figure(i, k)
		if !ok {
			return false
		}
		across = append(across, f)
	}
	for r := i + 1; r < len(x.rows); r++ {
		f, ok := x.figure(r, 0)
		if !ok {
			return false
		}
		down = append(down, f)
	}
	return monotone(across) && monotone(down)
}

// countsFrom reports whether the rows from i on are numbered.
func (x *piece) countsFrom(i int) bool {
	n := 0
	for ; i < len(x.rows); i++ {
		c := &x.rows[i].cells[0]
		if !c.filled() {
			continue
		}
		if !isItem(c.text) {
			return false
		}
		n++
	}
	return n > 0
}

// short reports whether all cells of row i are as short as headings.
func (x *piece) short(i int) bool {
	return !slices.ContainsFunc(x.rows[i].cells, func(c pieceCell) bool { return len(c.words) > 3 })
}

// otherUnit reports whether row i has figures in one unit over figures in others: a
// name first, then "10% 40% 55%" over volts.
func (x *piece) otherUnit(i int) bool {
	if x.n < 3 || len(x.rows)-i < 3 {
		return false
	}
	if c := &x.rows[i].cells[0]; c.filled() && isFigure(x.page.Words[c.words[0]].Text) {
		return false
	}
	unit := x.unitIn(i, 1)
	if unit == "" {
		return false
	}
	for k := 2; k < x.n; k++ {
		if x.unitIn(i, k) != unit {
			return false
		}
	}
	for r := i + 1; r < len(x.rows); r++ {
		for k := 1; k < x.n; k++ {
			if u := x.unitIn(r, k); u == unit {
				return false
			}
		}
	}
	return true
}

// unitIn returns the unit behind the figure of a cell that is nothing else, "" when
// there is none.
func (x *piece) unitIn(r, k int) string {
	c := &x.rows[r].cells[k]
	if !c.filled() || len(c.words) > 2 || !isFigure(c.text) {
		return ""
	}
	unit := strings.TrimLeft(c.text, "0123456789.,+-−–±<>≤≥~ ")
	if unit == "" || !isUnitText(unit) {
		return ""
	}
	return unit
}

func (x *piece) figure(r, k int) (float64, bool) {
	c := &x.rows[r].cells[k]
	if !c.filled() || len(c.words) > 4 {
		return 0, false
	}
	return figureOf(x.page.Words[c.words[0]].Text)
}

func monotone(v []float64) bool {
	up, down := true, true
	for i := 1; i < len(v); i++ {
		up, down = up && v[i] > v[i-1], down && v[i] < v[i-1]
	}
	return (up || down) && len(v) >= 2
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
