package pdf

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tables without a full set of rulings, in ems of the page's usual font size.
const (
	cellGap       = 1.0  // pieces of a row are this far apart
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

// ruleStacks groups the horizontal rulings that are not part of a found table
// by their ends; each stack is sorted from top to bottom.
func (l *layout) ruleStacks() [][]rule {
	var out [][]rule
	for _, r := range l.hrules {
		if r.to-r.from < 6*l.em || l.inFoundGrid(r) {
			continue
		}
		found := false
		for k := range out {
			top := out[k][0]
			if math.Abs(top.from-r.from) <= l.em && math.Abs(top.to-r.to) <= l.em {
				out[k] = append(out[k], r)
				found = true
				break
			}
		}
		if !found {
			out = append(out, []rule{r})
		}
	}
	var parts [][]rule
	for _, s := range out {
		slices.SortFunc(s, func(a, b rule) int { return cmp.Compare(a.pos, b.pos) })
		parts = append(parts, l.splitStack(s)...)
	}
	notices := l.notices()
	return slices.DeleteFunc(parts, func(s []rule) bool { return len(s) < 3 || ofBoxes(s, notices) })
}

// notices returns the boxes whose text is in one column, other than those that
// shade every other row of a table.
func (l *layout) notices() []Box {
	return slices.DeleteFunc(l.boxes(), func(b Box) bool {
		which := l.free(b)
		return 5*len(l.listPieces(which)) > 6*len(rows(l.tokens, which))
	})
}

// ofBoxes reports whether all rulings of a stack are of boxes, and of several: then
// what lies between them is text between notices.
func ofBoxes(stack []rule, boxes []Box) bool {
	seen := map[int]bool{}
	for _, r := range stack {
		k := slices.IndexFunc(boxes, func(b Box) bool {
			return r.pos >= b.Y0 && r.pos <= b.Y1 && math.Abs(r.from-b.X0) <= cornerGap && math.Abs(r.to-b.X1) <= cornerGap
		})
		if k < 0 {
			return false
		}
		seen[k] = true
	}
	return len(seen) > 1
}

// splitStack divides a stack between tables: at headings, which start left of
// the rulings, and at what is much higher than a row.
func (l *layout) splitStack(s []rule) [][]rule {
	var out [][]rule
	heights := make([]float64, 0, len(s))
	for k := 1; k < len(s); k++ {
		heights = append(heights, s[k].pos-s[k-1].pos)
	}
	slices.Sort(heights)
	high := math.Inf(1)
	if len(heights) > 3 {
		high = max(5*heights[len(heights)/2], 12*l.em)
	}
	start := 0
	for k := 1; k < len(s); k++ {
		if l.headingBetween(s[k-1], s[k]) || l.gapBetween(s[k-1], s[k]) || s[k].pos-s[k-1].pos > high {
			out = append(out, s[start:k])
			start = k
		}
	}
	return append(out, s[start:])
}

// headingBetween reports whether text between two rulings starts left of them, or is
// in the letters of a title.
func (l *layout) headingBetween(a, b rule) bool {
	for _, i := range l.free(Box{0, a.pos, b.to, b.pos}) {
		if t := &l.tokens[i]; t.box.X0+t.box.X1 < 2*(b.from-l.em) || t.box.X0 < b.from+l.em && t.size >= titleSize*l.em {
			return true
		}
	}
	return false
}

// gapBetween reports whether two rulings enclose nothing and are no double line: one
// table ends, and another begins.
func (l *layout) gapBetween(a, b rule) bool {
	const double = 0.6 // ems
	return b.pos-a.pos > double*l.em && len(l.free(Box{a.from, a.pos, a.to, b.pos})) == 0
}

func (l *layout) inFoundGrid(r rule) bool {
	for _, g := range l.grids {
		if r.pos > g.box.Y0-cornerGap && r.pos < g.box.Y1+cornerGap && r.from < g.box.X1 && r.to > g.box.X0 {
			return true
		}
	}
	return false
}

// stackGrid makes a table of the text between rulings of the same length.
func (l *layout) stackGrid(stack []rule) {
	box := Box{stack[0].from - l.em, stack[0].pos, stack[0].to + l.em, stack[len(stack)-1].pos}
	rs := l.textRows(l.free(box))
	xs := l.columns(rs, box.X0, box.X1)
	// Rulings divide the rows if there are many, or enough for a table of three
	// columns; two columns between a few rulings can be text.
	ruled := len(stack) > 4 || len(stack) == 4 && len(xs) > 3
	if len(xs) < 3 || !l.tabular(rs, xs, ruled || len(xs) > 4 || l.headed(stack, rs, xs)) || l.contents(rs) {
		return
	}
	// Between two rulings is one row, where the rulings divide rows at all.
	var starts []int
	for k := 1; k < len(stack); k++ {
		first, last := -1, -1
		for i, r := range rs {
			if mid := (r.y0 + r.y1) / 2; mid > stack[k-1].pos && mid <= stack[k].pos {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if first < 0 {
			continue
		}
		starts = append(starts, first)
		if between := rs[first : last+1]; !ruled || l.everyRowIsOne(between, xs) {
			for _, s := range l.rowStarts(between, xs)[1:] {
				starts = append(starts, first+s)
			}
		}
	}
	above, below := Box{box.X0, box.Y0 - headReach*l.em, box.X1, box.Y0}, Box{box.X0, box.Y1, box.X1, box.Y1 + headReach*l.em}
	if near := l.textRows(l.free(above)); len(near) > 0 && l.inColumns(near[len(near)-1], xs, max(2, len(xs)-2)) {
		rs = append([]textRow{near[len(near)-1]}, rs...)
		for i := range starts {
			starts[i]++
		}
		starts = append([]int{0}, starts...)
	}
	// Where every other row is shaded, the last may lie below.
	if near := l.textRows(l.free(below)); len(near) > 0 && column(xs, near[0].pieces[0]) == 0 && l.inColumns(near[0], xs, max(2, len(xs)/2)) {
		starts = append(starts, len(rs))
		rs = append(rs, near[0])
	}
	if len(starts) >= 2 {
		l.keepAligned(rs, xs, starts)
	}
}

// headed reports whether the first two rulings enclose one row of bold headings, one
// for each column, and what is below is not bold all over.
func (l *layout) headed(stack []rule, rs []textRow, xs []float64) bool {
	bold := func(p item) bool {
		return !slices.ContainsFunc(p.tokens, func(i int) bool { return !l.tokens[i].bold })
	}
	if len(rs) < 2 || rs[0].y1 > stack[1].pos+l.em/2 || rs[1].y0 < stack[1].pos-l.em/2 || !l.inColumns(rs[0], xs, len(xs)-1) {
		return false
	}
	for _, p := range rs[0].pieces {
		if !bold(p) {
			return false
		}
	}
	return slices.ContainsFunc(rs[1].pieces, func(p item) bool { return !bold(p) })
}

// inColumns reports whether a row has at least so many pieces, each in a column of
// its own.
func (l *layout) inColumns(r textRow, xs []float64, least int) bool {
	last := -1
	for _, p := range r.pieces {
		c := column(xs, p)
		if c <= last || p.box.X1 > xs[c+1]+l.em {
			return false
		}
		last = c
	}
	return len(r.pieces) >= least
}

// everyRowIsOne reports whether rows between two rulings are many, and all
// filled alike: then the rulings divide groups of rows.
func (l *layout) everyRowIsOne(rs []textRow, xs []float64) bool {
	if len(rs) < 3 {
		return false
	}
	for i, r := range rs {
		if len(r.pieces) < 2 || column(xs, r.pieces[0]) != 0 || i > 0 && l.lowerCase(r.pieces[:1]) {
			return false
		}
	}
	return true
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

// bullets reports whether a column holds the bullets or numbers of a list.
func (l *layout) bullets(col []item) bool {
	n := 0
	for _, p := range col {
		if len(p.tokens) == 1 && isBullet(l.tokens[p.tokens[0]].text) {
			n++
		}
	}
	return 3*n >= 2*len(col)
}

// marks reports whether the pieces of a column start with the bullets of a list.
func (l *layout) marks(col []item) bool {
	n := 0
	for _, p := range col {
		if isMark(l.tokens[p.tokens[0]].text) {
			n++
		}
	}
	return 3*n >= 2*len(col)
}

func isMark(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size == len(s) && (unicode.Is(unicode.So, r) || unicode.Is(unicode.Co, r) || strings.ContainsRune("•‣▪◦·", r))
}

// numbered reports whether the first column holds the numbers of sections, as 2.1,
// and the second their titles.
func (l *layout) numbered(col []item, rs []textRow, xs []float64) bool {
	n := 0
	for _, p := range col {
		if len(p.tokens) == 1 && sectionNumber(l.tokens[p.tokens[0]].text) {
			n++
		}
	}
	if n < len(col) {
		return false
	}
	for _, r := range rs {
		for _, p := range r.pieces {
			if first, _ := utf8.DecodeRuneInString(l.tokens[p.tokens[0]].text); column(xs, p) == 1 && !unicode.IsLetter(first) {
				return false
			}
		}
	}
	return true
}

// sectionNumber reports whether s is whole numbers with points between them.
func sectionNumber(s string) bool {
	parts := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 8); err != nil {
			return false
		}
	}
	return len(parts) > 1
}

func isBullet(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	if size == len(s) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return true
	}
	body := strings.TrimRight(strings.TrimLeft(s, "(["), ".):]")
	return body != s && utf8.RuneCountInString(body) <= 2
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

// contents reports whether dots lead from most rows to a page number.
func (l *layout) contents(rs []textRow) bool {
	n := 0
	for _, r := range rs {
		var sb strings.Builder
		for _, p := range r.pieces {
			for _, i := range p.tokens {
				sb.WriteString(l.tokens[i].text)
				sb.WriteByte(' ')
			}
		}
		last := r.pieces[len(r.pieces)-1].tokens
		if _, err := strconv.ParseUint(strings.TrimLeft(l.tokens[last[len(last)-1]].text, ".…_"), 10, 16); err == nil && dottedLeader.MatchString(sb.String()) {
			n++
		}
	}
	return n > 2 && 2*n > len(rs)
}

// onDrawing reports whether a good part of the box is that of drawings.
func (l *layout) onDrawing(b Box) bool {
	covered := 0.0
	for _, d := range l.drawings {
		covered += d.within(b).area()
	}
	return 4*covered > b.area()
}

// sparse reports whether rows leave most cells of three columns and more empty, as
// the labels of a picture and the lines of its legend do.
func sparse(rs []textRow, xs []float64) bool {
	filled := 0
	for _, r := range rs {
		last := -1
		for _, p := range r.pieces {
			if c := column(xs, p); c != last && len(r.pieces) > 1 {
				filled, last = filled+1, c
			}
		}
	}
	return len(xs) > 3 && 2*filled < (len(xs)-1)*len(rs)
}

// scattered reports whether most of the rows are made of pieces that share no base
// line: labels of a drawing, or text of columns that go on each by itself.
func (l *layout) scattered(rs []textRow) bool {
	off, all := 0, 0
	for _, r := range rs {
		if len(r.pieces) < 2 {
			continue
		}
		all++
		high, low := math.Inf(1), math.Inf(-1)
		for _, p := range r.pieces {
			base := l.baseLine(p)
			high, low = min(high, base), max(low, base)
		}
		if low-high > l.baseSlack(r.pieces[0]) {
			off++
		}
	}
	return 2*off > all
}

// flowsOn reports whether rows often start amid a sentence: then they are lines
// of columns of text that happen to be side by side.
func (l *layout) flowsOn(rs []textRow, starts []int) bool {
	amid := 0
	for _, s := range starts {
		if first := rs[s].pieces[0]; len(first.tokens) == 1 && first.chars <= maxCodeChars && strings.ContainsAny(l.tokens[first.tokens[0]].text, "0123456789") {
			continue // a number or code heads the row
		}
		for c, p := range rs[s].pieces {
			r, _ := utf8.DecodeRuneInString(l.tokens[p.tokens[0]].text)
			if unicode.IsLower(r) && (p.chars > minColChars || c == 0 && p.chars <= 2) {
				amid++
				break
			}
		}
	}
	return amid > 1 && 5*amid > len(starts)
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
