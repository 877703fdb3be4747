package pdf

import (
	"cmp"
	"math"
	"slices"
)

// Which pages and parts of pages are read by OCR. It costs seconds a page, so
// pages that have all their text are not read again, and photographs and logos
// not at all.
const (
	// minImage is the size in points below which a picture holds no table.
	minImageWidth, minImageHeight = 60, 16
	// minGlyphs is how many small filled shapes, rectangles not counted, may be drawn
	// text.
	minGlyphs = 12
	// maxGlyph is the size of a letter, or of a short word as one shape, in points.
	maxGlyph = 40
	// scanShare is the part of a page that pictures of a scan cover at least.
	scanShare = 0.6
	// wholeShare is the part of a page from which on its regions are the page, and
	// drawnShare that of a page with hardly a word besides.
	wholeShare, drawnShare = 0.5, 0.1
	// stampWords is how many words a page may have besides a scan: a download stamp
	// or a page number. More are the text layer of a scan that was read before.
	stampWords = 25
	// outline is how far a shape's outline may be from the shape, in points.
	outline = 0.2
)

// drawing notes what of a page's objects may hold text.
type drawing struct {
	images, glyphs int
	some           bool
	area           Box // around all of it, if there is some
	ink            []Box
	bars           []Box // filled rectangles no longer than a segment of a display
}

func (d *drawing) image(b Box) {
	d.cover(b)
	if b.X1-b.X0 >= minImageWidth && b.Y1-b.Y0 >= minImageHeight {
		d.images++
	}
}

// shape adds a part of a path that is no ruling and no rectangle.
func (d *drawing) shape(b Box, filled bool) {
	if n := len(d.ink); !filled && n > 0 && d.ink[n-1].near(b, outline) {
		return // the outline of the shape before
	}
	d.cover(b)
	if w, h := b.X1-b.X0, b.Y1-b.Y0; filled && w > 0.5 && h > 1.5 && w < maxGlyph*3 && h < maxGlyph {
		d.glyphs++
	}
}

// bar adds a filled rectangle, which may be a segment of a display.
func (d *drawing) bar(b Box) {
	if long := max(b.X1-b.X0, b.Y1-b.Y0); long >= minStar && long <= maxSegment && len(d.bars) < maxSegments {
		d.bars = append(d.bars, b)
	}
}

// strokes are the shapes that may be segments of displays, or stand among them. Where
// there are very many bars they are hatching.
func (d *drawing) strokes() []Box {
	if len(d.ink)+len(d.bars) > maxSegments {
		return d.ink
	}
	return slices.Concat(d.ink, d.bars)
}

func (d *drawing) cover(b Box) {
	if len(d.ink) < maxInk {
		d.ink = append(d.ink, b)
	}
	if d.some {
		b = d.area.Union(b)
	}
	d.area, d.some = b, true
}

// mayHoldText reports whether it is worth to look at the page's picture.
func (d *drawing) mayHoldText() bool { return d.images > 0 || d.glyphs >= minGlyphs }

// ocrRegions returns what of the page OCR has to read: drawn is where its picture
// shows text that is in no text layer. The page's lines are known by now.
func ocrRegions(p *Page, drawn []Box) []Box {
	page := Box{0, 0, p.Width, p.Height}
	words := 0
	out := slices.Clone(drawn)
	for i, l := range p.Lines {
		switch {
		case !l.Cipher:
			words += l.Count
		case !p.sameSign(i):
			out = append(out, l.Box.grow(regionMargin).within(page))
		}
	}
	out = joinBoxes(out, regionGap)
	sum := 0.0
	for _, b := range out {
		sum += b.area()
	}
	sum /= page.area()
	if few := words <= stampWords; sum > wholeShare || few && (sum > drawnShare || p.ImageShare >= scanShare) {
		return []Box{page}
	}
	slices.SortFunc(out, func(a, b Box) int { return cmp.Compare(b.area(), a.area()) })
	return out[:min(len(out), maxRegions)]
}

// surelyScan reports whether OCR is to read the whole page wherever its picture shows
// text, so that this need not be looked for: no page has more words than characters.
func surelyScan(chars int, imageShare float64) bool {
	return chars <= stampWords && imageShare >= scanShare
}

// regionMargin is what is read around a ciphered line, in points.
const regionMargin = 4

func (b Box) grow(by float64) Box { return Box{b.X0 - by, b.Y0 - by, b.X1 + by, b.Y1 + by} }

// near reports whether each side of b is within by of that of c.
func (b Box) near(c Box, by float64) bool {
	return math.Abs(b.X0-c.X0) <= by && math.Abs(b.Y0-c.Y0) <= by && math.Abs(b.X1-c.X1) <= by && math.Abs(b.Y1-c.Y1) <= by
}

func (b Box) move(dx, dy float64) Box { return Box{b.X0 + dx, b.Y0 + dy, b.X1 + dx, b.Y1 + dy} }

func (b Box) overlaps(c Box) bool {
	return b.X0 < c.X1 && c.X0 < b.X1 && b.Y0 < c.Y1 && c.Y0 < b.Y1
}

// joinBoxes joins boxes that are closer than gap until none are.
func joinBoxes(boxes []Box, gap float64) []Box {
	for again := true; again; {
		again = false
		for i := 0; i < len(boxes); i++ {
			for j := i + 1; j < len(boxes); j++ {
				if boxes[i].grow(gap).overlaps(boxes[j]) {
					boxes[i] = boxes[i].Union(boxes[j])
					boxes[j] = boxes[len(boxes)-1]
					boxes = boxes[:len(boxes)-1]
					again = true
					j--
				}
			}
		}
	}
	return boxes
}
