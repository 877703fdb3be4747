package troubleshoot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// numbersQuoted reports whether every figure of the texts (a number with its
// sign and unit, a code, a part number, a terminal) stands in one of the quotes.
func numbersQuoted(quotes []Quote, texts ...string) bool {
	var said []string
	for _, q := range quotes {
		for _, f := range figures(q.Text) {
			said = append(said, f.bare, f.whole)
		}
	}
	for _, t := range texts {
		for _, f := range figures(t) {
			if !slices.Contains(said, f.whole) {
				return false
			}
		}
	}
	return true
}

// figure is a word with a digit in it. whole has its unit, where one follows.
type figure struct{ bare, whole string }

// plainNumber matches a number that a unit may follow.
var plainNumber = regexp.MustCompile(`^[-+±∓<>≤≥~≈]*\d[\d.,/x⁄-]*$`)

func figures(s string) []figure {
	var out []figure
	words := strings.Fields(textnorm.Fold(s))
	for i, w := range words {
		w = core(w)
		if !textnorm.HasDigit(w) {
			continue
		}
		first, _ := utf8.DecodeRuneInString(w)
		if unicode.IsDigit(first) && i > 0 {
			sign, n := utf8.DecodeRuneInString(words[i-1])
			between := sign == '-' && i > 1 && (textnorm.HasDigit(words[i-2]) || i > 2 && isUnit(core(words[i-2])) && textnorm.HasDigit(words[i-3]))
			if n == len(words[i-1]) && isSign(sign) && !between {
				w = words[i-1] + w
			}
		}
		f := figure{w, w}
		if plainNumber.MatchString(w) && i+1 < len(words) && !strings.ContainsAny(words[i][len(words[i])-1:], ".,;:)]") {
			if u := core(words[i+1]); isUnit(u) {
				f.whole += u
			}
		}
		out = append(out, f)
	}
	return out
}

// core returns a folded word without the punctuation around it. The quote marks
// after a figure are inches or feet, unless others stand before it.
func core(w string) string {
	left := strings.TrimLeft(w, "([{\"'•·*#:;,=")
	cut := ")]}.,;:!?*·=/-"
	if left == "" {
		return ""
	}
	if strings.ContainsAny(w[:len(w)-len(left)], "\"'") || !textnorm.HasDigit(left) {
		cut += "\"'"
	}
	return strings.TrimRight(left, cut)
}

// units are what figures are printed with, folded.
var units = strings.Fields(`% ‰ ° °c °f c f k ° deg degree degrees grad a ma µa μa amp amps ampere v mv kv vac vdc v~ volt volts
	w kw mw watt watts hp kva va btu/h btu kwh wh ω kω mω ohm ohms mohm kohm kilohm kilohms megohm megohms
	bar mbar pa kpa mpa hpa psi psig inhg mmhg mm cm m km µm μm in inch inches ft feet foot " ' micron microns mil
	mm^2 cm^2 m^2 mm^3 cm^3 m^3 kg g mg lb lbs oz t l ml dl gal gallon gallons liter litre liters litres
	s sec second seconds ms min minute minutes h hr hrs hour hours std day days week weeks month months year years
	sekunden minuten stunden tage wochen monate jahre hz khz mhz ghz rpm u/min 1/min l/min l/h lpm gpm cfm m^3/h m^3/min
	n kn nm n·m n.m n-m in-lb in-lbs ft-lb ft-lbs lb-in lb-ft kgf uf µf μf nf pf mw/cm^2 w/cm^2 db db(a) µs/cm μs/cm ppm °dh °fh awg
	turn turns umdrehungen mol x`)

func isUnit(folded string) bool { return slices.Contains(units, folded) }

// codeQuoted reports whether a code is the one that its quotes print. Of a
// sub-code ("E18 13") the quotes need its own part; the others stand on a page of
// the same manual. A range ("E1-E4") prints each of its codes.
func (v *verifier) codeQuoted(a *Answer, c *ErrorCode) bool {
	if quotesCode(c.Quotes, c.Code) {
		return true
	}
	parts := strings.Fields(c.Code)
	if len(parts) < 2 || !quotesCode(c.Quotes, parts[len(parts)-1]) {
		return false
	}
	manual := a.Citations[c.Quotes[0].Citation].ManualID
	for key := range v.pages {
		if key.manual != manual {
			continue
		}
		if _, ok := v.find(key, strings.Join(parts[:len(parts)-1], " "), nil); ok {
			return true
		}
	}
	return false
}

var codeSpan = regexp.MustCompile(`^(\p{L}{0,3})(\d{1,4})(?:-|~|…|\.\.\.|to|bis)\p{L}{0,3}(\d{1,4})$`)

func quotesCode(quotes []Quote, code string) bool {
	var want strings.Builder
	for _, w := range strings.Fields(textnorm.Fold(code)) {
		want.WriteString(core(w))
	}
	if want.Len() == 0 {
		return false
	}
	for _, q := range quotes {
		words := strings.Fields(textnorm.Fold(q.Text))
		for i := range words {
			run := ""
			for _, w := range words[i:min(len(words), i+4)] {
				run += core(w)
				if run == want.String() || inSpan(w, want.String()) || inSpan(run, want.String()) {
					return true
				}
			}
		}
	}
	return false
}

// inSpan reports whether a printed range of codes has the code.
func inSpan(printed, code string) bool {
	m := codeSpan.FindStringSubmatch(strings.Trim(printed, "()[],;:"))
	if m == nil {
		return false
	}
	number, ok := strings.CutPrefix(code, m[1])
	n, err := strconv.Atoi(number)
	from, _ := strconv.Atoi(m[2])
	to, _ := strconv.Atoi(m[3])
	return ok && err == nil && len(number) >= len(m[2]) && from <= n && n <= to
}
