package search

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// maxLexicon bounds the words of the lexicon: some 60 MB. What 1,000 manuals print
// beyond are the numbers and the debris of OCR.
const maxLexicon = 1_000_000

// lexicon is the words of the library, to repair what no manual has. It is read when it
// is first needed, and manuals that came since whenever it is needed again. Words of
// manuals that are gone stay: whether a manual has a word is what posting lists say.
// It may be used concurrently.
type lexicon struct {
	mu       sync.Mutex
	versions map[int64]bool // contents of indexes whose words it has
	index    map[string]int32
	words    []lexiconWord
}

type lexiconWord struct {
	text  string
	count uint32
	signs uint32 // which letters it has
}

// signsOf tells a word's letters by a bit each; those that are not a to z share some.
func signsOf(word string) uint32 {
	var signs uint32
	for _, r := range word {
		if r >= 'a' && r <= 'z' {
			signs |= 1 << (r - 'a')
		} else {
			signs |= 1 << (26 + r%6)
		}
	}
	return signs
}

// refresh reads the words of the manuals that it does not have yet.
func (l *lexicon) refresh(ctx context.Context, tx pgx.Tx, c *catalogue) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read(ctx, tx, c)
}

func (l *lexicon) read(ctx context.Context, tx pgx.Tx, c *catalogue) error {
	var ids []uuid.UUID
	for i := range c.manuals {
		if !l.versions[c.manuals[i].version] {
			ids = append(ids, c.manuals[i].id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if l.versions == nil {
		l.versions, l.index = map[int64]bool{}, map[string]int32{}
	}
	rows, err := tx.Query(ctx, `
		SELECT version, array_to_string(words, ' '), word_counts FROM manual_index WHERE manual_id = ANY($1)`, ids)
	if err != nil {
		return postgres.Translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var version int64
		var words string
		var counts []int32
		if err := rows.Scan(&version, &words, &counts); err != nil {
			return postgres.Translate(err)
		}
		l.versions[version] = true
		i := 0
		for w := range strings.SplitSeq(words, " ") {
			if i < len(counts) {
				l.add(w, uint32(counts[i]))
			}
			i++
		}
	}
	return postgres.Translate(rows.Err())
}

func (l *lexicon) add(word string, count uint32) {
	if at, ok := l.index[word]; ok {
		l.words[at].count += count
		return
	}
	if len(l.words) == maxLexicon {
		return
	}
	word = strings.Clone(word)
	l.index[word] = int32(len(l.words))
	l.words = append(l.words, lexiconWord{word, count, signsOf(word)})
}

// maxLike bounds the words that are looked at closely for one that no manual has.
const maxLike = 40

// like returns the words that a word which no manual has may stand for: all that
// vocabulary.repair, its compounds and its ligatures may choose, the nearest and most
// frequent first.
func (l *lexicon) like(word string) []string {
	var out []string
	if textnorm.HasDigit(word) {
		return l.nearest(func(w *lexiconWord) (int, bool) {
			return len(w.text), utf8.RuneCountInString(word) >= 3 && completes(word, w.text) ||
				utf8.RuneCountInString(w.text) >= 4 && textnorm.HasDigit(w.text) && completes(w.text, word)
		})
	}
	for _, ligature := range ligatures {
		if at := strings.Index(word, ligature); at >= 0 {
			head, tail := word[:at], word[at+len(ligature):]
			out = append(out, head+ligature[len(ligature)-1:]+tail, head+tail)
		}
	}
	for at := range word {
		head, tail := word[:at], word[at:]
		if utf8.RuneCountInString(head) < 3 || utf8.RuneCountInString(tail) < 3 {
			continue
		}
		for _, link := range compoundLinks {
			if rest, ok := strings.CutPrefix(tail, link); ok {
				out = append(out, head, rest)
			}
		}
	}
	out = slices.DeleteFunc(out, func(w string) bool { _, ok := l.index[w]; return !ok })
	n, signs := utf8.RuneCountInString(word), signsOf(word)
	if n < 4 {
		return out
	}
	budget := repairBudget(n)
	return append(out, l.nearest(func(w *lexiconWord) (int, bool) {
		m := len(w.text) // at least its characters
		if m < n-budget || bits.OnesCount32(signs&^w.signs) > budget && n < 6 || textnorm.HasDigit(w.text) {
			return 0, false
		}
		if bits.OnesCount32(signs&^w.signs) <= budget && bits.OnesCount32(w.signs&^signs) <= budget {
			if d := textnorm.EditDistance(word, w.text, budget); d <= budget {
				return d, true
			}
		}
		return budget + 1, n >= 6 && m <= 2*(n+budget+6) && (strings.HasPrefix(w.text, word) || strings.HasSuffix(w.text, word))
	})...)
}

// nearest returns the words that fit, those at the least distance first.
func (l *lexicon) nearest(fits func(*lexiconWord) (distance int, ok bool)) []string {
	type near struct {
		*lexiconWord
		distance int
	}
	var all []near
	for i := range l.words {
		if d, ok := fits(&l.words[i]); ok {
			all = append(all, near{&l.words[i], d})
		}
	}
	slices.SortFunc(all, func(a, b near) int {
		return cmp.Or(a.distance-b.distance, cmp.Compare(b.count, a.count), strings.Compare(a.text, b.text))
	})
	var out []string
	for _, n := range all[:min(maxLike, len(all))] {
		out = append(out, n.text)
	}
	return out
}

// likely returns for each word those of the library that it may stand for, with how
// often the library has them.
func (s *Store) likely(ctx context.Context, tx pgx.Tx, c *catalogue, words []string) (map[string]int, error) {
	l := &s.library.lexicon
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(ctx, tx, c); err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, word := range words {
		for _, w := range l.like(word) {
			out[w] = int(l.words[l.index[w]].count)
		}
	}
	return out, nil
}
