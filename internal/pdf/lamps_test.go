package pdf

import (
	"math"
	"strings"
	"testing"
)

// round returns the points of a circle as four curves.
func round(x, y, r float64) [][2]float64 {
	const k = 0.5523
	return [][2]float64{
		{x + r, y},
		{x + r, y + k*r},
		{x + k*r, y + r},
		{x, y + r},
		{x - k*r, y + r},
		{x - r, y + k*r},
		{x - r, y},
		{x - r, y - k*r},
		{x - k*r, y - r},
		{x, y - r},
		{x + k*r, y - r},
		{x + r, y - k*r},
		{x + r, y},
	}
}

func at(x, y, size float64) Box { return Box{x - size/2, y - size/2, x + size/2, y + size/2} }

func TestCircles(t *testing.T) {
	if b, ok := circle(round(50, 60, 5)); !ok || !b.near(at(50, 60, 10), 0.01) {
		t.Errorf("a circle is %v, %v", b, ok)
	}
	oval := round(50, 60, 5)
	for i := range oval {
		oval[i][0] *= 1.3
	}
	half := round(50, 60, 5)[:7]
	wave := round(50, 60, 5)
	wave[6] = [2]float64{47, 60}
	for name, points := range map[string][][2]float64{"an oval": oval, "half a circle": half, "a bean": wave, "a dot": round(50, 60, 1), "a large circle": round(50, 60, 30)} {
		if b, ok := circle(points); ok {
			t.Errorf("%s is taken for the circle %v", name, b)
		}
	}
}

func TestWhatIsDrawnOverACircleChangesIt(t *testing.T) {
	for name, c := range map[string]struct {
		drawn []disc
		want  string
	}{
		"a ring":                     {[]disc{{box: at(9, 9, 10)}}, "○"},
		"a disc and its outline":     {[]disc{{box: at(9, 9, 10), filled: true, solid: true}, {box: at(9, 9, 10.4)}}, "●"},
		"a white disc on a black":    {[]disc{{box: at(9, 9, 10), filled: true, solid: true}, {box: at(9, 9, 8), solid: true}}, "○"},
		"white over black":           {[]disc{{box: at(9, 9, 10), filled: true, solid: true}, {box: at(9, 9, 10), solid: true}}, "○"},
		"black over white":           {[]disc{{box: at(9, 9, 10), solid: true}, {box: at(9, 9, 10), filled: true, solid: true}}, "●"},
		"a ring around a small disc": {[]disc{{box: at(9, 9, 10)}, {box: at(9, 9, 5), filled: true, solid: true}}, ""},
	} {
		var all discs
		for _, d := range c.drawn {
			all.add(d)
		}
		var got strings.Builder
		for _, l := range all.alone(nil, nil) {
			got.WriteString(lampToken(l).text)
		}
		if got.String() != c.want {
			t.Errorf("%s is %q, want %q", name, got.String(), c.want)
		}
	}
	var numbered discs
	numbered.add(disc{box: at(9, 9, 10)})
	if got := numbered.alone(nil, []char{{r: '1', box: at(9, 9, 4)}}); len(got) > 0 {
		t.Error("the circle around a number is taken for a lamp")
	}
}

// patterns is a page with a table of three lamps, the lower right ones of which are
// filled, and a legend below it.
func patterns(rows []string, named bool) content {
	c := content{width: 400, height: 400}
	write := func(x, y float64, text string) {
		for _, r := range text {
			c.chars = append(c.chars, char{r: r, box: Box{x, y, x + 5, y + 10}, size: 10})
			x += 5
		}
		c.chars = append(c.chars, char{r: ' '})
	}
	for i, head := range []string{"", "LED3", "LED2", "LED1"} {
		write(60+float64(i)*70, 60, head)
	}
	for i, row := range rows {
		y := 80 + float64(i)*20
		if named {
			write(60, y, "Fault0"+string(rune('1'+i)))
		}
		for k, mark := range []rune(row) {
			if mark != ' ' {
				c.lamps = append(c.lamps, disc{box: at(145+float64(k)*70, y+5, 9), filled: mark == '●'})
			}
		}
	}
	bottom := 75 + float64(len(rows))*20
	for y := 55.0; y <= bottom; y += 20 {
		c.rules = append(c.rules, rule{pos: y, from: 50, to: 330})
	}
	for _, x := range []float64{50, 120, 190, 260, 330} {
		c.rules = append(c.rules, rule{vertical: true, pos: x, from: 55, to: bottom})
	}
	c.lamps = append(c.lamps, disc{box: at(70, bottom+20, 9), filled: true}, disc{box: at(300, bottom+40, 9)})
	write(80, bottom+15, ": lit")
	return c
}

func TestLampsInCellsAreWords(t *testing.T) {
	p := layOut(patterns([]string{"○  ", "○ ●", "○● ", "○●●"}, true))
	if len(p.Tables) != 1 {
		t.Fatalf("%d tables", len(p.Tables))
	}
	var got []string
	for _, r := range p.Tables[0].Rows {
		var cells []string
		for _, c := range r.Cells {
			cells = append(cells, c.Text)
		}
		got = append(got, strings.Join(cells, "|"))
	}
	if want := "|LED3|LED2|LED1\nFault01|○||\nFault02|○||●\nFault03|○|●|\nFault04|○|●|●"; strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	var legend string
	for i := range p.Lines {
		if text := p.LineText(i); strings.Contains(text, "lit") {
			legend = text
		}
	}
	if legend != "● : lit" {
		t.Errorf("the legend is %q", legend)
	}
	marks := 0
	for _, w := range p.Words {
		if w.Drawn {
			marks++
			if b := w.Box; math.Abs(b.X1-b.X0-9) > 0.1 {
				t.Errorf("a lamp's box is %v", b)
			}
		}
	}
	if marks != 9 {
		t.Errorf("%d lamps, want 8 in the table and 1 of the legend", marks)
	}
}

func TestCirclesOfDrawingsAreNoWords(t *testing.T) {
	for name, c := range map[string]content{
		"without names of the rows": patterns([]string{"○○○", "○○○", "○○○"}, false),
		"two rows":                  patterns([]string{"○○○", "○○○"}, true),
	} {
		if p := layOut(c); strings.ContainsAny(pageText(&p), "○●") {
			t.Errorf("%s: %s", name, pageText(&p))
		}
	}
}

func pageText(p *Page) string {
	var out []string
	for i := range p.Lines {
		out = append(out, p.LineText(i))
	}
	return strings.Join(out, "\n")
}
