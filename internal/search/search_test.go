package search_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// washer is a small service manual; the number of a page is its place here.
var washer = sheets(
	"Safety instructions\nDisconnect the appliance from the mains before any work on it.",
	"Transport\nRemove the four shipping bolts before the machine is started for the first time.",
	"Replacing the drain pump\nDrain the remaining water. Remove the two screws and pull the pump out of the housing.",
	"Heating\nThe heating element has a resistance of 25 ohm. The maximum temperature is 95 °C.",
	"Door lock\nThe door is unlocked two minutes after the programme has ended.",
	"Error codes\nE12 Water does not drain. Clean the filter of the drain pump.",
	"Error E5 is shown when the door is open.\nClose the door firmly.",
	"Drive belt\nThe shearbolt of the drum protects the drive. Replace a broken shearbolt by a genuine one.",
	"Inlet valve\nThe water pressure has to be between 0,5 and 8 bar. The inlet hose is 1.5 m long.",
	"Technical data\nWeight 68 kg, width 595 mm, spin speed 1400 rpm, torque of the drum screw 22 Nm.",
)

func TestAQuestionFindsThePageThatAnswersIt(t *testing.T) {
	l := newLibrary(t)
	id := l.add(washer...)
	for _, c := range []struct {
		name, text string
		page       int
	}{
		{"as printed", "replacing the drain pump", 3},
		{"inflected", "how do I replace drain pumps?", 3},
		{"in capitals", "RESISTANCE OF THE HEATING ELEMENT", 4},
		{"with typography", "“heating‑element” re\u00adsistance", 4},
		{"transposed letters", "resistnace", 4},
		{"an omitted letter", "shiping", 2},
		{"an omitted letter inside", "trnsport", 2},
		{"a doubled letter", "hoosing", 3},
		{"a doubled letter at the end", "filterr", 6},
		{"a neighbouring key", "programmr", 5},
		{"a compound in two words", "shear bolt", 8},
		{"two words in one", "heatingelement", 4},
		{"an equivalent", "max temp", 4},
		{"an equivalent of a unit", "how heavy: mass of it", 10},
		{"a figure typed with its unit", "22nm", 10},
		{"a decimal comma", "pressure 0,5 bar", 9},
		{"a decimal point", "1.5 m", 9},
	} {
		first(t, c.name, l.ask(id, c.text), c.page)
	}
}

func TestRepairsAreNamed(t *testing.T) {
	l := newLibrary(t)
	id := l.add(washer...)
	res := l.ask(id, "resistnace of xylophones")
	if len(res.Terms) != 2 || res.Terms[0].Repaired != "resistance" || res.Terms[0].Found {
		t.Errorf("terms: %+v", res.Terms)
	}
	if x := res.Terms[1]; x.Repaired != "" || x.Found || len(x.Forms) != 0 {
		t.Errorf("a word that nothing resembles: %+v", x)
	}
	if got := res.Terms[0].Explain(); !strings.HasPrefix(got, "resistnace → resistance") {
		t.Errorf("explained as %q", got)
	}
}

func TestAWordIsFoundWithoutItsLigature(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheet(1, "Clean the ilter and the eluent hose every month."), sheet(2, "Check the power supply and its fuse."), sheet(3, "Empty the tank."))
	for _, text := range []string{"filter", "effluent hose"} {
		res := l.ask(id, text)
		first(t, text, res, 1)
		if res.Terms[0].Repaired == "" || res.Terms[0].Found {
			t.Errorf("%s: %+v", text, res.Terms)
		}
	}
}

func TestCodesAndFiguresAreNeverRepaired(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"Fault E6 means that the fan is blocked.",
		"Fault E120 means that the bus is open. The screw takes 1000 N and 22.5 Nm, order 471133.",
		"The switch HS3 is closed. Motor type 5 with 5 poles.",
		"The message COLD is no fault.",
	)...)
	for _, q := range []search.Query{
		{Code: "E5"},
		{Code: "E12"},
		{Code: "E1"},
		{Code: "HS4"},
		{Code: "5E", Text: "the display shows 5E and 5 beeps"},
		{Code: "E12", Text: "E12 on the display"},
		{Code: "E12", Text: "e12, err 12"},
		{Text: "error E5"},
		{Text: "error E12"},
		{Text: "fault E1 20"},
		{Code: "COOL", Text: "COOL"},
		{Code: "E1-20"},
		{Code: "E12-0"},
		{Code: "E6-1"},
		{Text: "error E6-1"},
	} {
		q.Manuals = []uuid.UUID{id}
		res := l.search(q)
		if res.CodeFound || len(res.AskedCodes) != 1 || len(res.Codes) != 0 {
			t.Errorf("%+v: code found %v, asked %q, rows %v", q, res.CodeFound, res.AskedCodes, res.Codes)
		}
		for _, term := range res.Terms {
			if term.Code && term.Repaired != "" {
				t.Errorf("%+v: %s was taken for %s", q, term.Word, term.Repaired)
			}
		}
	}
	for _, text := range []string{"100", "22", "22.4", "471134", "47113", "E12", "hs33"} {
		if res := l.ask(id, text); len(res.Pages) != 0 {
			t.Errorf("%s found %+v: %+v", text, pagesOf(res), res.Terms)
		}
	}
}

func TestACodeIsFoundInEveryWayOfTyping(t *testing.T) {
	l := newLibrary(t)
	pages := []pdf.Page{
		sheet(1, "Error codes", table{{"Code", "Meaning", "Remedy"}, {"E12", "No water", "Open the tap"}, {"F21/E3", "Motor blocked", "Free the drum"}, {"Err 7", "Sensor", "Replace it"}, {"HI-P", "High pressure", "Clean the fins"}, {"E31/32", "Fan", "Free it"}}),
		sheet(2, "Error code E18: inverter fault. The detail is shown after it.", table{{"Sub-code", "Description"}, {"7", "Over-current"}, {"13", "Over-voltage"}, {"14", "Under-voltage"}}),
		sheet(3, "Electronics\nThe board is behind the panel."),
	}
	id := l.add(pages...)
	for _, c := range []struct {
		spellings string // divided by |
		code      string // of the row that has to be among the found ones
		page      int
	}{
		{"E31/32|E31|E31/E32", "E31", 1},
		{"E31/32|e32|E31/E32", "E32", 1},
		{"E12|e12|E-12|e-12|E 12|e 12|E_12|(E12)|Ｅ１２", "E12", 1},
		{"F21/E3|f21 e3|F21-E3|f21/e3|f21|E3", "F21/E3", 1},
		{"Err 7|ERR 7|err7|Err-7", "Err 7", 1},
		{"HI-P|hi-p|HIP", "HI-P", 1},
		{"E18-07|E18 7|e18/7|E18-7|E18.07", "E18 7", 2},
		{"E18-13|e18 13", "E18 13", 2},
	} {
		for code := range strings.SplitSeq(c.spellings, "|") {
			for _, q := range []search.Query{{Code: code}, {Text: code}, {Text: "the display shows " + code + " and it stops"}} {
				q.Manuals = []uuid.UUID{id}
				res := l.search(q)
				if !res.CodeFound || len(res.AskedCodes) == 0 || !slices.ContainsFunc(res.Codes, func(r search.CodeRow) bool { return r.Code == c.code && r.Page == c.page && r.ManualID == id }) {
					t.Errorf("%+v: asked %q, found %v, rows %q", q, res.AskedCodes, res.CodeFound, rowsOf(res.Codes, pages))
				}
			}
		}
	}
	res := l.ask(id, "It shows E18, then after a while 13")
	if got := rowsOf(res.Codes, pages); !slices.ContainsFunc(got, func(r string) bool { return strings.HasPrefix(r, "2 E18 13[e18/13] ") }) {
		t.Errorf("a sub-code further on in the text: %q", got)
	}
	res = l.search(search.Query{Manuals: []uuid.UUID{id}, Code: "E18-13"})
	if slices.ContainsFunc(res.Codes, func(r search.CodeRow) bool { return r.Key == "e18/14" || r.Key == "e18/7" }) {
		t.Errorf("other sub-codes for E18-13: %q", rowsOf(res.Codes, pages))
	}
	first(t, "E18-13", res, 2)
}

func TestAskedCodesAndCodeFound(t *testing.T) {
	l := newLibrary(t)
	id := l.add(
		sheet(1, "Error codes", table{{"Code", "Meaning", "Remedy"}, {"E12", "No water", "Open the tap"}, {"OHH", "Overheat", "Let it cool"}, {"dr", "Dry run", "Fill"}}),
		sheet(2, "The relay K7 is on the board. If LO-P or F4-2 appears, call the service."),
	)
	for _, c := range []struct {
		name  string
		q     search.Query
		asked []string
		found bool
	}{
		{"given and explained", search.Query{Code: "E12"}, []string{"E12"}, true},
		{"given and only printed in the text", search.Query{Code: "LO-P"}, []string{"LO-P"}, true},
		{"a sub-code only printed in the text", search.Query{Code: "F4-02"}, []string{"F4-02"}, true},
		{"a sub-code of an explained code", search.Query{Code: "E12-9"}, []string{"E12-9"}, true},
		{"given and printed nowhere", search.Query{Code: "E99"}, []string{"E99"}, false},
		{"as it was typed", search.Query{Code: " e 12\t"}, []string{"e 12"}, true},
		{"the given one, not one of the text", search.Query{Code: "E12", Text: "OHH"}, []string{"E12"}, true},
		{"in the text and explained", search.Query{Text: "what is OHH?"}, []string{"OHH"}, true},
		{"in the text in lower case", search.Query{Text: "ohh flashes"}, []string{"ohh"}, true},
		{"in the text with a space", search.Query{Text: "shows e 12"}, []string{"e12"}, true},
		{"called a code and printed nowhere", search.Query{Text: "error E99"}, []string{"E99"}, false},
		{"called a code with a space and printed nowhere", search.Query{Text: "error E 99"}, []string{"E99"}, false},
		{"looks like a code but nothing says so", search.Query{Text: "where is K7"}, nil, false},
		{"no code", search.Query{Text: "water does not come"}, nil, false},
		{"a figure beside a word of faults", search.Query{Text: "error at 5 bar"}, nil, false},
		{"the model's name", search.Query{Text: "E12 shows an error", Equipment: "Bosch E12"}, nil, false},
		{"a part of the model's name", search.Query{Text: "my AP9 display is dark", Equipment: "Sharp AH-AP9 SMD"}, nil, false},
		{"the beginning of the model's name", search.Query{Text: "puz-wm112 error", Equipment: "Mitsubishi PUZ-WM112VAA"}, nil, false},
		{"a code that a model's name happens to hold", search.Query{Text: "shows E12", Equipment: "Acme XE120"}, []string{"E12"}, true},
	} {
		c.q.Manuals = []uuid.UUID{id}
		res := l.search(c.q)
		if !slices.Equal(res.AskedCodes, c.asked) || res.CodeFound != c.found {
			t.Errorf("%s: asked %q (want %q), found %v", c.name, res.AskedCodes, c.asked, res.CodeFound)
		}
	}
}

func TestOnlyTheGivenManualsAreRanked(t *testing.T) {
	l := newLibrary(t)
	text := "Drain pump\nE12 means that the drain pump is blocked."
	one, other, sibling := l.add(sheets(text)...), l.add(sheets(text)...), l.add(sheets(text, text)...)
	for _, scope := range [][]uuid.UUID{{one}, {other}, {one, other}} {
		for _, q := range []search.Query{{Text: "drain pump blocked"}, {Code: "E12"}, {Text: "error E12 drain pmup"}} {
			q.Manuals = scope
			res := l.search(q)
			if len(res.Pages) != len(scope) || !res.CodeFound && q.Code != "" {
				t.Errorf("%+v: %+v", q, res.Pages)
			}
			for _, h := range res.Pages {
				if h.ManualID == sibling || !slices.Contains(scope, h.ManualID) {
					t.Errorf("%+v found a page of another manual", q)
				}
			}
			for _, r := range res.Codes {
				if !slices.Contains(scope, r.ManualID) {
					t.Errorf("%+v found a code of another manual", q)
				}
			}
		}
	}
	unread := l.register()
	for _, scope := range [][]uuid.UUID{nil, {}, {uuid.New()}, {uuid.Nil}, {unread}} {
		res := l.search(search.Query{Manuals: scope, Code: "E12", Text: "drain pump"})
		if len(res.Pages) != 0 || len(res.Codes) != 0 || res.CodeFound {
			t.Errorf("scope %v: %+v", scope, res)
		}
	}
	if res := l.search(search.Query{Manuals: []uuid.UUID{unread, one, uuid.New()}, Text: "drain pump"}); len(res.Pages) != 1 {
		t.Errorf("beside a manual that is not indexed: %+v", res.Pages)
	}
}

func TestRowsComeInTheOrderOfTheManualsAndPages(t *testing.T) {
	l := newLibrary(t)
	codes := table{{"Code", "Meaning"}, {"E1", "Fan"}, {"E2", "Pump"}}
	a, b := l.add(sheet(1, "Errors", codes), sheet(2, "Errors", codes)), l.add(sheet(1, "Errors", codes))
	var got []string
	for _, r := range l.search(search.Query{Manuals: []uuid.UUID{b, a}, Code: "E1"}).Codes {
		got = append(got, fmt.Sprint(r.ManualID == a, r.Page))
	}
	if want := []string{"false 1", "true 1", "true 2"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestWordsInTheQuestionsOrderWin(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"The valve has a check. Pressure relief is at the side.",
		"The check valve is beside the relief of the pressure.",
		"The pressure gauge and the check lamp belong to the relief panel of the valve.",
	)...)
	first(t, "check valve", l.ask(id, "check valve"), 2)
	first(t, "pressure relief", l.ask(id, "pressure relief"), 1)
}

func TestTheQuestionsLanguagePrefersItsCopyOfThePage(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"Cleaning of the filter\nThe filter is to be cleaned every week if it is dirty. This is done with water in the Kompressor.",
		"Reinigung des Filters\nDer Filter ist jede Woche zu reinigen, wenn er nicht sauber ist. Das wird mit Wasser im Kompressor gemacht.",
		"Nettoyage du filtre\nLe filtre est nettoyé avec de l'eau chaque semaine et ne doit pas être dans le Kompressor pour cela.",
	)...)
	for _, c := range []struct {
		text, reader, language string
		page                   int
	}{
		{"how is the filter of the Kompressor cleaned", "de", "en", 1},
		{"wie wird der Filter im Kompressor gereinigt", "en", "de", 2},
		{"est-ce que le filtre est dans le Kompressor", "", "fr", 3},
		{"Kompressor", "en", "en", 1},
		{"Kompressor", "de", "de", 2},
		{"Kompressor", "fr", "fr", 3},
		{"Kompressor", "", "en", 1},
		{"Kompressor", "fi", "en", 1},
		{"Reinigung", "en", "de", 2}, // the page that matches clearly best tells
	} {
		res := l.search(search.Query{Manuals: []uuid.UUID{id}, Text: c.text, Language: c.reader})
		first(t, c.text+" for "+c.reader, res, c.page)
		if res.Language != c.language || res.Pages[0].Language != c.language {
			t.Errorf("%s for %q: language %q, of the page %q", c.text, c.reader, res.Language, res.Pages[0].Language)
		}
	}
}

func TestGermanCompoundsAreFoundByTheirParts(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"Die Menge an Kältemittel ist auf dem Typenschild und in der Tabelle angegeben.",
		"Der Druckschalter ist neben der Pumpe und wird mit dem Stecker verbunden.",
		"Das Gerät ist auf einer ebenen Fläche und nicht in der Sonne aufzustellen.",
	)...)
	first(t, "a compound whose parts are printed", l.ask(id, "Kältemittelmenge"), 1)
	first(t, "a compound in two words", l.ask(id, "Druck Schalter"), 2)
	first(t, "without its umlaut's dots", l.ask(id, "kaltemittel"), 1)
}

func TestATableOfContentsAnswersNothing(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"Contents\nDescaling of the boiler ........ 2\nE12 Flow meter fault . . . . . . . 3\nShipping brackets ______ 4\nSpare parts …… 5",
		"Descaling of the boiler\nFill the tank with a solution of citric acid and let it run through the boiler. Flush it twice with clear water before it is used again.",
		"E12 Flow meter fault\nThe flow meter gives no pulses. Check the plug, the cable and the pump, one after the other, and replace the meter.",
		"Brackets for shipping are to be kept for a later transport of the machine by road, rail or sea.",
	)...)
	for text, page := range map[string]int{"descaling the boiler": 2, "E12": 3, "E12 flow meter fault": 3, "shipping brackets": 4} {
		res := l.ask(id, text)
		first(t, text, res, page)
		if slices.Contains(pagesOf(res), 1) {
			t.Errorf("%s found the table of contents", text)
		}
	}
	if res := l.search(search.Query{Manuals: []uuid.UUID{id}, Code: "E12"}); !slices.Equal(pagesOf(res), []int{3}) {
		t.Errorf("E12 found pages %v", pagesOf(res))
	}
}

func TestAWordThatALineDividesIsFound(t *testing.T) {
	l := newLibrary(t)
	p := sheet(1, "Check the tempera-\nture sensor and the water pres\u00ad\nsure of the shut-\nOff valve")
	p.Lines[1].SoftHyphen = true
	p2 := sheet(2, "Nothing is said here about the sensor.")
	id := l.add(p, p2)
	for _, text := range []string{"temperature", "pressure"} {
		first(t, text, l.ask(id, text), 1)
	}
	if res := l.ask(id, "shutoff"); len(res.Terms) != 1 || res.Terms[0].Found && len(res.Pages) == 0 {
		t.Errorf("shutoff: %+v", res.Terms)
	}
}

func TestHeadingsOfTheOutlineAreSearchedAndShown(t *testing.T) {
	l := newLibrary(t)
	id := l.register()
	got := l.index(search.Source{ManualID: id, Pages: each(sheets("Introduction", "Take off the cover.", "Take off the cover.", "Done.")), Outline: []pdf.OutlineEntry{
		{Title: "Repair", Level: 1, Page: 2},
		{Title: "Gearbox", Level: 2, Page: 2},
		{Title: "Hopper\u0007", Level: 2, Page: 3},
		{Title: "No target", Level: 1},
		{Title: "End", Level: 1, Page: 4},
		{Title: "Beyond", Level: 1, Page: 99},
	}})
	if got.Chunks != 4 {
		t.Errorf("indexed %+v", got)
	}
	res := l.ask(id, "cover of the hopper")
	first(t, "cover of the hopper", res, 3)
	if res.Pages[0].Section != "Repair › Hopper" {
		t.Errorf("section %q", res.Pages[0].Section)
	}
	first(t, "gearbox", l.ask(id, "gearbox"), 2)
}

func TestTheChosenEquipmentsNameWeighsLittle(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"Welcome. Thank you for choosing Ohlenbach. Ohlenbach is a name for quality, and Ohlenbach stands by you.",
		"The brushes of the motor wear and are to be replaced.",
	)...)
	q := search.Query{Manuals: []uuid.UUID{id}, Text: "Ohlenbach brushes", Equipment: "Ohlenbach KD 61"}
	first(t, q.Text, l.search(q), 2)
}

func TestCoverageAndWindowTellWhatWasFound(t *testing.T) {
	l := newLibrary(t)
	long := strings.Repeat("filler words of no interest whatsoever ", 100) + "the flywheel nut has a left-hand thread"
	id := l.add(sheet(1, long), sheet(2, "Another page."))
	all, half := l.ask(id, "flywheel nut thread"), l.ask(id, "flywheel zeppelin")
	if all.Coverage != 1 || half.Coverage <= 0 || half.Coverage >= 1 {
		t.Errorf("coverage %v and %v", all.Coverage, half.Coverage)
	}
	h := all.Pages[0]
	if end := h.FirstWord + h.Words; h.FirstWord < 300 || end != len(strings.Fields(long)) {
		t.Errorf("the best window is words %d to %d", h.FirstWord, end)
	}
	if !slices.Equal(h.Matched, []int{0, 1, 2}) {
		t.Errorf("matched %v of %+v", h.Matched, all.Terms)
	}
	if n := l.ask(id, "the of and"); len(n.Pages) != 0 || n.Coverage != 0 {
		t.Errorf("stop words alone: %+v", n)
	}
}

func TestFiguresWithACommaAreFoundWhole(t *testing.T) {
	l := newLibrary(t)
	id := l.add(sheets(
		"Step 1: set the switch to 1, then to 1 again. Step 1 is done 1 time.",
		"The valve of the boiler is preset to 1,22 by the factory and sealed with lacquer.",
		"There are 22 screws, 1 washer and 22 nuts in the bag.",
	)...)
	first(t, "1,22", l.ask(id, "1,22"), 2)
	if res := l.ask(id, "1,23"); len(res.Pages) != 0 {
		t.Errorf("1,23 found pages %v: %+v", pagesOf(res), res.Terms)
	}
}

func TestAManualIsSearchedWhileItIsIndexedAgain(t *testing.T) {
	l := newLibrary(t)
	id := l.register()
	var long []pdf.Page
	for n := range 20 {
		long = append(long, sheet(n+1, "the pump and the valve"))
	}
	done := make(chan error, 1)
	go func() {
		for i := range 40 {
			pages := long
			if i%2 == 0 {
				pages = nil
			}
			err := postgres.InTx(t.Context(), l.db, func(tx pgx.Tx) error {
				_, err := l.indexIn(tx, search.Source{ManualID: id, Pages: each(pages)})
				return err
			})
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		if res := l.ask(id, "pump valve"); len(res.Pages) != 0 && len(res.Pages) != 10 {
			t.Fatalf("%d pages", len(res.Pages))
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}

func TestTheLimitIsOfPages(t *testing.T) {
	l := newLibrary(t)
	var pages []pdf.Page
	for n := range 15 {
		pages = append(pages, sheet(n+1, strings.Repeat("the hydraulic pump and more ", 120)))
	}
	id := l.add(pages...)
	for limit, want := range map[int]int{0: 10, -1: 10, 3: 3, 15: 15, 100: 15} {
		got := pagesOf(l.search(search.Query{Manuals: []uuid.UUID{id}, Text: "hydraulic pump", Limit: limit}))
		if distinct := slices.Compact(slices.Sorted(slices.Values(got))); len(got) != want || len(distinct) != want {
			t.Errorf("limit %d: pages %v", limit, got)
		}
	}
}

func TestPagesOfAnyKindAreIndexed(t *testing.T) {
	l := newLibrary(t)
	endless := strings.Repeat("x", 300_000)
	var many, distinct strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "word%d the ", i)
	}
	for i := range 130_000 {
		fmt.Fprintf(&distinct, "%x-", i)
	}
	for _, c := range []struct {
		name  string
		pages []pdf.Page
		ask   string
		page  int
	}{
		{"no pages", nil, "pump", 0},
		{"a page without words", []pdf.Page{{Number: 1}}, "pump", 0},
		{"a page that could not be read", []pdf.Page{{Number: 1, Error: "damaged"}, sheet(2, "The pump is there.")}, "pump", 2},
		{"pages left out", []pdf.Page{sheet(7, "The pump is there.")}, "pump", 7},
		{"a word of 300,000 letters", sheets("The pump " + endless + " is there."), "pump", 1},
		{"a word of a million signs", sheets("The pump " + distinct.String() + " is there."), "pump", 1},
		{"a word of numbers and points", sheets("The pump " + strings.Repeat("1.", 50_000) + "1 is there."), "pump", 1},
		{"10,000 words", sheets(many.String() + "pump"), "pump", 1},
		{"words without letters", sheets("- – / … ⚠ ( ) pump"), "pump", 1},
		{"an empty line", []pdf.Page{{Number: 1, Words: []pdf.Word{{Text: "pump"}}, Lines: []pdf.Line{{}, {First: 0, Count: 1}, {First: 1}}}}, "pump", 1},
		{"words that are no text", []pdf.Page{{Number: 1, Words: []pdf.Word{{Text: ""}, {Text: "\u0301"}, {Text: "pump"}, {Text: "\ufffd"}}}}, "pump", 1},
		{"a table without rows", []pdf.Page{{Number: 1, Words: []pdf.Word{{Text: "pump"}}, Tables: []pdf.Table{{}, {Rows: []pdf.Row{{}}}}}}, "pump", 1},
	} {
		id := l.add(c.pages...)
		res := l.ask(id, c.ask)
		if c.page == 0 {
			if len(res.Pages) != 0 {
				t.Errorf("%s: pages %v", c.name, pagesOf(res))
			}
			continue
		}
		first(t, c.name, res, c.page)
	}
}

func TestIndexingNamesTheLanguage(t *testing.T) {
	l := newLibrary(t)
	german := "Der Filter ist jede Woche zu reinigen und nicht mit der Maschine zu waschen, wenn er von einem anderen ist."
	english := "The filter is to be cleaned in the sink and not with the machine if it is from another."
	for _, c := range []struct {
		given string
		pages []pdf.Page
		want  string
	}{
		{"", sheets(german, german, english), "de"},
		{"", sheets(german, english, english), "en"},
		{"en", sheets(german, german), "en"},
		{"", sheets("M8 22 4711", "K7 12 V"), ""}, // numbers tell none
		{"", nil, ""},
	} {
		if got := l.index(search.Source{ManualID: l.register(), Language: c.given, Pages: each(c.pages)}); got.Language != c.want {
			t.Errorf("language %q, want %q", got.Language, c.want)
		}
	}
}

// snapshot is everything that is stored of a manual's index.
func (l *library) snapshot(id uuid.UUID) string {
	l.t.Helper()
	var out string
	err := l.db.QueryRow(l.t.Context(), `
		SELECT concat((SELECT json_agg(c ORDER BY ordinal) FROM chunk c WHERE manual_id = $1),
		              (SELECT json_agg(t ORDER BY term) FROM manual_term t WHERE manual_id = $1),
		              (SELECT json_agg(to_jsonb(i) - 'version') FROM manual_index i WHERE manual_id = $1),
		              (SELECT json_agg(e ORDER BY ordinal) FROM error_code e WHERE manual_id = $1))`, id).Scan(&out)
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

func TestIndexingTheSamePagesAgainChangesNothing(t *testing.T) {
	l := newLibrary(t)
	pages := append(slices.Clone(washer), sheet(11, "Error codes", table{{"Code", "Meaning"}, {"E1", "Fan"}, {"E2", "Pump"}}))
	id := l.register()
	m := search.Source{ManualID: id, Pages: each(pages)}
	one := l.index(m)
	before := l.snapshot(id)
	if two := l.index(m); two != one {
		t.Errorf("indexed %+v, then %+v", one, two)
	}
	if l.snapshot(id) != before {
		t.Error("the index differs")
	}
	if rows := l.search(search.Query{Manuals: []uuid.UUID{id}, Code: "E1"}).Codes; len(rows) != 1 || one.Chunks != len(pages) {
		t.Errorf("indexed %+v, %d rows", one, len(rows))
	}
}

func TestIndexingAgainReplaces(t *testing.T) {
	l := newLibrary(t)
	id, other := l.add(sheet(1, "Error codes", table{{"Code", "Meaning"}, {"E1", "Fan"}, {"E2", "Pump"}}), sheet(2, "The gearbox is below.")), l.add(washer...)
	kept := l.snapshot(other)
	l.index(search.Source{ManualID: id, Pages: each(sheets("The compressor is above."))})
	for _, text := range []string{"gearbox", "pump", "E1"} {
		if res := l.search(search.Query{Manuals: []uuid.UUID{id}, Text: text, Code: "E1"}); len(res.Pages) != 0 || res.CodeFound {
			t.Errorf("%s is still found: %+v", text, res)
		}
	}
	first(t, "compressor", l.ask(id, "compressor"), 1)
	if l.snapshot(other) != kept {
		t.Error("another manual's index changed")
	}
}

func TestAFailedIndexingLeavesTheOldOne(t *testing.T) {
	l := newLibrary(t)
	id := l.add(washer...)
	before := l.snapshot(id)
	broken := errors.New("the disk is gone")
	err := postgres.InTx(t.Context(), l.db, func(tx pgx.Tx) error {
		_, err := l.indexIn(tx, search.Source{ManualID: id, Pages: func(yield func(pdf.Page, error) bool) {
			if yield(washer[0], nil) {
				yield(pdf.Page{}, broken)
			}
		}})
		return err
	})
	if !errors.Is(err, broken) || l.snapshot(id) != before {
		t.Errorf("error %v; the index is the old one: %v", err, l.snapshot(id) == before)
	}
}

// rareWords draws words that look like a language's and are no word of one.
func rareWords(t *rapid.T, n int) []string {
	syllable := rapid.StringOfN(rapid.SampledFrom([]rune("bdfgklmnprtvz")), 1, 1, -1)
	vowel := rapid.SampledFrom([]string{"a", "e", "i", "o", "u", "ö"})
	word := rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(3, 5).Draw(t, "syllables") {
			b.WriteString(syllable.Draw(t, "consonant") + vowel.Draw(t, "vowel"))
		}
		return b.String()
	})
	return rapid.SliceOfNDistinct(word, n, n, rapid.ID[string]).Draw(t, "words")
}

func TestEveryPageIsFoundByItsOwnSentence(t *testing.T) {
	l := newLibrary(t)
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(r, "pages")
		words := rareWords(r, 5*n)
		common := rapid.SampledFrom([]string{"", "the pump and the valve of the machine", "die Pumpe und das Ventil der Maschine"}).Draw(r, "common")
		var pages []pdf.Page
		for i := range n {
			pages = append(pages, sheet(i+1, strings.Repeat(common+"\n", rapid.IntRange(0, 40).Draw(r, "lines")), strings.Join(words[5*i:5*i+5], " "), common))
		}
		id := l.add(pages...)
		for i := range n {
			text := strings.Join(words[5*i:5*i+5], " ")
			if got := pagesOf(l.ask(id, text)); len(got) == 0 || got[0] != i+1 {
				r.Fatalf("%q found pages %v, want %d first", text, got, i+1)
			}
		}
	})
}

func TestAnyTextIsIndexedAndAsked(t *testing.T) {
	l := newLibrary(t)
	text := rapid.Map(rapid.String(), func(s string) string { return strings.ReplaceAll(s, "\x00", "") })
	rapid.Check(t, func(r *rapid.T) {
		lines := rapid.SliceOfN(text, 0, 8).Draw(r, "lines")
		cells := rapid.SliceOfN(rapid.SliceOfN(text, 3, 3), 1, 4).Draw(r, "cells")
		id := l.add(sheet(1, strings.Join(lines, "\n"), table(cells), "the error code"))
		for _, q := range []search.Query{
			{Text: strings.Join(lines, " ")},
			{Text: rapid.String().Draw(r, "text"), Code: rapid.String().Draw(r, "code"), Equipment: rapid.String().Draw(r, "equipment"), Language: rapid.String().Draw(r, "language")},
		} {
			q.Manuals = []uuid.UUID{id}
			res, err := l.store.Search(t.Context(), q)
			if err != nil {
				r.Fatalf("%+v: %v", q, err)
			}
			for _, c := range res.AskedCodes {
				if !utf8.ValidString(c) {
					r.Fatalf("asked code %q", c)
				}
			}
			if res.Coverage < 0 || res.Coverage > 1.0001 || len(res.Pages) > 1 {
				r.Fatalf("%+v: %+v", q, res)
			}
		}
	})
}
