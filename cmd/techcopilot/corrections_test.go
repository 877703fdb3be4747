package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestLookUpsInTheTerminalTellWhatIsTheShops(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	must := func(args ...string) string {
		t.Helper()
		out, errOut, code := l.run(args...)
		if code != exitOK {
			t.Fatalf("%q: exit code %d\n%s%s", args, code, out, errOut)
		}
		return strings.Join(strings.Fields(out), " ") // however it is broken into lines
	}
	must("import", "--manufacturer", "Cindervale", "--model", "RX-280", "--type", "service", edition(t, "ovens.pdf", "Rev. A", "E1|Pump blocked", "E2|Door open"))
	var codes struct {
		Codes []struct {
			ManualID string `json:"manual_id"`
		} `json:"codes"`
	}
	if err := json.Unmarshal([]byte(must("codes", "E1", "--json")), &codes); err != nil || len(codes.Codes) != 1 {
		t.Fatalf("%+v, %v", codes, err)
	}
	id := codes.Codes[0].ManualID
	must("corrections", "add", id, "E1", "--set", "meaning=Pump worn", "--set", "remedy=Replace the pump")
	must("corrections", "add", id, "E9", "--kind", "add", "--page", "2", "--set", "meaning=Drip tray flooded")
	must("corrections", "add", id, "RX-4711", "--table", "parts", "--kind", "add", "--page", "2", "--set", "description=Inlet strainer")
	must("corrections", "add", id, "S1-3", "--table", "settings", "--kind", "add", "--page", "2", "--set", "meaning=Gas kind")

	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"codes", "E1"}, []string{"E1 Pump worn [page 2]", "> Replace the pump", "Corrected by the shop (Local user, ", "meaning: Pump worn", "Printed: meaning: Pump blocked"}},
		{[]string{"codes", "E9"}, []string{"E9 Drip tray flooded", "Added by the shop (Local user, "}},
		{[]string{"parts", "--model", "RX-280"}, []string{"RX-4711 Inlet strainer", "Added by the shop"}},
		{[]string{"settings", "--model", "RX-280"}, []string{"S1-3 Gas kind", "Added by the shop"}},
		{[]string{"ask", "--model", "RX-280", "--code", "E1"}, []string{"E1 Pump worn", "Replace the pump", "Corrected by the shop"}},
		{[]string{"corrections"}, []string{"codes E1, page 2", "meaning: Pump worn; remedy: Replace the pump", "active"}},
	} {
		out := must(c.args...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%q: no %q in\n%s", c.args, want, out)
			}
		}
	}
	var review toReview
	if err := json.Unmarshal([]byte(must("review", "--json")), &review); err != nil || review.Open != 0 || review.LookAgain != 0 {
		t.Errorf("%+v, %v", review, err)
	}
	if out := must("codes", "E2"); strings.Contains(out, "shop") {
		t.Errorf("E2 is as printed: %s", out)
	}
}

// A row that is named like another is told apart by what the error lists.
func TestACorrectionOfOneOfTwoRowsNamesWhichOne(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	out, errOut, code := l.run("import", "--json", "--manufacturer", "Cindervale", "--model", "RX-280", "--type", "service", edition(t, "twice.pdf", "Rev. A", "E1|Pump blocked", "E1|Pump without power"))
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, errOut)
	}
	var codes struct {
		Codes []struct {
			ManualID string `json:"manual_id"`
		} `json:"codes"`
	}
	out, _, _ = l.run("codes", "E1", "--json")
	if err := json.Unmarshal([]byte(out), &codes); err != nil || len(codes.Codes) != 2 {
		t.Fatalf("%s, %v", out, err)
	}
	add := []string{"corrections", "add", codes.Codes[0].ManualID, "E1", "--set", "meaning=Pump worn"}
	_, errOut, code = l.run(add...)
	if code != exitFailure {
		t.Fatalf("exit code %d\n%s", code, errOut)
	}
	var which []string
	for line := range strings.Lines(errOut) {
		if strings.Contains(line, "Pump without power") {
			which = strings.Fields(line)[:4]
		}
	}
	if len(which) != 4 || which[0] != "--on-page" || which[2] != "--fingerprint" {
		t.Fatalf("the error does not list the rows:\n%s", errOut)
	}
	if out, errOut, code = l.run(append(add, which...)...); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, errOut)
	}
	out, _, _ = l.run("codes", "E1")
	if !strings.Contains(out, "Pump worn") || !strings.Contains(out, "Pump blocked") || strings.Count(out, "Corrected by the shop") != 1 {
		t.Errorf("%s", out)
	}
}
