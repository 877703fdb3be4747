package pdf

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// item is what is put into reading order: a piece of a line, or a block whose lines
// are in order already, such as a table.
type item struct {
	box    Box
	tokens []int      // of a piece of a line
	block  []textLine // of a block
	chars  int        // wide ones count twice
	lines  int
}

// Columns, in ems of the page's usual font size.
const (
	pieceGap     = 1.0 // a wider gap may be a gutter
	minColLines  = 3   // fewer lines beside each other are no columns
	minColChars  = 14  // shorter lines, on average, are cells or captions
	maxColLevels = 6
	maxGutters   = 4   // that are tried, best first
	titleSize    = 1.4 // letters at least this large, in ems, are a title
	bulletGap    = 2.5 // between the bullet or number of a list and its text, in ems
)

// order puts the lines and tables of the page into reading order: the printed
// pages of a spread one after the other.
func (l *layout) order() {
	var items []item
	for gi, g := range l.grids {
		items = append(items, item{box: g.box, block: l.gridLines(gi), lines: len(g.at), chars: minColChars * len(g.at)})
	}
	var upright []int
	for dir := range uint8(4) {
		var free []int
		for i := range l.tokens {
			if !l.inGrid[i] && l.tokens[i].dir == dir {
				free = append(free, i)
			}
		}
		if dir == 0 {
			upright = free
		} else {
			items = append(items, l.turnedBlocks(free)...)
		}
	}
	boxed, rest := l.boxed(upright)
	items = append(append(items, boxed...), l.listPieces(rest)...)
	var right []item
	if l.fold > 0 {
		items, right = l.atFold(items)
	}
	l.arrange(items, 0)
	l.arrange(right, 0)
}

// listPieces returns the pieces of the rows of tokens, those of a list with their
// bullets: what lies between a bullet and its text is no gutter.
func (l *layout) listPieces(which []int) []item {
	var out []item
	for _, row := range rows(l.tokens, which) {
		open := false
		for _, p := range l.pieces(row) {
			if open {
				last := &out[len(out)-1]
				if p.box.X0-last.box.X1 <= bulletGap*l.em {
					last.tokens = slices.Concat(last.tokens, p.tokens)
					last.box, last.chars = last.box.Union(p.box), last.chars+p.chars
					open = false
					continue
				}
			}
			out = append(out, p)
			text := l.tokens[p.tokens[0]].text
			_, err := strconv.ParseUint(text, 10, 8)
			open = len(p.tokens) == 1 && (isBullet(text) || err == nil)
		}
	}
	return out
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
			it.chars += textWidth(l.tokens[i].text) + 1
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

// textWidth returns how many characters a word has; those as wide as an em, of
// Chinese, Japanese and Korean, count twice.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x2E80 && r < 0xFF61 {
			n++
		}
	}
	return n
}

// arrange appends the items to the page's lines: where a gutter divides a band
// of the page into columns, column after column, else row by row. What crosses
// the gutter divides bands.
func (l *layout) arrange(items []item, level int) {
	if level < maxColLevels {
		for _, x := range l.gutters(items) {
			if l.arrangeAt(x, items, level) {
				return
			}
		}
	}
	l.byRows(items)
}

// arrangeAt arranges items of which some bands are columns beside a gutter; where
// no band is, it does nothing and reports false. What lies between these bands may
// have columns with other gutters.
func (l *layout) arrangeAt(gutter float64, items []item, level int) bool {
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.box.Y0, b.box.Y0) })
	var rest, left, right []item
	found := false
	flush := func() {
		if l.areColumns(left, right) {
			l.arrange(rest, level+1)
			l.arrange(left, level+1)
			l.arrange(right, level+1)
			rest, found = nil, true
		} else {
			rest = slices.Concat(rest, left, right)
		}
		left, right = nil, nil
	}
	for _, it := range items {
		switch {
		case len(left)+len(right) == 0 && l.isTitle(it, items):
			rest = append(rest, it)
		case it.box.X1 <= gutter:
			left = append(left, it)
		case it.box.X0 >= gutter:
			right = append(right, it)
		default:
			flush()
			rest = append(rest, it)
		}
	}
	flush()
	if found {
		l.arrange(rest, level+1)
	}
	return found
}

// isTitle reports whether an item is in large letters with nothing beside it: it
// stands above both columns even where it ends before the gutter.
func (l *layout) isTitle(it item, items []item) bool {
	if it.block != nil || l.tokens[it.tokens[0]].size < titleSize*l.em {
		return false
	}
	return !slices.ContainsFunc(items, func(b item) bool {
		return b.box != it.box && b.box.Y0 < it.box.Y1 && b.box.Y1 > it.box.Y0
	})
}

// areColumns tells columns, which are read one after the other, from rows with a
// gap: both sides are text, or one is and the other stands on base lines of its
// own as labels of a figure do, or their numbers go on from one to the other.
func (l *layout) areColumns(left, right []item) bool {
	a, b := isColumn(left), isColumn(right)
	return a && b || a && l.standsApart(right, left) || b && l.standsApart(left, right) || l.countsOn(left, right)
}

// standsApart reports whether at most half of the items have a base line in common
// with another of those beside them.
func (l *layout) standsApart(items, beside []item) bool {
	lines, pieces, shared := 0, 0, 0
	for _, it := range items {
		lines += it.lines
		if it.block != nil {
			continue
		}
		pieces++
		y := l.baseLine(it)
		if slices.ContainsFunc(beside, func(b item) bool {
			return b.block == nil && math.Abs(l.baseLine(b)-y) <= l.baseSlack(it)
		}) {
			shared++
		}
	}
	return lines >= minColLines && 2*shared <= pieces
}

// countsOn reports whether the lines on the left start with numbers that go on
// those on the right, as in a legend in two columns.
func (l *layout) countsOn(left, right []item) bool {
	first, last, n := l.numbers(left)
	next, _, m := l.numbers(right)
	return n > 1 && m > 1 && first < last && next == last+1
}

// numbers returns the first and the last of the numbers with which items start, and
// how many there are: none unless each is one more than that before.
func (l *layout) numbers(items []item) (first, last uint64, n int) {
	for _, it := range items {
		if it.block != nil {
			continue
		}
		v, err := strconv.ParseUint(strings.Trim(l.tokens[it.tokens[0]].text, "().:"), 10, 8)
		switch {
		case err != nil:
			continue
		case n == 0:
			first = v
		case v != last+1:
			return 0, 0, 0
		}
		last = v
		n++
	}
	return first, last, n
}

func isColumn(items []item) bool {
	lines, chars := 0, 0
	for _, it := range items {
		lines += it.lines
		chars += it.chars
	}
	return lines >= minColLines && chars >= minColChars*lines
}

// gutters returns the x that many pairs of neighbouring pieces leave free, most
// of them first.
func (l *layout) gutters(items []item) []float64 {
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
	type peak struct {
		x     float64
		depth int
	}
	var peaks []peak
	depth := 0
	for i, e := range ends {
		depth += e.delta
		if e.delta > 0 && depth >= minColLines && i+1 < len(ends) && ends[i+1].delta < 0 {
			peaks = append(peaks, peak{(e.x + ends[i+1].x) / 2, depth})
		}
	}
	slices.SortStableFunc(peaks, func(a, b peak) int { return cmp.Compare(b.depth, a.depth) })
	var out []float64
	for _, p := range peaks[:min(len(peaks), maxGutters)] {
		out = append(out, p.x)
	}
	return out
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

// byRows appends items row by row; a block is a row of its own.
func (l *layout) byRows(items []item) {
	type row struct {
		box   Box
		lines []textLine
	}
	var out []row
	var pieces []int
	for _, it := range items {
		if it.block != nil {
			out = append(out, row{it.box, it.block})
		} else {
			pieces = append(pieces, it.tokens...)
		}
	}
	for _, tokens := range rows(l.tokens, pieces) {
		for _, line := range l.onBaseLines(tokens) {
			out = append(out, row{l.boxOf(line), []textLine{{tokens: line}}})
		}
	}
	slices.SortStableFunc(out, func(a, b row) int { return cmp.Compare(a.box.Y0, b.box.Y0) })
	for _, r := range out {
		l.lines = append(l.lines, r.lines...)
	}
}
