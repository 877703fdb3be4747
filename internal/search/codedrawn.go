package search

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// codeLinks may stand between codes of one row: "SA, SnA, or SnH".
var codeLinks = strings.Fields("or oder ou o of e and und et y")

// isDrawn reports whether a word is a code, or a part of a message, that is drawn as a
// display shows it. Lamps are drawn, too, and are none.
func isDrawn(w *pdf.Word) bool { return w.Drawn && lampMark(w.Text) == 0 }

// drawnCodes reads the codes at the beginning of words that are drawn as a display
// shows them: whatever is drawn so is no word of the language.
func drawnCodes(p *pdf.Page, words []int) (codes []string, taken int) {
	for i, w := range words {
		if isDrawn(&p.Words[w]) {
			taken = i + 1
		} else if !isLink(p.Words[w].Text) {
			break
		}
	}
	return displayed(p, words[:taken]), taken
}

const (
	// wordSigns are the letters that only a display for words shows: what has one is a
	// message, and its words and lines belong together.
	wordSigns = "BDKMNQRTVWXYZ"
	// In heights of a sign: how far apart words of a message are, side by side and one
	// above the other, and how much their sizes and left ends differ.
	messageSpace, messageLead, messageSize, messageIndent = 2.2, 1.8, 0.1, 1
)

// displayRun is a run of drawn words on one line that may be a part of a message.
type displayRun struct {
	words  []int
	texts  []string
	box    pdf.Box
	linked bool // what links codes ("or") begins its line
	joined bool // with a run above
}

// displayed returns the codes and messages that drawn words among others show, in
// the order in which they begin. A line that begins with what links codes begins
// another message.
func displayed(p *pdf.Page, words []int) []string {
	var runs []*displayRun
	for i, w := range words {
		if !isDrawn(&p.Words[w]) {
			continue
		}
		if n := len(runs); n > 0 && runs[n-1].goesOn(p, words, w) {
			last := runs[n-1]
			last.words, last.texts, last.box = append(last.words, w), append(last.texts, p.Words[w].Text), last.box.Union(p.Words[w].Box)
			continue
		}
		first := i == 1 || i > 1 && !besides(p.Words[words[i-2]].Box, p.Words[w].Box)
		linked := i > 0 && !isDrawn(&p.Words[words[i-1]]) && first
		runs = append(runs, &displayRun{words: []int{w}, texts: []string{p.Words[w].Text}, box: p.Words[w].Box, linked: linked})
	}
	var out []string
	for i, r := range runs {
		if r.joined {
			continue
		}
		texts := r.texts
		for last, k := r, i+1; k < len(runs); k++ {
			if next := runs[k]; !next.linked && !next.joined && last.above(next) {
				next.joined = true
				texts, last = slices.Concat(texts, next.texts), next
			}
		}
		if message := strings.Join(texts, " "); strings.ContainsAny(message, wordSigns) {
			out = append(out, message)
		} else {
			out = append(out, texts...)
		}
	}
	return out
}

// besides reports whether two boxes are side by side.
func besides(x, y pdf.Box) bool {
	return min(x.Y1, y.Y1)-max(x.Y0, y.Y0) > 0.5*min(x.Y1-x.Y0, y.Y1-y.Y0)
}

// goesOn reports whether a drawn word may be the next of the run: it has its size,
// and no other of the words is between.
func (r *displayRun) goesOn(p *pdf.Page, words []int, w int) bool {
	b := p.Words[w].Box
	gap := b.X0 - r.box.X1
	return r.alike(b, p.Words[w].Text) && besides(r.box, b) && gap > -0.5*(b.Y1-b.Y0) && gap < messageSpace*(b.Y1-b.Y0) &&
		!slices.ContainsFunc(words, func(o int) bool {
			x := (p.Words[o].Box.X0 + p.Words[o].Box.X1) / 2
			return !isDrawn(&p.Words[o]) && besides(p.Words[o].Box, b) && x > r.box.X1-1 && x < b.X0+1
		})
}

// alike reports whether a word may be of the same message by its size and case.
func (r *displayRun) alike(b pdf.Box, text string) bool {
	h := r.box.Y1 - r.box.Y0
	return math.Abs(b.Y1-b.Y0-h) <= messageSize*h && strings.IndexFunc(text+strings.Join(r.texts, ""), unicode.IsLower) < 0
}

// above reports whether a run may be the next line of the same message.
func (r *displayRun) above(o *displayRun) bool {
	h := r.box.Y1 - r.box.Y0
	return r.alike(o.box, strings.Join(o.texts, "")) && o.box.Y0 > r.box.Y0+0.5*h && o.box.Y0-r.box.Y0 < messageLead*h && math.Abs(o.box.X0-r.box.X0) < messageIndent*h
}

func isLink(word string) bool {
	return textnorm.Key(word) == "" || slices.Contains(codeLinks, textnorm.Fold(trimSigns(word)))
}

// drawnKeys returns the keys of a drawn code: its own first, then those of what
// nobody can tell from it. Segments show O as 0, I as 1, S as 5 and g as 9.
func drawnKeys(code string) []string {
	keys := []string{codeKey(code)}
	if strings.ContainsAny(code, wordSigns) {
		return keys // nobody takes the O of a word for a figure
	}
	for _, alike := range []*strings.Replacer{
		strings.NewReplacer("O", "0", "I", "1", "S", "5", "g", "9"),
		strings.NewReplacer("0", "O", "1", "I", "5", "S", "9", "g"),
		strings.NewReplacer("O", "0"), strings.NewReplacer("I", "1"), strings.NewReplacer("S", "5"),
	} {
		if k := codeKey(alike.Replace(code)); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// drawnHeading reads line i as drawn codes and nothing else, below a line that
// speaks of the display: "THE PANEL DISPLAYS: SA, SnA, or SnH".
func drawnHeading(p *pdf.Page, i int, above *codeHeading) (h codeHeading, ok bool) {
	marked := false
	for _, w := range lineWords(p, i) {
		switch word := p.Words[w]; {
		case isDrawn(&word):
			h.code = append(h.code, w)
		case isMarker(word.Text):
			marked = true
		case !isLink(word.Text):
			return h, false
		}
	}
	for k := max(0, i-2); k < i && !marked; k++ {
		marked = slices.ContainsFunc(lineWords(p, k), func(w int) bool { return isMarker(p.Words[w].Text) })
	}
	h.line, h.drawn = i, true
	h.codes = displayed(p, lineWords(p, i))
	return h, len(h.code) > 0 && (marked || above != nil && above.drawn && above.line == i-1)
}

// onlyLinks reports whether a line joins the codes of two lines, and says no more.
func onlyLinks(p *pdf.Page, line int) bool {
	return !slices.ContainsFunc(lineWords(p, line), func(w int) bool { return !isLink(p.Words[w].Text) })
}

// sentenceWords is how many words the sentence has at most that explains a drawn code.
const sentenceWords = 60

// firstSentence returns the words from a line on up to the end of a sentence.
func firstSentence(p *pdf.Page, first, end int) []int {
	var out []int
	for i := first; i < end && len(out) < sentenceWords; i++ {
		for _, w := range lineWords(p, i) {
			out = append(out, w)
			if strings.HasSuffix(p.Words[w].Text, ".") {
				return out
			}
		}
	}
	return nil
}

// enoughDrawn is the part of a column's filled cells that begin with a drawn code
// where it is one of codes, whatever its heading.
const enoughDrawn = 0.4

func drawnShare(p *pdf.Page, rows []pdf.Row, col int) float64 {
	filled, drawn := 0, 0
	for _, r := range rows {
		if col < 0 || col >= len(r.Cells) || len(r.Cells[col].Words) == 0 {
			continue
		}
		filled++
		if isDrawn(&p.Words[r.Cells[col].Words[0]]) {
			drawn++
		}
	}
	if drawn < 2 {
		return 0
	}
	return float64(drawn) / float64(filled)
}
