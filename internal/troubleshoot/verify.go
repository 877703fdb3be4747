package troubleshoot

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// verifierVersion changes whenever the rules below do, so that no answer checked
// by older rules is served from the cache.
const verifierVersion = 5

// verifier checks an answer against the pages it cites. It trusts no writer.
type verifier struct {
	pages   map[pageKey]*page
	streams map[pageKey][]stream
}

type pageKey struct {
	manual uuid.UUID
	number int
}

func newVerifier(pages []*page) *verifier {
	v := &verifier{pages: map[pageKey]*page{}, streams: map[pageKey][]stream{}}
	for _, p := range pages {
		v.pages[pageKey{p.manual, p.pdf.Number}] = p
	}
	return v
}

func (v *verifier) pageStreams(key pageKey) []stream {
	if s, ok := v.streams[key]; ok {
		return s
	}
	out := pageStreams(v.pages[key])
	v.streams[key] = out
	return out
}

// find returns the words of the page that carry the quote: contiguous, in
// order, whole words, of one cell where they stand in a table. near orders
// several places: the one that holds the most of those words wins; nil for the
// first. ok is false when the quote does not stand there.
func (v *verifier) find(key pageKey, quote string, near []int) (words []int, ok bool) {
	best := -1
	for got := range v.runs(key, quote) {
		if len(near) == 0 {
			return got, true
		}
		shared := 0
		for _, w := range got {
			if slices.Contains(near, w) {
				shared++
			}
		}
		if shared > best {
			best, words = shared, got
		}
	}
	return words, best >= 0
}

// runs yields the words of each place of the page where the quote stands.
func (v *verifier) runs(key pageKey, quote string) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		if v.pages[key] == nil || textnorm.Key(quote) == "" {
			return
		}
		want := newQuoted(quote)
		for _, s := range v.pageStreams(key) {
			for from := 0; ; {
				i := strings.Index(s.text[from:], want.text)
				if i < 0 {
					break
				}
				i += from
				from = i + 1
				if !s.holds(i, want) {
					continue
				}
				got := s.words(i, i+len(want.text))
				if s.cells != nil && !oneCell(s.cells, got) {
					continue
				}
				if !yield(got) {
					return
				}
			}
		}
	}
}

// verify accepts or drops every item of an answer and fills in the boxes of the
// accepted quotes. A step of an ordered procedure that fails stays in its place,
// marked: a silently missing step can kill.
func (v *verifier) verify(a *Answer) {
	written, accepted := 0, 0
	check := func(quotes *[]Quote, texts ...string) bool {
		written++
		if !v.quotes(a, quotes) || !numbersQuoted(*quotes, texts...) {
			return false
		}
		accepted++
		return true
	}
	if c := a.ErrorCode; c != nil {
		switch {
		case c.Correction != nil:
			written++
			if !v.corrected(a, c) {
				a.ErrorCode = nil
				break
			}
			accepted++
		case !check(&c.Quotes, c.Meaning):
			a.ErrorCode = nil
		case !v.codeQuoted(a, c):
			a.ErrorCode = nil
			accepted--
		}
	}
	items := func(list []Item) []Item {
		var kept []Item
		for _, i := range list {
			if i.Correction.states(i.Text) {
				i.Quotes = v.standing(a, i.Quotes)
				written, accepted, kept = written+1, accepted+1, append(kept, i)
			} else if check(&i.Quotes, i.Label, i.Text) {
				kept = append(kept, i)
			}
		}
		return kept
	}
	var values []Item
	for _, i := range items(a.Values) {
		if i.Correction == nil && !v.cells(a, &i) {
			accepted--
			continue
		}
		values = append(values, i)
	}
	a.Values = values
	a.LikelyCauses, a.Passages, a.Warnings = items(a.LikelyCauses), items(a.Passages), items(a.Warnings)
	var parts []PartItem
	for _, p := range a.Parts {
		if p.Correction != nil {
			if p.Quotes = v.standing(a, p.Quotes); numbersQuoted(p.Quotes, p.Correction.without(p.Name, p.stated(), p.Location, p.Why)...) {
				written, accepted, parts = written+1, accepted+1, append(parts, p)
			}
		} else if check(&p.Quotes, p.Name, p.stated(), p.Location, p.Why) {
			parts = append(parts, p)
		}
	}
	a.Parts = parts
	for i := range a.Steps {
		s := &a.Steps[i]
		var ok bool
		if s.Correction.states(s.Title) || s.Correction.states(s.Instruction) {
			if ok = v.shopStep(a, s); ok {
				accepted++
			}
			written++
		} else {
			ok = check(&s.Quotes, s.Title, s.Instruction, s.ExpectedResult)
		}
		if !ok {
			where := s.where
			if len(s.Quotes) > 0 {
				where = v.where(a, s.Quotes[0].Citation)
			}
			*s = Step{N: s.N, Unverified: true, where: where, Instruction: "This step could not be verified: read it " + cmp.Or(where, "in the manual") + "."}
		} else {
			s.Unverified = false
		}
	}
	if !slices.ContainsFunc(a.Steps, func(s Step) bool { return !s.Unverified }) {
		a.Steps = nil
	}
	a.Coverage = 1
	if written > 0 {
		a.Coverage = float64(accepted) / float64(written)
	}
	a.Dropped = written - accepted
	v.dropUnusedCitations(a)
}

// where names the cited page for a reader, "" when it is not among those that
// the answer was written from.
func (v *verifier) where(a *Answer, citation int) string {
	if citation < 0 || citation >= len(a.Citations) {
		return ""
	}
	c := a.Citations[citation]
	if v.pages[pageKey{c.ManualID, c.Page}] == nil {
		return ""
	}
	return "on " + a.pageName(citation)
}

// quotes checks each quote of an item; an item needs all of them.
func (v *verifier) quotes(a *Answer, quotes *[]Quote) bool {
	if len(*quotes) == 0 {
		return false
	}
	*quotes = slices.Clone(*quotes) // two items may share them
	for i := range *quotes {
		q := &(*quotes)[i]
		if q.Citation < 0 || q.Citation >= len(a.Citations) {
			return false
		}
		c := a.Citations[q.Citation]
		key := pageKey{c.ManualID, c.Page}
		words, ok := v.find(key, q.Text, q.near)
		if !ok {
			return false
		}
		q.place(v.pages[key].pdf, words)
	}
	return true
}

// place notes where a quote stands.
func (q *Quote) place(p *pdf.Page, words []int) {
	q.at = words
	q.Boxes, q.Confidence, q.Doubtful = lineBoxes(p, words), confidence(p, words), doubtfulFigures(p, words)
	q.Drawn = slices.ContainsFunc(words, func(w int) bool { return p.Words[w].Drawn })
}

// lineBoxes returns one box per line that the words stand on.
func lineBoxes(p *pdf.Page, words []int) []pdf.Box {
	var out []pdf.Box
	last := -1
	for _, w := range words {
		line := p.LineOf(w)
		if line != last || len(out) == 0 {
			out = append(out, p.Words[w].Box)
			last = line
			continue
		}
		out[len(out)-1] = out[len(out)-1].Union(p.Words[w].Box)
	}
	return out
}

// dropUnusedCitations keeps the citations that a quote points to, in the order
// of the answer, and gives each the boxes of its quotes.
func (v *verifier) dropUnusedCitations(a *Answer) {
	var kept []Citation
	index := map[int]int{}
	for _, quotes := range a.quoteLists() {
		for i := range quotes {
			q := &quotes[i]
			at, ok := index[q.Citation]
			if !ok {
				at = len(kept)
				index[q.Citation] = at
				c := a.Citations[q.Citation]
				c.Boxes = nil
				kept = append(kept, c)
			}
			q.Citation = at
			kept[at].Boxes = append(kept[at].Boxes, q.Boxes...)
		}
	}
	a.Citations = kept
}

// quoteLists returns the quotes of every item in the order in which the answer
// is shown.
func (a *Answer) quoteLists() [][]Quote {
	var out [][]Quote
	if a.ErrorCode != nil {
		out = append(out, a.ErrorCode.Quotes)
	}
	for _, i := range a.Values {
		out = append(out, i.Quotes)
	}
	for _, s := range a.Steps {
		out = append(out, s.Quotes)
	}
	for _, p := range a.Parts {
		out = append(out, p.Quotes)
	}
	for _, list := range [][]Item{a.LikelyCauses, a.Passages, a.Warnings} {
		for _, i := range list {
			out = append(out, i.Quotes)
		}
	}
	return out
}
