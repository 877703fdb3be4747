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
	// stripShare is the width of what is left free between framed cells, in ems.
	stripShare = 0.8
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
	for _, net := range nets(l.hrules, l.vrules, cornerGap) {
		l.ruledGrid(net.withoutInner())
	}
}

// net is a set of rulings that hang together.
type net struct{ h, v []rule }

// nets groups rulings by their crossings; ends that miss each other by no more than
// gap cross too. Both lists are sorted by position.
func nets(hrules, vrules []rule, gap float64) []net {
	nh := len(hrules)
	crossing := newSets(nh + len(vrules))
	for i, h := range hrules {
		from, _ := slices.BinarySearchFunc(vrules, h.from-gap, func(r rule, x float64) int { return cmp.Compare(r.pos, x) })
		for j := from; j < len(vrules) && vrules[j].pos <= h.to+gap; j++ {
			if v := vrules[j]; h.pos >= v.from-gap && h.pos <= v.to+gap {
				crossing.join(i, nh+j)
			}
		}
	}
	byRoot := map[int]int{}
	var out []net
	of := func(i int) *net {
		root := crossing.of(i)
		k, ok := byRoot[root]
		if !ok {
			k = len(out)
			byRoot[root] = k
			out = append(out, net{})
		}
		return &out[k]
	}
	for i, h := range hrules {
		n := of(i)
		n.h = append(n.h, h)
	}
	for j, v := range vrules {
		n := of(nh + j)
		n.v = append(n.v, v)
	}
	return out
}

// box returns what the rulings cover.
func (n net) box() Box {
	b := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, r := range n.h {
		b = b.Union(Box{r.from, r.pos, r.to, r.pos})
	}
	for _, r := range n.v {
		b = b.Union(Box{r.pos, r.from, r.pos, r.to})
	}
	return b
}

// withoutInner returns the net without the boxes that are drawn inside of a cell,
// such as a key, an icon or a switch.
func (n net) withoutInner() net {
	return n.withoutHanging().withoutApart()
}

// withoutApart leaves out the boxes that come near the borders of a cell and touch
// none.
func (n net) withoutApart() net {
	const touch = 1 // points
	if len(n.h) < 4 || len(n.v) < 4 {
		return n
	}
	parts := nets(n.h, n.v, touch)
	if len(parts) < 2 {
		return n
	}
	size := func(n net) int { return len(n.h) + len(n.v) }
	slices.SortStableFunc(parts, func(a, b net) int { return cmp.Compare(area(b.box()), area(a.box())) })
	main, large := 0, 0.8*area(parts[0].box())
	for i, p := range parts {
		if area(p.box()) >= large && size(p) > size(parts[main]) {
			main = i // within a frame around the table
		}
	}
	outer := parts[main]
	if size(outer) < 5 {
		return n
	}
	out := net{slices.Clone(outer.h), slices.Clone(outer.v)}
	around := outer.box()
	for i, p := range parts {
		if i == main {
			continue
		}
		b := p.box()
		inside := b.X0 > around.X0 && b.X1 < around.X1 && b.Y0 > around.Y0 && b.Y1 < around.Y1
		if inside && len(p.h) > 1 && len(p.v) > 1 && !outer.divides(b) {
			continue
		}
		out.h, out.v = append(out.h, p.h...), append(out.v, p.v...)
	}
	byPos := func(a, b rule) int { return cmp.Compare(a.pos, b.pos) }
	slices.SortStableFunc(out.h, byPos)
	slices.SortStableFunc(out.v, byPos)
	return out
}

// withoutHanging leaves out the boxes that touch a border of their row and end a
// little before the other, as the outline of a word does.
func (n net) withoutHanging() net {
	if len(n.h) < 4 || len(n.v) < 4 {
		return n
	}
	around := n.box()
	full := func(r rule) bool { return r.from-around.X0 < cornerGap && around.X1-r.to < cornerGap }
	var dropH, dropV []rule
	for i, h := range n.h {
		if 3*(h.to-h.from) > around.X1-around.X0 {
			continue
		}
		near := false
		for j := i - 1; j >= 0 && h.pos-n.h[j].pos < minRule; j-- {
			near = near || full(n.h[j])
		}
		for j := i + 1; j < len(n.h) && n.h[j].pos-h.pos < minRule; j++ {
			near = near || full(n.h[j])
		}
		if !near {
			continue
		}
		if a, b, ok := n.sides(h); ok {
			dropH, dropV = append(dropH, h), append(dropV, a, b)
		}
	}
	if len(dropH) == 0 {
		return n
	}
	without := func(rules, drop []rule) []rule {
		return slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return slices.Contains(drop, r) })
	}
	return net{without(n.h, dropH), without(n.v, dropV)}
}

// sides returns the two upright rulings that end at the ends of h, and are of one
// length. Where another ruling joins their other ends, h is of a frame of its own.
func (n net) sides(h rule) (a, b rule, ok bool) {
	const exact = 1 // points
	var found []rule
	for _, v := range n.v {
		ends := math.Abs(v.from-h.pos) <= exact || math.Abs(v.to-h.pos) <= exact
		if at := math.Abs(v.pos-h.from) <= exact || math.Abs(v.pos-h.to) <= exact; at && ends {
			found = append(found, v)
		}
	}
	if len(found) != 2 || math.Abs(found[0].from-found[1].from) > exact || math.Abs(found[0].to-found[1].to) > exact {
		return a, b, false
	}
	framed := slices.ContainsFunc(n.h, func(r rule) bool {
		return r != h && math.Abs(r.from-h.from) <= exact && math.Abs(r.to-h.to) <= exact &&
			(math.Abs(r.pos-found[0].from) <= exact || math.Abs(r.pos-found[0].to) <= exact)
	})
	return found[0], found[1], !framed
}

// divides reports whether a ruling runs through the box.
func (n net) divides(b Box) bool {
	return slices.ContainsFunc(n.h, func(r rule) bool { return r.pos > b.Y0 && r.pos < b.Y1 && r.from < b.X1 && r.to > b.X0 }) ||
		slices.ContainsFunc(n.v, func(r rule) bool { return r.pos > b.X0 && r.pos < b.X1 && r.from < b.Y1 && r.to > b.Y0 })
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
	lamps := l.placeLamps(&g)
	taken = append(taken, lamps...)
	if !l.isTable(&g, taken) || l.struckThrough(&g, n, taken) || n.loose(&g) {
		if b := g.box; len(n.h)+len(n.v) > 5 && b.X1-b.X0 > 6*l.em && b.Y1-b.Y0 > 6*l.em {
			l.drawings = append(l.drawings, b)
		}
		l.dropLamps(len(lamps))
		return
	}
	g.dropStrips(l.em * stripShare)
	l.separateParts(&g)
	l.divideRows(&g)
	l.keep(g, taken)
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
	joined := newSets(len(g.cells))
	for r := range g.at {
		for c := range g.at[r] {
			if r+1 < len(g.at) && !covered(n.h, g.ys[r+1], g.xs[c], g.xs[c+1]) {
				joined.join(g.at[r][c], g.at[r+1][c])
			}
			if c+1 < len(g.at[r]) && !covered(n.v, g.xs[c+1], g.ys[r], g.ys[r+1]) {
				joined.join(g.at[r][c], g.at[r][c+1])
			}
		}
	}
	for r := range g.at {
		for c, k := range g.at[r] {
			g.at[r][c] = joined.of(k) // the first cell stands for all
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
	filled, crooked, units, filledUnits, turned := 0, 0, 0, 0, 0
	rowsUsed, colsUsed := map[int]bool{}, map[int]bool{}
	for _, i := range taken {
		if l.tokens[i].dir != 0 {
			turned++
		}
	}
	for k, s := range spans {
		if s.n == 1 {
			units++
		}
		if len(g.cells[k].tokens) == 0 {
			continue
		}
		filled++
		if s.n == 1 {
			filledUnits++
		}
		rowsUsed[s.r0], colsUsed[s.c0] = true, true
		if s.n != (s.r1-s.r0+1)*(s.c1-s.c0+1) {
			crooked++ // not a rectangle: lines of a drawing
		}
	}
	least := 4
	if len(spans) == 4 && len(g.at) == 2 && (len(g.cells[g.at[0][0]].tokens) == 0 || len(g.cells[g.at[1][0]].tokens) == 0) {
		least = 3 // an icon stands for what heads a row
	}
	if len(rowsUsed) < 2 || len(colsUsed) < 2 || filled < least || 5*crooked > filled {
		return false
	}
	// The lines of a drawing meet at random: hardly a cell is of one row and column,
	// or hardly one of these holds text.
	if 5*units < len(spans) && crooked+turned > 0 || 4*filledUnits < units && turned > 0 {
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

// loose reports whether many rulings end where no other is, and not at the edge of
// the grid either: wires do, borders do not.
func (n net) loose(g *grid) bool {
	met, ends := 0, 0
	count := func(rules, across []rule, lo, hi float64) {
		for _, r := range rules {
			for _, at := range []float64{r.from, r.to} {
				ends++
				if math.Abs(at-lo) <= cornerGap || math.Abs(at-hi) <= cornerGap {
					met++
					continue
				}
				k, _ := slices.BinarySearchFunc(across, at-cornerGap, func(a rule, x float64) int { return cmp.Compare(a.pos, x) })
				for ; k < len(across) && across[k].pos <= at+cornerGap; k++ {
					if across[k].from <= r.pos+cornerGap && across[k].to >= r.pos-cornerGap {
						met++
						break
					}
				}
			}
		}
	}
	count(n.h, n.v, g.xs[0], g.xs[len(g.xs)-1])
	count(n.v, n.h, g.ys[0], g.ys[len(g.ys)-1])
	const least = 0.78 // of the ends
	return float64(met) < least*float64(ends)
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
