package pdf

import (
	"slices"
	"testing"
)

func TestFindsTheDrawingsOfAPage(t *testing.T) {
	t.Parallel()
	prose := func(y0 float64, lines int) (out []Line) {
		for i := range lines {
			y := y0 + 14*float64(i)
			out = append(out, Line{Count: 9, Box: Box{105, y, 395, y + 10}})
		}
		return out
	}
	frame := func(b Box) []rule {
		return []rule{
			{pos: b.Y0, from: b.X0, to: b.X1},
			{pos: b.Y1, from: b.X0, to: b.X1},
			{vertical: true, pos: b.X0, from: b.Y0, to: b.Y1},
			{vertical: true, pos: b.X1, from: b.Y0, to: b.Y1},
		}
	}
	var wires []rule
	for i := range 10 {
		at := 110 + 20*float64(i)
		wires = append(wires, rule{pos: at, from: 100, to: 300}, rule{vertical: true, pos: at, from: 110, to: 290})
	}
	picture := Box{100, 100, 400, 300}
	for name, c := range map[string]struct {
		page  Page
		ink   []Box
		rules []rule
		want  []Box
	}{
		"a picture":                     {ink: []Box{picture}, want: []Box{picture}},
		"two that are apart":            {ink: []Box{{100, 500, 300, 600}, picture}, want: []Box{picture, {100, 500, 300, 600}}},
		"shapes that stand together":    {ink: []Box{{100, 100, 240, 300}, {250, 120, 400, 280}}, want: []Box{picture}},
		"one in another":                {ink: []Box{picture, {200, 180, 290, 245}}, want: []Box{picture}},
		"lines alone":                   {rules: wires, want: []Box{{100, 110, 300, 290}}},
		"a frame":                       {rules: frame(picture)},
		"an icon":                       {ink: []Box{{100, 100, 120, 120}}},
		"what is behind the whole page": {ink: []Box{{0, 0, 600, 800}}},
		"a scan":                        {page: Page{ImageShare: 1}, ink: []Box{picture}},
		"a page for OCR":                {page: Page{OCR: []Box{{0, 0, 600, 800}}}, ink: []Box{picture}},
		"a table":                       {page: Page{Tables: []Table{{Box: picture}}}, ink: []Box{{150, 150, 350, 280}}, rules: frame(picture)},
		"a shaded notice":               {page: Page{Lines: prose(110, 8)}, ink: []Box{picture}},
		"a notice with its sign":        {page: Page{Lines: prose(150, 2)}, ink: []Box{{110, 140, 190, 240}}, rules: frame(picture)},
		"off the page":                  {ink: []Box{{700, 100, 900, 300}, {-300, -300, -100, -100}}},
	} {
		c.page.Width, c.page.Height = 600, 800
		if got := drawings(&c.page, c.ink, c.rules); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
