package pdf

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// item is what is put into reading order: a piece of a line, or a table.
type item struct {
	box    Box
	tokens []int // of a piece of a line
	grid   int   // 1 + index of a table
	chars  int
	lines  int
}

// Columns, in ems of the page's usual font size.
const (
	pieceGap     = 1.0 // a wider gap may be a gutter
	minColLines  = 3   // fewer lines beside each other are no columns
	minColChars  = 14  // shorter lines, on average, are cells or captions
	maxColLevels = 6
)

// order puts the lines and tables of the page into reading order.
func (l *layout) order() {
	var items []item
	for gi, g := range l.grids {
		items = append(items, item{box: g.box, grid: gi + 1, lines: len(g.at), chars: minColChars * len(g.at)})
	}
	for dir := range uint8(4) {
		var free []int
		for i := range l.tokens {
			if !l.inGrid[i] && l.tokens[i].dir == dir {
				free = append(free, i)
			}
		}
		for _, row := range rows(l.tokens, free) {
			items = append(items, l.pieces(row)...)
		}
	}
	l.arrange(items, 0)
}

// pieces divides a row at its wide gaps.
func (l *layout) pieces(row []int) []item {
	var out []item
	start := 0
	for k := 1; k <= len(row); k++ {
		if k < len(row) {
			a, b := l.tokens[row[k-1]], l.tokens[row[k]]
			if b.local.X0-a.local.X1 <= pieceGap*max(min(a.size, b.size), 0.8*l.em) {
				continue
			}
		}
		it := item{tokens: row[start:k], lines: 1}
		it.box = l.boxOf(it.tokens)
		for _, i := range it.tokens {
			it.chars += utf8.RuneCountInString(l.tokens[i].text) + 1
		}
		out = append(out, it)
		start = k
	}
	return out
}

// baseLine returns the y on which the words of a piece stand, those of OCR by
// estimate.
func (l *layout) baseLine(it item) float64 {
	y := make([]float64, len(it.tokens))
	for k, i := range it.tokens {
		y[k] = l.tokens[i].box.Y1
	}
	slices.Sort(y)
	return y[len(y)/2]
}

// baseSlack is how far apart base lines of the same line may be, in points: those
// of a scan are as exact as its paper lay straight.
func (l *layout) baseSlack(it item) float64 {
	const exact, scanned = 0.15, 0.45 // ems
	if w := l.tokens[it.tokens[0]].word; w != nil && w.Confidence > 0 {
		return scanned * l.em
	}
	return exact * l.em
}

// arrange appends the items to the page's lines: where a gutter divides a band
// of the page into columns, column after column, else row by row. What crosses
// the gutter divides bands.
func (l *layout) arrange(items []item, level int) {
	gutter, ok := l.gutter(items)
	if !ok || level >= maxColLevels {
		l.byRows(items)
		return
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.box.Y0, b.box.Y0) })
	var across, left, right []item
	flush := func() {
		if isColumn(left) && isColumn(right) {
			l.byRows(across)
			l.arrange(left, level+1)
			l.arrange(right, level+1)
		} else {
			l.byRows(slices.Concat(across, left, right))
		}
		across, left, right = nil, nil, nil
	}
	for _, it := range items {
		switch {
		case it.box.X1 <= gutter:
			left = append(left, it)
		case it.box.X0 >= gutter:
			right = append(right, it)
		default:
			if len(left)+len(right) > 0 {
				flush()
			}
			across = append(across, it)
		}
	}
	flush()
}

func isColumn(items []item) bool {
	lines, chars := 0, 0
	for _, it := range items {
		lines += it.lines
		chars += it.chars
	}
	return lines >= minColLines && chars >= minColChars*lines
}

// gutter returns the x that most pairs of neighbouring pieces leave free.
func (l *layout) gutter(items []item) (x float64, ok bool) {
	type end struct {
		x     float64
		delta int
	}
	var ends []end
	byY := slices.Clone(items)
	slices.SortFunc(byY, func(a, b item) int { return cmp.Compare(a.box.Y0, b.box.Y0) })
	for i, a := range byY {
		// The nearest piece right of a in its row.
		best := -1
		for _, dir := range []int{-1, 1} {
			for j := i + dir; j >= 0 && j < len(byY) && i-j < 60 && j-i < 60; j += dir {
				b := byY[j]
				if dir > 0 && b.box.Y0 > a.box.Y1 {
					break
				}
				overlap := min(a.box.Y1, b.box.Y1) - max(a.box.Y0, b.box.Y0)
				if overlap < 0.25*min(a.box.Y1-a.box.Y0, b.box.Y1-b.box.Y0) || b.box.X0 <= a.box.X1 {
					continue
				}
				if best < 0 || b.box.X0 < byY[best].box.X0 {
					best = j
				}
			}
		}
		if best >= 0 && byY[best].box.X0-a.box.X1 >= 0.8*l.em {
			weight := min(a.lines, byY[best].lines)
			ends = append(ends, end{a.box.X1, weight}, end{byY[best].box.X0, -weight})
		}
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.delta, b.delta)) })
	depth, most := 0, 0
	for i, e := range ends {
		depth += e.delta
		if e.delta > 0 && depth > most && i+1 < len(ends) {
			most = depth
			x = (e.x + ends[i+1].x) / 2
		}
	}
	return x, most >= minColLines
}

// onBaseLines divides a row at the wide gaps between pieces of the same size that
// stand on other base lines: a label beside text, or a notice beside a column.
func (l *layout) onBaseLines(row []int) [][]int {
	var out [][]int
	pieces := l.pieces(row)
	for k, p := range pieces {
		if k > 0 {
			before := pieces[k-1]
			a, b := l.tokens[before.tokens[0]].size, l.tokens[p.tokens[0]].size
			if max(a, b) > 1.3*min(a, b) || math.Abs(l.baseLine(p)-l.baseLine(before)) <= 2*l.baseSlack(p) {
				last := len(out) - 1
				out[last] = append(slices.Clip(out[last]), p.tokens...)
				continue
			}
		}
		out = append(out, p.tokens)
	}
	return out
}

// byRows appends items row by row; a table is a row of its own.
func (l *layout) byRows(items []item) {
	var tables []item
	var upright []int
	var turned []item
	for _, it := range items {
		switch {
		case it.grid > 0:
			tables = append(tables, it)
		case l.tokens[it.tokens[0]].dir != 0:
			turned = append(turned, it)
		default:
			upright = append(upright, it.tokens...)
		}
	}
	type block struct {
		box   Box
		lines []textLine
	}
	var blocks []block
	for _, row := range rows(l.tokens, upright) {
		for _, line := range l.onBaseLines(row) {
			blocks = append(blocks, block{l.boxOf(line), []textLine{{tokens: line}}})
		}
	}
	for _, it := range tables {
		blocks = append(blocks, block{it.box, l.gridLines(it.grid - 1)})
	}
	for _, it := range turned {
		blocks = append(blocks, block{it.box, []textLine{{tokens: it.tokens}}})
	}
	slices.SortStableFunc(blocks, func(a, b block) int { return cmp.Compare(a.box.Y0, b.box.Y0) })
	for _, b := range blocks {
		l.lines = append(l.lines, b.lines...)
	}
}
