package pdf

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	typeface "golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// drawnScale is the scale at which pages are looked at.
const drawnScale = drawnDPI / 72.0

// paper returns an empty page of 300 by 200 points in one grey.
func paper(grey uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 500, 333))
	draw.Draw(img, img.Rect, image.NewUniform(color.Gray{Y: grey}), image.Point{}, draw.Src)
	return img
}

func letter(t *testing.T, img *image.Gray, x, y int, ink uint8, text string) {
	t.Helper()
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 9, DPI: drawnDPI})
	if err != nil {
		t.Fatal(err)
	}
	d := typeface.Drawer{Dst: img, Src: image.NewUniform(color.Gray{Y: ink}), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

func TestFindsTextThatIsDrawn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ ground, ink uint8 }{
		"black on white": {255, 0}, "grey on white": {255, 120}, "white on blue": {70, 255},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := paper(c.ground)
			letter(t, img, 60, 80, c.ink, "Replace the filter by RX-11244")
			letter(t, img, 60, 110, c.ink, "and measure 24.5 V at J9")
			got := drawnRegions(img, drawnScale, nil)
			want := Box{60 / drawnScale, 68 / drawnScale, 200 / drawnScale, 110 / drawnScale}
			if len(got) != 1 || got[0].within(want) != want {
				t.Fatalf("regions are %v, want one around %v", got, want)
			}
			if got[0].area() > 4*want.area() {
				t.Errorf("the region %v is far larger than the text", got[0])
			}
		})
	}
}

func TestTakesNoShapesForText(t *testing.T) {
	t.Parallel()
	keys := paper(255)
	for x := 40; x < 400; x += 20 {
		for y := 60; y < 160; y += 20 {
			draw.Draw(keys, image.Rect(x, y, x+14, y+12), image.Black, image.Point{}, draw.Src)
		}
	}
	gradient := paper(0)
	for y := range 333 {
		for x := range 500 {
			gradient.Pix[y*gradient.Stride+x] = uint8(x / 2)
		}
	}
	known := paper(255)
	letter(t, known, 60, 80, 0, "This line is in the text layer")
	for name, c := range map[string]struct {
		img   *image.Gray
		known []Box
	}{
		"keys": {keys, nil}, "gradient": {gradient, nil}, "blank": {paper(255), nil},
		"text that is known": {known, []Box{{30, 35, 250, 60}}},
	} {
		if got := drawnRegions(c.img, drawnScale, c.known); len(got) > 0 {
			t.Errorf("%s: regions are %v", name, got)
		}
	}
}

func TestChoosesWhatIsReadByOCR(t *testing.T) {
	t.Parallel()
	line := func(words int, cipher bool) Line {
		return Line{Count: words, Cipher: cipher, Box: Box{100, 300, 300, 312}}
	}
	page := Box{0, 0, 600, 800}
	table := Box{100, 400, 400, 500}
	for name, c := range map[string]struct {
		page  Page
		drawn []Box
		want  []Box
	}{
		"a scan":                          {Page{ImageShare: 1}, nil, []Box{page}},
		"a scan with a download stamp":    {Page{ImageShare: 1, Lines: []Line{line(6, false)}}, nil, []Box{page}},
		"a scan that was read before":     {Page{ImageShare: 1, Lines: []Line{line(200, false)}}, nil, nil},
		"text":                            {Page{Lines: []Line{line(200, false)}}, nil, nil},
		"a table drawn on a text page":    {Page{Lines: []Line{line(200, false)}}, []Box{table}, []Box{table}},
		"letters drawn as outlines":       {Page{Lines: []Line{line(6, false)}}, []Box{{0, 0, 600, 200}}, []Box{page}},
		"a line that is not what it says": {Page{Lines: []Line{line(200, false), line(5, true)}}, nil, []Box{{96, 296, 304, 316}}},
	} {
		c.page.Width, c.page.Height = 600, 800
		for i, l := range c.page.Lines {
			c.page.Lines[i].First = len(c.page.Words)
			for range l.Count {
				c.page.Words = append(c.page.Words, Word{Text: "word", Box: l.Box})
			}
		}
		got := ocrRegions(&c.page, c.drawn)
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: regions are %v, want %v", name, got, c.want)
		}
	}
}
