package pdf

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// Flags of FPDF_RenderPageBitmap. The last one is not in PDFium's manual; it
// skips what only matters for printing and saves a quarter of the time.
const (
	renderAnnotations = 0x01
	renderReverseRGB  = 0x10 // RGBA, as Go has it, instead of BGRA
	renderFast        = 0x2000
)

// The colour of a highlight: the page is multiplied with it, as with a marker
// pen, so that black stays black.
var highlight = color.RGBA{255, 232, 77, 255}

// render draws page index i as a PNG of the width in pixels.
func (d *document) render(i, width, maxPixels int, highlights []Box) ([]byte, error) {
	page := d.call("FPDF_LoadPage", d.handle, uint64(i))
	if page == 0 {
		return nil, &failure{Code: failDamaged, Detail: "the page cannot be loaded"}
	}
	defer d.call("FPDF_ClosePage", page)
	f, ok := d.frame(page)
	if !ok {
		return nil, &failure{Code: failDamaged, Detail: "the page has no size"}
	}
	pw, ph := f.size()
	w, h := pixels(pw, ph, width, maxPixels)

	bitmap := d.call("FPDFBitmap_Create", uint64(w), uint64(h), 0)
	if bitmap == 0 {
		return nil, &failure{Code: failDamaged, Detail: "no memory for the image"}
	}
	defer d.call("FPDFBitmap_Destroy", bitmap)
	const white = 0xffffffff
	d.call("FPDFBitmap_FillRect", bitmap, 0, 0, uint64(w), uint64(h), white)
	d.call("FPDF_RenderPageBitmap", bitmap, page, 0, 0, uint64(w), uint64(h), 0, renderAnnotations|renderReverseRGB|renderFast)

	stride := d.callInt("FPDFBitmap_GetStride", bitmap)
	if stride < 4*w {
		return nil, &failure{Code: failDamaged, Detail: "the image has no rows"}
	}
	at := uint32(d.call("FPDFBitmap_GetBuffer", bitmap))
	img := &image.RGBA{Pix: d.bytes(at, stride*h), Stride: stride, Rect: image.Rect(0, 0, w, h)}
	scale := float64(w) / pw
	for _, b := range highlights {
		mark(img, b, scale)
	}
	return encode(img)
}

// pixels returns the size of the image of a page: of the asked width, unless it
// would have too many pixels.
func pixels(pw, ph float64, width, limit int) (w, h int) {
	fw, fh := float64(width), float64(width)*ph/pw
	if n := fw * fh; n > float64(limit) {
		s := math.Sqrt(float64(limit) / n)
		fw, fh = fw*s, fh*s
	}
	// A page a thousand times as wide as high still gets one row.
	clamp := func(v float64) int { return int(min(max(math.Round(v), 1), float64(limit))) }
	w, h = clamp(fw), clamp(fh)
	if w*h > limit {
		if w > h {
			w = max(limit/h, 1)
		} else {
			h = max(limit/w, 1)
		}
	}
	return w, h
}

// mark multiplies the box, given in points, with the highlight's colour.
func mark(img *image.RGBA, b Box, scale float64) {
	if !finite(b.X0, b.Y0, b.X1, b.Y1) {
		return
	}
	const margin = 1.5 // points around the letters
	r := image.Rect(
		int(math.Floor((b.X0-margin)*scale)), int(math.Floor((b.Y0-margin)*scale)),
		int(math.Ceil((b.X1+margin)*scale)), int(math.Ceil((b.Y1+margin)*scale)),
	).Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[y*img.Stride+4*r.Min.X : y*img.Stride+4*r.Max.X]
		for x := 0; x+3 < len(row); x += 4 {
			row[x] = uint8(int(row[x]) * int(highlight.R) / 255)
			row[x+1] = uint8(int(row[x+1]) * int(highlight.G) / 255)
			row[x+2] = uint8(int(row[x+2]) * int(highlight.B) / 255)
		}
	}
}

// encode writes the image as a PNG: with 16 greys if it has no colours, which
// makes text pages four times smaller, and with a palette of 16 greys and the
// same 16 highlighted if that is all it has.
func encode(img *image.RGBA) ([]byte, error) {
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	var m image.Image = opaque{img}
	if p := quantize(img); p != nil {
		enc.CompressionLevel = png.DefaultCompression
		m = p
	}
	if err := enc.Encode(&out, m); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// opaque says what the encoder would otherwise look for: that no pixel is
// transparent.
type opaque struct{ *image.RGBA }

func (opaque) Opaque() bool { return true }

const greys = 16

// quantize reduces a page of greys, with or without highlights, to a palette.
// It returns nil for a page with colours of its own or with smooth pictures,
// which 16 greys would spoil.
func quantize(img *image.RGBA) *image.Paletted {
	palette := make(color.Palette, 0, 2*greys)
	for i := range greys {
		v := uint8(i * 255 / (greys - 1))
		palette = append(palette, color.RGBA{v, v, v, 255})
	}
	for i := range greys {
		v := i * 255 / (greys - 1)
		palette = append(palette, color.RGBA{uint8(v * int(highlight.R) / 255), uint8(v * int(highlight.G) / 255), uint8(v * int(highlight.B) / 255), 255})
	}
	p := image.NewPaletted(img.Rect, palette)
	marked, middle := false, 0
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		row := img.Pix[y*img.Stride:]
		for x := range w {
			r, g, b := int(row[4*x]), int(row[4*x+1]), int(row[4*x+2])
			i := (r*(greys-1) + 127) / 255
			const slack = 6
			if abs(r-g) > slack || abs(r-b) > slack {
				// The red of a highlighted pixel is its grey: see highlight.
				if abs(r*int(highlight.G)/255-g) > slack || abs(r*int(highlight.B)/255-b) > slack {
					return nil
				}
				i += greys
				marked = true
			} else if r > 40 && r < 225 {
				middle++
			}
			p.Pix[y*p.Stride+x] = uint8(i)
		}
	}
	if middle > w*h/8 {
		return nil // a photograph
	}
	if !marked {
		p.Palette = palette[:greys] // four bits a pixel
	}
	return p
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}
