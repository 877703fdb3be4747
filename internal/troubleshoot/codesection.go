package troubleshoot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/techcopilot/techcopilot/internal/search"
)

// codeSection adds the items of a code's section as steps, those under a heading
// within it with that heading, and its first sentences as a passage. Items that stand
// side by side are the boxes of a flow chart, which has no order of its own: they are
// shown together and not as steps.
func (d *draft) codeSection(e *evidence, p *page, r search.CodeRow) {
	var body []int
	for _, f := range r.Fields {
		if f.Role == search.RoleOther {
			body = f.Words
		}
	}
	if len(body) == 0 {
		return
	}
	var own []statement
	for _, st := range p.statements() {
		if len(st.words) > 0 && slices.Contains(body, st.words[0]) {
			own = append(own, st)
		}
	}
	own = d.flowChart(own)
	for _, st := range own {
		if st.title || d.said(candidate{statement: st}) {
			continue
		}
		switch {
		case st.kind == listItem && len(d.Steps) < maxSteps:
			d.stepUnder(st, within(st.heading, body))
			d.sectionSteps = len(d.Steps)
		case st.kind == sentence && len(st.words) >= 4 && len(d.Passages) < maxItems:
			d.Passages = append(d.Passages, Item{Text: p.text(st.words), Quotes: d.quote(p, st.words)})
		}
	}
	d.overleaf(e, p, own)
}

// within returns a heading if it stands among the words, else nil.
func within(heading, words []int) []int {
	if len(heading) > 0 && slices.Contains(words, heading[0]) {
		return heading
	}
	return nil
}

// stepUnder adds an item as a step that is titled with the heading over it.
func (d *draft) stepUnder(st statement, heading []int) {
	n := len(d.Steps)
	d.step(st)
	if len(d.Steps) == n || len(heading) == 0 {
		return
	}
	s := &d.Steps[n]
	s.Title = st.page.text(heading)
	s.Quotes = append(s.Quotes, d.quote(st.page, heading)...)
}

// flowChart shows the items that stand side by side in one passage, and returns the
// other statements.
func (d *draft) flowChart(list []statement) []statement {
	var chart Item
	var texts []string
	var rest []statement
	for i, st := range list {
		if st.kind != listItem || !slices.ContainsFunc(list, func(o statement) bool { return o.kind == listItem && beside(&list[i], &o) }) {
			rest = append(rest, st)
			continue
		}
		words := withoutMarker(st.page, st.words)
		if len(words) == 0 {
			continue
		}
		texts = append(texts, st.page.text(words))
		chart.Quotes = append(chart.Quotes, d.quote(st.page, words)...)
	}
	if len(texts) > 0 {
		chart.Text = strings.Join(texts, headingSpaces)
		d.Passages = append(d.Passages, chart)
	}
	return rest
}

// beside reports whether two items begin at one height and at different places.
func beside(a, b *statement) bool {
	x, y := a.page.pdf.Words[a.words[0]].Box, b.page.pdf.Words[b.words[0]].Box
	overlap := min(x.Y1, y.Y1) - max(x.Y0, y.Y0)
	return a.page == b.page && 2*overlap > min(x.Y1-x.Y0, y.Y1-y.Y0) && (x.X1 < y.X0 || y.X1 < x.X0)
}

// overleaf follows a section over the end of its page: where a heading is the last that
// stands there, or the list goes on with the next number. A step that is left out
// silently is a trap.
func (d *draft) overleaf(e *evidence, p *page, own []statement) {
	own = slices.DeleteFunc(slices.Clone(own), func(st statement) bool { return !st.title && st.kind != listItem })
	if len(own) == 0 || len(d.Steps) == 0 {
		return
	}
	last := own[len(own)-1]
	if !p.lastOf(last) {
		return
	}
	var heading []int
	if last.title {
		heading = last.words
	}
	next := e.neighbour(p, 1)
	if next == nil {
		if last.title {
			d.Steps = append(d.Steps, Step{N: len(d.Steps) + 1, where: "page " + strconv.Itoa(p.pdf.Number+1)})
		}
		return
	}
	first := true
	for _, st := range next.statements() {
		if st.title || len(d.Steps) == maxSteps {
			return
		}
		if st.kind != listItem {
			continue
		}
		if first && !last.title && !follows(last, st) {
			return
		}
		first = false
		d.step(st)
		if s := &d.Steps[len(d.Steps)-1]; heading != nil {
			s.Title = p.text(heading)
			s.Quotes = append(s.Quotes, d.quote(p, heading)...)
		}
		d.sectionSteps = len(d.Steps)
	}
}

// lastOf reports whether nothing but the page's own number follows a statement.
func (v *page) lastOf(st statement) bool {
	from := st.words[len(st.words)-1]
	for _, l := range v.pdf.Lines {
		if l.First > from && l.Count > 0 && !pageNumber.MatchString(v.text(lineWords(l))) {
			return false
		}
	}
	return true
}

var (
	pageNumber   = regexp.MustCompile(`^\W*(?:(?:page|seite|página)\s*)?[\divxlc]{1,5}(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W*$`)
	dottedNumber = regexp.MustCompile(`^((?:\d{1,2}\.)*)(\d{1,2})[.)]*$`)
)

// follows reports whether an item has the number after that of another, at any depth:
// 1.4 after 1.3.
func follows(a, b statement) bool {
	x := dottedNumber.FindStringSubmatch(a.page.pdf.Words[a.words[0]].Text)
	y := dottedNumber.FindStringSubmatch(b.page.pdf.Words[b.words[0]].Text)
	if x == nil || y == nil || x[1] != y[1] {
		return false
	}
	m, _ := strconv.Atoi(x[2])
	n, _ := strconv.Atoi(y[2])
	return n == m+1
}
