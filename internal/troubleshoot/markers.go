package troubleshoot

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// innerMarker matches what may mark an item inside a cell.
var innerMarker = regexp.MustCompile(`^(?:\(?\d{1,2}[.)]+|[•●▪■►▶]|\d{1,2}\)\.|[-–])$`)

// innerMarkers returns the positions of the words that mark the items of a cell.
// A number at the end of a sentence ("Set it to 5."), the dash of a range and a
// sign before a figure look the same; losing one would change what is said.
func innerMarkers(p *page, words []int) map[int]bool {
	marks := map[int]bool{}
	dashed := isDash(p.pdf.Words[words[0]].Text)
	number := 0
	for i, w := range words {
		text := p.pdf.Words[w].Text
		if !innerMarker.MatchString(text) || i > 0 && i+1 == len(words) || i+1 < len(words) && p.isSign(w, words[i+1]) {
			continue
		}
		begins := i == 0 || marks[i-1]
		if !begins {
			before := p.pdf.Words[words[i-1]]
			newLine := p.pdf.Words[w].Box.Y0 >= (before.Box.Y0+before.Box.Y1)/2
			ended := sentenceEnd.MatchString(before.Text) && !abbreviation.MatchString(before.Text)
			begins = newLine || ended || strings.HasSuffix(before.Text, ";") || strings.HasSuffix(before.Text, ":")
		}
		n, err := strconv.Atoi(strings.Trim(text, "().:"))
		switch {
		case err == nil:
			again := n == 1 && number > 0 && begins // under the heading of another variant
			next := i == 0 || n == number+1 || again
			marks[i] = next && (begins || strings.HasSuffix(text, ")") && number > 0)
			if marks[i] {
				number = n
			}
		case isDash(text):
			marks[i] = begins || dashed
		default:
			marks[i] = true
		}
		if !marks[i] {
			delete(marks, i)
		}
	}
	return marks
}

func isDash(w string) bool { return w == "-" || w == "–" }

// isSign reports whether a word is a sign that belongs to the figure after it:
// "- 10 °C". Where it could as well mark an item, it stays with the figure.
func (v *page) isSign(word, next int) bool {
	sign, n := utf8.DecodeRuneInString(v.pdf.Words[word].Text)
	first, _ := utf8.DecodeRuneInString(v.pdf.Words[next].Text)
	return n == len(v.pdf.Words[word].Text) && (isSign(sign) || sign == '–' || sign == '—' || sign == '−') && unicode.IsDigit(first)
}
