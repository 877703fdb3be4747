package search_test

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/search"
)

// table is the cells of a table, row by row. The text spans stands for a cell
// that the one above it reaches down into.
type table [][]string

const spans = "↑"

// sheet makes page n of its parts from the top: a string has its lines, a table
// its cells, each in a line of its own.
func sheet(n int, parts ...any) pdf.Page {
	p := pdf.Page{Number: n, Width: 595, Height: 842, Words: []pdf.Word{}, Lines: []pdf.Line{}}
	y := 50.0
	line := func(text string, x float64) []int {
		first := len(p.Words)
		var words []int
		from := x
		for _, w := range strings.Fields(text) {
			width := 5 * float64(len([]rune(w)))
			words = append(words, len(p.Words))
			p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: y, X1: x + width, Y1: y + 10}})
			x += width + 3
		}
		if len(words) > 0 {
			p.Lines = append(p.Lines, pdf.Line{First: first, Count: len(words), Box: pdf.Box{X0: from, Y0: y, X1: x - 3, Y1: y + 10}, FontSize: 10})
		}
		return words
	}
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			for text := range strings.SplitSeq(part, "\n") {
				line(text, 50)
				y += 12
			}
		case table:
			t := pdf.Table{Box: pdf.Box{X0: 50, Y0: y, X1: 550, Y1: y}}
			width := 500 / float64(len(part[0]))
			for i, cells := range part {
				row := pdf.Row{Box: pdf.Box{X0: 50, Y0: y, X1: 550, Y1: y + 12}}
				for k, text := range cells {
					x := 50 + width*float64(k)
					cell := pdf.Cell{Text: text, Box: pdf.Box{X0: x, Y0: y, X1: x + width, Y1: y + 12}}
					if text == spans {
						above := t.Rows[i-1].Cells[k]
						cell.Text, cell.Words = above.Text, above.Words
					} else {
						cell.Words = line(text, x+2)
					}
					row.Cells = append(row.Cells, cell)
				}
				t.Rows = append(t.Rows, row)
				y += 12
			}
			t.Box.Y1 = y
			p.Tables = append(p.Tables, t)
		}
	}
	return p
}

// sheets makes a page of each text, from page 1.
func sheets(texts ...string) []pdf.Page {
	var out []pdf.Page
	for i, text := range texts {
		out = append(out, sheet(i+1, text))
	}
	return out
}

// library is an index with the manuals of one test.
type library struct {
	t     testing.TB
	db    *pgxpool.Pool
	store *search.Store
}

func newLibrary(t testing.TB) *library {
	t.Helper()
	db := pgtest.New(t)
	return &library{t, db, search.New(db, slog.New(slog.DiscardHandler))}
}

// add stores and indexes a manual.
func (l *library) add(pages ...pdf.Page) uuid.UUID {
	l.t.Helper()
	id := l.register()
	l.index(search.Source{ManualID: id, Pages: each(pages)})
	return id
}

// register stores a manual without an index.
func (l *library) register() uuid.UUID {
	l.t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := l.db.Exec(l.t.Context(), `
		INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, status, created_by)
		VALUES ($1::uuid, encode(sha256($1::uuid::text::bytea), 'hex'), encode(sha256($1::uuid::text::bytea), 'hex'), 1, 'm.pdf', 'M', 'service', 'processing', (SELECT id FROM users))`, id)
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

func (l *library) index(m search.Source) search.Indexed {
	l.t.Helper()
	var out search.Indexed
	err := postgres.InTx(l.t.Context(), l.db, func(tx pgx.Tx) (err error) {
		out, err = l.indexIn(tx, m)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

// indexIn makes both parts of the index.
func (l *library) indexIn(tx pgx.Tx, m search.Source) (search.Indexed, error) {
	out, err := l.store.Index(l.t.Context(), tx, m)
	return out, errors.Join(err, out.Codes)
}

func each(pages []pdf.Page) iter.Seq2[pdf.Page, error] {
	return func(yield func(pdf.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (l *library) search(q search.Query) search.Result {
	l.t.Helper()
	res, err := l.store.Search(l.t.Context(), q)
	if err != nil {
		l.t.Fatal(err)
	}
	return res
}

// ask searches one manual for a text.
func (l *library) ask(manual uuid.UUID, text string) search.Result {
	l.t.Helper()
	return l.search(search.Query{Manuals: []uuid.UUID{manual}, Text: text})
}

// pagesOf returns the page numbers of a result, best first.
func pagesOf(res search.Result) []int {
	var out []int
	for _, h := range res.Pages {
		out = append(out, h.Page)
	}
	return out
}

// first fails the test unless page is the best of the result.
func first(t testing.TB, what string, res search.Result, page int) {
	t.Helper()
	if len(res.Pages) == 0 || res.Pages[0].Page != page {
		var terms []string
		for _, term := range res.Terms {
			terms = append(terms, term.Explain())
		}
		t.Errorf("%s: pages %v, want %d first; terms %s", what, pagesOf(res), page, strings.Join(terms, ", "))
	}
}

// rowsOf renders rows of the error-code index, one line each:
// "page code[key] role:text|role:text".
func rowsOf(rows []search.CodeRow, pages []pdf.Page) []string {
	var out []string
	for _, r := range rows {
		var fields []string
		for _, f := range r.Fields {
			at := slices.IndexFunc(pages, func(p pdf.Page) bool { return p.Number == f.On(&r) })
			field := string(f.Role)
			if f.Pair > 0 {
				field += strconv.Itoa(f.Pair)
			}
			field += ":" + f.Text(&pages[at])
			if f.Page > 0 {
				field += fmt.Sprintf(" on page %d", f.Page)
			}
			fields = append(fields, field)
		}
		out = append(out, fmt.Sprintf("%d %s[%s] %s", r.Page, r.Code, r.Key, strings.Join(fields, "|")))
	}
	return out
}
