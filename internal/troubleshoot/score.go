package troubleshoot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
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
	groupShare   = 0.9 // the same, in a heading between a table's rows: it is part of their names
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
var formWords = strings.Fields("part parts number numbers no nr spare code codes model models used use need needs needed many much long big ok allowed spec specs specification quick list likely check what which meaning mean means get gets getting come comes coming go goes going keep keeps keeping make makes show shows happen happens thing things nothing look looks like put took take takes still after again both please pls customer customers complains complaining kunde kundin beschwert klagt now then nothing happened beim zum zur vom kontrollieren prüfen cuánto cuánta cuántos cuántas qué cuál dónde cómo quel quelle quels combien wieviel viele lange wo wohin ersatzteilnummer teilenummer dont doesnt didnt wont cant isnt arent wasnt welche welcher welches viel número pieza")

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
	measured := e.measured()
	var out []candidate
	for _, p := range pages {
		sheets := map[*grid]sheet{}
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
			if g := st.grid; g != nil {
				sh, ok := sheets[g]
				if !ok {
					sh = e.sheet(g)
					sheets[g] = sh
				}
				row := &g.rows[st.row]
				if sh.others || !e.names(row.groups).allow() {
					continue // all of it is about another model
				}
				columns = sh.columns
				over = larger(over, sh.title, 1)
				over = larger(over, m.text(row.groups), groupShare/headingShare)
				first := row.cells[0]
				within := e.inRange(p.text(first), measured)
				own = larger(own, within, 1)
				asked := askedColumn(m.terms, columns, own)
				if c.column = asked; asked < 0 {
					c.column = e.modelColumn(g)
				}
				ours = asked > 0 && e.asked.kind == Value && e.names(p.text(first)) == thisModel
				e.weighCells(p, &st, own)
				name = larger(m.words(p, first), within, 1)
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
			c.score /= 1 + float64(e.length(&st))/400
			if st.title {
				c.score *= titleShare
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return out
}

// larger returns the larger of two weights for each term, the second times a share.
func larger(a, b []float64, share float64) []float64 {
	out := slices.Clone(a)
	for i := range out {
		out[i] = max(out[i], share*b[i])
	}
	return out
}

// sheet is what the headings of a table say of the question.
type sheet struct {
	columns [][]float64 // the weight with which each term stands over each column
	title   []float64   // and in the table's title
	others  bool        // they name other models than the chosen one
}

func (e *evidence) sheet(g *grid) sheet {
	m := matcher{e.result.Terms}
	sh := sheet{
		columns: make([][]float64, len(g.table.Columns)), title: m.text(g.table.Title.Text),
		others: !e.names(g.headings).allow() || !e.names(g.table.Title.Text).allow(),
	}
	for k := range sh.columns {
		sh.columns[k] = m.text(g.heading(k))
	}
	return sh
}

// length is how many words of a statement a reader has to go through until the
// asked thing: of a row of a fault table those that describe the fault.
func (e *evidence) length(st *statement) int {
	if st.grid == nil || !st.grid.ofFaults || e.asked.kind == Part {
		return len(st.words)
	}
	n := 0
	for k, words := range st.grid.rows[st.row].cells {
		if st.grid.table.Columns[k].Role != structure.RoleRemedy {
			n += len(words)
		}
	}
	return n
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
		case name[i] > 0 && len(c.grid.rows[c.row].cells[0]) <= 5:
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
func (e *evidence) weighCells(p *page, st *statement, own []float64) {
	if !st.grid.ofFaults || e.asked.kind == Part {
		return
	}
	m := matcher{e.result.Terms}
	best := make([]float64, len(own))
	for k, words := range st.grid.rows[st.row].cells {
		share := 1.0
		switch st.grid.table.Columns[k].Role {
		case structure.RoleRemedy:
			share = remedyShare
		case structure.RoleCause:
			share = causeShare
		default:
		}
		for i, w := range m.words(p, words) {
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
	if tie || at > 0 && alsoAsked(terms, columns, own, at) {
		return -1
	}
	return at
}

// alsoAsked reports whether the question names a second column by a word that
// neither the row nor the first column has: "which wire and what breaker".
func alsoAsked(terms []search.Term, columns [][]float64, own []float64, first int) bool {
	for k := 1; k < len(columns); k++ {
		for i, t := range terms {
			if k != first && columns[k][i] >= 1 && own[i] == 0 && columns[first][i] == 0 && !slices.Contains(formWords, t.Word) && !textnorm.HasDigit(t.Word) {
				return true
			}
		}
	}
	return false
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
		if e.asked.span && !printedSpan.MatchString(textnorm.Fold(text)) {
			return false
		}
		if d := e.asked.dimension; d != nil {
			if d.unit.MatchString(textnorm.Fold(text)) || c.kind != tableRow && d.named(textnorm.Fold(text)) {
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
	return e.names(st.page.text(st.words) + " " + st.page.text(st.heading)).allow()
}

// naming says which models words name.
type naming uint8

const (
	noModel naming = iota
	thisModel
	otherModels
)

func (n naming) allow() bool { return n != otherModels }

// names tells whether the words of a text name the chosen model or its series, or only its
// siblings. A model may be printed shorter than on its nameplate, or with its
// variant.
func (e *evidence) names(text string) naming {
	chosen := textnorm.Key(e.model)
	if chosen == "" || len(e.siblings) == 0 {
		return noModel
	}
	found := noModel
	for _, w := range strings.Fields(text) {
		key := textnorm.Key(w)
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
	return c.grid.headings + " " + c.page.text(c.heading)
}
