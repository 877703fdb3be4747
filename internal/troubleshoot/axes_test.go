package troubleshoot

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// tabled verifies an answer of one value with quotes of a page, given as the
// writer's texts; nothing tells the verifier from which cells they are.
func tabled(p *pdf.Page, label, text string, quotes ...string) []Item {
	it := Item{Label: label, Text: text}
	for _, q := range quotes {
		it.Quotes = append(it.Quotes, Quote{Text: q})
	}
	a := &Answer{Citations: []Citation{{ManualID: someManual, Page: p.Number}}, Values: []Item{it}}
	verifierOf(p).verify(a)
	return a.Values
}

func TestAValueOfATableNeedsBothOfItsHeadings(t *testing.T) {
	pressures := []string{
		"Air at condenser | Head, freeze | Head, harvest",
		"70 °F | 200 - 245 | 145 - 175",
		"80 °F | 230 - 270 | 155 - 185",
		"90 °F | 265 - 305 | 170 - 200",
	}
	for name, tt := range map[string]struct {
		page        []string
		label, text string
		quotes      []string
		accepted    bool
	}{
		"with both":                    {pressures, "90 °F · Head, freeze", "265 - 305", []string{"265 - 305", "90 °F", "Head, freeze"}, true},
		"without its row":              {pressures, "Head, freeze", "265 - 305", []string{"265 - 305", "Head, freeze"}, false},
		"without its column":           {pressures, "90 °F", "265 - 305", []string{"265 - 305", "90 °F"}, false},
		"by itself":                    {pressures, "", "265 - 305", []string{"265 - 305"}, false},
		"of the wrong column":          {pressures, "90 °F · Head, freeze", "170 - 200", []string{"170 - 200", "90 °F", "Head, freeze"}, false},
		"of the wrong row":             {pressures, "90 °F · Head, freeze", "230 - 270", []string{"230 - 270", "90 °F", "Head, freeze"}, false},
		"with another row's name, too": {pressures, "90 °F · Head, freeze", "265 - 305", []string{"265 - 305", "90 °F", "80 °F", "Head, freeze"}, false},
		"with another column's heading, too": {
			pressures, "90 °F · Head, freeze", "265 - 305",
			[]string{"265 - 305", "90 °F", "Head, freeze", "Head, harvest"},
			false,
		},
		"under a label that is not quoted": {pressures, "90 °F · Suction", "265 - 305", []string{"265 - 305", "90 °F", "Head, freeze"}, false},
		"of two columns with both headings": {
			pressures, "90 °F", "Head, freeze: 265 - 305 · Head, harvest: 170 - 200",
			[]string{"265 - 305", "170 - 200", "90 °F", "Head, freeze", "Head, harvest"},
			true,
		},
		"that stands in another row, too": {
			[]string{"Model | Oil | Water", "KX-110 | 20 ml | 2 l", "KX-220 | 20 ml | 3 l", "KX-330 | 40 ml | 4 l"},
			"KX-220 · Oil", "20 ml",
			[]string{"20 ml", "KX-220", "Oil"},
			true,
		},
		"whose unit has a column, without it": {
			[]string{"Item | Unit | KX-110 | KX-220", "Pressure | bar | 2.4 | 3.1", "Flow | l/min | 12 | 14", "Weight | kg | 48 | 52"},
			"Pressure · KX-110", "2.4",
			[]string{"2.4", "Pressure", "KX-110"},
			false,
		},
		"whose unit has a column, with it": {
			[]string{"Item | Unit | KX-110 | KX-220", "Pressure | bar | 2.4 | 3.1", "Flow | l/min | 12 | 14", "Weight | kg | 48 | 52"},
			"Pressure · bar · KX-110", "2.4",
			[]string{"2.4", "Pressure", "bar", "KX-110"},
			true,
		},
		"whose unit is in the heading's second row, without it": {
			[]string{"Model | Pressure | Flow", " | (bar) | (l/min)", "KX-110 | 2.4 | 12", "KX-220 | 3.1 | 14"},
			"KX-110 · Pressure", "2.4",
			[]string{"2.4", "KX-110", "Pressure"},
			false,
		},
		"whose unit is in the heading's second row, with it": {
			[]string{"Model | Pressure | Flow", " | (bar) | (l/min)", "KX-110 | 2.4 | 12", "KX-220 | 3.1 | 14"},
			"KX-110 · Pressure · bar", "2.4",
			[]string{"2.4", "KX-110", "Pressure", "(bar)"},
			true,
		},
		"of a sentence": {[]string{"The heater has 16.3 ohm at room temperature."}, "", "16.3 ohm", []string{"The heater has 16.3 ohm at room temperature."}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := tabled(Sheet(4, tt.page...), tt.label, tt.text, tt.quotes...)
			if (len(got) == 1) != tt.accepted {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAValueSaysWhatItIsOf(t *testing.T) {
	page := Sheet(4,
		"Item | Unit | KX-110 | KX-220",
		"Pressure | bar | 2.4 | 3.1",
		"Flow | l/min | 12 | 14",
		"Weight | kg | 48 | 52")
	got := tabled(page, "Pressure · bar · KX-220", "3.1", "3.1", "Pressure", "bar", "KX-220")
	if len(got) != 1 || len(got[0].Cells) != 1 {
		t.Fatalf("%+v", got)
	}
	c := got[0].Cells[0]
	if c.Text != "3.1" || strings.Join(c.Row, "|") != "Pressure" || strings.Join(c.Column, "|") != "KX-220" || c.Unit != "bar" {
		t.Errorf("%+v", c)
	}
	for _, q := range got[0].Quotes {
		if len(q.Boxes) == 0 {
			t.Errorf("%q has no box", q.Text)
		}
	}
}

// A figure that stands in several rows is boxed in the row that the answer names.
func TestAValueIsBoxedInItsOwnRow(t *testing.T) {
	page := Sheet(4, "Model | Oil | Water", "KX-110 | 20 ml | 2 l", "KX-220 | 20 ml | 3 l", "KX-330 | 40 ml | 4 l")
	got := tabled(page, "KX-220 · Oil", "20 ml", "20 ml", "KX-220", "Oil")
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	if value, name := got[0].Quotes[0].Boxes[0], got[0].Quotes[1].Boxes[0]; value.Y0 != name.Y0 {
		t.Errorf("the value is boxed at %v and its row at %v", value, name)
	}
}

// A table that goes on over pages keeps its headings on the first.
func TestAValueOfAContinuedTableIsQuotedWithTheHeadingsOfThePageBefore(t *testing.T) {
	first := Sheet(4, "Air | Head, freeze | Head, harvest", "70 °F | 200 - 245 | 145 - 175")
	second := Sheet(5, "90 °F | 265 - 305 | 170 - 200", "100 °F | 305 - 350 | 185 - 215")
	table := structureOf(first).Tables[0]
	rest := structureOf(second).Tables[0]
	part := rest.Parts[0]
	part.FirstRow, part.HeaderRows = len(table.Rows), 0
	table.Parts, table.Rows = append(table.Parts, part), append(table.Rows, rest.Rows...)
	var pages []*page
	for _, p := range []*pdf.Page{first, second} {
		v := newPage(someManual, "", "", "en", 1, p)
		v.tables = []*structure.Table{&table}
		pages = append(pages, v)
	}
	e := &evidence{pages: pages, load: func(uuid.UUID, int) *page { return nil }}
	d := &draft{evidence: e}
	at := slices.IndexFunc(pages[1].statements(), func(st statement) bool { return st.kind == tableRow })
	d.Values = []Item{d.rowItem(candidate{statement: pages[1].statements()[at], column: 1})}
	newVerifier(pages).verify(&d.Answer)
	if len(d.Values) != 1 || len(d.Values[0].Cells) != 1 {
		t.Fatalf("%+v", d.Values)
	}
	c := d.Values[0].Cells[0]
	if c.Text != "265 - 305" || strings.Join(c.Column, "|") != "Head, freeze" || strings.Join(c.Row, "|") != "90 °F" || len(d.Citations) != 2 {
		t.Errorf("%+v, cites %+v", c, d.Citations)
	}
}

func structureOf(pages ...*pdf.Page) *structure.Document {
	var all []pdf.Page
	for _, p := range pages {
		all = append(all, *p)
	}
	return structure.Read(all, structure.Options{})
}
