package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// RenderOptions say what to draw, and how. The size of the image is given by
// Width or by DPI.
type RenderOptions struct {
	Page  int `json:"page"`            // PDF page number, 1 is the first
	Width int `json:"width,omitempty"` // pixels, MinWidth to MaxWidth; 0 means 1200 unless DPI is given
	// DPI is the scale in pixels per inch of the page, MinDPI to MaxDPI. Where the
	// image would have more pixels than Limits.Pixels it is drawn smaller: the
	// scale is what the image's width says of the width of what was drawn.
	DPI float64 `json:"dpi,omitempty"`
	// Clip is the part of the page that is drawn, in points as all boxes; Width is
	// that part's then. nil means the whole page.
	Clip *Box `json:"clip,omitempty"`
	// Highlights are drawn as translucent yellow boxes; the text stays readable.
	Highlights []Box `json:"highlights,omitempty"`
	// Gray draws in 256 greys without colour, which is what OCR works on.
	Gray bool `json:"gray,omitempty"`
	// Raw returns the image uncompressed, as PGM if it is grey and as PPM if not,
	// instead of a PNG: for a reader on this machine that saves the time of packing
	// and unpacking.
	Raw bool `json:"raw,omitempty"`
	// Background waits for one of the slots and gives way to other processes,
	// instead of being done at once. Its worker is kept, without a slot, for the next
	// page of the same file in the background: see Engine.Close.
	Background bool `json:"-"`
}

// The bounds of RenderOptions.Width in pixels.
const (
	MinWidth     = 200
	MaxWidth     = 4000
	defaultWidth = 1200
)

// The bounds of RenderOptions.DPI.
const (
	MinDPI = 36
	MaxDPI = 1200
)

// Render draws one page, or a part of it. Beside the errors of Extract it can
// fail with PAGE_NOT_FOUND, IMAGE_WIDTH_INVALID (Width or DPI) and
// IMAGE_CLIP_INVALID.
func (e *Engine) Render(ctx context.Context, path string, o RenderOptions) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Width == 0 && o.DPI == 0 {
		o.Width = defaultWidth
	}
	file, err := e.open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	slots := e.interactive
	if o.Background {
		slots = e.slots
	}
	release, err := acquire(ctx, slots)
	if err != nil {
		return nil, err
	}
	defer release()

	if o.Background {
		return e.drawNext(ctx, file, o)
	}
	var drawn []byte
	req := request{Op: opRender, Render: &o, Limits: e.limits}
	err = e.work(ctx, file, req, &budget{left: e.limits.PageTime}, receive(&drawn))
	return picture(drawn, err)
}

// receive returns what puts the picture that a worker sends into drawn.
func receive(drawn *[]byte) func(*message) error {
	return func(m *message) error {
		if m.data != nil {
			*drawn = m.data
		}
		return nil
	}
}

// picture returns what a worker that ended with err has drawn.
func picture(drawn []byte, err error) ([]byte, error) {
	if broken, ok := errors.AsType[*brokenWorker](err); ok {
		return nil, broken.documentError()
	}
	if err != nil {
		return nil, err
	}
	if drawn == nil {
		return nil, damaged(errors.New("the worker sent no image"))
	}
	return drawn, nil
}

func (o *RenderOptions) check() error {
	if o.Page < 1 {
		return pageNotFound(o.Page)
	}
	if o.Width != 0 && (o.Width < MinWidth || o.Width > MaxWidth) {
		return errdefs.New(errdefs.Invalid, "IMAGE_WIDTH_INVALID", "A page image can be %d to %d pixels wide.", MinWidth, MaxWidth)
	}
	if o.DPI != 0 && !(o.DPI >= MinDPI && o.DPI <= MaxDPI) {
		return errdefs.New(errdefs.Invalid, "IMAGE_WIDTH_INVALID", "A page can be drawn with %d to %d pixels per inch.", MinDPI, MaxDPI)
	}
	if c := o.Clip; c != nil && !(finite(c.X0, c.Y0, c.X1, c.Y1) && c.X1 > c.X0 && c.Y1 > c.Y0) {
		return clipInvalid()
	}
	return nil
}

func clipInvalid() error {
	return errdefs.New(errdefs.Invalid, "IMAGE_CLIP_INVALID", "There is nothing to draw: the part that was asked for lies outside of the page.")
}

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

// render draws a page.
func (d *document) render(o RenderOptions, maxPixels int) ([]byte, error) {
	page := d.call("FPDF_LoadPage", d.handle, uint64(o.Page-1))
	if page == 0 {
		return nil, &failure{Code: failDamaged, Detail: "the page cannot be loaded"}
	}
	defer d.call("FPDF_ClosePage", page)
	f, ok := d.frame(page)
	if !ok {
		return nil, &failure{Code: failDamaged, Detail: "the page has no size"}
	}
	pw, ph := f.size()
	part := Box{0, 0, pw, ph}
	if o.Clip != nil {
		part = Box{max(o.Clip.X0, 0), max(o.Clip.Y0, 0), min(o.Clip.X1, pw), min(o.Clip.Y1, ph)}
	}
	if part.X1 <= part.X0 || part.Y1 <= part.Y0 {
		return nil, &failure{Code: failClip}
	}
	width := float64(o.Width)
	if o.Width == 0 {
		width = (part.X1 - part.X0) * o.DPI / 72
	}
	w, h := pixels(part.X1-part.X0, part.Y1-part.Y0, width, maxPixels)

	bitmap := d.call("FPDFBitmap_Create", uint64(w), uint64(h), 0)
	if bitmap == 0 {
		return nil, &failure{Code: failDamaged, Detail: "no memory for the image"}
	}
	defer d.call("FPDFBitmap_Destroy", bitmap)
	img := d.paint(page, bitmap, pw, ph, part, w, h)
	if img == nil {
		return nil, &failure{Code: failDamaged, Detail: "the image has no rows"}
	}
	for _, b := range o.Highlights {
		mark(img, b.move(-part.X0, -part.Y0), float64(w)/(part.X1-part.X0))
	}
	switch {
	case o.Gray && o.Raw:
		g := gray(img)
		return append(fmt.Appendf(nil, "P5\n%d %d\n255\n", w, h), g.Pix...), nil
	case o.Gray:
		return encodePNG(gray(img), png.BestSpeed)
	case o.Raw:
		return ppm(img), nil
	}
	return encode(img)
}

// paint draws a part of a page of pw by ph points over the whole of a bitmap of w
// by h pixels. What it returns is the bitmap's memory; nil if it has none.
func (d *document) paint(page, bitmap uint64, pw, ph float64, part Box, w, h int) *image.RGBA {
	const white = 0xffffffff
	d.call("FPDFBitmap_FillRect", bitmap, 0, 0, uint64(w), uint64(h), white)
	// The whole page is drawn with an origin outside of the image.
	sx, sy := float64(w)/(part.X1-part.X0), float64(h)/(part.Y1-part.Y0)
	d.call("FPDF_RenderPageBitmap", bitmap, page, offset(part.X0*sx), offset(part.Y0*sy), length(pw*sx), length(ph*sy), 0, renderAnnotations|renderReverseRGB|renderFast)
	stride := d.callInt("FPDFBitmap_GetStride", bitmap)
	if stride < 4*w {
		return nil
	}
	at := uint32(d.call("FPDFBitmap_GetBuffer", bitmap))
	return &image.RGBA{Pix: d.bytes(at, stride*h), Stride: stride, Rect: image.Rect(0, 0, w, h)}
}

// offset returns the engine's argument for an image that begins v pixels into
// the page, length that for a length; the engine takes 32 bits.
func offset(v float64) uint64 { return uint64(uint32(int32(-math.Round(min(v, math.MaxInt32))))) }

func length(v float64) uint64 {
	return uint64(uint32(int32(math.Round(min(max(v, 1), math.MaxInt32)))))
}

// gray returns the image without colours, by their brightness.
func gray(img *image.RGBA) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(img.Rect)
	for y := range h {
		from, to := img.Pix[y*img.Stride:y*img.Stride+4*w], out.Pix[y*out.Stride:y*out.Stride+w]
		for x := range to {
			p := from[4*x : 4*x+3 : 4*x+3]
			to[x] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		}
	}
	return out
}

// ppm writes the image uncompressed.
func ppm(img *image.RGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	head := fmt.Appendf(nil, "P6\n%d %d\n255\n", w, h)
	out := append(make([]byte, 0, len(head)+3*w*h), head...)
	for y := range h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*w]
		for x := 0; x < len(row); x += 4 {
			out = append(out, row[x], row[x+1], row[x+2])
		}
	}
	return out
}

// pixels returns the size of the image of a page or a part of one: of the asked
// width, unless it would have too many pixels.
func pixels(pw, ph, width float64, limit int) (w, h int) {
	fw, fh := width, width*ph/pw
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
	if p := quantize(img); p != nil {
		return encodePNG(p, png.DefaultCompression)
	}
	return encodePNG(opaque{img}, png.BestSpeed)
}

func encodePNG(img image.Image, level png.CompressionLevel) ([]byte, error) {
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: level}
	if err := enc.Encode(&out, img); err != nil {
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
