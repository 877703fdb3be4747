package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// tableHeader is the heading row of a table that may go on over the page.
type tableHeader struct {
	roles   []Role
	heads   []string
	codeCol int
	form    CodeForm
	// more are columns that tell the code together with codeCol: a lamp's colour and
	// how many are lit.
	more   []int
	drawn  bool   // its codes are drawn: one that is not read leaves its cell empty
	model  int    // the column that names the models of the row, -1 for none
	parent string // the code whose sub-codes the table lists, as printed
	// open are the rows of its last code, which go on in rows without a code of
	// their own, and cell are the words that named it on page.
	open []int
	cell []int
	page int
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
		if c.lampGrid(p, t, section, language) {
			carried = nil
			continue
		}
		h := c.table(p, t, carried, section, language, faults)
		carried = nil
		if i == len(p.Tables)-1 {
			c.previous = h
		}
		if h == nil {
			c.lampLists(p, t, section, language)
		}
	}
}

func (c *codeReader) table(p *pdf.Page, t *pdf.Table, carried *tableHeader, section, language string, faults bool) *tableHeader {
	if len(t.Rows) == 0 || len(t.Rows[0].Cells) < 2 {
		return nil
	}
	header, first := readHeader(p, t)
	if header != nil {
		header.drawn = drawnShare(p, t.Rows[first:], header.codeCol) >= enoughDrawn
	}
	switch {
	case carried != nil && carried.repeatedBy(t.Rows[0]):
		header, first = carried, 1
	case header != nil:
	case carried != nil && carried.goesOn(p, t):
		header, first = carried, 0
	case faults, drawnShare(p, t.Rows, 0) >= enoughDrawn:
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
		own := header.codeWords(p, r)
		found, taken := header.codes(p, own)
		switch {
		case len(cell.Words) == 0 && header.drawn:
			header.open, header.cell = nil, nil
		case len(cell.Words) == 0, header.page == p.Number && slices.Equal(header.cell, own):
			c.extend(p, r, header) // the code's cell spans down from the row above
		case len(found) == 0:
			header.open, header.cell = nil, nil
		default:
			header.open, header.cell, header.page = nil, own, p.Number
			for _, code := range found {
				c.add(p, r, header, code, own, taken, section, language)
			}
		}
	}
	return header
}

// codeWords returns the words of a row that name its code.
func (h *tableHeader) codeWords(p *pdf.Page, r pdf.Row) []int {
	words := r.Cells[h.codeCol].Words
	if len(h.more) == 0 {
		return words
	}
	words = slices.Clone(words)
	for _, k := range h.more {
		for _, w := range r.Cells[k].Words {
			if textnorm.Key(p.Words[w].Text) != "" && !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	return words
}

// codes reads the codes that words begin with, in a column of the header's form.
func (h *tableHeader) codes(p *pdf.Page, words []int) (codes []string, taken int) {
	if codes, taken = drawnCodes(p, words); len(codes) > 0 {
		return codes, taken
	}
	texts := wordTexts(p, words)
	tokens := textnorm.Tokens(strings.Join(texts, " "))
	if h.form == FormLamp && len(tokens) <= lampPhraseWords && containsAny(tokens, lampStates) {
		return []string{strings.Join(texts, " ")}, len(words)
	}
	codes, taken = printedCodes(texts, true)
	if h.form == FormLamp && len(codes) > 0 && codeNumber.MatchString(codes[0]) {
		return nil, 0
	}
	if len(codes) == 0 && h.form == FormMessage && printedMessage(texts) {
		return []string{strings.Join(texts, " ")}, len(words)
	}
	return codes, taken
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
	return empty || h.share(p, t.Rows) >= 0.5
}

// share is the part of the filled cells of the codes' column that name one.
func (h *tableHeader) share(p *pdf.Page, rows []pdf.Row) float64 {
	filled, codes := 0, 0
	for _, r := range rows {
		if h.codeCol >= len(r.Cells) || len(r.Cells[h.codeCol].Words) == 0 {
			continue
		}
		filled++
		if found, _ := h.codes(p, h.codeWords(p, r)); len(found) > 0 {
			codes++
		}
	}
	if filled == 0 {
		return 0
	}
	return float64(codes) / float64(filled)
}

// add appends the row of a code, under each key that it is found by.
func (c *codeReader) add(p *pdf.Page, r pdf.Row, h *tableHeader, code string, own []int, taken int, section, language string) {
	row := CodeRow{Code: code, Page: p.Number, LastPage: p.Number, Section: section, Language: language}
	keys := codeKeys(code)
	switch found, _ := printedCodes(strings.Fields(code), true); {
	case isDrawn(&p.Words[own[0]]):
		keys = drawnKeys(code)
		if strings.ContainsAny(code, " ") {
			row.Form = FormMessage
		}
	case len(found) == 0 || h.form == FormLamp:
		row.Form = h.form
		keys = []string{codeKey(code)}
	}
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
	row.Fields = []Field{{Role: RoleCode, Header: h.heads[h.codeCol], Words: own[:taken]}}
	if len(h.more) > 0 {
		row.Fields[0].Words = r.Cells[h.codeCol].Words
		for _, k := range h.more {
			if words := r.Cells[k].Words; len(words) > 0 {
				row.Fields = append(row.Fields, Field{Role: RoleCode, Header: h.heads[k], Words: words})
			}
		}
	} else if rest := own[taken:]; len(rest) > 0 {
		role := RoleMeaning
		if aside := isAside(p, rest); isDrawn(&p.Words[own[0]]) || aside && slices.Contains(h.roles, RoleMeaning) {
			role = RoleOther
			if aside { // "dr (ML panels)"
				row.Models = append(row.Models, strings.Trim(strings.Join(wordTexts(p, rest), " "), "()（）"))
			}
		}
		row.Fields = append(row.Fields, Field{Role: role, Words: rest})
	}
	for i, cell := range r.Cells {
		if h.isCode(i) || len(cell.Words) == 0 {
			continue
		}
		if i == h.model {
			row.Models = append(row.Models, modelNames(cell.Text)...)
		}
		row.Fields = append(row.Fields, h.field(i, cell.Words, 1))
	}
	for _, k := range keys {
		row := row
		row.Key, row.Fields = k, slices.Clone(row.Fields)
		h.open = append(h.open, len(c.rows))
		c.rows = append(c.rows, row)
	}
}

// isCode reports whether column i tells the code.
func (h *tableHeader) isCode(i int) bool { return i == h.codeCol || slices.Contains(h.more, i) }

func (h *tableHeader) field(column int, words []int, pair int) Field {
	f := Field{Role: h.roles[column], Header: h.heads[column], Words: words}
	if f.Role == RoleCause || f.Role == RoleRemedy {
		f.Pair = pair
	}
	return f
}

// extend adds what a further row of the table says to the rows of its last code:
// another cause with its remedy, or the rest of a row that the page's end cut.
func (c *codeReader) extend(p *pdf.Page, r pdf.Row, h *tableHeader) {
	for _, at := range h.open {
		row := &c.rows[at]
		page := p.Number
		if page == row.Page {
			page = 0
		}
		said := func(cell pdf.Cell) int {
			return slices.IndexFunc(row.Fields, func(f Field) bool { return f.Page == page && slices.Equal(f.Words, cell.Words) })
		}
		// A cell that spans several rows keeps what stands beside it together.
		pair, hasCause := 1, false
		for _, f := range row.Fields {
			pair = max(pair, f.Pair+1)
		}
		for i, cell := range r.Cells {
			if h.isCode(i) || len(cell.Words) == 0 {
				continue
			}
			hasCause = hasCause || h.roles[i] == RoleCause
			if at := said(cell); at >= 0 && row.Fields[at].Pair > 0 {
				pair = row.Fields[at].Pair
				hasCause = true
			}
		}
		if !hasCause && slices.Contains(h.roles, RoleCause) {
			pair = max(1, pair-1)
		}
		for i, cell := range r.Cells {
			if h.isCode(i) || len(cell.Words) == 0 || said(cell) >= 0 {
				continue
			}
			f := h.field(i, cell.Words, pair)
			f.Page = page
			row.Fields = append(row.Fields, f)
			row.LastPage = p.Number
		}
	}
}

// finish completes the rows of codes once all are read.
func finish(rows []CodeRow, pages []pdf.Page) {
	byNumber := make(map[int]*pdf.Page, len(pages))
	for i := range pages {
		byNumber[pages[i].Number] = &pages[i]
	}
	for i := range rows {
		r := &rows[i]
		r.Source = SourceText
		pairs := 0
		for k := range r.Fields {
			f := &r.Fields[k]
			p := byNumber[f.On(r)]
			f.Printed, f.Boxes = f.Text(p), lineBoxes(p, f.Words)
			if f.Role == RoleCause || f.Role == RoleRemedy {
				f.Printed = printedItems(p, f.Words)
			}
			pairs = max(pairs, f.Pair)
			for _, w := range f.Words {
				if f.Role == RoleCode && p.Words[w].Drawn {
					r.Source = SourceDrawn
				}
				if c := p.Words[w].Confidence; c > 0 {
					if f.Role == RoleCode {
						r.Source = SourceOCR
					}
					if r.Confidence == 0 || c < r.Confidence {
						r.Confidence = c
					}
				}
			}
		}
		for k := range r.Fields {
			if pairs < 2 {
				r.Fields[k].Pair = 0
			}
		}
	}
}

// lineBoxes returns the boxes of words, joined along each line.
func lineBoxes(p *pdf.Page, words []int) []pdf.Box {
	var out []pdf.Box
	for _, w := range words {
		b := p.Words[w].Box
		if n := len(out); n > 0 {
			last := out[n-1]
			overlap := min(last.Y1, b.Y1) - max(last.Y0, b.Y0)
			if overlap > 0.5*min(last.Y1-last.Y0, b.Y1-b.Y0) && b.X0 >= last.X0 && b.X0-last.X1 < 3*(b.Y1-b.Y0) {
				out[n-1] = last.Union(b)
				continue
			}
		}
		out = append(out, b)
	}
	return out
}

// modelNames divides a cell that lists models.
func modelNames(cell string) []string {
	var out []string
	for m := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if m = textnorm.Clean(m); m != "" {
			out = append(out, m)
		}
	}
	return out
}

// readHeader finds the heading row among the first rows of a table: one that
// names a code column and another role. It returns nil when there is none.
func readHeader(p *pdf.Page, t *pdf.Table) (*tableHeader, int) {
	for i := range min(3, len(t.Rows)) {
		if listsOtherThings(t.Rows[i], -1) {
			return nil, 0
		}
		h := &tableHeader{codeCol: -1, model: -1}
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
			if isModelHead(cell.Text) {
				h.model = k
			}
		}
		h.form = formOf(h.heads)
		if h.form == FormLamp {
			h.lampColumns(p, t, i)
		}
		if (i == 0 || h.codeCol >= 0) && h.listsSettings() {
			return nil, 0
		}
		if h.codeCol < 0 {
			continue
		}
		if next := h.lastCode() + 1; h.form == FormLamp && next < len(h.roles) && h.roles[next] == RoleOther && !slices.Contains(h.roles, RoleMeaning) {
			h.roles[next] = RoleMeaning
		}
		share := h.share(p, t.Rows[i+1:])
		switch {
		case known > 0 && share >= 0.5:
			return h, i + 1
		case share >= 0.8 && (h.codeCol == 0 || h.form == FormLamp) && h.lastCode()+1 < len(h.roles):
			// Headings that name no role are shown with their cells: a default value
			// in the last column is no remedy.
			h.roles[h.lastCode()+1] = RoleMeaning
			return h, i + 1
		}
	}
	return nil, 0
}

// parameterHeads head the columns of tables of switches and parameters, whose names
// look like codes.
var parameterHeads = strings.Fields("parameter parameters switch switches dip jumper setting settings default defaults parámetro parámetros paramètre paramètres parametro parametri schalter einstellung einstellungen voreinstellung werkseinstellung einstellbereich")

// listsSettings reports whether the headings are those of settings and not of faults.
func (h *tableHeader) listsSettings() bool {
	if slices.Contains(h.roles, RoleCause) || slices.Contains(h.roles, RoleRemedy) {
		return false
	}
	return slices.ContainsFunc(h.heads, func(head string) bool { return containsAny(textnorm.Tokens(head), parameterHeads) })
}

// guessHeader takes a table without headings for one of codes when most of its
// first column are codes that nothing else looks like.
func guessHeader(p *pdf.Page, t *pdf.Table) *tableHeader {
	drawn := drawnShare(p, t.Rows, 0) >= enoughDrawn
	if len(t.Rows) < 2 || listsOtherThings(t.Rows[0], 0) || !drawn && codeShare(p, t.Rows, 0, false) < 0.7 {
		return nil
	}
	n := len(t.Rows[0].Cells)
	h := &tableHeader{roles: make([]Role, n), heads: make([]string, n), model: -1, drawn: drawn}
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

// runningHead is the part of the page at its top where the manual's own number is.
const runningHead = 0.065

// parentCode looks for a code in the last lines above a table.
func parentCode(p *pdf.Page, t *pdf.Table) string {
	code, seen := "", 0
	for i := len(p.Lines) - 1; i >= 0 && seen < 5; i-- {
		l := p.Lines[i]
		if l.Box.Y1 > t.Box.Y0+2 || l.Count == 0 || l.Box.Y1 < runningHead*p.Height {
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
