package troubleshoot

import (
	"regexp"
	"slices"
	"strconv"
)

// announces is the coverage from which a heading names the procedure that is
// asked for.
const announces = 0.5

// procedure gives the steps of the list that answers, in the manual's order, or
// the passages when the manual explains it in running text. A heading that names
// the procedure leads to its list, wherever single words of the question stand.
func (d *draft) procedure(e *evidence, ranked []candidate) {
	for _, c := range ranked {
		if c.title && c.known >= announces {
			if list := stepsUnder(c); len(list) >= 2 {
				d.list(e, list)
				d.Passages = append(d.Passages, d.item(c))
				return
			}
		}
	}
	best := ranked[0]
	list := steps(best)
	if len(list) < 2 {
		list = stepsUnder(best)
	}
	if len(list) >= 2 {
		if best.kind == sentence || best.kind == tableRow {
			d.Values = append(d.Values, d.item(best))
		}
		d.list(e, list)
	}
	d.explained(best)
	d.passages(ranked)
}

// shortestText is how many words a text has at least; a page's number has fewer.
const shortestText = 3

// explained shows, from its beginning, the text under the heading that names the
// procedure: how to undo it stands there as well, and is not to be taken for it.
func (d *draft) explained(best candidate) {
	if best.kind != sentence || best.announced < announces {
		return
	}
	heading := best.heading
	if best.title {
		heading = best.words
	}
	var paragraphs []candidate
	reached := best.title
	for _, st := range best.page.statements() {
		if st.title || st.kind != sentence || len(st.words) < shortestText || !slices.Equal(st.heading, heading) {
			continue
		}
		if n := len(paragraphs); n == 0 || paragraphs[n-1].block != st.block {
			if n == maxItems {
				break
			}
			paragraphs = append(paragraphs, candidate{statement: st})
		}
		reached = reached || st.words[0] == best.words[0]
	}
	if !reached {
		return
	}
	for _, c := range paragraphs {
		d.Passages = append(d.Passages, d.item(c))
	}
}

// steps returns the list that a candidate is an item of.
func steps(c candidate) []statement {
	if c.kind != listItem {
		return nil
	}
	return c.page.items(c.list)
}

// items returns the items of one list of the page.
func (v *page) items(list int) []statement {
	var out []statement
	for _, st := range v.statements() {
		if st.kind == listItem && st.list == list && st.list != 0 {
			out = append(out, st)
		}
	}
	return out
}

// stepsUnder returns the first list after a candidate under the same heading; of
// several the first with numbers, which are steps.
func stepsUnder(c candidate) []statement {
	heading := c.heading
	if c.title {
		heading = c.words
	}
	var lists [][]statement
	for _, st := range c.page.statements() {
		if st.kind != listItem || st.words[0] < c.words[0] || !slices.Equal(st.heading, heading) {
			continue
		}
		if n := len(lists); n > 0 && lists[n-1][0].list == st.list {
			lists[n-1] = append(lists[n-1], st)
			continue
		}
		lists = append(lists, []statement{st})
	}
	for _, l := range lists {
		if len(l) >= 2 && l[0].ordered {
			return l
		}
	}
	if len(lists) > 0 {
		return lists[0]
	}
	return nil
}

var printedNumber = regexp.MustCompile(`^\(?(\d{1,2})[.):]`)

// number returns the printed number of an item, 0 when it has none.
func (s *statement) number() int {
	m := printedNumber.FindStringSubmatch(s.page.pdf.Words[s.words[0]].Text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// list adds the items of a list as steps. A numbered list is followed over the
// page's edges, keeps its printed numbers, and says where its beginning stands
// when that was not found: a procedure without its first steps is a trap.
func (d *draft) list(e *evidence, list []statement) {
	list = e.before(list)
	list = e.after(list)
	numbered := true
	for i := range list {
		numbered = numbered && list[i].number() == list[0].number()+i
	}
	first := list[0].number()
	if numbered && first > 1 {
		d.Steps = append(d.Steps, Step{N: first - 1, where: d.pageBefore(list[0])})
	}
	for i, st := range list {
		if len(d.Steps) == maxSteps {
			return
		}
		if d.said(candidate{statement: st}) {
			continue
		}
		d.step(st)
		if numbered && first > 0 {
			d.Steps[len(d.Steps)-1].N = first + i
		}
	}
}

// pageBefore names where a list that does not begin with its first step may
// begin.
func (d *draft) pageBefore(st statement) string {
	return "from page " + strconv.Itoa(max(st.page.pdf.Number-1, 1)) + " on, before you go on"
}

// neighbourPages is how far a numbered list is followed in each direction.
const neighbourPages = 3

// before puts the items of the pages before in front of a numbered list that
// does not begin with 1.
func (e *evidence) before(list []statement) []statement {
	for range neighbourPages {
		first := list[0].number()
		if first <= 1 {
			return list
		}
		if earlier := list[0].page.endingWith(first-1, list[0].list); earlier != nil {
			list = append(earlier, list...)
			continue
		}
		p := e.neighbour(list[0].page, -1)
		if p == nil {
			return list
		}
		earlier := p.endingWith(first-1, 0)
		if earlier == nil {
			return list
		}
		list = append(earlier, list...)
	}
	return list
}

// endingWith returns the last list of the page whose last item has the number;
// before names a list that it has to stand before, 0 for none.
func (v *page) endingWith(number, before int) []statement {
	var out []statement
	seen := map[int]bool{}
	for _, st := range v.statements() {
		if st.kind != listItem || seen[st.list] {
			continue
		}
		seen[st.list] = true
		if before != 0 && st.list >= before {
			break
		}
		if items := v.items(st.list); len(items) > 0 && items[len(items)-1].number() == number {
			out = items
		}
	}
	return slices.Clone(out)
}

// after adds the items of the pages after to a numbered list that ends its page.
func (e *evidence) after(list []statement) []statement {
	for range neighbourPages {
		last := list[len(list)-1]
		n := last.number()
		if n == 0 || !last.endsPage() {
			return list
		}
		p := e.neighbour(last.page, 1)
		if p == nil {
			return list
		}
		later := p.beginningWith(n + 1)
		if later == nil {
			return list
		}
		list = append(list, later...)
	}
	return list
}

// endsPage reports whether no other list or heading follows an item on its page.
func (s *statement) endsPage() bool {
	for _, st := range s.page.statements() {
		if st.kind == listItem && st.list != s.list && st.words[0] > s.words[0] && st.number() == 1 {
			return false
		}
	}
	return true
}

// beginningWith returns the first numbered list of the page if it begins with
// the number.
func (v *page) beginningWith(number int) []statement {
	for _, st := range v.statements() {
		if st.kind == listItem && st.ordered {
			if st.number() == number {
				return v.items(st.list)
			}
			return nil
		}
	}
	return nil
}

// step adds an item of a list as a step, without its marker.
func (d *draft) step(st statement) {
	words := withoutMarker(st.page, st.words)
	if len(words) == 0 {
		return
	}
	d.Steps = append(d.Steps, Step{N: len(d.Steps) + 1, Instruction: st.page.text(words), Quotes: d.quote(st.page, words)})
}

func withoutMarker(p *page, words []int) []int {
	for len(words) > 1 {
		w := p.pdf.Words[words[0]].Text
		if !itemMarker.MatchString(w) && !stepNumber.MatchString(w) || p.isSign(words[0], words[1]) {
			break
		}
		words = words[1:]
	}
	return words
}
