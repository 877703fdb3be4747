package eval

import (
	"strings"

	"github.com/techcopilot/techcopilot/internal/textnorm"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// What counts as the beginning of an answer: a phone shows about that much
// without scrolling. An item of more than itemWords counts with its beginning
// only, so that an item that holds a whole page does not count as an answer.
const (
	firstItems = 3
	firstWords = 200
	itemWords  = 100
)

// item is one thing that an answer shows.
type item struct {
	text   string
	quotes []troubleshoot.Quote
}

// shown lists what an answer states in the order in which it is shown: the
// code's meaning, values, steps, parts, likely causes, passages, warnings. The
// summary is not an item: it repeats the others.
func shown(a *troubleshoot.Answer) []item {
	var items []item
	add := func(quotes []troubleshoot.Quote, texts ...string) {
		items = append(items, item{strings.Join(strings.Fields(strings.Join(texts, " ")), " "), quotes})
	}
	if c := a.ErrorCode; c != nil {
		add(c.Quotes, c.Code, c.Meaning)
	}
	for _, v := range a.Values {
		add(v.Quotes, v.Label, v.Text)
	}
	for _, s := range a.Steps {
		add(s.Quotes, s.Title, s.Instruction, s.ExpectedResult)
	}
	for _, p := range a.Parts {
		add(p.Quotes, p.Name, p.PartNumber, p.Location, p.Why)
	}
	for _, list := range [][]troubleshoot.Item{a.LikelyCauses, a.Passages, a.Warnings} {
		for _, it := range list {
			add(it.Quotes, it.Label, it.Text)
		}
	}
	return items
}

// missing returns the required strings that stand neither in the first items nor
// in the first words of what is shown.
func missing(required []string, items []item) []string {
	return absent(absent(required, firstOf(items)), firstScreen(items))
}

// absent returns the strings that a text does not have.
func absent(required []string, text string) []string {
	text = textnorm.Fold(text)
	var out []string
	for _, s := range required {
		if !strings.Contains(text, textnorm.Fold(s)) {
			out = append(out, s)
		}
	}
	return out
}

// firstOf is what the first items say.
func firstOf(items []item) string {
	var head []string
	for _, it := range items[:min(len(items), firstItems)] {
		head = append(head, firstN(it.text, itemWords))
	}
	return strings.Join(head, " ")
}

// firstScreen is the beginning of what is shown.
func firstScreen(items []item) string {
	var all []string
	for _, it := range items {
		all = append(all, firstN(it.text, itemWords))
	}
	return firstN(strings.Join(all, " "), firstWords)
}

func firstN(s string, words int) string {
	f := strings.Fields(s)
	return strings.Join(f[:min(len(f), words)], " ")
}
