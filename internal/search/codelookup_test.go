package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// ready adds a manual of a model that can be looked up.
func (l *library) ready(manufacturer, model string, pages ...pdf.Page) (manual, modelID uuid.UUID) {
	l.t.Helper()
	manual = l.add(pages...)
	err := l.db.QueryRow(l.t.Context(), `
		WITH m AS (
			INSERT INTO model (id, manufacturer, name, manufacturer_key, name_key) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (manufacturer_key, name_key) DO UPDATE SET name = EXCLUDED.name RETURNING id
		), ready AS (UPDATE manual SET status = 'ready', generation = 1 WHERE id = $6 RETURNING id)
		INSERT INTO manual_model (manual_id, model_id) SELECT ready.id, m.id FROM m, ready RETURNING model_id`,
		uuid.Must(uuid.NewV7()), manufacturer, model, textnorm.Key(manufacturer), textnorm.Key(model), manual).Scan(&modelID)
	if err != nil {
		l.t.Fatal(err)
	}
	return manual, modelID
}

// lookUp renders what a look-up finds: "model code meaning".
func (l *library) lookUp(f search.CodeFilter) (rows []string, list search.CodeList) {
	l.t.Helper()
	list, err := l.store.LookUpCodes(l.t.Context(), f)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, r := range list.Rows {
		rows = append(rows, fmt.Sprintf("%s %s %s", strings.Join(r.ManualModels, "+"), r.Code, r.Fields[1].Printed))
	}
	slices.Sort(rows)
	return rows, list
}

func TestCodesAreLookedUpInTheWholeLibrary(t *testing.T) {
	l := newLibrary(t)
	codes := func(rows ...[]string) pdf.Page {
		return sheet(1, "Errors", append(table{{"Code", "Meaning", "Remedy"}}, rows...))
	}
	manualA, modelA := l.ready("Acme", "A-1", codes([]string{"E5", "Limit 410 psi", "Clean"}, []string{"E05", "Fan", "Free it"}, []string{"F21/E3", "Flame", "Clean"}))
	_, modelB := l.ready("Acme", "B-2", codes([]string{"E5", "Limit 425 psi", "Clean"}, []string{"E17", "Pump", "Bleed it"}))
	l.ready("Bolt", "C-3", codes([]string{"E5", "Door", "Shut it"}))
	l.add(codes([]string{"E5", "Not ready", "Wait"})) // still being read

	for _, c := range []struct {
		name string
		give search.CodeFilter
		want []string
	}{
		{"every model's row", search.CodeFilter{Code: "e-5"}, []string{"A-1 E5 Limit 410 psi", "B-2 E5 Limit 425 psi", "C-3 E5 Door"}},
		{"one model's", search.CodeFilter{Code: "E 5", ModelID: modelB}, []string{"B-2 E5 Limit 425 psi"}},
		{"a manufacturer's", search.CodeFilter{Code: "E5", Manufacturer: "ACME"}, []string{"A-1 E5 Limit 410 psi", "B-2 E5 Limit 425 psi"}},
		{"one manual's", search.CodeFilter{Code: "E5", Manual: manualA}, []string{"A-1 E5 Limit 410 psi"}},
		{"zeros are part of a code", search.CodeFilter{Code: "E05"}, []string{"A-1 E05 Fan"}},
		{"zeros are forgiven where nothing is just so", search.CodeFilter{Code: "E017"}, []string{"B-2 E17 Pump"}},
		{"part of a composed code", search.CodeFilter{Code: "F21", ModelID: modelA}, []string{"A-1 F21/E3 Flame"}},
		{"all of a model, each once", search.CodeFilter{ModelID: modelA}, []string{"A-1 E05 Fan", "A-1 E5 Limit 410 psi", "A-1 F21/E3 Flame"}},
		{"another language", search.CodeFilter{Code: "E5", Language: "xx"}, nil},
	} {
		if got, _ := l.lookUp(c.give); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if _, list := l.lookUp(search.CodeFilter{Code: "E017"}); !list.Loosely {
		t.Error("E017 for E17 is not marked as loose")
	}
	if _, list := l.lookUp(search.CodeFilter{Code: "E18"}); len(list.Rows) > 0 || !slices.Contains(list.Near, "E17") {
		t.Errorf("E18: %d rows, near %q; want none and E17", len(list.Rows), list.Near)
	}
	_, err := l.store.LookUpCodes(t.Context(), search.CodeFilter{Code: "?!"})
	if errdefs.Code(err) != "CODE_INVALID" {
		t.Errorf("a code without a letter: %v, want CODE_INVALID", err)
	}
}

func TestListsOfCodesGoOnWhereTheyEnded(t *testing.T) {
	l := newLibrary(t)
	rows := table{{"Code", "Meaning", "Remedy"}}
	var want []string
	for i := 1; i <= 9; i++ {
		rows = append(rows, []string{fmt.Sprintf("E%d", i), "Fault", "Mend it"})
		want = append(want, fmt.Sprintf("E%d", i))
	}
	_, model := l.ready("Acme", "A-1", sheet(1, "Errors", rows))
	var got []string
	f := search.CodeFilter{ModelID: model, Limit: 4}
	for range 5 {
		_, list := l.lookUp(f)
		for _, r := range list.Rows {
			got = append(got, r.Code)
		}
		if f.Cursor = list.Next; f.Cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("in parts of four: %q, want %q", got, want)
	}
	f.Cursor = "nonsense"
	if _, err := l.store.LookUpCodes(t.Context(), f); errdefs.Code(err) != "CURSOR_INVALID" {
		t.Errorf("a foreign cursor: %v, want CURSOR_INVALID", err)
	}
}

func TestLampPatternsAndMessagesAreRows(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name string
		give pdf.Page
		want []string
	}{
		{"a table of patterns", sheet(1, "Signals", table{{"LED", "Meaning"}, {"green steady", "Ready"}, {"red 2 x", "No flame"}}), []string{
			"1 green steady[greensteady] code:green steady|meaning:Ready", "1 red 2 x[red2x] code:red 2 x|meaning:No flame",
		}},
		{"a lamp and its pattern", sheet(1, "Signals", table{{"Lamp", "Pattern", "State"}, {"Fan LED", "3 flashes", "Overload"}, {"Fan LED", "steady", "Defective"}}), []string{
			"1 Fan LED 3 flashes[fanled3flashes] code:Fan LED|code:3 flashes|meaning:Overload", "1 Fan LED steady[fanledsteady] code:Fan LED|code:steady|meaning:Defective",
		}},
		{"a trouble that is a pattern", sheet(1, "Troubles", table{{"Problem", "Remedy"}, {"Power LED blinks red", "Check the fuse"}, {"No picture", "Switch it on"}}), []string{
			"1 Power LED blinks red[powerledblinksred] code:Power LED blinks red|remedy:Check the fuse",
		}},
		{"texts of a display", sheet(1, "Errors", table{{"Message", "Meaning", "Remedy"}, {"DOOR OPEN", "The door is open", "Shut it"}, {"E1", "Fan", "Free it"}}), []string{
			"1 DOOR OPEN[dooropen] code:DOOR OPEN|meaning:The door is open|remedy:Shut it", "1 E1[e1] code:E1|meaning:Fan|remedy:Free it",
		}},
		{"switches are none", sheet(1, "Faults and errors", table{{"Switch", "LED", "Default"}, {"S1", "on", "off"}, {"S2", "off", "on"}}), nil},
	} {
		if got := indexed(t, l, c.give); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

func TestDrawnCodesAreRows(t *testing.T) {
	l := newLibrary(t)
	drawn := sheet(1, "Panel", table{{"Message", "Meaning", "Action"}, {"OHS", "Overheat", "Let it cool"}, {"", "Not read", "Nothing"}, {"dry", "No water", "Fill"}})
	for _, r := range drawn.Tables[0].Rows[1:] {
		for _, w := range r.Cells[0].Words {
			drawn.Words[w].Drawn = true
		}
	}
	got := indexed(t, l, drawn)
	for _, want := range []string{"1 OHS[ohs] code:OHS|meaning:Overheat|remedy:Let it cool", "1 OHS[0h5] code:OHS|meaning:Overheat|remedy:Let it cool", "1 dry[dry] code:dry|meaning:No water|remedy:Fill"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing in\n     %s", want, strings.Join(got, "\n     "))
		}
	}
	if slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, "Not read") }) {
		t.Errorf("a row whose code was not read belongs to another:\n     %s", strings.Join(got, "\n     "))
	}
}
