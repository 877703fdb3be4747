package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// indexed returns all rows of a manual's error-code index, rendered.
func indexed(t *testing.T, l *library, pages ...pdf.Page) []string {
	t.Helper()
	id := l.add(pages...)
	rows, err := l.db.Query(t.Context(), `SELECT row FROM error_code WHERE manual_id = $1 ORDER BY ordinal`, id)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := pgx.CollectRows(rows, pgx.RowTo[search.CodeRow])
	if err != nil {
		t.Fatal(err)
	}
	return rowsOf(codes, pages)
}

func TestHeaderRole(t *testing.T) {
	for role, headings := range map[search.Role]string{
		search.RoleCode:    "Code|Error code|FAULT CODE|Fault|Error|Display|LED flashes|Fehlercode|Fehler|Anzeige|Código|Código de error|Codice|Code d'erreur|#|Error No.",
		search.RoleMeaning: "Meaning|Description|Bedeutung|Beschreibung|Significado|Signification|Betekenis|What is wrong",
		search.RoleCause:   "Cause|Possible causes|Probable cause|Mögliche Ursache|Ursachen|Causa|Causa posible|Raison|Why",
		search.RoleRemedy:  "Remedy|Corrective action|Solution|What to do|Abhilfe|Maßnahme|Behebung|Solución|Remède|Rimedio|Check|Do this",
		search.RoleSymptom: "Symptom|Problem|Störung|Síntoma|Problème",
		search.RoleOther:   "|Quantity|Torque|Page|Voltage|a long sentence that mentions an error code among many words|–",
	} {
		for heading := range strings.SplitSeq(headings, "|") {
			if got := search.HeaderRole(heading); got != role {
				t.Errorf("%q is %s, want %s", heading, got, role)
			}
		}
	}
}

func TestRowsOfCodeTablesAreIndexed(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name  string
		pages []pdf.Page
		want  []string
	}{
		{
			"English",
			[]pdf.Page{sheet(1, "Troubleshooting", table{{"Error code", "Meaning", "Possible cause", "Remedy"}, {"E5", "Water flow", "Filter blocked", "Clean it"}, {"E6", "Phase", "Wrong order", "Swap two"}})},
			[]string{"1 E5[e5] code:E5|meaning:Water flow|cause:Filter blocked|remedy:Clean it", "1 E6[e6] code:E6|meaning:Phase|cause:Wrong order|remedy:Swap two"},
		},
		{
			"German",
			[]pdf.Page{sheet(1, "Störungen", table{{"Fehlercode", "Bedeutung", "Mögliche Ursache", "Abhilfe"}, {"F1", "Durchfluss", "Filter verstopft", "Reinigen"}})},
			[]string{"1 F1[f1] code:F1|meaning:Durchfluss|cause:Filter verstopft|remedy:Reinigen"},
		},
		{
			"Spanish",
			[]pdf.Page{sheet(1, "Averías", table{{"Código", "Significado", "Causa", "Solución"}, {"E1", "Caudal", "Filtro sucio", "Limpiar"}})},
			[]string{"1 E1[e1] code:E1|meaning:Caudal|cause:Filtro sucio|remedy:Limpiar"},
		},
		{
			"unusual headings",
			[]pdf.Page{sheet(1, "When something is wrong", table{{"Display", "What you see there", "Do this"}, {"OHH", "Overheat", "Let it cool"}, {"FLO", "No flow", "Open the valves"}, {"dr", "Dry", "Fill"}})},
			[]string{"1 OHH[ohh] code:OHH|other:Overheat|remedy:Let it cool", "1 FLO[flo] code:FLO|other:No flow|remedy:Open the valves", "1 dr[dr] code:dr|other:Dry|remedy:Fill"},
		},
		{
			"headings that tell nothing but the code's",
			[]pdf.Page{sheet(1, "Panel", table{{"Code", "Fact", "Way out"}, {"E1", "Fan", "Free it"}, {"E2", "Pump", "Bleed it"}})},
			[]string{"1 E1[e1] code:E1|meaning:Fan|other:Free it", "1 E2[e2] code:E2|meaning:Pump|other:Bleed it"},
		},
		{
			"no headings, on a page about faults",
			[]pdf.Page{sheet(1, "Error messages. Each error is shown until it is gone.", table{{"E1", "Fan blocked", "Free it"}, {"E2", "Pump blocked", "Bleed it"}})},
			[]string{"1 E1[e1] code:E1|meaning:Fan blocked|remedy:Free it", "1 E2[e2] code:E2|meaning:Pump blocked|remedy:Bleed it"},
		},
		{
			"title row above the headings",
			[]pdf.Page{sheet(1, "Service", table{{"List of errors", "", ""}, {"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}})},
			[]string{"1 E1[e1] code:E1|cause:Fan|remedy:Free it"},
		},
		{
			"continued with repeated headings",
			[]pdf.Page{
				sheet(1, "Errors", table{{"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}}),
				sheet(2, "Continued", table{{"Code", "Cause", "Remedy"}, {"E2", "Pump", "Bleed it"}}),
			},
			[]string{"1 E1[e1] code:E1|cause:Fan|remedy:Free it", "2 E2[e2] code:E2|cause:Pump|remedy:Bleed it"},
		},
		{
			"continued without headings, over two pages",
			[]pdf.Page{
				sheet(1, "Errors", table{{"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}}),
				sheet(2, table{{"E2", "Pump", "Bleed it"}}),
				sheet(3, table{{"E3", "Sensor", "Replace it"}}),
			},
			[]string{"1 E1[e1] code:E1|cause:Fan|remedy:Free it", "2 E2[e2] code:E2|cause:Pump|remedy:Bleed it", "3 E3[e3] code:E3|cause:Sensor|remedy:Replace it"},
		},
		{
			"a code's rows go on over the page",
			[]pdf.Page{
				sheet(1, "Errors", table{{"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}}),
				sheet(2, table{{"", "Bearing", "Grease it"}, {"E2", "Pump", "Bleed it"}}),
				sheet(3, table{{"Code", "Cause", "Remedy"}, {"", "Valve", "Open it"}}),
			},
			[]string{"1 E1[e1] code:E1|cause1:Fan|remedy1:Free it|cause2:Bearing on page 2|remedy2:Grease it on page 2", "2 E2[e2] code:E2|cause1:Pump|remedy1:Bleed it|cause2:Valve on page 3|remedy2:Open it on page 3"},
		},
		{
			"another table on the next page",
			[]pdf.Page{
				sheet(1, "Errors", table{{"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}}),
				sheet(2, table{{"Fan", "230 V", "1.2 A"}, {"Lamp motor", "12 V", "5 W"}, {"Pump motor", "12 V", "K7"}}),
			},
			[]string{"1 E1[e1] code:E1|cause:Fan|remedy:Free it"},
		},
		{
			"a code above several rows",
			[]pdf.Page{sheet(1, "Errors", table{{"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}, {"", "Bearing", "Grease it"}, {spans, "Wire", "Mend it"}, {"E2", "Pump", "Bleed it"}, {spans, "Air", "Vent it"}})},
			[]string{"1 E1[e1] code:E1|cause1:Fan|remedy1:Free it|cause2:Bearing|remedy2:Grease it|cause3:Wire|remedy3:Mend it", "1 E2[e2] code:E2|cause1:Pump|remedy1:Bleed it|cause2:Air|remedy2:Vent it"},
		},
		{
			"a row between that is no code's",
			[]pdf.Page{sheet(1, "Errors", table{{"Code", "Cause", "Remedy"}, {"E1", "Fan", "Free it"}, {"Faults of the heating circuit:", "", ""}, {"", "See the chapter", "Heating"}, {"E2", "Pump", "Bleed it"}})},
			[]string{"1 E1[e1] code:E1|cause:Fan|remedy:Free it", "1 E2[e2] code:E2|cause:Pump|remedy:Bleed it"},
		},
		{
			"the meaning in the code's cell",
			[]pdf.Page{sheet(1, "Errors", table{{"Error", "Cause", "Remedy"}, {"E5 Water flow", "Filter", "Clean it"}, {"OHH – Overheat", "Flow", "Open"}})},
			[]string{"1 E5[e5] code:E5|meaning:Water flow|cause:Filter|remedy:Clean it", "1 OHH[ohh] code:OHH|meaning:– Overheat|cause:Flow|remedy:Open"},
		},
		{
			"several codes in a cell",
			[]pdf.Page{sheet(1, "Errors", table{{"Code", "Cause"}, {"E16 / E17", "Fan"}, {"E18, E19 or E20", "Pump"}, {"F21/E3", "Motor"}, {"E7/E8", "Wire"}})},
			[]string{"1 E16[e16] code:E16 / E17|cause:Fan", "1 E17[e17] code:E16 / E17|cause:Fan", "1 E18[e18] code:E18, E19 or E20|cause:Pump", "1 E19[e19] code:E18, E19 or E20|cause:Pump", "1 E20[e20] code:E18, E19 or E20|cause:Pump", "1 F21/E3[f21e3] code:F21/E3|cause:Motor", "1 F21/E3[f21] code:F21/E3|cause:Motor", "1 F21/E3[e3] code:F21/E3|cause:Motor", "1 E7[e7] code:E7/E8|cause:Wire", "1 E8[e8] code:E7/E8|cause:Wire"},
		},
		{
			"ranges",
			[]pdf.Page{sheet(1, "Errors", table{{"Code", "Cause"}, {"E1-E3", "Fan"}, {"F08 – F10", "Pump"}, {"H1 to H2", "Sensor"}, {"P1…2", "Valve"}})},
			[]string{"1 E1[e1] code:E1-E3|cause:Fan", "1 E2[e2] code:E1-E3|cause:Fan", "1 E3[e3] code:E1-E3|cause:Fan", "1 F08[f08] code:F08 – F10|cause:Pump", "1 F09[f09] code:F08 – F10|cause:Pump", "1 F10[f10] code:F08 – F10|cause:Pump", "1 H1[h1] code:H1 to H2|cause:Sensor", "1 H2[h2] code:H1 to H2|cause:Sensor", "1 P1[p1] code:P1…2|cause:Valve", "1 P2[p2] code:P1…2|cause:Valve"},
		},
		{
			"codes of other forms",
			[]pdf.Page{sheet(1, "Errors", table{{"Code", "Cause"}, {"Err 7", "Fan"}, {"HI-P", "Pressure"}, {"rtC", "Clock"}, {"INIt", "Start"}, {"E-05", "Pump"}, {"dE1", "Door"}, {"5E", "Drain"}, {"E18-13", "Bus"}})},
			[]string{"1 Err 7[err7] code:Err 7|cause:Fan", "1 HI-P[hip] code:HI-P|cause:Pressure", "1 rtC[rtc] code:rtC|cause:Clock", "1 INIt[init] code:INIt|cause:Start", "1 E-05[e05] code:E-05|cause:Pump", "1 dE1[de1] code:dE1|cause:Door", "1 5E[5e] code:5E|cause:Drain", "1 E18-13[e18/13] code:E18-13|cause:Bus"},
		},
		{
			"sub-codes below their parent",
			[]pdf.Page{sheet(1, "When E18 is shown, the detail follows:", table{{"Code", "Description"}, {"07", "Over-current"}, {"13", "Over-voltage"}})},
			[]string{"1 E18 07[e18/7] code:07|meaning:Over-current", "1 E18 13[e18/13] code:13|meaning:Over-voltage"},
		},
		{
			"the code in another column than the first",
			[]pdf.Page{sheet(1, "Errors", table{{"Cause", "Error code", "Remedy"}, {"Fan", "E1", "Free it"}, {"Pump", "E2", "Bleed it"}})},
			[]string{"1 E1[e1] code:E1|cause:Fan|remedy:Free it", "1 E2[e2] code:E2|cause:Pump|remedy:Bleed it"},
		},
	} {
		if got := indexed(t, l, c.pages...); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

func TestSectionsUnderCodesAreIndexed(t *testing.T) {
	l := newLibrary(t)
	got := indexed(t, l,
		sheet(1, "Faults", table{{"Code", "Meaning"}, {"E5", "Water flow"}, {"E6", "Phase"}}),
		sheet(2, "Remedies\n1. E5 Solution\nClean the filter.\nOpen the valve.\n2. E6 Solution\nSwap two phases.\nThe unit shows E5 in a sentence that is far too long to be a heading of anything."),
		sheet(3, "Display E6\nCheck the supply."),
	)
	want := []string{
		"1 E5[e5] code:E5|meaning:Water flow", "1 E6[e6] code:E6|meaning:Phase",
		"2 E5[e5] code:E5|remedy:Clean the filter.|other:Clean the filter. Open the valve.",
		"2 E6[e6] code:E6|remedy:Swap two phases.|other:Swap two phases. The unit shows E5 in a sentence that is far too long to be a heading of anything.",
		"3 E6[e6] code:E6|other:Check the supply.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n    "))
	}
	got = indexed(t, l, sheet(1, "Fault codes. Each fault stops the unit.\nE12 – Communication fault\nCheck the cable.\nE13 – Sensor\nReplace it.\nErr 7: Fan\nFree it."))
	want = []string{
		"1 E12[e12] code:E12|meaning:Communication fault|other:Check the cable.",
		"1 E13[e13] code:E13|meaning:Sensor|other:Replace it.",
		"1 Err 7[err7] code:Err 7:|meaning:Fan|other:Free it.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n    "))
	}
}

func TestWhatOnlyLooksLikeACodeIsNotIndexed(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name  string
		pages []pdf.Page
	}{
		{"a parts list", titled("Spare parts", table{{"Item", "Part No.", "Description", "Qty"}, {"1", "A123", "Screw", "4"}, {"2", "B77", "Washer", "4"}, {"3", "C9", "Nut", "4"}})},
		{"a parts list whose numbers are called codes", titled("Spare parts", table{{"Code", "Description", "Qty"}, {"A123", "Screw", "4"}, {"B77", "Washer", "4"}, {"C9", "Nut", "4"}})},
		{"part codes", titled("Spare parts", table{{"Part code", "Description"}, {"A123", "Screw"}, {"B77", "Washer"}, {"C9", "Nut"}})},
		{"German part numbers", titled("Ersatzteile", table{{"Pos.", "Artikel-Nr.", "Bezeichnung"}, {"1", "A123", "Schraube"}, {"2", "B77", "Scheibe"}})},
		{"models", titled("Models with overload protection and phase protection", table{{"Model", "Power", "Supply"}, {"MR5", "5 kW", "230 V"}, {"MR8", "8 kW", "230 V"}, {"MR10", "10 kW", "400 V"}, {"MR12", "12 kW", "400 V"}})},
		{"terminals in a table", titled("Terminals: the alarm output and the fault output are free of potential", table{{"Terminal", "Use"}, {"S1", "Flow switch"}, {"S2", "Remote switch"}, {"S3", "Alarm output"}, {"X4", "Fault output"}})},
		{"terminals in lines", []pdf.Page{sheet(1, "Wiring diagram\nTerminal strip\nS1 Flow switch\nS2 Remote switch\nS3 Alarm output, closed upon any fault\nX4 Fault relay of the wiring")}},
		{"terminals on a page without faults", []pdf.Page{sheet(1, "S1 Flow switch\nS2 Remote switch\nS3 Door switch\nS4 Output")}},
		{"technical data", titled("Technical data", table{{"Specification", "Value"}, {"Weight", "68 kg"}, {"IP class", "IP44"}, {"R32", "1.2 kg"}, {"Fuse", "T16"}})},
		{"threads and torques", titled("Torques", table{{"Screw", "Torque"}, {"M6", "9 Nm"}, {"M8", "22 Nm"}, {"M10", "45 Nm"}})},
		{"symptoms", titled("Troubleshooting: faults and errors", table{{"Fault", "Cause", "Remedy"}, {"Fan does not run", "Fuse", "Replace it"}, {"No heat", "Switch", "Reset"}, {"Low pressure", "Leak", "Seal"}, {"Unit stops", "Phase", "Check"}, {"Oil leaks", "Seal", "Replace"}})},
		{"symptoms in capitals", titled("TROUBLESHOOTING: FAULT, ERROR", table{{"FAULT", "CAUSE", "REMEDY"}, {"FAN DOES NOT RUN", "FUSE", "REPLACE"}, {"NO HEAT", "SWITCH", "RESET"}, {"LOW PRESSURE", "LEAK", "SEAL"}})},
		{"numbered steps", titled("Error correction after an error", table{{"No.", "Check"}, {"1", "The plug"}, {"2", "The fuse"}})},
		{"a sentence whose lines begin like codes", []pdf.Page{sheet(1, "Faults are shown, for each fault, by the red lamp\nH1, for machines without display, by the lamps\nH2, which flashes, and\nH3, which does not")}},
		{"two lines that begin like codes", []pdf.Page{sheet(1, "After an error or a fault\nM8 screws are tightened\nR32 is refilled")}},
	} {
		if got := indexed(t, l, c.pages...); len(got) != 0 {
			t.Errorf("%s:\n got %s", c.name, strings.Join(got, "\n     "))
		}
	}
}

// titled makes a page with a heading and a table.
func titled(heading string, cells table) []pdf.Page { return []pdf.Page{sheet(1, heading, cells)} }
