package pdf

import (
	"cmp"
	"slices"
)

const (
	// maxInk is how many of a page's images and shapes are looked at for its drawings.
	maxInk = 20_000
	// inkCells is how finely a page is divided to see which of them belong together,
	// and inkGap how many cells may be between two that do: about 20 points.
	inkCells, inkGap = 64, 2
	// minDrawing is the size of a drawing in points, and drawingShare the part of the
	// page that it covers: icons, logos and keys in a text are smaller.
	minDrawingWidth, minDrawingHeight = 80, 60
	drawingShare                      = 0.025
	// lineDrawing is how many rulings make a drawing without any other shape: fewer
	// are frames and underlines.
	lineDrawing = 14
	// proseWords is from how many words on a line is running text, and proseShare the
	// part of a drawing's height that such lines may take: more are a framed or
	// shaded notice.
	proseWords, proseShare = 6, 0.3
	// noticeShapes is how many shapes there are at most for each line of running text
	// where they are the signs of notices: two lines of it with hardly more are one.
	noticeShapes = 4
)

// drawings returns where the page shows pictures: images and shapes that stand
// close together, with the lines between them, but for tables, the largest first.
// ink are the boxes of images and shapes. A page that is all one image is a scan,
// and has none.
func drawings(p *Page, ink []Box, rules []rule) []Box {
	if p.Width <= 0 || p.Height <= 0 || surelyScan(len(p.Words), p.ImageShare) || len(p.OCR) == 1 && p.OCR[0].area() >= 0.95*p.Width*p.Height {
		return nil
	}
	page := Box{0, 0, p.Width, p.Height}
	type mark struct {
		box   Box
		shape bool // no ruling
	}
	var marks []mark
	add := func(b Box, shape bool) {
		if !b.grow(1).overlaps(page) || b.area() > 0.9*page.area() || inTables(p, b) {
			return // off the page, behind all of it, or of a table
		}
		marks = append(marks, mark{b.within(page), shape})
	}
	for _, b := range ink {
		add(b, true)
	}
	for _, r := range rules {
		if r.vertical {
			add(Box{r.pos, r.from, r.pos, r.to}, false)
		} else {
			add(Box{r.from, r.pos, r.to, r.pos}, false)
		}
	}
	var g inkGrid
	at := make([]int, len(marks))
	cell := func(v, size float64) int { return min(max(int(v/size*inkCells), 0), inkCells-1) }
	for i, m := range marks {
		x0, x1 := cell(m.box.X0, p.Width), cell(m.box.X1, p.Width)
		y0, y1 := cell(m.box.Y0, p.Height), cell(m.box.Y1, p.Height)
		at[i] = y0*inkCells + x0
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				// Only the edges of what is large: a frame does not draw what it is around.
				if y1-y0 < 8 || x1-x0 < 8 || y == y0 || y == y1 || x == x0 || x == x1 {
					g[y][x] = -1
				}
			}
		}
	}
	n := g.connect()
	type region struct {
		box           Box
		shapes, lines int
	}
	regions := make([]region, n)
	for i, m := range marks {
		r := &regions[g[at[i]/inkCells][at[i]%inkCells]-1]
		if r.shapes+r.lines == 0 {
			r.box = m.box
		}
		r.box = r.box.Union(m.box)
		if m.shape {
			r.shapes++
		} else {
			r.lines++
		}
	}
	var out []Box
	for _, r := range regions {
		b := r.box
		if b.X1-b.X0 < minDrawingWidth || b.Y1-b.Y0 < minDrawingHeight || b.area() < drawingShare*page.area() || r.shapes == 0 && r.lines < lineDrawing || isNotice(p, b, r.shapes) {
			continue
		}
		out = append(out, b)
	}
	// What lies in another is part of it.
	slices.SortStableFunc(out, func(a, b Box) int { return cmp.Compare(b.area(), a.area()) })
	var kept []Box
	for _, b := range out {
		if !slices.ContainsFunc(kept, func(k Box) bool { return k.within(b).area() > 0.8*b.area() }) {
			kept = append(kept, b)
		}
	}
	return kept
}

// inTables reports whether a box lies in a table of the page, or is one of its
// borders.
func inTables(p *Page, b Box) bool {
	return slices.ContainsFunc(p.Tables, func(t Table) bool {
		o := t.Box.grow(4)
		return b.X0 >= o.X0 && b.X1 <= o.X1 && b.Y0 >= o.Y0 && b.Y1 <= o.Y1
	})
}

// isNotice reports whether a box with so many shapes holds running text: it frames
// or shades it.
func isNotice(p *Page, b Box, shapes int) bool {
	prose, lines := 0.0, 0
	for _, l := range p.Lines {
		y := (l.Box.Y0 + l.Box.Y1) / 2
		if l.Count >= proseWords && l.Turn == 0 && y > b.Y0 && y < b.Y1 && l.Box.X0 >= b.X0-2 && l.Box.X1 <= b.X1+2 {
			prose += l.Box.Y1 - l.Box.Y0
			lines++
		}
	}
	return prose > proseShare*(b.Y1-b.Y0) || lines >= 2 && shapes <= noticeShapes*lines
}

// inkGrid are the cells of a page: 0 for nothing, -1 for ink, and the number of
// its region once connected.
type inkGrid [inkCells][inkCells]int16

// connect numbers the regions of ink from 1 and returns how many there are.
func (g *inkGrid) connect() int {
	n := 0
	var stack [][2]int
	for y := range g {
		for x := range g[y] {
			if g[y][x] != -1 {
				continue
			}
			n++
			g[y][x] = int16(n)
			stack = append(stack[:0], [2]int{y, x})
			for len(stack) > 0 {
				c := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				for i := max(c[0]-inkGap, 0); i <= min(c[0]+inkGap, inkCells-1); i++ {
					for k := max(c[1]-inkGap, 0); k <= min(c[1]+inkGap, inkCells-1); k++ {
						if g[i][k] == -1 {
							g[i][k] = int16(n)
							stack = append(stack, [2]int{i, k})
						}
					}
				}
			}
		}
	}
	return n
}
