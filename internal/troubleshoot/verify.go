package troubleshoot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// verifierVersion changes whenever the rules below do, so that no answer checked
// by older rules is served from the cache.
const verifierVersion = 1

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

// stream is a run of words of a page in reading order, folded and joined, with
// the word of every byte: the page as a whole, or one cell of a table.
type stream struct {
	text  string
	owner []int // word index by byte of text
}

// fold makes the text that quotes are compared in: folded as textnorm does,
// without white space, and without the hyphens between two letters, so that a
// word broken by a line's end is the word. Signs, digits and units stay.
func fold(s string) string { return dropHyphens(strings.ReplaceAll(textnorm.Fold(s), " ", "")) }

var letterHyphens = regexp.MustCompile(`(\p{L})-+(\p{L})`)

func dropHyphens(s string) string {
	for {
		t := letterHyphens.ReplaceAllString(s, "$1$2")
		if t == s {
			return s
		}
		s = t
	}
}

func newStream(p *pdf.Page, words []int) stream {
	var b strings.Builder
	var owner []int
	for _, w := range words {
		f := strings.ReplaceAll(textnorm.Fold(p.Words[w].Text), " ", "")
		b.WriteString(f)
		for range len(f) {
			owner = append(owner, w)
		}
	}
	// Drop the hyphens between letters from the text and the owners alike.
	text := b.String()
	runes := []rune(text)
	var out strings.Builder
	var kept []int
	at := 0
	for i, r := range runes {
		n := len(string(r))
		if r == '-' && i > 0 && i+1 < len(runes) && unicode.IsLetter(before(runes, i)) && unicode.IsLetter(after(runes, i)) {
			at += n
			continue
		}
		out.WriteRune(r)
		kept = append(kept, owner[at:at+n]...)
		at += n
	}
	return stream{text: out.String(), owner: kept}
}

// before and after skip over a run of hyphens.
func before(r []rune, i int) rune {
	for i > 0 && r[i] == '-' {
		i--
	}
	return r[i]
}

func after(r []rune, i int) rune {
	for i < len(r)-1 && r[i] == '-' {
		i++
	}
	return r[i]
}

func (v *verifier) pageStreams(key pageKey) []stream {
	if s, ok := v.streams[key]; ok {
		return s
	}
	p := v.pages[key].pdf
	all := make([]int, len(p.Words))
	for i := range all {
		all[i] = i
	}
	out := []stream{newStream(p, all)}
	for _, t := range p.Tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				if len(c.Words) > 1 && !consecutive(c.Words) {
					out = append(out, newStream(p, c.Words))
				}
			}
		}
	}
	v.streams[key] = out
	return out
}

func consecutive(words []int) bool {
	for i := 1; i < len(words); i++ {
		if words[i] != words[i-1]+1 {
			return false
		}
	}
	return true
}

// find returns the words of the page that carry the quote: contiguous, in
// order, whole words. near orders several places: the one that holds the most
// of those words wins; nil for the first. ok is false when the quote does not
// stand there.
func (v *verifier) find(key pageKey, quote string, near []int) (words []int, ok bool) {
	if v.pages[key] == nil {
		return nil, false
	}
	want := fold(quote)
	if w, hyphen := strings.CutSuffix(want, "-"); hyphen {
		want = w // the quote ends where a line broke a word
	}
	if want == "" {
		return nil, false
	}
	best := -1
	for _, s := range v.pageStreams(key) {
		for from := 0; ; {
			i := strings.Index(s.text[from:], want)
			if i < 0 {
				break
			}
			i += from
			from = i + 1
			if !s.wholeWords(i, i+len(want)) {
				continue
			}
			var got []int
			for _, w := range s.owner[i : i+len(want)] {
				if len(got) == 0 || got[len(got)-1] != w {
					got = append(got, w)
				}
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
			if len(near) == 0 {
				return words, true
			}
		}
	}
	return words, best >= 0
}

// wholeWords reports whether text[from:to] begins and ends where words do. Signs
// around a word may be left out, letters and digits may not: a quote of "10 °C"
// does not stand on "-10 °C".
func (s stream) wholeWords(from, to int) bool {
	if from > 0 && s.owner[from-1] == s.owner[from] && !openingSign(s.text[:from]) {
		return false
	}
	if to < len(s.text) && s.owner[to] == s.owner[to-1] && !closingSign(s.text[to:]) {
		return false
	}
	return true
}

// openingSign reports whether what stands before a quote inside its first word
// is only typography.
func openingSign(before string) bool {
	r := []rune(before)
	last := r[len(r)-1]
	return strings.ContainsRune("([{\"'•·*#:;,/=", last)
}

func closingSign(after string) bool {
	first := []rune(after)[0]
	return strings.ContainsRune(")]}\"'.,;:!?*/·=", first)
}

// verify accepts or drops every item of an answer and fills in the boxes of the
// accepted quotes. A step of an ordered procedure that fails stays in its place,
// marked: a silently missing step can kill.
func (v *verifier) verify(a *Answer) {
	written, accepted := 0, 0
	check := func(text string, quotes *[]Quote) bool {
		written++
		if !v.quotes(a, quotes) || !numbersQuoted(text, *quotes) {
			return false
		}
		accepted++
		return true
	}
	if c := a.ErrorCode; c != nil && !check(c.Meaning, &c.Quotes) {
		a.ErrorCode = nil
	}
	items := func(list []Item) []Item {
		return slices.DeleteFunc(list, func(i Item) bool { return !check(i.Label+" "+i.Text, &i.Quotes) })
	}
	a.Values, a.LikelyCauses, a.Passages, a.Warnings = items(a.Values), items(a.LikelyCauses), items(a.Passages), items(a.Warnings)
	a.Parts = slices.DeleteFunc(a.Parts, func(p PartItem) bool { return !check(p.Name+" "+p.PartNumber+" "+p.Location, &p.Quotes) })
	for i := range a.Steps {
		s := &a.Steps[i]
		if !check(s.Title+" "+s.Instruction+" "+s.ExpectedResult, &s.Quotes) {
			where := ""
			if len(s.Quotes) > 0 {
				where = a.pageName(s.Quotes[0].Citation)
			}
			*s = Step{N: s.N, Unverified: true, Instruction: strings.TrimSpace("This step could not be verified: read it on " + cmpOr(where, "the cited page") + ".")}
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

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// quotes checks each quote of an item; an item needs all of them.
func (v *verifier) quotes(a *Answer, quotes *[]Quote) bool {
	if len(*quotes) == 0 {
		return false
	}
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
		q.Boxes = lineBoxes(v.pages[key].pdf, words)
	}
	return true
}

// lineBoxes returns one box per line that the words stand on.
func lineBoxes(p *pdf.Page, words []int) []pdf.Box {
	var out []pdf.Box
	last := -1
	for _, w := range words {
		line := lineOf(p, w)
		if line != last || len(out) == 0 {
			out = append(out, p.Words[w].Box)
			last = line
			continue
		}
		out[len(out)-1] = out[len(out)-1].Union(p.Words[w].Box)
	}
	return out
}

func lineOf(p *pdf.Page, w int) int {
	i, ok := slices.BinarySearchFunc(p.Lines, w, func(l pdf.Line, w int) int {
		switch {
		case l.First+l.Count <= w:
			return -1
		case l.First > w:
			return 1
		}
		return 0
	})
	if !ok {
		return -1
	}
	return i
}

// figure matches what must be quoted to be said: every run of letters, digits
// and inner signs that has a digit, with its sign.
var figure = regexp.MustCompile(`[-+±≤≥<>]?[\p{L}\d]*\d[\p{L}\d.,/°%-]*`)

// numbersQuoted reports whether every figure of a text (a number with its unit,
// a code, a part number, a terminal) stands in its quotes.
func numbersQuoted(text string, quotes []Quote) bool {
	var all strings.Builder
	for _, q := range quotes {
		all.WriteString(textnorm.Fold(q.Text))
		all.WriteByte(' ')
	}
	quoted := figures(all.String())
	for _, f := range figures(textnorm.Fold(text)) {
		if !slices.Contains(quoted, f) {
			return false
		}
	}
	return true
}

func figures(folded string) []string {
	out := figure.FindAllString(folded, -1)
	for i := range out {
		out[i] = strings.TrimRight(out[i], ".,/-")
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
				kept = append(kept, a.Citations[q.Citation])
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
