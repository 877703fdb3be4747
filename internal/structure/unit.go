package structure

import (
	"regexp"
	"slices"
	"strings"
)

// unitPattern matches the units of the trade, without the figure.
const unitPattern = `(?:°\s?[CFcf]|ºC|ºF|K|[VA]~?|[VA]\s?[AD]C|V(?:rms|ac|dc)|m[VA]|µA|k[VAW]|kVA|VA|W|MW|mW|mW/cm[²2]|Hz|kHz|MHz|GHz|psi[ag]?|PSI[AG]?|bar|mbar|Bar|[kMh]?Pa|mmHg|inHg|mm\s?WS|in\.?|inch(?:es)?|mm|cm|m|km|ft\.?|µm|mm²|cm²|m²|AWG|` +
	`kg|g|mg|t|lbs?\.?|oz\.?|fl\.?\s?oz\.?|l|L|ml|mL|dl|gal(?:lons?)?|litres?|liters?|Liter|l/h|l/min|L/h|L/min|gpm|GPM|cfm|CFM|m[³3]|m[³3]/h|cm[³3]|rpm|RPM|min-1|min⁻¹|1/min|U/min|r/min|dB|dBA|dB\(A\)|%|%\s?RH|ppm|pH|µS/cm|` +
	`ohms?|Ohms?|Ω|kΩ|MΩ|kohms?|kilohms?|kOhm|megohms?|[µμunp]F|mH|s|sec\.?|seconds?|Sekunden|min\.?|minutes?|Minuten|h|hrs?\.?|hours?|Stunden|days?|Nm|N·m|N\.m|kgf|daN|N|in-?lbs?|ft-?lbs?|lb-?ft|BTU|Btu|BTU/h|Btu/h|BTUH|kcal|kcal/h|kWh|Ah|mAh|hp|HP|PS|lux|cd/m[²2]|nits|ms|µs|dpi|GB|MB|TB|GHz|kg/h|g/kWh|mg/l|dBm|db\(A\)|mWS|Tonnen?|°dH|°|"|')`

var (
	unitAlone = regexp.MustCompile(`^` + unitPattern + `(?:\s?[/x×]\s?` + unitPattern + `)*$`)
	// quantity is a figure with its unit: "90 °F", "208V", "1/60 Hz".
	quantity = regexp.MustCompile(`^[-+±≤≥<>~]?\d[\d.,/]*\s?` + unitPattern + `$`)
)

// plainLetters are units that are words or marks of other things, too: they count
// only in brackets or alone in their cell.
var plainLetters = strings.Fields(`K V A W N L l g t m s h in in. min PS ' " ° % t`)

// maxUnit is the length of the longest unit, in bytes, with room.
const maxUnit = 16

// bare takes the brackets and stops off a word, but for those that are part of it:
// "(psi)," is "psi", "dB(A)" stays.
func bare(word string) string {
	word = strings.TrimRight(word, ",;:")
	if strings.IndexAny(word, "([{") == 0 {
		return strings.Trim(word, "()[]{}")
	}
	if !strings.ContainsAny(word, "([{") {
		return strings.TrimRight(word, ")]}")
	}
	return word
}

// unitOf returns the unit that a heading or a row's name tells: in brackets, as
// its last word, or alone.
func (v *page) unitOf(words []int) Fact {
	for i, w := range words {
		text := v.Words[w].Text
		unit := bare(text)
		if unit == "" || len(unit) > maxUnit || unit == "N/A" || !unitAlone.MatchString(unit) {
			continue
		}
		bracketed := strings.IndexAny(text, "([{") == 0
		// The last word of it, or of what is before brackets: "Air °F (°C)".
		last := i == len(words)-1 || strings.ContainsAny(v.Words[words[i+1]].Text[:1], "([{")
		last = last && !slices.Contains(plainLetters, unit) && (i == 0 || !isFigure(v.Words[words[i-1]].Text))
		if bracketed && i > 0 && isFigure(v.Words[words[i-1]].Text) {
			continue // "70 °F (21 °C)" is a quantity
		}
		if bracketed || last {
			return Fact{Text: unit, Span: v.span([]int{w})}
		}
	}
	return Fact{}
}

// isUnit reports whether words are units and nothing else.
func (v *page) isUnit(words []int) bool {
	if len(words) == 0 || len(words) > 3 {
		return false
	}
	text := bare(v.text(words))
	return len(text) <= maxUnit && text != "N/A" && unitAlone.MatchString(text)
}

// isQuantity reports whether the word at i begins a figure with its unit.
func (v *page) isQuantity(words []int, i int) bool {
	text := bare(v.Words[words[i]].Text)
	if quantity.MatchString(text) {
		return true
	}
	return isFigure(text) && i+1 < len(words) && unitAlone.MatchString(bare(v.Words[words[i+1]].Text))
}

// conditionWords stand before a condition.
var conditionWords = strings.Fields("at @ bei for für with mit à con a bij when if wenn under unter from ab von above below over")

var perWords = strings.Fields("per pro je par por / every alle each")

// condition returns the part of a heading or title that says under what it holds:
// "at 90 °F ambient", "Water 70 °F (21 °C)".
func (v *page) condition(words []int, whole bool) (Fact, bool) {
	at := -1
	if whole && len(words) > headerWords {
		return Fact{}, false
	}
	for i := range words {
		if i > 0 && slices.Contains(perWords, folded(v.Words[words[i-1]].Text)) {
			continue // "lb per 24 h" is a unit
		}
		if v.isQuantity(words, i) {
			at = i
			break
		}
	}
	if at < 0 {
		return Fact{}, false
	}
	if whole {
		return v.fact(words), true
	}
	const before, behind = 4, 6
	from := at
	for k := at - 1; k >= max(0, at-before); k-- {
		if slices.Contains(conditionWords, folded(v.Words[words[k]].Text)) {
			from = k
			break
		}
	}
	to := at + 1
	for to < len(words) && to < at+behind && !strings.HasSuffix(v.Words[words[to-1]].Text, ".") && !strings.HasSuffix(v.Words[words[to-1]].Text, ";") {
		to++
	}
	return v.fact(words[from:to]), true
}
