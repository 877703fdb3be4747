// Package pdftest writes small PDF files for tests: text in standard fonts,
// rulings, images, rotation, bookmarks and page labels, and any other objects as
// they are given, so that a test can make a file as broken as it needs.
package pdftest

import (
	"bytes"
	"fmt"
	"strings"
)

// Page is a page that is drawn from its top left corner, in points.
type Page struct {
	Width, Height float64
	Rotate        int // degrees clockwise, as in the file
	// Sideways turns all that is drawn by a quarter, counter-clockwise, as a wide
	// table is on an upright page: Width is then the height of the page.
	Sideways bool
	content  strings.Builder
	rulings  [][4]float64
}

// NewPage returns an empty page of A4.
func NewPage() *Page { return &Page{Width: 595, Height: 842} }

// Fonts of Page.Text.
const (
	Regular = "F1" // Helvetica
	Bold    = "F2"
	Mono    = "F3" // Courier, in which all characters are 0.6 em wide
)

// Text writes s with its base line at y.
func (p *Page) Text(x, y, size float64, font, s string) {
	fmt.Fprintf(&p.content, "BT /%s %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n", font, size, x, p.Height-y, escape(s))
}

// TextUp writes s from the bottom to the top, starting at x, y.
func (p *Page) TextUp(x, y, size float64, font, s string) {
	fmt.Fprintf(&p.content, "BT /%s %g Tf 0 1 -1 0 %g %g Tm (%s) Tj ET\n", font, size, x, p.Height-y, escape(s))
}

// Line draws a line half a point thick.
func (p *Page) Line(x0, y0, x1, y1 float64) {
	fmt.Fprintf(&p.content, "0.5 w %g %g m %g %g l S\n", x0, p.Height-y0, x1, p.Height-y1)
	p.rulings = append(p.rulings, [4]float64{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)})
}

// Frame draws the outline of a rectangle.
func (p *Page) Frame(x0, y0, x1, y1 float64) {
	fmt.Fprintf(&p.content, "0.5 w %g %g %g %g re S\n", x0, p.Height-y1, x1-x0, y1-y0)
	p.rulings = append(p.rulings, [4]float64{x0, y0, x1, y0}, [4]float64{x0, y1, x1, y1}, [4]float64{x0, y0, x0, y1}, [4]float64{x1, y0, x1, y1})
}

// Shade fills a rectangle with light grey.
func (p *Page) Shade(x0, y0, x1, y1 float64) {
	fmt.Fprintf(&p.content, "0.88 g %g %g %g %g re f 0 g\n", x0, p.Height-y1, x1-x0, y1-y0)
}

// Rulings returns the lines that Line, Frame and Grid have drawn, slanting ones too:
// left, top, right and bottom of each, as drawn.
func (p *Page) Rulings() [][4]float64 { return p.rulings }

// Grid draws the rulings of a table whose borders are at the given positions.
func (p *Page) Grid(xs, ys []float64) {
	for _, y := range ys {
		p.Line(xs[0], y, xs[len(xs)-1], y)
	}
	for _, x := range xs {
		p.Line(x, ys[0], x, ys[len(ys)-1])
	}
}

// Image draws a grey picture into the box.
func (p *Page) Image(x0, y0, x1, y1 float64) {
	fmt.Fprintf(&p.content, "q %g 0 0 %g %g %g cm /I1 Do Q\n", x1-x0, y1-y0, x0, p.Height-y1)
}

// Raw adds operators to the content stream.
func (p *Page) Raw(operators string) { p.content.WriteString(operators + "\n") }

// escape writes a string literal; letters that WinAnsiEncoding and Latin-1 have in
// common are those of the standard fonts.
func escape(s string) string {
	var sb strings.Builder
	for _, r := range s {
		if r >= 0xA0 && r <= 0xFF {
			sb.WriteByte(byte(r))
		} else {
			sb.WriteRune(r)
		}
	}
	return strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(sb.String())
}

// Bookmark is an entry of the outline; all are on one level.
type Bookmark struct {
	Title string
	Page  int // 1 is the first
}

// Document is what a file is made of.
type Document struct {
	Title     string
	Pages     []*Page
	Bookmarks []Bookmark
	// Circular makes the last bookmark its own child and the first its successor.
	Circular bool
	// Labels is the Nums array of the page labels, such as "0 <</S/r>> 2 <</S/D>>".
	Labels string
}

// Bytes returns the file.
func (d *Document) Bytes() []byte { return Assemble(d.objects()...) }

func (d *Document) objects() []string {
	const fixed = 8 // catalog, pages, three fonts, image, info, outline
	objects := make([]string, fixed)
	pageAt := func(i int) int { return fixed + 1 + 2*i }
	markAt := func(i int) int { return fixed + 1 + 2*len(d.Pages) + i }

	catalog := "<</Type/Catalog/Pages 2 0 R/Outlines 8 0 R"
	if d.Labels != "" {
		catalog += "/PageLabels<</Nums[" + d.Labels + "]>>"
	}
	objects[0] = catalog + ">>"
	var kids strings.Builder
	for i := range d.Pages {
		fmt.Fprintf(&kids, "%d 0 R ", pageAt(i))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(d.Pages), kids.String())
	for i, name := range []string{"Helvetica", "Helvetica-Bold", "Courier"} {
		objects[2+i] = "<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/" + name + ">>"
	}
	objects[5] = Stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", []byte{0x80})
	objects[6] = "<</Title(" + escape(d.Title) + ")>>"
	objects[7] = "<<>>"
	if n := len(d.Bookmarks); n > 0 {
		objects[7] = fmt.Sprintf("<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>", markAt(0), markAt(n-1), n)
	}
	for i, p := range d.Pages {
		w, h, content := p.Width, p.Height, p.content.String()
		if p.Sideways {
			w, h, content = h, w, fmt.Sprintf("0 1 -1 0 %g 0 cm\n", p.Height)+content
		}
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %g %g]/Rotate %d/Contents %d 0 R/Resources<</Font<</F1 3 0 R/F2 4 0 R/F3 5 0 R>>/XObject<</I1 6 0 R>>>>>>",
				w, h, p.Rotate, pageAt(i)+1),
			Stream("", []byte(content)))
	}
	for i, b := range d.Bookmarks {
		o := fmt.Sprintf("<</Title(%s)/Parent 8 0 R/Dest[%d 0 R/XYZ 0 0 0]", escape(b.Title), pageAt(b.Page-1))
		switch {
		case i+1 < len(d.Bookmarks):
			o += fmt.Sprintf("/Next %d 0 R", markAt(i+1))
		case d.Circular:
			o += fmt.Sprintf("/First %d 0 R/Last %d 0 R/Next %d 0 R", markAt(i), markAt(i), markAt(0))
		}
		objects = append(objects, o+">>")
	}
	return objects
}

// Stream returns a stream object; dict holds the entries beside its length.
func Stream(dict string, data []byte) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
}

// Assemble writes a file of objects, which are numbered from 1. The first is the
// catalog; the seventh, if there is one, the document information.
func Assemble(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	info := ""
	if len(objects) >= 7 {
		info = "/Info 7 0 R"
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, info, xref)
	return b.Bytes()
}
