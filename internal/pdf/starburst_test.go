package pdf

import (
	"slices"
	"testing"
)

// burst returns the boxes of the segments of a sign as a slanted display for words
// shows them; unit is half the height of the line.
func burst(bits int, x, y, unit, slant float64) []Box {
	const width = 1.25 // of a sign, in units
	var out []Box
	for i, p := range starPlaces {
		if bits&(1<<i) == 0 {
			continue
		}
		cx, cy := x+p.x*width*unit, y+p.y*2*unit
		cx -= slant * (cy - y)
		w, h := 0.15*unit, 0.9*unit // upright
		across := 0.0               // how far the ends of a diagonal are apart
		switch bit := 1 << i; bit {
		case starTop, starBottom:
			w, h = width*unit, 0.15*unit
		case starMiddleLeft, starMiddleRight:
			w, h = 0.45*width*unit, 0.15*unit
		case starFromTop, starFromBottom:
			h = 0.7 * unit
		case starFromUpperLeft, starFromLowerRight:
			across = 0.4 * width * unit
		case starFromUpperRight, starFromLowerLeft:
			across = -0.4 * width * unit
		}
		if w < h {
			w += max(across-slant*h, slant*h-across)
		}
		out = append(out, Box{cx - w/2, cy - h/2, cx + w/2, cy + h/2})
	}
	return out
}

// starBits are the segments of a letter.
func starBits(t *testing.T, r rune) int {
	t.Helper()
	for bits, sign := range starSigns {
		if sign == r {
			return bits
		}
	}
	t.Fatalf("no sign for %q", r)
	return 0
}

// showing returns the boxes of a line of signs.
func showing(t *testing.T, text string, unit, slant float64) []Box {
	t.Helper()
	var out []Box
	for i, r := range []rune(text) {
		if r != ' ' {
			out = append(out, burst(starBits(t, r), 50+float64(i)*1.95*unit, 80, unit, slant)...)
		}
	}
	return out
}

func TestDrawnMessagesAreReadFromTheirSegments(t *testing.T) {
	for _, text := range []string{"SENSOR A", "HTR TEMP LMT", "FREEZE COND", "CHKSUM FAIL", "MOVE VALVE", "KEEP QUIET", "TAKES 4 MIN", "DRY-", "BOX JAW", "NEW FILTER"} {
		for _, unit := range []float64{3, 5.5, 10} {
			for _, slant := range []float64{0, 0.2} {
				if got := spelled(readStarbursts(showing(t, text, unit, slant), nil)); got != text {
					t.Errorf("%q of %v points with a slant of %v is read as %q", text, unit, slant, got)
				}
			}
		}
	}
}

func TestShapesThatAreNoMessageMakeNone(t *testing.T) {
	good := showing(t, "FREEZE COND", 5, 0.2)
	for name, ink := range map[string][]Box{
		"what seven segments show":              showing(t, "CLUO", 5, 0.2),
		"an unknown sign":                       append(showing(t, "COND", 5, 0.2), burst(starTop|starFromLowerLeft, 50+4*1.95*5, 80, 5, 0.2)...),
		"a message that is not read to its end": append(slices.Clone(good), burst(starTop|starStem|starFromUpperLeft|starLowerRight, 50+12*1.95*5, 80, 5, 0.2)...),
		"a shape among them":                    append(slices.Clone(good), Box{60, 82, 75, 88}),
		"a segment that is there twice":         append(slices.Clone(good), good[3]),
		"one sign alone":                        showing(t, "R", 5, 0.2),
	} {
		if got := spelled(readStarbursts(ink, nil)); got != "" {
			t.Errorf("%s is read as %q", name, got)
		}
	}
	if got := readStarbursts(good, []char{{r: 'F', box: Box{50, 80, 56, 90}}}); len(got) > 0 {
		t.Errorf("what the text layer has is read again as %q", spelled(got))
	}
}
