package search

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// excerptWords is how much of a window a passage shows: enough to judge it by.
const excerptWords = 60

// highlighter finds the words of a question in passages, in any inflection.
type highlighter struct {
	byLexeme map[string][]int // terms
	byKey    map[string][]int // of identifiers
	initials map[rune]bool    // that a word with one of the lexemes can have
	idf      []float64
}

func newHighlighter(terms []queryTerm) *highlighter {
	h := &highlighter{byLexeme: map[string][]int{}, byKey: map[string][]int{}, initials: map[rune]bool{}}
	for i, t := range terms {
		h.idf = append(h.idf, t.IDF)
		for l := range t.lexemes {
			if key, ok := strings.CutPrefix(l, identifierMark); ok {
				h.byKey[key] = append(h.byKey[key], i)
				continue
			}
			h.byLexeme[l] = append(h.byLexeme[l], i)
			h.initials[initial(l)] = true
		}
	}
	return h
}

// initial is a word's first letter without its accents, which stems may lose.
func initial(word string) rune {
	r, _ := utf8.DecodeRuneInString(word)
	if r >= utf8.RuneSelf {
		r, _ = utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	}
	return r
}

// highlight marks the words of passages and cuts them to the part that has most of
// the question. texts are their windows, by passage.
func (s *Store) highlight(ctx context.Context, tx pgx.Tx, passages []Passage, texts []string, terms []queryTerm) error {
	h := newHighlighter(terms)
	words := make([][]string, len(texts))
	tokens := make([][][]string, len(texts))
	var keys []stemKey
	for i, text := range texts {
		words[i] = strings.Split(text, " ")
		tokens[i] = make([][]string, len(words[i]))
		for k, w := range words[i] {
			tokens[i][k] = textnorm.Tokens(w)
			for _, t := range tokens[i][k] {
				if h.initials[initial(t)] {
					keys = append(keys, stemKey{config(passages[i].Language), t})
				}
			}
		}
	}
	stems, err := s.library.stems.stemsOf(ctx, tx, keys)
	if err != nil {
		return err
	}
	for i := range passages {
		p := &passages[i]
		cfg := config(p.Language)
		marks := make([][]int, len(words[i])) // terms, by word
		for k := range words[i] {
			for _, t := range tokens[i][k] {
				if stem := stems[stemKey{cfg, t}]; stem != "" {
					marks[k] = append(marks[k], h.byLexeme[stem]...)
				}
			}
			if len(h.byKey) > 0 {
				h.markIdentifiers(words[i], k, marks)
			}
		}
		first, last := h.excerpt(marks)
		p.Words = words[i][first:last]
		for k := first; k < last; k++ {
			if len(marks[k]) > 0 {
				p.Highlighted = append(p.Highlighted, p.FirstWord+k)
			}
		}
		p.FirstWord += first
	}
	return nil
}

// markIdentifiers marks the identifier that begins at a word, which may be joined with
// the next one.
func (h *highlighter) markIdentifiers(words []string, at int, marks [][]int) {
	for _, key := range identifierKeys(words, at) {
		found := h.byKey[key]
		if len(found) == 0 {
			continue
		}
		marks[at] = append(marks[at], found...)
		if at+1 < len(words) && textnorm.Key(trimSigns(words[at])+trimSigns(words[at+1])) == key {
			marks[at+1] = append(marks[at+1], found...)
		}
	}
}

// excerpt returns the part of a window that has the most information of the question,
// beginning a few words before the first of them.
func (h *highlighter) excerpt(marks [][]int) (first, last int) {
	const before = 6
	best := -1.0
	for start := range marks {
		if len(marks[start]) == 0 {
			continue
		}
		end := min(start+excerptWords-before, len(marks))
		value := 0.0
		var seen []int
		for _, terms := range marks[start:end] {
			for _, t := range terms {
				if !slices.Contains(seen, t) {
					seen = append(seen, t)
					value += h.idf[t]
				} else {
					value += h.idf[t] / 10
				}
			}
		}
		if value > best {
			best, first = value, start
		}
	}
	first = max(0, min(first-before, len(marks)-excerptWords))
	return first, min(first+excerptWords, len(marks))
}
