package pdf

import (
	"cmp"
	"math"
	"slices"
)

// tightLine is the room between the lines of one cell at most, in heights of a line.
const tightLine = 0.6

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
	above := Box{box.X0, box.Y0 - headReach*l.em, box.X1, box.Y0}
	if near := l.textRows(l.free(above)); len(near) > 0 && l.inColumns(near[len(near)-1], xs, max(2, len(xs)-2)) {
		rs = append([]textRow{near[len(near)-1]}, rs...)
		for i := range starts {
			starts[i]++
		}
		starts = append([]int{0}, starts...)
	}
	if below := l.rowBelow(box, xs); len(below) > 0 {
		starts = append(starts, len(rs))
		rs = append(rs, below...)
	}
	if len(starts) >= 2 {
		l.keepAligned(rs, xs, starts)
	}
}

// rowBelow returns the lines of the row that may stand below a box of rulings: where
// every other row is shaded, the last is not. Its cells go on in lines of their own
// columns, set as tight as those of a paragraph.
func (l *layout) rowBelow(box Box, xs []float64) []textRow {
	near := l.textRows(l.free(Box{box.X0, box.Y1, box.X1, l.height}))
	if len(near) == 0 || (near[0].y0+near[0].y1)/2 > box.Y1+headReach*l.em ||
		column(xs, near[0].pieces[0]) != 0 || !l.inColumns(near[0], xs, max(2, len(xs)/2)) {
		return nil
	}
	begins := map[int]float64{} // the left of each cell, by column
	for _, p := range near[0].pieces {
		begins[column(xs, p)] = p.box.X0
	}
	n := 1
	for ; n < len(near); n++ {
		r, last := near[n], near[n-1]
		foreign := slices.ContainsFunc(r.pieces, func(p item) bool {
			x, ok := begins[column(xs, p)]
			return !ok || math.Abs(p.box.X0-x) > l.em
		})
		if foreign || !l.inColumns(r, xs, 1) || r.y0-last.y1 > tightLine*min(r.y1-r.y0, last.y1-last.y0) || l.ruleBetween(last, r) {
			break
		}
	}
	return near[:n]
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
