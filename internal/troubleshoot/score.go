package troubleshoot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

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
}

// candidate is a statement with how well it answers.
type candidate struct {
	statement
	score    float64 // about 0 to 1.5
	coverage float64 // part of the question's information in it and its headings, 0 to 1
	known    float64 // the same, of the words that the manuals have at all
	matched  int     // words of the question that stand in it or its headings
	column   int     // of a table row: the column that the question names, -1 for none
	fits     bool    // it has what the kind of question asks for: a quantity, a part number
}

const (
	headingShare = 0.6  // what a term counts that stands in the heading only
	columnShare  = 0.9  // what a term counts that stands in the asked column's heading
	besideShare  = 0.8  // what a figure of the question counts that is one of a row's values, not its name: the condition is asked
	tableShare   = 0.5  // what a term counts that stands in another column's heading
	titleShare   = 0.8  // of a heading's score: it announces, it does not say
	formWeight   = 0.15 // of a word that only says what form the answer has
	pageShare    = 0.35 // how much of a statement's score hangs on its page's
	fitBonus     = 0.3  // for a statement with the asked kind of value
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
var formWords = strings.Fields("part parts number numbers no nr spare code codes model models used use need needs needed many much long big ok allowed spec specs specification quick list likely check what which meaning mean means get gets getting come comes coming go goes going keep keeps keeping make makes show shows happen happens thing things nothing look looks like put took take takes still after again both please pls now then nothing happened cuánto cuánta cuántos cuántas qué cuál dónde cómo quel quelle quels combien wieviel viele lange wo wohin ersatzteilnummer teilenummer welche welcher welches viel número pieza")

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
			if len(st.words) == 0 || st.title && len(st.words) < 3 || !e.applies(&st) {
				continue
			}
			c := candidate{statement: st, column: -1}
			own := m.words(p, st.words)
			over := m.words(p, st.heading)
			var columns [][]float64
			var name []float64
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
				c.column = askedColumn(m.terms, columns, own)
				name = m.words(p, st.table.Rows[st.row].Cells[0].Words)
			}
			sum, itself := 0.0, 0.0
			for i, t := range m.terms {
				itself += own[i] * weights[i]
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
			if itself == 0 {
				continue // only its surroundings speak of the question
			}
			c.coverage, c.known = sum/whole, sum/max(known, 1e-9)
			c.fits = e.fits(&c)
			if c.title && !c.fits && c.under() == nil {
				continue // it announces nothing that could be shown
			}
			c.score = c.coverage * (1 - pageShare + pageShare*p.score)
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
	chosen := textnorm.Key(e.model)
	if chosen == "" || len(e.siblings) == 0 {
		return true
	}
	named := false
	for _, words := range [][]int{st.words, st.heading} {
		for _, w := range words {
			key := textnorm.Key(st.page.pdf.Words[w].Text)
			if len(key) < 4 || !textnorm.HasDigit(key) {
				continue
			}
			if strings.HasPrefix(chosen, key) {
				return true
			}
			named = named || slices.ContainsFunc(e.siblings, func(s string) bool { return strings.HasPrefix(s, key) })
		}
	}
	return !named
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
	for _, c := range r.Cells {
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
