package structure_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// words are what drawn pages are made of: enough of each kind to meet every rule.
var words = strings.Fields(`Code Meaning Cause Remedy Part number Item Qty E1 E2 F21/E3 12 3.5 90 °F psi (psi) kW 230 V R-448A model TI-350A serial 2210
	before Table 3-2 continued Safety Wiring diagram 1.2 4 the of and is der die und ist mit -- . … ● 枲 ❶ Installation. figure`)

func drawnPage(t *rapid.T, number int) pdf.Page {
	p := pdf.Page{Number: number, Width: rapid.SampledFrom([]float64{0, 595, 1200}).Draw(t, "width"), Height: rapid.SampledFrom([]float64{0, 842}).Draw(t, "height")}
	coordinate := rapid.SampledFrom([]float64{-10, 0, 30, 50, 120, 300, 301, 590, 800, 1e9})
	box := func() pdf.Box {
		return pdf.Box{X0: coordinate.Draw(t, "x0"), Y0: coordinate.Draw(t, "y0"), X1: coordinate.Draw(t, "x1"), Y1: coordinate.Draw(t, "y1")}
	}
	for range rapid.IntRange(0, 12).Draw(t, "lines") {
		l := pdf.Line{
			First: len(p.Words), Count: rapid.IntRange(0, 6).Draw(t, "count"), Box: box(), Bold: rapid.Bool().Draw(t, "bold"),
			FontSize: rapid.SampledFrom([]float64{0, 8, 10, 10, 18}).Draw(t, "size"), Turn: uint8(rapid.IntRange(0, 1).Draw(t, "turn")), Cipher: rapid.IntRange(0, 9).Draw(t, "cipher") == 0,
		}
		for range l.Count {
			p.Words = append(p.Words, pdf.Word{Text: rapid.SampledFrom(words).Draw(t, "word"), Box: box()})
		}
		p.Lines = append(p.Lines, l)
	}
	if rapid.IntRange(0, 9).Draw(t, "damaged") == 0 { // pages that were stored are foreign, too
		p.Lines = append(p.Lines, pdf.Line{First: len(p.Words) - 1, Count: 7})
	}
	for range rapid.IntRange(0, 2).Draw(t, "tables") {
		table := pdf.Table{Box: box()}
		columns := rapid.IntRange(0, 6).Draw(t, "columns")
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			row := pdf.Row{Box: box()}
			for k := range columns {
				c := pdf.Cell{Box: box()}
				if n := len(table.Rows); n > 0 && rapid.IntRange(0, 5).Draw(t, "above") == 0 {
					c = table.Rows[n-1].Cells[k]
				} else if rapid.Bool().Draw(t, "filled") {
					c.Text = rapid.SampledFrom(words).Draw(t, "text")
					c.Words = rapid.SliceOfN(rapid.IntRange(-1, len(p.Words)), 0, 3).Draw(t, "words")
				}
				row.Cells = append(row.Cells, c)
			}
			table.Rows = append(table.Rows, row)
		}
		p.Tables = append(p.Tables, table)
	}
	return p
}

func TestWhateverThePagesAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pages []pdf.Page
		o := structure.Options{Languages: map[int]string{}, Models: []string{"TI-350A", ""}}
		for n := range rapid.IntRange(0, 6).Draw(t, "pages") {
			pages = append(pages, drawnPage(t, n+1))
			o.Languages[n+1] = rapid.SampledFrom([]string{"", "en", "de"}).Draw(t, "language")
		}
		for range rapid.IntRange(0, 5).Draw(t, "bookmarks") {
			o.Outline = append(o.Outline, pdf.OutlineEntry{
				Title: strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, "title"), " "),
				Level: rapid.IntRange(0, 3).Draw(t, "level"), Page: rapid.IntRange(-1, 8).Draw(t, "page"),
			})
		}
		check(t, structure.Read(pages, o), pages)
	})
}

// check fails when the document says something of a page that it does not have, or
// has a row of a page's table twice.
func check(t *rapid.T, d *structure.Document, pages []pdf.Page) {
	span := func(what string, s structure.Span) {
		if len(s.Words) == 0 {
			return
		}
		if s.Page < 1 || s.Page > len(pages) {
			t.Fatalf("%s is on page %d of %d", what, s.Page, len(pages))
		}
		for _, w := range s.Words {
			if w < 0 || w >= len(pages[s.Page-1].Words) {
				t.Fatalf("%s has word %d of %d", what, w, len(pages[s.Page-1].Words))
			}
		}
	}
	rows := map[string]bool{}
	for i := range d.Tables {
		table := &d.Tables[i]
		span("title", table.Title.Span)
		if table.Section < -1 || table.Section >= len(d.Sections) || len(table.Parts) == 0 {
			t.Fatalf("table %d is in section %d and has %d parts", i, table.Section, len(table.Parts))
		}
		for r := range table.Rows {
			row := &table.Rows[r]
			if len(row.Cells) != len(table.Columns) {
				t.Fatalf("row %d has %d cells of %d", r, len(row.Cells), len(table.Columns))
			}
			for _, at := range row.At {
				if at.Table >= len(pages[at.Page-1].Tables) || at.Row >= len(pages[at.Page-1].Tables[at.Table].Rows) {
					t.Fatalf("row %d stands in table %d, row %d of page %d", r, at.Table, at.Row, at.Page)
				}
				for k := range table.Columns {
					found, fr, fk, ok := d.Find(at.Page, at.Table, at.Row, k)
					if ok && found == table && fr == r {
						key := fmt.Sprint(at.Page, at.Table, at.Row, " column ", fk)
						if rows[key] {
							t.Fatalf("%s is twice in the tables", key)
						}
						rows[key] = true
					}
				}
			}
			for k := range row.Cells {
				for _, w := range row.Cells[k].Words {
					span("cell", w)
				}
				a := table.Axes(r, k)
				for _, s := range append(a.Columns, a.Rows...) {
					span("axis", s)
				}
				for _, f := range a.Conditions {
					span("condition", f.Span)
				}
				span("unit", a.Unit.Span)
			}
		}
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		span("heading", s.Heading)
		if s.FirstPage < 1 || s.LastPage < s.FirstPage || s.LastPage > len(pages) || s.Parent >= i || s.CopyOf >= len(d.Sections) {
			t.Fatalf("section %d: %+v", i, s)
		}
		for _, f := range append(append(s.Applies.Models, s.Applies.Voltages...), s.Applies.Refrigerants...) {
			span("applicability", f.Span)
		}
	}
	for n, l := range d.LineLanguages {
		if len(l) != len(pages[n-1].Lines) {
			t.Fatalf("page %d has %d lines, %d have a language", n, len(pages[n-1].Lines), len(l))
		}
	}
}
