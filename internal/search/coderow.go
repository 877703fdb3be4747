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

// CodeRow is one place where a manual explains an error code: a row of a table,
// or the section under a heading that names the code.
type CodeRow struct {
	ManualID uuid.UUID `json:"-"`
	Code     string    `json:"code"` // as printed; a sub-code follows its parent: "E18 13"
	Key      string    `json:"key"`  // normalised; a sub-code follows a slash: "e18/13"
	Page     int       `json:"page"` // PDF page number
	Section  string    `json:"section,omitempty"`
	Language string    `json:"language,omitempty"`
	Heading  bool      `json:"heading,omitempty"` // a section under a heading, not a table row
	Fields   []Field   `json:"fields"`            // in printed order, the code's own first
}

// Field is one cell of a row, or the lines of a section.
type Field struct {
	Role   Role   `json:"role"`
	Header string `json:"header,omitempty"` // the column's heading as printed
	Words  []int  `json:"words"`            // indices into the page's words, in reading order
}

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
			codes = append(codes, w)
			taken++
		case codeWithDigit.MatchString(w), codeHyphened.MatchString(w), codeSub.MatchString(w):
			codes = append(codes, w)
			taken++
		case shortCode(w) && (named || looksLikeIdentifier(w)) && !beginsPhrase(words[taken:]):
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

// shortCode reports whether w is two to four letters and digits that are not
// written like a word of the language: "OHH", "rtC", "Eb", "INIt", "--".
func shortCode(w string) bool {
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
	return n >= 2 && n <= 4 && (lower < n || n == 2)
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
	keys := []string{textnorm.Key(code)}
	if parts := strings.FieldsFunc(code, func(r rune) bool { return r == '/' || r == ',' || r == '|' }); len(parts) > 1 {
		for _, p := range parts {
			if k := textnorm.Key(p); len(k) >= 2 {
				keys = append(keys, k)
			}
		}
	}
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" })
}

// tableHeader is the heading row of a table that may go on over the page.
type tableHeader struct {
	roles   []Role
	heads   []string
	codeCol int
	parent  string   // the code whose sub-codes the table lists, as printed
	codes   []string // of its last row, which may go on over the page
}

// codeReader collects the rows of error codes of one manual, page by page.
type codeReader struct {
	rows     []CodeRow
	previous *tableHeader // of the last table of the page before
}

// page reads the tables of a page. A table without headings is only taken for
// one of codes on a page that speaks of faults.
func (c *codeReader) page(p *pdf.Page, section, language string, faults bool) {
	carried := c.previous
	c.previous = nil
	for i := range p.Tables {
		t := &p.Tables[i]
		h := c.table(p, t, carried, section, language, faults)
		carried = nil
		if i == len(p.Tables)-1 {
			c.previous = h
		}
	}
}

func (c *codeReader) table(p *pdf.Page, t *pdf.Table, carried *tableHeader, section, language string, faults bool) *tableHeader {
	if len(t.Rows) == 0 || len(t.Rows[0].Cells) < 2 {
		return nil
	}
	header, first := readHeader(p, t)
	var codes []string
	switch {
	case carried != nil && carried.repeatedBy(t.Rows[0]):
		header, first, codes = carried, 1, carried.codes
	case header != nil:
	case carried != nil && carried.goesOn(p, t):
		header, first, codes = carried, 0, carried.codes
	case faults:
		header, first = guessHeader(p, t), 0
	}
	if header == nil {
		return nil
	}
	if header.parent == "" && first > 0 {
		header.parent = parentCode(p, t)
	}
	for _, r := range t.Rows[first:] {
		if header.codeCol >= len(r.Cells) || len(r.Cells) != len(header.roles) {
			continue
		}
		cell := r.Cells[header.codeCol]
		found, taken := printedCodes(cellWords(p, cell), true)
		if len(found) == 0 && len(cell.Words) > 0 {
			codes = nil
			continue
		}
		own := cell.Words
		if len(found) == 0 { // the cell spans down from the row above
			if len(codes) == 0 {
				continue
			}
			found, taken, own = codes, 0, nil
		}
		codes = found
		for _, code := range found {
			c.add(p, r, header, code, own, taken, section, language)
		}
	}
	header.codes = codes
	return header
}

// repeatedBy reports whether a row has the same headings.
func (h *tableHeader) repeatedBy(r pdf.Row) bool {
	return h.heads[h.codeCol] != "" && len(h.heads) == len(r.Cells) &&
		!slices.ContainsFunc(r.Cells, func(c pdf.Cell) bool { return !slices.Contains(h.heads, textnorm.Clean(c.Text)) })
}

// goesOn reports whether a table without headings of its own continues the one
// of the page before: most of the codes' column are codes, or empty.
func (h *tableHeader) goesOn(p *pdf.Page, t *pdf.Table) bool {
	if len(h.roles) != len(t.Rows[0].Cells) || listsOtherThings(t.Rows[0], h.codeCol) {
		return false
	}
	empty := !slices.ContainsFunc(t.Rows, func(r pdf.Row) bool { return h.codeCol < len(r.Cells) && len(r.Cells[h.codeCol].Words) > 0 })
	return empty || codeShare(p, t.Rows, h.codeCol, true) >= 0.5
}

func (c *codeReader) add(p *pdf.Page, r pdf.Row, h *tableHeader, code string, own []int, taken int, section, language string) {
	row := CodeRow{Code: code, Page: p.Number, Section: section, Language: language}
	keys := codeKeys(code)
	if sub, ok := subCode(code); ok && codeSub.MatchString(code) {
		keys = []string{sub}
	}
	if codeNumber.MatchString(code) {
		if h.parent == "" {
			return // a bare number is an item or a quantity unless a parent says otherwise
		}
		row.Code = h.parent + " " + code
		keys = []string{subCodeKey(h.parent, code)}
	}
	if len(own) > 0 {
		row.Fields = append(row.Fields, Field{Role: RoleCode, Header: h.heads[h.codeCol], Words: own[:taken]})
	}
	if rest := own[min(taken, len(own)):]; len(rest) > 0 {
		row.Fields = append(row.Fields, Field{Role: RoleMeaning, Words: rest})
	}
	for i, cell := range r.Cells {
		if i != h.codeCol && len(cell.Words) > 0 {
			row.Fields = append(row.Fields, Field{Role: h.roles[i], Header: h.heads[i], Words: cell.Words})
		}
	}
	if len(row.Fields) == 0 {
		return // an empty row
	}
	for _, k := range keys {
		row.Key = k
		c.rows = append(c.rows, row)
	}
}

// readHeader finds the heading row among the first rows of a table: one that
// names a code column and another role. It returns nil when there is none.
func readHeader(p *pdf.Page, t *pdf.Table) (*tableHeader, int) {
	for i := range min(3, len(t.Rows)) {
		if listsOtherThings(t.Rows[i], -1) {
			return nil, 0
		}
		h := &tableHeader{codeCol: -1}
		known := 0
		for k, cell := range t.Rows[i].Cells {
			role := HeaderRole(cell.Text)
			if role == RoleCode && h.codeCol >= 0 {
				role = RoleOther
			}
			if role == RoleCode {
				h.codeCol = k
			} else if role != RoleOther {
				known++
			}
			h.roles = append(h.roles, role)
			h.heads = append(h.heads, textnorm.Clean(cell.Text))
		}
		share := codeShare(p, t.Rows[i+1:], h.codeCol, true)
		switch {
		case h.codeCol < 0:
		case known > 0 && share >= 0.5:
			return h, i + 1
		case share >= 0.8 && h.codeCol == 0 && len(h.roles) > 1:
			// Headings that name no role are shown with their cells: a default value
			// in the last column is no remedy.
			h.roles[1] = RoleMeaning
			return h, i + 1
		}
	}
	return nil, 0
}

// guessHeader takes a table without headings for one of codes when most of its
// first column are codes that nothing else looks like.
func guessHeader(p *pdf.Page, t *pdf.Table) *tableHeader {
	if len(t.Rows) < 2 || listsOtherThings(t.Rows[0], 0) || codeShare(p, t.Rows, 0, false) < 0.7 {
		return nil
	}
	n := len(t.Rows[0].Cells)
	h := &tableHeader{roles: make([]Role, n), heads: make([]string, n)}
	positionalRoles(h.roles)
	return h
}

// positionalRoles names the columns of a code table by the order that nearly all
// of them have: code, meaning, cause, remedy.
func positionalRoles(roles []Role) {
	n := len(roles)
	for i := range roles {
		roles[i] = RoleOther
	}
	roles[0], roles[1] = RoleCode, RoleMeaning
	if n >= 3 {
		roles[n-1] = RoleRemedy
	}
	if n >= 4 {
		roles[n-2] = RoleCause
	}
}

// codeShare is the part of a column's filled cells that begin with a code.
func codeShare(p *pdf.Page, rows []pdf.Row, col int, named bool) float64 {
	filled, codes := 0, 0
	if col < 0 {
		return 0
	}
	for _, r := range rows {
		if col >= len(r.Cells) || len(r.Cells[col].Words) == 0 {
			continue
		}
		filled++
		if found, _ := printedCodes(cellWords(p, r.Cells[col]), named); len(found) > 0 {
			codes++
		}
	}
	if filled == 0 {
		return 0
	}
	return float64(codes) / float64(filled)
}

// parentCode looks for a code in the last lines above a table.
func parentCode(p *pdf.Page, t *pdf.Table) string {
	code, seen := "", 0
	for i := len(p.Lines) - 1; i >= 0 && seen < 5; i-- {
		l := p.Lines[i]
		if l.Box.Y1 > t.Box.Y0+2 || l.Count == 0 {
			continue
		}
		seen++
		for _, w := range p.Words[l.First : l.First+l.Count] {
			s := strings.Trim(w.Text, ",;:()[]\"“”„'*")
			if codeWithDigit.MatchString(s) && !codeNumber.MatchString(s) {
				code = s
			}
		}
		if code != "" {
			return code
		}
	}
	return ""
}

func cellWords(p *pdf.Page, c pdf.Cell) []string {
	out := make([]string, 0, len(c.Words))
	for _, w := range c.Words {
		out = append(out, p.Words[w].Text)
	}
	return out
}
