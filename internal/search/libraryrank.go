package search

import (
	"context"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// How a search of the library is bounded.
const (
	// maxLibraryTerms is how many words of a question are searched: one bit each.
	maxLibraryTerms = 64
	// answering is the part of a question's information, by inverse document frequency,
	// that a passage has to hold for its manual to count as one that has it.
	answering = 0.5
)

// libraryTerm is a term with its posting lists.
type libraryTerm struct {
	idf   float64
	lists []weightedPostings
}

type weightedPostings struct {
	weight  float64
	manuals []manualPostings // those that are still to come
}

// next returns the posting list of a manual, which comes after those asked before.
func (w *weightedPostings) next(manual int32) []byte {
	for len(w.manuals) > 0 && w.manuals[0].manual < manual {
		w.manuals = w.manuals[1:]
	}
	if len(w.manuals) > 0 && w.manuals[0].manual == manual {
		return w.manuals[0].list
	}
	return nil
}

// libraryRanking is what scoring a scope gives.
type libraryRanking struct {
	best    []*scored // by score: the best, and those of asked codes
	answers []int32   // manuals of the catalogue that have a passage which holds most of the question
}

// rankScope scores every chunk of a scope, manual by manual, so that what it adds up
// lies close together in memory: textbook BM25 as in score, with the statistics of the
// whole scope. It sets the terms' inverse document frequencies.
func rankScope(ctx context.Context, sc *scope, p *parsed, postings map[string]*termPostings) (libraryRanking, error) {
	var out libraryRanking
	r := newScopeRanker(sc, p, postings)
	// Chunks with an asked code are kept for themselves: the others of a common word
	// would push them out before they get what a code counts.
	best, coded := newTopChunks(phraseDepth), newTopChunks(phraseDepth)
	for k, at := range sc.manuals {
		if k%64 == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
		m := &sc.catalogue.manuals[at]
		if !r.add(m.chunks.lengths, at) {
			continue
		}
		answers := false
		for o, matched := range r.matched[:len(m.chunks.lengths)] {
			top := best
			if matched&r.codes != 0 {
				top = coded
			}
			if matched == 0 || answers && r.score[o] < top.least || sc.language != "" && m.language(int32(o)) != sc.language {
				continue
			}
			part := r.part(matched)
			answers = answers || part >= answering-1e-9
			if r.score[o] < top.least {
				continue // also when it is damped
			}
			top.offer(topChunk{r.score[o] * math.Sqrt(part), at, int32(o), matched}) // coverageDamp
		}
		if answers {
			out.answers = append(out.answers, at)
		}
	}
	for _, c := range append(best.kept, coded.kept...) {
		s := &scored{key: chunkKey{sc.catalogue.manuals[c.manual].id, c.ordinal}, score: c.score}
		for m := c.matched; m != 0; m &= m - 1 {
			s.matched = append(s.matched, bits.TrailingZeros64(m))
		}
		out.best = append(out.best, s)
	}
	slices.SortFunc(out.best, byScore)
	return out, nil
}

// libraryPostings returns a term's posting lists, in the same order each time: the
// scores of one search are compared with those of the next.
func libraryPostings(t *queryTerm, postings map[string]*termPostings) []weightedPostings {
	var out []weightedPostings
	for _, l := range slices.Sorted(maps.Keys(t.lexemes)) {
		if p := postings[l]; p != nil && len(p.manuals) > 0 {
			out = append(out, weightedPostings{t.lexemes[l], p.manuals})
		}
	}
	return out
}

// scopeRanker adds up the scores of one manual after the other, by ordinal.
type scopeRanker struct {
	terms  []libraryTerm
	codes  uint64  // the terms that are asked codes, a bit each
	whole  float64 // inverse document frequencies of all terms
	longer float64 // what a chunk's length adds to what a frequency is divided by

	parts            []float64 // of the question's information, by matched, where there are few terms
	score, frequency []float64
	matched          []uint64 // which terms, a bit each
}

// fewTerms are those of most questions. What each combination of them holds of the
// question is worked out before.
const fewTerms = 8

func newScopeRanker(sc *scope, p *parsed, postings map[string]*termPostings) *scopeRanker {
	most := 0 // chunks of a manual
	for _, at := range sc.manuals {
		most = max(most, len(sc.catalogue.manuals[at].chunks.lengths))
	}
	n := float64(sc.chunks)
	r := &scopeRanker{
		longer: bm25K1 * bm25B / max(float64(sc.length)/max(n, 1), 1),
		score:  make([]float64, most), frequency: make([]float64, most), matched: make([]uint64, most),
	}
	for i := range p.terms {
		t := &p.terms[i]
		df := float64(r.documents(sc, libraryPostings(t, postings)))
		t.IDF = math.Log(1 + (n-df+0.5)/(df+0.5))
		if t.equipment {
			t.IDF *= equipmentWeight
		}
		r.whole += t.IDF
		if t.Code && slices.Contains(p.codeKeys, t.Word) {
			r.codes |= 1 << i
		}
		r.terms = append(r.terms, libraryTerm{t.IDF, libraryPostings(t, postings)})
	}
	r.whole = max(r.whole, 1e-9)
	if len(r.terms) <= fewTerms {
		parts := make([]float64, 1<<len(r.terms))
		for matched := range parts {
			parts[matched] = r.part(uint64(matched))
		}
		r.parts = parts
	}
	return r
}

// part returns how much of the question's information the terms hold, 0 to 1.
func (r *scopeRanker) part(matched uint64) float64 {
	if r.parts != nil {
		return r.parts[matched]
	}
	sum := 0.0
	for ; matched != 0; matched &= matched - 1 {
		sum += r.terms[bits.TrailingZeros64(matched)].idf
	}
	return sum / r.whole
}

// documents counts the chunks of the scope that have at least one of the terms.
func (r *scopeRanker) documents(sc *scope, lists []weightedPostings) int {
	total := 0
	for _, at := range sc.manuals {
		if len(lists) == 1 {
			total += len(lists[0].next(at)) / postingSize
			continue
		}
		n := int32(len(sc.catalogue.manuals[at].chunks.lengths))
		seen := r.matched[:n]
		clear(seen)
		for i := range lists {
			list := lists[i].next(at)
			for k := range len(list) / postingSize {
				if o, _ := posting(list, k); o < n && seen[o] == 0 {
					seen[o] = 1
					total++
				}
			}
		}
	}
	return total
}

// add scores the chunks of a manual and reports whether any has a term.
func (r *scopeRanker) add(lengths []int32, manual int32) bool {
	n := len(lengths)
	scored := false
	for i := range r.terms {
		t := &r.terms[i]
		found := false
		for k := range t.lists {
			list := t.lists[k].next(manual)
			if len(list) == 0 {
				continue
			}
			if !scored {
				scored = true
				clear(r.score[:n])
				clear(r.matched[:n])
			}
			if len(t.lists) == 1 {
				r.addOne(t, i, list, lengths)
				continue
			}
			if !found {
				found = true
				clear(r.frequency[:n])
			}
			for e := range len(list) / postingSize {
				if o, count := posting(list, e); int(o) < n {
					r.frequency[o] += t.lists[k].weight * float64(count)
				}
			}
		}
		if found {
			gain, score, matched := t.idf*(bm25K1+1), r.score[:n], r.matched[:n]
			for o, tf := range r.frequency[:n] {
				if tf > 0 {
					score[o] += gain * tf / (tf + bm25K1*(1-bm25B) + r.longer*float64(lengths[o]))
					matched[o] |= 1 << i
				}
			}
		}
	}
	return scored
}

// addOne adds a term with a single posting list.
func (r *scopeRanker) addOne(t *libraryTerm, i int, list []byte, lengths []int32) {
	n := len(lengths)
	weight, gain, longer, score, matched := t.lists[0].weight, t.idf*(bm25K1+1), r.longer, r.score[:n], r.matched[:n]
	for len(list) >= postingSize {
		o, count := posting(list, 0)
		list = list[postingSize:]
		if int(o) >= n {
			continue
		}
		tf := weight * float64(count)
		score[o] += gain * tf / (tf + bm25K1*(1-bm25B) + longer*float64(lengths[o]))
		matched[o] |= 1 << i
	}
}

// topChunk is a chunk while the best are picked.
type topChunk struct {
	score   float64
	manual  int32 // index into the catalogue
	ordinal int32
	matched uint64
}

// worse orders chunks, the worst first.
func (c *topChunk) worse(than *topChunk) bool {
	if c.score != than.score {
		return c.score < than.score
	}
	return c.manual > than.manual || c.manual == than.manual && c.ordinal > than.ordinal
}

// topChunks keeps the best of the chunks that it is offered, in a heap with the worst
// of them on top.
type topChunks struct {
	kept  []topChunk
	depth int
	least float64 // score below which none is kept
}

func newTopChunks(depth int) *topChunks {
	return &topChunks{kept: make([]topChunk, 0, depth), depth: depth, least: math.Inf(-1)}
}

func (t *topChunks) offer(c topChunk) {
	if len(t.kept) < t.depth {
		t.kept = append(t.kept, c)
		for at := len(t.kept) - 1; at > 0; {
			parent := (at - 1) / 2
			if !t.kept[at].worse(&t.kept[parent]) {
				break
			}
			t.kept[at], t.kept[parent] = t.kept[parent], t.kept[at]
			at = parent
		}
	} else if t.kept[0].worse(&c) {
		t.kept[0] = c
		for at := 0; ; {
			worst := at
			for child := 2*at + 1; child <= 2*at+2 && child < len(t.kept); child++ {
				if t.kept[child].worse(&t.kept[worst]) {
					worst = child
				}
			}
			if worst == at {
				break
			}
			t.kept[at], t.kept[worst] = t.kept[worst], t.kept[at]
			at = worst
		}
	}
	if len(t.kept) == t.depth {
		t.least = t.kept[0].score
	}
}

// readLibrary makes a question to the library ready: its terms and their posting lists.
// The vocabulary that it is read with is the part of the library's that the question
// can touch.
func (s *Store) readLibrary(ctx context.Context, tx pgx.Tx, sc *scope, q Query) (parsed, map[string]*termPostings, error) {
	v := &vocabulary{words: map[string]*wordInfo{}, byLexeme: map[string][]string{}, languages: sc.languages}
	p := parsed{language: v.language(q)}
	p.detected = p.language != "" && p.language == detectLanguage(q)
	printed, tokens := strings.Fields(q.Text), textnorm.Tokens(textnorm.Clean(q.Text))
	if err := (snapshot{tx, s.corrections}).askedCodes(ctx, q, printed, &p); err != nil {
		return p, nil, err
	}
	words := slices.Clone(tokens)
	for i, t := range tokens {
		words = append(words, equivalents(t)...)
		if m := figureWithUnit.FindStringSubmatch(t); m != nil {
			words = append(words, m[1])
		}
		if i > 0 && !figureGoesOn(tokens[i-1], t) {
			words = append(words, tokens[i-1]+t)
		}
	}
	stems, err := s.stemmed(ctx, tx, words, sc.languages)
	if err != nil {
		return p, nil, err
	}
	for _, t := range tokens {
		if stopWord(stems[t], v, p.language) && !slices.Contains(p.codeKeys, t) {
			delete(stems, t) // not searched in any language
		}
	}
	var identifiers []string
	for i := range printed {
		for _, k := range identifierKeys(printed, i) {
			identifiers = append(identifiers, identifierMark+k)
		}
	}
	for _, k := range p.codeKeys {
		identifiers = append(identifiers, identifierMark+k)
	}
	postings, err := s.postings(ctx, tx, sc, distinct(lexemesOf(stems), identifiers))
	if err != nil {
		return p, nil, err
	}
	v.addFound(sc, stems, postings, nil)
	var unknown []string
	for _, t := range tokens {
		if stems[t] != nil && len(v.words[t].lexemesOrNone()) == 0 {
			unknown = append(unknown, t)
		}
	}
	if len(unknown) > 0 {
		likely, err := s.likely(ctx, tx, sc.catalogue, unknown)
		if err != nil {
			return p, nil, err
		}
		if err := s.addLikely(ctx, tx, sc, v, likely, postings); err != nil {
			return p, nil, err
		}
	}
	printedKeys := map[string]bool{}
	for _, k := range identifiers {
		if sc.has(postings[k]) {
			printedKeys[k[len(identifierMark):]] = true
		}
	}
	all, err := s.stemmed(ctx, tx, tokens, sc.languages)
	if err != nil {
		return p, nil, err
	}
	p.read(q, v, all, printedKeys)
	p.terms = p.terms[:min(len(p.terms), maxLibraryTerms)]
	return p, postings, nil
}

// addLikely adds words of the library that may be meant, and their posting lists.
func (s *Store) addLikely(ctx context.Context, tx pgx.Tx, sc *scope, v *vocabulary, likely map[string]int, postings map[string]*termPostings) error {
	words := make([]string, 0, len(likely))
	for w := range likely {
		words = append(words, w)
	}
	stems, err := s.stemmed(ctx, tx, words, sc.languages)
	if err != nil {
		return err
	}
	found, err := s.postings(ctx, tx, sc, distinct(lexemesOf(stems), nil))
	if err != nil {
		return err
	}
	for t, p := range found {
		postings[t] = p
	}
	v.addFound(sc, stems, postings, likely)
	return nil
}

// addFound adds the words whose lexemes the scope has.
func (v *vocabulary) addFound(sc *scope, stems map[string]map[string]string, postings map[string]*termPostings, counts map[string]int) {
	for word, byLanguage := range stems {
		if v.words[word] != nil {
			continue
		}
		info := &wordInfo{count: counts[word]}
		for _, lexeme := range byLanguage {
			if lexeme == "" || slices.Contains(info.lexemes, lexeme) || !sc.has(postings[lexeme]) {
				continue
			}
			info.lexemes = append(info.lexemes, lexeme)
			v.byLexeme[lexeme] = append(v.byLexeme[lexeme], word)
		}
		if len(info.lexemes) > 0 {
			v.words[word] = info
		}
	}
}

func (w *wordInfo) lexemesOrNone() []string {
	if w == nil {
		return nil
	}
	return w.lexemes
}

// has reports whether a manual of the scope has a posting list.
func (s *scope) has(p *termPostings) bool {
	if p == nil {
		return false
	}
	i := 0
	for _, at := range s.manuals {
		for i < len(p.manuals) && p.manuals[i].manual < at {
			i++
		}
		if i < len(p.manuals) && p.manuals[i].manual == at {
			return true
		}
	}
	return false
}

func lexemesOf(stems map[string]map[string]string) []string {
	var out []string
	for _, byLanguage := range stems {
		for _, l := range byLanguage {
			if l != "" {
				out = append(out, l)
			}
		}
	}
	return out
}

func distinct(a, b []string) []string {
	out := slices.Sorted(slices.Values(append(a, b...)))
	return slices.Compact(out)
}
