package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// publish indexes a manual that can be asked, for a model.
func (l *library) publish(manufacturer, model string, pages ...pdf.Page) uuid.UUID {
	l.t.Helper()
	id := l.add(pages...)
	l.exec(`UPDATE manual SET status = 'ready', generation = 1, title = $2 WHERE id = $1`, id, manufacturer+" "+model+" Service Manual")
	l.exec(`INSERT INTO model (id, manufacturer, name, manufacturer_key, name_key) VALUES (gen_random_uuid(), $1::text, $2::text, lower($1::text), lower($2::text))
	        ON CONFLICT (manufacturer_key, name_key) DO NOTHING`, manufacturer, model)
	l.exec(`INSERT INTO manual_model SELECT $1, id FROM model WHERE manufacturer = $2 AND name = $3`, id, manufacturer, model)
	return id
}

func (l *library) exec(query string, args ...any) {
	l.t.Helper()
	if _, err := l.db.Exec(l.t.Context(), query, args...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *library) searchAll(q search.LibraryQuery) search.LibraryResult {
	l.t.Helper()
	res, err := l.store.SearchLibrary(l.t.Context(), q)
	if err != nil {
		l.t.Fatal(err)
	}
	return res
}

// manualsOf returns the manuals of the passages, best first.
func manualsOf(res search.LibraryResult) []uuid.UUID {
	var out []uuid.UUID
	for _, p := range res.Passages {
		out = append(out, p.ManualID)
	}
	return out
}

// highlighted returns the highlighted words of a passage.
func highlighted(p search.Passage) string {
	var out []string
	for _, w := range p.Highlighted {
		out = append(out, p.Words[w-p.FirstWord])
	}
	return strings.Join(out, " ")
}

func TestTheLibraryIsRankedLikeAManual(t *testing.T) {
	l := newLibrary(t)
	// One manual searched as the library gives what a search of the manual gives.
	id := l.publish("Acme", "W1", washer...)
	for _, q := range []string{"drain pump", "door does not open", "motor bearing noise", "the heater relay", "drian pmup blocked"} {
		want := l.search(search.Query{Manuals: []uuid.UUID{id}, Text: q, Limit: 20})
		got := l.searchAll(search.LibraryQuery{Text: q})
		if len(want.Pages) != len(got.Passages) {
			t.Errorf("%q: %d pages, want %d", q, len(got.Passages), len(want.Pages))
			continue
		}
		for i, p := range got.Passages {
			if w := want.Pages[i]; p.Page != w.Page || p.Score < w.Score*0.999 || p.Score > w.Score*1.001 {
				t.Errorf("%q, place %d: page %d with %.4f, want %d with %.4f", q, i, p.Page, p.Score, w.Page, w.Score)
			}
		}
	}
}

func TestTheBestOfManyPassagesAreThoseOfAllScores(t *testing.T) {
	l := newLibrary(t)
	var ids []uuid.UUID
	for i := range 5 {
		ids = append(ids, l.publish("Acme", fmt.Sprintf("W%d", i), printedManual(70, uint64(i))...))
	}
	// The words are in nearly every passage, in some, or in few, and the passages are
	// more than are picked. A search of the manuals scores each, and sorts them.
	for _, words := range [][]uint64{{0, 1}, {2, 0, 5}, {1, 40, 3, 0}, {3, 900}, {7999, 1}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		var text []string
		for _, w := range words {
			text = append(text, benchWord(w))
		}
		q := strings.Join(text, " ")
		want := l.search(search.Query{Manuals: ids, Text: q, Limit: 20})
		got := l.searchAll(search.LibraryQuery{Text: q, Limit: 20})
		if len(got.Passages) != len(want.Pages) {
			t.Errorf("%q: %d passages, want %d", q, len(got.Passages), len(want.Pages))
			continue
		}
		for i, p := range got.Passages {
			if w := want.Pages[i]; p.ManualID != w.ManualID || p.Page != w.Page || math.Abs(p.Score-w.Score) > 1e-6*w.Score {
				t.Errorf("%q, place %d: page %d of %s with %.6f, want page %d of %s with %.6f", q, i, p.Page, p.ManualID, p.Score, w.Page, w.ManualID, w.Score)
			}
		}
		for i, term := range got.Terms {
			if math.Abs(term.IDF-want.Terms[i].IDF) > 1e-9 {
				t.Errorf("%q: %s, want %s", q, term.Explain(), want.Terms[i].Explain())
			}
		}
	}
}

func TestWhatWasReadAheadIsNotWaitedFor(t *testing.T) {
	l := newLibrary(t)
	for i := range 3 {
		l.publish("Acme", fmt.Sprintf("A%d", i), sheets("The drain pump of the compressor.", "The compressor and its pump.")...)
	}
	cold, warm := search.New(l.db, slog.New(slog.DiscardHandler)), search.New(l.db, slog.New(slog.DiscardHandler))
	warm.Warm(t.Context())
	// What is taken away without a note is found as long as it is not read again.
	l.exec(`ALTER TABLE manual_index DISABLE TRIGGER library_changed`)
	l.exec(`UPDATE manual_index SET words = '{}', lexemes = '{}', word_counts = '{}'`)
	l.exec(`DELETE FROM manual_term`)
	for _, typed := range []string{"compressor pump", "compresor"} {
		for s, want := range map[*search.Store]int{cold: 0, warm: 6} {
			res, err := s.SearchLibrary(t.Context(), search.LibraryQuery{Text: typed})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Passages) != want {
				t.Errorf("%q: %d passages, want %d", typed, len(res.Passages), want)
			}
		}
	}
}

func TestASearchShowsWhereItsWordsStand(t *testing.T) {
	l := newLibrary(t)
	filler := strings.Repeat("lorem ipsum ", 60)
	l.publish("Acme", "A1", sheets(filler+"Check the drain pumps for blockage. "+filler)...)
	res := l.searchAll(search.LibraryQuery{Text: "pump blocked drains"})
	if len(res.Passages) != 1 {
		t.Fatalf("%d passages", len(res.Passages))
	}
	p := res.Passages[0]
	if got := highlighted(p); got != "drain pumps blockage." && got != "drain pumps" {
		t.Errorf("highlighted %q", got)
	}
	if p.FirstWord == 0 || len(p.Words) > 60 || p.Highlighted[0] != 122 {
		t.Errorf("words %d to %d, highlighted %v; want an excerpt with word 122", p.FirstWord, p.FirstWord+len(p.Words), p.Highlighted)
	}
	if p.Title != "Acme A1 Service Manual" || p.Type != "service" || p.Page != 1 || len(p.Models) != 1 || p.Models[0].Name != "A1" {
		t.Errorf("%+v", p)
	}
}

func TestASearchIsNarrowedAndCounted(t *testing.T) {
	l := newLibrary(t)
	a1 := l.publish("Acme", "A1", sheets("The drain pump runs.")...)
	a2 := l.publish("Acme", "A2", sheets("The drain pump stops.")...)
	b1 := l.publish("Boreal", "B1", sheets("The drain pump leaks.", "Nothing of interest.")...)
	l.exec(`UPDATE manual SET type = 'parts' WHERE id = $1`, b1)
	var modelA2 uuid.UUID
	if err := l.db.QueryRow(t.Context(), `SELECT id FROM model WHERE name = 'A2'`).Scan(&modelA2); err != nil {
		t.Fatal(err)
	}
	sorted := func(ids ...uuid.UUID) []uuid.UUID {
		slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
		return ids
	}
	for name, c := range map[string]struct {
		q    search.LibraryQuery
		want []uuid.UUID
	}{
		"everything":           {search.LibraryQuery{}, sorted(a1, a2, b1)},
		"a manufacturer":       {search.LibraryQuery{Manufacturer: "ACME"}, sorted(a1, a2)},
		"a model":              {search.LibraryQuery{ModelID: modelA2}, sorted(a2)},
		"a type":               {search.LibraryQuery{Type: "parts"}, sorted(b1)},
		"a manual":             {search.LibraryQuery{Manual: a1}, sorted(a1)},
		"a language":           {search.LibraryQuery{Language: "en"}, sorted(a1, a2, b1)},
		"a language not there": {search.LibraryQuery{Language: "fr"}, nil},
	} {
		c.q.Text = "drain pump"
		if got := sorted(manualsOf(l.searchAll(c.q))...); !slices.Equal(got, c.want) {
			t.Errorf("%s: manuals %v, want %v", name, got, c.want)
		}
	}
	f := l.searchAll(search.LibraryQuery{Text: "drain pump"}).Facets
	if !slices.Equal(f.Manufacturers, []search.Facet{{Value: "Acme", Manuals: 2}, {Value: "Boreal", Manuals: 1}}) ||
		!slices.Equal(f.Types, []search.Facet{{Value: "service", Manuals: 2}, {Value: "parts", Manuals: 1}}) || len(f.Models) != 3 {
		t.Errorf("facets %+v", f)
	}
	if got := l.searchAll(search.LibraryQuery{Text: "leaks"}); got.Searched != 3 || got.Answering != 1 {
		t.Errorf("%d of %d manuals answer, want 1 of 3", got.Answering, got.Searched)
	}
}

func TestManualsThatAreNotAskedAreNotSearched(t *testing.T) {
	l := newLibrary(t)
	kept := l.publish("Acme", "A1", sheets("The drain pump runs.")...)
	old := l.publish("Acme", "A1", sheets("The drain pump ran.")...)
	held := l.publish("Acme", "A1", sheets("The drain pump explodes.")...)
	draft := l.publish("Acme", "A1", sheets("The drain pump is drafted.")...)
	if n := len(l.searchAll(search.LibraryQuery{Text: "pump"}).Passages); n != 4 {
		t.Fatalf("%d passages before", n)
	}
	l.exec(`UPDATE manual SET superseded_by = $2 WHERE id = $1`, old, kept)
	l.exec(`UPDATE manual SET status = 'quarantined' WHERE id = $1`, held)
	l.exec(`UPDATE manual SET draft_of = $2 WHERE id = $1`, draft, kept)
	if got := manualsOf(l.searchAll(search.LibraryQuery{Text: "pump"})); !slices.Equal(got, []uuid.UUID{kept}) {
		t.Errorf("manuals %v, want only %s", got, kept)
	}
	if got := manualsOf(l.searchAll(search.LibraryQuery{Text: "pump", Superseded: true})); len(got) != 2 {
		t.Errorf("manuals %v, want the superseded one as well", got)
	}
	if got := manualsOf(l.searchAll(search.LibraryQuery{Text: "pump", Manual: old})); !slices.Equal(got, []uuid.UUID{old}) {
		t.Errorf("manuals %v, want the superseded one that was named", got)
	}
	// For a model that its successor does not know the superseded one is asked on.
	l.exec(`INSERT INTO model (id, manufacturer, name, manufacturer_key, name_key) VALUES (gen_random_uuid(), 'Acme', 'A7', 'acme', 'a7')`)
	l.exec(`INSERT INTO manual_model SELECT $1, id FROM model WHERE name = 'A7'`, old)
	for name, want := range map[string]uuid.UUID{"A1": kept, "A7": old} {
		var model uuid.UUID
		if err := l.db.QueryRow(t.Context(), `SELECT id FROM model WHERE name = $1`, name).Scan(&model); err != nil {
			t.Fatal(err)
		}
		if got := manualsOf(l.searchAll(search.LibraryQuery{Text: "pump", ModelID: model})); !slices.Equal(got, []uuid.UUID{want}) {
			t.Errorf("%s: manuals %v, want only %s", name, got, want)
		}
	}
	if _, err := l.store.SearchLibrary(t.Context(), search.LibraryQuery{Text: "pump", Manual: held}); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("a manual in quarantine: %v", err)
	}
}

func TestASearchSeesWhatIsIndexedMeanwhile(t *testing.T) {
	l := newLibrary(t)
	other := search.New(l.db, nil) // a second node
	id := l.publish("Acme", "A1", sheets("The drain pump runs.")...)
	l.publish("Acme", "A2", sheets("The drain pump stops.")...)
	find := func(s *search.Store, text string) int {
		res, err := s.SearchLibrary(t.Context(), search.LibraryQuery{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return len(res.Passages)
	}
	for _, s := range []*search.Store{l.store, other} {
		if n := find(s, "pump"); n != 2 {
			t.Fatalf("%d passages, want 2", n)
		}
	}
	l.index(search.Source{ManualID: id, Pages: each(sheets("The heater is cold.", "The heater is hot."))})
	for _, s := range []*search.Store{l.store, other} {
		if n, m := find(s, "pump"), find(s, "heater"); n != 1 || m != 2 {
			t.Errorf("%d and %d passages after another indexing, want 1 and 2", n, m)
		}
	}
	l.exec(`DELETE FROM manual WHERE id = $1`, id)
	for _, s := range []*search.Store{l.store, other} {
		if n, m := find(s, "pump"), find(s, "heater"); n != 1 || m != 0 {
			t.Errorf("%d and %d passages after the deletion, want 1 and 0", n, m)
		}
	}
}

func TestIndexingsDoNotWaitForEachOther(t *testing.T) {
	l := newLibrary(t)
	one, two := l.register(), l.register()
	pages := sheets("The same drain pump E12 in both manuals.")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := postgres.InTx(ctx, l.db, func(tx pgx.Tx) error {
		if _, err := l.indexIn(tx, search.Source{ManualID: one, Pages: each(pages)}); err != nil {
			return err
		}
		return postgres.InTx(ctx, l.db, func(other pgx.Tx) error {
			if _, err := other.Exec(ctx, "SET LOCAL lock_timeout = '1s'"); err != nil {
				return err
			}
			_, err := l.indexIn(other, search.Source{ManualID: two, Pages: each(pages)})
			return err
		})
	}); err != nil {
		t.Error(err)
	}
}

func TestTypingErrorsAreRepairedOverTheLibrary(t *testing.T) {
	l := newLibrary(t)
	l.publish("Acme", "A1", sheets("The drain pump is blocked.")...)
	l.publish("Acme", "A2", sheets("The compressor rattles. Replace the thermistor.")...)
	for typed, want := range map[string]string{"compresor": "compressor", "thermsitor": "thermistor", "drian": "drain"} {
		res := l.searchAll(search.LibraryQuery{Text: typed})
		if len(res.Passages) != 1 || res.Terms[0].Repaired != want {
			t.Errorf("%q: %d passages, %+v; want %q", typed, len(res.Passages), res.Terms, want)
		}
	}
	// A manual that came since has its words, too.
	l.publish("Acme", "A3", sheets("Check the inverter.")...)
	if res := l.searchAll(search.LibraryQuery{Text: "invertre"}); len(res.Passages) != 1 {
		t.Errorf("%d passages, %+v", len(res.Passages), res.Terms)
	}
}

func TestCodesAreFoundHoweverTheyAreTyped(t *testing.T) {
	l := newLibrary(t)
	codes := table{{"Error code", "Meaning", "Remedy"}, {"E12", "Drain blocked", "Clean the filter"}, {"E13", "Door open", "Close the door"}}
	id := l.publish("Acme", "A1", sheet(1, "Words without any code."), sheet(2, "Error codes", codes))
	l.publish("Acme", "A2", sheets("The filter is mentioned here.")...)
	for _, typed := range []string{"E12", "e-12", "E 12", "error E12 filter", "E012"} {
		res := l.searchAll(search.LibraryQuery{Text: typed})
		if len(res.Codes) == 0 || res.Codes[0].Code != "E12" || res.Codes[0].ManualID != id {
			t.Errorf("%q: rows %+v", typed, res.Codes)
		}
		if typed != "E012" && (len(res.Passages) == 0 || res.Passages[0].ManualID != id || res.Passages[0].Page != 2) {
			t.Errorf("%q: passages %+v", typed, res.Passages)
		}
	}
	if res := l.searchAll(search.LibraryQuery{Text: "E12", Manufacturer: "Acme", Type: "parts"}); len(res.Codes) != 0 {
		t.Errorf("rows of manuals outside of the selection: %+v", res.Codes)
	}
}

func TestTheBestPassagesCanBeHadPartByPart(t *testing.T) {
	l := newLibrary(t)
	var pages []pdf.Page
	for n := range 30 {
		pages = append(pages, sheet(n+1, strings.Repeat("pump ", n%7+1)+strings.Repeat("filler ", n+5)))
	}
	l.publish("Acme", "A1", pages...)
	all := l.searchAll(search.LibraryQuery{Text: "pump", Limit: 50})
	var got []int
	for q := (search.LibraryQuery{Text: "pump", Limit: 7}); ; {
		res := l.searchAll(q)
		for _, p := range res.Passages {
			got = append(got, p.Page)
		}
		if q.Cursor = res.Next; q.Cursor == "" {
			break
		}
	}
	var want []int
	for _, p := range all.Passages {
		want = append(want, p.Page)
	}
	if len(want) != 30 || !slices.Equal(got, want) {
		t.Errorf("pages %v part by part, %v at once", got, want)
	}
}

func TestWhatCannotBeSearchedIsRefused(t *testing.T) {
	l := newLibrary(t)
	l.publish("Acme", "A1", sheets("The pump of the machine is in the base and can be seen.")...)
	for name, c := range map[string]struct {
		q    search.LibraryQuery
		code string
	}{
		"nothing":            {search.LibraryQuery{}, "SEARCH_EMPTY"},
		"signs":              {search.LibraryQuery{Text: "?! \x00 …"}, "SEARCH_EMPTY"},
		"too much":           {search.LibraryQuery{Text: strings.Repeat("pump ", 2000)}, "SEARCH_TOO_LONG"},
		"words of no weight": {search.LibraryQuery{Text: "the of is and"}, "SEARCH_TOO_COMMON"},
		"a maker not there":  {search.LibraryQuery{Text: "pump", Manufacturer: "Akme"}, "MANUFACTURER_NOT_FOUND"},
		"a manual not there": {search.LibraryQuery{Text: "pump", Manual: uuid.Must(uuid.NewV7())}, "MANUAL_NOT_FOUND"},
		"another cursor":     {search.LibraryQuery{Text: "pump", Cursor: "abc"}, "CURSOR_INVALID"},
	} {
		_, err := l.store.SearchLibrary(t.Context(), c.q)
		if errdefs.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if c.code == "MANUFACTURER_NOT_FOUND" && !strings.Contains(err.Error(), "Acme") {
			t.Errorf("%v does not name the closest", err)
		}
	}
	if res := l.searchAll(search.LibraryQuery{Text: "xyzzyx"}); len(res.Passages) != 0 || res.Terms[0].Found {
		t.Errorf("found %+v", res.Passages)
	}
	if empty := newLibrary(t).searchAll(search.LibraryQuery{Text: "pump"}); empty.Searched != 0 || len(empty.Passages) != 0 {
		t.Errorf("an empty library: %+v", empty)
	}
}
