package pdftest

import "fmt"

// Prose writes a paragraph, wrapped to the width, with its first base line at y, and
// returns the base line that follows.
func (p *Page) Prose(x, y, width, size float64, text string) float64 {
	t := Table{Widths: []float64{width + 8}, Rows: [][]string{{text}}, Size: size}
	for _, line := range t.wrap(0, 0) {
		p.Text(x, y, size, Regular, line)
		y += 1.3 * size
	}
	return y
}

// Wiring draws a wiring diagram into 360 by 260 points: boxes of components with
// their terminals, wires between them that cross each other, and names of wires.
func (p *Page) Wiring(x, y float64) {
	for i, name := range []string{"CPU BOARD", "RELAY", "FAN", "PUMP", "LAMP"} {
		left := x + 72*float64(i)
		p.Frame(left, y, left+60, y+40)
		p.Text(left+6, y+14, 7, Regular, name)
		for k := range 3 {
			pin := left + 10 + 20*float64(k)
			p.Text(pin-2, y+37, 6, Regular, fmt.Sprint(k+1))
			p.Line(pin, y+40, pin, y+80+20*float64(k)+12*float64(i))
		}
	}
	for k := range 8 {
		level := y + 80 + 16*float64(k)
		p.Line(x+10, level, x+298+8*float64(k), level)
		if k%3 == 0 {
			p.Text(x+130, level-2, 6, Regular, []string{"BLK", "RED", "WHT"}[k/3])
		}
	}
	p.Frame(x+20, y+215, x+90, y+250)
	p.Text(x+26, y+230, 7, Regular, "TRANSFORMER")
	p.Line(x+50, y+192, x+50, y+215)
	p.Line(x+70, y+176, x+70, y+215)
	p.Text(x+200, y+240, 7, Regular, "L1  N  GND")
}

// Chart draws a curve over a grid of 200 by 140 points, with figures at both axes.
func (p *Page) Chart(x, y float64) {
	xs, ys := make([]float64, 11), make([]float64, 8)
	for i := range xs {
		xs[i] = x + 20*float64(i)
		p.Text(xs[i]-4, y+152, 7, Regular, fmt.Sprint(10*i))
	}
	for i := range ys {
		ys[i] = y + 20*float64(i)
		p.Text(x-18, ys[i]+2, 7, Regular, fmt.Sprint(350-50*i))
	}
	p.Grid(xs, ys)
	for i := range 20 {
		at := float64(i)
		p.Line(x+10*at, y+140-0.35*at*at, x+10*(at+1), y+140-0.35*(at+1)*(at+1))
	}
	p.Text(x+120, y+35, 7, Regular, "R410A")
	p.Text(x+60, y+95, 7, Regular, "R32")
	p.Text(x+60, y+166, 8, Regular, "Suction pressure (kPa)")
	p.TextUp(x-26, y+110, 8, Regular, "Capacity (W)")
}
