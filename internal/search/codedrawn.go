package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// codeLinks may stand between codes of one row: "SA, SnA, or SnH".
var codeLinks = strings.Fields("or oder ou o of e and und et y")

// drawnCodes reads the codes at the beginning of words that are drawn as a display
// shows them: whatever is drawn so is no word of the language.
func drawnCodes(p *pdf.Page, words []int) (codes []string, taken int) {
	for i, w := range words {
		switch {
		case p.Words[w].Drawn:
			codes, taken = append(codes, p.Words[w].Text), i+1
		case !isLink(p.Words[w].Text):
			return codes, taken
		}
	}
	return codes, taken
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
		case word.Drawn:
			h.codes, h.code = append(h.codes, word.Text), append(h.code, w)
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
	return h, len(h.codes) > 0 && (marked || above != nil && above.drawn && above.line == i-1)
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
		if p.Words[r.Cells[col].Words[0]].Drawn {
			drawn++
		}
	}
	if drawn < 2 {
		return 0
	}
	return float64(drawn) / float64(filled)
}
