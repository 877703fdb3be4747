package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// partsManual is a manual with a parts list whose numbers a rule of suffixes
// completes, and a table of switches.
func partsManual() []byte {
	cover, parts, order := pdftest.NewPage(), pdftest.NewPage(), pdftest.NewPage()
	cover.Text(72, 100, 24, pdftest.Bold, "Kestrel KX-1 Service Manual")
	draw := func(p *pdftest.Page, y float64, title string, widths []float64, rows ...[]string) {
		p.Text(60, y-12, 11, pdftest.Bold, title)
		pdftest.Table{X: 60, Y: y, Widths: widths, Head: 1, Rows: rows}.Draw(p)
	}
	draw(parts, 100, "Spare parts of the housing", []float64{50, 100, 200, 50},
		[]string{"Item", "Part No.", "Description", "Qty"},
		[]string{"1", "70123-XX", "Side panel", "2"}, []string{"2", "70200-01", "Panel screw", "8"}, []string{"3", "70311-02", "Door gasket", "1"})
	draw(parts, 300, "DIP switch SW1", []float64{60, 150, 90, 90, 60},
		[]string{"Switch", "Function", "OFF", "ON", "Default"},
		[]string{"1", "Buzzer", "silent", "loud", "ON"}, []string{"2", "Drain pump", "none", "fitted", "OFF"})
	draw(order, 100, "How to order panels", []float64{120, 200}, []string{"Colour suffix", "Meaning"}, []string{"-01", "White"}, []string{"-04", "Stainless steel"})
	return (&pdftest.Document{Pages: []*pdftest.Page{cover, parts, order}}).Bytes()
}

func TestPartsAndSettingsAreLookedUp(t *testing.T) {
	c := serve(t, open(t, nil))
	manual := c.upload(part{"manufacturer", "Kestrel"}, part{"model", "KX-1"}, part{"type", "service"}, file(partsManual())).
		want(t, http.StatusAccepted).Header.Get("Location")
	if m := c.settled(manual); m["status"] != "ready" {
		t.Fatalf("%v", m)
	}
	list := func(path, name string) []any {
		t.Helper()
		return c.get(path).want(t, http.StatusOK).json(t)[name].([]any)
	}
	text := func(v any) string {
		if o, ok := v.(object); ok {
			return o["text"].(string)
		}
		return ""
	}

	found := list("/api/v1/parts?model=kx1&number=7031102", "parts")
	if len(found) != 1 {
		t.Fatalf("%v", found)
	}
	gasket := found[0].(object)
	if text(gasket["description"]) != "Door gasket" || text(gasket["item"]) != "3" || gasket["page"] != 2.0 ||
		len(gasket["description"].(object)["boxes"].([]any)) != 1 || "/api/v1/manuals/"+gasket["manual_id"].(string) != manual {
		t.Errorf("%v", gasket)
	}
	if found := list("/api/v1/parts?q=gaskets", "parts"); len(found) != 1 {
		t.Errorf("by a word: %v", found)
	}
	if found := list("/api/v1/parts?q=compressor", "parts"); len(found) != 0 {
		t.Errorf("what is not listed: %v", found)
	}
	c.get("/api/v1/parts?model=KX-9").want(t, http.StatusNotFound)

	var numbers []string
	for path := "/api/v1/parts?manufacturer=Kestrel&limit=2"; path != ""; {
		page := c.get(path).want(t, http.StatusOK).json(t)
		for _, p := range page["parts"].([]any) {
			numbers = append(numbers, p.(object)["number"].(string))
		}
		path = ""
		if next, ok := page["next_cursor"].(string); ok {
			path = "/api/v1/parts?manufacturer=Kestrel&limit=2&cursor=" + next
		}
	}
	if got := strings.Join(numbers, " "); got != "70123-XX 70123-01 70123-04 70200-01 70311-02" {
		t.Errorf("all parts: %s", got)
	}

	composed := list("/api/v1/parts?number=70123-04", "parts")
	if len(composed) != 1 {
		t.Fatalf("%v", composed)
	}
	rule, ok := composed[0].(object)["composed"].(object)
	if !ok || text(rule["rule"]) != "Colour suffix" || text(rule["suffix"]) != "-04" || text(composed[0].(object)["printed_number"]) != "70123-XX" {
		t.Errorf("%v", composed[0])
	}
	answer := c.post("/api/v1/troubleshoot", `{"model": "KX-1", "symptom": "part number side panel stainless steel"}`).want(t, http.StatusOK).json(t)
	first := answer["parts"].([]any)[0].(object)
	var quoted []string
	for _, q := range first["quotes"].([]any) {
		quoted = append(quoted, q.(object)["text"].(string))
	}
	all := strings.Join(quoted, "|")
	if first["part_number"] != "70123-04" || !first["composed"].(bool) || !strings.Contains(all, "70123-XX") || !strings.Contains(all, "-04") || !strings.Contains(all, "Colour suffix") {
		t.Errorf("%v", first)
	}

	settings := list("/api/v1/settings?model=KX-1&name=sw1-2", "settings")
	if len(settings) != 1 || text(settings[0].(object)["setting"]) != "Drain pump" || text(settings[0].(object)["default"]) != "OFF" || len(settings[0].(object)["options"].([]any)) != 2 {
		t.Errorf("%v", settings)
	}
}
