package pdf

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Displays of seven segments are often printed as they look: each segment that is
// lit is a shape of its own, and the text layer has nothing. Such codes are read
// segment by segment. A sign is only taken when each of its shapes is one of the
// seven and together they are a known sign; a word only when all of its signs are
// and nothing else is drawn among them. Whatever is left over is no code.

// The segments of a sign, clockwise from the top, then the one in the middle.
const (
	segTop = 1 << iota
	segUpperRight
	segLowerRight
	segBottom
	segLowerLeft
	segUpperLeft
	segMiddle
)

// segmentSigns are the signs by their segments. Displays have no case and show O as
// 0, I as 1, S as 5 and g as 9: segmentWord chooses.
var segmentSigns = map[int]rune{
	segTop | segUpperRight | segLowerRight | segBottom | segLowerLeft | segUpperLeft: '0',
	segUpperRight | segLowerRight:                                                                '1',
	segTop | segUpperRight | segMiddle | segLowerLeft | segBottom:                                '2',
	segTop | segUpperRight | segMiddle | segLowerRight | segBottom:                               '3',
	segUpperLeft | segMiddle | segUpperRight | segLowerRight:                                     '4',
	segTop | segUpperLeft | segMiddle | segLowerRight | segBottom:                                '5',
	segTop | segUpperLeft | segMiddle | segLowerRight | segBottom | segLowerLeft:                 '6',
	segTop | segUpperRight | segLowerRight:                                                       '7',
	segTop | segUpperRight | segLowerRight | segBottom | segLowerLeft | segUpperLeft | segMiddle: '8',
	segTop | segUpperRight | segLowerRight | segBottom | segUpperLeft | segMiddle:                '9',
	segTop | segUpperRight | segLowerRight | segLowerLeft | segUpperLeft | segMiddle:             'A',
	segUpperLeft | segMiddle | segLowerRight | segBottom | segLowerLeft:                          'b',
	segTop | segUpperLeft | segLowerLeft | segBottom:                                             'C',
	segMiddle | segLowerLeft | segBottom:                                                         'c',
	segUpperRight | segMiddle | segLowerRight | segBottom | segLowerLeft:                         'd',
	segTop | segUpperLeft | segMiddle | segLowerLeft | segBottom:                                 'E',
	segTop | segUpperLeft | segMiddle | segLowerLeft:                                             'F',
	segTop | segUpperLeft | segLowerLeft | segBottom | segLowerRight:                             'G',
	segUpperLeft | segLowerLeft | segMiddle | segUpperRight | segLowerRight:                      'H',
	segUpperLeft | segLowerLeft | segMiddle | segLowerRight:                                      'h',
	segUpperRight | segLowerRight | segBottom:                                                    'J',
	segUpperRight | segLowerRight | segBottom | segLowerLeft:                                     'J',
	segUpperLeft | segLowerLeft | segBottom:                                                      'L',
	segLowerLeft | segMiddle | segLowerRight:                                                     'n',
	segLowerLeft | segMiddle | segLowerRight | segBottom:                                         'o',
	segTop | segUpperLeft | segMiddle | segLowerLeft | segUpperRight:                             'P',
	segLowerLeft | segMiddle:                                                                     'r',
	segUpperLeft | segLowerLeft | segMiddle | segBottom:                                          't',
	segUpperRight | segLowerRight | segBottom | segLowerLeft | segUpperLeft:                      'U',
	segLowerLeft | segLowerRight | segBottom:                                                     'u',
	segUpperLeft | segMiddle | segUpperRight | segLowerRight | segBottom:                         'y',
	segMiddle: '-',
}

const (
	// What may be a segment: its length in points, and how much longer it is than
	// thick. Slanted upright ones have wider boxes.
	minSegment, maxSegment        = 2, 20
	lyingRatio, maxLyingRatio     = 2.2, 12
	uprightRatio, maxUprightRatio = 1.6, 12
	// Segments of one sign touch at their ends, nearly: parts of a segment's length.
	touching = 0.11
	// signGap is between signs of a word, in lengths of an upright segment, and
	// loneGap before one that has nothing on its left.
	signGap, loneGap = 0.85, 1.5
	// maxSegments bounds the shapes that are looked at on a page.
	maxSegments = 4000
)

// segment is a shape that may be one of a sign.
type segment struct {
	box     Box
	upright bool
}

// segmentSign is a cluster of segments that touch.
type segmentSign struct {
	box      Box
	segments []segment
}

// readSegments returns the words that shapes spell in segments, as characters with a
// space before and after each word. ink are the boxes of all shapes of the page, and
// chars its text, with which a drawn code shares no place.
func readSegments(ink []Box, chars []char) []char {
	var segments []segment
	for _, b := range ink {
		w, h := b.X1-b.X0, b.Y1-b.Y0
		switch {
		case w >= minSegment && w <= maxSegment && w >= lyingRatio*h && w <= maxLyingRatio*h:
			segments = append(segments, segment{b, false})
		case h >= minSegment && h <= maxSegment && h >= uprightRatio*w && h <= maxUprightRatio*w:
			segments = append(segments, segment{b, true})
		}
	}
	if len(segments) < 4 || len(segments) > maxSegments {
		return nil
	}
	var out []char
	for _, word := range segmentWords(segmentClusters(segments)) {
		text, boxes := spell(word)
		if text == "" {
			continue
		}
		box := boxes[0]
		for _, b := range boxes {
			box = box.Union(b)
		}
		if crowded(box, ink, word) || slices.ContainsFunc(chars, func(c char) bool { return c.r != ' ' && c.box.overlaps(box.grow(-0.15*(box.Y1-box.Y0))) }) {
			continue
		}
		out = append(out, char{r: ' '})
		for i, r := range []rune(text) {
			out = append(out, char{r: r, box: boxes[i], size: boxes[i].Y1 - boxes[i].Y0, drawn: true})
		}
		out = append(out, char{r: ' '})
	}
	return out
}

// segmentClusters joins the segments that touch to signs, from left to right.
func segmentClusters(segments []segment) []segmentSign {
	slices.SortFunc(segments, func(a, b segment) int { return cmp.Compare(a.box.X0, b.box.X0) })
	of := make([]int, len(segments)) // the cluster of each, by its first segment
	root := func(i int) int {
		for of[i] != i {
			i = of[i]
		}
		return i
	}
	for i := range of {
		of[i] = i
	}
	for i, s := range segments {
		gap := touching * s.length()
		for k := i + 1; k < len(segments) && segments[k].box.X0 <= s.box.X1+gap; k++ {
			if similar(s.length(), segments[k].length(), 2.2) && s.box.grow(gap).overlaps(segments[k].box) {
				of[root(k)] = root(i)
			}
		}
	}
	at := map[int]int{}
	var out []segmentSign
	for i, s := range segments {
		r := root(i)
		k, ok := at[r]
		if !ok {
			k = len(out)
			at[r] = k
			out = append(out, segmentSign{box: s.box})
		}
		out[k].box = out[k].box.Union(s.box)
		out[k].segments = append(out[k].segments, s)
	}
	return out
}

func (s segment) length() float64 {
	if s.upright {
		return s.box.Y1 - s.box.Y0
	}
	return s.box.X1 - s.box.X0
}

func similar(a, b, factor float64) bool { return a <= b*factor && b <= a*factor }

// segmentWords joins signs side by side to words. Each has an upright segment at
// least, by which gaps are measured.
func segmentWords(signs []segmentSign) [][]segmentSign {
	slices.SortFunc(signs, func(a, b segmentSign) int { return cmp.Compare(a.box.X0, b.box.X0) })
	var words [][]segmentSign
	var boxes []Box
	var units []float64
	for _, s := range signs {
		if len(s.segments) > 7 {
			continue
		}
		unit := 0.0
		for _, g := range s.segments {
			if g.upright {
				unit = max(unit, g.length())
			}
		}
		best := -1
		for i := range words {
			u := max(units[i], unit)
			middle := (s.box.Y0 + s.box.Y1) / 2
			gap := s.box.X0 - boxes[i].X1
			sized := unit == 0 || units[i] == 0 || similar(unit, units[i], 1.25)
			wide := signGap
			if s.box.X1-s.box.X0 < 0.8*unit {
				wide = loneGap // a 1 stands on the right of its place
			}
			// A slanted sign begins before the top of the one to its left ends.
			if u > 0 && sized && gap < wide*u && gap > -0.6*u && middle > boxes[i].Y0 && middle < boxes[i].Y1 {
				best = i
			}
			if u == 0 && gap < s.box.X1-s.box.X0 && math.Abs(s.box.Y0-boxes[i].Y0) < 0.5 && gap > 0 {
				best = i // dashes only, so far
			}
		}
		if best < 0 {
			words, boxes, units = append(words, []segmentSign{s}), append(boxes, s.box), append(units, unit)
			continue
		}
		words[best] = append(words[best], s)
		boxes[best], units[best] = boxes[best].Union(s.box), max(units[best], unit)
	}
	return words
}

// spell reads the signs of a word; "" when one of them is none.
func spell(word []segmentSign) (string, []Box) {
	if len(word) < 2 {
		return "", nil
	}
	unit, width := 0.0, 0.0
	box := word[0].box
	for _, s := range word {
		box = box.Union(s.box)
		for _, g := range s.segments {
			if g.upright {
				unit = max(unit, g.length())
			} else {
				width = max(width, g.length())
			}
		}
	}
	height := box.Y1 - box.Y0
	if unit == 0 {
		return "", nil // dashes only: they may be anything
	}
	if height < 1.9*unit || height > 2.5*unit || width > 0 && !similar(width, unit, 2) {
		return "", nil // not two segments high: no telling whether they are the upper or lower
	}
	var signs []rune
	var boxes []Box
	for _, s := range word {
		bits, ok := s.bits(box, unit, width)
		if !ok {
			return "", nil
		}
		r, ok := segmentSigns[bits]
		if !ok {
			return "", nil
		}
		signs = append(signs, r)
		boxes = append(boxes, Box{s.box.X0, box.Y0, s.box.X1, box.Y1})
	}
	for i := 1; i < len(boxes); i++ {
		boxes[i].X0 = max(boxes[i].X0, boxes[i-1].X0)
		boxes[i-1].X1 = max(boxes[i-1].X1, boxes[i].X0-0.1) // one word, however wide its signs stand
	}
	return segmentWord(signs), boxes
}

// bits names the segments of a sign within the line of its word; ok is false when
// one of its shapes is no segment, or two are the same.
func (s *segmentSign) bits(line Box, unit, width float64) (bits int, ok bool) {
	height, middle := line.Y1-line.Y0, (line.Y0+line.Y1)/2
	center := (s.box.X0 + s.box.X1) / 2
	narrow := s.box.X1-s.box.X0 < 0.8*unit
	for _, g := range s.segments {
		y := ((g.box.Y0+g.box.Y1)/2 - middle) / height
		bit := 0
		switch {
		case g.upright:
			if !similar(g.length(), unit, 1.35) {
				return 0, false
			}
			right := narrow || (g.box.X0+g.box.X1)/2 > center
			switch {
			case y > -0.33 && y < -0.15:
				bit = segUpperLeft
				if right {
					bit = segUpperRight
				}
			case y > 0.15 && y < 0.33:
				bit = segLowerLeft
				if right {
					bit = segLowerRight
				}
			}
		case g.length() < 0.6*width:
			return 0, false // half a middle one, of a display that shows words
		case y < -0.38:
			bit = segTop
		case y > 0.38:
			bit = segBottom
		case math.Abs(y) < 0.1:
			bit = segMiddle
		}
		if bit == 0 || bits&bit != 0 {
			return 0, false
		}
		bits |= bit
	}
	return bits, true
}

// crowded reports whether another shape than the word's own segments stands in its
// box. What lies behind all of it does not count.
func crowded(box Box, ink []Box, word []segmentSign) bool {
	own := 0
	for _, s := range word {
		own += len(s.segments)
	}
	inner := box.grow(-0.05 * (box.Y1 - box.Y0))
	for _, b := range ink {
		if b.overlaps(inner) && !(b.X0 <= box.X0 && b.Y0 <= box.Y0 && b.X1 >= box.X1 && b.Y1 >= box.Y1) {
			own--
		}
	}
	return own < 0
}

// segmentWord chooses between the signs that look alike: beside letters they are
// letters, but for those of a numbered code.
func segmentWord(signs []rune) string {
	letters := slices.ContainsFunc(signs, func(r rune) bool { return strings.ContainsRune("AbCcdEFGHhJLnoPrtUuy", r) })
	if !letters {
		return string(signs)
	}
	// A letter and digits are a numbered code, "E05"; "ICE" and "OHS" are words.
	numbered := len(strings.Trim(string(signs[1:]), "0123456789")) == 0 && !strings.ContainsRune("0123456789", signs[0])
	out := slices.Clone(signs)
	for i, r := range out {
		if at := strings.IndexRune("0159", r); at >= 0 && !numbered {
			out[i] = []rune("OISg")[at]
		}
	}
	return string(out)
}
