package structure_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		pages []string
		want  string
	}{
		"headings in bold over text": {[]string{`
			* Table 8 Error codes
			|* Code | Meaning | Remedy |
			| E1 | Blower too slow. | Clean the blower. |
			| E2 | Blower too fast. | Check the sensor of the blower. |
			`}, `
			codes "Table 8 Error codes" p1
			| Code* | Meaning | Remedy
			- E1 | Blower too slow. | Clean the blower. |
			- E2 | Blower too fast. | Check the sensor of the blower. |
			`},
		"headings repeated on the next page": {[]string{`
			* Table 8 Error codes
			|* Code | Meaning | Remedy |
			| E1 | Blower too slow | Clean it |
			@at 700
			@foot 10`, `
			* Table 8 Error codes (continued)
			|* Code | Meaning | Remedy |
			| E2 | Blower too fast | Replace it |
			@foot 11`}, `
			codes "Table 8 Error codes" p1 p2
			| Code* | Meaning | Remedy
			- E1 | Blower too slow | Clean it |
			- E2 | Blower too fast | Replace it |
			`},
		"headings not repeated on the next page": {[]string{`
			|* Code | Meaning | Remedy |
			| E1 | Blower too slow | Clean it |
			`, `
			| E2 | Blower too fast | Replace it |
			| E3 | Door open | Close it |
			Text below the table.`}, `
			codes "" p1 p2
			| Code* | Meaning | Remedy
			- E1 | Blower too slow | Clean it |
			- E2 | Blower too fast | Replace it |
			- E3 | Door open | Close it |
			`},
		"a row that goes on over the page": {[]string{`
			|* Code | Meaning | Remedy |
			| E1 | Blower too slow | Clean it |
			| E2 | Blower too fast | 1) Sensor |
			`, `
			|* Code | Meaning | Remedy |
			| | | 2) Board |
			| E3 | Door open | Close it |
			`}, `
			codes "" p1 p2
			| Code* | Meaning | Remedy
			- E1 | Blower too slow | Clean it |
			- E2 | Blower too fast | 1) Sensor 2) Board |
			- E3 | Door open | Close it |
			`},
		"another table at the top of the next page": {[]string{`
			* Table 1 Fuses
			|* Fuse | Rating |
			| F1 | 10 A |
			| F2 | 20 A |
			`, `
			* Table 2 Relays
			|* Relay | Coil |
			| K1 | 24 V |
			| K2 | 24 V |
			`}, `
			values "Table 1 Fuses" p1
			| Fuse* | Rating
			- F1 | 10 A |
			- F2 | 20 A |
			values "Table 2 Relays" p2
			| Relay* | Coil
			- K1 | 24 V |
			- K2 | 24 V |
			`},
		"headings that span columns and rows": {[]string{`
			|* Model | T25 series | < | T40 series |
			|* ^ | T25-42 | T25-50 | T40-58 |
			| Width | 42 in. | 50 in. | 58 in. |
			| Weight | 310 lbs | 345 lbs | 410 lbs |
			`}, `
			values "" p1
			| Model* | T25 series › T25-42 | T25 series › T25-50 | T40 series › T40-58
			- Width | 42 in. | 50 in. | 58 in. |
			- Weight | 310 lbs | 345 lbs | 410 lbs |
			`},
		"headings of plain text over figures": {[]string{`
			| Air | Head pressure (psig) | Suction |
			| 70 °F | 200 | 52 |
			| 90 °F | 265 | 60 |
			`}, `
			values "" p1
			| Air* | Head pressure (psig) <psig> | Suction
			- 70 °F | 200 | 52 |
			- 90 °F | 265 | 60 |
			`},
		"units below the headings": {[]string{`
			|* Air | Head | Suction |
			|* °F | psig | psig |
			| 70 | 200 | 52 |
			| 90 | 265 | 60 |
			`}, `
			values "" p1
			| Air °F* <°F> | Head psig <psig> | Suction psig <psig>
			- 70 | 200 | 52 |
			- 90 | 265 | 60 |
			`},
		"both axes in figures": {[]string{`
			| Air / water | 50 | 70 | 90 |
			| 70 | 352 | 325 | 290 |
			| 80 | 330 | 304 | 272 |
			| 90 | 305 | 281 | 251 |
			`}, `
			values "" p1
			| Air / water* | 50 | 70 | 90
			- 70 | 352 | 325 | 290 |
			- 80 | 330 | 304 | 272 |
			- 90 | 305 | 281 | 251 |
			`},
		"names that span rows": {[]string{`
			|* Model | Water | Head | Suction |
			| TI-350W | 50 °F | 230 | 26 |
			| ^ | 70 °F | 230 | 27 |
			| TI-520W | 50 °F | 235 | 21 |
			| ^ | 70 °F | 236 | 22 |
			`}, `
			values "" p1
			| Model* | Water* | Head | Suction
			- TI-350W | 50 °F | 230 | 26 |
			- ^ | 70 °F | 230 | 27 |
			- TI-520W | 50 °F | 235 | 21 |
			- ^ | 70 °F | 236 | 22 |
			`},
		"the same headings twice side by side": {[]string{`
			|* °F | kilohm | °F | kilohm |
			| 32 | 32.7 | 86 | 8.06 |
			| 50 | 19.9 | 104 | 5.33 |
			`}, `
			values "" p1 p1
			| °F* <°F> | kilohm <kilohm>
			- 32 | 32.7 |
			- 50 | 19.9 |
			- 86 | 8.06 |
			- 104 | 5.33 |
			`},
		"a second table in the same grid": {[]string{`
			|* Component | Spare part number |
			| Screw kit | 691691-001 |
			| Rubber feet | 691221-001 |
			|* Sequential list | < |
			|* Spare part number | Description |
			| 490371-001 | Power cord |
			| 634250-001 | Hard drive |
			`}, `
			parts "" p1
			| Component* | Spare part number
			- Screw kit | 691691-001 |
			- Rubber feet | 691221-001 |
			parts "Sequential list" p1
			| Spare part number* | Description
			- 490371-001 | Power cord |
			- 634250-001 | Hard drive |
			`},
		"a list without headings": {[]string{`
			| Screen stays dark | No supply |
			| Breaker trips at once | Filter shorted |
			`}, `
			other "" p1
			| * |
			- Screen stays dark | No supply |
			- Breaker trips at once | Filter shorted |
			`},
		"rows of a list that name roles by chance": {[]string{`
			| Machine silent | Look at the breaker |
			| No display | Check supply |
			| Sensor error | Repair it |
			`}, `
			other "" p1
			| * |
			- Machine silent | Look at the breaker |
			- No display | Check supply |
			- Sensor error | Repair it |
			`},
		"rows of a fault table that name roles by chance": {[]string{`
			|* Symptom | Cause | Remedy |
			| No display | No supply | Check the plug. |
			| Fault lamp | Sensor error | Replace it. |
			`}, `
			troubleshooting "" p1
			| Symptom* | Cause | Remedy
			- No display | No supply | Check the plug. |
			- Fault lamp | Sensor error | Replace it. |
			`},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := read(t, structure.Options{}, c.pages...)
			if got, want := show(d.Tables), trimmed(c.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func trimmed(text string) string {
	var sb strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		sb.WriteString(strings.TrimSpace(line) + "\n")
	}
	return sb.String()
}

func TestACellKnowsWhatItMeans(t *testing.T) {
	d, pages := read(t, structure.Options{}, `
		* Table 13 Pressures in psig at 60 Hz
		|* Model | Air at condenser | Freeze | < |
		|* ^ | ^ | Head | Suction |
		| TI-350A | 70 °F | 200 | 52 |
		| ^ | 90 °F | 265 | 60 |
		|* Harvest | < | < | < |
		| TI-520A | 70 °F | 205 | < |
		| ^ | 90 °F | 275 | 58 |
		`)
	if len(d.Tables) != 1 {
		t.Fatalf("got %d tables", len(d.Tables))
	}
	table := &d.Tables[0]
	texts := func(spans []structure.Span) string {
		var out []string
		for _, s := range spans {
			out = append(out, s.Text(&pages[s.Page-1]))
		}
		return strings.Join(out, " | ")
	}
	conditions := func(a structure.Axes) string {
		var out []string
		for _, f := range a.Conditions {
			out = append(out, f.Text)
		}
		return strings.Join(out, " | ")
	}
	for _, c := range []struct {
		text                      string
		columns, rows, conditions string
	}{
		{"265", "Freeze | Head", "TI-350A | 90 °F", "at 60 Hz | Air at condenser: 90 °F"},
		{"60", "Freeze | Suction", "TI-350A | 90 °F", "at 60 Hz | Air at condenser: 90 °F"},
		{"205", "Freeze | Head | Suction", "Harvest | TI-520A | 70 °F", "at 60 Hz | Air at condenser: 70 °F"},
		{"58", "Freeze | Suction", "Harvest | TI-520A | 90 °F", "at 60 Hz | Air at condenser: 90 °F"},
	} {
		row, column := find(table, c.text)
		a := table.Axes(row, column)
		if got := texts(a.Columns); got != c.columns {
			t.Errorf("%s: columns %q, want %q", c.text, got, c.columns)
		}
		if got := texts(a.Rows); got != c.rows {
			t.Errorf("%s: rows %q, want %q", c.text, got, c.rows)
		}
		if got := conditions(a); got != c.conditions {
			t.Errorf("%s: conditions %q, want %q", c.text, got, c.conditions)
		}
	}
	row, _ := find(table, "205")
	if cell, first := table.Cell(row, 3); cell.Text != "205" || first != 2 {
		t.Errorf("under Suction of the row of 205 stands %q of column %d", cell.Text, first)
	}
}

func find(t *structure.Table, text string) (row, column int) {
	for r := range t.Rows {
		if k := slices.IndexFunc(t.Rows[r].Cells, func(c structure.Cell) bool { return c.Text == text }); k >= 0 {
			return r, k
		}
	}
	return -1, -1
}

func TestTheHeadingsOfTheSamePageAreQuoted(t *testing.T) {
	d, _ := read(t, structure.Options{}, `
		|* Code | Meaning |
		| E1 | Blower too slow |
		| E2 | Blower too fast |
		`, `
		|* Code | Meaning |
		| E3 | Door open |
		| E4 | Door shut |
		`)
	table := &d.Tables[0]
	row, column := find(table, "Door open")
	for _, s := range table.Axes(row, column).Columns {
		if s.Page != 2 {
			t.Errorf("the heading of a row of page 2 is that of page %d", s.Page)
		}
	}
}

func TestUnitsOfRows(t *testing.T) {
	d, _ := read(t, structure.Options{}, `
		|* Item | Unit | MD4 | MD8 |
		| Heating power | kW | 12,5 | 20 |
		| Sound level | dB(A) | 64 | 68 |
		| Weight | kg | 54 | 70 |
		| Rated current (A) | | 9 | 11 |
		`)
	table := &d.Tables[0]
	for text, want := range map[string]string{"20": "kW", "64": "dB(A)", "70": "kg", "11": "A"} {
		row, column := find(table, text)
		if got := table.Axes(row, column).Unit.Text; got != want {
			t.Errorf("%s is in %q, want %q", text, got, want)
		}
	}
}

func TestEveryCellOfAPageIsFound(t *testing.T) {
	d, pages := read(t, structure.Options{}, `
		|* °F | kilohm | °F | kilohm |
		| 32 | 32.7 | 86 | 8.06 |
		| 50 | 19.9 | 104 | 5.33 |
		`)
	for r, row := range pages[0].Tables[0].Rows {
		for k, cell := range row.Cells {
			table, i, j, ok := d.Find(1, 0, r, k)
			if ok != (r > 0) {
				t.Fatalf("row %d: found %v", r, ok)
			}
			if ok && table.Rows[i].Cells[j].Text != cell.Text {
				t.Errorf("row %d, column %d is %q, want %q", r, k, table.Rows[i].Cells[j].Text, cell.Text)
			}
		}
	}
	if _, _, _, ok := d.Find(1, 7, 0, 0); ok {
		t.Error("found a table that the page does not have")
	}
}

func TestRunningHeadsAreNoPartOfATable(t *testing.T) {
	var pages []string
	for range 4 {
		pages = append(pages, `
			@head Manual of the oven
			@foot 12
			Text of the page.`)
	}
	var all []pdf.Page
	for i, text := range pages {
		p := sketch(t, i+1, text)
		// The running head was read as the first row of a table.
		p.Tables = []pdf.Table{{Box: pdf.Box{X0: left, Y0: 28, X1: right, Y1: 80}, Rows: []pdf.Row{
			{Cells: []pdf.Cell{{Text: "Manual of the oven", Words: []int{0, 1, 2, 3}, Box: pdf.Box{X0: left, X1: 300, Y0: 28, Y1: 40}}, {Box: pdf.Box{X0: 300, X1: right, Y0: 28, Y1: 40}}}},
		}}}
		all = append(all, p)
	}
	for _, table := range structure.Read(all, structure.Options{}).Tables {
		if len(table.Rows) > 0 || table.Title.Text != "" {
			t.Errorf("got the title %q and %d rows", table.Title.Text, len(table.Rows))
		}
	}
}
