package pdf

import (
	"math"
	"slices"
)

// Blocks of lines that are read by themselves, whatever stands beside them.
const (
	minBoxWidth  = 4    // of a box around text, in ems
	maxBoxShare  = 0.4  // of the page that it covers, else it frames the page
	maxBoxRules  = 400  // more rulings are a drawing
	turnedGap    = 4    // between turned lines of a block, in heights of a line
	spreadShape  = 1.2  // the width of a spread, in heights
	spreadLines  = 5    // that each of its printed pages has
	spreadChars  = 25   // on average, where no page numbers tell
	spreadMargin = 0.08 // part of the height where a line may cross the fold
)

// boxed makes a block of the lines in each box that rulings draw, such as that of a
// notice, and returns the tokens that are in none.
func (l *layout) boxed(which []int) (blocks []item, rest []int) {
	boxes := l.boxes()
	in := make([][]int, len(boxes))
	for _, i := range which {
		b := l.tokens[i].box
		x, y := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
		best := -1
		for k, c := range boxes {
			if x > c.X0 && x < c.X1 && y > c.Y0 && y < c.Y1 && (best < 0 || area(c) < area(boxes[best])) {
				best = k
			}
		}
		if best < 0 {
			rest = append(rest, i)
		} else {
			in[best] = append(in[best], i)
		}
	}
	for k, tokens := range in {
		lines := len(rows(l.tokens, tokens))
		if lines < 2 && (lines == 0 || !besideAnother(boxes, in, k)) { // such as a page number; it belongs to its row
			rest = append(rest, tokens...)
			continue
		}
		pieces := l.listPieces(tokens)
		block := item{box: l.boxOf(tokens), lines: lines}
		for _, p := range pieces {
			block.chars += p.chars
		}
		before := l.lines
		l.lines = nil
		l.arrange(pieces, 0)
		block.block, l.lines = l.lines, before
		blocks = append(blocks, block)
	}
	return blocks, rest
}

// besideAnother reports whether another box with text stands beside one, as those of
// a flow chart do: what they hold is not one line, however close they are.
func besideAnother(boxes []Box, in [][]int, k int) bool {
	b := boxes[k]
	for j, o := range boxes {
		overlap := min(b.Y1, o.Y1) - max(b.Y0, o.Y0)
		if j != k && len(in[j]) > 0 && 2*overlap > min(b.Y1-b.Y0, o.Y1-o.Y0) && (o.X0 >= b.X1-cornerGap || o.X1 <= b.X0+cornerGap) {
			return true
		}
	}
	return false
}

func area(b Box) float64 { return (b.X1 - b.X0) * (b.Y1 - b.Y0) }

// boxes returns the rectangles that rulings draw and that are no tables; rulings
// across from side to side are inside of them.
func (l *layout) boxes() []Box {
	if len(l.hrules) > maxBoxRules || len(l.vrules) > maxBoxRules {
		return nil
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= cornerGap }
	side := func(x, y0, y1 float64) bool {
		return slices.ContainsFunc(l.vrules, func(r rule) bool {
			return near(r.pos, x) && r.from <= y0+cornerGap && r.to >= y1-cornerGap
		})
	}
	used := make([]bool, len(l.hrules))
	var out []Box
	for i, top := range l.hrules {
		if used[i] || top.to-top.from < minBoxWidth*l.em || l.inFoundGrid(top) {
			continue
		}
		b := Box{top.from, top.pos, top.to, top.pos}
		for j := i + 1; j < len(l.hrules); j++ {
			r := l.hrules[j]
			if !near(r.from, b.X0) || !near(r.to, b.X1) {
				continue
			}
			if !side(b.X0, b.Y1, r.pos) || !side(b.X1, b.Y1, r.pos) {
				break
			}
			b.Y1 = r.pos
			used[j] = true
		}
		if below := l.boxesBelow(top); len(below) > 1 || b.Y1-b.Y0 <= l.em {
			out = append(out, below...)
		} else if area(b) < maxBoxShare*l.width*l.height {
			out = append(out, b)
		}
	}
	return out
}

// boxesBelow returns the rectangles that stand so close beside each other that their
// upper sides became one ruling.
func (l *layout) boxesBelow(top rule) []Box {
	var out []Box
	last := rule{}
	for _, v := range l.vrules {
		if math.Abs(v.from-top.pos) > cornerGap || v.pos < top.from-cornerGap || v.pos > top.to+cornerGap {
			continue
		}
		b := Box{last.pos, top.pos, v.pos, v.to}
		closed := last.vertical && math.Abs(last.to-v.to) <= cornerGap && covered(l.hrules, v.to, b.X0, b.X1)
		if closed && b.X1-b.X0 >= minBoxWidth*l.em && b.Y1-b.Y0 > l.em {
			out = append(out, b)
		}
		last = v
	}
	return out
}

// turnedBlocks makes blocks of tokens of another direction: lines that stand beside
// each other are read as they are when the page is turned.
func (l *layout) turnedBlocks(which []int) []item {
	var out []item
	var last []Box // of each block, the line that was added last, upright
	for _, row := range rows(l.tokens, which) {
		for _, p := range l.pieces(row) {
			b := l.tokens[p.tokens[0]].local
			for _, i := range p.tokens[1:] {
				b = b.Union(l.tokens[i].local)
			}
			k := slices.IndexFunc(last, func(a Box) bool {
				overlap := min(a.X1, b.X1) - max(a.X0, b.X0)
				return 2*overlap >= min(a.X1-a.X0, b.X1-b.X0) && b.Y0 >= (a.Y0+a.Y1)/2 && b.Y0-a.Y1 < turnedGap*min(a.Y1-a.Y0, b.Y1-b.Y0)
			})
			line := textLine{tokens: p.tokens}
			if k < 0 {
				p.tokens, p.block = nil, []textLine{line}
				out, last = append(out, p), append(last, b)
				continue
			}
			out[k].block = append(out[k].block, line)
			out[k].box, out[k].chars, out[k].lines = out[k].box.Union(p.box), out[k].chars+p.chars, out[k].lines+1
			last[k] = b
		}
	}
	return out
}

// halves returns the printed pages of a spread, the left one first, or the page.
func (l *layout) halves() []Box {
	if l.fold == 0 {
		return []Box{{0, 0, l.width, l.height}}
	}
	return []Box{{0, 0, l.fold, l.height}, {l.fold, 0, l.width, l.height}}
}

// atFold divides items between the printed pages of a spread.
func (l *layout) atFold(items []item) (left, right []item) {
	for _, it := range items {
		if it.box.X0+it.box.X1 < 2*l.fold {
			left = append(left, it)
		} else {
			right = append(right, it)
		}
	}
	return left, right
}

// findFold finds out whether the page is a spread of two printed pages: nothing
// crosses its middle, and both sides have text or page numbers that follow each
// other.
func (l *layout) findFold() {
	if l.width < spreadShape*l.height {
		return
	}
	mid := l.width / 2
	var upright []int
	for i, t := range l.tokens {
		if t.dir == 0 {
			upright = append(upright, i)
		}
	}
	var sides [2][]item
	for _, p := range l.listPieces(upright) {
		switch {
		case p.box.X1 <= mid:
			sides[0] = append(sides[0], p)
		case p.box.X0 >= mid:
			sides[1] = append(sides[1], p)
		case p.box.Y0 > spreadMargin*l.height && p.box.Y1 < (1-spreadMargin)*l.height:
			return
		}
	}
	prose := true
	for _, side := range sides {
		chars := 0
		for _, p := range side {
			chars += p.chars
		}
		if len(side) < spreadLines {
			return
		}
		prose = prose && chars >= spreadChars*len(side)
	}
	for _, g := range l.grids {
		if g.box.X0 < mid && g.box.X1 > mid {
			return
		}
	}
	if prose || l.pageNumbers(sides[0], sides[1]) {
		l.fold = mid
	}
}

// pageNumbers reports whether both sides have a number in the margin, and the right
// one's is the next.
func (l *layout) pageNumbers(left, right []item) bool {
	margin := func(side []item) []item {
		return slices.DeleteFunc(slices.Clone(side), func(p item) bool {
			return len(p.tokens) > 1 || p.box.Y1 > spreadMargin*l.height && p.box.Y0 < (1-spreadMargin)*l.height
		})
	}
	a, _, n := l.numbers(margin(left))
	b, _, m := l.numbers(margin(right))
	return n == 1 && m == 1 && b == a+1
}
