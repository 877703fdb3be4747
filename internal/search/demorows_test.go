package search_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// The PDF engine of the tests runs its worker in this binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	os.Exit(m.Run())
}

// TestTheDemoLibrarysListsAreIndexedWhole compares the rows of the indexes with what
// the demo manuals were typeset from: every row of every parts list and table of
// settings, and no other.
func TestTheDemoLibrarysListsAreIndexedWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the demo manuals from their PDF files, which is slow under the race detector and shows it nothing; make test runs it")
	}
	engine, err := pdf.NewEngine(pdf.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := newLibrary(t)
	for _, m := range demo.Manuals() {
		var data bytes.Buffer
		if err := m.Write(&data); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), m.FileName)
		if err := os.WriteFile(file, data.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		source := search.Source{ManualID: l.register()}
		var pages []pdf.Page
		err := engine.Extract(t.Context(), file, pdf.ExtractOptions{}, pdf.Visitor{
			Document: func(d pdf.Document) error { source.Outline = d.Outline; return nil },
			Page:     func(p pdf.Page) error { pages = append(pages, p); return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(pages, func(a, b pdf.Page) int { return a.Number - b.Number })
		source.Pages = each(pages)
		l.index(source)
		parts, err := l.store.PartsOf(t.Context(), source.ManualID)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := l.store.SettingsOf(t.Context(), source.ManualID)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(m.FileName+" parts", func(t *testing.T) { differ(t, renderParts(parts), typeset(m.FileName, true)) })
		t.Run(m.FileName+" settings", func(t *testing.T) { differ(t, renderSettings(settings), typeset(m.FileName, false)) })
	}
}

// typeset renders the rows of a manual's parts lists or tables of settings.
func typeset(file string, parts bool) []string {
	var out []string
	for _, list := range demo.Lists() {
		isParts := slices.ContainsFunc(list.Head, func(h string) bool { return slices.Contains([]string{"Part number", "Part No.", "Teilenummer"}, h) })
		isSettings := list.Caption == "Parameter" || list.Caption == "Parameters" || strings.HasPrefix(list.Caption, "DIP")
		if list.FileName != file || parts && !isParts || !parts && !isSettings {
			continue
		}
		for _, row := range list.Rows {
			cells := []string{list.Caption, row.Group}
			for k, text := range row.Cells {
				if text = strings.TrimRight(text, "*!"); text != "" && text != "-" {
					cells = append(cells, list.Head[k]+"="+text)
				}
			}
			slices.Sort(cells[2:])
			out = append(out, strings.Join(cells, "|"))
		}
	}
	return out
}

func renderParts(rows []search.PartRow) []string {
	var out []string
	for _, r := range rows {
		list := slices.Concat([]search.Printed{r.Item, r.Number, r.Description, r.Quantity}, r.Models, r.Others, r.Notes)
		out = append(out, render(r.Drawing, r.Group, list))
	}
	return out
}

func renderSettings(rows []search.SettingRow) []string {
	var out []string
	for _, r := range rows {
		list := slices.Concat([]search.Printed{r.Name, r.Title, r.Default, r.Range, r.Unit}, r.Options, r.Values, r.Meanings, r.Models)
		out = append(out, render(r.Table, r.Group, list))
	}
	return out
}

func render(title search.Printed, group, list []search.Printed) string {
	// The caption stands behind "Table 17 ".
	words := strings.Fields(title.Text)
	cells := []string{strings.Join(words[min(2, len(words)):], " "), ""}
	for _, g := range group {
		cells[1] = g.Text
	}
	for _, p := range list {
		if p.Text != "" && p.Text != "-" {
			cells = append(cells, p.Heading+"="+p.Text)
		}
	}
	slices.Sort(cells[2:])
	return strings.Join(cells, "|")
}

func differ(t *testing.T, got, want []string) {
	t.Helper()
	if len(want) == 0 {
		t.Error("the manual was typeset without such a list")
	}
	for _, w := range want {
		if i := slices.Index(got, w); i >= 0 {
			got = slices.Delete(slices.Clone(got), i, i+1)
		} else {
			t.Errorf("missing: %s", w)
		}
	}
	for _, g := range got {
		t.Errorf("not printed: %s", g)
	}
}
