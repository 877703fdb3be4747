package pdf

import (
	"cmp"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Tables without a full set of rulings, in ems of the page's usual font size.
const (
	gutterGap     = 0.5  // the free space between columns, over all rows
	maxRowGap     = 2.6  // between base lines of a table without rulings, in heights of a line
	minAligned    = 0.6  // part of the pieces that start, end or centre where the column does
	maxFirstChars = 34   // of the first column's longer lines, else it is text in columns
	maxCodeChars  = 12   // of a first column beside which several may hold prose
	proseChars    = 30   // longer lines are prose
	crossingShare = 0.1  // part of the rows that may cross a gutter, as headings do
	maxColumn     = 0.65 // part of the width that a column has at most
	headReach     = 2.5  // a row this near to the outer rulings may belong to the table
	minApart      = 1.35 // of base lines of rows, in heights of a line; closer ones are of one cell
)

// textRow is a row of the page, divided at its wide gaps.
type textRow struct {
	y0, y1 float64
	pieces []item
}

func (l *layout) textRows(which []int) []textRow {
	var out []textRow
	for _, row := range rows(l.tokens, which) {
		b := l.boxOf(row)
		out = append(out, textRow{b.Y0, b.Y1, l.pieces(row)})
	}
	return out
}

// free returns the upright tokens that are in no table and inside of b.
func (l *layout) free(b Box) []int {
	var out []int
	for i := range l.tokens {
		t := &l.tokens[i]
		x, y := (t.box.X0+t.box.X1)/2, (t.box.Y0+t.box.Y1)/2
		if !l.inGrid[i] && t.dir == 0 && x >= b.X0 && x <= b.X1 && y >= b.Y0 && y <= b.Y1 {
			out = append(out, i)
		}
	}
	return out
}

// findAligned finds the tables whose columns are only told by alignment: those
// with horizontal rulings first.
func (l *layout) findAligned() {
	for _, stack := range l.ruleStacks() {
		l.stackGrid(stack)
	}
	for _, half := range l.halves() {
		l.alignedGrids(l.textRows(l.free(half)))
	}
}

// column returns the column in which a piece starts.
func column(xs []float64, it item) int {
	return max(interval(xs, min(it.box.X0+1, it.box.X1)), 0)
}

// columns returns the borders of the columns of the rows: the middle of what
// (nearly) all leave free, between x0 and x1. Rows of one piece do not count.
func (l *layout) columns(rs []textRow, x0, x1 float64) []float64 {
	type edge struct {
		x     float64
		delta int
	}
	var edges []edge
	n := 0
	for _, r := range rs {
		if len(r.pieces) < 2 || slices.ContainsFunc(r.pieces, func(p item) bool { return p.box.X1-p.box.X0 > maxColumn*(x1-x0) }) {
			continue
		}
		n++
		for _, p := range r.pieces {
			edges = append(edges, edge{p.box.X0, 1}, edge{p.box.X1, -1})
		}
	}
	if n < 2 {
		return nil
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(b.delta, a.delta)) })
	allowed := int(crossingShare * float64(n))
	xs := []float64{x0}
	depth, from := 0, math.Inf(1) // where the depth became allowed
	for _, e := range edges {
		before := depth
		depth += e.delta
		switch {
		case before > allowed && depth <= allowed:
			from = e.x
		case before <= allowed && depth > allowed && e.x-from >= gutterGap*l.em:
			xs = append(xs, (from+e.x)/2)
		}
	}
	return append(xs, x1)
}

// tabular tells a table from text in columns, a list and a drawing. ruled says
// that rulings divide its rows, which is proof enough for a table of two columns.
func (l *layout) tabular(rs []textRow, xs []float64, ruled bool) bool {
	n := len(xs) - 1
	cols := make([][]item, n)
	both := 0
	for _, r := range rs {
		if len(r.pieces) > 1 && column(xs, r.pieces[0]) == 0 {
			both++
		}
		for _, p := range r.pieces {
			c := column(xs, p)
			cols[c] = append(cols[c], p)
		}
	}
	if both < 3 && (!ruled || both < 2) {
		return false
	}
	aligned, pieces, prose := 0, 0, 0
	for c, col := range cols {
		if len(col) == 0 {
			return false
		}
		aligned += l.aligned(col)
		pieces += len(col)
		if longChars(col) > proseChars {
			prose++
		}
		if c == 0 && (!ruled && l.marks(col) || n == 2 && (l.bullets(col) || l.numbered(col, rs, xs))) {
			return false
		}
	}
	if float64(aligned) < minAligned*float64(pieces) {
		return false
	}
	if ruled {
		return true
	}
	// Text in columns fills all of them alike; a table starts with something short.
	if n == 2 {
		return longChars(cols[0]) <= maxFirstChars && longWidth(cols[0]) < 0.4*(xs[2]-xs[0])
	}
	return longChars(cols[0]) <= maxFirstChars && (prose < 2 || longChars(cols[0]) <= maxCodeChars)
}

// longChars returns how many characters the longer pieces of a column have: the
// fifth part of them has more.
func longChars(col []item) int {
	n := make([]int, len(col))
	for i, p := range col {
		n[i] = p.chars
	}
	slices.Sort(n)
	return n[len(n)*4/5]
}

// longWidth is to widths what longChars is to characters.
func longWidth(col []item) float64 {
	w := make([]float64, len(col))
	for i, p := range col {
		w[i] = p.box.X1 - p.box.X0
	}
	slices.Sort(w)
	return w[len(w)*4/5]
}

// aligned returns how many pieces of a column share its left, right or centre.
func (l *layout) aligned(col []item) int {
	best := 0
	for _, at := range []func(Box) float64{
		func(b Box) float64 { return b.X0 },
		func(b Box) float64 { return b.X1 },
		func(b Box) float64 { return (b.X0 + b.X1) / 2 },
	} {
		xs := make([]float64, len(col))
		for i, p := range col {
			xs[i] = at(p.box)
		}
		slices.Sort(xs)
		for i, j := 0, 0; j < len(xs); j++ {
			for xs[j]-xs[i] > 0.6*l.em {
				i++
			}
			best = max(best, j-i+1)
		}
	}
	return best
}

// alignedGrids finds runs of rows that have columns in common.
func (l *layout) alignedGrids(rs []textRow) {
	for i := 0; i < len(rs); {
		if len(rs[i].pieces) < 2 {
			i++
			continue
		}
		j := l.run(rs, i)
		if !l.runGrid(rs[i:j]) {
			j = i + 1
		}
		i = j
	}
}

// run returns the end of the rows from i on that can be one table.
func (l *layout) run(rs []textRow, i int) int {
	var cover []Box // of the columns, in x
	add := func(r textRow) int {
		next := slices.Clone(cover)
		for _, p := range r.pieces {
			b := Box{X0: p.box.X0, X1: p.box.X1}
			kept := next[:0:0]
			for _, c := range next {
				if b.X0-c.X1 < gutterGap*l.em && c.X0-b.X1 < gutterGap*l.em {
					b = b.Union(c)
				} else {
					kept = append(kept, c)
				}
			}
			next = append(kept, b)
		}
		cover = next
		return len(next)
	}
	cols := add(rs[i])
	last := i + 1
	for j := i + 1; j < len(rs); j++ {
		r := &rs[j]
		height := max(min(r.y1-r.y0, rs[j-1].y1-rs[j-1].y0), l.em/2)
		if (r.y0+r.y1-rs[j-1].y0-rs[j-1].y1)/2 > maxRowGap*height || l.ruleBetween(rs[j-1], *r) && len(r.pieces) == 1 && r.pieces[0].box.X0 <= rs[i].pieces[0].box.X0+l.em {
			break
		}
		before := cover
		n := add(*r)
		if n < 2 || n < cols-1 && n < 3 || len(r.pieces) == 1 && n < len(before) {
			cover = before
			break
		}
		cols = max(cols, n)
		if len(r.pieces) > 1 {
			last = j + 1
		} else if len(r.pieces) == 1 && last < j-3 {
			break // a list or text has begun
		} else if c := r.pieces[0]; c.box.X0 > rs[i].pieces[0].box.X1 {
			last = j + 1 // the last cell goes on
		}
	}
	return last
}

// ruleBetween reports whether a ruling separates two rows.
func (l *layout) ruleBetween(a, b textRow) bool {
	for _, r := range l.hrules {
		if r.pos > (a.y0+a.y1)/2 && r.pos < (b.y0+b.y1)/2 && r.to-r.from > l.width/4 {
			return true
		}
	}
	return false
}

func (l *layout) runGrid(rs []textRow) bool {
	if len(rs) < 3 {
		return false
	}
	x0, x1 := math.Inf(1), math.Inf(-1)
	for _, r := range rs {
		for _, p := range r.pieces {
			x0, x1 = min(x0, p.box.X0), max(x1, p.box.X1)
		}
	}
	xs := l.columns(rs, x0-1, x1+1)
	if len(xs) < 3 || l.scattered(rs) || sparse(rs, xs) || !l.tabular(rs, xs, false) || l.contents(rs) || l.onDrawing(Box{x0, rs[0].y0, x1, rs[len(rs)-1].y1}) {
		return false
	}
	starts := l.rowStarts(rs, xs)
	if len(starts) < 3 || l.flowsOn(rs, starts) {
		return false
	}
	l.keepAligned(rs, xs, starts)
	return true
}

// rowStarts returns the text rows at which rows of the table start: where the
// first column has text, unless it is only the next line of a cell, which is
// told by line spacing when rows of the table are set apart.
func (l *layout) rowStarts(rs []textRow, xs []float64) []int {
	gaps := make([]float64, len(rs))
	var all []float64
	for i := 1; i < len(rs); i++ {
		h := max(min(rs[i].y1-rs[i].y0, rs[i-1].y1-rs[i-1].y0), 1)
		gaps[i] = (rs[i].y0 + rs[i].y1 - rs[i-1].y0 - rs[i-1].y1) / 2 / h
		all = append(all, gaps[i])
	}
	apart := 0.0
	if len(all) >= 3 {
		slices.Sort(all)
		tight, wide := all[len(all)/8], all[len(all)-1-len(all)/8]
		if wide > 1.3*tight && tight < minApart {
			apart = (tight + wide) / 2
		}
	}
	starts := []int{0}
	for i := 1; i < len(rs); i++ {
		if column(xs, rs[i].pieces[0]) != 0 {
			// A row may lack its first cell, as variants of a part do.
			if 2*len(rs[i].pieces) >= len(xs)-1 && len(rs[i].pieces) > 1 && gaps[i] >= max(apart, minApart) && !l.lowerCase(rs[i].pieces) {
				starts = append(starts, i)
			}
			continue
		}
		if len(rs[i].pieces) == 1 && gaps[i] < 1.5 && l.lowerCase(rs[i].pieces) {
			continue
		}
		// A line that only continues the first cell, or all cells, is tight.
		if apart > 0 && gaps[i] < apart && (len(rs[i].pieces) == 1 || l.lowerCase(rs[i].pieces)) {
			continue
		}
		starts = append(starts, i)
	}
	return starts
}

// lowerCase reports whether all pieces start with a small letter or a sign, as
// lines that continue a sentence do.
func (l *layout) lowerCase(pieces []item) bool {
	for _, p := range pieces {
		r, _ := utf8.DecodeRuneInString(l.tokens[p.tokens[0]].text)
		if unicode.IsUpper(r) || unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// keepAligned makes a table of text rows. starts are the first text rows of the
// table's rows.
func (l *layout) keepAligned(rs []textRow, xs []float64, starts []int) {
	ys := []float64{rs[0].y0}
	for _, s := range starts[1:] {
		ys = append(ys, (rs[s-1].y1+rs[s].y0)/2)
	}
	ys = append(ys, rs[len(rs)-1].y1)
	for i := 1; i < len(ys); i++ {
		ys[i] = max(ys[i], ys[i-1]+0.1) // tall letters can make rows overlap
	}
	g := newGrid(ys, xs)
	g.loose = true
	var taken []int
	for k, s := range starts {
		end := len(rs)
		if k+1 < len(starts) {
			end = starts[k+1]
		}
		for _, r := range rs[s:end] {
			for _, p := range r.pieces {
				l.assign(&g, k, p)
				taken = append(taken, p.tokens...)
			}
		}
		g.spanRow(k, l)
	}
	for k := range g.cells {
		g.cells[k].lines = l.linesOf(g.cells[k].tokens)
	}
	l.divideRows(&g)
	l.keep(g, taken)
}

// assign puts a piece into the cells of row r. Where it crosses a border, it is
// divided if there is a gap, else it belongs to the cell in which it starts.
func (l *layout) assign(g *grid, r int, p item) {
	c := column(g.xs, p)
	for k, i := range p.tokens {
		t := &l.tokens[i]
		if own := max(interval(g.xs, (t.box.X0+t.box.X1)/2), 0); own > c {
			gap := gutterGap * l.em
			if k > 0 {
				gap = t.box.X0 - l.tokens[p.tokens[k-1]].box.X1
			}
			if gap >= 0.45*l.em && t.box.X0 >= g.xs[own]-0.3*l.em {
				c = own
			}
		}
		cell := &g.cells[g.at[r][c]]
		cell.tokens = append(cell.tokens, i)
	}
}

// spanRow joins the cells of row r that the text of another reaches over.
func (g *grid) spanRow(r int, l *layout) {
	for c := 0; c < len(g.at[r]); c++ {
		k := g.at[r][c]
		if len(g.cells[k].tokens) == 0 {
			continue
		}
		x1 := l.boxOf(g.cells[k].tokens).X1
		for c+1 < len(g.at[r]) && x1 > g.xs[c+1]+l.em && len(g.cells[g.at[r][c+1]].tokens) == 0 {
			c++
			g.at[r][c] = k
		}
	}
}
