package ocr

import (
	"context"
	"errors"
	"fmt"
	"image"
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
	for y := range r.Dy() { // what image/draw does takes forty times as long
		copy(sub.Pix[y*sub.Stride:(y+1)*sub.Stride], p.Pix[(r.Min.Y+y)*p.Stride+r.Min.X:])
	}
	return picture{Gray: sub, scale: p.scale, x0: p.x0 + float64(r.Min.X)/p.scale, y0: p.y0 + float64(r.Min.Y)/p.scale}
}

// box returns a box of pixels as one of the page.
func (p picture) box(r image.Rectangle) pdf.Box {
	at := func(origin float64, v int) float64 { return origin + float64(v)/p.scale }
	return pdf.Box{X0: at(p.x0, r.Min.X), Y0: at(p.y0, r.Min.Y), X1: at(p.x0, r.Max.X), Y1: at(p.y0, r.Max.Y)}
}

func (p picture) dpi() float64 { return p.scale * pointsPerInch }

// turned returns the picture turned clockwise by quarters of a full turn.
func (p picture) turned(quarters int) picture {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	at := func(x, y int) (int, int) { return w - 1 - x, h - 1 - y } // 2
	tw, th := w, h
	switch quarters & 3 {
	case 0:
		return p
	case 1:
		at, tw, th = func(x, y int) (int, int) { return h - 1 - y, x }, h, w
	case 3:
		at, tw, th = func(x, y int) (int, int) { return y, w - 1 - x }, h, w
	}
	out := image.NewGray(image.Rect(0, 0, tw, th))
	for y := range h {
		for x, v := range p.Pix[y*p.Stride : y*p.Stride+w] {
			tx, ty := at(x, y)
			out.Pix[ty*out.Stride+tx] = v
		}
	}
	return picture{Gray: out, scale: p.scale, x0: p.x0, y0: p.y0}
}

// turnBack returns where a box of the picture turned by quarters was before.
func (p picture) turnBack(b image.Rectangle, quarters int) image.Rectangle {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	switch quarters & 3 {
	case 1:
		return image.Rect(b.Min.Y, h-b.Max.X, b.Max.Y, h-b.Min.X)
	case 2:
		return image.Rect(w-b.Max.X, h-b.Max.Y, w-b.Min.X, h-b.Min.Y)
	case 3:
		return image.Rect(w-b.Max.Y, b.Min.X, w-b.Min.Y, b.Max.X)
	}
	return b
}
