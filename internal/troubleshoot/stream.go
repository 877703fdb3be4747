package troubleshoot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// joint is what stands between two characters of a text.
type joint uint8

const (
	glued  joint = iota // nothing
	spaced              // white space, or the end of a word
	broken              // a hyphen between letters, or the division of a word at a line's end
)

// quoted is a text in the form in which quotes are compared: folded as textnorm
// does, without white space and without the hyphens between letters, which are
// kept as joints. Signs, digits and units stay.
type quoted struct {
	text   string
	joints []joint // by byte of text: what stands before it
	// opens and closes say that a hyphen at the beginning or the end was dropped.
	opens, closes bool
}

// stream is a run of words of a page in reading order: the page as a whole, or
// one cell of a table.
type stream struct {
	quoted
	owner []int   // word of the page by byte of text
	cells [][]int // by word of the page: the cells of tables that hold it; nil in a cell's own stream
}

// weaver puts words together into a stream.
type weaver struct {
	text    strings.Builder
	joints  []joint
	owner   []int
	next    joint    // before the next character
	last    rune     // of the text
	hyphens []hyphen // after the last letter, not written yet
}

// hyphen is one that may be dropped: what stands before it, and its word.
type hyphen struct {
	before joint
	word   int
}

func (b *weaver) put(r rune, word int) {
	if r == '-' && (b.last == 0 || unicode.IsLetter(b.last) || len(b.hyphens) > 0) {
		// Whether it is dropped depends on what follows.
		b.hyphens = append(b.hyphens, hyphen{b.next, word})
		b.next = glued
		return
	}
	if len(b.hyphens) > 0 {
		if unicode.IsLetter(r) {
			b.hyphens, b.next = nil, broken
		} else {
			b.flush()
		}
	}
	b.write(r, word)
}

func (b *weaver) write(r rune, word int) {
	if b.next == broken && (!unicode.IsLetter(b.last) || !unicode.IsLetter(r)) {
		b.next = spaced
	}
	b.text.WriteRune(r)
	for range utf8.RuneLen(r) {
		b.joints, b.owner = append(b.joints, b.next), append(b.owner, word)
	}
	b.last, b.next = r, glued
}

// flush writes the hyphens that are no part of a word.
func (b *weaver) flush() {
	after := b.next
	for _, h := range b.hyphens {
		b.next = h.before
		b.write('-', h.word)
	}
	b.hyphens, b.next = nil, after
}

// add puts a word in. divided says that it goes on in the next one.
func (b *weaver) add(text string, word int, divided bool) {
	for i, f := range strings.Fields(textnorm.Fold(text)) {
		if i > 0 {
			b.next = spaced
		}
		for _, r := range f {
			b.put(r, word)
		}
	}
	b.next = spaced
	if divided {
		b.next = broken
	}
}

func newQuoted(quote string) quoted {
	var b weaver
	b.add(quote, 0, false)
	q := quoted{text: b.text.String(), joints: b.joints, closes: len(b.hyphens) > 0}
	first, _ := utf8.DecodeRuneInString(q.text)
	q.opens = unicode.IsLetter(first) && strings.HasPrefix(textnorm.Fold(quote), "-")
	return q
}

func newStream(p *pdf.Page, words []int, divided map[int]bool) stream {
	var b weaver
	for _, w := range words {
		b.add(p.Words[w].Text, w, divided[w])
	}
	b.flush()
	return stream{quoted: quoted{text: b.text.String(), joints: b.joints}, owner: b.owner}
}

// pageStreams returns what a quote of the page can stand in: the page in reading
// order, and the cells whose words do not follow each other on it.
func pageStreams(v *page) []stream {
	p := v.pdf
	divided := map[int]bool{}
	for _, l := range p.Lines {
		if l.SoftHyphen && l.Count > 0 {
			divided[l.First+l.Count-1] = true
		}
	}
	all := make([]int, len(p.Words))
	for i := range all {
		all[i] = i
		if t := p.Words[i].Text; strings.HasSuffix(t, "\u00ad") || strings.HasSuffix(t, "\u0002") {
			divided[i] = true
		}
	}
	page := newStream(p, all, divided)
	page.cells = make([][]int, len(p.Words))
	out := []stream{page}
	id := 0
	for _, t := range p.Tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				id++
				for _, w := range c.Words {
					page.cells[w] = append(page.cells[w], id)
				}
				if len(c.Words) > 1 && !consecutive(c.Words) {
					out = append(out, newStream(p, c.Words, divided))
				}
			}
		}
	}
	for _, t := range v.logical() {
		for k := range t.Columns {
			for _, s := range t.Columns[k].Words { // headings of which a cell held several
				if s.Page == p.Number && holds(all, s.Words) && !consecutive(s.Words) && !slices.ContainsFunc(out, func(o stream) bool { return slices.Equal(o.words(0, len(o.text)), s.Words) }) {
					out = append(out, newStream(p, s.Words, divided))
				}
			}
		}
	}
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

// oneCell reports whether words stand in one cell of a table, or all outside of
// tables: what a row's neighbours say together is not printed as a sentence.
func oneCell(cells [][]int, words []int) bool {
	in := cells[words[0]]
	if len(in) == 0 {
		return !slices.ContainsFunc(words, func(w int) bool { return len(cells[w]) > 0 })
	}
	return slices.ContainsFunc(in, func(id int) bool {
		return !slices.ContainsFunc(words, func(w int) bool { return !slices.Contains(cells[w], id) })
	})
}

// words returns the words that text[from:to] belongs to, in order.
func (s *stream) words(from, to int) []int { return slices.Compact(slices.Clone(s.owner[from:to])) }

// holds reports whether a quote whose characters stand at text[at:] is there
// word by word.
func (s *stream) holds(at int, q quoted) bool {
	end := at + len(q.text)
	if !s.wholeWords(at, end, q) || s.signBefore(at) {
		return false
	}
	prev := rune(0)
	for i, r := range q.text {
		if i > 0 && !agree(s.joints[at+i], q.joints[i], prev, r) && !(prev == '-' && q.rangeSign(i-1)) {
			return false
		}
		prev = r
	}
	return true
}

// rangeSign reports whether the hyphen at text[i] is written without space
// between two figures.
func (q quoted) rangeSign(i int) bool {
	before, _ := utf8.DecodeLastRuneInString(q.text[:i])
	return i > 0 && isAlnum(before) && q.joints[i] == glued && q.joints[i+1] == glued
}

// agree reports whether what the page has between two characters is what the
// quote has there. White space beside a sign and between a figure and its unit is
// typography; what makes one word or one figure of two is not ("not able" is not
// "no table", and "1" beside "5 A" is not "15 A").
func agree(page, quote joint, a, b rune) bool {
	switch {
	case page == quote, page == broken, page == spaced && quote == broken:
		return true
	case quote == broken:
		return false
	case isAlnum(a) && isAlnum(b):
		return unicode.IsDigit(a) && unicode.IsLetter(b)
	case unicode.IsDigit(a):
		return b != '.' && b != ','
	case unicode.IsDigit(b):
		return a != '.' && a != ',' && !(page == spaced && isSign(a))
	}
	return true
}

func isAlnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isSign reports whether a character before a figure changes it.
func isSign(r rune) bool { return strings.ContainsRune("-+±∓<>≤≥~≈", r) }

// wholeWords reports whether text[from:to] begins and ends where words do.
// Brackets and punctuation around a word may be left out; letters, digits, units
// and signs may not: a quote of "10 °C" does not stand on "-10 °C".
func (s *stream) wholeWords(from, to int, q quoted) bool {
	start, end := from, to
	for start > 0 && s.owner[start-1] == s.owner[from] {
		start--
	}
	for end < len(s.text) && s.owner[end] == s.owner[to-1] {
		end++
	}
	opening, closing := "([{\"'•·*#:;,=", ")]}.,;:!?*="
	if last, _ := utf8.DecodeLastRuneInString(s.text[:to]); !unicode.IsDigit(last) {
		closing += "\"'·" // after a figure they are units
	}
	if q.opens {
		opening += "-"
	}
	if q.closes {
		closing += "-"
	}
	return strings.Trim(s.text[start:from], opening) == "" && strings.Trim(s.text[to:end], closing) == ""
}

// signBefore reports whether a sign that stands by itself before text[at:]
// belongs to the figure there. Between two figures a hyphen is a range.
func (s *stream) signBefore(at int) bool {
	first, _ := utf8.DecodeRuneInString(s.text[at:])
	if at == 0 || !unicode.IsDigit(first) && first != '.' || s.owner[at-1] == s.owner[at] {
		return false
	}
	sign, n := utf8.DecodeLastRuneInString(s.text[:at])
	start := at - n
	if !isSign(sign) || start > 0 && s.owner[start-1] == s.owner[start] {
		return false
	}
	if start == 0 {
		return true
	}
	before := start - 1
	for before > 0 && s.owner[before-1] == s.owner[start-1] {
		before--
	}
	return sign != '-' || !textnorm.HasDigit(s.text[before:start]) && !s.unitOfFigure(before)
}

// unitOfFigure reports whether the word at text[at:] follows a figure.
func (s *stream) unitOfFigure(at int) bool {
	if at == 0 || !isUnit(s.wordAt(at)) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(s.text[:at])
	return unicode.IsDigit(last)
}

func (s *stream) wordAt(at int) string {
	end := at
	for end < len(s.text) && s.owner[end] == s.owner[at] {
		end++
	}
	return s.text[at:end]
}
