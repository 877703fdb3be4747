package pdf

import (
	"cmp"
	"math"
	"slices"
)

// Tolerances of rulings, in points: programs draw borders cell by cell, with
// ends that overlap, stop short or are doubled.
const (
	sameRule  = 1.5 // rulings this close are one
	ruleGap   = 3   // and a gap this wide is none
	cornerGap = 3   // rulings this close to each other cross
	minRule   = 6   // shorter rulings, once merged, are marks
	minCell   = 3.5 // borders closer than this are one
	maxRules  = 3000
)

// mergeRules joins the pieces of rulings and sorts them by position.
func mergeRules(rules []rule) (horizontal, vertical []rule) {
	for _, r := range rules {
		if r.vertical {
			vertical = append(vertical, r)
		} else {
			horizontal = append(horizontal, r)
		}
	}
	return mergeParallel(horizontal), mergeParallel(vertical)
}

func mergeParallel(rules []rule) []rule {
	slices.SortFunc(rules, func(a, b rule) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.from, b.from))
	})
	var out []rule
	for i := 0; i < len(rules); {
		j := i + 1
		for j < len(rules) && rules[j].pos-rules[j-1].pos <= sameRule && rules[j].pos-rules[i].pos <= 2*sameRule {
			j++
		}
		same := slices.Clone(rules[i:j])
		slices.SortFunc(same, func(a, b rule) int { return cmp.Compare(a.from, b.from) })
		first := len(out)
		for _, r := range same {
			if n := len(out); n > first && r.from <= out[n-1].to+ruleGap {
				out[n-1].to = max(out[n-1].to, r.to)
				continue
			}
			out = append(out, r)
		}
		i = j
	}
	out = slices.DeleteFunc(out, func(r rule) bool { return r.to-r.from < minRule })
	if len(out) > maxRules {
		return nil // a drawing
	}
	return out
}

// findRuled finds the tables that rulings enclose.
func (l *layout) findRuled() {
	l.inGrid = make([]bool, len(l.tokens))
	for _, net := range l.nets() {
		l.ruledGrid(net)
	}
}

// net is a set of rulings that hang together.
type net struct{ h, v []rule }

// nets groups the rulings by their crossings.
func (l *layout) nets() []net {
	nh := len(l.hrules)
	parent := make([]int, nh+len(l.vrules))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i, h := range l.hrules {
		from, _ := slices.BinarySearchFunc(l.vrules, h.from-cornerGap, func(r rule, x float64) int { return cmp.Compare(r.pos, x) })
		for j := from; j < len(l.vrules) && l.vrules[j].pos <= h.to+cornerGap; j++ {
			if v := l.vrules[j]; h.pos >= v.from-cornerGap && h.pos <= v.to+cornerGap {
				parent[find(i)] = find(nh + j)
			}
		}
	}
	byRoot := map[int]int{}
	var out []net
	of := func(i int) *net {
		root := find(i)
		k, ok := byRoot[root]
		if !ok {
			k = len(out)
			byRoot[root] = k
			out = append(out, net{})
		}
		return &out[k]
	}
	for i, h := range l.hrules {
		n := of(i)
		n.h = append(n.h, h)
	}
	for j, v := range l.vrules {
		n := of(nh + j)
		n.v = append(n.v, v)
	}
	return out
}

// ruledGrid makes a table of the net if it is one.
func (l *layout) ruledGrid(n net) {
	if len(n.h)+len(n.v) < 3 || len(n.h) == 0 || len(n.v) == 0 {
		return
	}
	ys, xs := borders(n.h, n.v), borders(n.v, n.h)
	if len(ys) < 2 || len(xs) < 2 || len(ys)*len(xs) < 6 || len(ys)*len(xs) > 50_000 {
		return
	}
	g := newGrid(ys, xs)
	g.span(n)
	taken := l.fill(&g)
	if !l.isTable(&g, taken) || l.struckThrough(&g, n, taken) {
		return
	}
	l.separateParts(&g)
	l.keep(g, taken)
}

// separateParts divides cells that span rows, where each of these rows has a
// number of its own, such as a part's, and a line of the cell beside it: parts
// lists omit the rulings between variants, and a description must not end up
// beside another's number.
func (l *layout) separateParts(g *grid) {
	for c := range g.at[0] {
		for r := 0; r < len(g.at); {
			k, end := g.at[r][c], r+1
			for end < len(g.at) && g.at[end][c] == k {
				end++
			}
			first := c == 0 || g.at[r][c-1] != k
			if end > r+1 && first && l.linesBesideNumbers(g, k, r, end) {
				l.divide(g, k, r, end, c, g.right(r, c))
			}
			r = end
		}
	}
}

// linesBesideNumbers reports whether each row from r to end has a number with a
// line of cell k beside it.
func (l *layout) linesBesideNumbers(g *grid, k, r, end int) bool {
	for ; r < end; r++ {
		found := false
		for c, j := range g.at[r] {
			single := (r == 0 || g.at[r-1][c] != j) && (r+1 == len(g.at) || g.at[r+1][c] != j)
			if j == k || !single || len(g.cells[j].tokens) != 1 {
				continue
			}
			t := &l.tokens[g.cells[j].tokens[0]]
			if !isPartNumber(t.text) {
				continue
			}
			for _, line := range g.cells[k].lines {
				b := l.boxOf(line)
				found = found || math.Abs(b.Y0+b.Y1-t.box.Y0-t.box.Y1) < l.em/2
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// isPartNumber reports whether a word has at least four digits, as the numbers
// of parts do and codes and quantities do not.
func isPartNumber(s string) bool {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n >= 4
}

// divide makes cells of the rows from r to end of cell k, which spans the columns
// from c to last. The columns are divided too, where no line crosses their border.
func (l *layout) divide(g *grid, k, r, end, c, last int) {
	for row := r; row < end; row++ {
		for col := c; col <= last; col++ {
			if g.at[row][col] != k {
				return // the cell is no rectangle
			}
		}
	}
	cell, fresh := g.cells[k], len(g.cells)
	g.cells[k].tokens, g.cells[k].lines = nil, nil
	for row := r; row < end; row++ {
		for col := c; col <= last; col++ {
			if col == c || l.clear(cell.lines, g.xs[col]) {
				g.cells = append(g.cells, gridCell{row: row, col: col})
			}
			g.at[row][col] = len(g.cells) - 1
		}
	}
	for _, i := range cell.tokens {
		b := l.tokens[i].box
		row := min(max(interval(g.ys, (b.Y0+b.Y1)/2), r), end-1)
		col := min(max(interval(g.xs, (b.X0+b.X1)/2), c), last)
		part := &g.cells[g.at[row][col]]
		part.tokens = append(part.tokens, i)
	}
	for j := fresh; j < len(g.cells); j++ {
		g.cells[j].lines = l.linesOf(g.cells[j].tokens)
	}
}

// clear reports whether the lines leave a gap around x.
func (l *layout) clear(lines [][]int, x float64) bool {
	for _, line := range lines {
		left, right := math.Inf(-1), math.Inf(1)
		for _, i := range line {
			b := l.tokens[i].box
			if b.X0+b.X1 < 2*x {
				left = max(left, b.X1)
			} else {
				right = min(right, b.X0)
			}
		}
		if left > x || right < x || right-left < gutterGap*l.em {
			return false
		}
	}
	return true
}

// borders returns the positions of the rulings along, and the ends of those
// across where they stick out: a table often lacks its outer borders.
func borders(along, across []rule) []float64 {
	var ps []float64
	for _, r := range along {
		ps = append(ps, r.pos)
	}
	lo, hi := across[0].from, across[0].to
	for _, r := range across {
		lo, hi = min(lo, r.from), max(hi, r.to)
	}
	slices.Sort(ps)
	const stickOut = 2 * minRule
	if lo < ps[0]-stickOut {
		ps = append(ps, lo)
	}
	if hi > ps[len(along)-1]+stickOut {
		ps = append(ps, hi)
	}
	slices.Sort(ps)
	out := ps[:1]
	for _, p := range ps[1:] {
		if p-out[len(out)-1] > minCell {
			out = append(out, p)
		}
	}
	return out
}

// span joins the cells between which a border is missing.
func (g *grid) span(n net) {
	parent := make([]int, len(g.cells))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	join := func(a, b int) {
		a, b = find(a), find(b)
		parent[max(a, b)] = min(a, b) // the first cell stands for all
	}
	for r := range g.at {
		for c := range g.at[r] {
			if r+1 < len(g.at) && !covered(n.h, g.ys[r+1], g.xs[c], g.xs[c+1]) {
				join(g.at[r][c], g.at[r+1][c])
			}
			if c+1 < len(g.at[r]) && !covered(n.v, g.xs[c+1], g.ys[r], g.ys[r+1]) {
				join(g.at[r][c], g.at[r][c+1])
			}
		}
	}
	for r := range g.at {
		for c, k := range g.at[r] {
			g.at[r][c] = find(k)
		}
	}
}

// covered reports whether rulings at pos cover most of what lies between from and to.
func covered(rules []rule, pos, from, to float64) bool {
	sum := 0.0
	for _, r := range rules {
		if math.Abs(r.pos-pos) <= minCell {
			sum += max(0, min(r.to, to)-max(r.from, from))
		}
	}
	return sum >= 0.6*(to-from)
}

// isTable tells tables from frames, forms' boxes and drawings.
func (l *layout) isTable(g *grid, taken []int) bool {
	if len(taken) == 0 {
		return false
	}
	type span struct{ n, r0, r1, c0, c1 int }
	spans := map[int]*span{}
	for r := range g.at {
		for c, k := range g.at[r] {
			s := spans[k]
			if s == nil {
				s = &span{r0: r, r1: r, c0: c, c1: c}
				spans[k] = s
			}
			s.n++
			s.r1 = max(s.r1, r)
			s.c0, s.c1 = min(s.c0, c), max(s.c1, c)
		}
	}
	filled, crooked := 0, 0
	rowsUsed, colsUsed := map[int]bool{}, map[int]bool{}
	for k, s := range spans {
		if len(g.cells[k].tokens) == 0 {
			continue
		}
		filled++
		rowsUsed[s.r0], colsUsed[s.c0] = true, true
		if s.n != (s.r1-s.r0+1)*(s.c1-s.c0+1) {
			crooked++ // not a rectangle: lines of a drawing
		}
	}
	if len(rowsUsed) < 2 || len(colsUsed) < 2 || filled < 4 || 5*crooked > filled {
		return false
	}
	// Lines that lead nowhere divide a drawing into rows and columns without text.
	if 2*len(rowsUsed) < broad(g.ys) || 2*len(colsUsed) < broad(g.xs) {
		return false
	}
	// A mostly empty grid is a drawing; a small one must be fuller, since three
	// boxes with arrows between them are a flow chart.
	if len(spans) <= 12 {
		return 2*filled >= len(spans)
	}
	return 4*filled >= len(spans)
}

// struckThrough reports whether many words are crossed by vertical rulings:
// then the rulings belong to a drawing behind the text.
func (l *layout) struckThrough(g *grid, n net, taken []int) bool {
	struck := 0
	for _, i := range taken {
		b := l.tokens[i].box
		for _, x := range g.xs[1 : len(g.xs)-1] {
			if b.X0 < x-1 && b.X1 > x+1 && covered(n.v, x, b.Y0, b.Y1) {
				struck++
				break
			}
		}
	}
	return struck > 1 && 16*struck > len(taken)
}

// broad counts the intervals between borders that could hold text: between the
// lines of a double border is nothing.
func broad(borders []float64) int {
	n := 0
	for i := 1; i < len(borders); i++ {
		if borders[i]-borders[i-1] >= minRule {
			n++
		}
	}
	return n
}
