package troubleshoot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// page is one page of a manual as the answerer reads it.
type page struct {
	manual   uuid.UUID
	label    string
	section  string
	language string
	score    float64 // of the page in the ranking, relative to the best: 0 to 1
	pdf      *pdf.Page
	tokens   [][]string // folded, by word
	inTable  []bool     // by word
	heads    []int      // by line: the line of the nearest heading above, -1 for none
	said     []statement
	body     float64 // font size of most of the text, 0 when not known

	tables   []*structure.Table  // the manual's tables with a part on it, see logical
	complete bool                // they are all
	cellOf   map[int][]cellPlace // of each word; nil before it is needed
}

// statementKind says how a statement is printed.
type statementKind uint8

const (
	sentence statementKind = iota
	listItem
	tableRow
)

// statement is the smallest part of a page that says something by itself: a
// sentence, an item of a list, or a row of a table.
type statement struct {
	kind    statementKind
	page    *page
	words   []int // indices into the page's words, in reading order
	heading []int // words of the heading it stands under
	ordered bool  // an item with a number
	list    int   // items of one list share it; 0 for none
	block   int   // sentences of one paragraph share it
	title   bool  // it is a heading itself
	// Of a table row:
	grid *grid
	row  int // index into the grid's rows
}

func newPage(manual uuid.UUID, label, section, language string, score float64, p *pdf.Page) *page {
	v := &page{manual: manual, label: label, section: section, language: language, score: score, pdf: p}
	v.tokens = make([][]string, len(p.Words))
	v.inTable = make([]bool, len(p.Words))
	for i, w := range p.Words {
		v.tokens[i] = textnorm.Tokens(w.Text)
	}
	for _, t := range p.Tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				for _, w := range c.Words {
					v.inTable[w] = true
				}
			}
		}
	}
	v.body = bodySize(p)
	v.heads = make([]int, len(p.Lines))
	last := -1
	for i := range p.Lines {
		v.heads[i] = last
		if v.isHeading(i) {
			if last < 0 || v.heads[max(i-1, 0)] != -1 || i == 0 || last != i-1 || gap(&p.Lines[i-1], &p.Lines[i]) {
				last = i
			}
			v.heads[i] = -1
		}
	}
	return v
}

// bodySize returns the font size that most characters of a page have.
func bodySize(p *pdf.Page) float64 {
	count := map[int]int{}
	best := 0
	for _, l := range p.Lines {
		size := int(l.FontSize*2 + 0.5)
		count[size] += l.Count
		if count[size] > count[best] || best == 0 {
			best = size
		}
	}
	return float64(best) / 2
}

// isHeading reports whether a line is set like a heading: short, not a
// sentence, and larger, bolder or in capitals.
func (v *page) isHeading(i int) bool {
	l := v.pdf.Lines[i]
	if l.Count == 0 || l.Count > 12 {
		return false
	}
	text := v.pdf.LineText(i)
	last := text[len(text)-1]
	if last == '.' || last == ',' || last == ';' || v.startsWarning(i) {
		return false
	}
	if large := l.FontSize > 0 && l.FontSize >= v.body*1.12; v.inTable[l.First] && (!large || !sectionNumber.MatchString(text)) {
		return false // boxes of notices that were read as a table may hold a section's heading
	}
	lettered := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			lettered++
		}
	}
	if lettered < 3 {
		return false
	}
	switch {
	case l.FontSize > 0 && l.FontSize >= v.body*1.12:
		return true
	case l.Bold && l.Count <= 9 && !stepNumber.MatchString(v.pdf.Words[l.First].Text):
		return true
	}
	return lettered >= 5 && strings.ToUpper(text) == text && l.Count <= 8
}

var (
	itemMarker   = regexp.MustCompile(`^(?:[•●▪■□►▶➤✓✔○◦·\-–—*»>]|\x{F0B7}|\x{F0A7}|\(?\d{1,2}[.):]+|\(?[A-Za-z][.)]|\d{1,2}\)\.)$`)
	stepNumber   = regexp.MustCompile(`^\(?(?:\d{1,2}|[A-Z])[.):]+$|^\d{1,2}\)\.$|^\d{1,2}(?:\.\d{1,2})+[.)]?$`)
	gluedMarker  = regexp.MustCompile(`^(?:[•●▪■►▶]|\d{1,2}\)\.?)\p{L}`)
	sentenceEnd  = regexp.MustCompile(`[.!?]["'”’)]*$`)
	abbreviation = regexp.MustCompile(`(?i)^(?:e\.g|i\.e|etc|approx|max|min|no|nr|fig|abb|ca|bzw|z\.b|vgl|ref|incl|resp|\p{L})\.$`)
)

func startsItem(w string) bool {
	return itemMarker.MatchString(w) || stepNumber.MatchString(w) || gluedMarker.MatchString(w)
}

// statements returns what the page says, in reading order, with the rows of its
// tables last. The words of tables come as rows, and long cells also in parts.
func (v *page) statements() []statement {
	if v.said == nil {
		v.said = v.cut()
	}
	return v.said
}

func (v *page) cut() []statement {
	var out []statement
	var cur *statement
	list, block, left := 0, 0, 0.0
	flush := func() {
		if cur != nil && v.broken(cur.words) {
			cur.words = cur.words[:len(cur.words)-1] // half a word says nothing
		}
		if cur != nil && len(cur.words) > 0 {
			out = append(out, *cur)
		}
		cur = nil
	}
	var prev *pdf.Line
	for i := range v.pdf.Lines {
		l := &v.pdf.Lines[i]
		titled := v.isHeading(i)
		if l.Count == 0 || !titled && v.inTable[l.First] && v.inTable[l.First+l.Count-1] || v.pdf.DottedLeader(i) {
			flush()
			prev = nil
			continue
		}
		if titled {
			flush()
			prev, list = nil, 0
			out = append(out, statement{kind: sentence, page: v, words: lineWords(*l), title: true})
			continue
		}
		first := v.pdf.Words[l.First].Text
		item := startsItem(first) && (l.Count == 1 || first != ">" || !textnorm.HasDigit(v.pdf.Words[l.First+1].Text))
		apart := prev == nil || gap(prev, l)
		switch {
		case cur != nil && v.broken(cur.words) && startsLower(first):
			// The other half of a word, wherever it stands.
		case item:
			flush()
			if list == 0 || apart && l.Box.X0 < left-40 {
				list = i + 1
			}
			left = l.Box.X0
			block++
			cur = &statement{kind: listItem, block: block, page: v, heading: v.headingWords(i), ordered: stepNumber.MatchString(first), list: list}
		case cur == nil, apart, cur.kind == listItem && l.Box.X0 < left-2:
			flush()
			if apart && !indented(l, left) {
				list = 0
			}
			block++
			cur = &statement{kind: sentence, page: v, block: block, heading: v.headingWords(i)}
		}
		for w := l.First; w < l.First+l.Count; w++ {
			if v.inTable[w] {
				continue
			}
			cur.words = append(cur.words, w)
			text := v.pdf.Words[w].Text
			if cur.kind == sentence && sentenceEnd.MatchString(text) && !abbreviation.MatchString(text) && len(cur.words) >= 4 {
				heading := cur.heading
				flush()
				cur = &statement{kind: sentence, page: v, block: block, heading: heading}
			}
		}
		prev = l
	}
	flush()
	for _, g := range v.grids() {
		heading := v.headingAbove(g.part.Box)
		for r := range g.rows {
			out = append(out, statement{kind: tableRow, page: v, words: g.rows[r].words(), heading: heading, grid: g, row: r})
			out = append(out, v.cellStatements(g.rows[r].cells, &block)...)
		}
	}
	return append(out, v.notes(&block)...)
}

// notes returns what the page's tables hold beside their rows and headings: a note
// over the headings that was read as a row of them.
func (v *page) notes(block *int) []statement {
	var out []statement
	for _, t := range v.pdf.Tables {
		for _, r := range t.Rows {
			for k, c := range r.Cells {
				if len(c.Words) == 0 || k > 0 && slices.Equal(c.Words, r.Cells[k-1].Words) || v.tabled(c.Words) {
					continue
				}
				*block++
				out = append(out, statement{kind: sentence, page: v, block: *block, words: c.Words, heading: v.headingAbove(t.Box)})
			}
		}
	}
	return out
}

// tabled reports whether words stand in a row, a heading or the title of a table.
func (v *page) tabled(words []int) bool {
	if len(v.places(words[:1])) > 0 {
		return true
	}
	has := func(s structure.Span) bool { return s.Page == v.pdf.Number && slices.Contains(s.Words, words[0]) }
	return slices.ContainsFunc(v.logical(), func(t *structure.Table) bool {
		return has(t.Title.Span) || slices.ContainsFunc(t.Columns, func(c structure.Column) bool { return slices.ContainsFunc(c.Words, has) }) ||
			slices.ContainsFunc(t.Parts, func(p structure.Part) bool {
				return slices.ContainsFunc(p.Headings, func(h []structure.Span) bool { return slices.ContainsFunc(h, has) })
			})
	})
}

// cellPadding is what tables usually leave free at the right of a cell, in points.
const cellPadding = 4

// cellRight returns where the text of a word's cell may end at the latest, 0
// when the word stands in no table.
func (v *page) cellRight(word int) float64 {
	for _, t := range v.pdf.Tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				if slices.Contains(c.Words, word) {
					return c.Box.X1 - cellPadding
				}
			}
		}
	}
	return 0
}

// broken reports whether the last of the words goes on in the next line.
func (v *page) broken(words []int) bool {
	if len(words) < 2 {
		return false
	}
	w := []rune(v.pdf.Words[words[len(words)-1]].Text)
	return len(w) > 2 && (w[len(w)-1] == '-' || w[len(w)-1] == '\u2010') && unicode.IsLetter(w[len(w)-2])
}

func startsLower(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsLower(r)
}

var sectionNumber = regexp.MustCompile(`^\d{1,2}(?:\.\d{1,2})+\.?\s`)

// sectionAt names the section that a word stands in: the outline's, and below
// its chapter the nearest numbered heading above the word.
func (v *page) sectionAt(word int) string {
	top := v.pdf.Words[word].Box.Y0
	best, at := "", -1.0
	for i, l := range v.pdf.Lines {
		if text := v.pdf.LineText(i); l.Box.Y0 <= top && l.Box.Y0 > at && sectionNumber.MatchString(text) && v.isHeading(i) {
			best, at = text, l.Box.Y0
		}
	}
	if best == "" {
		return v.sectionAbove(top)
	}
	if strings.Contains(v.section, best) {
		return v.section
	}
	chapter, _, nested := strings.Cut(v.section, " › ")
	if v.section == "" || !nested && sectionNumber.MatchString(v.section+" ") {
		return best
	}
	return chapter + " › " + best
}

// sectionAbove returns the outline's section without the parts whose headings
// stand on the page below a height: the outline names where the page leads to.
func (v *page) sectionAbove(top float64) string {
	parts := strings.Split(v.section, " › ")
	for i, part := range parts {
		if slices.ContainsFunc(v.pdf.Lines, func(l pdf.Line) bool { return l.Box.Y0 > top && l.Count > 0 && v.text(lineWords(l)) == part }) {
			return strings.Join(parts[:max(i, 1)], " › ")
		}
	}
	return v.section
}

// longCell is the number of words from which a cell says more than one thing.
const longCell = 25

// cellStatements cuts the long cells of a row into items and sentences, each
// under the row's name.
func (v *page) cellStatements(cells [][]int, block *int) []statement {
	var out []statement
	for k, words := range cells {
		if len(words) < longCell || k > 0 && slices.Equal(words, cells[k-1]) {
			continue
		}
		var name []int
		if k > 0 && len(cells[0]) < longCell {
			name = cells[0]
		}
		*block++
		cur := statement{kind: sentence, page: v, block: *block, heading: name}
		flush := func(kind statementKind) {
			if len(cur.words) > 0 {
				out = append(out, cur)
			}
			cur = statement{kind: kind, page: v, block: *block, heading: name}
		}
		marks := innerMarkers(v, words)
		for i, w := range words {
			text := v.pdf.Words[w].Text
			if marks[i] {
				*block++
				flush(listItem)
			}
			cur.words = append(cur.words, w)
			if cur.kind == sentence && sentenceEnd.MatchString(text) && !abbreviation.MatchString(text) && len(cur.words) >= 4 {
				flush(sentence)
			}
		}
		flush(sentence)
	}
	return out
}

// gap reports whether two lines are further apart than lines of a paragraph, or
// side by side.
func gap(a, b *pdf.Line) bool {
	height := max(a.Box.Y1-a.Box.Y0, 1)
	d := b.Box.Y0 - a.Box.Y1
	return d > 0.9*height || d < -1.2*height
}

func indented(l *pdf.Line, left float64) bool { return l.Box.X0 > left+4 }

func lineWords(l pdf.Line) []int {
	out := make([]int, l.Count)
	for i := range out {
		out[i] = l.First + i
	}
	return out
}

func (v *page) headingWords(line int) []int {
	if h := v.heads[line]; h >= 0 {
		return lineWords(v.pdf.Lines[h])
	}
	return nil
}

// headingAbove returns the heading over a table.
func (v *page) headingAbove(b pdf.Box) []int {
	best := -1
	for i, l := range v.pdf.Lines {
		if l.Box.Y1 <= b.Y0+3 && v.isHeading(i) && (best < 0 || l.Box.Y0 > v.pdf.Lines[best].Box.Y0) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return lineWords(v.pdf.Lines[best])
}

// text returns words of the page as printed; a word that a line's end broke
// stays broken, for this is what a quote is compared with.
func (v *page) text(words []int) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = v.pdf.Words[w].Text
	}
	return strings.Join(out, " ")
}

// matcher tells which terms of a question the words of a page are.
type matcher struct{ terms []search.Term }

// words returns the weight with which each term stands among the words, 0 for
// those that do not.
func (m matcher) words(v *page, words []int) []float64 {
	return m.match(len(words), func(k int) (string, []string) { return v.pdf.Words[words[k]].Text, v.tokens[words[k]] })
}

// text does the same for a text.
func (m matcher) text(s string) []float64 {
	words := strings.Fields(s)
	return m.match(len(words), func(k int) (string, []string) { return words[k], textnorm.Tokens(words[k]) })
}

// match goes over n words, of which each has a text and folded tokens.
func (m matcher) match(n int, word func(int) (text string, tokens []string)) []float64 {
	out := make([]float64, len(m.terms))
	for k := range n {
		text, tokens := word(k)
		for i, t := range m.terms {
			if t.Code {
				key := textnorm.Key(text)
				joined := ""
				if k+1 < n {
					next, _ := word(k + 1)
					joined = key + textnorm.Key(next)
				}
				if key == t.Word || joined == t.Word {
					out[i] = max(out[i], 1)
				}
			}
			for _, token := range tokens {
				out[i] = max(out[i], t.Forms[token])
			}
		}
	}
	return out
}
