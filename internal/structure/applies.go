package structure

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// applyLines is how many lines below a heading are read for what the section
// holds for.
const applyLines = 3

var (
	refrigerant = regexp.MustCompile(`^R-?(?:1[123](?:B1)?|22|23|32|123|124|125|134[aA]|142[bB]|143[aA]|152[aA]|290|40[1-9][A-Fa-f]?|41[0-9][A-Ca-c]?|42[0-9][A-Da-d]?|43[0-9][A-Ba-b]?|44[0-9][A-Ba-b]?|45[0-9][A-Ca-c]?|46[0-9][A-Ca-c]?|47[0-9][A-Ca-c]?|50[0-9][A-Ba-b]?|51[0-9][A-Ba-b]?|600[aA]?|717|718|744|1150|1234(?:yf|ze|YF|ZE)(?:\(E\))?|1270)$`)
	// voltage matches one with its unit in a word; figure with "V" as the next word is
	// found by its parts.
	voltage      = regexp.MustCompile(`^[~]?(\d{2,3}(?:[-/–]\d{2,3})*)\s?(?:V|VAC|VDC|Vac|Vdc|Volts?)~?$`)
	voltageParts = regexp.MustCompile(`^(\d{2,3})(?:[-/–]\d{2,3})*$`)
	voltUnits    = regexp.MustCompile(`^(?:V|VAC|VDC|Vac|Vdc|Volts?|volts?)~?$`)
	// designation matches what makers call models: letters and digits.
	designation = regexp.MustCompile(`^(?:[A-Z]{1,6}[A-Z0-9]*[-./]?\d+[A-Z0-9a-z]*(?:[-/][A-Z0-9a-z]+)*|\d{2,5}[A-Z]{1,5}\d*(?:[-/][A-Z0-9]+)*)$`)
	serialWord  = regexp.MustCompile(`(?i)^(?:serial|serials|s/?n|s\.n\.|seriennummern?|seriennr|serien-?nr|fabriknummern?|fabriknr|série|serie|matricola|serienummer)[.:]?s?$`)
	serialValue = regexp.MustCompile(`^#?[A-Z]{0,4}-?\d{3,}[A-Z0-9-]*$`)
)

var (
	// onlyWords say that what they stand with holds for a part of the machines.
	onlyWords  = strings.Fields("model models modell modelle modelo modelos modèle modèles modello modelli type types typ typen series only nur solo sólo seulement uniquement solamente for für para pour per applies applicable gilt")
	modelWords = strings.Fields("model models modell modelle modelo modelos modèle modèles modello modelli type types typ typen series baureihe only nur")
	fromWords  = strings.Fields("from after ab above starting beginning since desde partir da dal vanaf")
	untilWords = strings.Fields("before until prior up through bis vor hasta antes avant jusqu'à fino prima tot")
	toWords    = strings.Fields("to bis through - – a à al tot until thru")
	aboveWords = strings.Fields("up above later after onwards höher später posteriores suivants successivi")
	skipWords  = strings.Fields("no no. nr nr. number numbers nummer numéro número numero n° # s/n and with to the der den le de del du di : à up")
)

// applies reads what a section holds for out of its heading and the first lines
// below it.
func applies(s *Section, at int, marks []mark, pages map[int]*page, models []string) Applicability {
	var a Applicability
	v := pages[s.FirstPage]
	if v == nil || len(s.Heading.Words) == 0 {
		return a
	}
	known := map[string]bool{}
	for _, m := range models {
		if k := textnorm.Key(m); len(k) >= 3 {
			known[k] = true
		}
	}
	a.read(v, s.Heading.Words, known, true)
	line := v.lineOf[s.Heading.Words[len(s.Heading.Words)-1]]
	next := len(v.Lines)
	if at+1 < len(marks) && marks[at+1].page == s.FirstPage && len(marks[at+1].words) > 0 {
		next = v.lineOf[marks[at+1].words[0]]
	}
	for i := line + 1; i <= line+applyLines && i < next && i < len(v.Lines); i++ {
		if !v.furniture[i] && !v.Lines[i].Cipher && !v.inTable(i) {
			a.read(v, v.lineWords(i), known, false)
		}
	}
	return a
}

// read adds what a line says. A heading states it; running text only where words
// such as "only" or "models" do.
func (a *Applicability) read(v *page, words []int, known map[string]bool, heading bool) {
	texts := make([]string, len(words))
	says := heading
	named := false
	for i, w := range words {
		texts[i] = strings.Trim(v.Words[w].Text, ",;:()[]\"“”„*")
		f := folded(texts[i])
		says = says || slices.Contains(onlyWords, f)
		named = named || slices.Contains(modelWords, f)
	}
	a.readSerials(v, words, texts)
	if !says {
		return
	}
	for i, t := range texts {
		switch {
		case refrigerant.MatchString(t):
			add(&a.Refrigerants, Fact{Text: t, Span: v.span(words[i : i+1])})
		case voltage.MatchString(t):
			add(&a.Voltages, Fact{Text: t, Span: v.span(words[i : i+1])})
		case voltageParts.MatchString(t) && i+1 < len(texts) && voltUnits.MatchString(texts[i+1]):
			add(&a.Voltages, Fact{Text: t + " " + texts[i+1], Span: v.span(words[i : i+2])})
		case named && isDesignation(t):
			add(&a.Models, Fact{Text: t, Span: v.span(words[i : i+1])})
		}
		for n := 1; n <= 3 && i+n <= len(texts); n++ {
			if joined := strings.Join(texts[i:i+n], " "); known[textnorm.Key(joined)] && texts[i+n-1] != "" && texts[i] != "" {
				add(&a.Models, Fact{Text: joined, Span: v.span(words[i : i+n])})
			}
		}
	}
}

// isDesignation reports whether a word looks like a model: no figure with a unit,
// refrigerant, section or code of one letter and one digit.
func isDesignation(t string) bool {
	return len(t) >= 4 && len(t) <= 24 && designation.MatchString(t) && !isQuantityText(t) && !refrigerant.MatchString(t) && strings.ContainsFunc(t, unicode.IsLetter)
}

// readSerials adds the ranges of serial numbers of a line: "before serial 2210",
// "S/N 1000 to 1999", "ab Seriennummer 2210".
func (a *Applicability) readSerials(v *page, words []int, texts []string) {
	for i, t := range texts {
		if !serialWord.MatchString(t) {
			continue
		}
		k := i + 1
		from, until := false, false
		first := i
		for b := i - 1; b >= max(0, i-3); b-- {
			f := folded(texts[b])
			switch {
			case slices.Contains(fromWords, f):
				from, first = true, b
			case slices.Contains(untilWords, f):
				until, first = true, b
			case slices.Contains(skipWords, f):
				continue
			}
			break
		}
		for k < len(texts) && (slices.Contains(skipWords, folded(texts[k])) || slices.Contains(fromWords, folded(texts[k])) || slices.Contains(untilWords, folded(texts[k]))) {
			from = from || slices.Contains(fromWords, folded(texts[k]))
			until = until || slices.Contains(untilWords, folded(texts[k]))
			k++
		}
		if k >= len(texts) || !serialValue.MatchString(texts[k]) {
			continue
		}
		r := Range{From: texts[k], To: texts[k]}
		last := k
		switch {
		case k+2 < len(texts) && slices.Contains(toWords, folded(texts[k+1])) && serialValue.MatchString(texts[k+2]):
			r.To, last = texts[k+2], k+2
		case k+1 < len(texts) && slices.Contains([]string{"and", "und", "et", "y", "or", "oder"}, folded(texts[k+1])) && k+2 < len(texts):
			f := folded(texts[k+2])
			if slices.Contains(aboveWords, strings.TrimSuffix(f, ".")) {
				r.To, last = "", k+2
			}
		case from && !until:
			r.To = ""
		case until && !from:
			r.From = ""
		}
		r.Fact = v.fact(words[first : last+1])
		if !slices.ContainsFunc(a.Serials, func(o Range) bool { return o.From == r.From && o.To == r.To }) {
			a.Serials = append(a.Serials, r)
		}
	}
}

func add(facts *[]Fact, f Fact) {
	if !slices.ContainsFunc(*facts, func(o Fact) bool { return textnorm.Key(o.Text) == textnorm.Key(f.Text) }) {
		*facts = append(*facts, f)
	}
}
