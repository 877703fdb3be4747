package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// faultTable is a manual with a table of codes on its second page.
func faultTable() []byte {
	cover, codes := pdftest.NewPage(), pdftest.NewPage()
	cover.Text(72, 100, 24, pdftest.Bold, "Kestrel KX-1 Service Manual")
	cover.Text(72, 140, 10, pdftest.Regular, "Error E9 stands for a flooded drip tray. Empty the tray.")
	pdftest.Table{
		X: 60, Y: 100, Widths: []float64{60, 180, 200}, Head: 1,
		Rows: [][]string{
			{"Code", "Meaning", "Remedy"},
			{"E1", "Water pressure too low", "Open the water valve"},
			{"E2", "Door open", "Close the door"},
			{"E3", "Heater defective", "Replace the heater"},
			{"E4", "Fan blocked", "Clean the fan"},
		},
	}.Draw(codes)
	return (&pdftest.Document{Pages: []*pdftest.Page{cover, codes}}).Bytes()
}

// shop is a library with that manual.
type shop struct {
	client
	manual string // its path
	id     string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return newShopWith(t, faultTable())
}

func newShopWith(t *testing.T, document []byte) *shop {
	t.Helper()
	s := &shop{client: serve(t, open(t, nil))}
	s.manual = s.upload(part{"manufacturer", "Kestrel"}, part{"model", "KX-1"}, part{"type", "service"}, file(document)).
		want(t, http.StatusAccepted).Header.Get("Location")
	if m := s.settled(s.manual); m["status"] != "ready" {
		t.Fatalf("%v", m)
	}
	s.id = strings.TrimPrefix(s.manual, "/api/v1/manuals/")
	return s
}

func (s *shop) send(method, path string, body any) response {
	s.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(method, path, strings.NewReader(string(data)), "Content-Type", "application/json")
}

type object = map[string]any

// correct makes a correction and returns it.
func (s *shop) correct(kind, row string, says object) object {
	s.t.Helper()
	body := object{"manual_id": s.id, "table": "codes", "kind": kind, "says": says}
	if row != "" {
		body["row"] = object{"name": row}
	}
	return s.send(http.MethodPost, "/api/v1/corrections", body).want(s.t, http.StatusCreated).json(s.t)
}

// meaning asks about a code; "" when the answer explains none.
func (s *shop) meaning(code string) (meaning string, answer object) {
	s.t.Helper()
	answer = s.send(http.MethodPost, "/api/v1/troubleshoot", object{"model": "KX-1", "code": code}).want(s.t, http.StatusOK).json(s.t)
	if c, ok := answer["error_code"].(object); ok {
		return c["meaning"].(string), answer
	}
	return "", answer
}

func (s *shop) readAgain() {
	s.t.Helper()
	s.post(s.manual+"/reprocess", "").want(s.t, http.StatusAccepted)
	eventually(s.t, "the manual was read again", func() bool {
		return s.get(s.manual).want(s.t, http.StatusOK).json(s.t)["reprocessing"] == nil
	})
}

func (s *shop) wantMeaning(code, want string) object {
	s.t.Helper()
	got, answer := s.meaning(code)
	if got != want {
		s.t.Errorf("%s means %q, want %q", code, got, want)
	}
	return answer
}

func TestACorrectedRowAnswersAsTheShopsUntilItIsUndone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.wantMeaning("E1", "Water pressure too low")

	made := s.correct("replace", "e-1", object{"fields": object{"meaning": "Inlet strainer clogged (12 of 14 cases)"}})
	answer := s.wantMeaning("E1", "Inlet strainer clogged (12 of 14 cases)")
	code := answer["error_code"].(object)
	mark := code["correction"].(object)
	field := mark["fields"].([]any)[0].(object)
	if mark["by"] != "Local user" || mark["at"] == "" || field["printed"] != "Water pressure too low" || mark["look_again"] != nil {
		t.Errorf("the mark %v", mark)
	}
	quotes := fmt.Sprint(code["quotes"])
	if !strings.Contains(quotes, "Water pressure too low") || !strings.Contains(answer["summary"].(string), "corrected by the shop") || answer["cached"].(bool) {
		t.Errorf("answer %v", answer)
	}
	if steps := fmt.Sprint(answer["steps"]); !strings.Contains(steps, "Open the water valve") {
		t.Errorf("the printed remedy is gone: %v", steps)
	}
	if _, again := s.meaning("E1"); !again["cached"].(bool) {
		t.Error("the corrected answer is not cached")
	}
	s.wantMeaning("E2", "Door open")

	// It is not lost when the manual is read again.
	s.readAgain()
	s.wantMeaning("E1", "Inlet strainer clogged (12 of 14 cases)")
	where := "/api/v1/corrections/" + made["id"].(string)
	if c := s.get(where).want(t, http.StatusOK).json(t); c["fit"] != "holds" || c["look_again"].(bool) {
		t.Errorf("after reading again: %v", c)
	}

	// Others see what it says by now.
	changed := s.send(http.MethodPatch, where, object{"version": 1, "says": object{"fields": object{"meaning": "Inlet strainer clogged"}}, "note": "since spring"}).
		want(t, http.StatusOK).json(t)
	if changed["version"] != 2.0 || changed["note"] != "since spring" {
		t.Errorf("%v", changed)
	}
	s.wantMeaning("E1", "Inlet strainer clogged")
	s.send(http.MethodPatch, where, object{"version": 1, "says": object{"fields": object{"meaning": "x"}}}).wantProblem(t, http.StatusConflict, "CORRECTION_CHANGED")
	s.do(http.MethodDelete, where+"?version=1", nil).wantProblem(t, http.StatusConflict, "CORRECTION_CHANGED")

	s.do(http.MethodDelete, where+"?version=2", nil).want(t, http.StatusNoContent)
	if a := s.wantMeaning("E1", "Water pressure too low"); a["error_code"].(object)["correction"] != nil {
		t.Errorf("still marked: %v", a)
	}
	s.send(http.MethodPost, where+"/redo", object{}).want(t, http.StatusOK)
	s.wantMeaning("E1", "Inlet strainer clogged")
	history := s.get(where).want(t, http.StatusOK).json(t)["history"].([]any)
	var actions []string
	for _, h := range history {
		actions = append(actions, h.(object)["action"].(string))
	}
	if got := strings.Join(actions, " "); got != "made changed undone redone" {
		t.Errorf("history %s", got)
	}
}

// pairTable is a manual with a code that has two causes, each with its remedy.
func pairTable() []byte {
	codes := pdftest.NewPage()
	pdftest.Table{
		X: 40, Y: 100, Widths: []float64{40, 130, 130, 180}, Head: 1,
		Rows: [][]string{
			{"Code", "Meaning", "Cause", "Remedy"},
			{"E1", "Water pressure too low", "Inlet valve shut", "Open the inlet valve"},
			{"", "", "Strainer clogged", "Clean the strainer in 5 minutes"},
			{"E2", "Door open", "Switch bent", "Bend the switch back"},
		},
	}.Draw(codes)
	return (&pdftest.Document{Pages: []*pdftest.Page{codes}}).Bytes()
}

func TestTheShopCorrectsOneCauseOrRemedyAndTheOthersStayAsPrinted(t *testing.T) {
	t.Parallel()
	s := newShopWith(t, pairTable())
	made := s.correct("replace", "E1", object{"fields": object{
		"remedy/2": "Replace the strainer\nFlush the line for 3 minutes", "cause/3": "Pump worn", "remedy/3": "Replace the pump",
	}})
	check := func() {
		t.Helper()
		row := s.get("/api/v1/error-codes?model=KX-1&code=E1").want(t, http.StatusOK).json(t)["codes"].([]any)[0].(object)
		var listed []string
		for _, x := range row["solutions"].([]any) {
			for _, kind := range []string{"causes", "remedies"} {
				for _, f := range x.(object)[kind].([]any) {
					mark := ""
					if corrected, _ := f.(object)["corrected"].(bool); corrected {
						mark = "*"
					}
					listed = append(listed, mark+f.(object)["text"].(string))
				}
			}
		}
		want := "Inlet valve shut|Open the inlet valve|Strainer clogged|*Replace the strainer|*Flush the line for 3 minutes|*Pump worn|*Replace the pump"
		if got := strings.Join(listed, "|"); got != want {
			t.Errorf("looked up: %s", got)
		}
		answer := s.wantMeaning("E1", "Water pressure too low")
		if answer["error_code"].(object)["correction"] != nil || strings.Contains(answer["summary"].(string), "shop") {
			t.Errorf("the printed meaning is marked: %v", answer["error_code"])
		}
		var steps []string
		for _, x := range answer["steps"].([]any) {
			step := x.(object)
			mark := ""
			if step["correction"] != nil {
				mark = "*"
			}
			quotes, _ := step["quotes"].([]any)
			steps = append(steps, fmt.Sprint(mark, step["title"], ": ", step["instruction"], " ", len(quotes)))
		}
		want = "Inlet valve shut: Open the inlet valve 2|*Strainer clogged: Replace the strainer 1|*Strainer clogged: Flush the line for 3 minutes 1|*Pump worn: Replace the pump 0"
		if got := strings.Join(steps, "|"); got != want {
			t.Errorf("answered: %s", got)
		}
		if mark := fmt.Sprint(answer["steps"].([]any)[1].(object)["correction"]); !strings.Contains(mark, "Clean the strainer in 5 minutes") {
			t.Errorf("what is printed is not beside it: %s", mark)
		}
	}
	check()
	s.readAgain()
	check()
	if c := s.get("/api/v1/corrections/"+made["id"].(string)).want(t, http.StatusOK).json(t); c["fit"] != "holds" {
		t.Errorf("%v", c)
	}

	s.correct("replace", "E2", object{"fields": object{"cause": "Hinge worn", "remedy": ""}})
	row := s.get("/api/v1/error-codes?model=KX-1&code=E2").want(t, http.StatusOK).json(t)["codes"].([]any)[0].(object)
	if said := fmt.Sprint(row["solutions"]); !strings.Contains(said, "Hinge worn") || strings.Contains(said, "Bend") {
		t.Errorf("E2: %s", said)
	}
	for _, fields := range []object{{"remedy/5": "x"}, {"remedy/0": "x"}, {"remedy": "x", "remedy/1": "y"}, {"remedy/1": "Open the inlet valve"}} {
		res := s.send(http.MethodPatch, "/api/v1/corrections/"+made["id"].(string), object{"version": 1, "says": object{"fields": fields}})
		res.wantProblem(t, http.StatusUnprocessableEntity, "CORRECTION_INVALID")
	}
}

func TestTheShopRenamesSuppressesAndAddsRows(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.correct("replace", "E2", object{"name": "E7", "models": []string{"KX-1"}})
	answer := s.wantMeaning("E7", "Door open")
	if mark := fmt.Sprint(answer["error_code"].(object)["correction"]); !strings.Contains(mark, "printed:E2") {
		t.Errorf("the printed code is not beside it: %v", mark)
	}
	if got, _ := s.meaning("E2"); got != "" {
		t.Errorf("E2 is explained still: %q", got)
	}

	s.correct("suppress", "E3", nil)
	if got, _ := s.meaning("E3"); got != "" {
		t.Errorf("the suppressed row is explained: %q", got)
	}

	// For another model only.
	s.correct("replace", "E4", object{"models": []string{"KX-2"}})
	if got, _ := s.meaning("E4"); got != "" {
		t.Errorf("a row for another model answers: %q", got)
	}

	add := object{"manual_id": s.id, "table": "codes", "kind": "add", "says": object{
		"name": "E9", "page": 1, "fields": object{"meaning": "Drip tray flooded"}, "quote": "Error E9 stands for a flooded drip pan",
	}}
	s.send(http.MethodPost, "/api/v1/corrections", add).wantProblem(t, http.StatusUnprocessableEntity, "QUOTE_NOT_FOUND")
	add["says"].(object)["quote"] = "error E9 stands for a flooded drip tray"
	if c := s.send(http.MethodPost, "/api/v1/corrections", add).want(t, http.StatusCreated).json(t); c["own_words"].(bool) {
		t.Errorf("%v", c)
	}
	answer = s.wantMeaning("E9", "Drip tray flooded")
	if code := answer["error_code"].(object); !strings.Contains(fmt.Sprint(code["quotes"]), "flooded drip tray") || !code["correction"].(object)["added"].(bool) {
		t.Errorf("%v", code)
	}

	own := s.correct("add", "", object{"name": "HH", "page": 2, "fields": object{"meaning": "Board wet"}})
	if !own["own_words"].(bool) {
		t.Errorf("%v", own)
	}
	answer = s.wantMeaning("HH", "Board wet")
	if code := answer["error_code"].(object); code["quotes"] != nil {
		t.Errorf("the shop's own words are quoted: %v", code)
	}
	all := s.get("/api/v1/corrections?state=all&manual="+s.id+"&limit=2").want(t, http.StatusOK).json(t)
	rest := s.get("/api/v1/corrections?state=all&limit=200&cursor="+all["next_cursor"].(string)).want(t, http.StatusOK).json(t)
	if a, b := len(all["corrections"].([]any)), len(rest["corrections"].([]any)); a != 2 || b != 3 {
		t.Errorf("%d and %d corrections in the list", a, b)
	}
	if again := s.get("/api/v1/corrections?state=look_again").want(t, http.StatusOK).json(t); len(again["corrections"].([]any)) != 0 {
		t.Errorf("to be looked at again: %v", again)
	}
}

func TestOfTwoCorrectionsOfARowAtOnceOneIsToldOfTheOther(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	status := make([]int, 4)
	var wg sync.WaitGroup
	for i := range status {
		wg.Go(func() {
			res := s.send(http.MethodPost, "/api/v1/corrections", object{
				"manual_id": s.id, "table": "codes", "kind": "replace", "row": object{"name": "E1", "page": 2},
				"says": object{"fields": object{"meaning": fmt.Sprint("meaning ", i)}},
			})
			if status[i] = res.StatusCode; status[i] == http.StatusConflict {
				res.wantProblem(t, http.StatusConflict, "CORRECTION_EXISTS")
			}
		})
	}
	wg.Wait()
	created := 0
	for _, code := range status {
		if code == http.StatusCreated {
			created++
		}
	}
	if created != 1 {
		t.Errorf("%v", status)
	}

	// A phone that retries makes one of it.
	body := object{
		"id": uuid.Must(uuid.NewV7()), "manual_id": s.id, "table": "codes", "kind": "suppress", "row": object{"name": "E2"},
	}
	s.send(http.MethodPost, "/api/v1/corrections", body).want(t, http.StatusCreated)
	s.send(http.MethodPost, "/api/v1/corrections", body).want(t, http.StatusOK)
	for _, wrong := range []struct {
		row  string
		says object
		code string
	}{
		{"E77", object{"fields": object{"meaning": "x"}}, "ROW_NOT_FOUND"},
		{"E3", object{"fields": object{"meaning": "Heater defective"}}, "CORRECTION_INVALID"}, // as printed
		{"E3", object{"fields": object{"torque": "5 Nm"}}, "CORRECTION_INVALID"},
		{"E3", object{"page": 99}, "PAGE_NOT_FOUND"},
	} {
		res := s.send(http.MethodPost, "/api/v1/corrections", object{
			"manual_id": s.id, "table": "codes", "kind": "replace", "row": object{"name": wrong.row}, "says": wrong.says,
		})
		if res.json(t)["code"] != wrong.code {
			t.Errorf("%v: %s", wrong, res.body)
		}
	}
}

func TestFlagsAreRaisedOnceSeenAndDecided(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, answer := s.meaning("E1")
	id := uuid.Must(uuid.NewV7())
	onAnswer := object{"id": id, "answer_id": answer["id"], "item": "steps/0", "reason": "wrong_row", "note": "that is the hot side"}
	f := s.send(http.MethodPost, "/api/v1/flags", onAnswer).want(t, http.StatusCreated).json(t)
	if f["manual_id"] != s.id || f["item"] != "steps/0" || f["state"] != "open" {
		t.Errorf("%v", f)
	}
	s.send(http.MethodPost, "/api/v1/flags", onAnswer).want(t, http.StatusOK)
	onRow := object{"manual_id": s.id, "table": "codes", "row": object{"name": "E1"}, "reason": "wrong_model"}
	row := s.send(http.MethodPost, "/api/v1/flags", onRow).want(t, http.StatusCreated).json(t)
	if printed := fmt.Sprint(row["row"]); !strings.Contains(printed, "Water pressure too low") {
		t.Errorf("the flagged row: %v", printed)
	}
	s.send(http.MethodPost, "/api/v1/flags", object{"answer_id": answer["id"], "item": "steps/9", "reason": "wrong_row"}).
		wantProblem(t, http.StatusUnprocessableEntity, "ITEM_NOT_FOUND")
	s.send(http.MethodPost, "/api/v1/flags", object{"reason": "wrong_row"}).wantProblem(t, http.StatusUnprocessableEntity, "FLAG_INVALID")
	if m := s.get(s.manual).want(t, http.StatusOK).json(t); m["open_flags"] != 2.0 {
		t.Errorf("open flags %v", m["open_flags"])
	}

	made := s.correct("replace", "E1", object{"fields": object{"meaning": "Strainer clogged"}})
	where := "/api/v1/flags/" + f["id"].(string)
	decided := s.send(http.MethodPatch, where, object{"state": "resolved", "correction_id": made["id"], "resolution": "thank you"}).want(t, http.StatusOK).json(t)
	if decided["state"] != "resolved" || decided["correction_id"] != made["id"] || decided["decided_by"] != "Local user" {
		t.Errorf("%v", decided)
	}
	s.send(http.MethodPatch, where, object{"state": "dismissed"}).wantProblem(t, http.StatusConflict, "FLAG_DECIDED")
	open := s.get("/api/v1/flags?manual="+s.id).want(t, http.StatusOK).json(t)["flags"].([]any)
	if len(open) != 1 || open[0].(object)["id"] != row["id"] {
		t.Errorf("open: %v", open)
	}
	if m := s.get(s.manual).want(t, http.StatusOK).json(t); m["open_flags"] != 1.0 {
		t.Errorf("open flags %v", m["open_flags"])
	}

	// They go with their manual; the answer stays as it was shown.
	s.do(http.MethodDelete, s.manual, nil).want(t, http.StatusNoContent)
	s.get("/api/v1/corrections/"+made["id"].(string)).wantProblem(t, http.StatusNotFound, "CORRECTION_NOT_FOUND")
	s.get(where).wantProblem(t, http.StatusNotFound, "FLAG_NOT_FOUND")
	s.get("/api/v1/answers/"+answer["id"].(string)).want(t, http.StatusOK)
}

func TestLookUpsShowWhatTheShopSays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	codes := func(query string) []any {
		t.Helper()
		return s.get("/api/v1/error-codes?model=KX-1"+query).want(t, http.StatusOK).json(t)["codes"].([]any)
	}
	row := codes("&code=E1")[0].(object)
	if row["correction"] != nil || row["fingerprint"] == "" {
		t.Errorf("%v", row)
	}
	s.send(http.MethodPost, "/api/v1/corrections", object{
		"manual_id": s.id, "table": "codes", "kind": "replace", "row": object{"name": "E1", "page": row["page"], "fingerprint": row["fingerprint"]},
		"says": object{"fields": object{"meaning": "Strainer clogged"}},
	}).want(t, http.StatusCreated)
	s.correct("replace", "E2", object{"name": "E7"})
	s.correct("suppress", "E3", nil)
	s.correct("add", "", object{"name": "HH", "page": 2, "fields": object{"meaning": "Board wet"}})
	if got := fmt.Sprint(codes("&code=e1")[0].(object)["meaning"]); !strings.Contains(got, "Strainer clogged") || strings.Contains(got, "pressure") {
		t.Errorf("E1: %s", got)
	}
	for code, want := range map[string]int{"E2": 0, "E7": 1, "E3": 0, "HH": 1, "E4": 1} {
		if got := codes("&code=" + code); len(got) != want {
			t.Errorf("%d rows of %s, want %d: %v", len(got), code, want, got)
		}
	}
	all := codes("")
	if text := fmt.Sprint(all); len(all) < 4 || strings.Contains(text, "Heater defective") || !strings.Contains(text, "Board wet") || strings.Count(text, "code:E7") != 1 {
		t.Errorf("the list: %s", text)
	}

	s.correct("add", "", object{"name": "E1", "page": 2, "fields": object{"meaning": "Or the valve sticks"}})
	part := object{"manual_id": s.id, "table": "parts", "kind": "add", "says": object{"name": "KX-4711", "page": 2, "fields": object{"description": "Inlet strainer", "quantity": "2"}}}
	s.send(http.MethodPost, "/api/v1/corrections", part).want(t, http.StatusCreated)
	parts := s.get("/api/v1/parts?model=KX-1&number=kx4711").want(t, http.StatusOK).json(t)["parts"].([]any)
	if len(parts) != 1 || parts[0].(object)["correction"] == nil || !strings.Contains(fmt.Sprint(parts[0]), "Inlet strainer") {
		t.Errorf("parts %v", parts)
	}
	if other := s.get("/api/v1/parts?manufacturer=Kestrel&number=kx9").want(t, http.StatusOK).json(t)["parts"].([]any); len(other) != 0 {
		t.Errorf("another number: %v", other)
	}
}
