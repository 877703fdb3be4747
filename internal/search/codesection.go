package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// A code's section is the text under a heading that names it: "2. E5 Solution",
// "Display E6", "E12 – Communication fault", or one entry of a list of codes.
const (
	headingWords = 10  // a longer line is running text
	sectionWords = 160 // a longer section is more than the code's own
)

var (
	numbering = regexp.MustCompile(`^(?:\d{1,2}(?:\.\d{1,2})*[.)]?|\p{L}[.)]|[•●▪■►▶–-])$`)
	// abbreviation begins a measure or a reference: "Min.1000m", "Fig.3".
	abbreviation  = regexp.MustCompile(`(?i)^(?:min|max|ca|approx|fig|abb|bild|tab|nr|no|vol)\.\d`)
	headingMarker = strings.Fields("display displays displayed shows error fault code alarm solution failure protection message anzeige fehler fehlercode störung código error: affichage erreur défaut")
)

// codeHeading is a line that names one or more codes as its subject.
type codeHeading struct {
	line  int // index into the page's lines
	codes []string
	rest  []int // words after the code on the same line: the meaning
	code  []int // the words of the code itself
	form  CodeForm
	drawn bool          // its codes are drawn, and it has nothing else
	again []codeHeading // lines of its section that name it again
}

// headings finds the lines of a page that have a code as their subject. known
// are the keys of the codes that the manual's tables list; other codes count
// only when they lead their line and carry a digit.
func headings(p *pdf.Page, known map[string]bool) []codeHeading {
	var out []codeHeading
	for i, l := range p.Lines {
		if l.Count == 0 || l.Count > headingWords+4 || l.Cipher || p.DottedLeader(i) {
			continue
		}
		var above *codeHeading
		if n := len(out); n > 0 {
			above = &out[n-1]
		}
		if above != nil && above.drawn && above.line == i-1 && onlyLinks(p, i) {
			above.line = i
			continue
		}
		if h, ok := drawnHeading(p, i, above); ok {
			if above != nil && above.drawn && above.line == i-1 {
				above.code = append(above.code, h.code...)
				above.line, above.codes = i, displayed(p, above.words(p))
			} else {
				out = append(out, h)
			}
			continue
		}
		if h, ok := lampHeading(p, i); ok {
			out = append(out, h)
			continue
		}
		if above != nil && above.form == FormMessage && i <= above.line {
			continue // the message itself
		}
		if h, ok := messageHeading(p, i); ok {
			out = append(out, h)
			continue
		}
		words := make([]string, l.Count)
		for k := range words {
			words[k] = p.Words[l.First+k].Text
		}
		start := 0
		for start < len(words) && (numbering.MatchString(words[start]) || start > 0 && isMarker(words[start])) {
			start++
		}
		marked := false
		for start < len(words) && isMarker(words[start]) && !codeWord.MatchString(words[start]) {
			marked = true
			start++
		}
		if start >= len(words) || abbreviation.MatchString(words[start]) {
			continue
		}
		codes, taken := printedCodes(words[start:], marked)
		if len(codes) == 0 || !slices.ContainsFunc(codes, func(c string) bool {
			return known[textnorm.Key(c)] || textnorm.HasDigit(c) && !codeNumber.MatchString(c)
		}) {
			continue
		}
		if !marked && taken == len(words) && !slices.ContainsFunc(codes, textnorm.HasDigit) {
			continue // a word in capitals on a drawing
		}
		if len(words)-start-taken > headingWords || start+taken < len(words) && strings.HasSuffix(words[start+taken-1], ",") {
			continue // running text: "... by its red lamp", "H1, for machines without display"
		}
		if isDrawn(&p.Words[l.First+start]) {
			continue // named in a sentence
		}
		h := codeHeading{line: i, codes: codes}
		for k := start; k < start+taken; k++ {
			h.code = append(h.code, l.First+k)
		}
		for k := start + taken; k < len(words); k++ {
			if len(h.rest) == 0 && textnorm.Key(words[k]) == "" {
				continue // the dash between code and meaning
			}
			h.rest = append(h.rest, l.First+k)
		}
		if len(h.rest) > 3 && h.rest[0] == h.code[len(h.code)-1]+1 && startsLower(p.Words[h.rest[0]].Text) {
			continue // a sentence about the code, not a heading
		}
		out = append(out, h)
	}
	return out
}

func startsLower(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsLower(r)
}

func isMarker(w string) bool {
	return slices.Contains(headingMarker, strings.Trim(textnorm.Fold(w), ":.,"))
}

// codeSections returns the sections of a page whose headings name a code. A
// table's own lines are left to the table's rows.
func codeSections(p *pdf.Page, known map[string]bool, section, language string) []CodeRow {
	inTable := tableWords(p)
	hs := ownHeadings(p, slices.DeleteFunc(headings(p, known), func(h codeHeading) bool { return inTable[h.code[0]] }))
	var out []CodeRow
	for k := range hs {
		h := &hs[k]
		end := len(p.Lines)
		if k+1 < len(hs) {
			end = hs[k+1].first(p)
		}
		if h.drawn && k+1 < len(hs) && hs[k+1].drawn && h.line+1 >= end {
			// Two groups of codes that one text explains.
			h.line, end = hs[k+1].line, len(p.Lines)
			if k+2 < len(hs) {
				end = hs[k+2].first(p)
			}
		}
		var body []int
		for i := h.line + 1; i < end && len(body) < sectionWords; i++ {
			l := p.Lines[i]
			for w := l.First; w < l.First+l.Count; w++ {
				body = append(body, w)
			}
		}
		read := readSection(p, h, end)
		for _, code := range h.codes {
			row := CodeRow{Code: code, Form: h.form, Page: p.Number, LastPage: p.Number, Section: section, Language: language, Heading: true, Models: read.models}
			row.Fields = append(row.Fields, Field{Role: RoleCode, Words: h.code})
			if meaning := read.meaning(code); len(meaning) > 0 {
				row.Fields = append(row.Fields, Field{Role: RoleMeaning, Words: meaning})
			}
			for _, words := range read.remedies {
				row.Fields = append(row.Fields, Field{Role: RoleRemedy, Words: words})
			}
			if len(body) > 0 {
				row.Fields = append(row.Fields, Field{Role: RoleOther, Words: body})
			}
			if len(row.Fields) < 2 {
				continue
			}
			keys := codeKeys(code)
			switch {
			case h.drawn:
				keys = drawnKeys(code)
			case h.form == FormMessage:
				keys = []string{codeKey(code)}
			}
			// Groups of codes that one text explains may name the same twice.
			if h.drawn && slices.ContainsFunc(out, func(o CodeRow) bool { return o.Key == keys[0] && sameFields(o.Fields[1:], row.Fields[1:]) }) {
				continue
			}
			for _, key := range keys {
				row.Key = key
				out = append(out, row)
			}
		}
	}
	return out
}

func sameFields(a, b []Field) bool {
	return slices.EqualFunc(a, b, func(a, b Field) bool { return a.Role == b.Role && slices.Equal(a.Words, b.Words) })
}

// words are all from the first of its code to the last.
func (h *codeHeading) words(p *pdf.Page) []int {
	var out []int
	for w := slices.Min(h.code); w <= slices.Max(h.code); w++ {
		out = append(out, w)
	}
	// What links the first of its codes, too.
	for w := out[0] - 1; w >= 0 && isLink(p.Words[w].Text); w-- {
		out = slices.Insert(out, 0, w)
	}
	return out
}

// first is the line on which what the heading belongs to begins: that which
// announces a drawn code.
func (h *codeHeading) first(p *pdf.Page) int {
	line := h.line
	if h.drawn {
		for line > 0 && slices.ContainsFunc(h.code, func(w int) bool { return w < p.Lines[line].First }) {
			line--
		}
		if line > 0 && slices.ContainsFunc(lineWords(p, line-1), func(w int) bool { return isMarker(p.Words[w].Text) }) {
			line--
		}
	}
	return line
}

// ownHeadings leaves out the lines that only say again, within a code's section and
// in smaller print, which code it is about: "Display E5" under "2. E5 Solution".
func ownHeadings(p *pdf.Page, hs []codeHeading) []codeHeading {
	var out []codeHeading
	for _, h := range hs {
		if n := len(out); n > 0 {
			last := &out[n-1]
			within := !slices.ContainsFunc(h.codes, func(c string) bool { return !slices.Contains(last.codes, c) })
			if within && p.Lines[h.line].FontSize < p.Lines[last.line].FontSize {
				last.again = append(last.again, h)
				continue
			}
		}
		out = append(out, h)
	}
	return out
}

// sectionText is what the lines of a code's section say.
type sectionText struct {
	common   []int            // the meaning of all its codes
	own      map[string][]int // of one of them
	remedies [][]int
	models   []string // that it says it is for
}

func (s *sectionText) meaning(code string) []int {
	if words := s.own[code]; len(words) > 0 {
		return words
	}
	return s.common
}

// meaningLines is how many lines a section's meaning has at most.
const meaningLines = 3

// readSection finds what a code's section says: the meaning beside its heading, or
// else in the lines below it up to a gap; then the remedies, which are the items of
// its first list, or follow a word such as "Solution:". end is the line after its
// last.
func readSection(p *pdf.Page, h *codeHeading, end int) sectionText {
	s := sectionText{own: map[string][]int{}}
	if h.drawn {
		s.common = firstSentence(p, h.line+1, end)
		return s
	}
	if slices.ContainsFunc(h.rest, func(w int) bool { return !isMarker(p.Words[w].Text) }) {
		s.common = h.rest
	}
	next := h.line + 1
	named := len(s.common) > 0
	for _, a := range h.again {
		if a.line > next+1 {
			break
		}
		next = a.line + 1
		switch {
		case len(a.rest) == 0:
		case len(a.codes) < len(h.codes):
			s.own[a.codes[0]] = a.rest
			named = true
		case isAside(p, a.rest):
			if limits(p, a.rest) {
				s.models = append(s.models, strings.Trim(strings.Join(wordTexts(p, a.rest), " "), "()（）"))
			}
		case len(s.common) == 0:
			s.common, named = a.rest, true
		}
	}
	if !named && h.form != FormMessage {
		s.common, next = titleBelow(p, next, end)
	}
	lines := 0
	switch {
	case h.form != FormCode:
		lines = solutionLines
	case slices.ContainsFunc(h.rest, func(w int) bool {
		return slices.Contains(remedyMarker, strings.Trim(textnorm.Fold(p.Words[w].Text), ":."))
	}):
		lines = 1
	}
	s.remedies = sectionRemedies(p, next, end, lines)
	return s
}

// titleBelow returns the lines from first on that stand by themselves, as a title
// does, without the lines that only repeat the display; and the line after them.
func titleBelow(p *pdf.Page, first, end int) (words []int, next int) {
	i := first
	for ; i < min(end, first+meaningLines+1); i++ {
		if i > first && apart(p, i) || startsItem(p, i) {
			break
		}
		if line := lineWords(p, i); len(line) > 0 && !isMarker(p.Words[line[0]].Text) {
			words = append(words, line...)
		}
	}
	if len(words) == 0 || i-first > meaningLines || i == end || strings.HasSuffix(p.Words[words[len(words)-1]].Text, ".") {
		return nil, first // running text
	}
	return words, i
}

// isAside reports whether words stand in brackets: "(not failure)".
func isAside(p *pdf.Page, words []int) bool {
	return strings.HasPrefix(textnorm.Fold(p.Words[words[0]].Text), "(") && strings.HasSuffix(textnorm.Fold(p.Words[words[len(words)-1]].Text), ")")
}

// limits reports whether words say what a section is for: "(three phases only)".
func limits(p *pdf.Page, words []int) bool {
	return containsAny(textnorm.Tokens(strings.Join(wordTexts(p, words), " ")), strings.Fields("only nur seulement uniquement solo sólo model models modell modelle modelo modelos modèle modèles modello modelli"))
}

// apart reports whether a line is further from the one above than lines of one
// paragraph are.
func apart(p *pdf.Page, line int) bool {
	above, l := p.Lines[line-1].Box, p.Lines[line].Box
	return l.Y0-above.Y1 > 0.5*(l.Y1-l.Y0) || l.Y1 < above.Y0
}

func lineWords(p *pdf.Page, line int) []int {
	l := p.Lines[line]
	out := make([]int, l.Count)
	for i := range out {
		out[i] = l.First + i
	}
	return out
}

var (
	itemNumber   = regexp.MustCompile(`^\(?\d{1,2}(?:\)\.?|\.\))$`)
	stepNumber   = regexp.MustCompile(`^\d{1,2}\.\d{1,2}\.?$`)
	remedyMarker = strings.Fields("solution remedy remedies action recover lösung abhilfe behebung maßnahme solución remedio remède solutions rimedio soluzione")
)

// startsItem reports whether a line begins with the number of an item or step.
func startsItem(p *pdf.Page, line int) bool {
	l := p.Lines[line]
	if l.Count == 0 {
		return false
	}
	w := p.Words[l.First].Text
	return itemNumber.MatchString(w) || stepNumber.MatchString(w) || numbering.MatchString(w) && !codeNumber.MatchString(w)
}

// sectionRemedies returns the remedies that the lines from first to end list. Without a
// list so many of its first lines are remedies as lines says: in a section that is called
// a solution, or below what a lamp or a display shows.
func sectionRemedies(p *pdf.Page, first, end, lines int) [][]int {
	for i := first; i < end; i++ {
		l := p.Lines[i]
		listed := false // the line holds an item's number
		for k := range l.Count {
			listed = listed || itemNumber.MatchString(p.Words[l.First+k].Text)
		}
		if listed {
			return listItems(p, i, end)
		}
		if l.Count > 1 && slices.Contains(remedyMarker, strings.Trim(textnorm.Fold(p.Words[l.First].Text), ":.")) && strings.HasSuffix(p.Words[l.First].Text, ":") {
			return [][]int{lineWords(p, i)}
		}
	}
	if lines > 1 || first < end && !startsItem(p, first) {
		return listedBelow(p, first, min(end, first+lines))
	}
	return nil
}

// solutionLines is how many lines the remedies below the name of a lamp's pattern or
// of a message have at most.
const solutionLines = 24

// firstLeading is the distance of the first two of these lines at most, in 1.4 heights.
const firstLeading = 1.8

// listedBelow returns what the lines from first on list, up to a gap, or to a line that
// starts left of the first: the items behind their bullets, and where OCR did not read
// these, what a line begins after the last was not full or ended its sentence.
func listedBelow(p *pdf.Page, first, end int) [][]int {
	if first >= end || p.Lines[first].Count == 0 {
		return nil
	}
	var all []int
	last, leading := first, 0.0
	for i := first; i < end; i++ {
		l := p.Lines[i]
		if i > first {
			above := p.Lines[i-1].Box
			height := max(above.Y1-above.Y0, l.Box.Y1-l.Box.Y0)
			if leading == 0 {
				leading = firstLeading * height
			}
			// By their middles: what OCR read is as high as its letters.
			step := (l.Box.Y0 + l.Box.Y1 - above.Y0 - above.Y1) / 2
			if l.Count == 0 || step < 0 || step > 1.4*leading || l.Box.X0 < p.Lines[first].Box.X0-height/2 {
				break
			}
			leading = min(leading, max(step, height))
		}
		all, last = append(all, lineWords(p, i)...), i
	}
	right := 0.0
	for i := first; i <= last; i++ {
		right = max(right, p.Lines[i].Box.X1)
	}
	var out [][]int
	for k, w := range all {
		if k == 0 || beginsItem(p, all[k-1], w, right) || leadsSentence(p, all[k-1], w) {
			out = append(out, nil)
		}
		if len(out[len(out)-1]) == 0 && textnorm.Key(p.Words[w].Text) == "" {
			continue // the bullet
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	return slices.DeleteFunc(out, func(item []int) bool { return len(item) < 2 })
}

// leadsSentence reports whether a word leads a line below one that ends its sentence.
func leadsSentence(p *pdf.Page, last, word int) bool {
	a, b := p.Words[last].Box, p.Words[word].Box
	return b.Y0 >= a.Y1-(a.Y1-a.Y0)/2 && strings.ContainsAny(p.Words[last].Text[len(p.Words[last].Text)-1:], ".!?")
}

// listItems returns the items of a list that begins in a line; several may stand
// side by side. It ends at a gap, and at a line in another manner.
func listItems(p *pdf.Page, first, end int) [][]int {
	var out [][]int
	for i := first; i < end; i++ {
		if i > first && (apart(p, i) && !startsItem(p, i) || stepNumber.MatchString(p.Words[p.Lines[i].First].Text)) {
			break
		}
		for _, w := range lineWords(p, i) {
			if itemNumber.MatchString(p.Words[w].Text) {
				out = append(out, nil)
			}
			if n := len(out); n > 0 {
				out[n-1] = append(out[n-1], w)
			}
		}
	}
	return slices.DeleteFunc(out, func(item []int) bool { return len(item) < 2 })
}

// tableWords marks the words of a page that stand in a table.
func tableWords(p *pdf.Page) map[int]bool {
	in := map[int]bool{}
	for _, t := range p.Tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				for _, w := range c.Words {
					in[w] = true
				}
			}
		}
	}
	return in
}

// faultWords are the words of pages that explain codes. Models, terminals and
// drawings look like codes too; what is beside them tells.
var faultWords = strings.Fields("error errors fault faults alarm alarms failure protection malfunction troubleshooting diagnostic diagnostics fehler fehlercode störung störungen fehlfunktion error: código avería fallo erreur défaut panne errore guasto anomalia storing fel hata")

// thingWords head the pages that list terminals and parts, which look like codes
// and have alarm outputs and fault relays among them.
var thingWords = strings.Fields("wiring terminal terminals schematic schaltplan verdrahtung klemmenplan klemmen parts ersatzteile câblage cableado")

// aboutThings reports whether a page's first lines head a list of terminals or
// parts.
func aboutThings(p *pdf.Page) bool {
	var head []string
	for i := range min(2, len(p.Lines)) {
		head = append(head, textnorm.Tokens(p.LineText(i))...)
	}
	has := func(words []string) bool {
		return slices.ContainsFunc(head, func(t string) bool { return slices.Contains(words, t) })
	}
	return has(thingWords) && !has(faultWords)
}

// aboutFaults reports whether a page or its section speaks of faults.
func aboutFaults(p *pdf.Page, section string) bool {
	if aboutThings(p) {
		return false
	}
	n := 0
	for _, w := range p.Words {
		if slices.Contains(faultWords, strings.Trim(textnorm.Fold(w.Text), ".,:;()\"")) {
			n++
		}
	}
	return n >= 2 || slices.ContainsFunc(textnorm.Tokens(section), func(t string) bool { return slices.Contains(faultWords, t) })
}

// pictured reports whether OCR read a word within a drawing.
func pictured(p *pdf.Page, word int) bool {
	if p.Words[word].Confidence == 0 {
		return false
	}
	b := p.Words[word].Box
	x, y := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
	return slices.ContainsFunc(p.Drawings, func(d pdf.Box) bool { return x > d.X0 && x < d.X1 && y > d.Y0 && y < d.Y1 })
}

// readCodes builds the error-code index of a manual. sections and languages are
// by page number.
func readCodes(pages []pdf.Page, sections []pageSection, languages map[int]string) []CodeRow {
	var r codeReader
	cued := make([]bool, len(pages))
	for i := range pages {
		p := &pages[i]
		cued[i] = aboutFaults(p, sections[p.Number].headings)
		r.page(p, sections[p.Number].path, languages[p.Number], cued[i])
	}
	known := map[string]bool{}
	for i := range r.rows {
		if r.rows[i].Whole() { // and not one that looks like it, or a part of it
			known[r.rows[i].Key] = true
		}
	}
	var found []CodeRow
	distinct := map[string]bool{}
	for i := range pages {
		p := &pages[i]
		for _, row := range codeSections(p, known, sections[p.Number].path, languages[p.Number]) {
			switch {
			case row.Form == FormMessage:
			case !cued[i] && (!known[row.Key] || pictured(p, row.Fields[0].Words[0])):
				continue // nothing says that it is a code, or it names a part in a drawing
			}
			if row.Form != FormCode {
				r.rows = append(r.rows, row)
				continue
			}
			found = append(found, row)
			distinct[row.Key] = true
		}
	}
	// Two lines that begin like codes are chance; a list of them is a list of codes.
	for _, row := range found {
		if known[row.Key] || len(distinct) >= 3 {
			r.rows = append(r.rows, row)
		}
	}
	finish(r.rows, pages)
	return r.rows
}
