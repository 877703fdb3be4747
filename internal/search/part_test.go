package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// partsOf indexes pages and renders the rows of their parts lists, one line each:
// "page item number description quantity models group", what is empty left out.
func partsOf(t *testing.T, l *library, pages ...pdf.Page) []string {
	t.Helper()
	rows, err := l.store.PartsOf(t.Context(), l.add(pages...))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		var fields []string
		add := func(name string, list ...search.Printed) {
			var texts []string
			for _, p := range list {
				if p.Text != "" {
					texts = append(texts, p.Text)
				}
			}
			if len(texts) > 0 {
				fields = append(fields, name+"="+strings.Join(texts, "+"))
			}
		}
		item := "item"
		if r.ItemInherited {
			item = "item of above"
		}
		add(item, r.Item)
		if n := r.OrderNumber(); n != "" {
			fields = append(fields, "number="+n)
		}
		add("description", r.Description)
		add("quantity", r.Quantity)
		add("others", r.Others...)
		add("notes", r.Notes...)
		add("models", r.Models...)
		add("group", r.Group...)
		if r.Composed != nil {
			add("pattern", r.Number)
			add("suffix", r.Composed.Suffix)
			add("rule", r.Composed.Rule)
			add("meaning", r.Composed.Meaning)
		}
		out = append(out, strings.Join(fields, "|"))
	}
	return out
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestRowsOfPartsListsAreIndexed(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name  string
		pages []pdf.Page
		want  []string
	}{
		{
			"English",
			[]pdf.Page{sheet(1, "Door", table{{"Item", "Part number", "Description", "Qty"}, {"1", "RX-30101", "Door assembly", "1"}, {"2", "RX-30115", "Door glass", "2"}})},
			[]string{"item=1|number=RX-30101|description=Door assembly|quantity=1", "item=2|number=RX-30115|description=Door glass|quantity=2"},
		},
		{
			"German, with numbers in groups",
			[]pdf.Page{sheet(1, "Ersatzteile", table{{"Pos.", "Teilenummer", "Benennung", "Stück"}, {"1", "OB 110.061", "Garraum", "1"}, {"2", "OB 210.061", "Dichtung", "1"}})},
			[]string{"item=1|number=OB 110.061|description=Garraum|quantity=1", "item=2|number=OB 210.061|description=Dichtung|quantity=1"},
		},
		{
			"Italian, number under code",
			[]pdf.Page{sheet(1, "Ricambi", table{{"Pos.", "Codice", "Descrizione"}, {"1", "38123011", "Coperchio"}, {"2", "38123012", "Serbatoio"}})},
			[]string{"item=1|number=38123011|description=Coperchio", "item=2|number=38123012|description=Serbatoio"},
		},
		{
			"number on the right",
			[]pdf.Page{sheet(1, "Spares", table{{"Component", "Spare part number"}, {"RTC battery", "449137-001"}, {"Speaker", "689693-001"}})},
			[]string{"number=449137-001|description=RTC battery", "number=689693-001|description=Speaker"},
		},
		{
			"no headings: a column of numbers of one pattern beside names",
			[]pdf.Page{sheet(1, "Spare parts", table{{"1", "320306", "Toplink pin"}, {"2", "320307", "Hex bolt"}, {"3", "320308", "Spacer"}, {"4", "320309", "Lock nut"}})},
			[]string{"item=1|number=320306|description=Toplink pin", "item=2|number=320307|description=Hex bolt", "item=3|number=320308|description=Spacer", "item=4|number=320309|description=Lock nut"},
		},
		{
			"a second number",
			[]pdf.Page{sheet(1, "Parts", table{{"Item", "Part No.", "Description", "Maker Code"}, {"1", "320306", "Pin", "68062000"}, {"2", "320307", "Bolt", "60023100"}})},
			[]string{"item=1|number=320306|description=Pin|others=68062000", "item=2|number=320307|description=Bolt|others=60023100"},
		},
		{
			"an item that spans the rows of its kinds",
			[]pdf.Page{sheet(1, "Parts", table{{"Item", "Part No.", "Description"}, {"1", "700101", "Cord US"}, {spans, "700102", "Cord UK"}, {"2", "700103", "Plug"}})},
			[]string{"item=1|number=700101|description=Cord US", "item of above=1|number=700102|description=Cord UK", "item=2|number=700103|description=Plug"},
		},
		{
			"an assembly without a number and its kinds",
			[]pdf.Page{sheet(1, "Parts", table{
				{"Item", "Description", "Part No."},
				{"(7)", "Fan assembly:", ""},
				{"", "For models with an A processor", "688281-001"},
				{"", "For models with an I processor", "685086-001"},
				{"", "Hardware kit, includes:", "685089-001"},
				{"(8a)", "Drive cable", ""},
				{"(9)", "Battery", "449137-001"},
			})},
			[]string{
				"item of above=7|number=688281-001|description=For models with an A processor|group=Fan assembly:",
				"item of above=7|number=685086-001|description=For models with an I processor|group=Fan assembly:",
				"number=685089-001|description=Hardware kit, includes:", "item=8a|description=Drive cable", "item=9|number=449137-001|description=Battery",
			},
		},
		{
			"not available",
			[]pdf.Page{sheet(1, "Parts", table{{"Ref", "Part No.", "Description"}, {"1", "171001", "Snap ring"}, {"2", "Not available", "Output shaft"}, {"3", "171003", "Seal"}})},
			[]string{"item=1|number=171001|description=Snap ring", "item=2|description=Output shaft|notes=Not available", "item=3|number=171003|description=Seal"},
		},
		{
			"models of rows",
			[]pdf.Page{sheet(1, "Parts", table{{"Item", "Part No.", "Description", "Used on", "Qty"}, {"1", "TI-2101", "Evaporator", "TI-350", "1"}, {"1", "TI-2102", "Evaporator", "TI-520", "1"}})},
			[]string{"item=1|number=TI-2101|description=Evaporator|quantity=1|models=TI-350", "item=1|number=TI-2102|description=Evaporator|quantity=1|models=TI-520"},
		},
		{
			"a list over two pages, its heading repeated",
			[]pdf.Page{
				sheet(1, table{{"Item", "Part No.", "Description"}, {"1", "TI-2101", "Evaporator"}, {"2", "TI-2102", "Tube"}}),
				sheet(2, table{{"Item", "Part No.", "Description"}, {"3", "TI-2103", "Pump"}, {"4", "TI-2104", "Hose"}}),
			},
			[]string{"item=1|number=TI-2101|description=Evaporator", "item=2|number=TI-2102|description=Tube", "item=3|number=TI-2103|description=Pump", "item=4|number=TI-2104|description=Hose"},
		},
		{
			"codes, values and troubleshooting are no parts",
			[]pdf.Page{sheet(1, "Parts of the machine and their errors",
				table{{"Error code", "Meaning", "Remedy"}, {"E10001", "Fan", "Replace it"}, {"E10002", "Pump", "Replace it"}, {"E10003", "Valve", "Replace it"}},
				table{{"Model", "Weight (kg)", "Power (W)"}, {"A 10", "12000", "15000"}, {"A 20", "14000", "18000"}, {"A 30", "16000", "19000"}, {"A 40", "17000", "20000"}})},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, partsOf(t, l, c.pages...), c.want) })
	}
}

func TestANumberPerModelUnderASpanningHeadingIsARowEach(t *testing.T) {
	p := sheet(1, "Parts", table{
		{"Ref", "Part number", "", "Description", "Qty"},
		{"", "T25 SERIES", "T40 SERIES", "", ""},
		{"1", "320201", "320222", "PTO shaft", "1"},
		{"2", "320202", "320223", "Yoke", "2"},
		{"3", "320217", "", "Shear bolt M6", "1"},
		{"4", "", "320233", "Shear bolt M8", "1"},
	})
	p.Tables[0].Rows[0].Cells[1].Box.X1 = p.Tables[0].Rows[0].Cells[2].Box.X1 // spans both
	same(t, partsOf(t, newLibrary(t), p), []string{
		"item=1|number=320201|description=PTO shaft|quantity=1|models=T25 SERIES",
		"item=1|number=320222|description=PTO shaft|quantity=1|models=T40 SERIES",
		"item=2|number=320202|description=Yoke|quantity=2|models=T25 SERIES",
		"item=2|number=320223|description=Yoke|quantity=2|models=T40 SERIES",
		"item=3|number=320217|description=Shear bolt M6|quantity=1|models=T25 SERIES",
		"item=4|number=320233|description=Shear bolt M8|quantity=1|models=T40 SERIES",
	})
}

func TestRowsInOneCellAreDividedByTheirLines(t *testing.T) {
	// A table read with all its rows in one: each number has a line of its own.
	l := newLibrary(t)
	merged := func(shift float64) pdf.Page {
		p := sheet(1, "Stand parts", table{{"Part No.", "Description", "Qty"}, {"320506", "Stand leg", "1"}, {"320507", "Bracket", "2"}})
		rows := p.Tables[0].Rows
		one := rows[1]
		for k := range one.Cells {
			one.Cells[k].Text += " " + rows[2].Cells[k].Text
			one.Cells[k].Words = append(one.Cells[k].Words, rows[2].Cells[k].Words...)
		}
		p.Tables[0].Rows = []pdf.Row{rows[0], one}
		w := &p.Words[rows[2].Cells[2].Words[0]] // the last quantity
		w.Box.Y0, w.Box.Y1 = w.Box.Y0+shift, w.Box.Y1+shift
		return p
	}
	same(t, partsOf(t, l, merged(0)), []string{"number=320506|description=Stand leg|quantity=1", "number=320507|description=Bracket|quantity=2"})
	same(t, partsOf(t, l, merged(30)), nil) // a word in no line: nothing is guessed
}

func TestNumbersThatOCRIsNotSureOfAreLeftOut(t *testing.T) {
	p := sheet(1, "Parts", table{{"Item", "Part No.", "Description"}, {"1", "471001", "Ring"}, {"2", "171002", "Seal"}, {"3", "171003", "Shaft"}, {"4", "17l004", "Key"}})
	for i := range p.Words {
		p.Words[i].Confidence = 95
		if p.Words[i].Text == "471001" {
			p.Words[i].Confidence = 70
		}
	}
	same(t, partsOf(t, newLibrary(t), p), []string{"item=2|number=171002|description=Seal", "item=3|number=171003|description=Shaft"})
}

func TestListsWithoutATableAreIndexed(t *testing.T) {
	l := newLibrary(t)
	t.Run("one row under headings", func(t *testing.T) {
		p := sheet(1, "Spare parts")
		line := func(y float64, left, right string) {
			for k, text := range []string{left, right} {
				x := 60 + 300*float64(k)
				for _, w := range strings.Fields(text) {
					p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: y, X1: x + 20, Y1: y + 10}})
					x += 23
				}
			}
			n := len(strings.Fields(left + " " + right))
			p.Lines = append(p.Lines, pdf.Line{First: len(p.Words) - n, Count: n, Box: pdf.Box{X0: 60, Y0: y, X1: 500, Y1: y + 10}, FontSize: 10})
		}
		line(100, "Description", "Spare part number")
		line(115, "RTC battery", "449137-001")
		line(200, "Before removing the", "battery 123456 do this")
		same(t, partsOf(t, l, p), []string{"number=449137-001|description=RTC battery"})
	})
	list := "Common fuses used\n30074 FUSE 1 AMP FAST BLOW\n30075 FUSE 5 AMP FAST BLOW\n30122 FUSE 10A BLOWER\n30595 FUSE 10A POWER INPUT"
	t.Run("lines that begin with numbers, on a page about parts", func(t *testing.T) {
		same(t, partsOf(t, l, sheet(1, "Parts for service calls\n"+list)), []string{
			"number=30074|description=FUSE 1 AMP FAST BLOW|group=Common fuses used", "number=30075|description=FUSE 5 AMP FAST BLOW|group=Common fuses used",
			"number=30122|description=FUSE 10A BLOWER|group=Common fuses used", "number=30595|description=FUSE 10A POWER INPUT|group=Common fuses used",
		})
	})
	t.Run("not on other pages", func(t *testing.T) {
		same(t, partsOf(t, l, sheet(1, "Branches and their postal codes\n"+list)), nil)
	})
}

func TestNumbersAreComposedByAPrintedRuleOnly(t *testing.T) {
	l := newLibrary(t)
	list := table{{"Item", "Part No.", "Description"}, {"1", "70123-XX", "Side panel"}, {"2", "70200-01", "Screw"}}
	colours := table{{"Colour suffix", "Meaning"}, {"-01", "White"}, {"-04", "Steel"}}
	t.Run("with a rule", func(t *testing.T) {
		same(t, partsOf(t, l, sheet(1, "Spare parts", list), sheet(2, "How to order", colours)), []string{
			"item=1|number=70123-XX|description=Side panel",
			"item=1|number=70123-01|description=Side panel|pattern=70123-XX|suffix=-01|rule=Colour suffix|meaning=White",
			"item=1|number=70123-04|description=Side panel|pattern=70123-XX|suffix=-04|rule=Colour suffix|meaning=Steel",
			"item=2|number=70200-01|description=Screw",
		})
	})
	t.Run("without one", func(t *testing.T) {
		same(t, partsOf(t, l, sheet(1, "Spare parts", list)), []string{"item=1|number=70123-XX|description=Side panel", "item=2|number=70200-01|description=Screw"})
	})
	t.Run("with two that fit", func(t *testing.T) {
		voltages := table{{"Voltage suffix", "Meaning"}, {"-11", "115 V"}, {"-23", "230 V"}}
		same(t, partsOf(t, l, sheet(1, "Spare parts", list), sheet(2, colours), sheet(3, voltages)), []string{"item=1|number=70123-XX|description=Side panel", "item=2|number=70200-01|description=Screw"})
	})
	t.Run("with suffixes of another length", func(t *testing.T) {
		long := table{{"Colour suffix", "Meaning"}, {"-001", "White"}, {"-004", "Steel"}}
		same(t, partsOf(t, l, sheet(1, "Spare parts", list), sheet(2, long)), []string{"item=1|number=70123-XX|description=Side panel", "item=2|number=70200-01|description=Screw"})
	})
}

func TestPartsAreFoundByNumberAndWords(t *testing.T) {
	l := newLibrary(t)
	first := l.add(sheet(1, "Spare parts", table{
		{"Item", "Part No.", "Description", "Maker Code"},
		{"1", "RX-30115", "Inner door glass", "88.001.22"},
		{"2", "RX-30140", "Hinge set with springs", "88.001.23"},
		{"3", "RX-30522", "Waveguide cover", "88.001.24"},
	}))
	second := l.add(sheet(4, "Spare parts", table{{"Item", "Part No.", "Description"}, {"1", "TI-2210", "Water curtain"}, {"2", "TI-3304", "Door gasket"}}))
	if _, err := l.db.Exec(t.Context(), `UPDATE manual SET generation = 1, status = 'ready'`); err != nil {
		t.Fatal(err)
	}
	find := func(q search.RowQuery) []string {
		t.Helper()
		found, _, err := l.store.Parts(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range found {
			out = append(out, f.OrderNumber())
		}
		slices.Sort(out)
		return out
	}
	for _, c := range []struct {
		name string
		q    search.RowQuery
		want []string
	}{
		{"as typed", search.RowQuery{Name: "rx 30115"}, []string{"RX-30115"}},
		{"the maker's", search.RowQuery{Name: "8800123"}, []string{"RX-30140"}},
		{"another form of the word", search.RowQuery{Text: "hinges"}, []string{"RX-30140"}},
		{"all words", search.RowQuery{Text: "door glass"}, []string{"RX-30115"}},
		{"any word", search.RowQuery{Text: "door glass", Any: true, Limit: 10}, []string{"RX-30115", "TI-3304"}},
		{"one manual", search.RowQuery{Text: "door", Manuals: []uuid.UUID{second}}, []string{"TI-3304"}},
		{"nothing", search.RowQuery{Text: "blower"}, nil},
		{"an unknown model", search.RowQuery{Model: "ZZ 9"}, nil},
	} {
		if got := find(c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}

	var all []string
	q := search.RowQuery{Limit: 2}
	for range 5 {
		found, next, err := l.store.Parts(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			all = append(all, f.OrderNumber())
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	same(t, all, []string{"RX-30115", "RX-30140", "RX-30522", "TI-2210", "TI-3304"})
	if _, _, err := l.store.Parts(t.Context(), search.RowQuery{Cursor: "x"}); !errdefs.Is(err, errdefs.Invalid) {
		t.Errorf("a foreign cursor: %v", err)
	}
	rows, err := l.store.PartsOf(t.Context(), first)
	if err != nil || len(rows[0].Number.Boxes) != 1 || rows[0].Number.Boxes[0].Page != 1 || rows[0].Number.Boxes[0].Box.X1 <= rows[0].Number.Boxes[0].Box.X0 {
		t.Errorf("boxes of a number: %+v, %v", rows, err)
	}
}

// settingsOf indexes pages and renders the rows of their tables of settings.
func settingsOf(t *testing.T, l *library, pages ...pdf.Page) []string {
	t.Helper()
	rows, err := l.store.SettingsOf(t.Context(), l.add(pages...))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		fields := []string{r.Name.Text}
		add := func(name string, list ...search.Printed) {
			for _, p := range list {
				if p.Text != "" {
					fields = append(fields, name+"="+p.Text)
				}
			}
		}
		add("title", r.Title)
		add("default", r.Default)
		add("range", r.Range)
		for _, o := range r.Options {
			add(o.Heading, o)
		}
		for _, v := range r.Values {
			add(v.Heading, v)
		}
		add("meaning", r.Meanings...)
		add("group", r.Group...)
		add("caution", r.Cautions...)
		out = append(out, strings.Join(fields, "|"))
	}
	return out
}

func TestRowsOfSettingsAreIndexed(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name  string
		pages []pdf.Page
		want  []string
	}{
		{
			"DIP switches",
			[]pdf.Page{sheet(1, "DIP switch SW2", table{{"Switch", "Function", "OFF", "ON", "Default"}, {"1", "Model", "350", "520", "by model"}, {"7", "Harvest assist", "no", "yes", "ON"}})},
			[]string{"1|title=Model|default=by model|OFF=350|ON=520", "7|title=Harvest assist|default=ON|OFF=no|ON=yes"},
		},
		{
			"parameters with a column per model and a mark",
			[]pdf.Page{sheet(1, "Parameters marked with * are for the factory: do not change them.", table{{"No.", "Parameter", "Range", "RX-280", "RX-440"}, {"P12", "Filter reminder", "0 to 30 days", "7", "7"}, {"P13*", "Baud rate", "125, 250", "250", "125"}})},
			[]string{
				"P12|title=Filter reminder|range=0 to 30 days|RX-280=7|RX-440=7",
				"P13|title=Baud rate|range=125, 250|RX-280=250|RX-440=125|caution=Parameters marked with * are for the factory: do not change them.",
			},
		},
		{
			"German",
			[]pdf.Page{sheet(1, "DIP-Schalter S10", table{{"Schalter", "AUS", "EIN"}, {"S10-1", "KD 61", "KD 101"}, {"S10-2", "Elektro", "Gas"}})},
			[]string{"S10-1|AUS=KD 61|EIN=KD 101", "S10-2|AUS=Elektro|EIN=Gas"},
		},
		{
			"parts and codes are none",
			[]pdf.Page{sheet(1, "Switches",
				table{{"Item", "Part No.", "Description", "Qty"}, {"1", "RX-60211", "Switch S1", "1"}, {"2", "RX-60212", "Switch S2", "1"}},
				table{{"Code", "Meaning", "Remedy"}, {"E1", "Fan", "Free it"}, {"E2", "Pump", "Bleed it"}})},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, settingsOf(t, l, c.pages...), c.want) })
	}
}

func TestASwitchIsFoundWithAndWithoutItsBlock(t *testing.T) {
	l := newLibrary(t)
	l.add(sheet(1, "DIP switch SW2", table{{"Switch", "Function", "OFF", "ON"}, {"1", "Model", "350", "520"}, {"7", "Harvest assist", "no", "yes"}}))
	if _, err := l.db.Exec(t.Context(), `UPDATE manual SET generation = 1, status = 'ready'`); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"7", "SW2-7", "sw2 7"} {
		found, _, err := l.store.Settings(t.Context(), search.RowQuery{Name: name})
		if err != nil || len(found) != 1 || found[0].Title.Text != "Harvest assist" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	if found, _, err := l.store.Settings(t.Context(), search.RowQuery{Name: "SW3-7"}); err != nil || len(found) > 0 {
		t.Errorf("a switch of another block: %+v, %v", found, err)
	}
}
