package pdf

import (
	"bytes"
	"cmp"
	"image"
	"math"
	"slices"
)

// Text that is drawn, not written, is found by its look: specks of ink of about
// one height, side by side, where the text layer has no character.
const (
	// drawnDPI is the scale at which ink is looked at: letters of 5 points are 5
	// pixels high and hardly touch each other.
	drawnDPI = 120
	// inkContrast is how much darker or lighter than its surroundings ink is, of 255.
	inkContrast = 40
	// darkGround is the mean brightness up to which light specks may be letters: the
	// paper between two lines of text is lighter than its surroundings too.
	darkGround = 150
	// maxSpecks is above what a page of small print has.
	maxSpecks = 30_000
	// What a region must hold, in letters, to be read: alone in a line it is more
	// often a logo. Where a page is read anyway, less is read too.
	minDrawnLetters, minLineLetters, minOtherLetters = 10, 14, 4
	// regionGap joins lines to regions, in points.
	regionGap  = 14
	maxRegions = 24
)

// drawnText returns the boxes of text that is drawn within the area of the page,
// largest first. The text objects whose characters are known are not drawn, on
// that page, ever after.
func (d *document) drawnText(page uint64, f frame, chars []char, area Box, maxPixels int) []Box {
	pw, ph := f.size()
	// Whole pixels of the page, so that letters look the same whatever is beside them.
	const pixel = 72.0 / drawnDPI
	part := area.grow(regionGap).within(Box{0, 0, pw, ph})
	part.X0, part.Y0 = math.Floor(part.X0/pixel)*pixel, math.Floor(part.Y0/pixel)*pixel
	part.X1, part.Y1 = math.Ceil(part.X1/pixel)*pixel, math.Ceil(part.Y1/pixel)*pixel
	if part.X1-part.X0 < minImageHeight || part.Y1-part.Y0 < minImageHeight {
		return nil
	}
	for _, o := range d.texts {
		d.call("FPDFPageObj_SetIsActive", o, 0)
	}
	w, h := pixels(part.X1-part.X0, part.Y1-part.Y0, (part.X1-part.X0)*drawnDPI/72, min(maxPixels, 8_000_000))
	bitmap := d.call("FPDFBitmap_Create", uint64(w), uint64(h), 0)
	if bitmap == 0 {
		return nil
	}
	defer d.call("FPDFBitmap_Destroy", bitmap)
	img := d.paint(page, bitmap, pw, ph, part, w, h)
	if img == nil {
		return nil
	}
	scale := float64(w) / (part.X1 - part.X0)
	known := make([]Box, 0, len(chars))
	for _, c := range chars {
		if c.box.overlaps(part) {
			known = append(known, c.box.move(-part.X0, -part.Y0))
		}
	}
	out := drawnRegions(gray(img), scale, known)
	for i, b := range out {
		out[i] = b.move(part.X0, part.Y0)
	}
	return out
}

// drawnRegions finds text in a picture of the page outside of the known boxes,
// which are in points. scale is in pixels per point.
func drawnRegions(img *image.Gray, scale float64, known []Box) []Box {
	dark, light := inkOf(img)
	var lines []drawnLines
	for _, mask := range []*inkMask{dark, light} {
		for _, b := range known {
			mask.clear(int(b.X0*scale)-1, int(b.Y0*scale)-1, int(math.Ceil(b.X1*scale))+1, int(math.Ceil(b.Y1*scale))+1)
		}
		lines = append(lines, lineUp(mask.specks())...)
	}
	gap := int(regionGap * scale)
	// Join what lies close together until nothing does.
	for again := true; again; {
		again = false
		for i := 0; i < len(lines); i++ {
			for j := i + 1; j < len(lines); j++ {
				if lines[i].box.Inset(-gap).Overlaps(lines[j].box) {
					lines[i].join(lines[j])
					lines[j] = lines[len(lines)-1]
					lines = lines[:len(lines)-1]
					again = true
					j--
				}
			}
		}
	}
	if !slices.ContainsFunc(lines, drawnLines.isText) {
		return nil
	}
	var out []Box
	for _, l := range lines {
		if l.letters >= minOtherLetters {
			b := l.box.Inset(-int(3 * scale)).Intersect(img.Rect)
			out = append(out, Box{float64(b.Min.X) / scale, float64(b.Min.Y) / scale, float64(b.Max.X) / scale, float64(b.Max.Y) / scale})
		}
	}
	slices.SortFunc(out, func(a, b Box) int { return cmp.Compare(b.area(), a.area()) })
	return out[:min(len(out), maxRegions)]
}

// inkMask says which pixels are ink: those that are 1.
type inkMask struct {
	w, h int
	ink  []byte
}

// inkOf tells ink from its surroundings: dark ink, and light ink on dark ground.
func inkOf(img *image.Gray) (dark, light *inkMask) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	dark, light = &inkMask{w, h, make([]byte, w*h)}, &inkMask{w, h, make([]byte, w*h)}
	// Sums over columns of the rows around, moved down row by row.
	const reach = 12 // pixels to each side
	column := make([]int32, w)
	row := func(y int) []byte { return img.Pix[y*img.Stride : y*img.Stride+w] }
	for y := range min(reach, h) {
		for x, v := range row(y) {
			column[x] += int32(v)
		}
	}
	for y := range h {
		switch next, last := y+reach, y-reach-1; {
		case next < h && last >= 0:
			gone := row(last)
			for x, v := range row(next) {
				column[x] += int32(v) - int32(gone[x])
			}
		case next < h:
			for x, v := range row(next) {
				column[x] += int32(v)
			}
		case last >= 0:
			for x, v := range row(last) {
				column[x] -= int32(v)
			}
		}
		rows := int32(min(y+reach, h-1) - max(y-reach, 0) + 1)
		var sum, cols int32
		for _, v := range column[:min(reach, w)] {
			sum += v
			cols++
		}
		for x, v := range row(y) {
			if x+reach < w {
				sum += column[x+reach]
				cols++
			}
			if x-reach-1 >= 0 {
				sum -= column[x-reach-1]
				cols--
			}
			n := rows * cols
			switch d := int32(v)*n - sum; {
			case d < -inkContrast*n:
				dark.ink[y*w+x] = 1
			case d > inkContrast*n && sum < darkGround*n:
				light.ink[y*w+x] = 1
			}
		}
	}
	return dark, light
}

func (m *inkMask) clear(x0, y0, x1, y1 int) {
	x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, m.w), min(y1, m.h)
	if x0 >= x1 {
		return
	}
	for y := y0; y < y1; y++ {
		clear(m.ink[y*m.w+x0 : y*m.w+x1])
	}
}

// specks returns the boxes of connected ink.
func (m *inkMask) specks() []image.Rectangle {
	type run struct{ x0, x1, speck int }
	var boxes []image.Rectangle
	var connected sets
	var above, current []run
	for y := range m.h {
		row := m.ink[y*m.w : (y+1)*m.w]
		current = current[:0]
		k := 0
		for x := 0; ; {
			x0 := bytes.IndexByte(row[x:], 1)
			if x0 < 0 {
				break
			}
			x0 += x
			if n := bytes.IndexByte(row[x0:], 0); n < 0 {
				x = m.w
			} else {
				x = x0 + n
			}
			r := run{x0, x, -1}
			for k > 0 && above[k-1].x1 >= x0 { // a wide run above may touch several
				k--
			}
			for ; k < len(above) && above[k].x0 <= x; k++ {
				if above[k].x1 < x0 {
					continue
				}
				s := connected.of(above[k].speck)
				if r.speck < 0 {
					r.speck = s
				} else if r.speck != s {
					both := boxes[r.speck].Union(boxes[s])
					r.speck = connected.join(r.speck, s)
					boxes[r.speck] = both
				}
			}
			b := image.Rect(x0, y, x, y+1)
			if r.speck < 0 {
				r.speck = len(boxes)
				boxes, connected = append(boxes, b), append(connected, r.speck)
			} else {
				boxes[r.speck] = boxes[r.speck].Union(b)
			}
			current = append(current, r)
		}
		above, current = current, above
	}
	var out []image.Rectangle
	for i, b := range boxes {
		if connected.of(i) == i {
			out = append(out, b)
		}
	}
	return out
}

// drawnLines are rows of specks that look like letters.
type drawnLines struct {
	box            image.Rectangle
	letters, lines int
}

func (d *drawnLines) join(e drawnLines) {
	d.box = d.box.Union(e.box)
	d.letters += e.letters
	d.lines += e.lines
}

// isText reports whether they are worth to be read.
func (d drawnLines) isText() bool {
	return d.letters >= minLineLetters || d.lines > 1 && d.letters >= minDrawnLetters
}

// The sizes of letters in pixels at drawnDPI: 3 to 30 points.
const (
	minLetter = 4
	maxLetter = 50
)

// lineUp finds the specks that stand side by side like letters.
func lineUp(specks []image.Rectangle) []drawnLines {
	letters := specks[:0]
	for _, s := range specks {
		// Letters of one word may touch: wide ones are allowed, and bars are not.
		if h, w := s.Dy(), s.Dx(); h >= minLetter && h <= maxLetter && w >= 1 && w <= 12*h {
			letters = append(letters, s)
		}
	}
	if len(letters) > maxSpecks {
		return nil
	}
	slices.SortFunc(letters, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.X, b.Min.X) })
	words := newSets(len(letters))
	for i, a := range letters {
		for j := i + 1; j < len(letters); j++ {
			b := letters[j]
			if b.Min.X > a.Max.X+2*maxLetter {
				break
			}
			low, high := min(a.Dy(), b.Dy()), max(a.Dy(), b.Dy())
			overlap := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
			if gap := b.Min.X - a.Max.X; gap <= high+2 && overlap*10 >= low*6 && high*10 <= low*24 {
				words.join(i, j)
			}
		}
	}
	groups := map[int][]image.Rectangle{}
	for i, s := range letters {
		groups[words.of(i)] = append(groups[words.of(i)], s)
	}
	var out []drawnLines
	for _, g := range groups {
		if l, ok := lineOfLetters(g); ok {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b drawnLines) int {
		return cmp.Or(cmp.Compare(a.box.Min.Y, b.box.Min.Y), cmp.Compare(a.box.Min.X, b.box.Min.X))
	})
	return out
}

// lineOfLetters tells a line of text from other specks that hang together: it is
// wide and low, most of it stands on one base line, and letters are not all of one
// width, as the keys of a keyboard and the slots of a grille are.
func lineOfLetters(specks []image.Rectangle) (drawnLines, bool) {
	l := drawnLines{box: specks[0], lines: 1}
	var heights, widths, feet []int
	for _, s := range specks {
		l.box = l.box.Union(s)
		l.letters += max(1, s.Dx()*10/(s.Dy()*9))
		heights, widths, feet = append(heights, s.Dy()), append(widths, s.Dx()), append(feet, s.Max.Y)
	}
	usual, foot, width := middle(heights), middle(feet), middle(widths)
	onLine, alike := 0, 0
	for i := range feet {
		if abs(feet[i]-foot) <= max(1, usual/7) {
			onLine++
		}
		if abs(widths[i]-width) <= width/8 {
			alike++
		}
	}
	ok := len(specks) >= 2 && l.letters >= 3 && l.box.Dy() <= 3*usual && l.box.Dx() >= l.box.Dy() &&
		2*onLine > len(specks) && (len(specks) < 6 || 10*alike < 8*len(specks))
	return l, ok
}

func middle(v []int) int {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
