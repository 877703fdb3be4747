package search_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
)

func TestTheStructureOfAManualIsKept(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	pages := []pdf.Page{
		sheet(1, "Safety of the machine"),
		sheet(2, "Codes of TI-350A with R-448A", table{{"Code", "Meaning", "Remedy"}, {"E1", "Fan too slow", "Clean it"}, {"E2", "Fan too fast", "Check it"}}),
		sheet(3, table{{"Code", "Meaning", "Remedy"}, {"E3", "Door open", "Close it"}}),
	}
	pages[1].Drawings = []pdf.Box{{X0: 50, Y0: 400, X1: 500, Y1: 700}}
	source := search.Source{ManualID: l.register(), Pages: each(pages), Outline: []pdf.OutlineEntry{
		{Title: "Safety of the machine", Level: 1, Page: 1},
		{Title: "Codes", Level: 1, Page: 2},
		{Title: "Codes of TI-350A with R-448A", Level: 2, Page: 2},
	}}
	for range 2 { // it is made anew each time
		l.index(source)
	}
	all := search.PartFilter{After: -1, Limit: 10}
	sections, err := l.store.Sections(t.Context(), source.ManualID, all)
	if err != nil {
		t.Fatal(err)
	}
	if len(sections) != 3 || sections[0].Type != structure.SectionSafety || sections[2].Parent != 1 || sections[0].Parent != -1 || sections[2].CopyOf != -1 {
		t.Fatalf("sections %+v", sections)
	}
	if r := sections[2].Applies.Refrigerants; len(r) != 1 || r[0].Text != "R-448A" || r[0].Span.Text(&pages[1]) != "R-448A" {
		t.Errorf("the last section holds for %+v", sections[2].Applies)
	}
	tables, err := l.store.Tables(t.Context(), source.ManualID, search.PartFilter{Type: "codes", Page: 3, After: -1, Limit: 10})
	if err != nil || len(tables) != 1 || len(tables[0].Parts) != 2 || len(tables[0].Rows) != 3 {
		t.Fatalf("tables %+v, %v", tables, err)
	}
	if a := tables[0].Axes(2, 2); len(a.Columns) != 1 || a.Columns[0].Text(&pages[2]) != "Remedy" || a.Rows[0].Text(&pages[2]) != "E3" {
		t.Errorf("the axes of a stored cell are %+v", a)
	}
	drawings, err := l.store.Drawings(t.Context(), source.ManualID, all)
	if err != nil || len(drawings) != 1 || drawings[0].Page != 2 || drawings[0].Box != pages[1].Drawings[0] {
		t.Errorf("drawings %+v, %v", drawings, err)
	}
	for query, want := range map[string]string{
		`SELECT string_agg(title, '; ' ORDER BY ordinal) FROM section WHERE type = 'safety'`:                                                                    "Safety of the machine",
		`SELECT string_agg(title, '; ' ORDER BY ordinal) FROM section WHERE applies @> '{"refrigerants": [{"text": "R-448A"}]}'`:                                "Codes of TI-350A with R-448A",
		`SELECT string_agg(e ->> 'title', '; ') FROM manual_sections, jsonb_array_elements(sections) e WHERE e @> '{"tables": [{"kind": "codes", "rows": 3}]}'`: "Codes of TI-350A with R-448A",
	} {
		var got *string
		if err := l.db.QueryRow(t.Context(), query).Scan(&got); err != nil || got == nil || *got != want {
			t.Errorf("%s: %v, %v", strings.TrimSpace(query), got, err)
		}
	}
}

func TestASheetThatShowsAPageAgainIsFoundOnce(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	text := strings.Repeat("The descaler of the machine is filled when its lamp lights and the pump stops. ", 8)
	wide := func(n int, left, right string) pdf.Page {
		p := pdf.Page{Number: n, Width: 1200, Height: 800}
		for i, half := range []string{left, right} {
			y := 100.0
			for line := range strings.SplitSeq(half, ". ") {
				x, first := 50+600*float64(i), len(p.Words)
				for _, w := range strings.Fields(line) {
					p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: y, X1: x + 20, Y1: y + 10}})
					x += 25
				}
				if n := len(p.Words) - first; n > 0 {
					p.Lines = append(p.Lines, pdf.Line{First: first, Count: n, FontSize: 10, Box: pdf.Box{X0: 50 + 600*float64(i), Y0: y, X1: x, Y1: y + 10}})
				}
				y += 14
			}
		}
		return p
	}
	other := strings.Repeat("Another part is tightened with a spanner and checked each month by hand. ", 8)
	id := l.add(wide(1, text, other), wide(2, text, text))
	hits, err := l.store.Search(t.Context(), search.Query{Manuals: []uuid.UUID{id}, Text: "descaler lamp"})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits.Pages) != 1 || hits.Pages[0].Page != 1 {
		t.Errorf("found on %+v", hits.Pages)
	}
}
