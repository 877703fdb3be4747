package pdf

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tetratelabs/wazero/api"
)

// content is what PDFium tells of a page, before any layout: all boxes are on
// the page as displayed.
type content struct {
	width, height float64
	chars         []char // in the order of the content stream
	rules         []rule
	imageShare    float64
	segments      []char // what is drawn in segments, as displays show it
	drawn         []Box  // where its picture shows text that is not in chars
	ink           []Box  // of its images and shapes, at most maxInk
	lamps         []disc // circles with nothing in them
}

// char is one character, or a space where words end.
type char struct {
	r    rune
	box  Box
	size float64 // points
	dir  uint8   // quarter turns, counter-clockwise, of its reading direction
	bold bool
	font uint16 // numbers the fonts of the page
	// unmapped says that the file does not tell which character it is: r is its
	// code, or utf8.RuneError when that is no character.
	unmapped bool
	cipher   bool // r is not what is drawn
	drawn    bool // its segments are drawn; it is in no text layer
}

// rule is a thin straight line, drawn as such or as the edge of a rectangle.
type rule struct {
	vertical bool
	pos      float64 // y of a horizontal rule, x of a vertical one
	from, to float64 // its ends on the other axis, from < to
}

// font is what is kept of a font while its page is read.
type font struct {
	number uint16
	bold   bool
}

// What the layout treats as a line: a rectangle up to this thick, in points.
const maxRuleThickness = 2

// charsPerWord bounds the characters read of a page, from Limits.Words.
const charsPerWord = 20

// content reads page index i; ok is false when PDFium cannot load the page. look is
// asked before the page's picture is looked at, which is the part that strange
// drawings may not survive.
func (d *document) content(i int, l Limits, look func() bool) (c content, ok bool) {
	page := d.call("FPDF_LoadPage", d.handle, uint64(i))
	if page == 0 {
		return content{}, false
	}
	defer d.call("FPDF_ClosePage", page)
	f, ok := d.frame(page)
	if !ok {
		return content{}, false
	}
	c.width, c.height = f.size()
	c.chars = d.chars(page, f, l.Words*charsPerWord)
	o := objects{document: d, frame: f, left: l.Objects, segments: 2 * l.Objects}
	o.walk("FPDFPage_CountObjects", "FPDFPage_GetObject", page, identity, 0)
	c.rules, c.imageShare, c.ink = o.rules, o.cover.share(), o.drawing.ink
	c.lamps = o.discs.alone(o.drawing.ink, c.chars)
	strokes := o.drawing.strokes()
	c.segments = readStarbursts(strokes, c.chars)
	c.segments = append(c.segments, readSegments(strokes, slices.Concat(c.chars, c.segments))...)
	if !surelyScan(len(c.chars), c.imageShare) && o.drawing.mayHoldText() && look() {
		c.drawn = d.drawnText(page, f, slices.Concat(c.chars, c.segments), o.drawing.area, l.Pixels)
	}
	return c, true
}

// frame maps PDF user space to the page as displayed.
type frame struct {
	x0, y0, x1, y1 float64 // the visible part of user space
	rotation       int     // quarter turns clockwise
}

func (d *document) frame(page uint64) (frame, bool) {
	d.call("FPDF_GetPageBoundingBox", page, d.at(0))
	f := frame{x0: d.float(0), y1: d.float(1), x1: d.float(2), y0: d.float(3)}
	f.rotation = d.callInt("FPDFPage_GetRotation", page) & 3
	return f, finite(f.x0, f.y0, f.x1, f.y1) && f.x1-f.x0 >= 1 && f.y1-f.y0 >= 1
}

func (f frame) size() (w, h float64) {
	w, h = f.x1-f.x0, f.y1-f.y0
	if f.rotation&1 == 1 {
		return h, w
	}
	return w, h
}

func (f frame) point(x, y float64) (float64, float64) {
	switch f.rotation {
	case 1:
		return y - f.y0, x - f.x0
	case 2:
		return f.x1 - x, y - f.y0
	case 3:
		return f.y1 - y, f.x1 - x
	}
	return x - f.x0, f.y1 - y
}

func (f frame) box(x0, y0, x1, y1 float64) Box {
	ax, ay := f.point(x0, y0)
	bx, by := f.point(x1, y1)
	return Box{min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)}
}

// chars reads the characters of a page, at most limit.
func (d *document) chars(page uint64, f frame, limit int) []char {
	text := d.call("FPDFText_LoadPage", page)
	if text == 0 {
		return nil
	}
	defer d.call("FPDFText_ClosePage", text)
	n := min(d.callInt("FPDFText_CountChars", text), limit)
	if n <= 0 {
		return nil
	}
	fns := struct{ unicode, box, object api.Function }{
		d.fn("FPDFText_GetUnicode"), d.fn("FPDFText_GetLooseCharBox"), d.fn("FPDFText_GetTextObject"),
	}
	clear(d.fonts) // the engine frees a page's fonts, and uses their handles again
	d.texts = d.texts[:0]
	pw, ph := f.size()
	out := make([]char, 0, n)
	var style char
	var object uint64
	var high rune
	for i := range n {
		r := rune(uint32(d.callFn(fns.unicode, text, uint64(i))))
		if utf16.IsSurrogate(r) {
			if high == 0 {
				high = r
				continue
			}
			r = utf16.DecodeRune(high, r)
		}
		high = 0
		var o uint64
		if r < ' ' && r != softHyphen || r != softHyphen && !printable(r) {
			// A code without a character is kept if the file draws it.
			if o = d.callFn(fns.object, text, uint64(i)); o != 0 && r > 2 && d.callInt("FPDFText_HasUnicodeMapError", text, uint64(i)) == 1 {
				r = utf8.RuneError
			}
		}
		if r <= ' ' && r != softHyphen || r == 0xa0 || r >= 0x2000 && r <= 0x200b || r == 0x3000 {
			if r != 0 {
				out = append(out, char{r: ' '})
			}
			continue
		}
		if r == 0xad || r == 0xfffe {
			r = softHyphen
		}
		if r != softHyphen && r != utf8.RuneError && !printable(r) {
			continue
		}
		if o == 0 {
			o = d.callFn(fns.object, text, uint64(i))
		}
		if o != object && o != 0 {
			object = o
			style = d.style(text, i, o, f)
			d.texts = append(d.texts, o)
		}
		c := style
		c.r = r
		if d.callFn(fns.box, text, uint64(i), d.at(0)) == 0 {
			continue
		}
		x0, y1, x1, y0 := d.float(0), d.float(1), d.float(2), d.float(3)
		if !finite(x0, y0, x1, y1) {
			continue
		}
		c.box = f.box(x0, y0, x1, y1)
		if !c.sane() {
			d.rebox(&c, text, i, f)
		}
		if c.box.X1 <= 0 || c.box.Y1 <= 0 || c.box.X0 >= pw || c.box.Y0 >= ph {
			continue // outside of what is displayed
		}
		out = append(out, c)
	}
	return out
}

// style reads the size, direction and weight that the characters of a text
// object share. i is the index of one of them.
func (d *document) style(text uint64, i int, object uint64, f frame) char {
	c := char{size: math.Float64frombits(d.call("FPDFText_GetFontSize", text, uint64(i)))}
	if d.call("FPDFText_GetMatrix", text, uint64(i), d.at(0)) != 0 {
		a, b, cc, dd := d.float(0), d.float(1), d.float(2), d.float(3)
		if finite(a, b, cc, dd) {
			c.size *= math.Hypot(cc, dd)
			turns := int(math.Round(math.Atan2(b, a)/(math.Pi/2))) - f.rotation
			c.dir = uint8(turns & 3)
		}
	}
	if !finite(c.size) || c.size < 0 {
		c.size = 0
	}
	const fillAndStroke = 2 // how programs without a bold font make one
	used := d.font(d.call("FPDFTextObj_GetFont", object))
	c.font = used.number
	c.unmapped = d.callInt("FPDFText_HasUnicodeMapError", text, uint64(i)) == 1
	c.bold = used.bold ||
		d.callInt("FPDFTextObj_GetTextRenderMode", object) == fillAndStroke
	return c
}

func (d *document) font(handle uint64) font {
	if f, ok := d.fonts[handle]; ok || handle == 0 {
		return f
	}
	n := d.call("FPDFFont_GetBaseFontName", handle, uint64(d.scratch), scratchSize) & math.MaxUint32
	var name string
	if n > 1 && n <= scratchSize {
		name = strings.ToLower(string(d.bytes(d.scratch, int(n)-1)))
	}
	const forceBold = 1 << 18
	flags := d.callInt("FPDFFont_GetFlags", handle)
	f := font{bold: flags > 0 && flags&forceBold != 0}
	for _, part := range []string{"bold", "black", "heavy"} {
		f.bold = f.bold || strings.Contains(name, part)
	}
	f.number = uint16(len(d.fonts) + 1)
	d.fonts[handle] = f
	return f
}

// sane reports whether the box can be that of a character of its size: fonts
// come with an ascent of zero or of three lines.
func (c *char) sane() bool {
	w, h := c.box.X1-c.box.X0, c.box.Y1-c.box.Y0
	if c.dir&1 == 1 {
		w, h = h, w
	}
	if c.size <= 0 {
		return w > 0 && h > 0
	}
	return w >= 0 && w < 4*c.size && h > 0.5*c.size && h < 1.7*c.size
}

// rebox gives a character without a sane box the usual one around its origin.
func (d *document) rebox(c *char, text uint64, i int, f frame) {
	if c.size <= 0 {
		c.size = max(c.box.Y1-c.box.Y0, c.box.X1-c.box.X0, 1)
	}
	if d.call("FPDFText_GetCharOrigin", text, uint64(i), d.at(0), d.at(2)) == 0 {
		return
	}
	b := d.bytes(d.scratch, 16)
	x := math.Float64frombits(binary.LittleEndian.Uint64(b))
	y := math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
	if !finite(x, y) {
		return
	}
	x, y = f.point(x, y)
	const ascent, descent = 0.8, 0.2
	up, down := ascent*c.size, descent*c.size
	b0 := c.box
	limit := func(from, to float64) (float64, float64) { return from, min(max(to, from), from+2*c.size) }
	switch c.dir {
	case 0:
		b0.X0, b0.X1 = limit(b0.X0, b0.X1)
		c.box = Box{b0.X0, y - up, b0.X1, y + down}
	case 2:
		b0.X0, b0.X1 = limit(b0.X0, b0.X1)
		c.box = Box{b0.X0, y - down, b0.X1, y + up}
	case 1:
		b0.Y0, b0.Y1 = limit(b0.Y0, b0.Y1)
		c.box = Box{x - up, b0.Y0, x + down, b0.Y1}
	case 3:
		b0.Y0, b0.Y1 = limit(b0.Y0, b0.Y1)
		c.box = Box{x - down, b0.Y0, x + up, b0.Y1}
	}
}
