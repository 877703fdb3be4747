package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// pumpPages is a manual of so many pages that are about a drain pump.
func pumpPages(pages int) []byte {
	var d pdftest.Document
	for n := range pages {
		p := pdftest.NewPage()
		p.Text(72, 100, 16, pdftest.Bold, fmt.Sprintf("Drain pump of station %d", n+1))
		for i, line := range []string{
			"Switch the machine off and close the water valve before you begin.",
			"Take the panel off. " + strings.Repeat("Look at the hose. ", n%5),
			"Then remove the pump and clean its impeller of lint and coins.",
		} {
			p.Text(72, 140+16*float64(i), 10, pdftest.Regular, line)
		}
		d.Pages = append(d.Pages, p)
	}
	return d.Bytes()
}

// shelves is a library of manuals of two manufacturers.
type shelves struct {
	client
	parts, faults, pumps string // paths of its manuals
}

func newShelves(t *testing.T) *shelves {
	t.Helper()
	s := &shelves{client: serve(t, open(t, nil))}
	add := func(manufacturer, model, kind string, data []byte) string {
		t.Helper()
		return s.upload(part{"manufacturer", manufacturer}, part{"model", model}, part{"type", kind}, part{"title", model + " manual"}, part{"language", "en"}, file(data)).
			want(t, http.StatusAccepted).Header.Get("Location")
	}
	s.parts, s.faults, s.pumps = add("Kestrel", "KX-1", "parts", partsManual()), add("Kestrel", "KX-2", "service", faultTable()), add("Boreal", "B-9", "service", pumpPages(12))
	for _, m := range []string{s.parts, s.faults, s.pumps} {
		if ready := s.settled(m); ready["status"] != "ready" {
			t.Fatalf("%v", ready)
		}
	}
	return s
}

func idOf(path string) string { return strings.TrimPrefix(path, "/api/v1/manuals/") }

// find searches with parameters in pairs.
func (s *shelves) find(q string, more ...string) object {
	s.t.Helper()
	v := url.Values{"q": {q}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return s.get("/api/v1/search?"+v.Encode()).want(s.t, http.StatusOK).json(s.t)
}

// foundIn returns the manuals of a result's passages, each once.
func foundIn(body object) []string {
	var out []string
	for _, p := range body["passages"].([]any) {
		if id := p.(object)["manual_id"].(string); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func TestTheLibraryIsSearched(t *testing.T) {
	t.Parallel()
	s := newShelves(t)

	t.Run("what cannot be searched is refused", func(t *testing.T) {
		for query, want := range map[string]struct {
			status int
			code   string
		}{
			"":                                  {422, "VALIDATION_FAILED"},
			"q=pump&limit=0":                    {422, "VALIDATION_FAILED"},
			"q=pump&limit=51":                   {422, "VALIDATION_FAILED"},
			"q=pump&limit=many":                 {422, "VALIDATION_FAILED"},
			"q=pump&type=novel":                 {422, "VALIDATION_FAILED"},
			"q=pump&manual=7":                   {422, "VALIDATION_FAILED"},
			"q=pump&superseded=perhaps":         {422, "VALIDATION_FAILED"},
			"q=pump&colour=red":                 {422, "VALIDATION_FAILED"},
			"q=%ff":                             {400, "INVALID_TEXT"},
			"q=":                                {422, "VALIDATION_FAILED"},
			"q=%3F!%20...":                      {422, "SEARCH_EMPTY"},
			"q=the+of+and":                      {422, "SEARCH_TOO_COMMON"},
			"q=" + strings.Repeat("pump+", 101): {422, "SEARCH_TOO_LONG"},
			"q=pump&cursor=abc":                 {422, "CURSOR_INVALID"},
			"q=pump&manufacturer=Kestrell":      {404, "MANUFACTURER_NOT_FOUND"},
			"q=pump&model=KX-77":                {404, "MODEL_NOT_FOUND"},
			"q=pump&manual=00000000-0000-7000-8000-00000000abcd": {404, "MANUAL_NOT_FOUND"},
		} {
			p := s.get("/api/v1/search?"+query).wantProblem(t, want.status, want.code)
			if want.code == "MANUFACTURER_NOT_FOUND" && !strings.Contains(p["detail"].(string), "Kestrel.") {
				t.Errorf("the closest are not named: %v", p)
			}
		}
	})

	t.Run("passages show where the words stand", func(t *testing.T) {
		body := s.find("cleaning the impellers", "boxes", "true", "limit", "3")
		if got := foundIn(body); len(body["passages"].([]any)) != 3 || !slices.Equal(got, []string{idOf(s.pumps)}) {
			t.Fatalf("%v", body)
		}
		p := body["passages"].([]any)[0].(object)
		var all, marked []string
		for _, part := range p["parts"].([]any) {
			all = append(all, part.(object)["text"].(string))
			if part.(object)["highlighted"] != nil {
				marked = append(marked, part.(object)["text"].(string))
			}
		}
		if strings.Join(all, " ") != p["text"] || !slices.Equal(marked, []string{"clean", "impeller"}) {
			t.Errorf("marked %q of %q in %q", marked, all, p["text"])
		}
		if len(p["highlighted_words"].([]any)) != 2 || len(p["boxes"].([]any)) != 2 || p["type"] != "service" || p["language"] != "en" {
			t.Errorf("%v", p)
		}
		page := s.get(p["links"].(object)["self"].(string)).want(t, http.StatusOK).json(t)
		if at := p["highlighted_words"].([]any)[1].(float64); page["words"].([]any)[int(at)].(object)["t"] != "impeller" {
			t.Errorf("word %v of the page is %v", at, page["words"].([]any)[int(at)])
		}
	})

	t.Run("a search is narrowed by what its facets count", func(t *testing.T) {
		body := s.find("drain pump")
		facets := body["facets"].(object)
		if got := fmt.Sprint(facets["manufacturers"], facets["types"]); got != "[map[manuals:1 value:Boreal] map[manuals:1 value:Kestrel]] [map[manuals:1 value:parts] map[manuals:1 value:service]]" {
			t.Errorf("facets %s", got)
		}
		if models := facets["models"].([]any); len(models) != 2 || models[1].(object)["name"] != "KX-1" || body["manuals_searched"] != 3.0 || body["manuals_answering"] != 2.0 {
			t.Errorf("%v of %v manuals, models %v", body["manuals_answering"], body["manuals_searched"], models)
		}
		for _, c := range []struct {
			narrow []string
			want   string // the only manual
			of     float64
		}{
			{[]string{"manufacturer", "kestrel"}, s.parts, 2},
			{[]string{"type", "parts"}, s.parts, 1},
			{[]string{"model", "b9"}, s.pumps, 1},
			{[]string{"manufacturer", "Boreal", "model", "B 9"}, s.pumps, 1},
			{[]string{"manual", idOf(s.pumps)}, s.pumps, 1},
			{[]string{"language", "en", "manufacturer", "Boreal"}, s.pumps, 1},
		} {
			body := s.find("drain pump", c.narrow...)
			if got := foundIn(body); !slices.Equal(got, []string{idOf(c.want)}) || body["manuals_searched"] != c.of {
				t.Errorf("%v: manuals %v of %v, want %s of %v", c.narrow, got, body["manuals_searched"], idOf(c.want), c.of)
			}
		}
		for _, narrow := range [][]string{{"type", "wiring"}, {"language", "fr"}, {"manufacturer", "Boreal", "type", "parts"}} {
			if body := s.find("drain pump", narrow...); len(body["passages"].([]any)) != 0 || body["manuals_searched"] != 0.0 {
				t.Errorf("%v: %v", narrow, body)
			}
		}
	})

	t.Run("the passages go on", func(t *testing.T) {
		var pages []float64
		cursor, parts := "", 0
		for {
			more := []string{"manual", idOf(s.pumps), "limit", "5"}
			if cursor != "" {
				more = append(more, "cursor", cursor)
			}
			body := s.find("pump impeller lint", more...)
			for _, p := range body["passages"].([]any) {
				pages = append(pages, p.(object)["page"].(float64))
			}
			parts++
			var on bool
			if cursor, on = body["next_cursor"].(string); !on {
				break
			}
		}
		var whole []float64
		for _, p := range s.find("pump impeller lint", "manual", idOf(s.pumps), "limit", "50")["passages"].([]any) {
			whole = append(whole, p.(object)["page"].(float64))
		}
		if parts != 3 || len(whole) != 12 || !slices.Equal(pages, whole) {
			t.Errorf("pages %v in %d parts, %v at once", pages, parts, whole)
		}
	})

	t.Run("typing errors are told", func(t *testing.T) {
		body := s.find("impelelr zzyzx")
		terms := body["terms"].([]any)
		if first, second := terms[0].(object), terms[1].(object); first["repaired"] != "impeller" || !first["found"].(bool) || second["found"].(bool) || len(body["passages"].([]any)) == 0 {
			t.Errorf("%v", terms)
		}
	})

	t.Run("rows of codes and parts come first", func(t *testing.T) {
		body := s.find("e-3 heater")
		if codes := body["codes"].([]any); len(codes) != 1 || codes[0].(object)["manual_id"] != idOf(s.faults) || codes[0].(object)["code"] != "E3" {
			t.Errorf("%v", body["codes"])
		}
		if body := s.find("E3", "manufacturer", "Boreal"); body["codes"] != nil {
			t.Errorf("rows of other manuals: %v", body["codes"])
		}
		body = s.find("7031102")
		if parts, ok := body["parts"].([]any); !ok || len(parts) != 1 || parts[0].(object)["manual_id"] != idOf(s.parts) {
			t.Errorf("%v", body["parts"])
		}
	})

	t.Run("what the shop says of a row is shown", func(t *testing.T) {
		shop := &shop{client: client{t, s.url}, manual: s.faults, id: idOf(s.faults)}
		shop.correct("replace", "E1", object{"fields": object{"meaning": "Strainer clogged"}})
		shop.correct("suppress", "E4", object{})
		if body := s.find("E1"); !strings.Contains(fmt.Sprint(body["codes"]), "Strainer clogged") {
			t.Errorf("%v", body["codes"])
		}
		if body := s.find("E4"); body["codes"] != nil {
			t.Errorf("a row that the shop has taken away: %v", body["codes"])
		}
	})

	t.Run("superseded manuals are only searched when asked for", func(t *testing.T) {
		s.post(s.pumps+"/supersede", fmt.Sprintf(`{"by": %q}`, idOf(s.faults))).want(t, http.StatusOK)
		if body := s.find("impeller"); len(foundIn(body)) != 0 || body["manuals_searched"] != 2.0 {
			t.Errorf("found in %v", foundIn(body))
		}
		for _, more := range [][]string{{"superseded", "true"}, {"manual", idOf(s.pumps)}} {
			if got := foundIn(s.find("impeller", more...)); !slices.Equal(got, []string{idOf(s.pumps)}) {
				t.Errorf("%v: found in %v", more, got)
			}
		}
		s.post(s.pumps+"/reinstate", "").want(t, http.StatusOK)
		if got := foundIn(s.find("impeller")); !slices.Equal(got, []string{idOf(s.pumps)}) {
			t.Errorf("found in %v after it was reinstated", got)
		}
	})

	t.Run("a manual that is deleted is not found", func(t *testing.T) {
		s.do(http.MethodDelete, s.pumps, nil).want(t, http.StatusNoContent)
		if body := s.find("impeller"); len(foundIn(body)) != 0 {
			t.Errorf("found in %v", foundIn(body))
		}
	})
}
