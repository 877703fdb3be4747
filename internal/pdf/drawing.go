package pdf

import (
	"math"
)

// matrix is a PDF transformation [a b c d e f].
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// after returns the matrix that applies m first and then n.
func (m matrix) after(n matrix) matrix {
	a, b := n[0]*m[0]+n[2]*m[1], n[1]*m[0]+n[3]*m[1]
	c, d := n[0]*m[2]+n[2]*m[3], n[1]*m[2]+n[3]*m[3]
	e, f := n.apply(m[4], m[5])
	return matrix{a, b, c, d, e, f}
}

// PDFium's types of page objects and path segments.
const (
	objectPath  = 2
	objectImage = 3
	objectForm  = 5

	segmentLine = 0
	segmentMove = 2
)

const (
	// maxFormDepth is how deep drawings within drawings are followed.
	maxFormDepth = 6
	// maxPathSegments is above what a table drawn as one path has; longer paths
	// are pictures.
	maxPathSegments = 4000
)

// objects collects the rulings and the images of a page.
type objects struct {
	*document
	frame    frame
	left     int // objects that may still be looked at
	segments int // path segments, likewise
	rules    []rule
	cover    coverage
	drawing  drawing
	discs    discs
}

// walk looks at the objects of a page or form. m maps them to user space.
func (o *objects) walk(count, get string, parent uint64, m matrix, depth int) {
	n := o.callInt(count, parent)
	for i := 0; i < n && o.left > 0; i++ {
		o.left--
		obj := o.call(get, parent, uint64(i))
		if obj == 0 {
			continue
		}
		switch o.call("FPDFPageObj_GetType", obj) {
		case objectPath:
			o.path(obj, m)
		case objectImage:
			if b, ok := o.bounds(obj, m); ok {
				o.cover.add(b, o.frame)
				o.drawing.image(b)
				o.thin(b)
			}
		case objectForm:
			if fm, ok := o.matrix(obj); ok && depth < maxFormDepth {
				o.walk("FPDFFormObj_CountObjects", "FPDFFormObj_GetObject", obj, fm.after(m), depth+1)
			}
		}
	}
}

func (o *objects) matrix(obj uint64) (matrix, bool) {
	if o.call("FPDFPageObj_GetMatrix", obj, o.document.at(0)) == 0 {
		return matrix{}, false
	}
	var m matrix
	for i := range m {
		m[i] = o.float(i)
	}
	return m, finite(m[:]...)
}

// bounds returns the object's box as displayed.
func (o *objects) bounds(obj uint64, m matrix) (Box, bool) {
	at := o.document.at
	if o.call("FPDFPageObj_GetBounds", obj, at(0), at(1), at(2), at(3)) == 0 {
		return Box{}, false
	}
	x0, y0, x1, y1 := o.float(0), o.float(1), o.float(2), o.float(3)
	if !finite(x0, y0, x1, y1) {
		return Box{}, false
	}
	ax, ay := m.apply(x0, y0)
	bx, by := m.apply(x1, y1)
	return o.frame.box(ax, ay, bx, by), true
}

// thin adds the box as a rule if it is one.
func (o *objects) thin(b Box) bool {
	w, h := b.X1-b.X0, b.Y1-b.Y0
	switch {
	case h <= maxRuleThickness && w > 2*maxRuleThickness:
		o.rules = append(o.rules, rule{pos: (b.Y0 + b.Y1) / 2, from: b.X0, to: b.X1})
	case w <= maxRuleThickness && h > 2*maxRuleThickness:
		o.rules = append(o.rules, rule{vertical: true, pos: (b.X0 + b.X1) / 2, from: b.Y0, to: b.Y1})
	case h <= maxRuleThickness && w <= maxRuleThickness:
		// A dot, perhaps of a dotted line; too small to be seen on its own.
	default:
		return false
	}
	return true
}

// rectangle adds the edges of a filled or framed rectangle.
func (o *objects) rectangle(b Box) {
	w, h := o.frame.size()
	if o.thin(b) || b.X1-b.X0 > 0.95*w && b.Y1-b.Y0 > 0.95*h {
		return // of the size of the page: its background or frame
	}
	o.rules = append(o.rules,
		rule{pos: b.Y0, from: b.X0, to: b.X1}, rule{pos: b.Y1, from: b.X0, to: b.X1},
		rule{vertical: true, pos: b.X0, from: b.Y0, to: b.Y1}, rule{vertical: true, pos: b.X1, from: b.Y0, to: b.Y1})
}

// path adds the straight lines of a path that is seen.
func (o *objects) path(obj uint64, m matrix) {
	at := o.document.at
	if o.call("FPDFPath_GetDrawMode", obj, at(0), at(1)) == 0 {
		return
	}
	mode := o.bytes(o.scratch, 8)
	fill, stroke := mode[0] != 0, mode[4] != 0
	if !fill && !stroke {
		return
	}
	white := fill && o.white(obj)
	if white && !stroke && !o.mayBeLamp(obj, m) {
		return
	}
	n := o.callInt("FPDFPath_CountSegments", obj)
	if n > maxPathSegments || n > o.segments {
		if b, ok := o.bounds(obj, m); ok {
			o.drawing.cover(b)
		}
		if n > maxPathSegments && fill {
			o.drawing.glyphs += n / maxPathSegments * minGlyphs // perhaps a page of letters in one
		}
		return
	}
	if n < 2 {
		return
	}
	o.segments -= n
	local, ok := o.matrix(obj)
	if !ok {
		return
	}
	m = local.after(m)

	thick := 0.0
	if stroke && o.call("FPDFPageObj_GetStrokeWidth", obj, at(0)) != 0 {
		thick = o.float(0) * math.Sqrt(math.Abs(m[0]*m[3]-m[1]*m[2]))
	}
	t := tracer{objects: o, fill: fill, white: white, stroke: stroke, thick: thick}
	for i := range n {
		seg := o.call("FPDFPath_GetPathSegment", obj, uint64(i))
		if seg == 0 || o.call("FPDFPathSegment_GetPoint", seg, at(0), at(1)) == 0 {
			return
		}
		x, y := o.float(0), o.float(1)
		kind := o.callInt("FPDFPathSegment_GetType", seg)
		closed := o.call("FPDFPathSegment_GetClose", seg) != 0
		x, y = m.apply(x, y)
		if !finite(x, y) {
			return
		}
		x, y = o.frame.point(x, y)
		t.segment(kind, x, y, closed)
	}
	t.flush()
}

// mayBeLamp reports whether the object has the size of a lamp.
func (o *objects) mayBeLamp(obj uint64, m matrix) bool {
	b, ok := o.bounds(obj, m)
	return ok && b.X1-b.X0 <= maxLamp+1 && b.Y1-b.Y0 <= maxLamp+1 && b.X1-b.X0 >= 1
}

// white reports whether the object is filled with white or with nothing.
func (o *objects) white(obj uint64) bool {
	at := o.document.at
	if o.call("FPDFPageObj_GetFillColor", obj, at(0), at(1), at(2), at(3)) == 0 {
		return false
	}
	b := o.bytes(o.scratch, 16)
	return b[0] >= 250 && b[4] >= 250 && b[8] >= 250 || b[12] == 0
}

// tracer follows one path, in the coordinates of the displayed page.
type tracer struct {
	*objects
	fill, stroke bool
	white        bool // what it is filled with
	thick        float64
	points       [][2]float64 // of the current subpath
	curved       bool         // the subpath has curves
	straight     bool         // and lines
}

func (t *tracer) segment(kind int, x, y float64, closed bool) {
	switch kind {
	case segmentMove:
		t.flush()
	case segmentLine:
		t.straight = true
		if n := len(t.points); n > 0 && t.stroke {
			t.line(t.points[n-1], [2]float64{x, y})
		}
	default: // a control or end point of a curve
		t.curved = true
	}
	t.points = append(t.points, [2]float64{x, y})
	if closed && t.stroke && !t.curved {
		t.line([2]float64{x, y}, t.points[0])
	}
}

// line adds a stroked line if it is parallel to an axis.
func (t *tracer) line(p, q [2]float64) {
	b := Box{min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0]), max(p[1], q[1])}
	w, h := b.X1-b.X0, b.Y1-b.Y0
	const slack = 0.5
	if w > slack && h > slack {
		return
	}
	half := t.thick / 2
	if t.thick > maxRuleThickness+1 { // a bar, such as the ground of a heading
		if w > h {
			b.Y0, b.Y1 = b.Y0-half, b.Y1+half
		} else {
			b.X0, b.X1 = b.X0-half, b.X1+half
		}
		t.rectangle(b)
		return
	}
	if h <= slack && w >= 1 {
		t.rules = append(t.rules, rule{pos: (b.Y0 + b.Y1) / 2, from: b.X0, to: b.X1})
	} else if w <= slack && h >= 1 {
		t.rules = append(t.rules, rule{vertical: true, pos: (b.X0 + b.X1) / 2, from: b.Y0, to: b.Y1})
	}
}

// flush ends a subpath: a filled one that is a rectangle has edges.
func (t *tracer) flush() {
	pts := t.points
	if b, ok := circle(pts); ok && t.curved && !t.straight {
		t.discs.add(disc{box: b, filled: t.fill && !t.white, solid: t.fill})
	}
	if len(pts) >= 4 && (t.stroke || !t.white) {
		b := Box{pts[0][0], pts[0][1], pts[0][0], pts[0][1]}
		for _, p := range pts {
			b = b.Union(Box{p[0], p[1], p[0], p[1]})
		}
		square := !t.curved && len(pts) <= 5
		for _, p := range pts {
			square = square && (p[0]-b.X0 < 0.5 || b.X1-p[0] < 0.5) && (p[1]-b.Y0 < 0.5 || b.Y1-p[1] < 0.5)
		}
		switch {
		case !square:
			t.drawing.shape(b, t.fill)
		case t.fill:
			t.rectangle(b)
			t.drawing.bar(b)
		}
	}
	t.points, t.curved, t.straight = t.points[:0], false, false
}

// coverage is a raster of the page that counts what images cover, so that
// pictures drawn over each other count once.
type coverage [coverCells][coverCells]bool

const coverCells = 64

func (c *coverage) add(b Box, f frame) {
	w, h := f.size()
	cell := func(v, size float64) int {
		return int(math.Round(min(max(v/size, 0), 1) * coverCells))
	}
	for y := cell(b.Y0, h); y < cell(b.Y1, h); y++ {
		for x := cell(b.X0, w); x < cell(b.X1, w); x++ {
			c[y][x] = true
		}
	}
}

func (c *coverage) share() float64 {
	n := 0
	for _, row := range c {
		for _, covered := range row {
			if covered {
				n++
			}
		}
	}
	return float64(n) / (coverCells * coverCells)
}
