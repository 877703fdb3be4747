package pdf_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// sheet is a page with tables, and what is to be found on it.
type sheet struct {
	name string
	page *pdftest.Page
	want [][][]string // tables, rows, cells
	// textOnly says that OCR is not expected to read the page so: it does not read
	// turned words between upright ones.
	textOnly bool
}

func (s *sheet) add(t pdftest.Table) float64 {
	s.want = append(s.want, t.Cells())
	return t.Draw(s.page)
}

func of(name string, tables ...pdftest.Table) sheet {
	s := sheet{name: name, page: pdftest.NewPage()}
	for _, t := range tables {
		s.add(t)
	}
	return s
}

// Tables as service manuals have them.
var (
	faults = pdftest.Table{
		X: 50, Y: 80, Widths: []float64{50, 110, 150, 170}, Align: "clll", Head: 1,
		Rows: [][]string{
			{"Code", "Meaning", "Possible cause", "What to do"},
			{"E1", "Low water", "Inlet valve closed or strainer blocked", "Open the valve. Clean the strainer and check the pressure of the supply."},
			{"E2", "Fan does not turn", "Plug J4 loose; fan motor defec\u00ad\ntive", "Check the plug. Measure 230 V at terminals 3 and 4 of the board."},
			{"E3", "Door open", "Door switch", "Adjust the switch."},
			{"E12", "Over-temperature of the condenser", "Air filter dirty", "Clean the filter and the condenser with a soft brush."},
		},
	}
	capacities = pdftest.Table{
		X: 50, Y: 80, Widths: []float64{120, 60, 75, 75, 75, 75}, Align: "lcrrrr", Head: 3, Middle: true,
		Rows: [][]string{
			{"Air temperature at the condenser", "Unit", "Capacity", pdftest.Left, "Power input", pdftest.Left},
			{pdftest.Above, pdftest.Above, "50 Hz", "60 Hz", "50 Hz", "60 Hz"},
			{pdftest.Above, pdftest.Above, "kg/24h", "kg/24h", "W", "W"},
			{"10 / 10", "°C", "215", "230", "640", "702"},
			{"21 / 15", "°C", "190", "204", "685", "748"},
			{"32 / 21", "°C", "162", "171", "721", "794"},
			{"38 / 32", "°C", "138", "149", "1,044", "1,130"},
		},
	}
	torques = pdftest.Table{
		X: 50, Y: 80, Widths: []float64{150, 70, 70, 70}, Align: "l...", Head: 1, Pad: 4,
		Rows: [][]string{
			{"Screw", "M4", "M5", "M6"},
			{"Cover (Nm)", "1.2", "2.25", "4.0"},
			{"Terminal (Nm)", "0.8", "1.5", "12.75"},
			{"Frame (Nm)", "2.35", "10.5", "18.0"},
			{"Compressor (Nm)", "3.1", "", "21.5"},
		},
	}
	switches = pdftest.Table{
		X: 50, Y: 80, Widths: []float64{60, 60, 60, 60, 200}, Align: "ccccl", Head: 2,
		Rows: [][]string{
			{"Switch", "Position", pdftest.Left, "Default", "Meaning"},
			{pdftest.Above, "OFF", "ON", pdftest.Above, pdftest.Above},
			{"1", "50 Hz", "60 Hz", "OFF", "Frequency of the supply"},
			{"2", "R134a", "R290", "OFF", "Refrigerant; do not change"},
			{"3", "Reserved", pdftest.Left, "ON", "Leave as it is"},
			{"4", "1 min", "2 min", "OFF", "Length of the rinse cycle"},
			{"5", pdftest.Above, "3 min", "ON", pdftest.Above},
		},
	}
	parts = pdftest.Table{
		X: 50, Y: 80, Widths: []float64{40, 90, 180, 40, 110}, Align: "cllcl", Head: 1, Caption: "Table 7 Parts of the pump",
		Rows: [][]string{
			{"Item", "Part number", "Description", "Qty", "Remark"},
			{"1", "RX-11244", "Filter, metal mesh", "1", ""},
			{"2", "RX-20931", "Pump, 230 V 50 Hz", "1", "up to serial 4500"},
			{"", "RX-20932", "Pump, 230 V 60 Hz", "1", "from serial 4501"},
			{"3", "0931-7", "Hose clamp", "4", ""},
			{"4", "0931-9", "O-ring 12 x 2", "2", ""},
		},
	}
	codes = pdftest.Table{
		X: 50, Y: 80, Widths: []float64{60, 130}, Head: 1,
		Rows: [][]string{{"Code", "Meaning"}, {"F1", "No flow"}, {"F2", "Sensor open"}, {"F3", "Sensor closed"}, {"F4", "High pressure"}, {"F5", "Reversed phase"}},
	}
)

func with(t pdftest.Table, r pdftest.Rules) pdftest.Table {
	t.Rules = r
	return t
}

func placed(t pdftest.Table, x, y float64) pdftest.Table {
	t.X, t.Y = x, y
	return t
}

var ruled = map[string]pdftest.Rules{
	"ruled": pdftest.Full, "boxed": pdftest.Boxes, "double borders": pdftest.Doubled,
	"no outer borders": pdftest.Open, "no sides": pdftest.Sides,
}

var unruled = map[string]pdftest.Rules{
	"level rulings": pdftest.Levels, "a ruled head": pdftest.Headed, "every other row shaded": pdftest.Shaded,
	"no rulings": pdftest.Bare,
}

// sheets draws every description with every set of rulings, and every defect.
func sheets() []sheet {
	var out []sheet
	described := map[string]pdftest.Table{"faults": faults, "capacities": capacities, "torques": torques, "switches": switches, "parts": parts, "codes": codes}
	for name, t := range described {
		for rules, r := range ruled {
			out = append(out, of(name+", "+rules, with(t, r)))
		}
	}
	for _, name := range []string{"faults", "torques", "parts", "codes"} {
		for rules, r := range unruled {
			t := with(described[name], r)
			t.Pad = 5
			out = append(out, of(name+", "+rules, t))
		}
	}
	slices.SortFunc(out, func(a, b sheet) int { return strings.Compare(a.name, b.name) })
	return append(out, defects()...)
}

func defects() []sheet {
	var out []sheet
	for name, turn := range map[string]pdftest.Turned{"up": pdftest.Up, "letter by letter": pdftest.Letters, "stacked": pdftest.Stacked} {
		t := switches
		t.Turn = turn
		if turn == pdftest.Stacked {
			// Stacked capitals may be names of terminals.
			t.Rows = append([][]string{t.Rows[0], {pdftest.Above, "Open", "Closed", pdftest.Above, pdftest.Above}}, t.Rows[2:]...)
		}
		s := of("headings turned "+name, t)
		s.textOnly = true
		out = append(out, s)
	}
	for name, again := range map[string]pdftest.Again{"again": pdftest.Heads, "not again": pdftest.Nothing, "continued": pdftest.Continued} {
		for rules, r := range map[string]pdftest.Rules{"ruled": pdftest.Full, "level rulings": pdftest.Levels} {
			first, second := with(faults, r).Break(3, 0, again)
			out = append(out, of("before a page break, "+rules, first), of("after a page break, headings "+name+", "+rules, second))
		}
	}
	first, second := faults.Break(3, 1, pdftest.Heads)
	out = append(out, of("a row divided, before", first), of("a row divided, after", second))

	out = append(out,
		of("side by side, ruled", codes, placed(codes, 300, 80)),
		of("side by side, not alike", codes, placed(with(codes, pdftest.Boxes), 300, 87)),
		of("one below the other", codes, placed(codes, 50, 260)))

	// The last row has no ground of its own, and its cells two lines each.
	out = append(out, of("the last row below the shaded", pdftest.Table{
		X: 50, Y: 80, Widths: []float64{60, 170, 230}, Head: 1, Rules: pdftest.Shaded, Pad: 6,
		Rows: [][]string{
			{"Message", "Meaning", "What to do"},
			{"INI", "The board starts.", "Wait for one minute."},
			{"DRY", "The flow is low.", "Clean the filter."},
			{"OHH", "The water is hot.", "Let it cool down. Call the service if the message comes back."},
			{"STU", "The pump appears to be stuck on, and may have heated the water.", "Do not enter the water."},
			{"HOT", "The pump appears to have been stuck on the last time that it ran.", "POWER DOWN IMMEDIATELY. DO NOT ENTER THE WATER. Call the dealer or the service."},
		},
	}))

	// Causes and what helps, line by line in one row; those of a sentence stay together.
	lines := with(pdftest.Table{
		X: 50, Y: 80, Widths: []float64{120, 190, 170}, Head: 1, Middle: true,
		Rows: [][]string{
			{"Problem", "Possible causes", "Remedy"},
			{"Engine overheats", "Clogged air filter\nDefective injectors\nLow coolant level\nBelts are worn", "Replace\nAdjust or replace\nRefill\nCheck"},
			{"No pressure", "The pump does not turn because its plug is loose or its fuse is blown", "Check the plug. Measure the voltage. Replace the fuse with one of the same rating."},
			{"Smoke", "Overload\nPoor compression", "Decrease the load"},
		},
	}, pdftest.Full)
	s := sheet{name: "causes beside remedies", page: pdftest.NewPage()}
	lines.Draw(s.page)
	s.want = [][][]string{{
		{"Problem", "Possible causes", "Remedy"},
		{"Engine overheats", "Clogged air filter", "Replace"},
		{"Engine overheats", "Defective injectors", "Adjust or replace"},
		{"Engine overheats", "Low coolant level", "Refill"},
		{"Engine overheats", "Belts are worn", "Check"},
		{"No pressure", "The pump does not turn because its plug is loose or its fuse is blown", "Check the plug. Measure the voltage. Replace the fuse with one of the same rating."},
		{"Smoke", "Overload Poor compression", "Decrease the load"},
	}}
	out = append(out, s)

	s = sheet{name: "in a column of text", page: pdftest.NewPage()}
	const text = "The board checks all sensors when the machine is switched on and every ten seconds from then on. Where one of them is open or shorted, the machine stops and the display shows its code until the key is pressed for three seconds. "
	y := s.page.Prose(50, 80, 230, 9, text)
	y = s.add(placed(codes, 52, y+6))
	s.page.Prose(50, y+20, 230, 9, text)
	s.page.Prose(310, 80, 230, 9, strings.Repeat(text, 4))
	out = append(out, s)

	s = sheet{name: "with text above and notes below", page: pdftest.NewPage()}
	s.page.Text(50, 50, 14, pdftest.Bold, "7 Fault codes")
	s.page.Prose(50, 70, 480, 9, text)
	y = s.add(placed(faults, 50, 110))
	s.page.Text(50, y+12, 7, pdftest.Regular, "1) Only machines with a drain pump. 2) After three attempts.")
	s.page.Text(290, 800, 9, pdftest.Regular, "7-12")
	out = append(out, s)

	for name, sideways := range map[string]bool{"turned page": false, "sideways on an upright page": true} {
		s := sheet{name: name, page: &pdftest.Page{Width: 842, Height: 595, Sideways: sideways}, textOnly: true}
		if !sideways {
			s.page.Sideways, s.page.Rotate = true, 90
		}
		s.add(faults)
		s.add(placed(capacities, 50, 320))
		out = append(out, s)
	}

	out = append(out, undivided()...)
	wiring := sheet{name: "a wiring diagram", page: pdftest.NewPage()}
	wiring.page.Wiring(80, 100)
	chart := sheet{name: "a chart", page: pdftest.NewPage()}
	chart.page.Chart(120, 100)
	both := sheet{name: "a table below a wiring diagram", page: pdftest.NewPage()}
	both.page.Wiring(80, 100)
	both.add(placed(codes, 80, 420))
	return append(append(out, wiring, chart, both), lists()...)
}

// undivided are tables that need more than their rulings, or less.
func undivided() []sheet {
	pins := pdftest.Table{
		X: 50, Y: 80, Widths: []float64{60, 150}, Head: 1,
		Rows: [][]string{{"Pin", "Signal"}, {"1\n2\n3\n4", "Red\nGreen\nSense (ground)\nBlue"}},
	}
	s := of("pins between two rulings", pins)
	s.want = [][][]string{{{"Pin", "Signal"}, {"1", "Red"}, {"2", "Green"}, {"3", "Sense (ground)"}, {"4", "Blue"}}}
	out := []sheet{s}

	causes := pdftest.Table{
		X: 50, Y: 80, Widths: []float64{130, 160, 170}, Head: 1,
		Rows: [][]string{
			{"Problem", "Possible cause", "Remedy"},
			{"Gearbox is too hot", "1. Too little oil\n2. Wrong oil\n\n3. Trash around the gearbox", "Fill to the mark\nReplace it by oil of\nthe proper grade\nRemove the trash"},
			{"Pump does not turn", "1. Plug loose", "Check the plug"},
		},
	}
	for name, r := range map[string]pdftest.Rules{"ruled": pdftest.Full, "level rulings": pdftest.Levels} {
		t := with(causes, r)
		t.Rows = append(t.Rows, []string{"Belt slips", "1. Belt worn", "Replace the belt"}, []string{"Noise", "1. Bearing worn", "Replace the bearing"})
		s := of("numbered causes, "+name, t)
		const hot = "Gearbox is too hot"
		s.want = [][][]string{slices.Concat([][]string{
			t.Rows[0],
			{hot, "1. Too little oil", "Fill to the mark"},
			{hot, "2. Wrong oil", "Replace it by oil of the proper grade"},
			{hot, "3. Trash around the gearbox", "Remove the trash"},
		}, t.Rows[2:])}
		out = append(out, s)
	}

	s = of("a key and an icon in cells", faults)
	s.page.Frame(52.2, 99, 64, 108)
	s.page.Frame(213, 80.3, 282, 92.6) // hangs from the upper border
	out = append(out, s)

	s = of("framed cells with gaps", with(codes, pdftest.Framed))
	out = append(out, s)

	s = sheet{name: "between notices of its width", page: pdftest.NewPage()}
	notice := func(y float64, text string) {
		s.page.Line(50, y, 530, y)
		s.page.Text(54, y+12, 9, pdftest.Bold, "NOTE:")
		s.page.Text(90, y+12, 9, pdftest.Regular, text)
		s.page.Line(50, y+18, 530, y+18)
	}
	notice(80, "The filter is not part of the kit and must be ordered by its own number.")
	y := s.add(placed(with(faults, pdftest.Levels), 50, 106))
	notice(y+12, "Wait ten minutes before the cover is opened, and discharge the capacitor.")
	return append(out, s)
}

// lists are lines with gaps that are no tables.
func lists() []sheet {
	contents := sheet{name: "contents", page: pdftest.NewPage(), textOnly: true} // dots say nothing of their line
	headings := sheet{name: "numbered headings", page: pdftest.NewPage()}
	marks := sheet{name: "a list with marks in two columns", page: pdftest.NewPage()}
	for i, title := range []string{"Safety of the operator", "Installation", "Electrical tests", "Water supply", "Maintenance"} {
		y := 80 + 16*float64(i)
		number := fmt.Sprintf("2.%d", i+1)
		contents.page.Text(50, y, 9, pdftest.Regular, number)
		contents.page.Text(90, y, 9, pdftest.Regular, title+" "+strings.Repeat(".", 80-len(title)))
		contents.page.Text(500, y, 9, pdftest.Regular, fmt.Sprint(10+i))
		headings.page.Text(50, y, 9, pdftest.Bold, number)
		headings.page.Text(90, y, 9, pdftest.Bold, title)
		for _, x := range []float64{50, 300} {
			marks.page.Text(x, y, 9, pdftest.Regular, "\u00b7")
			marks.page.Text(x+20, y, 9, pdftest.Regular, title)
		}
	}
	legend := sheet{name: "a picture with its legend", page: pdftest.NewPage()}
	for i, name := range []string{"Display", "Fan button", "Mode button", "Timer button", "Reset", "Lamp", "Sensor", "Filter"} {
		legend.page.Text(360, 80+16*float64(i), 9, pdftest.Regular, fmt.Sprint(i+1))
		legend.page.Text(380, 80+16*float64(i), 9, pdftest.Regular, name)
		if i%3 == 0 {
			legend.page.Text(60+12*float64(i), 80+16*float64(i), 9, pdftest.Regular, fmt.Sprint(i+1))
			legend.page.Text(240, 80+16*float64(i), 9, pdftest.Regular, fmt.Sprint(i+2))
		}
	}
	return []sheet{contents, headings, marks, legend}
}

func cellsOf(t pdf.Table) [][]string {
	var out [][]string
	for _, r := range t.Rows {
		var row []string
		for _, c := range r.Cells {
			row = append(row, c.Text)
		}
		out = append(out, row)
	}
	return out
}

// compare reports where the tables of a page are not those of the sheet.
func (s *sheet) compare(p pdf.Page) string {
	var got [][][]string
	for _, t := range p.Tables {
		got = append(got, cellsOf(t))
	}
	if slices.EqualFunc(got, s.want, func(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal[[]string]) }) {
		return ""
	}
	var sb strings.Builder
	for _, side := range []struct {
		name   string
		tables [][][]string
	}{{"got", got}, {"want", s.want}} {
		fmt.Fprintf(&sb, "%s %d tables\n", side.name, len(side.tables))
		for i, t := range side.tables {
			for _, row := range t {
				fmt.Fprintf(&sb, "  %d | %s |\n", i+1, strings.Join(row, " | "))
			}
		}
	}
	return sb.String()
}

func extractSheets(t *testing.T, all []sheet) []pdf.Page {
	t.Helper()
	d := &pdftest.Document{}
	for _, s := range all {
		d.Pages = append(d.Pages, s.page)
	}
	_, pages := mustExtract(t, d)
	if len(pages) != len(all) {
		t.Fatalf("%d of %d pages", len(pages), len(all))
	}
	return pages
}

func TestTablesAreFoundCellByCell(t *testing.T) {
	t.Parallel()
	all := sheets()
	for i, p := range extractSheets(t, all) {
		if diff := all[i].compare(p); diff != "" {
			t.Errorf("%s: %s", all[i].name, diff)
		}
	}
}

// scanned returns what OCR would read of a page: words with the boxes of their ink,
// which are not quite where they are, and rulings.
func scanned(s sheet, p pdf.Page) pdf.Reading {
	random := rand.New(rand.NewPCG(4, uint64(p.Number)))
	jitter := func(by float64) float64 { return by * (2*random.Float64() - 1) }
	var r pdf.Reading
	for _, w := range p.Words {
		b := w.Box
		em := (b.Y1 - b.Y0) / 1.156 // of Helvetica: from ascender to descender
		base := b.Y1 - 0.212*em
		up, down := 0.52, 0.0
		if strings.ContainsAny(w.Text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789bdfhiklt()/°") {
			up = 0.72
		}
		if strings.ContainsAny(w.Text, "gjpqy,;()/") {
			down = 0.2
		}
		b.Y0, b.Y1 = base-up*em+jitter(0.3), base+down*em+jitter(0.3)
		b.X0, b.X1 = b.X0+0.06*em+jitter(0.3), b.X1-0.06*em+jitter(0.3)
		r.Words = append(r.Words, pdf.ReadWord{Word: pdf.Word{Text: w.Text, Box: b, Confidence: uint8(70 + random.IntN(28))}})
	}
	for _, l := range s.page.Rulings() {
		x, y := jitter(0.4), jitter(0.4)
		if l[0] != l[2] && l[1] != l[3] {
			continue // slanting
		}
		r.Rulings = append(r.Rulings, pdf.Box{X0: l[0] + x, Y0: l[1] + y, X1: l[2] + x + 0.6, Y1: l[3] + y + 0.6})
	}
	return r
}

func TestTablesAreFoundInWhatOCRReads(t *testing.T) {
	t.Parallel()
	all := slices.DeleteFunc(sheets(), func(s sheet) bool { return s.textOnly })
	for i, p := range extractSheets(t, all) {
		blank := pdf.Page{Number: p.Number, Width: p.Width, Height: p.Height}
		if diff := all[i].compare(pdf.Merge(blank, scanned(all[i], p))); diff != "" {
			t.Errorf("%s: %s", all[i].name, diff)
		}
	}
}
