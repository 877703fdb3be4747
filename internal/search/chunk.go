package search

import (
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// The window that measured best: wide enough for a procedure, narrow enough
// that one subject dominates it.
const (
	windowWords  = 200
	windowStride = 150
)

// chunk is one window of a page before it is stored.
type chunk struct {
	page       int
	firstWord  int
	wordCount  int
	language   string
	section    string
	body       string   // as printed, words separated by spaces
	searchText string   // folded tokens of section and body
	keys       []string // of its identifiers, with repetition
}

// windows cuts a page into chunks. A page without words has none.
func windows(p *pdf.Page, section, language string) []chunk {
	words := make([]string, len(p.Words))
	for i, w := range p.Words {
		words[i] = w.Text
	}
	tokens := pageTokens(p)
	heading := strings.Join(textnorm.Tokens(section), " ")
	var out []chunk
	for first := 0; first < len(words); first += windowStride {
		last := min(first+windowWords, len(words))
		c := chunk{page: p.Number, firstWord: first, wordCount: last - first, language: language, section: section}
		c.body = strings.Join(words[first:last], " ")
		var b strings.Builder
		b.WriteString(heading)
		for i := first; i < last; i++ {
			for _, t := range tokens[i] {
				b.WriteByte(' ')
				b.WriteString(t)
			}
			c.keys = append(c.keys, identifierKeys(words[:last], i)...)
		}
		c.searchText = b.String()
		out = append(out, c)
		if last == len(words) {
			break
		}
	}
	return out
}

// pageTokens returns the folded tokens of each word of a page. A word that a
// line's end has broken is also searched joined, at its first half. The lines of
// a table of contents have no tokens.
func pageTokens(p *pdf.Page) [][]string {
	out := make([][]string, len(p.Words))
	for i, w := range p.Words {
		out[i] = textnorm.Tokens(w.Text)
	}
	for i, l := range p.Lines {
		if p.DottedLeader(i) { // a table of contents answers nothing
			clear(out[l.First : l.First+l.Count])
		}
	}
	for k, l := range p.Lines {
		last := l.First + l.Count - 1
		if k+1 >= len(p.Lines) || l.Count == 0 || p.Lines[k+1].Count == 0 {
			continue
		}
		next := p.Lines[k+1].First
		if len(out[last]) > 0 && (l.SoftHyphen || brokenWord(p.Words[last].Text, p.Words[next].Text)) {
			joined := strings.TrimRight(p.Words[last].Text, "-\u2010\u00ad") + p.Words[next].Text
			out[last] = append(textnorm.Tokens(joined), out[last]...)
		}
	}
	return out
}

// brokenWord reports whether a line's last word and the next line's first look
// like one word with a hyphen between: letters on both sides, going on in lower
// case. Such a pair may also be a compound, so both readings are searched.
func brokenWord(last, next string) bool {
	l, hyphen := strings.CutSuffix(last, "-")
	if !hyphen {
		l, hyphen = strings.CutSuffix(last, "\u2010")
	}
	if !hyphen || len(l) < 2 || next == "" {
		return false
	}
	f := []rune(next)[0]
	return f >= 'a' && f <= 'z' || f >= 'ß' && f <= 'ÿ'
}

// sections returns the outline headings that hold over each page (1-based), the
// outermost first, "" where there is no outline.
func sections(outline []pdf.OutlineEntry, pages int) []string {
	out := make([]string, pages+1)
	var path []pdf.OutlineEntry
	at := 0
	for page := 1; page <= pages; page++ {
		var here []string
		for _, e := range path {
			here = append(here, e.Title)
		}
		for at < len(outline) && outline[at].Page <= page {
			e := outline[at]
			at++
			if e.Page == 0 {
				continue
			}
			for len(path) > 0 && path[len(path)-1].Level >= e.Level {
				path = path[:len(path)-1]
			}
			path = append(path, e)
			if e.Page == page {
				here = append(here, e.Title)
			}
		}
		out[page] = joinDistinct(here, " › ", 240)
	}
	return out
}

func joinDistinct(titles []string, sep string, limit int) string {
	seen := map[string]bool{}
	var b strings.Builder
	for _, t := range titles {
		t = textnorm.Clean(t)
		if t == "" || seen[t] || b.Len()+len(t) > limit {
			continue
		}
		seen[t] = true
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		b.WriteString(t)
	}
	return b.String()
}
