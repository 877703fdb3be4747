package search_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// printedManual makes a manual whose words are as unevenly frequent as those of
// a language, with a code table on every tenth page. The same seed gives the same
// manual.
func printedManual(pages int, seed uint64) []pdf.Page {
	random := rand.New(rand.NewPCG(seed, 1))
	frequency := rand.NewZipf(random, 1.1, 3, 7999)
	text := func(n int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = benchWord(frequency.Uint64())
		}
		return strings.Join(words, " ")
	}
	var out []pdf.Page
	for n := 1; n <= pages; n++ {
		parts := []any{text(12), text(330)}
		if n%10 == 0 {
			codes := table{{"Error code", "Meaning", "Remedy"}}
			for i := range 8 {
				codes = append(codes, []string{fmt.Sprintf("E%d", n+i), text(4), text(10)})
			}
			parts = append(parts, codes)
		}
		out = append(out, sheet(n, parts...))
	}
	return out
}

// benchWord is word i of an invented language.
func benchWord(i uint64) string {
	var b strings.Builder
	for range 3 {
		b.WriteByte("bdfgklmnprstvwz"[i%15])
		b.WriteByte("aeiou"[i/15%5])
		i /= 20
	}
	return b.String()
}

func BenchmarkSearch(b *testing.B) {
	l := newLibrary(b)
	for _, scope := range []struct {
		name           string
		manuals, pages int // of about two chunks
	}{
		{"1 manual of 500 chunks", 1, 240},
		{"20 manuals of 100 chunks", 20, 48},
	} {
		var ids []uuid.UUID
		for i := range scope.manuals {
			ids = append(ids, l.add(printedManual(scope.pages, uint64(i))...))
		}
		if _, err := l.db.Exec(b.Context(), "VACUUM ANALYZE"); err != nil {
			b.Fatal(err)
		}
		for _, q := range []struct {
			name string
			search.Query
		}{
			{"code", search.Query{Code: "E12"}},
			{"words", search.Query{Text: strings.Join([]string{benchWord(5), benchWord(77), benchWord(900), benchWord(4000)}, " ")}},
			{"code and words", search.Query{Code: "E21", Text: "the unit stops " + benchWord(300) + " " + benchWord(3000)}},
			{"typing errors", search.Query{Text: "xbadadex kolomuq padidodo"}},
		} {
			b.Run(scope.name+"/"+q.name, func(b *testing.B) {
				q.Manuals = ids
				for b.Loop() {
					l.search(q.Query)
				}
			})
		}
	}
}

func BenchmarkIndexManual(b *testing.B) {
	l := newLibrary(b)
	pages := printedManual(100, 1)
	id := l.register()
	for b.Loop() {
		l.index(search.Source{ManualID: id, Pages: each(pages)})
	}
	b.ReportMetric(float64(len(pages)*b.N)/b.Elapsed().Seconds(), "pages/s")
}
