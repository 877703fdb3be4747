package troubleshoot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// evidence is all that an answer may be written from.
type evidence struct {
	question Question
	model    string   // the chosen one, as the library names it
	siblings []string // keys of the other models of the same manuals
	asked    recognised
	result   search.Result
	pages    []*page // best first
	// load reads a page that no search found, nil when there is none.
	load   func(manual uuid.UUID, number int) *page
	beside []*page // pages that were read because a list goes on there
	// indexed are the rows of parts lists and of settings that may be meant.
	indexed indexed
}

// neighbour returns the page before (-1) or after (1) another, nil at the
// manual's ends.
func (e *evidence) neighbour(p *page, step int) *page {
	number := p.pdf.Number + step
	for _, o := range slices.Concat(e.pages, e.beside) {
		if o.manual == p.manual && o.pdf.Number == number {
			return o
		}
	}
	if number < 1 || e.load == nil {
		return nil
	}
	o := e.load(p.manual, number)
	if o != nil {
		e.beside = append(e.beside, o)
	}
	return o
}

// candidate is a statement with how well it answers.
type candidate struct {
	statement
	score     float64 // about 0 to 1.5
	coverage  float64 // part of the question's information in it and its headings, 0 to 1
	known     float64 // the same, of the words that the manuals have at all
	announced float64 // the part in the headings alone
	matched   int     // words of the question that stand in it or its headings
	column    int     // of a table row: the column that the question names, -1 for none
	fits      bool    // it has what the kind of question asks for: a quantity, a part number
}

const (
	headingShare = 0.6 // what a term counts that stands in the heading only
	columnShare  = 0.9 // what a term counts that stands in the asked column's heading
	besideShare  = 0.8 // what a figure of the question counts that is one of a row's values, not its name: the condition is asked
	// conditionBonus is for a figure of the question that is a row's or a column's
	// condition.
	conditionBonus = 0.12
	remedyShare    = 0.3  // what a term counts that stands in a fault table's remedy
	causeShare     = 0.7  // the same, in its cause
	tableShare     = 0.5  // what a term counts that stands in another column's heading
	titleShare     = 0.8  // of a heading's score: it announces, it does not say
	formWeight     = 0.15 // of a word that only says what form the answer has
	pageShare      = 0.35 // how much of a statement's score hangs on its page's
	fitBonus       = 0.3  // for a statement with the asked kind of value
)

// partNumber matches what manuals print as one: five or more letters, digits
// and inner signs, without lower case.
var partNumber = regexp.MustCompile(`^[A-Z0-9][-A-Z0-9./]{3,}[A-Z0-9]$`)

// isPartNumber tells part numbers from models, dates and section numbers by
// their figures: at least five, or fewer with letters and a hyphen.
func isPartNumber(w string) bool {
	w = strings.Trim(w, "(),;:*.")
	if len(w) > 24 || !partNumber.MatchString(w) || strings.Count(w, "/") > 1 {
		return false
	}
	digits, letters := 0, 0
	for _, r := range w {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'A' && r <= 'Z':
			letters++
		}
	}
	hyphened := strings.Contains(w, "-") && letters >= 2
	return digits >= 5 || hyphened && (digits >= 2 && len(w) >= 8 || digits >= 3 && len(w) >= 7)
}

// formWords say what form an answer has, not what it is about.
var formWords = strings.Fields("part parts number numbers no nr spare code codes model models used use need needs needed many much long big ok allowed spec specs specification quick list likely check what which meaning mean means get gets getting come comes coming go goes going keep keeps keeping make makes show shows happen happens thing things nothing look looks like put took take takes still after again both please pls now then nothing happened cuánto cuánta cuántos cuántas qué cuál dónde cómo quel quelle quels combien wieviel viele lange wo wohin ersatzteilnummer teilenummer dont doesnt didnt wont cant isnt arent wasnt welche welcher welches viel número pieza")

// weights returns what each term of the question counts, their sum, and the sum
// over those that the manuals have.
func (e *evidence) weights() (weights []float64, whole, known float64) {
	for _, t := range e.result.Terms {
		w := t.IDF
		if slices.Contains(formWords, t.Word) {
			w *= formWeight
		}
		weights = append(weights, w)
		whole += w
		if len(t.Forms) > 0 {
			known += w
		}
	}
	return weights, whole, known
}

// rank scores every statement of the pages, best first.
func (e *evidence) rank(pages []*page) []candidate {
	m := matcher{e.result.Terms}
	weights, whole, known := e.weights()
	if whole == 0 {
		return nil
	}
	var out []candidate
	for _, p := range pages {
		headers := map[*pdf.Table]header{}
		for _, st := range p.statements() {
			if len(st.words) == 0 || !e.applies(&st) {
				continue
			}
			c := candidate{statement: st, column: -1}
			own := m.words(p, st.words)
			over := m.words(p, st.heading)
			var columns [][]float64
			var name []float64
			ours := false // a row of the chosen model, in the asked column
			if st.kind == tableRow {
				h, ok := headers[st.table]
				if !ok {
					h = readHeader(p, st.table)
					headers[st.table] = h
				}
				if st.row < h.rows {
					continue
				}
				columns = make([][]float64, len(h.words))
				for k, words := range h.words {
					columns[k] = m.words(p, words)
				}
				if !e.names(p, slices.Concat(h.words...)).allow() {
					continue // the whole table is about another model
				}
				asked := askedColumn(m.terms, columns, own)
				if c.column = asked; asked < 0 {
					c.column = e.modelColumn(p, h)
				}
				ours = asked > 0 && e.asked.kind == Value && e.names(p, st.table.Rows[st.row].Cells[0].Words) == thisModel
				e.weighCells(p, &st, h, own)
				name = m.words(p, st.table.Rows[st.row].Cells[0].Words)
			}
			sum, itself, above := 0.0, 0.0, 0.0
			for i, t := range m.terms {
				itself += own[i] * weights[i]
				above += over[i] * weights[i]
				if max(own[i], over[i]) > 0 && !slices.Contains(formWords, t.Word) {
					c.matched++
				}
				w := max(own[i], headingShare*over[i])
				if len(name) > 0 && own[i] > name[i] && e.asked.kind == Value && textnorm.HasDigit(t.Word) {
					w = max(besideShare*own[i], headingShare*over[i])
				}
				for k := range columns {
					share := tableShare
					if k == c.column {
						share = columnShare
					}
					w = max(w, share*columns[k][i])
				}
				sum += w * weights[i]
			}
			if itself == 0 && !ours {
				continue // only its surroundings speak of the question
			}
			if st.title {
				above = itself
			}
			c.coverage, c.known, c.announced = sum/whole, sum/max(known, 1e-9), above/whole
			c.fits = e.fits(&c)
			if c.title && !c.fits && c.under() == nil {
				continue // it announces nothing that could be shown
			}
			c.score = c.coverage * (1 - pageShare + pageShare*p.score)
			if len(name) > 0 {
				c.score += e.conditions(&c, name, columns)
			}
			if c.fits {
				c.score += fitBonus * min(1, 2*c.coverage)
			}
			c.score /= 1 + float64(len(st.words))/400
			if st.title {
				c.score *= titleShare
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return out
}

// conditions rewards a row for the figures of the question that stand where
// charts have their conditions: the row's own name, and the asked column's
// heading beside the word that the question has beside the figure ("70 water").
func (e *evidence) conditions(c *candidate, name []float64, columns [][]float64) float64 {
	bonus := 0.0
	terms := e.result.Terms
	beside := func(i int, where []float64) bool {
		return i > 0 && where[i-1] > 0 || i+1 < len(terms) && where[i+1] > 0
	}
	for i, t := range terms {
		if !textnorm.HasDigit(t.Word) {
			continue
		}
		switch {
		case name[i] > 0 && len(c.table.Rows[c.row].Cells[0].Words) <= 5:
			bonus += conditionBonus
			if beside(i, columns[0]) {
				bonus += conditionBonus
			}
		case c.column > 0 && columns[c.column][i] > 0 && beside(i, columns[c.column]):
			bonus += conditionBonus
		}
	}
	return bonus
}

// weighCells lowers what stands in the remedies and causes of a fault table: a
// question describes the symptom, and a remedy that shares words with it belongs
// to another fault.
func (e *evidence) weighCells(p *page, st *statement, h header, own []float64) {
	if !slices.Contains(h.roles, search.RoleRemedy) || e.asked.kind == Part {
		return
	}
	m := matcher{e.result.Terms}
	best := make([]float64, len(own))
	for k, cell := range st.table.Rows[st.row].Cells {
		share := 1.0
		switch h.roles[k] {
		case search.RoleRemedy:
			share = remedyShare
		case search.RoleCause:
			share = causeShare
		default:
		}
		for i, w := range m.words(p, cell.Words) {
			best[i] = max(best[i], share*w)
		}
	}
	copy(own, best)
}

// askedColumn returns the one column whose heading holds what the row itself
// does not, -1 when there is none or the headings do not tell.
func askedColumn(terms []search.Term, columns [][]float64, own []float64) int {
	best, at, tie := 0.0, -1, false
	for k, col := range columns {
		if k == 0 {
			continue // names the rows
		}
		sum := 0.0
		for i, t := range terms {
			if col[i] > own[i] {
				sum += (col[i] - own[i]) * t.IDF
			}
		}
		switch {
		case sum > best:
			best, at, tie = sum, k, false
		case sum == best && sum > 0:
			tie = true
		}
	}
	if tie {
		return -1
	}
	return at
}

// fits reports whether a statement has what the question asks for.
func (e *evidence) fits(c *candidate) bool {
	switch e.asked.kind {
	case Part:
		return slices.ContainsFunc(c.words, func(w int) bool {
			text := c.page.pdf.Words[w].Text
			return isPartNumber(text) && !strings.Contains(e.question.Model, text)
		})
	case Value:
		text := c.page.text(c.words)
		if d := e.asked.dimension; d != nil {
			if d.unit.MatchString(textnorm.Fold(text)) {
				return true
			}
			if c.kind != tableRow || !textnorm.HasDigit(text) {
				return false
			}
			head := tableHead(c)
			return d.alone.MatchString(textnorm.Fold(text)) || d.unit.MatchString(textnorm.Fold(head)) ||
				e.newFigure(c) && slices.ContainsFunc(textnorm.Tokens(head), func(t string) bool { return slices.Contains(d.asked, t) })
		}
		return e.newFigure(c)
	}
	return false
}

// applies reports whether a statement holds for the chosen model. One that names
// models of the manual, and not this one or its series, is about another machine.
func (e *evidence) applies(st *statement) bool {
	return e.names(st.page, slices.Concat(st.words, st.heading)).allow()
}

// naming says which models words name.
type naming uint8

const (
	noModel naming = iota
	thisModel
	otherModels
)

func (n naming) allow() bool { return n != otherModels }

// names tells whether words name the chosen model or its series, or only its
// siblings. A model may be printed shorter than on its nameplate, or with its
// variant.
func (e *evidence) names(p *page, words []int) naming {
	chosen := textnorm.Key(e.model)
	if chosen == "" || len(e.siblings) == 0 {
		return noModel
	}
	found := noModel
	for _, w := range words {
		key := textnorm.Key(p.pdf.Words[w].Text)
		if len(key) < 4 || !textnorm.HasDigit(key) {
			continue
		}
		is := func(model string) bool { return strings.HasPrefix(model, key) || strings.HasPrefix(key, model) }
		switch {
		case is(chosen):
			return thisModel
		case slices.ContainsFunc(e.siblings, is):
			found = otherModels
		}
	}
	return found
}

// newFigure reports whether a statement has a figure that the question does not
// have already.
func (e *evidence) newFigure(c *candidate) bool {
	return slices.ContainsFunc(c.words, func(w int) bool {
		text := c.page.pdf.Words[w].Text
		return textnorm.HasDigit(text) && !slices.ContainsFunc(e.result.Terms, func(t search.Term) bool {
			return t.Forms[textnorm.Key(text)] > 0 || slices.ContainsFunc(c.page.tokens[w], func(token string) bool { return t.Forms[token] > 0 })
		})
	})
}

// tableHead returns the printed headings of a row's table.
func tableHead(c *candidate) string {
	h := readHeader(c.page, c.table)
	var words []int
	for _, col := range h.words {
		words = append(words, col...)
	}
	return c.page.text(words) + " " + c.page.text(c.heading)
}

// header is the heading rows of a table.
type header struct {
	rows  int     // how many rows at the top are headings
	words [][]int // by column, of all heading rows
	roles []search.Role
}

// readHeader takes the rows at the top of a table for headings while they carry
// no figures of their own: at most three, and never all.
func readHeader(p *page, t *pdf.Table) header {
	n := 0
	if len(t.Rows) > 2 && filledCells(t.Rows[0]) <= len(t.Rows[0].Cells)/2 && looksLikeHeader(p, t.Rows[1], 1) {
		n = 1 // the table's title, or headings that span columns
	}
	for n < min(3, len(t.Rows)-1) && looksLikeHeader(p, t.Rows[n], n) {
		n++
	}
	switch {
	case n > 0 && !figured(p, t):
		n = p.textHeader(t, n)
	case n > 1:
		n = p.figureHeader(t, n)
	}
	cols := len(t.Rows[0].Cells)
	h := header{rows: n, words: make([][]int, cols), roles: make([]search.Role, cols)}
	for k := range cols {
		var text []string
		for r := range n {
			cell := t.Rows[r].Cells[k]
			for _, w := range cell.Words {
				if !slices.Contains(h.words[k], w) {
					h.words[k] = append(h.words[k], w)
				}
			}
			text = append(text, cell.Text)
		}
		h.roles[k] = search.HeaderRole(strings.Join(text, " "))
	}
	return h
}

// figured reports whether a third of a table's rows have figures beside their
// name: then rows without any are its headings.
func figured(p *page, t *pdf.Table) bool {
	n := 0
	for _, r := range t.Rows {
		if slices.ContainsFunc(r.Cells[1:], func(c pdf.Cell) bool {
			return len(c.Words) > 0 && len(c.Words) <= 6 && textnorm.HasDigit(p.pdf.Words[c.Words[0]].Text)
		}) {
			n++
		}
	}
	return 3*n >= len(t.Rows)
}

// textHeader returns how many of the n rows taken for headings are, in a table
// of text: those that name roles or are set bold. A row of a fault table must
// not be lost to them: "No supply | Check the plug." names a role by chance.
func (v *page) textHeader(t *pdf.Table, n int) int {
	named := false // a row above names the columns
	for i := range n {
		roles := 0
		for _, c := range t.Rows[i].Cells {
			if search.HeaderRole(c.Text) != search.RoleOther && !textnorm.HasDigit(c.Text) && !sentenceEnd.MatchString(c.Text) {
				roles++
			}
		}
		if (roles == 0 || named) && !v.boldRow(t.Rows[i]) {
			return i
		}
		named = named || roles >= 2
	}
	return n
}

// figureHeader returns how many of the n rows taken for headings are, in a table
// of figures: one that has a name and is not bold, under bold headings, is the
// first row that happens to be without figures ("Refrigerant | R-448A").
func (v *page) figureHeader(t *pdf.Table, n int) int {
	first := 0
	if filledCells(t.Rows[0]) <= len(t.Rows[0].Cells)/2 {
		first = 1 // the row above is the table's title
	}
	for i := first + 1; i < n; i++ {
		if len(t.Rows[i].Cells[0].Words) > 0 && v.boldRow(t.Rows[first]) && !v.boldRow(t.Rows[i]) {
			return i
		}
	}
	return n
}

// boldRow reports whether every word of a row is set bold.
func (v *page) boldRow(r pdf.Row) bool {
	for _, c := range r.Cells {
		for _, w := range c.Words {
			if l := lineOf(v.pdf, w); l < 0 || !v.pdf.Lines[l].Bold {
				return false
			}
		}
	}
	return true
}

func filledCells(r pdf.Row) int {
	n := 0
	for _, c := range r.Cells {
		if len(c.Words) > 0 {
			n++
		}
	}
	return n
}

// looksLikeHeader reports whether a row names columns: most of its cells have
// words and few have figures. The first row may carry models.
func looksLikeHeader(p *page, r pdf.Row, at int) bool {
	filled, figures, roles, numbers := 0, 0, 0, 0
	for k, c := range r.Cells {
		if len(c.Words) == 0 {
			continue
		}
		filled++
		if search.HeaderRole(c.Text) != search.RoleOther {
			roles++
		}
		if len(c.Words) > 14 {
			return false
		}
		if isPartNumber(p.pdf.Words[c.Words[0]].Text) {
			numbers++
		}
		first := p.pdf.Words[c.Words[0]].Text
		if k == 0 && len(c.Words) > 3 {
			continue // a caption that stands over the names, with its number
		}
		if textnorm.HasDigit(first) && strings.IndexFunc(first, func(r rune) bool { return r >= '0' && r <= '9' }) == 0 {
			figures++
		}
	}
	if filled == 0 || numbers == 1 { // one is a part's number, several are models
		return false
	}
	if roles >= 2 {
		return true
	}
	return figures == 0 && filled >= max(2, len(r.Cells)/2) && at < 2
}
