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

// displayed returns the codes and messages that drawn words among others show, in
// the order of their first words. A line that begins with what links codes ("or")
// begins another message.
func displayed(p *pdf.Page, words []int) []string {
	var drawn []int
	linked := map[int]bool{} // words that a link at the beginning of their line stands before
	for i, w := range words {
		if !isDrawn(&p.Words[w]) {
			continue
		}
		drawn = append(drawn, w)
		linked[w] = i > 0 && !isDrawn(&p.Words[words[i-1]]) && (i == 1 || !besides(p, words[i-2], w))
	}
	group := make([]int, len(drawn))
	for i := range drawn {
		group[i] = i
		for k := range i {
			if group[i] != group[k] && oneMessage(p, drawn[k], drawn[i], linked, words) {
				was, now := max(group[i], group[k]), min(group[i], group[k])
				for j := range i + 1 {
					if group[j] == was {
						group[j] = now
					}
				}
			}
		}
	}
	var out []string
	for i := range drawn {
		var texts []string
		for k := range drawn {
			if group[k] == i {
				texts = append(texts, p.Words[drawn[k]].Text)
			}
		}
		message := strings.Join(texts, " ")
		if strings.ContainsAny(message, wordSigns) || len(texts) < 2 {
			if len(texts) > 0 {
				out = append(out, message)
			}
			continue
		}
		out = append(out, texts...)
	}
	return out
}

// besides reports whether two words stand side by side.
func besides(p *pdf.Page, a, b int) bool {
	x, y := p.Words[a].Box, p.Words[b].Box
	return min(x.Y1, y.Y1)-max(x.Y0, y.Y0) > 0.5*min(x.Y1-x.Y0, y.Y1-y.Y0)
}

// oneMessage reports whether two drawn words, the second behind the first, may be of
// one message: they are of one size, in capitals, and next to each other or in
// lines that are, with no other word between.
func oneMessage(p *pdf.Page, a, b int, linked map[int]bool, words []int) bool {
	x, y := p.Words[a], p.Words[b]
	h := x.Box.Y1 - x.Box.Y0
	if math.Abs(y.Box.Y1-y.Box.Y0-h) > messageSize*h || strings.IndexFunc(x.Text+y.Text, unicode.IsLower) >= 0 {
		return false
	}
	if besides(p, a, b) {
		from, to := min(x.Box.X1, y.Box.X1), max(x.Box.X0, y.Box.X0)
		return to-from < messageSpace*h && !slices.ContainsFunc(words, func(w int) bool {
			m := (p.Words[w].Box.X0 + p.Words[w].Box.X1) / 2
			return !isDrawn(&p.Words[w]) && besides(p, w, b) && m > from && m < to
		})
	}
	return !linked[b] && y.Box.Y0 > x.Box.Y0 && y.Box.Y0-x.Box.Y0 < messageLead*h && math.Abs(y.Box.X0-x.Box.X0) < messageIndent*h
}

func isLink(word string) bool {
	return textnorm.Key(word) == "" || slices.Contains(codeLinks, textnorm.Fold(trimSigns(word)))
}

// drawnKeys returns the keys of a drawn code: its own first, then those of what
// nobody can tell from it. Segments show O as 0, I as 1, S as 5 and g as 9.
func drawnKeys(code string) []string {
	keys := []string{codeKey(code)}
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
