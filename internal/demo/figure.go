package demo

import (
	"math"

	"codeberg.org/go-pdf/fpdf"
)

// figure is a drawing with a caption under it. It stays on one page.
type figure struct {
	caption string
	height  float64
	drawing func(p pen)
}

func (f figure) draw(b *book) {
	b.need(f.height + 24)
	f.drawing(pen{b: b, x: b.x, y: b.y, w: b.width, h: f.height})
	b.y += f.height + 4
	b.figures++
	b.font("I", 9)
	b.ink(rgb{})
	b.putCentered(b.x+b.width/2, b.y+9, b.layout.words.figure+" "+itoa(b.figures)+"  "+f.caption)
	b.y += 20
}

// pen draws in a field of w by h points whose top left corner is 0, 0.
type pen struct {
	b          *book
	x, y, w, h float64
}

func (p pen) line(x0, y0, x1, y1 float64) {
	p.b.rule(p.x+x0, p.y+y0, p.x+x1, p.y+y1, 0.8, rgb{20, 20, 20})
}

func (p pen) thin(x0, y0, x1, y1 float64) {
	p.b.rule(p.x+x0, p.y+y0, p.x+x1, p.y+y1, 0.4, rgb{90, 90, 90})
}

// path draws a line through the points x0, y0, x1, y1, ...
func (p pen) path(xy ...float64) {
	for i := 0; i+3 < len(xy); i += 2 {
		p.line(xy[i], xy[i+1], xy[i+2], xy[i+3])
	}
}

func (p pen) dashed(xy ...float64) {
	p.b.pdf.SetDashPattern([]float64{4, 3}, 0)
	for i := 0; i+3 < len(xy); i += 2 {
		p.thin(xy[i], xy[i+1], xy[i+2], xy[i+3])
	}
	p.b.pdf.SetDashPattern(nil, 0)
}

func (p pen) box(x, y, w, h float64) {
	p.style(0.8)
	p.b.pdf.Rect(p.x+x, p.y+y, w, h, "D")
}

func (p pen) shaded(x, y, w, h float64, grey int) {
	p.style(0.8)
	p.b.pdf.SetFillColor(grey, grey, grey)
	p.b.pdf.Rect(p.x+x, p.y+y, w, h, "FD")
}

func (p pen) circle(x, y, r float64) {
	p.style(0.8)
	p.b.pdf.Circle(p.x+x, p.y+y, r, "D")
}

func (p pen) style(width float64) {
	p.b.pdf.SetDrawColor(20, 20, 20)
	p.b.pdf.SetLineWidth(width)
}

// label prints small text with its left end at x.
func (p pen) label(x, y float64, s string) {
	p.b.font("", 7.5)
	p.b.put(p.x+x, p.y+y, s)
}

func (p pen) centered(x, y float64, s string) {
	p.b.font("", 7.5)
	p.b.putCentered(p.x+x, p.y+y, s)
}

// balloon points at x, y with the item number of a parts list, standing at bx, by.
func (p pen) balloon(item string, x, y, bx, by float64) {
	d := math.Hypot(x-bx, y-by)
	const r = 9
	if d > r {
		p.thin(x, y, bx+(x-bx)*r/d, by+(y-by)*r/d)
	}
	p.b.pdf.SetFillColor(255, 255, 255)
	p.style(0.7)
	p.b.pdf.Circle(p.x+bx, p.y+by, r, "FD")
	p.b.font("B", 8)
	p.b.putCentered(p.x+bx, p.y+by+2.8, item)
}

// slab draws a flat cuboid in parallel projection: w wide, h high, d deep.
func (p pen) slab(x, y, w, h, d float64) {
	dx, dy := d*0.7, -d*0.45
	p.style(0.8)
	face := func(xy ...float64) {
		pts := make([]fpdf.PointType, 0, len(xy)/2)
		for i := 0; i < len(xy); i += 2 {
			pts = append(pts, fpdf.PointType{X: p.x + xy[i], Y: p.y + xy[i+1]})
		}
		p.b.pdf.SetFillColor(255, 255, 255)
		p.b.pdf.Polygon(pts, "FD")
	}
	face(x, y, x+w, y, x+w, y+h, x, y+h)
	face(x, y, x+dx, y+dy, x+w+dx, y+dy, x+w, y)
	face(x+w, y, x+w+dx, y+dy, x+w+dx, y+h+dy, x+w, y+h)
}

// coil draws a winding of n turns to the right of x, y.
func (p pen) coil(x, y float64, n int) {
	for i := range n {
		p.style(0.8)
		p.b.pdf.Arc(p.x+x+4+float64(i)*8, p.y+y, 4, 4, 0, 0, 180, "D")
	}
}

// contact draws an open switch between x and x+24 at y.
func (p pen) contact(x, y float64) {
	p.circle(x+2, y, 1.5)
	p.circle(x+22, y, 1.5)
	p.line(x+3, y-1, x+20, y-8)
}

// motor draws a motor symbol around x, y.
func (p pen) motor(x, y float64, name string) {
	p.circle(x, y, 13)
	p.b.font("B", 9)
	p.b.putCentered(p.x+x, p.y+y+3, name)
}
