package app_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestWhatAManualIsMadeOfIsGivenOut(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	m, data := demoPDF()
	where := c.upload(part{"manufacturer", m.Manufacturer}, part{"model", m.Models[0]}, file(data)).want(t, http.StatusAccepted).Header.Get("Location")
	c.settled(where)
	list := func(path, name string) []map[string]any {
		t.Helper()
		var out []map[string]any
		for _, e := range c.get(where+path).want(t, http.StatusOK).json(t)[name].([]any) {
			out = append(out, e.(map[string]any))
		}
		return out
	}

	codes := list("/sections?type=error_codes", "sections")
	if len(codes) == 0 || codes[0]["title"] != "6 Codes and lamps" || codes[0]["first_page"] != 11.0 || codes[0]["last_page"] != 12.0 || codes[0]["language"] != "en" {
		t.Errorf("the sections of codes are %v", codes)
	}
	if on := list("/sections?page=12", "sections"); len(on) != 2 || on[1]["parent"] != on[0]["section"] {
		t.Errorf("on page 12 are %v", on)
	}

	tables := list("/tables?type=codes&page=12", "tables")
	if len(tables) != 2 || tables[0]["title"] != "Table 8 Display codes" || tables[0]["first_page"] != 11.0 || len(tables[0]["places"].([]any)) != 2 {
		t.Fatalf("the tables of codes are %v", tables)
	}
	table := c.get(tables[0]["self"].(string)).want(t, http.StatusOK).json(t)
	rows := table["content"].([]any)
	if len(rows) != 14 || float64(len(rows)) != table["rows"] {
		t.Fatalf("the table has %d rows of %v", len(rows), table["rows"])
	}
	if first := rows[0].(map[string]any)["cells"].([]any); first[0] != "HI-P" || len(first) != len(table["columns"].([]any)) {
		t.Errorf("its first row is %v", first)
	}
	for _, e := range list("/tables?page=14", "tables") {
		if e["title"] != "Table 16 Ice in lb per 24 h, TI-350A" {
			continue
		}
		chart := c.get(e["self"].(string)).want(t, http.StatusOK).json(t)
		second := chart["columns"].([]any)[2].(map[string]any)
		if fmt.Sprint(second["conditions"]) != "[Water 70 °F (21 °C)]" {
			t.Errorf("the chart's second column holds under %v", second["conditions"])
		}
	}

	drawings := list("/drawings?type=wiring", "drawings")
	if len(drawings) != 1 || drawings[0]["page"] != 19.0 || drawings[0]["title"] != "Figure 2 Wiring diagram TI-350A-1" {
		t.Errorf("the wiring diagrams are %v", drawings)
	} else {
		c.get(drawings[0]["image"].(string)).want(t, http.StatusOK)
	}

	t.Run("a list goes on where it stopped", func(t *testing.T) {
		whole := list("/tables", "tables")
		var parts []any
		for cursor, n := "", 0; n < len(whole); n++ {
			got := c.get(where+"/tables?limit=7&cursor="+cursor).want(t, http.StatusOK).json(t)
			parts = append(parts, got["tables"].([]any)...)
			if cursor, _ = got["next_cursor"].(string); cursor == "" {
				break
			}
		}
		if len(parts) != len(whole) {
			t.Errorf("got %d tables of %d", len(parts), len(whole))
		}
	})
	t.Run("of nothing", func(t *testing.T) {
		const unknown = "/api/v1/manuals/00000000-0000-7000-8000-000000000009"
		for _, path := range []string{"/sections", "/tables", "/drawings", "/tables/0"} {
			c.get(unknown+path).wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
		}
		c.get(where+"/tables/9999").wantProblem(t, http.StatusNotFound, "TABLE_NOT_FOUND")
		c.get(where+"/sections?cursor=x").want(t, http.StatusUnprocessableEntity)
	})
}
