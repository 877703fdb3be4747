package manual_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

func titles(t *testing.T, l *library, f manual.Filter) []string {
	t.Helper()
	found, _, err := l.List(t.Context(), f)
	if err != nil {
		t.Fatalf("List(%+v): %v", f, err)
	}
	var out []string
	for _, m := range found {
		out = append(out, m.Title)
	}
	slices.Sort(out)
	return out
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.add(t, manual.Upload{Title: "Oven", Type: manual.TypeService, Manufacturer: "Ohlenbach", Models: []string{"KD 61/101 E"}}, file(1, "a"))
	l.add(t, manual.Upload{Title: "Fryer 100%", Type: manual.TypeParts, Manufacturer: "Tarnholm", Models: []string{"TI-520A"}}, file(1, "b"))
	l.add(t, manual.Upload{Title: "Loose", FileName: "kd_61.pdf"}, file(1, "c"))
	for _, tc := range []struct {
		filter manual.Filter
		want   []string
	}{
		{manual.Filter{}, []string{"Fryer 100%", "Loose", "Oven"}},
		{manual.Filter{Manufacturer: "OHLENBACH"}, []string{"Oven"}},
		{manual.Filter{Model: "kd61/101e"}, []string{"Oven"}},
		{manual.Filter{Model: "KD 61 E", Manufacturer: "Ohlenbach"}, []string{"Oven"}},
		{manual.Filter{Model: "TI-520A", Manufacturer: "Ohlenbach"}, nil},
		{manual.Filter{Type: manual.TypeParts}, []string{"Fryer 100%"}},
		{manual.Filter{Status: manual.Queued, Type: manual.TypeService}, []string{"Oven"}},
		{manual.Filter{Status: manual.Ready}, nil},
		{manual.Filter{Query: "100%"}, []string{"Fryer 100%"}},
		{manual.Filter{Query: "%"}, []string{"Fryer 100%"}},
		{manual.Filter{Query: "KD_61"}, []string{"Loose", "Oven"}}, // of the file, of the model
		{manual.Filter{Query: "'; DROP TABLE manual; --"}, nil},
	} {
		if got := titles(t, l, tc.filter); !slices.Equal(got, tc.want) {
			t.Errorf("List(%+v) = %q, want %q", tc.filter, got, tc.want)
		}
	}
	for code, f := range map[string]manual.Filter{
		"TYPE_INVALID":   {Type: "poem"},
		"STATUS_INVALID": {Status: "lost"},
		"CURSOR_INVALID": {Cursor: "x"},
	} {
		if _, _, err := l.List(t.Context(), f); errdefs.Code(err) != code {
			t.Errorf("List(%+v): %v", f, err)
		}
	}
}

func TestListPagesAreNotShiftedByNewManuals(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	var want []uuid.UUID // the latest first
	for i := range 7 {
		want = slices.Insert(want, 0, l.add(t, manual.Upload{}, file(1, string(rune('a'+i)))).ID)
	}
	var got []uuid.UUID
	cursor := ""
	for page := 0; ; page++ {
		found, next, err := l.List(t.Context(), manual.Filter{Limit: 3, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range found {
			got = append(got, m.ID)
		}
		if page == 0 {
			l.add(t, manual.Upload{}, file(1, "new"))
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Title: "Oven", Manufacturer: "Ohlenbach", Models: []string{"KD 61 E", "KD 101 E"}}, file(3, "x")).ID)

	got, err := l.Update(t.Context(), m.ID, manual.Patch{
		Title: new("Combi oven"), Type: new(manual.TypeService), Revision: new("C"),
		Manufacturer: new("Ohlenbach"), Models: &[]string{"KD 61 G"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != "Combi oven" || got.Type != manual.TypeService || got.Revision != "C" || len(got.Models) != 1 || got.Models[0].Name != "KD 61 G" {
		t.Errorf("%+v", got)
	}
	if got.Status != manual.Ready || got.Generation != m.Generation || got.UpdatedAt.Equal(m.UpdatedAt) {
		t.Errorf("%+v", got)
	}
	if again, err := l.Update(t.Context(), m.ID, manual.Patch{}); err != nil || again.Title != got.Title || len(again.Models) != 1 {
		t.Errorf("a patch of nothing: %+v, %v", again, err)
	}

	for code, p := range map[string]manual.Patch{
		"TITLE_INVALID":         {Title: new(" \n ")},
		"TYPE_INVALID":          {Type: new(manual.Type("poem"))},
		"LANGUAGE_INVALID":      {Language: new("klingon")},
		"MODEL_REQUIRED":        {Manufacturer: new("Ohlenbach")},
		"MANUFACTURER_REQUIRED": {Models: &[]string{"KD 61 E"}},
	} {
		if _, err := l.Update(t.Context(), m.ID, p); errdefs.Code(err) != code {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if _, err := l.Update(t.Context(), uuid.New(), manual.Patch{}); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("no manual: %v", err)
	}
	if got, err = l.Update(t.Context(), m.ID, manual.Patch{Models: &[]string{}}); err != nil || len(got.Models) != 0 {
		t.Errorf("without models: %+v, %v", got, err)
	}
}

func TestANewLanguageIndexesAgainWithoutReadingAgain(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(5, "x")).ID)
	got, err := l.Update(t.Context(), m.ID, manual.Patch{Language: new("de")})
	if err != nil || got.Status != manual.Queued || got.Language != "de" {
		t.Fatalf("%+v, %v", got, err)
	}
	got = l.wait(t, m.ID)
	checkComplete(t, l, got, 5)
	if got.Generation != 2 || got.Language != "de" {
		t.Errorf("%+v", got)
	}
	if read := l.engine.pagesRead(); len(read) != 5 {
		t.Errorf("pages were read again: %v", read)
	}
	if got, err := l.Update(t.Context(), m.ID, manual.Patch{Language: new("de")}); err != nil || got.Status != manual.Ready {
		t.Errorf("the same language again: %+v, %v", got, err)
	}
}
