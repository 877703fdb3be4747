package pdf

import (
	"slices"
	"strings"
	"testing"
)

// lit returns the boxes of the segments of a sign as a slanted display shows them.
func lit(bits int, x, y, unit float64) []Box {
	lean := func(y float64) float64 { return -0.18 * y }
	upright := func(col, row float64) Box {
		x0, y0 := x+col*1.15*unit+lean(row*unit), y+0.1*unit+row*1.05*unit
		return Box{x0, y0, x0 + 0.38*unit, y0 + unit}
	}
	lying := func(row float64) Box {
		x0, y0 := x+0.1*unit+lean(row*unit), y+row*1.02*unit
		return Box{x0, y0, x0 + 1.3*unit, y0 + 0.25*unit}
	}
	var out []Box
	for bit, box := range map[int]Box{
		segTop: lying(0), segMiddle: lying(1), segBottom: lying(2),
		segUpperLeft: upright(0, 0), segUpperRight: upright(1, 0), segLowerLeft: upright(0, 1), segLowerRight: upright(1, 1),
	} {
		if bits&bit != 0 {
			out = append(out, box)
		}
	}
	return out
}

func shown(signs []int, unit float64) []Box {
	var out []Box
	for i, bits := range signs {
		out = append(out, lit(bits, 50+float64(i)*1.9*unit, 80, unit)...)
	}
	return out
}

// signsOf returns the segments of a text.
func signsOf(t *testing.T, text string) []int {
	t.Helper()
	var out []int
	for _, r := range text {
		bits := 0
		for b, sign := range segmentSigns {
			if sign == r && (bits == 0 || b < bits) {
				bits = b
			}
		}
		if bits == 0 {
			t.Fatalf("no sign for %q", r)
		}
		out = append(out, bits)
	}
	return out
}

func spelled(chars []char) string {
	var b strings.Builder
	for _, c := range chars {
		b.WriteRune(c.r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestDrawnCodesAreReadFromTheirSegments(t *testing.T) {
	for segments, want := range map[string]string{
		"0HH": "OHH", "5nA": "SnA", "1CE": "ICE", "E05": "E05", "F12": "F12", "dry": "dry", "HFL": "HFL", "--F": "--F", "9F1": "gFI", "Pr": "Pr", "24": "24", "r5A": "rSA", "5tU": "StU",
	} {
		for _, unit := range []float64{3, 5.2, 12} {
			if got := spelled(readSegments(shown(signsOf(t, segments), unit), nil)); got != want {
				t.Errorf("%s of %v points is read as %q, want %q", segments, unit, got, want)
			}
		}
	}
}

func TestShapesThatAreNoSignsMakeNoCode(t *testing.T) {
	good := shown(signsOf(t, "E05"), 6)
	if got := spelled(readSegments(good, nil)); got != "E05" {
		t.Fatalf("E05 is read as %q", got)
	}
	for name, ink := range map[string][]Box{
		"an unknown sign":           shown([]int{segTop | segMiddle | segBottom | segUpperLeft | segUpperRight, signsOf(t, "5")[0]}, 6),
		"one sign alone":            shown(signsOf(t, "8"), 6),
		"dashes alone":              shown(signsOf(t, "----"), 6),
		"only the lower half":       shown([]int{segLowerLeft | segMiddle, segLowerLeft | segMiddle | segLowerRight}, 6),
		"a shape among them":        append(slices.Clone(good), Box{52, 84, 58, 90}),
		"a segment that is doubled": append(slices.Clone(good), good[0]),
		"the grid of a table":       {{40, 80, 60, 80.5}, {40, 90, 60, 90.5}, {40, 80, 40.5, 90}, {60, 80, 60.5, 90}, {60, 80, 80, 80.5}, {60, 90, 80, 90.5}, {80, 80, 80.5, 90}},
	} {
		if got := spelled(readSegments(ink, nil)); got != "" {
			t.Errorf("%s is read as %q", name, got)
		}
	}
	if got := readSegments(good, []char{{r: 'E', box: Box{50, 80, 60, 93}}}); len(got) > 0 {
		t.Errorf("what the text layer has is read again as %q", spelled(got))
	}
	// What lies behind a code is no shape among its segments.
	if got := spelled(readSegments(append(slices.Clone(good), Box{0, 0, 300, 300}), nil)); got != "E05" {
		t.Errorf("before a shaded row E05 is read as %q", got)
	}
}
