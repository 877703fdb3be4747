package search

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Index replaces the whole index of a manual inside tx: chunks, posting lists and
// vocabulary, and the structure, error codes, parts and settings, whose words may have
// moved. It gives the same for the same pages, however often it is done.
//
// What is read from tables must not keep a text from being searched: where that fails,
// the text is indexed all the same, Indexed.Codes is the reason, and IndexCodes is to
// be tried again later.
func (s *Store) Index(ctx context.Context, tx pgx.Tx, m Source) (Indexed, error) {
	b, err := m.read()
	if err != nil {
		return Indexed{}, err
	}
	// The rows are read while the database works on the text.
	reading := make(chan rowsOrError, 1)
	go func() { reading <- b.tryRows(m.Outline) }()
	chunks, err := insertText(ctx, tx, m.ManualID, b)
	read := <-reading
	if err != nil {
		return Indexed{}, err
	}
	out := Indexed{Chunks: len(chunks), Codes: read.err}
	if b.recognised {
		out.Language = b.order[0]
	}
	if read.err == nil {
		out.Codes = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { return s.insertRead(ctx, tx, m.ManualID, read.rows) })
		if err := ctx.Err(); err != nil {
			return out, err
		}
	}
	if out.Codes == nil {
		addCodeKeys(chunks, read.rows.codes)
	}
	if err := insertIdentifiers(ctx, tx, m.ManualID, chunks); err != nil {
		return out, fmt.Errorf("store identifiers: %w", postgres.Translate(err))
	}
	return out, nil
}

// insertText replaces the index of the text, without its identifiers, and removes
// everything else of the index.
func insertText(ctx context.Context, tx pgx.Tx, manual uuid.UUID, b *book) ([]chunk, error) {
	if err := removeRows(ctx, tx, manual, "chunk", "manual_term", "manual_index", "error_code", "part", "manual_setting"); err != nil {
		return nil, err
	}
	chunks := b.chunks()
	if err := insertChunks(ctx, tx, manual, chunks); err != nil {
		return nil, fmt.Errorf("store chunks: %w", postgres.Translate(err))
	}
	if err := insertLexemes(ctx, tx, manual); err != nil {
		return nil, fmt.Errorf("store terms: %w", postgres.Translate(err))
	}
	if err := insertStatistics(ctx, tx, manual, chunks, b.order, b.vocabulary()); err != nil {
		return nil, fmt.Errorf("store statistics: %w", postgres.Translate(err))
	}
	return chunks, nil
}

// removeRows removes what tables hold of a manual.
func removeRows(ctx context.Context, tx pgx.Tx, manual uuid.UUID, tables ...string) error {
	for _, table := range tables {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE manual_id = $1`, manual); err != nil {
			return postgres.Translate(err)
		}
	}
	return nil
}

// IndexCodes replaces the structure, the error codes, the parts and the settings of a
// manual inside tx, after Index of the same pages, and returns how many places
// explain a code. The chunks of these places are then found by the code.
func (s *Store) IndexCodes(ctx context.Context, tx pgx.Tx, m Source) (int, error) {
	b, err := m.read()
	if err != nil {
		return 0, err
	}
	read := b.tryRows(m.Outline)
	if read.err != nil {
		return 0, read.err
	}
	if err := s.insertRead(ctx, tx, m.ManualID, read.rows); err != nil {
		return 0, err
	}
	chunks := b.chunks()
	addCodeKeys(chunks, read.rows.codes)
	for _, q := range []string{
		`DELETE FROM manual_term WHERE manual_id = $1 AND term LIKE '` + identifierMark + `%'`,
		`UPDATE manual_index SET version = nextval('index_version') WHERE manual_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, m.ManualID); err != nil {
			return 0, postgres.Translate(err)
		}
	}
	if err := insertIdentifiers(ctx, tx, m.ManualID, chunks); err != nil {
		return 0, fmt.Errorf("store identifiers: %w", postgres.Translate(err))
	}
	return len(read.rows.codes), nil
}

// readRows are a manual's structure and the rows that are read from it.
type readRows struct {
	document        *structure.Document
	codes           []CodeRow
	parts, settings rowBatch
	doubtful        []any // what was left out, to be logged
}

type rowsOrError struct {
	rows *readRows
	err  error
}

// tryRows reads the rows. A page that it stumbles over is an error of the rows and
// not of the program.
func (b *book) tryRows(outline []pdf.OutlineEntry) (out rowsOrError) {
	defer func() {
		if r := recover(); r != nil {
			out = rowsOrError{err: fmt.Errorf("search: panic: %v\n%s", r, debug.Stack())}
		}
	}()
	rows, err := b.rows(outline)
	return rowsOrError{rows, err}
}

func (b *book) rows(outline []pdf.OutlineEntry) (*readRows, error) {
	out := &readRows{document: b.document(outline)}
	pages := newSheets(b.pages)
	parts, doubtful := readParts(pages, out.document)
	settings, unsure := readSettings(pages, out.document, b.languages)
	if doubtful+unsure > 0 {
		out.doubtful = []any{"parts", doubtful, "settings", unsure}
	}
	for i := range parts {
		p := &parts[i]
		if err := out.parts.add(i, p.OrderNumber(), p.keys(), p.Page, p.Language, p.words(), p); err != nil {
			return nil, err
		}
	}
	for i := range settings {
		v := &settings[i]
		if err := out.settings.add(i, v.Name.Text, v.keys(), v.Page, v.Language, v.words(), v); err != nil {
			return nil, err
		}
	}
	out.codes = readCodes(b.pages, b.sections, b.languages)
	return out, nil
}

// insertRead replaces what is stored of a manual's structure and rows.
func (s *Store) insertRead(ctx context.Context, tx pgx.Tx, manual uuid.UUID, read *readRows) error {
	if len(read.doubtful) > 0 {
		s.log.InfoContext(ctx, "rows were left out because the pages do not tell for certain what belongs together",
			append([]any{"manual_id", manual}, read.doubtful...)...)
	}
	if err := insertStructure(ctx, tx, manual, read.document); err != nil {
		return fmt.Errorf("store structure: %w", err)
	}
	if err := read.parts.insert(ctx, tx, "part", "number", manual); err != nil {
		return fmt.Errorf("store parts: %w", postgres.Translate(err))
	}
	if err := read.settings.insert(ctx, tx, "manual_setting", "name", manual); err != nil {
		return fmt.Errorf("store settings: %w", postgres.Translate(err))
	}
	if err := removeRows(ctx, tx, manual, "error_code"); err != nil {
		return err
	}
	if err := insertCodes(ctx, tx, manual, read.codes); err != nil {
		return fmt.Errorf("store error codes: %w", postgres.Translate(err))
	}
	return nil
}

// book is a manual as both parts of its index read it.
type book struct {
	pages      []pdf.Page
	languages  map[int]string // by page number
	order      []string       // languages, the manual's own first
	recognised bool           // order[0] was given or recognised, not only assumed
	sections   []pageSection  // by page number
	tokens     [][][]string   // of each word of each page, as pageTokens gives them
}

func (m *Source) read() (*book, error) {
	b := &book{}
	last := 0
	for p, err := range m.Pages {
		if err != nil {
			return nil, err
		}
		b.pages = append(b.pages, p)
		last = max(last, p.Number)
	}
	b.languages, b.order, b.recognised = pageLanguages(b.pages, m.Language)
	b.sections = sections(sortedOutline(m.Outline), last)
	b.tokens = make([][][]string, len(b.pages))
	for i := range b.pages {
		b.tokens[i] = pageTokens(&b.pages[i])
	}
	return b, nil
}

func (b *book) chunks() []chunk {
	var out []chunk
	doubles := structure.Spreads(b.pages)
	for i := range b.pages {
		p := &b.pages[i]
		cut := windows(p, b.tokens[i], b.sections[p.Number], b.languages[p.Number])
		if len(doubles) > 0 {
			cut = slices.DeleteFunc(cut, func(c chunk) bool { return onlyAgain(p, c, doubles) })
		}
		out = append(out, cut...)
	}
	return out
}

// onlyAgain reports whether all words of a chunk are only printed again, on a
// booklet's sheet: nobody wants to find them twice.
func onlyAgain(p *pdf.Page, c chunk, doubles []structure.Double) bool {
	return !slices.ContainsFunc(p.Words[c.firstWord:c.firstWord+c.wordCount], func(w pdf.Word) bool {
		return !slices.ContainsFunc(doubles, func(d structure.Double) bool { return d.Holds(p.Number, w.Box) })
	})
}

// vocabulary counts the folded words by language.
func (b *book) vocabulary() map[string]map[string]int {
	out := map[string]map[string]int{}
	for i := range b.pages {
		p := &b.pages[i]
		lang := b.languages[p.Number]
		if out[lang] == nil {
			out[lang] = map[string]int{}
		}
		for _, tokens := range b.tokens[i] {
			for _, t := range tokens {
				out[lang][t]++
			}
		}
		for _, t := range textnorm.Tokens(b.sections[p.Number].headings) {
			out[lang][t]++
		}
	}
	return out
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
		page := 0
		for _, f := range row.Fields {
			if f.On(&row) == page {
				continue // the row is found by what it begins with on each page
			}
			page = f.On(&row)
			for _, i := range byPage[page] {
				c := &chunks[i]
				if f.Words[0] >= c.firstWord && f.Words[0] < c.firstWord+c.wordCount && !slices.Contains(c.keys, row.Key) {
					c.keys = append(c.keys, row.Key)
				}
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
// frequent first. A page with too few words takes the manual's. recognised says
// that the first was given or found, and not only assumed.
func pageLanguages(pages []pdf.Page, given string) (byPage map[int]string, order []string, recognised bool) {
	byPage = map[int]string{}
	count := map[string]int{}
	var all []string // of a manual's pages that are few or hold little text
	for i := range pages {
		p := &pages[i]
		var tokens []string
		for _, w := range p.Words {
			tokens = append(tokens, textnorm.Fold(w.Text))
		}
		if len(count) == 0 && len(all) < enoughTokens {
			all = append(all, tokens...)
		}
		if l := textnorm.DetectLanguage(tokens, 4); l != "" {
			byPage[p.Number] = l
			count[l] += len(tokens)
		}
	}
	if len(count) == 0 {
		if l := textnorm.DetectLanguage(all, 4); l != "" {
			count[l]++
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
	recognised = len(order) > 0
	if !recognised {
		order = []string{"en"} // tables of numbers and parts: English stems do no harm
	}
	for i := range pages {
		if byPage[pages[i].Number] == "" {
			byPage[pages[i].Number] = cmp.Or(languageAround(pages, i, byPage), order[0])
		}
	}
	return byPage, order, recognised
}

// languageAround returns the language of the pages before and after one that does
// not tell its own, "" when they differ: a page of figures is in its chapter's.
func languageAround(pages []pdf.Page, i int, byPage map[int]string) string {
	if i == 0 {
		return ""
	}
	before := byPage[pages[i-1].Number]
	for _, p := range pages[i+1:] {
		if l := byPage[p.Number]; l != "" {
			if l == before {
				return l
			}
			break
		}
	}
	return ""
}

// enoughTokens tell the language of any manual whose pages, each for itself, do not.
const enoughTokens = 20_000

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

// insertLexemes makes the posting lists of the words out of the stored chunks.
func insertLexemes(ctx context.Context, tx pgx.Tx, manual uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO manual_term (manual_id, term, postings)
		SELECT $1, lexeme, string_agg(int4send(ordinal << 10 | least(cardinality(positions), 999)), '' ORDER BY ordinal)
		FROM chunk, unnest(tsv)
		WHERE manual_id = $1
		GROUP BY lexeme`, manual)
	return err
}

// insertIdentifiers makes those of codes, part numbers and the like.
func insertIdentifiers(ctx context.Context, tx pgx.Tx, manual uuid.UUID, chunks []chunk) error {
	identifiers := map[string][]byte{}
	for i, c := range chunks {
		counts := map[string]int{}
		for _, k := range c.keys {
			counts[k]++
		}
		for k, n := range counts {
			identifiers[k] = packPosting(identifiers[k], i, n)
		}
	}
	rows := make([][]any, 0, len(identifiers))
	for k, postings := range identifiers {
		rows = append(rows, []any{manual, identifierMark + k, postings})
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"manual_term"}, []string{"manual_id", "term", "postings"}, pgx.CopyFromRows(rows))
	return err
}

func insertStatistics(ctx context.Context, tx pgx.Tx, manual uuid.UUID, chunks []chunk, languages []string, vocabulary map[string]map[string]int) error {
	pages, chunkLanguages := make([]int32, len(chunks)), make([]byte, len(chunks))
	for i, c := range chunks {
		pages[i], chunkLanguages[i] = int32(c.page), byte(max(slices.Index(languages, c.language), 0))
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
		INSERT INTO manual_index (manual_id, languages, total_length, lengths, pages, chunk_languages, words, lexemes, word_counts)
		SELECT $1, $2,
		       (SELECT coalesce(sum(length), 0) FROM chunk WHERE manual_id = $1),
		       (SELECT coalesce(array_agg(length ORDER BY ordinal), '{}') FROM chunk WHERE manual_id = $1),
		       $6, $7,
		       (SELECT coalesce(array_agg(w ORDER BY w, lexeme), '{}') FROM v),
		       (SELECT coalesce(array_agg(lexeme ORDER BY w, lexeme), '{}') FROM v),
		       (SELECT coalesce(array_agg(n ORDER BY w, lexeme), '{}') FROM v)`,
		manual, languages, words, counts, cfgs, pages, chunkLanguages)
	return err
}

func insertCodes(ctx context.Context, tx pgx.Tx, manual uuid.UUID, codes []CodeRow) error {
	rows := make([][]any, len(codes))
	for i, c := range codes {
		data, err := json.Marshal(c)
		if err != nil {
			return err
		}
		rows[i] = []any{manual, i, c.Code, c.Key, looseKey(c.Key), c.Whole(), c.Language, c.Page, data}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"error_code"}, []string{"manual_id", "ordinal", "code", "code_key", "loose_key", "whole", "language", "page", "row"}, pgx.CopyFromRows(rows))
	return err
}
