package troubleshoot

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// warningWords begin a safety notice in the languages that manuals are printed
// in (the signal words of ANSI Z535 and ISO 3864, and their translations).
var warningWords = strings.Fields("danger warning caution gefahr warnung vorsicht achtung peligro advertencia precaución atención avertissement attention mise pericolo avvertenza attenzione perigo aviso cuidado gevaar waarschuwing let fara varning fare advarsel vaara varoitus tehlike uyari uyarı ostrzeżenie")

// maxWarningWords is the length from which a notice ends with its next sentence.
const maxWarningWords = 80

// definesSignal matches the sentences by which manuals explain their signal
// words; they warn of nothing.
var definesSignal = regexp.MustCompile(`(?i)\ba hazard (that|which)\b|\bindicates? an?\b|hazardous situation|\bbezeichnet (eine|die)\b|weist auf eine|\bindica (un|una)\b|\bindique une?\b`)

// warnings returns the safety notices of a page, each as the words it is
// printed with, in reading order.
func (v *page) warnings() [][]int {
	var out [][]int
	for i := 0; i < len(v.pdf.Lines); i++ {
		if !v.startsWarning(i) {
			continue
		}
		words := lineWords(v.pdf.Lines[i])
		k := i + 1
		for ; k < len(v.pdf.Lines); k++ {
			l, prev := &v.pdf.Lines[k], &v.pdf.Lines[k-1]
			if l.Count == 0 {
				continue
			}
			if v.startsWarning(k) || len(words) > 2 && v.leavesCells(words, l.First) || v.isHeading(k) && len(words) > 1 && !v.goesOn(words, k) || v.endsBefore(words, k) || apart(prev, l, len(words) <= 2) || len(words) > 2*maxWarningWords {
				break
			}
			words = append(words, lineWords(*l)...)
			if end := v.sentenceEndAfter(words, maxWarningWords); end > 0 {
				words = words[:end]
				k++
				break
			}
		}
		if len(words) >= 4 && !definesSignal.MatchString(v.text(words)) {
			out = append(out, words)
			i = k - 1
		}
	}
	return out
}

// goesOn reports whether a line that is set like a heading is the rest of a notice in
// bold: the words before it are of the same letters and end no sentence.
func (v *page) goesOn(words []int, line int) bool {
	last := words[len(words)-1]
	return !sentenceEnd.MatchString(v.pdf.Words[last].Text) && v.sameLetters(last, line)
}

// endsBefore reports whether the words are a notice by themselves: they end a sentence,
// and the line after them is of other letters or begins the first numbered step. What
// to do is no part of what it warns of.
func (v *page) endsBefore(words []int, line int) bool {
	last := words[len(words)-1]
	if len(words) <= 2 || !sentenceEnd.MatchString(v.pdf.Words[last].Text) {
		return false
	}
	numbered := func(w int) bool { return stepNumber.MatchString(v.pdf.Words[w].Text) }
	return numbered(v.pdf.Lines[line].First) && !slices.ContainsFunc(words, numbered) || !v.sameLetters(last, line)
}

// sameLetters reports whether a line is set like the line of a word.
func (v *page) sameLetters(word, line int) bool {
	of := slices.IndexFunc(v.pdf.Lines, func(l pdf.Line) bool { return word >= l.First && word < l.First+l.Count })
	a, b := v.pdf.Lines[of], v.pdf.Lines[line]
	const sameSize = 0.5 // points
	return a.Bold == b.Bold && math.Abs(a.FontSize-b.FontSize) < sameSize
}

// sentenceEndAfter returns the length of the words up to the end of the first sentence
// that ends beyond a length, 0 where none does.
func (v *page) sentenceEndAfter(words []int, length int) int {
	for i := length; i < len(words); i++ {
		if text := v.pdf.Words[words[i]].Text; sentenceEnd.MatchString(text) && !abbreviation.MatchString(text) {
			return i + 1
		}
	}
	return 0
}

// startsWarning reports whether a line begins with a signal word that is set as
// one: in capitals, or followed by a colon or exclamation mark.
func (v *page) startsWarning(i int) bool {
	l := v.pdf.Lines[i]
	for k := l.First; k < l.First+min(l.Count, 2); k++ {
		w := v.pdf.Words[k].Text
		if !slices.Contains(warningWords, textnorm.Key(w)) {
			if strings.ContainsFunc(w, unicode.IsLetter) {
				return false
			}
			continue // a sign before the word
		}
		capitals := strings.ToUpper(w) == w
		return capitals || strings.HasSuffix(w, ":") || strings.HasSuffix(w, "!") || strings.HasSuffix(w, "：") || l.Count == 1
	}
	return false
}

// apart reports whether a line is not the continuation of the one before. After
// a signal word that stands alone, more space is usual.
func apart(a, b *pdf.Line, alone bool) bool {
	limit := 1.0
	if alone {
		limit = 2.5
	}
	height := max(a.Box.Y1-a.Box.Y0, 1)
	d := b.Box.Y0 - a.Box.Y1
	return d > limit*height || d < -1.5*height
}

// addWarnings cites the safety notices of the pages that the answer quotes, word
// for word: those of the quoted sections first, so that a limit never costs the
// one that matters.
func (d *draft) addWarnings() {
	type notice struct {
		page  *page
		words []int
	}
	quoted := map[string]bool{}
	for _, quotes := range d.quoteLists() {
		for _, q := range quotes {
			if len(q.near) > 0 {
				quoted[d.pages[q.Citation].sectionAt(q.near[0])] = true
			}
		}
	}
	var same, other []notice
	for _, p := range d.pages {
		for _, words := range p.warnings() {
			if quoted[p.sectionAt(words[0])] {
				same = append(same, notice{p, words})
			} else {
				other = append(other, notice{p, words})
			}
		}
	}
	for _, n := range append(same, other...) {
		if len(d.Warnings) == maxWarnings {
			return
		}
		text := n.page.text(n.words)
		if !slices.ContainsFunc(d.Warnings, func(i Item) bool { return textnorm.Fold(i.Text) == textnorm.Fold(text) }) {
			d.Warnings = append(d.Warnings, Item{Text: text, Quotes: d.quoteWarning(n.page, n.words)})
		}
	}
}

// quoteWarning cites a notice. Where its signal word has a cell of its own, that
// and the text are two quotes.
func (d *draft) quoteWarning(p *page, words []int) []Quote {
	for i := 1; i < min(len(words), 4); i++ {
		if p.cell(words[i]) != p.cell(words[0]) {
			return append(d.quote(p, words[:i]), d.quote(p, words[i:])...)
		}
	}
	return d.quote(p, words)
}

// leavesCells reports whether a word stands in a cell that none of the words is
// in, or outside of their table.
func (v *page) leavesCells(words []int, next int) bool {
	cell := v.cell(next)
	return !slices.ContainsFunc(words, func(w int) bool { return v.cell(w) == cell })
}

// cell returns the first word of the first cell that holds a word, -1 for none.
func (v *page) cell(word int) int {
	if !v.inTable[word] {
		return -1
	}
	for _, t := range v.pdf.Tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				if slices.Contains(c.Words, word) {
					return c.Words[0]
				}
			}
		}
	}
	return -1
}
