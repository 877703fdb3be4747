package search

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// The constants of the ranking, measured on questions about real manuals.
const (
	bm25K1         = 1.2
	bm25B          = 0.75
	phraseBonus    = 0.4  // of the two words' mean idf, when they stand adjacent or next but one
	codeBoost      = 0.6  // of the best score, for a passage that holds the asked code
	coverageDamp   = 0.5  // exponent on the part of the question's idf that a passage holds
	languageBoost  = 1.25 // for a page in the question's language
	clearlyBetter  = 1.2  // how much better a page in another language matches a question that is in it
	repairedWeight = 0.8  // what a repaired word counts
	// equipmentWeight is what a word of the question counts that only repeats the
	// name of the chosen equipment.
	equipmentWeight = 0.2
	phraseDepth     = 200 // passages whose word positions are read
	defaultLimit    = 10
)

// chunkKey names a chunk over several manuals.
type chunkKey struct {
	manual  uuid.UUID
	ordinal int32
}

// scored is a chunk while it is ranked.
type scored struct {
	key     chunkKey
	score   float64
	matched []int // indices of the terms it holds
	code    bool
}

// snapshot reads the index as it was at one moment: a manual that is indexed
// again meanwhile has other chunks under the same ordinals.
type snapshot struct {
	tx          pgx.Tx
	corrections corrections
}

// Search ranks the pages of the manuals for a question. Manuals that are not
// indexed are passed over; without any the result is empty.
func (s *Store) Search(ctx context.Context, q Query) (Result, error) {
	var res Result
	err := pgx.BeginTxFunc(ctx, s.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		res, err = snapshot{tx, s.corrections}.search(ctx, q)
		return err
	})
	return res, postgres.Translate(err)
}

func (s snapshot) search(ctx context.Context, q Query) (Result, error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	v, err := s.loadVocabulary(ctx, q.Manuals)
	if err != nil || v.total == 0 {
		return Result{}, err
	}
	p, err := s.parse(ctx, q, v)
	if err != nil {
		return Result{}, err
	}
	chunks, err := s.score(ctx, q.Manuals, v, p.terms)
	if err != nil {
		return Result{}, err
	}
	if err := s.addPhrases(ctx, chunks, p.terms); err != nil {
		return Result{}, err
	}
	res := Result{AskedCodes: p.codes}
	for _, t := range p.terms {
		res.Terms = append(res.Terms, t.Term)
	}
	res.Codes, err = s.codeRows(ctx, q, p)
	if err != nil {
		return Result{}, err
	}
	s.boostCodes(&res, chunks, p)
	if err := s.collectPages(ctx, &res, chunks, v, p, q.Limit); err != nil {
		return Result{}, err
	}
	return res, nil
}

// score sums BM25 over the terms' posting lists.
func (s snapshot) score(ctx context.Context, manuals []uuid.UUID, v *vocabulary, terms []queryTerm) ([]*scored, error) {
	var lexemes []string
	for _, t := range terms {
		for l := range t.lexemes {
			lexemes = append(lexemes, l)
		}
	}
	rows, err := s.tx.Query(ctx, `
		SELECT manual_id, term, postings FROM manual_term
		WHERE manual_id = ANY($1) AND term = ANY($2)`, manuals, lexemes) // primary key
	if err != nil {
		return nil, postgres.Translate(err)
	}
	defer rows.Close()
	frequency := make([]map[chunkKey]float64, len(terms))
	for i := range frequency {
		frequency[i] = map[chunkKey]float64{}
	}
	for rows.Next() {
		var (
			manual   uuid.UUID
			term     string
			postings []byte
		)
		if err := rows.Scan(&manual, &term, &postings); err != nil {
			return nil, postgres.Translate(err)
		}
		for i, t := range terms {
			w, ok := t.lexemes[term]
			if !ok {
				continue
			}
			for k := range len(postings) / postingSize {
				ordinal, count := posting(postings, k)
				frequency[i][chunkKey{manual, ordinal}] += w * float64(count)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, postgres.Translate(err)
	}
	n := float64(v.total)
	average := max(float64(v.length)/n, 1)
	whole := 0.0
	byKey := map[chunkKey]*scored{}
	for i := range terms {
		df := float64(len(frequency[i]))
		terms[i].IDF = math.Log(1 + (n-df+0.5)/(df+0.5))
		if terms[i].equipment {
			terms[i].IDF *= equipmentWeight
		}
		whole += terms[i].IDF
		for key, tf := range frequency[i] {
			length := float64(v.chunks[key.manual].lengths[key.ordinal])
			c := byKey[key]
			if c == nil {
				c = &scored{key: key}
				byKey[key] = c
			}
			c.score += terms[i].IDF * tf * (bm25K1 + 1) / (tf + bm25K1*(1-bm25B+bm25B*length/average))
			c.matched = append(c.matched, i)
		}
	}
	out := make([]*scored, 0, len(byKey))
	for _, c := range byKey {
		part := 0.0
		for _, i := range c.matched {
			part += terms[i].IDF
		}
		c.score *= math.Pow(part/max(whole, 1e-9), coverageDamp)
		out = append(out, c)
	}
	slices.SortFunc(out, byScore)
	return out, nil
}

func byScore(a, b *scored) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	case a.key.manual != b.key.manual:
		return strings.Compare(a.key.manual.String(), b.key.manual.String())
	}
	return int(a.key.ordinal - b.key.ordinal)
}

// addPhrases rewards the best passages for query words that stand next to each
// other, or with one word between, in the question's order.
func (s snapshot) addPhrases(ctx context.Context, chunks []*scored, terms []queryTerm) error {
	var pairs [][2]int
	var phrases []string
	for i, a := range terms {
		for k, b := range terms {
			if d := b.position - a.position; !a.Code && !b.Code && (d == 1 || d == 2) {
				if phrase := nearby(a, b); phrase != "" {
					pairs, phrases = append(pairs, [2]int{i, k}), append(phrases, phrase)
				}
			}
		}
	}
	var best []*scored // of the best passages, those with both words of a pair
	for _, c := range chunks[:min(phraseDepth, len(chunks))] {
		if slices.ContainsFunc(pairs, func(p [2]int) bool { return slices.Contains(c.matched, p[0]) && slices.Contains(c.matched, p[1]) }) {
			best = append(best, c)
		}
	}
	if len(best) == 0 {
		return nil
	}
	// Ids of this type are encoded without reflection, which takes longer than the query.
	ids, ordinals := make(pgtype.FlatArray[pgtype.UUID], len(best)), make([]int32, len(best))
	for i, c := range best {
		ids[i], ordinals[i] = pgtype.UUID{Bytes: c.key.manual, Valid: true}, c.key.ordinal
	}
	// PostgreSQL looks into the vectors: given out, they are two kilobytes each.
	args := []any{ids, ordinals}
	near := make([]string, len(phrases))
	for i, phrase := range phrases {
		args = append(args, phrase)
		near[i] = "c.tsv @@ $" + strconv.Itoa(len(args)) + "::tsquery"
	}
	rows, err := s.tx.Query(ctx, `
		SELECT k.n - 1, ARRAY[`+strings.Join(near, ", ")+`]
		FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS k(m, o, n)
		JOIN chunk c ON c.manual_id = k.m AND c.ordinal = k.o -- primary key`, args...)
	if err != nil {
		return postgres.Translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var near []bool
		if err := rows.Scan(&n, &near); err != nil {
			return postgres.Translate(err)
		}
		for i, pair := range pairs {
			if near[i] {
				best[n].score += phraseBonus * (terms[pair[0]].IDF + terms[pair[1]].IDF) / 2
			}
		}
	}
	if err := rows.Err(); err != nil {
		return postgres.Translate(err)
	}
	slices.SortFunc(chunks, byScore)
	return nil
}

// nearby is the text search query for a word of a that stands one or two places
// before one of b, "" when one of them has no words.
func nearby(a, b queryTerm) string {
	words := func(t queryTerm) string {
		var quoted []string
		for l := range t.lexemes {
			if !strings.HasPrefix(l, identifierMark) { // no word of the vectors
				quoted = append(quoted, "'"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(l)+"'")
			}
		}
		return strings.Join(quoted, "|")
	}
	x, y := words(a), words(b)
	if x == "" || y == "" {
		return ""
	}
	x, y = "("+x+")", "("+y+")"
	return x + "<1>" + y + "|" + x + "<2>" + y
}

// boostCodes lifts the passages that hold an asked code.
func (s snapshot) boostCodes(res *Result, chunks []*scored, p parsed) {
	res.CodeFound = len(res.Codes) > 0
	if len(chunks) == 0 || len(p.codeKeys) == 0 {
		return
	}
	best := chunks[0].score
	for _, c := range chunks {
		for _, i := range c.matched {
			if t := p.terms[i]; t.Code && slices.Contains(p.codeKeys, t.Word) {
				c.code = true
			}
		}
		if c.code {
			c.score += codeBoost * best
			res.CodeFound = true
		}
	}
	slices.SortFunc(chunks, byScore)
}

// collectPages takes the best window of each page and fills in what users see.
func (s snapshot) collectPages(ctx context.Context, res *Result, chunks []*scored, v *vocabulary, p parsed, limit int) error {
	type pageKey struct {
		manual uuid.UUID
		page   int32
	}
	seen := map[pageKey]bool{}
	var kept []*scored
	for _, c := range chunks {
		key := pageKey{c.key.manual, v.chunks[c.key.manual].pages[c.key.ordinal]}
		if seen[key] {
			continue
		}
		seen[key] = true
		kept = append(kept, c)
		if len(kept) == 4*limit {
			break
		}
	}
	if len(kept) == 0 {
		return nil
	}
	ids, ordinals := make([]uuid.UUID, len(kept)), make([]int32, len(kept))
	index := map[chunkKey]*scored{}
	for i, c := range kept {
		ids[i], ordinals[i] = c.key.manual, c.key.ordinal
		index[c.key] = c
	}
	rows, err := s.tx.Query(ctx, `
		SELECT c.manual_id, c.ordinal, c.page, c.first_word, c.word_count, c.language, c.section
		FROM unnest($1::uuid[], $2::int[]) AS k(m, o)
		JOIN chunk c ON c.manual_id = k.m AND c.ordinal = k.o`, ids, ordinals) // primary key
	if err != nil {
		return postgres.Translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key chunkKey
		var h PageHit
		if err := rows.Scan(&key.manual, &key.ordinal, &h.Page, &h.FirstWord, &h.Words, &h.Language, &h.Section); err != nil {
			return postgres.Translate(err)
		}
		c := index[key]
		h.ManualID, h.Score, h.Matched = key.manual, c.score, c.matched
		res.Pages = append(res.Pages, h)
	}
	if err := rows.Err(); err != nil {
		return postgres.Translate(err)
	}
	res.preferLanguage(p)
	slices.SortStableFunc(res.Pages, comparePages)
	whole, part := 0.0, 0.0
	for i, t := range p.terms {
		if slices.Contains(p.codeKeys, t.Word) {
			continue
		}
		whole += t.IDF
		if slices.Contains(res.Pages[0].Matched, i) {
			part += t.IDF
		}
	}
	if whole > 0 {
		res.Coverage = part / whole
	}
	res.Pages = res.Pages[:min(limit, len(res.Pages))]
	return nil
}

// preferLanguage lifts the pages in the question's language. A question too
// short to tell has the language of the page that matches it clearly best.
func (r *Result) preferLanguage(p parsed) {
	r.Language = p.language
	if !p.detected {
		best := map[string]float64{}
		for _, h := range r.Pages {
			best[h.Language] = max(best[h.Language], h.Score)
		}
		for l, score := range best {
			if score > clearlyBetter*best[r.Language] && score >= best[r.Language] {
				r.Language = l
			}
		}
	}
	for i := range r.Pages {
		if r.Pages[i].Language == r.Language {
			r.Pages[i].Score *= languageBoost
		}
	}
}

// codeRows returns the index's rows of the asked codes and sub-codes.
func (s snapshot) codeRows(ctx context.Context, q Query, p parsed) ([]CodeRow, error) {
	if len(p.codeKeys) == 0 {
		return nil, nil
	}
	keys := slices.Clone(p.codeKeys)
	for _, k := range p.codeKeys {
		if parent, _, ok := strings.Cut(k, "/"); ok {
			keys = append(keys, parent) // explains what its sub-codes have in common
		}
	}
	keys = append(keys, p.subCodesInText(q)...)
	corrected, err := s.corrections.Corrections(ctx, s.tx, RowCodes, q.Manuals, keys)
	if err != nil {
		return nil, err
	}
	read := slices.Clone(keys)
	for i := range corrected {
		read = append(read, corrected[i].Keys()...) // the row of E5 may be E6's by now
	}
	rows, err := s.tx.Query(ctx, `
		SELECT manual_id, row FROM error_code
		WHERE manual_id = ANY($1) AND code_key = ANY($2)
		ORDER BY array_position($1::uuid[], manual_id), ordinal`, q.Manuals, read) // error_code_key
	if err != nil {
		return nil, postgres.Translate(err)
	}
	defer rows.Close()
	var out []CodeRow
	for rows.Next() {
		var id uuid.UUID
		var data []byte
		if err := rows.Scan(&id, &data); err != nil {
			return nil, postgres.Translate(err)
		}
		var r CodeRow
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, err
		}
		r.ManualID = id
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, postgres.Translate(err)
	}
	if len(corrected) > 0 {
		out = correctCodes(out, corrected, keys)
		slices.SortStableFunc(out, func(a, b CodeRow) int {
			return slices.Index(q.Manuals, a.ManualID) - slices.Index(q.Manuals, b.ManualID)
		})
	}
	// A composed code that the manual explains as a whole is not its parts.
	for _, c := range p.codes {
		whole := textnorm.Key(c)
		if len(codeKeys(c)) > 1 && slices.ContainsFunc(out, func(r CodeRow) bool { return r.Key == whole }) {
			out = slices.DeleteFunc(out, func(r CodeRow) bool { return r.Key != whole })
		}
	}
	return out, nil
}
