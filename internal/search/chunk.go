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

// maxSearchText bounds what is searched of one window, in bytes: a window is a
// few kilobytes of words, but a "word" of a drawing's debris may have megabytes
// of tokens, and PostgreSQL refuses vectors beyond one.
const maxSearchText = 64 << 10

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

// windows cuts a page, whose pageTokens are given, into chunks. A page without words
// has none.
func windows(p *pdf.Page, tokens [][]string, place pageSection, language string) []chunk {
	words := make([]string, len(p.Words))
	for i, w := range p.Words {
		words[i] = w.Text
	}
	heading := strings.Join(textnorm.Tokens(place.headings), " ")
	var out []chunk
	for first := 0; first < len(words); first += windowStride {
		last := min(first+windowWords, len(words))
		c := chunk{page: p.Number, firstWord: first, wordCount: last - first, language: language, section: place.path}
		c.body = strings.Join(words[first:last], " ")
		var b strings.Builder
		b.WriteString(heading)
		for i := first; i < last; i++ {
			if len(tokens[i]) == 0 {
				continue
			}
			for _, t := range tokens[i] {
				if b.Len()+len(t) > maxSearchText {
					break
				}
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

// pageSection is where a page stands in the manual's outline.
type pageSection struct {
	path     string // to the heading at its top, or the first on it, outermost first
	headings string // that path and every heading on the page, to be searched
}

// sections returns the sections of the pages, by page number.
func sections(outline []pdf.OutlineEntry, pages int) []pageSection {
	out := make([]pageSection, pages+1)
	var path []pdf.OutlineEntry
	at := 0
	titles := func() []string {
		var ts []string
		for _, e := range path {
			ts = append(ts, e.Title)
		}
		return ts
	}
	for page := 1; page <= pages; page++ {
		top, all := titles(), titles()
		for first := true; at < len(outline) && outline[at].Page <= page; at++ {
			e := outline[at]
			for len(path) > 0 && path[len(path)-1].Level >= e.Level {
				path = path[:len(path)-1]
			}
			path = append(path, e)
			// A chapter and its first section often begin together: the deeper names
			// the page better.
			if first || len(path) > 1 && strings.HasPrefix(strings.Join(titles(), "\x00"), strings.Join(top, "\x00")+"\x00") {
				top = titles()
			}
			first = false
			all = append(all, e.Title)
		}
		out[page] = pageSection{joinDistinct(top, " › ", 240), joinDistinct(all, " › ", 400)}
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
