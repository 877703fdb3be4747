package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

func TestErrorCodesAreServedWithTheirPlaces(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	m, data := demoPDF()
	up := c.upload(part{"manufacturer", m.Manufacturer}, part{"model", m.Models[0]}, part{"type", "service"}, file(data)).want(t, http.StatusAccepted)
	c.settled(up.Header.Get("Location"))
	codes := func(query url.Values) map[string]any {
		t.Helper()
		return c.get("/api/v1/error-codes?"+query.Encode()).want(t, http.StatusOK).json(t)
	}

	found := codes(url.Values{"manufacturer": {m.Manufacturer}, "model": {m.Models[0]}, "code": {"hi p"}})
	rows := found["codes"].([]any)
	if len(rows) != 1 || found["match"] != "exact" {
		t.Fatalf("HI-P: %v", found)
	}
	row := rows[0].(map[string]any)
	solutions := row["solutions"].([]any)
	if row["code"] != "HI-P" || row["page"].(float64) < 1 || row["source"] != "text" || len(row["code_boxes"].([]any)) != 1 ||
		len(row["meaning"].([]any)) != 1 || len(solutions) != 1 || row["models"].([]any)[0] != m.Models[0] {
		t.Errorf("row %v", row)
	}
	c.get(row["links"].(map[string]any)["page"].(string)).want(t, http.StatusOK)

	if near := codes(url.Values{"code": {"Err 13"}}); near["match"] != "none" || !slices.Contains(near["near"].([]any), any("Err 12")) {
		t.Errorf("Err 13: %v", near)
	}
	// Of a known model the nearest are named however the asked one begins, and answer nothing.
	for _, code := range []string{"X 13", "ERR-99"} {
		near := codes(url.Values{"model": {m.Models[0]}, "code": {code}})
		if near["match"] != "none" || len(near["codes"].([]any)) > 0 || near["near"] == nil {
			t.Errorf("%s: %v", code, near)
		}
		refused := c.post("/api/v1/troubleshoot", fmt.Sprintf(`{"model": %q, "code": %q}`, m.Models[0], code)).want(t, http.StatusOK).json(t)
		if refusal, ok := refused["refusal"].(map[string]any); !ok || fmt.Sprint(refusal["near_codes"]) != fmt.Sprint(near["near"]) {
			t.Errorf("asked for %s: %v", code, refused["refusal"])
		}
	}
	first := codes(url.Values{"model": {m.Models[0]}, "limit": {"5"}})
	next := codes(url.Values{"model": {m.Models[0]}, "limit": {"5"}, "cursor": {first["next_cursor"].(string)}})
	if a, b := first["codes"].([]any)[4].(map[string]any)["key"].(string), next["codes"].([]any)[0].(map[string]any)["key"].(string); a > b {
		t.Errorf("the list goes on with %s after %s", b, a)
	}
	c.get("/api/v1/error-codes?model=no+such+machine").want(t, http.StatusNotFound)
}
