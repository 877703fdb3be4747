package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// scan is a page that exists as a picture only: typed, copied and scanned, a
// little askew, with the paper's grey and the glass's dust.
type scan struct {
	name  string   // of the image in the file, unique in the manual
	lines []string // 74 characters at most; one that starts with # is bold
}

const (
	scanWidth  = 1224 // 144 dots an inch on Letter
	scanHeight = 1584
	scanTilt   = 0.011 // radians
)

func (s scan) draw(b *book) {
	b.numberedPage()
	picture, err := s.picture()
	if err != nil {
		b.pdf.SetError(err)
		return
	}
	w, h := b.pdf.GetPageSize()
	options := fpdf.ImageOptions{ImageType: "JPEG"}
	b.pdf.RegisterImageOptionsReader(s.name, options, bytes.NewReader(picture))
	b.pdf.ImageOptions(s.name, 0, 0, w, h, false, options, 0, "")
	b.y = b.pageFloor
}

// picture returns the sheet as a grey JPEG.
func (s scan) picture() ([]byte, error) {
	sheet := image.NewGray(image.Rect(0, 0, scanWidth, scanHeight))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{Y: 243}), image.Point{}, draw.Src)
	regular, err := typewriter(gomono.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := typewriter(gomonobold.TTF)
	if err != nil {
		return nil, err
	}
	drawer := font.Drawer{Dst: sheet, Src: image.NewUniform(color.Gray{Y: 40})}
	y := 130
	for _, l := range s.lines {
		drawer.Face = regular
		if title, ok := strings.CutPrefix(l, "#"); ok {
			drawer.Face, l = bold, title
		}
		drawer.Dot = fixed.P(120, y)
		drawer.DrawString(l)
		y += 31
	}

	tilted := image.NewGray(sheet.Bounds())
	draw.Draw(tilted, tilted.Bounds(), image.NewUniform(color.Gray{Y: 243}), image.Point{}, draw.Src)
	sin, cos := math.Sincos(scanTilt)
	draw.BiLinear.Transform(tilted, f64.Aff3{cos, -sin, 8, sin, cos, -6}, sheet, sheet.Bounds(), draw.Src, nil)
	grain(tilted)

	var out bytes.Buffer
	err = jpeg.Encode(&out, tilted, &jpeg.Options{Quality: 55})
	return out.Bytes(), err
}

func typewriter(ttf []byte) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: 22, DPI: 72})
}

// grain adds noise, specks and a dark edge. The numbers come from a linear
// congruential generator (Numerical Recipes, 7.1) with a fixed seed, so that
// every run scans alike.
func grain(img *image.Gray) {
	state := uint32(20260115)
	next := func() int {
		state = state*1664525 + 1013904223
		return int(state >> 16)
	}
	for y := range scanHeight {
		row := img.Pix[y*img.Stride : y*img.Stride+scanWidth]
		for x := range row {
			v := int(row[x]) + next()%13 - 6
			if x < 14 {
				v -= (14 - x) * 9
			}
			if next()%9000 == 0 {
				v = 90
			}
			row[x] = uint8(min(max(v, 0), 255))
		}
	}
}
