package search

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// IndexManual replaces the whole index of a manual inside tx: chunks, posting
// lists, vocabulary and error codes. Indexing the same pages again gives the
// same index.
func (s *Store) IndexManual(ctx context.Context, tx pgx.Tx, m Source) (Indexed, error) {
	var pages []pdf.Page
	for p, err := range m.Pages {
		if err != nil {
			return Indexed{}, err
		}
		pages = append(pages, p)
	}
	last := 0
	for i := range pages {
		last = max(last, pages[i].Number)
	}
	languages, order := pageLanguages(pages, m.Language)
	secs := sections(sortedOutline(m.Outline), last)

	for _, q := range []string{
		`DELETE FROM chunk WHERE manual_id = $1`,
		`DELETE FROM manual_term WHERE manual_id = $1`,
		`DELETE FROM manual_index WHERE manual_id = $1`,
		`DELETE FROM error_code WHERE manual_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, m.ManualID); err != nil {
			return Indexed{}, postgres.Translate(err)
		}
	}
	var chunks []chunk
	vocabulary := map[string]map[string]int{} // language → folded word → count
	for i := range pages {
		p := &pages[i]
		lang := languages[p.Number]
		chunks = append(chunks, windows(p, secs[p.Number], lang)...)
		if vocabulary[lang] == nil {
			vocabulary[lang] = map[string]int{}
		}
		for _, tokens := range pageTokens(p) {
			for _, t := range tokens {
				vocabulary[lang][t]++
			}
		}
		for _, t := range textnorm.Tokens(secs[p.Number].headings) {
			vocabulary[lang][t]++
		}
	}
	codes := readCodes(pages, secs, languages)
	addCodeKeys(chunks, codes)
	if err := insertChunks(ctx, tx, m.ManualID, chunks); err != nil {
		return Indexed{}, fmt.Errorf("store chunks: %w", postgres.Translate(err))
	}
	if err := insertTerms(ctx, tx, m.ManualID, chunks); err != nil {
		return Indexed{}, fmt.Errorf("store terms: %w", postgres.Translate(err))
	}
	if err := insertStatistics(ctx, tx, m.ManualID, chunks, order, vocabulary); err != nil {
		return Indexed{}, fmt.Errorf("store statistics: %w", postgres.Translate(err))
	}
	if err := insertCodes(ctx, tx, m.ManualID, codes); err != nil {
		return Indexed{}, fmt.Errorf("store error codes: %w", postgres.Translate(err))
	}
	out := Indexed{Chunks: len(chunks), Codes: len(codes)}
	if len(order) > 0 && len(chunks) > 0 {
		out.Language = order[0]
	}
	return out, nil
}

// addCodeKeys gives the chunks that explain a code its key, where the printed
// word alone does not look like an identifier ("dr", the 13 below E18).
func addCodeKeys(chunks []chunk, codes []CodeRow) {
	byPage := map[int][]int{}
	for i := range chunks {
		byPage[chunks[i].page] = append(byPage[chunks[i].page], i)
	}
	for _, row := range codes {
		if len(row.Key) > 2*maxIdentifierLen {
			continue
		}
		word := row.Fields[0].Words[0]
		for _, i := range byPage[row.Page] {
			c := &chunks[i]
			if word >= c.firstWord && word < c.firstWord+c.wordCount && !slices.Contains(c.keys, row.Key) {
				c.keys = append(c.keys, row.Key)
			}
		}
	}
}

func sortedOutline(outline []pdf.OutlineEntry) []pdf.OutlineEntry {
	o := slices.DeleteFunc(slices.Clone(outline), func(e pdf.OutlineEntry) bool { return e.Page < 1 })
	sort.SliceStable(o, func(i, k int) bool { return o[i].Page < o[k].Page })
	return o
}

// pageLanguages names the language of each page, and all of them with the most
// frequent first. A page with too few words takes the manual's.
func pageLanguages(pages []pdf.Page, given string) (byPage map[int]string, order []string) {
	byPage = map[int]string{}
	count := map[string]int{}
	for i := range pages {
		p := &pages[i]
		var tokens []string
		for _, w := range p.Words {
			tokens = append(tokens, textnorm.Fold(w.Text))
		}
		if l := detectLanguage(tokens, 4); l != "" {
			byPage[p.Number] = l
			count[l] += len(tokens)
		}
	}
	for l := range count {
		order = append(order, l)
	}
	slices.SortFunc(order, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	if given != "" {
		order = append([]string{given}, slices.DeleteFunc(order, func(l string) bool { return l == given })...)
	}
	if len(order) == 0 {
		order = []string{"en"} // tables of numbers and parts: English stems do no harm
	}
	for i := range pages {
		if byPage[pages[i].Number] == "" {
			byPage[pages[i].Number] = order[0]
		}
	}
	return byPage, order
}

// insertBatch bounds the memory that one statement's arrays take.
const insertBatch = 500

func insertChunks(ctx context.Context, tx pgx.Tx, manual uuid.UUID, chunks []chunk) error {
	for first := 0; first < len(chunks); first += insertBatch {
		part := chunks[first:min(first+insertBatch, len(chunks))]
		n := len(part)
		ordinals, pages, firsts, counts := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
		langs, secs, bodies, texts, cfgs := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		for i, c := range part {
			ordinals[i], pages[i] = int32(first+i), int32(c.page)
			firsts[i], counts[i] = int32(c.firstWord), int32(c.wordCount)
			langs[i], secs[i], bodies[i], texts[i], cfgs[i] = c.language, c.section, c.body, c.searchText, config(c.language)
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO chunk (manual_id, ordinal, page, first_word, word_count, language, section, body, tsv, length)
			SELECT $1, o, p, f, n, l, s, b, v, (SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(v))
			FROM unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
			       AS c(o, p, f, n, l, s, b, t, cfg),
			     LATERAL to_tsvector(cfg::regconfig, replace(t, ',', '.')) AS v -- a comma would divide a figure`,
			manual, ordinals, pages, firsts, counts, langs, secs, bodies, texts, cfgs)
		if err != nil {
			return err
		}
	}
	return nil
}

func insertTerms(ctx context.Context, tx pgx.Tx, manual uuid.UUID, chunks []chunk) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO manual_term (manual_id, term, ordinals, counts)
		SELECT $1, lexeme, array_agg(ordinal ORDER BY ordinal),
		       array_agg(least(cardinality(positions), 999)::int2 ORDER BY ordinal)
		FROM chunk, unnest(tsv)
		WHERE manual_id = $1
		GROUP BY lexeme`, manual)
	if err != nil {
		return err
	}
	type posting struct {
		ordinals []int32
		counts   []int16
	}
	identifiers := map[string]*posting{}
	for i, c := range chunks {
		for _, k := range c.keys {
			p := identifiers[k]
			if p == nil {
				p = &posting{}
				identifiers[k] = p
			}
			if n := len(p.ordinals); n > 0 && p.ordinals[n-1] == int32(i) {
				p.counts[n-1] = min(p.counts[n-1]+1, 999)
				continue
			}
			p.ordinals, p.counts = append(p.ordinals, int32(i)), append(p.counts, 1)
		}
	}
	rows := make([][]any, 0, len(identifiers))
	for k, p := range identifiers {
		rows = append(rows, []any{manual, identifierMark + k, p.ordinals, p.counts})
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"manual_term"}, []string{"manual_id", "term", "ordinals", "counts"}, pgx.CopyFromRows(rows))
	return err
}

func insertStatistics(ctx context.Context, tx pgx.Tx, manual uuid.UUID, chunks []chunk, languages []string, vocabulary map[string]map[string]int) error {
	pages := make([]int32, len(chunks))
	for i, c := range chunks {
		pages[i] = int32(c.page)
	}
	var words, cfgs []string
	var counts []int32
	for lang, ws := range vocabulary {
		for w, n := range ws {
			words, cfgs, counts = append(words, w), append(cfgs, config(lang)), append(counts, int32(n))
		}
	}
	_, err := tx.Exec(ctx, `
		WITH v AS (
			SELECT w, n, coalesce((tsvector_to_array(to_tsvector(cfg::regconfig, replace(w, ',', '.'))))[1], '') AS lexeme
			FROM unnest($3::text[], $4::int[], $5::text[]) AS u(w, n, cfg)
		)
		INSERT INTO manual_index (manual_id, languages, total_length, lengths, pages, words, lexemes, word_counts)
		SELECT $1, $2,
		       (SELECT coalesce(sum(length), 0) FROM chunk WHERE manual_id = $1),
		       (SELECT coalesce(array_agg(length ORDER BY ordinal), '{}') FROM chunk WHERE manual_id = $1),
		       $6,
		       (SELECT coalesce(array_agg(w ORDER BY w, lexeme), '{}') FROM v),
		       (SELECT coalesce(array_agg(lexeme ORDER BY w, lexeme), '{}') FROM v),
		       (SELECT coalesce(array_agg(n ORDER BY w, lexeme), '{}') FROM v)`,
		manual, languages, words, counts, cfgs, pages)
	return err
}

func insertCodes(ctx context.Context, tx pgx.Tx, manual uuid.UUID, codes []CodeRow) error {
	rows := make([][]any, len(codes))
	for i, c := range codes {
		data, err := json.Marshal(c)
		if err != nil {
			return err
		}
		rows[i] = []any{manual, i, c.Code, c.Key, c.Page, data}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"error_code"}, []string{"manual_id", "ordinal", "code", "code_key", "page", "row"}, pgx.CopyFromRows(rows))
	return err
}
