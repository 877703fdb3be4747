package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// What a screen says in words is printed below "Screen says", as it looks, or in a
// question: "What should I do if the screen shows 'Cannot display this mode'?"

var (
	screenNouns = strings.Fields("screen display monitor panel anzeige bildschirm écran afficheur pantalla visor schermo scherm beeldscherm")
	showVerbs   = strings.Fields("says shows displays reads shown displayed zeigt meldet affiche indique muestra indica mostra visualizza toont")
)

const (
	// saysWords is how many words a line has at most that announces a message.
	saysWords = 6
	// messageLines is how many lines the message has at most, or a question from the
	// line that the message begins in.
	messageLines = 3
	quotedWords  = 10
)

// messageHeading reads line i as the heading of what a screen says.
func messageHeading(p *pdf.Page, i int) (codeHeading, bool) {
	if h, ok := announcedMessage(p, i); ok {
		return h, true
	}
	return askedMessage(p, i)
}

// announcedMessage reads the lines in capitals below one that says "Screen says".
func announcedMessage(p *pdf.Page, i int) (codeHeading, bool) {
	h := codeHeading{line: i, form: FormMessage}
	l := p.Lines[i]
	if l.Count < 2 || l.Count > saysWords {
		return h, false
	}
	tokens := textnorm.Tokens(p.LineText(i))
	if len(tokens) == 0 || !slices.Contains(showVerbs, tokens[len(tokens)-1]) || !containsAny(tokens, screenNouns) {
		return h, false
	}
	for k := i + 1; k < min(len(p.Lines), i+1+messageLines); k++ {
		words := lineWords(p, k)
		if len(words) == 0 || p.Lines[k].Cipher || !printedMessage(wordTexts(p, words)) || slices.ContainsFunc(words, func(w int) bool { return isDrawn(&p.Words[w]) }) {
			break
		}
		h.line, h.code = k, append(h.code, words...)
	}
	h.codes = []string{strings.Join(wordTexts(p, h.code), " ")}
	return h, len(h.code) > 0
}

// quoteSigns are around what is quoted.
const quoteSigns = "'\"‘’‚“”„«»`´"

// askedMessage reads the message that a question quotes and that begins in line i.
func askedMessage(p *pdf.Page, i int) (codeHeading, bool) {
	h := codeHeading{line: i, form: FormMessage}
	if p.Lines[i].Count == 0 || p.Lines[i].Cipher {
		return h, false
	}
	for _, w := range lineWords(p, i) {
		if !opensWith(p.Words[w].Text, quoteSigns) || !announced(p, w) {
			continue
		}
		last := i
		for at := w; at < len(p.Words) && at-w < quotedWords; at++ {
			if at >= p.Lines[last].First+p.Lines[last].Count {
				if last++; last == len(p.Lines) || last >= i+messageLines || p.Lines[last].First != at {
					break
				}
			}
			h.code = append(h.code, at)
			text := p.Words[at].Text
			end := strings.TrimRight(text, "?.!")
			quoted := at > w && closesWith(end, quoteSigns) || len(end) > 1 && at == w && closesWith(end, quoteSigns)
			asked := strings.HasSuffix(strings.TrimRight(text, quoteSigns), "?")
			if !quoted && !asked {
				continue
			}
			if !asked && !strings.Contains(strings.Join(wordTexts(p, restOfLine(p, last, at)), " "), "?") {
				break // no question, but a sentence about it
			}
			h.line = last
			h.codes = []string{strings.Trim(strings.Join(wordTexts(p, h.code), " "), quoteSigns+"?.!")}
			return h, len(textnorm.Tokens(h.codes[0])) >= 2
		}
		return h, false
	}
	return h, false
}

// announced reports whether the words before w say that a screen shows what follows.
func announced(p *pdf.Page, w int) bool {
	const before = 4
	var tokens []string
	for k := max(0, w-before); k < w; k++ {
		tokens = append(tokens, textnorm.Tokens(p.Words[k].Text)...)
	}
	return containsAny(tokens, showVerbs) && containsAny(tokens, screenNouns)
}

func restOfLine(p *pdf.Page, line, after int) []int {
	var out []int
	for _, w := range lineWords(p, line) {
		if w > after {
			out = append(out, w)
		}
	}
	return out
}

func opensWith(s, signs string) bool {
	return strings.IndexAny(s, signs) == 0
}

func closesWith(s, signs string) bool {
	return strings.TrimRight(s, signs) != s
}
