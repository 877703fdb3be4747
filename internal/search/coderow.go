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

var (
	codeWithDigit = regexp.MustCompile(`^(?:\p{Lu}\p{L}{0,3}|\p{L}{1,2})[-. ]?\d{1,4}\p{L}?\*?$`)
	codeComposed  = regexp.MustCompile(`^\p{L}{1,2}\d{1,3}(?:[/|,]\s?\p{L}{1,2}\d{1,3})+\*?$`)
	codeRange     = regexp.MustCompile(`^(\p{L}{1,2})(\d{1,3})\s?(?:-|–|~|…|\.\.\.|to|bis)\s?\p{L}{0,2}(\d{1,3})$`)
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
		if m := codeRange.FindStringSubmatch(w); m != nil {
			codes = append(codes, expandRange(m[1], m[2], m[3])...)
			taken++
			continue
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
		case codeWithDigit.MatchString(w), codeHyphened.MatchString(w):
			codes = append(codes, w)
			taken++
		case shortCode(w) && (named || looksLikeIdentifier(w)):
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

func expandRange(prefix, from, to string) []string {
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if errA != nil || errB != nil || b <= a || b-a > 40 {
		return []string{prefix + from}
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

var composedSubCode = regexp.MustCompile(`^(\p{L}{1,4}\d{1,3})\s?[-/. ]\s?(\d{1,3})$`)

// subCode splits a code typed with its sub-code: "E18-07", "E18 7".
func subCode(code string) (key string, ok bool) {
	m := composedSubCode.FindStringSubmatch(strings.TrimSpace(code))
	if m == nil {
		return "", false
	}
	return subCodeKey(m[1], m[2]), true
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
	parent  string // the code whose sub-codes the table lists, as printed
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
	if header == nil {
		if carried != nil && len(carried.roles) == len(t.Rows[0].Cells) {
			header, first = carried, 0
		} else if faults {
			header, first = guessHeader(p, t), 0
		}
	}
	if header == nil {
		return nil
	}
	if header.parent == "" && first > 0 {
		header.parent = parentCode(p, t)
	}
	var codes []string
	for _, r := range t.Rows[first:] {
		if header.codeCol >= len(r.Cells) || len(r.Cells) != len(header.roles) {
			continue
		}
		cell := r.Cells[header.codeCol]
		found, taken := printedCodes(cellWords(p, cell), true)
		if len(found) == 0 && len(cell.Words) > 0 {
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
	return header
}

func (c *codeReader) add(p *pdf.Page, r pdf.Row, h *tableHeader, code string, own []int, taken int, section, language string) {
	row := CodeRow{Code: code, Page: p.Number, Section: section, Language: language}
	keys := codeKeys(code)
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
	for _, k := range keys {
		row.Key = k
		c.rows = append(c.rows, row)
	}
}

// readHeader finds the heading row among the first rows of a table: one that
// names a code column and another role. It returns nil when there is none.
func readHeader(p *pdf.Page, t *pdf.Table) (*tableHeader, int) {
	for i := range min(3, len(t.Rows)) {
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
			positionalRoles(h.roles)
			return h, i + 1
		}
	}
	return nil, 0
}

// guessHeader takes a table without headings for one of codes when most of its
// first column are codes that nothing else looks like.
func guessHeader(p *pdf.Page, t *pdf.Table) *tableHeader {
	if len(t.Rows) < 2 || codeShare(p, t.Rows, 0, false) < 0.7 {
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
