package troubleshoot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// The limits of a question: what fits a phone's screen several times over.
const (
	maxSymptom = 2000 // characters
	maxCode    = 32
	maxName    = 200
)

// clean checks a question and removes what does not matter.
func (q Question) clean() (Question, error) {
	for _, f := range []struct {
		name  string
		value *string
		limit int
	}{
		{"manufacturer", &q.Manufacturer, maxName},
		{"model", &q.Model, maxName},
		{"code", &q.Code, maxCode},
		{"symptom", &q.Symptom, maxSymptom},
		{"language", &q.Language, 8},
	} {
		if !utf8.ValidString(*f.value) {
			return q, errdefs.New(errdefs.Invalid, "INVALID_QUESTION", "The %s is not valid UTF-8 text.", f.name)
		}
		*f.value = textnorm.Clean(*f.value)
		if n := utf8.RuneCountInString(*f.value); n > f.limit {
			return q, errdefs.New(errdefs.Invalid, "INVALID_QUESTION", "The %s has %d characters; at most %d are accepted. Shorten it.", f.name, n, f.limit)
		}
	}
	q.Language = strings.ToLower(q.Language)
	if q.Model == "" && q.ManualID == nil {
		return q, errdefs.New(errdefs.Invalid, "MODEL_REQUIRED", "Name the model of the equipment: an answer is only given from that model's manuals.")
	}
	if textnorm.Key(q.Code) == "" && textnorm.Key(q.Symptom) == "" {
		return q, errdefs.New(errdefs.Invalid, "QUESTION_REQUIRED", "Give an error code, a symptom or a question.")
	}
	return q, nil
}

// dimension is what a value measures.
type dimension struct {
	asked []string // words of a question, folded
	// implied are words that tell it only beside one that asks for a figure: "mains
	// input range" is volts, and a mains cable is a part.
	implied []string
	unit    *regexp.Regexp
	alone   *regexp.Regexp // a unit in a cell of its own, beside the figure's
	given   *regexp.Regexp // its name with a figure behind it
}

// unitPattern matches a number followed by one of the units, or a unit on its
// own in brackets as table headings print it.
func unitPattern(units string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:\d\s?(?:` + units + `)(?:$|[^\p{L}\d]))|(?:[(\[/,]\s?(?:` + units + `)\s?[)\]]?(?:$|[\s)\]]))`)
}

// newDimension takes the words that ask for it and its units as a pattern.
func newDimension(asked, units string) dimension {
	return dimension{
		asked: strings.Fields(asked), unit: unitPattern(units), alone: regexp.MustCompile(`(?i)(?:^|\s)(?:` + units + `)(?:\s|$)`),
		given: regexp.MustCompile(`\b(?:` + strings.Join(strings.Fields(asked), "|") + `)(?: (?:of|is|around|about|up|to|von|ca|de))* ?[:=]? ?\d`),
	}
}

// implying adds words that only imply the dimension.
func (d dimension) implying(words string) dimension {
	d.implied = strings.Fields(words)
	return d
}

// named reports whether a folded text gives a figure by the dimension's name
// instead of a unit: "a solder temperature of 400".
func (d *dimension) named(text string) bool { return d.given.MatchString(text) }

var dimensions = []dimension{
	newDimension("pressure pressures psi bar kpa mpa druck presión pression", `psi|psig|bar|mbar|k?pa|mpa|hpa|kg/cm|inhg|mm ?hg|in\.? ?w`),
	newDimension("flow gpm lpm cfm durchfluss caudal débit", `gpm|l/min|lpm|l/h|m3/h|m\^3/h|m³/h|cfm|l/s|gph`),
	newDimension("torque nm tighten tightening drehmoment anzugsmoment par couple", `n[·.• ]?m|ft[.\- ]*lbs?|in[.\- ]*lbs?|foot pounds?|inch pounds?|lb[.\- ]*ft|lb[.\- ]*in|kgf?[·. ]?c?m`),
	newDimension("voltage volt volts vac vdc spannung tensión tension", `k?v|vac|vdc|volts?|mv`).implying("mains netzanschluss netzspannung"),
	newDimension("current amp amps ampere amperes breaker fuse rcd strom corriente courant", `m?a|amps?|amperes?`),
	newDimension("temperature temp temps temperatur temperatura température", `°\s?[cf]?|deg(?:rees)?|[cf]|k`),
	newDimension("weight weigh weighs mass charge gewicht kältemittelmenge pesa peso poids refrigerante", `kg|g|lbs?|oz|pounds?|grams?|t`),
	newDimension("watt watts wattage power kw leistung potencia puissance", `k?w|watts?|hp|kva|btu/?h?`),
	newDimension("resistance ohm ohms megohm widerstand resistencia résistance", `m?k?ω|[km]?ohms?|mega ?ohms?`),
	newDimension("interval intervals intervall intervalle intervalo intervalle", `h|hrs?|hours?|days?|weeks?|months?|years?|km|miles|stunden?|std|tage?n?|wochen?|monate?n?|jahre?n?|horas?|días?|semanas?|meses|años?|heures?|jours?|semaines?|mois|ans?`),
	newDimension("frequency hz frequenz frecuencia fréquence", `k?m?hz`),
}

// recognised is what a question asks for, read without a model.
type recognised struct {
	kind      Kind
	dimension *dimension // of an asked value, nil when not told
	span      bool       // its limits are asked: from where to where
}

var (
	partWords      = regexp.MustCompile(`(?i)\b(part|parts|p/?n|spare|order) (no|nr|num|number|numbers|code|codes|#)|\bpart#|\b(part ?no|partnumber|kit no|order no|assy number|ersatzteil\w*|teilenummer|artikelnummer|bestellnummer|referencia|référence|ricambio)\b|\b\w+ (part|code|number)$|^(part|spare)\b|spare part`)
	procedureWords = regexp.MustCompile(`(?i)^(how (to|do|can|should)|wie |cómo |como |comment )|^(?:(?:please|pls|i want to|i need to|need to)\s)?(?:replac|remov|install|calibrat|saniti[sz]|clean|adjust|recover|recharg|charg|drain|reset|chang|swap|mount|dismantl|disassembl|reassembl|program|unlock|lock|descal|evacuat|align|set up|setting|test(?:ing)?\b)\w*\b|\b(steps?|procedure|keys for|which (?:jumper|key|keys|button|buttons|menu)|vorgehen)\b|\b(?:\pL*(?:wechseln|tauschen|ersetzen|ausbauen|einbauen|einstellen|kalibrieren|reinigen|entkalken|entleeren|zurücksetzen)|cambiar|sustituir|reemplazar|ajustar|limpiar|calibrar|remplacer|changer|régler|nettoyer)$`)
	troubleWords   = regexp.MustCompile(`(?i)\b(no|not|won'?t|doesn'?t|unstable|low|high|wrong|fails?|failed|keeps?|trips?|leak\w*|noise|dead|stops?|stopped|never|nicht|kein\w*|zu|alarm)\b`)
	valueWords     = regexp.MustCompile(`(?i)\b(how (much|many|long|big|high|far|often|hot|old|deep|wide|heavy)|max|min|maximum|minimum|range|size|weight|torque|pressure|voltage|temperature|temp|rating|rated|limit|limits|allowed|distance|clearance|gap|length|ratio|interval|spec|specs|amount|capacity|resolution|dimension|dimensions|wieviel|wie viel|wie lange|welcher|welche|welches|mindest\w*|höchst\w*|cuánto|cuánta|combien)\b`)
)

var (
	// howTo asks for what to do, whatever it is done to: the temperature may be locked.
	howTo = regexp.MustCompile(`(?i)^how to `)
	// howOften asks for an interval without its name.
	howOften = regexp.MustCompile(`(?i)\b(?:how often|how frequently|wie oft|cada cuánto|con qué frecuencia|tous les combien|à quelle fréquence)\b`)
	// thingFor names a thing by what it belongs to: which one is asked.
	thingFor = regexp.MustCompile(`(?i)^(?:\pL+ ){1,2}(?:for (?:the|a|an|my|this)|für (?:die|den|das|der)|para (?:el|la)|pour (?:le|la)) (\pL.*)`)
	// asksSpan asks for limits, and printedSpan is how they are printed.
	asksSpan    = regexp.MustCompile(`(?i)\b(?:range|bereich|rango|margen|plage)\b`)
	printedSpan = regexp.MustCompile(`\d\S{0,4}\s?(?:-|~|\.{2,}|…|to|bis|hasta|a|à)\s?[-+]?\d`)
)

// recognise tells what a question asks for. A code makes it a fault.
func recognise(q Question) recognised {
	text := textnorm.Fold(q.Symptom)
	tokens := textnorm.Tokens(q.Symptom)
	r := recognised{kind: Fault}
	for i := range dimensions {
		if slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(dimensions[i].asked, t) }) {
			r.dimension = &dimensions[i]
			break
		}
	}
	if howOften.MatchString(text) {
		r.dimension = dimensionOf("interval")
	}
	switch {
	case q.Code != "":
	case partWords.MatchString(text):
		r.kind = Part
	case howTo.MatchString(text):
		r.kind = Procedure
	case valueWords.MatchString(text):
		r.kind = Value
	case procedureWords.MatchString(text):
		r.kind = Procedure
	case (r.dimension != nil || thingFor.MatchString(text)) && !troubleWords.MatchString(text):
		r.kind = Value
	}
	if r.kind != Value {
		r.dimension = nil
		return r
	}
	for i := range dimensions {
		if r.dimension == nil && slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(dimensions[i].implied, t) }) {
			r.dimension = &dimensions[i]
		}
	}
	r.span = asksSpan.MatchString(text)
	return r
}

// dimensionOf returns the dimension that a word asks for, nil for none.
func dimensionOf(word string) *dimension {
	for i := range dimensions {
		if slices.Contains(dimensions[i].asked, word) {
			return &dimensions[i]
		}
	}
	return nil
}

// ownerMissing reports whether a question asks for a thing of something that the
// manuals do not know: batteries for the smoke detector are not those for the
// remote control.
func (e *evidence) ownerMissing() bool {
	m := thingFor.FindStringSubmatch(textnorm.Fold(e.question.Symptom))
	if m == nil || e.asked.kind != Value {
		return false
	}
	owner := textnorm.Tokens(m[1])
	return slices.ContainsFunc(e.result.Terms, func(t search.Term) bool { return len(t.Forms) == 0 && slices.Contains(owner, t.Word) })
}
