package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// faults is a service manual with a table of codes.
func faults(revision string, rows ...[2]string) []byte {
	cover, table := pdftest.NewPage(), pdftest.NewPage()
	cover.Text(72, 100, 30, pdftest.Bold, "Service Manual")
	cover.Text(72, 140, 12, pdftest.Regular, revision)
	for i, line := range []string{"Disconnect the power before you open the oven.", "Let the oven cool down for an hour."} {
		cover.Text(72, float64(200+20*i), 10, pdftest.Regular, line)
	}
	y := 100.0
	table.Text(72, y, 10, pdftest.Bold, "Code")
	table.Text(172, y, 10, pdftest.Bold, "Meaning")
	for _, r := range rows {
		y += 20
		table.Text(72, y, 10, pdftest.Regular, r[0])
		table.Text(172, y, 10, pdftest.Regular, r[1])
	}
	for i := range len(rows) + 2 {
		table.Line(70, 86+20*float64(i), 400, 86+20*float64(i))
	}
	for _, x := range []float64{70, 170, 400} {
		table.Line(x, 86, x, 86+20*float64(len(rows)+1))
	}
	return (&pdftest.Document{Pages: []*pdftest.Page{cover, table}}).Bytes()
}

func TestRevisionsAreReviewedComparedAndReadAgain(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	add := func(title string, data []byte) string {
		t.Helper()
		up := c.upload(part{"manufacturer", "Cindervale"}, part{"model", "RX-280"}, part{"type", "service"}, part{"language", "en"},
			part{"serial_range", "1000-1999"}, part{"title", title}, file(data)).want(t, http.StatusAccepted)
		m := c.settled(up.Header.Get("Location"))
		if m["status"] != "ready" || m["serial_range"] != "1000-1999" || m["outdated"].(bool) {
			t.Fatalf("%v", m)
		}
		return up.Header.Get("Location")
	}
	older := add("First", faults("Rev. A", [2]string{"E1", "Pump blocked"}, [2]string{"E2", "Door open"}, [2]string{"E3", "Fan stopped"}))
	newer := add("Second", faults("Rev. B", [2]string{"E1", "Pump blocked or dry"}, [2]string{"E3", "Fan stopped"}, [2]string{"E4", "Drain blocked"}))

	var list map[string]any
	eventually(t, "the older one is proposed to be superseded", func() bool {
		list = c.get("/api/v1/supersessions").want(t, http.StatusOK).json(t)
		return list["open"] == 1.0 && len(list["supersessions"].([]any)) == 1 // counted after it was listed
	})
	x := list["supersessions"].([]any)[0].(map[string]any)
	links := x["links"].(map[string]any)
	if x["kind"] != "revision" || x["reason"] != "revision" || x["predecessor"].(map[string]any)["title"] != "First" || x["successor"].(map[string]any)["title"] != "Second" {
		t.Fatalf("%v", x)
	}
	diff := c.get(links["diff"].(string)).want(t, http.StatusOK).json(t)
	if got := fmt.Sprint(diff["tables"]); got != "[map["+
		"added:[map[fields:[map[name:meaning text:Drain blocked]] name:E4 page:2]] "+
		"changed:[map[fields:[map[from:Pump blocked name:meaning to:Pump blocked or dry]] from_page:2 name:E1 to_page:2]] "+
		"removed:[map[fields:[map[name:meaning text:Door open]] name:E2 page:2]] same:1 table:codes]]" {
		t.Errorf("the difference: %s", got)
	}

	self := links["self"].(string)
	c.post(self+"/confirm", `{"seen": "2020-01-01T00:00:00Z"}`).wantProblem(t, http.StatusConflict, "SUPERSESSION_CHANGED")
	done := c.post(self+"/confirm", fmt.Sprintf(`{"seen": %q}`, x["updated_at"])).want(t, http.StatusOK).json(t)
	if done["state"] != "confirmed" || done["predecessor"].(map[string]any)["superseded_by"].(map[string]any)["title"] != "Second" {
		t.Errorf("%v", done)
	}
	c.post(self+"/dismiss", `{}`).wantProblem(t, http.StatusConflict, "SUPERSESSION_DECIDED")
	if n := len(c.get("/api/v1/manuals?superseded=true").want(t, http.StatusOK).json(t)["manuals"].([]any)); n != 1 {
		t.Errorf("%d manuals are superseded", n)
	}
	c.post("/api/v1/troubleshoot", `{"model": "RX-280", "code": "E2"}`).want(t, http.StatusOK)
	if back := c.post(older+"/reinstate", "").want(t, http.StatusOK).json(t); back["superseded_by"] != nil {
		t.Errorf("%v", back)
	}
	c.post(newer+"/supersede", fmt.Sprintf(`{"by": %q}`, x["predecessor"].(map[string]any)["id"])).want(t, http.StatusOK)

	if begun := c.post(older+"/reprocess", "").want(t, http.StatusAccepted).json(t); begun["status"] != "ready" {
		t.Errorf("%v", begun)
	}
	eventually(t, "it is read again", func() bool {
		return c.get(older).want(t, http.StatusOK).json(t)["reprocessing"] == nil
	})
	all := c.post("/api/v1/manuals/reprocess", `{"which": "outdated"}`).want(t, http.StatusAccepted).json(t)
	if all["begun"] != 0.0 || all["refused"] != 0.0 {
		t.Errorf("%v", all)
	}
	c.do(http.MethodDelete, older+"/reprocess", nil).want(t, http.StatusNoContent)
	c.get(older+"/diff").want(t, http.StatusUnprocessableEntity)
	c.post("/api/v1/manuals/00000000-0000-7000-8000-00000000abcd/reprocess", "").wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
}

func TestASupersededManualIsLookedUpForTheModelsThatItsSuccessorDoesNotKnow(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	add := func(title string, data []byte, models ...part) string {
		t.Helper()
		fields := append([]part{{"manufacturer", "Cindervale"}, {"type", "service"}, {"title", title}}, models...)
		up := c.upload(append(fields, file(data))...).want(t, http.StatusAccepted)
		c.settled(up.Header.Get("Location"))
		return up.Header.Get("Location")
	}
	older := add("First", faults("Rev. A", [2]string{"E1", "Pump blocked"}), part{"model", "RX-280"}, part{"model", "RX-440"})
	newer := add("Second", faults("Rev. B", [2]string{"E1", "Pump blocked or dry"}), part{"model", "RX-280"})
	c.post(older+"/supersede", fmt.Sprintf(`{"by": %q}`, strings.TrimPrefix(newer, "/api/v1/manuals/"))).want(t, http.StatusOK)
	meanings := func(query string) string {
		t.Helper()
		var out []string
		for _, row := range c.get("/api/v1/error-codes?code=E1"+query).want(t, http.StatusOK).json(t)["codes"].([]any) {
			out = append(out, row.(map[string]any)["meaning"].([]any)[0].(map[string]any)["text"].(string))
		}
		return strings.Join(out, "; ")
	}
	manuals := func() string {
		t.Helper()
		var out []string
		for _, m := range c.get("/api/v1/models").want(t, http.StatusOK).json(t)["models"].([]any) {
			out = append(out, fmt.Sprint(m.(map[string]any)["name"], " ", m.(map[string]any)["manuals"]))
		}
		return strings.Join(out, ", ")
	}
	for query, want := range map[string]string{
		"": "Pump blocked or dry", "&model=RX-280": "Pump blocked or dry", "&model=RX-440": "Pump blocked",
		"&manual=" + strings.TrimPrefix(older, "/api/v1/manuals/"): "Pump blocked",
	} {
		if got := meanings(query); got != want {
			t.Errorf("E1%s: %q, want %q", query, got, want)
		}
	}
	if got := manuals(); got != "RX-280 1, RX-440 1" {
		t.Errorf("models with the number of manuals that can be asked: %s", got)
	}
	// Without its successor it is asked again.
	c.do(http.MethodDelete, newer, nil).want(t, http.StatusNoContent)
	if got := meanings("&model=RX-280"); got != "Pump blocked" {
		t.Errorf("after the successor was deleted: %q", got)
	}
}
