package pdf

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Displays of fourteen segments, which show words, are printed as they look, too.
// They are read like those of seven: each shape of a line has to be one of the
// fourteen, and each sign a known one, or nothing of the line is read. Segments of a
// sign need not touch, and most displays slant: signs are told apart, and their
// segments by where they stand, after the slant is taken out.

// The segments of a starburst sign: those of seven, whose middle one is two, and the
// six that meet in its middle.
const (
	starTop = 1 << iota
	starUpperRight
	starLowerRight
	starBottom
	starLowerLeft
	starUpperLeft
	starMiddleLeft
	starMiddleRight
	starFromUpperLeft // to the middle
	starFromTop
	starFromUpperRight
	starFromLowerLeft
	starFromBottom
	starFromLowerRight

	starMiddle = starMiddleLeft | starMiddleRight
	starStem   = starFromTop | starFromBottom
	starLeft   = starUpperLeft | starLowerLeft
	starRight  = starUpperRight | starLowerRight
)

// starPlaces are where the middles of the segments are: from the left upright ones,
// 0, to the right ones, 1, and from the top of the line, 0, to its bottom, 1.
var starPlaces = []struct{ x, y float64 }{
	{0.5, 0.05},
	{1, 0.25},
	{1, 0.75},
	{0.5, 0.95},
	{0, 0.75},
	{0, 0.25},
	{0.25, 0.5},
	{0.75, 0.5},
	{0.25, 0.25},
	{0.5, 0.27},
	{0.75, 0.25},
	{0.25, 0.75},
	{0.5, 0.73},
	{0.75, 0.75},
}

// starSigns are the signs by their segments. 0 and O, 1 and I, 5 and S look alike:
// starWord chooses.
var starSigns = map[int]rune{
	starTop | starLeft | starRight | starMiddle:                                 'A',
	starFromLowerLeft | starFromUpperRight | starRight | starMiddleRight:        'A',
	starTop | starRight | starBottom | starMiddleRight | starStem:               'B',
	starTop | starLeft | starBottom:                                             'C',
	starTop | starRight | starBottom | starStem:                                 'D',
	starTop | starLeft | starBottom | starMiddle:                                'E',
	starTop | starLeft | starBottom | starMiddleLeft:                            'E',
	starTop | starLeft | starMiddle:                                             'F',
	starTop | starLeft | starMiddleLeft:                                         'F',
	starTop | starLeft | starBottom | starLowerRight | starMiddleRight:          'G',
	starLeft | starRight | starMiddle:                                           'H',
	starTop | starBottom | starStem:                                             'I',
	starRight | starBottom | starLowerLeft:                                      'J',
	starLeft | starMiddleLeft | starFromUpperRight | starFromLowerRight:         'K',
	starLeft | starBottom:                                                       'L',
	starLeft | starRight | starFromUpperLeft | starFromUpperRight:               'M',
	starLeft | starRight | starFromUpperLeft | starFromLowerRight:               'N',
	starTop | starLeft | starRight | starBottom:                                 'O',
	starTop | starLeft | starUpperRight | starMiddle:                            'P',
	starTop | starLeft | starRight | starBottom | starFromLowerRight:            'Q',
	starTop | starLeft | starUpperRight | starMiddle | starFromLowerRight:       'R',
	starTop | starUpperLeft | starMiddle | starLowerRight | starBottom:          'S',
	starTop | starFromUpperLeft | starMiddleRight | starLowerRight | starBottom: 'S',
	starTop | starStem:                                                                   'T',
	starLeft | starRight | starBottom:                                                    'U',
	starLeft | starFromLowerLeft | starFromUpperRight:                                    'V',
	starLeft | starRight | starFromLowerLeft | starFromLowerRight:                        'W',
	starFromUpperLeft | starFromUpperRight | starFromLowerLeft | starFromLowerRight:      'X',
	starFromUpperLeft | starFromUpperRight | starFromBottom:                              'Y',
	starUpperLeft | starUpperRight | starMiddle | starFromBottom:                         'Y',
	starUpperLeft | starMiddle | starRight | starBottom:                                  'Y',
	starTop | starFromUpperRight | starFromLowerLeft | starBottom:                        'Z',
	starTop | starLeft | starRight | starBottom | starFromUpperRight | starFromLowerLeft: '0',
	starRight:                      '1',
	starRight | starFromUpperRight: '1',
	starTop | starUpperRight | starMiddle | starLowerLeft | starBottom:                 '2',
	starTop | starRight | starBottom | starMiddleRight:                                 '3',
	starTop | starRight | starBottom | starMiddle:                                      '3',
	starUpperLeft | starMiddle | starRight:                                             '4',
	starTop | starUpperLeft | starMiddle | starLowerRight | starBottom | starLowerLeft: '6',
	starTop | starRight: '7',
	starTop | starLeft | starRight | starBottom | starMiddle:      '8',
	starTop | starUpperLeft | starMiddle | starRight | starBottom: '9',
	starMiddle: '-',
}

const (
	// minStar is the length in points that the longest side of a segment has at least.
	minStar = 1.5
	// The height of a line in points.
	minStarLine, maxStarLine = 4, 40
	// starGap is between signs side by side, in lengths of a segment, and starSpace
	// between words of a line, in heights of it.
	starGap, starSpace = 0.5, 1.7
	// starSplit is between segments of a sign, one above the other, in lengths of one.
	starSplit = 0.4
	// starUneven is how far the ends of signs of one line differ: of Y and of E.
	starUneven = 0.15
	// starPitch is how far apart the middles of neighbouring signs are at most, in
	// widths of a sign.
	starPitch = 2.2
	// starNear is how far from its place a segment may be.
	starNear = 0.12
	maxSlant = 0.4
)

// starLine is a line of signs on its way.
type starLine struct {
	box    Box
	shapes []Box
}

// readStarbursts returns the words that shapes spell in fourteen segments, as
// readSegments does. A line that seven segments could show is left to it.
func readStarbursts(ink []Box, chars []char) []char {
	var shapes []Box
	for _, b := range ink {
		w, h := b.X1-b.X0, b.Y1-b.Y0
		if long := max(w, h); long >= minStar && long <= maxSegment && h >= 0.05 && w >= 0.05 {
			shapes = append(shapes, b)
		}
	}
	if len(shapes) < 8 || len(shapes) > maxSegments {
		return nil
	}
	lines, rest := starLines(shapes, chars)
	words := readLines(lines)
	var out []char
	for i := range lines {
		l := &lines[i]
		if words[i] == nil || l.crowded(ink) || overlapsAny(chars, l.box.grow(-0.15*(l.box.Y1-l.box.Y0))) {
			continue
		}
		// What stands beside it unread may be the rest of the same message.
		cut := slices.ContainsFunc(rest, func(b Box) bool { return l.beside(b, chars) })
		for k := range lines {
			cut = cut || words[k] == nil && l.beside(lines[k].box, chars)
		}
		if cut {
			continue
		}
		for _, w := range words[i] {
			out = append(append(out, char{r: ' '}), w...)
		}
		out = append(out, char{r: ' '})
	}
	return out
}

// readLines reads each line; nil stands for those that are none. Where a line does
// not tell how far its signs lean, it is as in the others.
func readLines(lines []starLine) [][][]char {
	out := make([][][]char, len(lines))
	slants := make([]float64, len(lines))
	var known []float64
	for i := range lines {
		s, ok := lines[i].slant()
		slants[i] = math.NaN()
		if ok {
			slants[i], known = s, append(known, s)
		}
	}
	if len(known) == 0 {
		return out
	}
	slices.Sort(known)
	for i := range lines {
		if math.IsNaN(slants[i]) {
			slants[i] = known[len(known)/2]
		}
		out[i] = lines[i].read(slants[i])
	}
	return out
}

// beside reports whether a box stands so near to the left or right of the line that
// it may be a part of it: no text is between.
func (l *starLine) beside(b Box, chars []char) bool {
	h := l.box.Y1 - l.box.Y0
	overlap := min(l.box.Y1, b.Y1) - max(l.box.Y0, b.Y0)
	if overlap <= 0.5*min(h, b.Y1-b.Y0) || gapX(l.box, b) >= starSpace*h {
		return false
	}
	from, to := min(l.box.X1, b.X1), max(l.box.X0, b.X0)
	return from >= to || !overlapsAny(chars, Box{from, l.box.Y0 + 0.3*h, to, l.box.Y1 - 0.1*h})
}

func overlapsAny(chars []char, b Box) bool {
	return slices.ContainsFunc(chars, func(c char) bool { return c.r != ' ' && c.box.overlaps(b) })
}

// starLines joins shapes to signs and words, and those to lines, which text divides.
// rest is where the shapes are that are in none.
func starLines(shapes []Box, chars []char) (lines []starLine, rest []Box) {
	near := joined(shapes, func(a, b Box) bool {
		size := max(a.X1-a.X0, a.Y1-a.Y0, b.X1-b.X0, b.Y1-b.Y0)
		return gapX(a, b) <= starGap*size && gapY(a, b) <= starSplit*size
	})
	var words, dashes []starLine
	for _, of := range near {
		l := starLine{box: shapes[of[0]]}
		for _, i := range of {
			l.box = l.box.Union(shapes[i])
			l.shapes = append(l.shapes, shapes[i])
		}
		switch h := l.box.Y1 - l.box.Y0; {
		case h >= minStarLine && h <= maxStarLine && len(l.shapes) >= 2:
			words = append(words, l)
		case h < minStarLine && lies(l.box):
			dashes = append(dashes, l)
		default:
			rest = append(rest, l.box)
		}
	}
	slices.SortFunc(words, func(a, b starLine) int { return cmp.Compare(a.box.X0, b.box.X0) })
	for _, w := range words {
		k := slices.IndexFunc(lines, func(l starLine) bool {
			h := l.box.Y1 - l.box.Y0
			gap := w.box.X0 - l.box.X1
			return math.Abs(w.box.Y0-l.box.Y0) < starUneven*h && math.Abs(w.box.Y1-l.box.Y1) < starUneven*h && gap < starSpace*h && gap > -0.3*h &&
				(gap <= 0 || !overlapsAny(chars, Box{l.box.X1, l.box.Y0 + 0.3*h, w.box.X0, l.box.Y1 - 0.1*h}))
		})
		if k < 0 {
			lines = append(lines, w)
			continue
		}
		lines[k].box = lines[k].box.Union(w.box)
		lines[k].shapes = append(lines[k].shapes, w.shapes...)
	}
	slices.SortFunc(dashes, func(a, b starLine) int { return cmp.Compare(a.box.X0, b.box.X0) })
	for _, d := range dashes {
		k := slices.IndexFunc(lines, func(l starLine) bool {
			return math.Abs(l.height(d.box)-0.5) < starNear && gapX(l.box, d.box) < l.box.Y1-l.box.Y0
		})
		if k < 0 {
			rest = append(rest, d.box)
			continue
		}
		lines[k].box = lines[k].box.Union(d.box)
		lines[k].shapes = append(lines[k].shapes, d.shapes...)
	}
	return lines, rest
}

func gapX(a, b Box) float64 { return max(a.X0-b.X1, b.X0-a.X1, 0) }
func gapY(a, b Box) float64 { return max(a.Y0-b.Y1, b.Y0-a.Y1, 0) }

// joined groups the indices of boxes that are linked; a link does not depend on
// their order.
func joined(boxes []Box, linked func(a, b Box) bool) [][]int {
	order := make([]int, len(boxes))
	parent := make([]int, len(boxes))
	for i := range boxes {
		order[i], parent[i] = i, i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(boxes[a].X0, boxes[b].X0) })
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	for n, i := range order {
		for _, k := range order[n+1:] {
			if boxes[k].X0 > boxes[i].X1+maxSegment {
				break
			}
			if linked(boxes[i], boxes[k]) {
				a, b := root(i), root(k)
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	at := map[int]int{}
	var out [][]int
	for i := range boxes {
		r := root(i)
		k, ok := at[r]
		if !ok {
			k = len(out)
			at[r] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	return out
}

// slant returns how far signs lean, in points to the right per point upwards: the
// top segments stand over the bottom ones, or else upper upright ones over lower.
func (l *starLine) slant() (float64, bool) {
	h := l.box.Y1 - l.box.Y0
	var all []float64
	measure := func(upper, lower func(b Box, y float64) bool, reach float64) {
		for _, a := range l.shapes {
			if !upper(a, l.height(a)) {
				continue
			}
			best := math.Inf(1)
			var found Box
			for _, b := range l.shapes {
				if d := math.Abs(middleX(a) - middleX(b)); lower(b, l.height(b)) && d < best {
					best, found = d, b
				}
			}
			if best < reach*h {
				all = append(all, (middleX(a)-middleX(found))/((found.Y0+found.Y1-a.Y0-a.Y1)/2))
			}
		}
	}
	measure(func(b Box, y float64) bool { return y < 0.1 && lies(b) }, func(b Box, y float64) bool { return y > 0.9 && lies(b) }, maxSlant)
	if len(all) == 0 {
		measure(func(b Box, y float64) bool { return y > 0.15 && y < 0.35 && !lies(b) }, func(b Box, y float64) bool { return y > 0.65 && y < 0.85 && !lies(b) }, maxSlant/2)
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}

func lies(b Box) bool       { return b.X1-b.X0 > b.Y1-b.Y0 }
func middleX(b Box) float64 { return (b.X0 + b.X1) / 2 }
func (l *starLine) height(b Box) float64 {
	return ((b.Y0+b.Y1)/2 - l.box.Y0) / (l.box.Y1 - l.box.Y0)
}

// starSegment is a segment with the slant taken out.
type starSegment struct {
	box  Box // as drawn
	x, y float64
	w    float64
}

// read returns the characters of each word of the line, nil when a part of it is no
// sign.
func (l *starLine) read(slant float64) [][]char {
	h := l.box.Y1 - l.box.Y0
	var left []starSegment
	for _, b := range l.shapes {
		w := b.X1 - b.X0
		if !lies(b) {
			w = max(w-math.Abs(slant)*(b.Y1-b.Y0), 0)
		}
		left = append(left, starSegment{b, middleX(b) + slant*((b.Y0+b.Y1)/2-l.box.Y1), l.height(b), w})
	}
	slices.SortFunc(left, func(a, b starSegment) int { return cmp.Compare(a.x, b.x) })
	width := signWidth(left, h)
	if width == 0 {
		return nil
	}
	var out [][]char
	last, signs, shown := math.Inf(-1), 0, 0
	for len(left) > 0 {
		bits, from, n := firstSign(left, width)
		if n == 0 {
			return nil
		}
		shown |= bits
		box := left[0].box
		for _, s := range left[1:n] {
			box = box.Union(s.box)
		}
		left = left[n:]
		c := char{r: starSigns[bits], box: Box{box.X0, l.box.Y0, box.X1, l.box.Y1}, size: h, drawn: true}
		if from-last > starPitch*width {
			out = append(out, nil)
		} else {
			// One word, however its signs lean.
			before := &out[len(out)-1][len(out[len(out)-1])-1].box
			c.box.X0 = max(c.box.X0, before.X0)
			before.X1 = c.box.X0 - 0.1
		}
		out[len(out)-1] = append(out[len(out)-1], c)
		last = from
		signs++
	}
	const others = starFromUpperLeft | starFromTop | starFromUpperRight | starFromLowerLeft | starFromBottom | starFromLowerRight
	if signs < 2 || shown&(others|starMiddle) == 0 {
		return nil
	}
	for _, w := range out {
		starWord(w)
	}
	return out
}

// signWidth is how far apart the left and right upright segments of a sign are:
// nearly as far as the top and bottom ones are long. 0 when there are none.
func signWidth(segments []starSegment, h float64) float64 {
	var widths []float64
	for _, s := range segments {
		if lies(s.box) && (s.y < 0.1 || s.y > 0.9) && s.w > 0.35*h && s.w < h {
			widths = append(widths, 0.97*s.w)
		}
	}
	if len(widths) == 0 {
		return 0
	}
	slices.Sort(widths)
	return widths[len(widths)/2]
}

// firstSign reads the sign that the first segments are, from left to right: where it
// begins, and of how many segments it is, 0 when they are none. The first of K are
// those of a 1, too: the most segments that are a sign count.
func firstSign(segments []starSegment, width float64) (bits int, from float64, n int) {
	for at := range 5 {
		start := segments[0].x - float64(at)/4*width
		k := 0
		for k < len(segments) && segments[k].x < start+(1+starNear)*width {
			k++
		}
		if sign := signOf(segments[:k], start, width); starSigns[sign] != 0 && k > n {
			bits, from, n = sign, start, k
		}
	}
	return bits, from, n
}

// signOf names the segments of a sign that begins at from; 0 when one of the shapes
// is none.
func signOf(sign []starSegment, from, width float64) (bits int) {
	for _, s := range sign {
		x := (s.x - from) / width
		if len(sign) == 1 && lies(s.box) && s.w > 0.7*width && math.Abs(x-0.5) < starNear && math.Abs(s.y-0.5) < starNear {
			return starMiddle // a dash in one piece
		}
		bit, best := 0, starNear
		for i, p := range starPlaces {
			if d := max(math.Abs(x-p.x), math.Abs(s.y-p.y)); d < best {
				bit, best = 1<<i, d
			}
		}
		if lying := bit&(starTop|starBottom|starMiddle) != 0; bit == 0 || bits&bit != 0 || lying != lies(s.box) {
			return 0
		}
		bits |= bit
	}
	return bits
}

// starWord chooses between the signs that look alike: in a word with a figure that
// is nothing else they are figures.
func starWord(word []char) {
	if !slices.ContainsFunc(word, func(c char) bool { return strings.ContainsRune("2346789", c.r) }) ||
		slices.ContainsFunc(word, func(c char) bool { return !strings.ContainsRune("0123456789OIS-", c.r) }) {
		return
	}
	for i, c := range word {
		if at := strings.IndexRune("OIS", c.r); at >= 0 {
			word[i].r = []rune("015")[at]
		}
	}
}

// crowded reports whether another shape than its own segments stands in the line.
// What lies behind all of it does not count.
func (l *starLine) crowded(ink []Box) bool {
	own := len(l.shapes)
	inner := l.box.grow(-0.05 * (l.box.Y1 - l.box.Y0))
	for _, b := range ink {
		if b.overlaps(inner) && !(b.X0 <= l.box.X0 && b.Y0 <= l.box.Y0 && b.X1 >= l.box.X1 && b.Y1 >= l.box.Y1) {
			own--
		}
	}
	return own < 0
}
