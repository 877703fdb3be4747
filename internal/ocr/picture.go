package ocr

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
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

// draw has the part of the page that holds its regions drawn.
func (r *Reader) draw(ctx context.Context, path string, p *pdf.Page) (picture, error) {
	part := p.OCR[0]
	for _, b := range p.OCR[1:] {
		part = part.Union(b)
	}
	data, err := r.engine.Render(ctx, path, pdf.RenderOptions{Page: p.Number, DPI: resolution, Clip: &part, Gray: true, Raw: true, Background: true})
	if err != nil {
		return picture{}, err
	}
	img, err := decode(data)
	if err != nil {
		return picture{}, fmt.Errorf("picture of page %d: %w", p.Number, err)
	}
	return picture{Gray: img, scale: float64(img.Rect.Dx()) / (part.X1 - part.X0), x0: part.X0, y0: part.Y0}, nil
}

// decode reads a portable grey map as the engine writes it.
func decode(data []byte) (*image.Gray, error) {
	var w, h, most int
	n, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P5\n%d %d\n%d\n", &w, &h, &most)
	if err != nil || n != 3 || w < 1 || h < 1 || most != 255 || len(data)-w*h < len("P5\n1 1\n255\n") {
		return nil, errors.New("the engine drew no portable grey map")
	}
	return &image.Gray{Pix: data[len(data)-w*h:], Stride: w, Rect: image.Rect(0, 0, w, h)}, nil
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
