package ocr

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"strconv"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// picture is a part of a page in greys.
type picture struct {
	*image.Gray
	scale  float64 // pixels per point
	x0, y0 float64 // its top left corner on the page, points
}

// pointsPerInch is the unit of a PDF.
const pointsPerInch = 72

// resolution is what pages are drawn at, in dots per inch. See the package's
// documentation of what was measured.
const resolution = 300

// draw has the page drawn.
func (r *Reader) draw(ctx context.Context, path string, p *pdf.Page) (picture, error) {
	data, err := r.engine.Render(ctx, path, pdf.RenderOptions{Page: p.Number, Width: min(int(p.Width*resolution/pointsPerInch), pdf.MaxWidth)})
	if err != nil {
		return picture{}, err
	}
	img, err := grey(data)
	if err != nil {
		return picture{}, fmt.Errorf("picture of page %d: %w", p.Number, err)
	}
	return picture{Gray: img, scale: float64(img.Rect.Dx()) / p.Width}, nil
}

// grey decodes a picture.
func grey(data []byte) (*image.Gray, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if g, ok := img.(*image.Gray); ok {
		return g, nil
	}
	g := image.NewGray(img.Bounds())
	draw.Draw(g, g.Rect, img, img.Bounds().Min, draw.Src)
	return g, nil
}

// encode writes the picture as a portable grey map, which costs next to nothing
// to write and to read.
func (p picture) encode() []byte {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := make([]byte, 0, w*h+32)
	out = append(out, "P5\n"...)
	out = strconv.AppendInt(out, int64(w), 10)
	out = append(out, ' ')
	out = strconv.AppendInt(out, int64(h), 10)
	out = append(out, "\n255\n"...)
	for y := range h {
		out = append(out, p.Pix[y*p.Stride:y*p.Stride+w]...)
	}
	return out
}

// crop returns the part of the picture in a box of the page.
func (p picture) crop(b pdf.Box) picture {
	r := image.Rect(int((b.X0-p.x0)*p.scale), int((b.Y0-p.y0)*p.scale), int((b.X1-p.x0)*p.scale)+1, int((b.Y1-p.y0)*p.scale)+1).Intersect(p.Rect)
	sub := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(sub, sub.Rect, p.Gray, r.Min, draw.Src)
	return picture{Gray: sub, scale: p.scale, x0: p.x0 + float64(r.Min.X)/p.scale, y0: p.y0 + float64(r.Min.Y)/p.scale}
}

// box returns a box of pixels as one of the page.
func (p picture) box(x0, y0, x1, y1 int) pdf.Box {
	at := func(origin float64, v int) float64 { return origin + float64(v)/p.scale }
	return pdf.Box{X0: at(p.x0, x0), Y0: at(p.y0, y0), X1: at(p.x0, x1), Y1: at(p.y0, y1)}
}

func (p picture) dpi() float64 { return p.scale * pointsPerInch }
