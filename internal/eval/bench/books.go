package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// What a generated manual is made of. A page has two windows.
const (
	manualPages   = 180
	manualChunks  = 2*manualPages - 2 // the pages of codes and parts are short
	chunkWords    = 200
	codesOfManual = 20
	partsOfManual = 20
	bookWords     = 3000 // that a manual has beside the common ones
	commonWords   = 400
	libraryWords  = 60_000
)

// words are those of an invented language, the most frequent first.
type words struct {
	printed []string
	lexemes []string // as PostgreSQL's English stemmer gives them
}

func newWords(ctx context.Context, db *pgxpool.Pool) (*words, error) {
	w := &words{}
	seen := map[string]bool{}
	for i := 0; len(w.printed) < libraryWords; i++ {
		if word := inventedWord(i); !seen[word] {
			seen[word] = true
			w.printed = append(w.printed, word)
		}
	}
	rows, err := db.Query(ctx, `
		SELECT coalesce((tsvector_to_array(to_tsvector('english', w)))[1], w)
		FROM unnest($1::text[]) WITH ORDINALITY AS u(w, n) ORDER BY n`, w.printed)
	if err != nil {
		return nil, err
	}
	w.lexemes, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return w, err
}

// inventedWord is word i of the language: two to four syllables.
func inventedWord(i int) string {
	var b strings.Builder
	for n := 0; n < 2 || i > 0 && n < 5; n++ {
		b.WriteByte("bdfgklmnprstvz"[i%14])
		b.WriteByte("aeiou"[i/14%5])
		i /= 70
		if n == 0 {
			b.WriteByte("lnrstk"[i%6])
		}
	}
	return b.String()
}

// book is a generated manual.
type book struct {
	id     uuid.UUID
	number int
	words  *words
	pages  int
	random *rand.Rand
	zipf   *rand.Zipf
	rare   []int // the manual's own words
}

func newBook(w *words, number, pages int) *book {
	b := &book{id: uuid.Must(uuid.NewV7()), number: number, words: w, pages: pages, random: rand.New(rand.NewPCG(uint64(number), 3))} //nolint:gosec // the same manual each time
	b.zipf = rand.NewZipf(b.random, 1.07, 4, commonWords+bookWords-1)
	for range bookWords {
		b.rare = append(b.rare, commonWords+b.random.IntN(libraryWords-commonWords))
	}
	return b
}

// word draws one: the common ones are those of all manuals.
func (b *book) word() int {
	i := int(b.zipf.Uint64())
	if i < commonWords {
		return i
	}
	return b.rare[i-commonWords]
}

func makerName(number int) string { return fmt.Sprintf("Maker %c%c", 'A'+number%8, 'A'+number/8%5) }
func modelName(number int) string { return fmt.Sprintf("MX-%d", 1000+number) }

// partNumber is that of a part: some parts are those of several manuals.
func partNumber(number, part int) string {
	return fmt.Sprintf("%05d-%02d", 10_000+(number/(1+part%4))*7%80_000, 11+part)
}

// tablePages are the first pages: a table of codes and one of parts.
func (b *book) tablePages() []pdf.Page {
	codes, parts := [][]string{{"Code", "Meaning", "Remedy"}}, [][]string{{"Item", "Part No.", "Description"}}
	word := func() string { return b.words.printed[b.word()] }
	for i := range codesOfManual {
		codes = append(codes, []string{fmt.Sprintf("E%d", i+1), word() + " " + word(), word()})
	}
	for i := range partsOfManual {
		parts = append(parts, []string{strconv.Itoa(i + 1), partNumber(b.number, i), word() + " " + word()})
	}
	return []pdf.Page{tablePage(1, codes), tablePage(2, parts)}
}

// tablePage is a page with a table of three columns.
func tablePage(number int, rows [][]string) pdf.Page {
	p := pdf.Page{Number: number, Width: 595, Height: 842, Words: []pdf.Word{}, Lines: []pdf.Line{}}
	t := pdf.Table{Box: pdf.Box{X0: 50, Y0: 50, X1: 550}}
	for i, cells := range rows {
		y := 50 + 14*float64(i)
		row := pdf.Row{Box: pdf.Box{X0: 50, Y0: y, X1: 550, Y1: y + 12}}
		for k, text := range cells {
			x := 50 + 160*float64(k)
			row.Cells = append(row.Cells, pdf.Cell{Text: text, Box: pdf.Box{X0: x, Y0: y, X1: x + 160, Y1: y + 12}, Words: printLine(&p, text, x+2, y)})
		}
		t.Rows = append(t.Rows, row)
		t.Box.Y1 = y + 12
	}
	p.Tables = []pdf.Table{t}
	return p
}

// printLine adds a line to a page and returns the indices of its words.
func printLine(p *pdf.Page, text string, x, y float64) []int {
	first := len(p.Words)
	from := x
	var indices []int
	for w := range strings.FieldsSeq(text) {
		indices = append(indices, len(p.Words))
		width := 5 * float64(len(w))
		p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: y, X1: x + width, Y1: y + 10}})
		x += width + 3
	}
	p.Lines = append(p.Lines, pdf.Line{First: first, Count: len(p.Words) - first, Box: pdf.Box{X0: from, Y0: y, X1: x, Y1: y + 10}, FontSize: 10})
	return indices
}

func eachPage(pages []pdf.Page) iter.Seq2[pdf.Page, error] {
	return func(yield func(pdf.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// printed are its pages, for the indexing itself.
func (b *book) printed() iter.Seq2[pdf.Page, error] {
	return func(yield func(pdf.Page, error) bool) {
		tables := b.tablePages()
		for _, p := range tables {
			if !yield(p, nil) {
				return
			}
		}
		for n := len(tables) + 1; n <= b.pages; n++ {
			p := pdf.Page{Number: n, Width: 595, Height: 842, Words: []pdf.Word{}, Lines: []pdf.Line{}}
			for i := range 35 { // lines of ten words: two windows
				line := make([]string, 10)
				for k := range line {
					line[k] = b.words.printed[b.word()]
				}
				printLine(&p, strings.Join(line, " "), 50, 50+12*float64(i))
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// bookChunk is a chunk as its table has it.
type bookChunk struct {
	page, first, count int
	body, vector       string
}

// bookIndex is what is stored of a manual's text.
type bookIndex struct {
	chunks   []bookChunk
	postings map[string][]byte
	counts   map[string]int // of printed words
	lexeme   map[string]string
}

// index generates the text and its index.
func (b *book) index() *bookIndex {
	x := &bookIndex{postings: map[string][]byte{}, counts: map[string]int{}, lexeme: map[string]string{}}
	tables := b.tablePages()
	known := map[string]string{}
	for i, w := range b.words.printed[:commonWords] {
		known[w] = b.words.lexemes[i]
	}
	for _, i := range b.rare {
		known[b.words.printed[i]] = b.words.lexemes[i]
	}
	lexemeOf := func(w string) string {
		if l, ok := known[w]; ok {
			return l
		}
		return strings.ToLower(w)
	}
	for _, p := range tables {
		var text []string
		for _, w := range p.Words {
			text = append(text, w.Text)
		}
		x.add(p.Number, 0, text, lexemeOf)
	}
	for page := len(tables) + 1; page <= b.pages; page++ {
		for half := range 2 {
			text := make([]string, chunkWords)
			for i := range text {
				text[i] = b.words.printed[b.word()]
			}
			x.add(page, half*chunkWords, text, lexemeOf)
		}
	}
	return x
}

func (x *bookIndex) add(page, first int, text []string, lexemeOf func(string) string) {
	positions := map[string][]string{}
	for i, w := range text {
		l := lexemeOf(w)
		positions[l] = append(positions[l], strconv.Itoa(i+1))
		x.counts[strings.ToLower(w)]++
		x.lexeme[strings.ToLower(w)] = l
	}
	ordinal := len(x.chunks)
	var vector strings.Builder
	for l, at := range positions {
		fmt.Fprintf(&vector, "'%s':%s ", l, strings.Join(at, ","))
		x.postings[l] = binary.BigEndian.AppendUint32(x.postings[l], uint32(ordinal)<<10|uint32(len(at)))
	}
	x.chunks = append(x.chunks, bookChunk{page, first, len(text), strings.Join(text, " "), vector.String()})
}

// fillLibrary makes the manuals and their indexes.
func fillLibrary(ctx context.Context, db *pgxpool.Pool, w *words, manuals int) error {
	// Their order is the order of reading: indexes are faster made of full tables.
	const keys = `ALTER TABLE manual_term DROP CONSTRAINT manual_term_pkey; DROP INDEX manual_term_manual`
	if _, err := db.Exec(ctx, keys); err != nil {
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	numbers := make(chan int)
	group.Go(func() error {
		defer close(numbers)
		for n := range manuals {
			select {
			case numbers <- n:
			case <-inner.Done():
				return inner.Err()
			}
		}
		return nil
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for n := range numbers {
				if err := newBook(w, n, manualPages).store(inner, db); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, q := range []string{
		`SET maintenance_work_mem = '512MB'; ALTER TABLE manual_term ADD CONSTRAINT manual_term_pkey PRIMARY KEY (term, manual_id);
		 CREATE INDEX manual_term_manual ON manual_term (manual_id)`,
		`VACUUM ANALYZE manual_term`, `ANALYZE`, // the chunks are read by their key only
	} {
		if _, err := db.Exec(ctx, q); err != nil {
			return err
		}
	}
	return indexAllTables(ctx, db, w, manuals)
}

// registerBook stores a manual that can be searched, for a model of its own.
func registerBook(ctx context.Context, db *pgxpool.Pool, b *book) error {
	kinds := []string{"service", "parts", "installation", "user"}
	_, err := db.Exec(ctx, `
		WITH m AS (
			INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, language, status, pages, generation, created_by)
			VALUES ($1::uuid, encode(sha256($1::uuid::text::bytea), 'hex'), encode(sha256($1::uuid::text::bytea), 'hex'), 1, 'm.pdf', $2, $3, 'en', 'ready', $4, 1,
			        (SELECT id FROM users))
		), o AS (
			INSERT INTO model (id, manufacturer, name, manufacturer_key, name_key)
			VALUES (gen_random_uuid(), $5, $6, lower(replace($5, ' ', '')), lower(replace($6, '-', '')))
			RETURNING id
		)
		INSERT INTO manual_model SELECT $1, id FROM o`,
		b.id, modelName(b.number)+" Manual", kinds[b.number%len(kinds)], b.pages, makerName(b.number), modelName(b.number))
	return err
}

// removeBook removes the manual, and its model.
func removeBook(ctx context.Context, db *pgxpool.Pool, b *book) error {
	for _, q := range []string{
		`DELETE FROM manual WHERE id IN (SELECT manual_id FROM manual_model JOIN model ON model.id = model_id WHERE name = $1)`,
		`DELETE FROM model WHERE name = $1`,
	} {
		if _, err := db.Exec(ctx, q, modelName(b.number)); err != nil {
			return err
		}
	}
	return nil
}

// store writes the manual with the index of its text.
func (b *book) store(ctx context.Context, db *pgxpool.Pool) error {
	if err := registerBook(ctx, db, b); err != nil {
		return err
	}
	x := b.index()
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		// Three million rows need not each look whether their manual is there.
		if _, err := tx.Exec(ctx, "SET LOCAL synchronous_commit = off; SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
		if err := x.copyChunks(ctx, tx, b.id); err != nil {
			return err
		}
		terms := make([][]any, 0, len(x.postings))
		for l, list := range x.postings {
			terms = append(terms, []any{b.id, l, list})
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"manual_term"}, []string{"manual_id", "term", "postings"}, pgx.CopyFromRows(terms)); err != nil {
			return err
		}
		printed := slices.Sorted(maps.Keys(x.counts))
		lexemes, counts := make([]string, len(printed)), make([]int32, len(printed))
		for i, w := range printed {
			lexemes[i], counts[i] = x.lexeme[w], int32(x.counts[w])
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO manual_index (manual_id, languages, total_length, lengths, pages, chunk_languages, words, lexemes, word_counts)
			SELECT $1, '{en}', sum(length), array_agg(length ORDER BY ordinal), array_agg(page ORDER BY ordinal), $2, $3, $4, $5
			FROM chunk WHERE manual_id = $1`, b.id, make([]byte, len(x.chunks)), printed, lexemes, counts)
		return err
	})
}

func (x *bookIndex) copyChunks(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	n := len(x.chunks)
	pages, firsts, counts := make([]int32, n), make([]int32, n), make([]int32, n)
	bodies, vectors := make([]string, n), make([]string, n)
	for i, c := range x.chunks {
		pages[i], firsts[i], counts[i], bodies[i], vectors[i] = int32(c.page), int32(c.first), int32(c.count), c.body, c.vector
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO chunk (manual_id, ordinal, page, first_word, word_count, language, section, body, tsv, length)
		SELECT $1, n - 1, p, f, c, 'en', '', b, v::tsvector, c
		FROM unnest($2::int[], $3::int[], $4::int[], $5::text[], $6::text[]) WITH ORDINALITY AS u(p, f, c, b, v, n)`,
		id, pages, firsts, counts, bodies, vectors)
	return err
}

// indexAllTables indexes the codes and the parts of the manuals' first pages.
func indexAllTables(ctx context.Context, db *pgxpool.Pool, w *words, manuals int) error {
	store := search.New(db, slog.New(slog.DiscardHandler))
	rows, err := db.Query(ctx, `SELECT id FROM manual ORDER BY title`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	if len(ids) != manuals {
		return errors.New("some manuals were not stored")
	}
	for n, id := range ids {
		pages := newBook(w, n, manualPages).tablePages()
		err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
				return err
			}
			_, err := store.IndexCodes(ctx, tx, search.Source{ManualID: id, Language: "en", Pages: eachPage(pages)})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
