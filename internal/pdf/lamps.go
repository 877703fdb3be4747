package pdf

import "math"

// Lamps of a control board are printed as circles in the cells of a table, one row
// for each pattern: filled or hollow, and none where the lamp is off. They become
// words, so that the table is read like any other. What filled and hollow mean is
// for its legend to say.

// The words that lamps become.
const (
	lampFilled = "●"
	lampHollow = "○"
)

const (
	// minLamp and maxLamp are their sizes in points; smaller ones are bullets.
	minLamp, maxLamp = 4.5, 18
	// sameLamp is how far the sizes of those of one table differ.
	sameLamp = 0.15
	// minLamps is how many a table has, in minLampRows rows or more.
	minLamps, minLampRows = 4, 3
	maxDiscs              = 2000
)

// disc is a circle, or what covers one.
type disc struct {
	box    Box
	filled bool // with anything but white
	solid  bool // what is behind it is not seen
}

// discs collects circles in the order in which they are drawn.
type discs []disc

// add notes a circle; one that is drawn in the place of another takes its place.
func (d *discs) add(n disc) {
	for i := range *d {
		o := &(*d)[i]
		switch size := o.size(); {
		case !concentric(o.box, n.box):
		case n.size() > (1-sameLamp)*size && n.size() < (1+sameLamp)*size:
			o.filled, o.solid = n.filled || o.filled && !n.solid, o.solid || n.solid
			return
		case n.solid && !n.filled && n.size() < size && n.size() > 0.5*size:
			o.filled = false // a ring, as a white circle on a black one
			return
		}
	}
	if len(*d) < maxDiscs {
		*d = append(*d, n)
	}
}

func (d disc) size() float64 { return d.box.X1 - d.box.X0 }

func concentric(a, b Box) bool {
	near := 0.15 * min(a.X1-a.X0, b.X1-b.X0)
	return math.Abs(middleX(a)-middleX(b)) < near && math.Abs(a.Y0+a.Y1-b.Y0-b.Y1) < 2*near
}

// circle returns the box of a closed path of curves that is a circle.
func circle(points [][2]float64) (Box, bool) {
	const least, most = 13, 28 // a quarter or less for each curve, of three points
	if len(points) < least || len(points) > most {
		return Box{}, false
	}
	b := Box{points[0][0], points[0][1], points[0][0], points[0][1]}
	for _, p := range points {
		b = b.Union(Box{p[0], p[1], p[0], p[1]})
	}
	r := (b.X1 - b.X0) / 2
	if 2*r < minLamp || 2*r > maxLamp || math.Abs(b.Y1-b.Y0-2*r) > 0.08*r {
		return Box{}, false
	}
	x, y := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
	for _, p := range points {
		// The control points of a quarter's curve are 1.14 radii away.
		if d := math.Hypot(p[0]-x, p[1]-y); d < 0.94*r || d > 1.2*r {
			return Box{}, false
		}
	}
	first, last := points[0], points[len(points)-1]
	return b, math.Hypot(first[0]-last[0], first[1]-last[1]) < 0.1*r
}

// alone returns the circles that nothing else is drawn in: no number, no sign, no
// other circle.
func (d discs) alone(ink []Box, chars []char) []disc {
	var out []disc
	for i, c := range d {
		inner := c.box.grow(-0.1 * c.size())
		free := !overlapsAny(chars, inner)
		for k := 0; k < len(d) && free; k++ {
			free = k == i || !d[k].box.overlaps(inner)
		}
		for k := 0; k < len(ink) && free; k++ {
			b := ink[k]
			behind := b.X0 <= c.box.X0 && b.Y0 <= c.box.Y0 && b.X1 >= c.box.X1 && b.Y1 >= c.box.Y1
			free = behind || concentric(b, c.box) && b.near(c.box, sameLamp*c.size()) || !b.overlaps(inner)
		}
		if free {
			out = append(out, c)
		}
	}
	return out
}

// lampToken makes the word of a lamp, in the layout frame.
func lampToken(c disc) token {
	text := lampHollow
	if c.filled {
		text = lampFilled
	}
	return token{text: text, box: c.box, local: c.box, size: c.size(), drawn: true, spaceBefore: true, spaceAfter: true}
}

// placeLamps adds the circles that stand alone in the cells of a grid as words,
// where they are what a table is about: of one size, in several rows of which each
// has a text of its own. It returns their indices among the tokens.
func (l *layout) placeLamps(g *grid) []int {
	type place struct{ lamp, row, cell int }
	var places []place
	within := 0
	for i, c := range l.lamps {
		r, col := interval(g.ys, (c.box.Y0+c.box.Y1)/2), interval(g.xs, middleX(c.box))
		if r < 0 || col < 0 {
			continue
		}
		within++
		k := g.at[r][col]
		cell := Box{g.xs[col], g.ys[r], g.xs[g.right(r, col)+1], g.ys[r+1]}
		if len(g.cells[k].tokens) == 0 && c.box.within(cell) == c.box && (len(places) == 0 || similar(c.size(), l.lamps[places[0].lamp].size(), 1+sameLamp)) {
			places = append(places, place{i, r, k})
		}
	}
	rows, named := map[int]bool{}, 0
	for _, p := range places {
		if rows[p.row] {
			continue
		}
		rows[p.row] = true
		for _, k := range g.at[p.row] {
			if len(g.cells[k].tokens) > 0 {
				named++
				break
			}
		}
	}
	if len(places) < minLamps || len(rows) < minLampRows || named < len(rows) || 5*len(places) < 4*within {
		return nil
	}
	var out []int
	for _, p := range places {
		at := len(l.tokens)
		l.tokens, l.inGrid = append(l.tokens, lampToken(l.lamps[p.lamp])), append(l.inGrid, false)
		cell := &g.cells[p.cell]
		cell.tokens = append(cell.tokens, at)
		cell.lines = l.linesOf(cell.tokens)
		out = append(out, at)
	}
	return out
}

// dropLamps takes back the words that placeLamps has added last.
func (l *layout) dropLamps(n int) {
	l.tokens, l.inGrid = l.tokens[:len(l.tokens)-n], l.inGrid[:len(l.inGrid)-n]
}

// findLegends adds the circles outside of tables, of the size of the lamps in them,
// that stand before a word: "● : lamp is on".
func (l *layout) findLegends() {
	size := 0.0
	for i := range l.tokens {
		if t := &l.tokens[i]; l.inGrid[i] && (t.text == lampFilled || t.text == lampHollow) && t.drawn {
			size = t.size
		}
	}
	if size == 0 {
		return
	}
	words := len(l.tokens)
	for _, c := range l.lamps {
		if !similar(c.size(), size, 1+2*sameLamp) {
			continue
		}
		y := (c.box.Y0 + c.box.Y1) / 2
		for i := range words {
			b := l.tokens[i].box
			if gap := b.X0 - c.box.X1; !l.inGrid[i] && gap > -1 && gap < 1.5*size && y > b.Y0 && y < b.Y1 {
				l.tokens, l.inGrid = append(l.tokens, lampToken(c)), append(l.inGrid, false)
				break
			}
		}
	}
}
