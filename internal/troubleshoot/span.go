package troubleshoot

import (
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// figureSpan matches the name of a row that holds for a range: "24 A to 28 A",
// "2,5 - 4 kW", "over 10 up to 15 mm".
var figureSpan = regexp.MustCompile(`^(?:\D{0,12}\s)?(\d+(?:[.,]\d+)?)\s?(\S{0,6}?)\s?(?:-|~|\.{2,}|…|to|up to|bis|a|à|thru|through)\s?(\d+(?:[.,]\d+)?)\s?(\S{0,6})$`)

// inRange returns the weight of each term that is a figure of the question within
// the range that a row is named by, and of the unit that is typed behind it: 26
// amps are in the row of "24 A to 28 A". A figure without the row's unit is in
// none.
func (e *evidence) inRange(name string, asked []quantity) []float64 {
	out := make([]float64, len(e.result.Terms))
	if len(asked) == 0 {
		return out
	}
	m := figureSpan.FindStringSubmatch(textnorm.Fold(name))
	if m == nil {
		return out
	}
	from, ok := figureOf(m[1])
	to, also := figureOf(m[3])
	unit := core(m[4])
	if !ok || !also || from >= to || !isUnit(unit) || m[2] != "" && core(m[2]) != unit {
		return out
	}
	for _, f := range asked {
		if f.value < from || f.value > to || !sameUnit(f.unit, unit) {
			continue
		}
		for i, t := range e.result.Terms {
			if t.Word == f.text || t.Word == f.unit || t.Word == f.text+f.unit {
				out[i] = 1
			}
		}
	}
	return out
}

// quantity is a figure of the question with the unit behind it, folded.
type quantity struct {
	value      float64
	text, unit string
}

// measured returns the figures of the question that have a unit.
func (e *evidence) measured() []quantity {
	words := strings.Fields(textnorm.Fold(e.question.Symptom))
	var out []quantity
	for i, w := range words {
		w = core(w)
		text := leadingFigure.FindString(w)
		value, ok := figureOf(text)
		if !ok {
			continue
		}
		unit := strings.TrimPrefix(w, text)
		if unit == "" && i+1 < len(words) {
			unit = core(words[i+1])
		}
		if isUnit(unit) {
			out = append(out, quantity{value, text, unit})
		}
	}
	return out
}

// unitNames are the ways of writing one unit.
var unitNames = [][]string{
	strings.Fields("a amp amps ampere"),
	strings.Fields("v volt volts vac vdc v~"),
	strings.Fields("w watt watts"),
	strings.Fields("ω ohm ohms"),
	strings.Fields("in inch inches \" "),
	strings.Fields("ft feet foot '"),
	strings.Fields("lb lbs"),
	strings.Fields("l liter liters litre litres"),
	strings.Fields("h hr hrs hour hours std"),
	strings.Fields("min minute minutes"),
	strings.Fields("s sec second seconds"),
	strings.Fields("°c c °"),
	strings.Fields("°f f °"),
	strings.Fields("psi psig"),
}

func sameUnit(a, b string) bool {
	return a == b || slices.ContainsFunc(unitNames, func(names []string) bool { return slices.Contains(names, a) && slices.Contains(names, b) })
}
