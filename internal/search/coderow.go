package search

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Role says what a field of a table row holds.
type Role string

// The roles of fields.
const (
	RoleCode    Role = "code"
	RoleMeaning Role = "meaning"
	RoleCause   Role = "cause"
	RoleRemedy  Role = "remedy"
	RoleSymptom Role = "symptom"
	RoleOther   Role = "other"
)

// CodeRow is one place where a manual explains an error code, a message or a
// lamp's pattern: the rows of a table that are one code's, or the section under a
// heading that names it.
type CodeRow struct {
	ManualID uuid.UUID `json:"-"`
	Code     string    `json:"code"`           // as printed; a sub-code follows its parent: "E18 13"
	Key      string    `json:"key"`            // normalised; a sub-code follows a slash: "e18/13"
	Form     CodeForm  `json:"form,omitempty"` // what Code is
	Page     int       `json:"page"`           // PDF page number on which it begins
	LastPage int       `json:"last_page"`      // on which it ends
	Section  string    `json:"section,omitempty"`
	Language string    `json:"language,omitempty"`
	Heading  bool      `json:"heading,omitempty"` // a section under a heading, not a table row
	// Models are those that the row says it is for, as printed; none when it does not
	// say, and what its manual is for counts.
	Models []string `json:"models,omitempty"`
	// Source says how the words that name the row were read.
	Source CodeSource `json:"source,omitempty"`
	// Confidence is the lowest that OCR gave one of its words, 1 to 100; 0 when
	// all stand in the text layer.
	Confidence uint8   `json:"confidence,omitempty"`
	Fields     []Field `json:"fields"` // in printed order, the code's own first
	// Corrected is what the shop says of the row, nil when it says nothing. Code, Key
	// and Models are then the shop's, Fields what is printed; a row that only the shop
	// has has none.
	Corrected *Corrected `json:"-"`
}

// Whole reports whether the row's key is that of its whole code, and not of a part
// of a composed one under which it is found as well.
func (r *CodeRow) Whole() bool {
	return strings.Contains(r.Key, "/") || codeKey(r.Code) == r.Key
}

// CodeForm says what names a row.
type CodeForm string

// The forms of codes.
const (
	FormCode    CodeForm = ""        // E12, F21/E3, OHH
	FormMessage CodeForm = "message" // DOOR OPEN
	FormLamp    CodeForm = "lamp"    // Power LED blinks 3 times
)

// CodeSource says how a code was read.
type CodeSource string

// The sources of codes.
const (
	SourceText  CodeSource = "text"  // it stands in the text layer
	SourceOCR   CodeSource = "ocr"   // OCR read it in a picture
	SourceDrawn CodeSource = "drawn" // its segments are drawn, and were read one by one
)

// Field is one cell of a row, or the lines of a section.
type Field struct {
	Role   Role   `json:"role"`
	Header string `json:"header,omitempty"` // the column's heading as printed
	// Page is the PDF page number of its words where that is not the row's.
	Page  int   `json:"page,omitempty"`
	Words []int `json:"words"` // indices into the page's words, in reading order
	// Pair joins causes with their remedies in a row that has several: fields with
	// the same number belong together. 0 in rows without pairs.
	Pair int `json:"pair,omitempty"`
	// Printed is the field as printed, a line feed between the items of a list of causes
	// or remedies, and Boxes are its lines, in points, so that a row can be shown
	// without reading its page.
	Printed string    `json:"text,omitempty"`
	Boxes   []pdf.Box `json:"boxes,omitempty"`
	// Shop says that Printed is what the shop says: it stands on no page.
	Shop bool `json:"-"`
}

// On returns the PDF page number that the field's words are on.
func (f Field) On(r *CodeRow) int { return cmp.Or(f.Page, r.Page) }

// Text returns the field's words as printed on its page.
func (f Field) Text(p *pdf.Page) string {
	out := make([]string, 0, len(f.Words))
	for _, w := range f.Words {
		if w < len(p.Words) {
			out = append(out, p.Words[w].Text)
		}
	}
	return strings.Join(out, " ")
}

// roleWords are the heading words of the columns of fault tables, in the
// languages that manuals are printed in. A heading that has words of two roles
// takes the first that matches in this order.
var roleWords = []struct {
	role  Role
	words []string
}{
	{RoleRemedy, strings.Fields("remedy remedies action actions solution solutions corrective correction check checks checking repair repairs measure measures todo treatment abhilfe maßnahme maßnahmen massnahme lösung lösungen behebung solución soluciones acción remedio remède remèdes solution rimedio rimedi soluzione oplossing åtgärd åtgärder toimenpide çözüm")},
	{RoleCause, strings.Fields("cause causes reason reasons ursache ursachen grund causa causas motivo raison orsak syy oorzaak neden")},
	{RoleMeaning, strings.Fields("meaning description definition explanation indicates indication condition detail details bedeutung beschreibung bezeichnung erklärung significado descripción descrizione significato signification désignation betekenis omschrijving betydelse beskrivning anlam")},
	{RoleSymptom, strings.Fields("symptom symptoms problem problems trouble complaint malfunction störung störungen problème problema problemas síntoma sintomo inconveniente probleem storing fel vika arıza")},
	{RoleCode, strings.Fields("code codes error errors fault faults alarm alarms display displayed display/led led flash flashes blinks message messages anzeige fehler fehlercode fehlercodes code/anzeige meldung código códigos codice codes kod kode foutcode # no nr")},
}

// rolePhrases are headings of several words whose single words tell nothing.
var rolePhrases = []struct {
	role    Role
	phrases []string
}{
	{RoleRemedy, []string{"do this", "what to do", "was tun", "qué hacer", "que faire", "cosa fare"}},
	{RoleMeaning, []string{"what is wrong", "what it means", "was ist", "what happened"}},
	{RoleCause, []string{"why", "due to", "warum"}},
}

// HeaderRole names the role of a column from its heading, RoleOther when no
// word of it tells.
func HeaderRole(heading string) Role {
	tokens := textnorm.Tokens(heading)
	if strings.TrimSpace(heading) == "#" {
		return RoleCode
	}
	if len(tokens) > 6 {
		return RoleOther
	}
	for _, r := range rolePhrases {
		if slices.Contains(r.phrases, strings.Join(tokens, " ")) {
			return r.role
		}
	}
	// A part's or a terminal's name and number are no codes of faults.
	if namesOtherThing(tokens) {
		return RoleOther
	}
	// "Fault code" is the code, whatever else its words may mean.
	for _, t := range tokens {
		if slices.Contains([]string{"code", "codes", "fehlercode", "fehlercodes", "código", "códigos", "codice", "foutcode", "kod"}, t) {
			return RoleCode
		}
	}
	for _, r := range roleWords {
		for _, t := range tokens {
			if slices.Contains(r.words, t) {
				return r.role
			}
		}
	}
	return RoleOther
}

// otherThings are heading words of columns whose entries look like codes: parts,
// models, terminals. quantities are those of lists of things.
var (
	otherThings = strings.Fields("part parts item items pos position article artikel artikelnummer order bestellnummer bestell teil teile teilenummer ersatzteil ersatzteile spare pieza piezas sku serial model models modell modelle modelo modelos modèle terminal terminals klemme klemmen connector pin wire screw thread product")
	quantities  = strings.Fields("qty quantity menge anzahl stück stk pcs cantidad quantité quantità aantal")
	faultHeads  = strings.Fields("error errors fault faults alarm alarms failure fehler störung störungen avería erreur défaut errore guasto storing")
)

// namesOtherThing reports whether a heading's tokens name what only looks like a
// code.
func namesOtherThing(tokens []string) bool {
	has := func(words []string) bool {
		return slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(words, t) })
	}
	return has(otherThings) && !has(faultHeads)
}

// listsOtherThings reports whether a row is the heading of a table of things
// whose names stand in column col.
func listsOtherThings(row pdf.Row, col int) bool {
	for i, cell := range row.Cells {
		tokens := textnorm.Tokens(cell.Text)
		if i == col && namesOtherThing(tokens) || len(tokens) == 1 && slices.Contains(quantities, tokens[0]) {
			return true
		}
	}
	return false
}

var (
	codeWithDigit = regexp.MustCompile(`^(?:\p{Lu}\p{L}{0,3}|\p{L}{1,2})[-. ]?\d{1,4}\p{L}?\*?$`)
	codeComposed  = regexp.MustCompile(`^\p{L}{1,2}\d{1,3}(?:[/|,]\s?\p{L}{1,2}\d{1,3})+\*?$`)
	codeRange     = regexp.MustCompile(`^(\p{L}{1,2})(\d{1,3})\s?(?:-|–|~|…|\.\.\.|to|bis)\s?(\p{L}{0,2})(\d{1,3})$`)
	codePair      = regexp.MustCompile(`^(\p{L}{1,2})(\d{1,3})/(\d{1,3})$`)
	codeSub       = regexp.MustCompile(`^\p{L}{1,4}\d{1,3}[-.]\d{1,3}$`)
	codeHyphened  = regexp.MustCompile(`^\p{Lu}{1,4}-\p{Lu}{1,3}\d?$`)
	codeNumber    = regexp.MustCompile(`^\d{1,4}$`)
	quantity      = regexp.MustCompile(`^\d{2,}(?:A|V|W|C|F|K|L|Hz|mm|cm|m|g|kg|s|h|x)$`)
	codeWord      = regexp.MustCompile(`(?i)^(?:err|error|code|fault|alarm)\.?$`)
)

// printedCodes reads the codes at the start of a cell: "E5", "E16 / E17",
// "E1-E4" (a range gives each), "Err 7", "INIt". It returns each code as printed
// with its key, and how many of the words it took; none when the cell does not
// begin with a code. With named set, the column is known to hold codes: then
// short words and bare numbers are codes too.
func printedCodes(words []string, named bool) (codes []string, taken int) {
	for taken < len(words) {
		w := strings.Trim(words[taken], ",;:()[]\"“”'*")
		if taken > 0 && (words[taken] == "/" || words[taken] == "," || words[taken] == "&" || words[taken] == "|" || words[taken] == "or" || words[taken] == "oder") {
			taken++
			continue
		}
		if taken > 0 && len(codes) > 0 && !strings.ContainsAny(words[taken-1], "/,&|") && words[taken-1] != "or" && words[taken-1] != "oder" {
			break
		}
		if all := expandRange(w); all != nil {
			codes = append(codes, all...)
			taken++
			continue
		}
		if taken+2 < len(words) && strings.IndexFunc(words[taken+2], unicode.IsLetter) == 0 {
			if all := expandRange(strings.Join(words[taken:taken+3], " ")); all != nil { // "E1 – E4"
				codes = append(codes, all...)
				taken += 3
				continue
			}
		}
		two := ""
		if taken+1 < len(words) && codeWord.MatchString(w) {
			two = strings.Trim(words[taken+1], ",;:()")
		}
		switch {
		case two != "" && (codeNumber.MatchString(two) || codeWithDigit.MatchString(two)):
			codes = append(codes, w+" "+two)
			taken += 2
		case codeComposed.MatchString(w):
			codes = append(codes, composedCodes(w)...)
			taken++
		case codeWithDigit.MatchString(w), codeHyphened.MatchString(w), codeSub.MatchString(w):
			codes = append(codes, w)
			taken++
		case shortCode(w) && (named || looksLikeIdentifier(w)) && !beginsPhrase(words[taken:]) && !isFunctionWord(w):
			codes = append(codes, w)
			taken++
		case named && codeNumber.MatchString(w):
			codes = append(codes, w)
			taken++
		default:
			return codes, taken
		}
	}
	return codes, taken
}

// composedCodes returns the codes of a composed one: "F3/F4" are two of a kind, the
// parts of "F21/E3" are one code.
func composedCodes(w string) []string {
	parts := strings.FieldsFunc(strings.TrimSuffix(w, "*"), func(r rune) bool { return r == '/' || r == '|' || r == ',' || unicode.IsSpace(r) })
	for _, p := range parts {
		if letterPart(p) != letterPart(parts[0]) {
			return []string{w}
		}
	}
	return parts
}

// shortCode reports whether w is two to four letters and digits that are not
// written like a word of the language: "OHH", "rtC", "Eb", "INIt", "--".
func shortCode(w string) bool {
	if quantity.MatchString(w) {
		return false
	}
	n, lower := 0, 0
	for _, r := range w {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
		if unicode.IsLower(r) {
			lower++
		}
		n++
	}
	return n >= 2 && n <= 4 && (lower < n || n == 2) && lower < 3 // "Note" is a word
}

// isFunctionWord reports whether w is a word such as "or", and not a code that is
// written like none of the language: "IN".
func isFunctionWord(w string) bool {
	return w != strings.ToUpper(w) && textnorm.IsFunctionWord(textnorm.Fold(w))
}

// beginsPhrase reports whether the first of the words, short enough for a code,
// is one of the language: a heading, or the beginning of "Fan does not run" or
// "NO HEAT".
func beginsPhrase(words []string) bool {
	w := trimSigns(words[0])
	if textnorm.HasDigit(w) {
		return false
	}
	if len(words) == 1 || strings.ContainsAny(words[0], ",;:()/") || strings.IndexFunc(words[1], unicode.IsLetter) != 0 {
		return HeaderRole(w) != RoleOther
	}
	upper := strings.ToUpper(w)
	next := trimSigns(words[1])
	switch {
	case next == "or" || next == "oder":
		return false
	case textnorm.IsFunctionWord(textnorm.Fold(w)):
		return true
	case w == upper:
		return len(w) > 2 && len(next) > 1 && next == strings.ToUpper(next)
	}
	return len(w) > 2 && w[1:] == strings.ToLower(w[1:])
}

// expandRange returns every code of a range ("E1-E4", "E1–4") or pair ("E1/2");
// nil when the text is neither, as "E18-13", where 13 is a sub-code.
func expandRange(text string) []string {
	if m := codePair.FindStringSubmatch(text); m != nil && len(m[2]) == len(m[3]) {
		return []string{m[1] + m[2], m[1] + m[3]}
	}
	m := codeRange.FindStringSubmatch(text)
	if m == nil || m[3] != "" && !strings.EqualFold(m[1], m[3]) || m[4][0] == '0' && len(m[4]) != len(m[2]) {
		return nil
	}
	prefix, from, to := m[1], m[2], m[4]
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if errA != nil || errB != nil || b <= a || b-a > 40 {
		return nil
	}
	var out []string
	for i := a; i <= b; i++ {
		out = append(out, fmt.Sprintf("%s%0*d", prefix, len(from), i))
	}
	return out
}

// subCodeKey is the key of a code's sub-code; leading zeros do not count.
func subCodeKey(parent, sub string) string {
	return textnorm.Key(parent) + "/" + cmp.Or(strings.TrimLeft(sub, "0"), "0")
}

var composedSubCode = regexp.MustCompile(`^(\p{L}{1,4})[-_. ]?(\d{1,3})\s?[-/. ]\s?(\d{1,3})$`)

// subCode splits a code typed with its sub-code: "E18-07", "E 18 7".
func subCode(code string) (key string, ok bool) {
	m := composedSubCode.FindStringSubmatch(strings.TrimSpace(code))
	if m == nil {
		return "", false
	}
	return subCodeKey(m[1]+m[2], m[3]), true
}

// codeKeys returns the keys under which a printed or typed code is found: of
// the whole, and of the parts of a composed one.
func codeKeys(code string) []string {
	keys := []string{codeKey(code)}
	if parts := strings.FieldsFunc(code, func(r rune) bool { return r == '/' || r == ',' || r == '|' }); len(parts) > 1 {
		for _, p := range parts {
			if k := textnorm.Key(p); len(k) >= 2 {
				keys = append(keys, k)
			}
		}
	}
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" })
}
