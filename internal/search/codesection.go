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
	numbering     = regexp.MustCompile(`^(?:\d{1,2}(?:\.\d{1,2})*[.)]?|\p{L}[.)]|[•●▪■►▶–-])$`)
	headingMarker = strings.Fields("display displays displayed shows error fault code alarm solution failure protection message anzeige fehler fehlercode störung código error: affichage erreur défaut")
)

// codeHeading is a line that names one or more codes as its subject.
type codeHeading struct {
	line  int // index into the page's lines
	codes []string
	rest  []int // words after the code on the same line: the meaning
	code  []int // the words of the code itself
}

// headings finds the lines of a page that have a code as their subject. known
// are the keys of the codes that the manual's tables list; other codes count
// only when they lead their line and carry a digit.
func headings(p *pdf.Page, known map[string]bool) []codeHeading {
	var out []codeHeading
	for i, l := range p.Lines {
		if l.Count == 0 || l.Count > headingWords+4 || p.DottedLeader(i) {
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
		if start >= len(words) {
			continue
		}
		codes, taken := printedCodes(words[start:], marked)
		if len(codes) == 0 || !slices.ContainsFunc(codes, func(c string) bool {
			return known[textnorm.Key(c)] || textnorm.HasDigit(c) && !codeNumber.MatchString(c)
		}) {
			continue
		}
		if len(words)-start-taken > headingWords || start+taken < len(words) && strings.HasSuffix(words[start+taken-1], ",") {
			continue // running text: "... by its red lamp", "H1, for machines without display"
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
	hs := slices.DeleteFunc(headings(p, known), func(h codeHeading) bool { return inTable[h.code[0]] })
	var out []CodeRow
	for k, h := range hs {
		end := len(p.Lines)
		if k+1 < len(hs) {
			end = hs[k+1].line
		}
		var body []int
		for i := h.line + 1; i < end && len(body) < sectionWords; i++ {
			l := p.Lines[i]
			for w := l.First; w < l.First+l.Count; w++ {
				body = append(body, w)
			}
		}
		row := CodeRow{Page: p.Number, Section: section, Language: language, Heading: true}
		row.Fields = append(row.Fields, Field{Role: RoleCode, Words: h.code})
		if len(h.rest) > 0 {
			row.Fields = append(row.Fields, Field{Role: RoleMeaning, Words: h.rest})
		}
		if len(body) > 0 {
			row.Fields = append(row.Fields, Field{Role: RoleOther, Words: body})
		}
		if len(row.Fields) < 2 {
			continue
		}
		for _, code := range h.codes {
			row.Code = code
			for _, key := range codeKeys(code) {
				row.Key = key
				out = append(out, row)
			}
		}
	}
	return out
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
	for _, row := range r.rows {
		known[row.Key] = true
	}
	var found []CodeRow
	distinct := map[string]bool{}
	for i := range pages {
		p := &pages[i]
		for _, row := range codeSections(p, known, sections[p.Number].path, languages[p.Number]) {
			if !cued[i] && !known[row.Key] {
				continue // nothing says that it is a code
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
	return r.rows
}
