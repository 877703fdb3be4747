package structure

import (
	"slices"
	"strings"
)

// units are those of the trade, without the figure.
var units = func() map[string]bool {
	out := map[string]bool{}
	for u := range strings.FieldsSeq(`
		°C °F °c °f ºC ºF K V V~ A A~ VAC VDC Vac Vdc Vrms V~ ADC AAC mV mA µA kV kA kW kVA VA W MW mW mW/cm² mW/cm2 Hz kHz MHz GHz psi psig psia PSI PSIG bar Bar mbar Pa kPa MPa hPa mmHg inHg mmWS mWS
		in in. inch inches mm cm m km ft ft. µm mm² cm² m² mm2 cm2 m2 AWG kg g mg t lb lbs lb. lbs. oz oz. l L ml mL dl gal gallon gallons litre litres liter liters Liter gpm GPM cfm CFM m³ m3 cm³ cm3
		rpm RPM min-1 min⁻¹ U r dB dBA dB(A) db(A) dBm % ppm pH µS ohm ohms Ohm Ohms Ω kΩ MΩ kohm kohms kilohm kilohms kOhm MOhm megohm megohms µF μF uF nF pF mH s sec sec. second seconds Sekunden min min. minute minutes Minuten
		h hr hrs hrs. hour hours Stunden day days Nm N·m N.m kgf daN N in-lb in-lbs inlbs ft-lb ft-lbs ftlbs lb-ft lbft BTU Btu BTUH kcal kWh Ah mAh hp HP PS lux cd nits ms µs dpi GB MB TB °dH ° " ' Tonne Tonnen`) {
		out[u] = true
	}
	return out
}()

// maxUnit is the length of the longest unit, in bytes, with room.
const maxUnit = 16

// isUnitText reports whether a text is a unit, also a composed one: "l/min",
// "V / Hz", "% RH".
func isUnitText(s string) bool {
	if s == "" || len(s) > maxUnit || s == "N/A" {
		return false
	}
	if units[s] {
		return true
	}
	switch s {
	case "V AC", "V DC", "A AC", "A DC", "% RH", "fl. oz.", "fl oz", "mm WS", "° C", "° F", "V/Phase/Hz", "V / Phase / Hz":
		return true
	}
	if !strings.ContainsAny(s, "/×x") {
		return false
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '×' || r == 'x' })
	for i, part := range parts {
		if part = strings.TrimSpace(part); !units[part] && (i > 0 || part != "1") { // 1/min
			return false
		}
	}
	return len(parts) > 1
}

// isQuantityText reports whether a word is a figure with its unit: "208V", "35°C",
// "60Hz".
func isQuantityText(s string) bool {
	rest := strings.TrimLeft(s, "-+±≤≥<>~")
	if rest == "" || rest[0] < '0' || rest[0] > '9' {
		return false
	}
	return isUnitText(strings.TrimSpace(strings.TrimLeft(rest, "0123456789.,/")))
}

// plainLetters are units that are words or marks of other things, too: they count
// only in brackets or alone in their cell.
var plainLetters = strings.Fields(`K V A W N L l g t m s h in in. min PS ' " ° % t`)

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

// unitOf returns the unit that a heading tells: in brackets, as its last word, or
// alone.
func (v *page) unitOf(words []int) Fact {
	for i, w := range words {
		text := v.Words[w].Text
		unit := bare(text)
		if !isUnitText(unit) {
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

// bracketedUnit returns the unit that a row's name tells in brackets.
func (v *page) bracketedUnit(words []int) Fact {
	if u := v.unitOf(words); u.Text != "" && strings.IndexAny(v.Words[u.Words[0]].Text, "([{") == 0 {
		return u
	}
	return Fact{}
}

// isUnit reports whether words are units and nothing else.
func (v *page) isUnit(words []int) bool {
	if len(words) == 0 || len(words) > 3 {
		return false
	}
	return isUnitText(bare(v.text(words)))
}

// isQuantity reports whether the word at i begins a figure with its unit.
func (v *page) isQuantity(words []int, i int) bool {
	text := bare(v.Words[words[i]].Text)
	if isQuantityText(text) {
		return true
	}
	return isFigure(text) && i+1 < len(words) && isUnitText(bare(v.Words[words[i+1]].Text))
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
