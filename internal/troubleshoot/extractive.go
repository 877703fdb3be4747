package troubleshoot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// The bounds of an extractive answer: what fits a phone's screen a few times.
const (
	maxSteps      = 40
	maxItems      = 3    // values, passages
	maxCauses     = 8    // of one fault
	maxOtherCodes = 10   // codes that belong to the asked one, by their meaning only
	maxWarnings   = 6    // of the cited pages
	passageWords  = 60   // of one passage
	enoughToSay   = 0.33 // coverage under which a statement does not answer
	fitEnough     = 0.2  // the same, for a statement with the asked kind of value
	knownEnough   = 0.7  // of the words that the manuals have, for one that falls short of that
	leastCovered  = 0.2  // below which nothing helps
	missingWord   = 0.1  // what more is needed when a word of the question is nowhere printed
	closeToBest   = 0.6  // part of the best score that a further item needs
	asSpecific    = 0.3  // coverage of the words beside a code that makes a statement the asked thing
	sameSymptom   = 0.5  // coverage from which a row describes the asked symptom, so that its remedies are steps
	namesSymptom  = 0.4  // the same, for the heading over a list
	extractive    = "extractive"
	headingSpaces = " · "
)

// draft is an answer while it is written: items with quotes that point to pages.
type draft struct {
	Answer
	evidence     *evidence
	pages        []*page // by citation
	sectionSteps int     // steps taken from a code's section
}

func (d *draft) citation(p *page, word int) int {
	for i, c := range d.Citations {
		if c.ManualID == p.manual && c.Page == p.pdf.Number {
			return i
		}
	}
	d.Citations = append(d.Citations, Citation{ManualID: p.manual, Page: p.pdf.Number, PageLabel: p.label, Section: p.sectionAt(word)})
	d.pages = append(d.pages, p)
	return len(d.Citations) - 1
}

// quote cites words of a page. Words that are not one run are quoted run by run,
// for a quote is contiguous; a table's cell is one run in its own order.
func (d *draft) quote(p *page, words []int) []Quote {
	if textnorm.Key(p.text(words)) == "" {
		return nil // a dash in a cell says nothing
	}
	return []Quote{{Text: p.text(words), Citation: d.citation(p, words[0]), near: words}}
}

// writeExtractive answers from the evidence alone, in the manual's own words. It
// returns nil when the manuals do not answer.
func writeExtractive(e *evidence) *draft {
	d := &draft{evidence: e, Answer: Answer{Kind: e.asked.kind, Writer: extractive}}
	ranked := e.rank(e.pages)
	switch {
	case e.asksSetting() && d.settingRows(e):
	case (e.asked.kind == Part || e.indexed.named) && d.partRows(e):
	case len(e.result.AskedCodes) > 0 && (len(e.result.Codes) > 0 || e.result.CodeFound):
		d.Kind = Fault
		d.fault(e, ranked)
	case e.question.Code != "":
		return nil // a code that the manual does not print has no meaning here
	default:
		d.open(e, ranked)
	}
	if d.empty() {
		return nil
	}
	return d
}

func (d *draft) empty() bool {
	return d.ErrorCode == nil && len(d.Values)+len(d.Steps)+len(d.Parts)+len(d.LikelyCauses)+len(d.Passages) == 0
}

// open answers a question without a code.
func (d *draft) open(e *evidence, ranked []candidate) {
	missing := e.contentMissing()
	ranked = slices.DeleteFunc(slices.Clone(ranked), func(c candidate) bool {
		switch {
		case missing && c.coverage < enoughToSay+missingWord && !c.fits:
			return true
		case c.coverage >= enoughToSay:
			return false
		case c.fits && c.coverage >= fitEnough:
			return false
		}
		return c.known < knownEnough || c.coverage < leastCovered || c.matched < 2
	})
	if len(ranked) == 0 || e.attributeMissing() || e.ownerMissing() {
		return
	}
	switch e.asked.kind {
	case Part:
		d.parts(ranked)
	case Value:
		d.values(e, ranked)
		if d.empty() { // "no output voltage" asks for no figure
			d.Kind = Fault
			d.rowOfSymptom(ranked[0])
		}
	case Procedure:
		d.procedure(e, ranked)
	default:
		d.symptom(e, ranked)
	}
}

// contentMissing reports whether a word of the question that carries its content
// stands nowhere in the manuals.
func (e *evidence) contentMissing() bool {
	return slices.ContainsFunc(e.result.Terms, func(t search.Term) bool {
		return len(t.Forms) == 0 && len(t.Word) >= 4 && !textnorm.HasDigit(t.Word) && !slices.Contains(formWords, t.Word)
	})
}

var attribute = regexp.MustCompile(`(?i)^(?:(?:what|which) is |what's )?(?:the )?(\pL+) (?:of|for|von|vom|der|des|de|du) `)

// attributeMissing reports whether a question asks for a property by a word that
// the manuals do not have at all: "price of the blower" is not answered by what
// they say of blowers.
func (e *evidence) attributeMissing() bool {
	m := attribute.FindStringSubmatch(e.question.Symptom)
	if m == nil {
		return false
	}
	word := textnorm.Fold(m[1])
	return slices.ContainsFunc(e.result.Terms, func(t search.Term) bool {
		return t.Word == word && len(t.Forms) == 0 && !slices.Contains(formWords, word)
	})
}

// parts lists the rows and sentences that print a part number; the same row on
// another page is not shown again.
func (d *draft) parts(ranked []candidate) {
	best := 0.0
	seen := map[string]bool{}
	for _, c := range ranked {
		text := textnorm.Fold(c.page.text(c.words))
		if seen[text] {
			continue
		}
		seen[text] = true
		if !c.fits || len(d.Parts) == maxItems || c.score < closeToBest*best {
			continue
		}
		best = max(best, c.score)
		part := PartItem{}
		if c.kind != tableRow {
			part.Name, part.Quotes = c.page.text(c.words), d.quote(c.page, c.words)
			d.Parts = append(d.Parts, part)
			continue
		}
		var names []string
		for k, words := range c.grid.rows[c.row].cells {
			if len(words) == 0 {
				continue
			}
			text := c.page.text(words)
			switch {
			case len(words) <= 3 && slices.ContainsFunc(strings.Fields(text), isPartNumber) && (part.PartNumber == "" || k == c.column):
				if part.PartNumber != "" {
					names = append(names, part.PartNumber)
				}
				part.PartNumber = text
			default:
				names = append(names, text)
			}
			part.Quotes = append(part.Quotes, d.quote(c.page, words)...)
		}
		part.Name = strings.Join(names, headingSpaces)
		d.Parts = append(d.Parts, part)
	}
}

// values gives the figures that the question asks for, the best first.
func (d *draft) values(e *evidence, ranked []candidate) {
	best := 0.0
	for _, c := range ranked {
		if len(d.Values) == maxItems || best > 0 && c.score < closeToBest*best {
			break
		}
		if e.asked.dimension != nil && !c.fits || c.kind == tableRow && c.grid.ofFaults {
			continue // a remedy's figure is not the value of anything
		}
		if !e.headed(&c) {
			continue
		}
		if d.said(c) {
			continue
		}
		best = max(best, c.score)
		if rows := e.around(&c); len(d.Values) == 0 && rows != nil {
			for _, row := range rows {
				d.Values = append(d.Values, d.item(row))
			}
			return
		}
		d.Values = append(d.Values, d.valueItem(c))
		if len(d.Values) == 1 {
			if row, ok := e.kindRow(&c); ok {
				d.Values = append(d.Values, d.item(row))
			}
		}
	}
}

// valueItem shows a statement, and the list that it introduces: "that meet the
// following specifications:".
func (d *draft) valueItem(c candidate) Item {
	list := c.introduces()
	if len(list) == 0 {
		return d.item(c)
	}
	words := withoutMarker(c.page, c.words)
	item := Item{Label: c.page.text(words), Quotes: d.quote(c.page, words)}
	var texts []string
	for _, st := range list {
		words := withoutMarker(c.page, st.words)
		texts = append(texts, c.page.text(words))
		item.Quotes = append(item.Quotes, d.quote(c.page, words)...)
	}
	item.Text = strings.Join(texts, headingSpaces)
	return item
}

// introduces returns the items of the list that follows a statement which ends
// with a colon, as far as a passage reaches; nil when it is not whole.
func (c *candidate) introduces() []statement {
	if c.kind == tableRow || c.title || !strings.HasSuffix(c.page.text(c.words), ":") {
		return nil
	}
	marker := ""
	if c.kind == listItem {
		marker = c.page.pdf.Words[c.words[0]].Text
	}
	var out []statement
	n, next := 0, c.words[len(c.words)-1]+1
	for _, st := range c.page.statements() {
		if len(st.words) == 0 || st.words[0] != next {
			continue
		}
		if st.kind != listItem || c.page.pdf.Words[st.words[0]].Text == marker {
			break
		}
		if n += len(st.words); n > passageWords {
			return nil
		}
		out, next = append(out, st), st.words[len(st.words)-1]+1
	}
	return out
}

// kindRow returns the row beside a value's that says what the value is an amount
// of: "Type of refrigerant" beside "Refrigerant charge". Neither is of use without
// the other.
func (e *evidence) kindRow(c *candidate) (candidate, bool) {
	if c.kind != tableRow || e.asked.dimension == nil {
		return candidate{}, false
	}
	m := matcher{e.result.Terms}
	own := m.words(c.page, c.grid.rows[c.row].cells[0])
	for _, r := range []int{c.row - 1, c.row + 1} {
		if r < 0 || r >= len(c.grid.rows) {
			continue
		}
		next := e.inRow(c, r)
		next.column = c.column
		if next.fits = e.fits(&next); next.fits || c.grid.table.Rows[c.grid.rows[r].index].Heading || len(next.words) > maxKindWords {
			continue
		}
		name := m.words(c.page, c.grid.rows[r].cells[0])
		for i, t := range e.result.Terms {
			if name[i] > 0 && own[i] > 0 && !t.Code && !slices.Contains(formWords, t.Word) && !slices.Contains(e.asked.dimension.asked, t.Word) {
				return next, true
			}
		}
	}
	return candidate{}, false
}

// maxKindWords is how many words a row has at most that says what kind a thing is of.
const maxKindWords = 16

// said reports whether an item's words are already part of the answer.
func (d *draft) said(c candidate) bool {
	// Rows share the name that spans over them: what is last is a row's own.
	word := c.words[0]
	if c.kind == tableRow {
		word = c.words[len(c.words)-1]
	}
	for _, quotes := range d.quoteLists() {
		for _, q := range quotes {
			if d.pages[q.Citation] == c.page && slices.Contains(q.near, word) {
				return true
			}
		}
	}
	return false
}

// item shows a statement: a row by its cells under their headings, a sentence
// with the rest of its paragraph.
func (d *draft) item(c candidate) Item {
	if c.kind == tableRow {
		return d.rowItem(c)
	}
	if c.title {
		if under := c.under(); under != nil && !c.fits {
			below := under.paragraph()
			return Item{Text: c.page.text(below), Label: c.page.text(c.words), Quotes: append(d.quote(c.page, below), d.quote(c.page, c.words)...)}
		}
		return Item{Text: c.page.text(c.words), Quotes: d.quote(c.page, c.words)}
	}
	said := c.paragraph()
	if d.Kind == Procedure {
		said = c.fromItsBeginning()
	}
	words := withoutMarker(c.page, said)
	return Item{Text: c.page.text(words), Label: c.page.text(c.heading), Quotes: append(d.quote(c.page, words), d.quote(c.page, c.heading)...)}
}

// under returns the first statement under a heading, nil when there is none.
func (c *candidate) under() *candidate {
	for _, st := range c.page.statements() {
		if !st.title && slices.Equal(st.heading, c.words) {
			return &candidate{statement: st}
		}
	}
	return nil
}

// paragraph returns the statement with the sentences that follow it in its
// paragraph, as far as a passage reaches.
func (c *candidate) paragraph() []int {
	words := slices.Clone(c.words)
	for _, st := range c.page.statements() {
		if st.block != c.block || st.kind != c.kind || st.words[0] <= words[len(words)-1] {
			continue
		}
		if len(words)+len(st.words) > passageWords {
			break // what follows a sentence that is left out is no part of the same quote
		}
		words = append(words, st.words...)
	}
	return words
}

// fromItsBeginning returns the paragraph from its first sentence on, as far as a passage
// reaches: what is to be done first stands first. When the statement itself would be
// left out, it begins with that.
func (c *candidate) fromItsBeginning() []int {
	for _, st := range c.page.statements() {
		if st.block != c.block || st.kind != c.kind || st.title || st.words[0] >= c.words[0] {
			continue
		}
		first := candidate{statement: st}
		if words := first.paragraph(); slices.Contains(words, c.words[len(c.words)-1]) {
			return words
		}
		break
	}
	return c.paragraph()
}

// passages adds the best statements as they stand.
func (d *draft) passages(ranked []candidate) {
	best := ranked[0].score
	for _, c := range ranked {
		if len(d.Passages) == maxItems || c.score < closeToBest*best {
			break
		}
		if !d.said(c) {
			d.Passages = append(d.Passages, d.item(c))
		}
	}
}

// symptom answers from a troubleshooting table when a row of one is the best
// that was found, else with the manual's passages.
func (d *draft) symptom(e *evidence, ranked []candidate) {
	best := ranked[0]
	if d.rowOfSymptom(best) {
		return
	}
	d.passages(ranked[:min(len(ranked), maxItems)])
	if best.announced < namesSymptom {
		return // one item of a list does not make the list an answer
	}
	list := steps(best)
	if len(list) < 2 {
		list = stepsUnder(best)
	}
	if len(list) >= 2 {
		d.list(e, list)
	}
}

// rowOfSymptom answers with the rows of the symptom when the best that was found
// is a row of a troubleshooting table that describes it.
func (d *draft) rowOfSymptom(best candidate) bool {
	return best.kind == tableRow && best.coverage >= sameSymptom && d.troubleshootingRows(best)
}

// troubleshootingRows writes the rows of the symptom that the best row
// describes: the symptom itself, its causes, and a step per remedy.
func (d *draft) troubleshootingRows(best candidate) bool {
	g := best.grid
	if !g.has(structure.RoleRemedy, structure.RoleCause) {
		return false
	}
	name := g.rows[best.row].cells[0]
	if len(name) > 0 {
		d.Values = append(d.Values, Item{Text: best.page.text(name), Quotes: d.quote(best.page, name)})
	}
	from := best.row
	for from > 0 && sameName(g, from-1, name) {
		from--
	}
	for r := from; r < len(g.rows) && (r == best.row || sameName(g, r, name)); r++ {
		d.faultRow(best.page, g, r)
	}
	return len(d.Steps)+len(d.LikelyCauses) > 0
}

// sameName reports whether a row goes on with the symptom named by name: its
// first cell repeats it or is empty.
func sameName(g *grid, row int, name []int) bool {
	words := g.rows[row].cells[0]
	return len(words) == 0 || slices.Equal(words, name)
}

// faultRow adds the causes and remedies of one row.
func (d *draft) faultRow(p *page, g *grid, row int) {
	var cause []int
	for k, words := range g.rows[row].cells {
		if g.table.Columns[k].Role == structure.RoleCause {
			cause = words
		}
	}
	for k, words := range g.rows[row].cells {
		if g.table.Columns[k].Role == structure.RoleRemedy && len(words) > 0 {
			d.remedies(p, cause, words)
			cause = nil
		}
	}
	d.causes(p, cause)
}

func (d *draft) causes(p *page, words []int) {
	for _, part := range splitItems(p, words) {
		if len(d.LikelyCauses) < maxCauses && len(part) > 0 {
			d.LikelyCauses = append(d.LikelyCauses, Item{Text: p.text(part), Quotes: d.quote(p, part)})
		}
	}
}

// remedies adds a step per remedy. A step is titled with its cause only where
// the manual tells which one: it has one cause, or numbers both. Otherwise the
// causes are listed by themselves: a guessed pair is a wrong diagnosis.
func (d *draft) remedies(p *page, cause, words []int) {
	causes, remedies := splitItems(p, cause), splitItems(p, words)
	numbered := len(causes) == len(remedies) && len(causes) > 1 &&
		len(innerMarkers(p, cause)) == len(causes) && len(innerMarkers(p, words)) <= len(remedies)
	if len(causes) > 1 && !numbered {
		d.causes(p, cause)
	}
	heads := variantHeadings(p, words)
	var variant []int
	n := 0 // of the remedies that are none
	for i, part := range remedies {
		if len(d.Steps) == maxSteps {
			return
		}
		if heads[part[0]] {
			variant = part
			n++
			continue
		}
		s := Step{N: len(d.Steps) + 1, Instruction: p.text(part), Quotes: d.quote(p, part)}
		if len(causes) == 1 || numbered {
			title := causes[min(i-n, len(causes)-1)]
			s.Title = p.text(title)
			s.Quotes = append(s.Quotes, d.quote(p, title)...)
		}
		if variant != nil {
			s.Title = strings.Join(slices.DeleteFunc([]string{p.text(variant), s.Title}, func(t string) bool { return t == "" }), headingSpaces)
			s.Quotes = append(s.Quotes, d.quote(p, variant)...)
		}
		d.Steps = append(d.Steps, s)
	}
}

const variantWords = 8 // of the longest heading over a list in a cell

// variantHeadings returns the first words of the lines in a cell that head a list of
// their own, such as "Three-phase model:" over a list that begins with 1 again.
func variantHeadings(p *page, words []int) map[int]bool {
	heads := map[int]bool{}
	if len(words) == 0 {
		return heads
	}
	marks, starts := innerMarkers(p, words), itemStarts(p, words)
	for i := range words {
		if marks[i] || i > 0 && !starts[i] && !(endsLine(p, words[i-1], words[i]) && sentenceEnd.MatchString(p.pdf.Words[words[i-1]].Text)) {
			continue
		}
		next := i + 1
		for next < len(words) && !marks[next] {
			next++
		}
		if next == len(words) || next-i > variantWords {
			continue
		}
		first := firstItem.MatchString(p.pdf.Words[words[next]].Text) // or a bullet, under a colon
		if first || strings.HasSuffix(p.pdf.Words[words[next-1]].Text, ":") {
			heads[words[i]] = true
		}
	}
	return heads
}

var firstItem = regexp.MustCompile(`^\(?1[.)]+$`)

// itemStarts tells the lines of a cell that end because the text does from those
// that end because the cell does: after the former the next word would still
// have fitted. It returns the words that begin a new item.
func itemStarts(p *page, words []int) map[int]bool {
	right := p.cellRight(words[0])
	for _, w := range words {
		right = max(right, p.pdf.Words[w].Box.X1)
	}
	starts := map[int]bool{}
	for i := 1; i < len(words); i++ {
		a, b := p.pdf.Words[words[i-1]], p.pdf.Words[words[i]]
		if !endsLine(p, words[i-1], words[i]) {
			continue
		}
		room := right - a.Box.X1
		first, _ := utf8.DecodeRuneInString(b.Text)
		if room > (b.Box.X1-b.Box.X0)*1.3 && !unicode.IsLower(first) {
			starts[i] = true
		}
	}
	return starts
}

// endsLine reports whether the second of two words that follow each other stands on
// another line.
func endsLine(p *page, first, second int) bool {
	a, b := p.pdf.Words[first].Box, p.pdf.Words[second].Box
	return b.Y0 >= a.Y1-(a.Y1-a.Y0)/2
}

// splitItems cuts a cell at its own list markers, or else at the ends of its
// sentences and of lines that were broken before they were full.
func splitItems(p *page, words []int) [][]int {
	if len(words) == 0 {
		return nil
	}
	var out [][]int
	var cur []int
	marks := innerMarkers(p, words)
	if len(marks) == 0 {
		starts := itemStarts(p, words)
		for i, w := range words {
			ended := i > 0 && sentenceEnd.MatchString(p.pdf.Words[words[i-1]].Text) && !abbreviation.MatchString(p.pdf.Words[words[i-1]].Text)
			if len(cur) > 0 && (starts[i] || ended && len(cur) >= 3) {
				out, cur = append(out, cur), nil
			}
			cur = append(cur, w)
		}
		return append(out, cur)
	}
	heads := variantHeadings(p, words)
	for i, w := range words {
		if (marks[i] || heads[w]) && len(cur) > 0 {
			out, cur = append(out, cur), nil
		}
		if !marks[i] {
			cur = append(cur, w)
		}
	}
	if len(cur) > 0 {
		out = append(out, cur)
	}
	return out
}
