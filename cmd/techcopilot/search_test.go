package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheLibraryIsSearchedInTheTerminal(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	run := func(want int, args ...string) (out, errOut string) {
		t.Helper()
		out, errOut, code := l.run(append([]string{"search"}, args...)...)
		if code != want {
			t.Fatalf("%q: exit code %d, want %d\n%s%s", args, code, want, out, errOut)
		}
		return out, errOut
	}
	for _, about := range [][]string{
		{"--model", "RX-280", "--type", "service", edition(t, "first.pdf", "Rev. A", "E1|Pump blocked", "E2|Door open")},
		{"--model", "RX-440", "--type", "user", edition(t, "second.pdf", "Rev. B", "E1|Burner without flame", "E3|Fan stopped")},
	} {
		if out, errOut, code := l.run(append([]string{"import", "--manufacturer", "Cindervale"}, about...)...); code != exitOK {
			t.Fatalf("exit code %d\n%s%s", code, out, errOut)
		}
	}

	out, _ := run(exitOK, "open", "the", "oven", "with", "its", "powre")
	for _, want := range []string{`No manual has "powre"; searched for "power".`, " 1  ", "PDF page 1", "Disconnect the power before you open the oven.", "2 of 2 manuals have most of these words.", "--type: service (1), user (1)."} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("colours outside of a terminal:\n%q", out)
	}
	// Rows of a code stand before the passages.
	out, _ = run(exitOK, "e-1")
	if blocked, flame, passage := strings.Index(out, "Pump blocked"), strings.Index(out, "Burner without flame"), strings.Index(out, " 1  "); blocked < 0 || flame < 0 || passage < max(blocked, flame) {
		t.Errorf("searched for a code:\n%s", out)
	}
	var found struct {
		Codes, Passages []struct{ Title string }
		Searched        int `json:"manuals_searched"`
	}
	out, _ = run(exitOK, "--json", "--model", "rx440", "--limit", "1", "E1", "burner")
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	if len(found.Passages) != 1 || found.Passages[0].Title != "second" || len(found.Codes) != 1 || found.Searched != 1 {
		t.Errorf("%+v", found)
	}

	out, _ = run(exitRefused, "xyzzyx")
	if !strings.Contains(out, `No manual has "xyzzyx".`) || !strings.Contains(out, "No passage in 2 manuals.") {
		t.Error(out)
	}
	run(exitRefused, "--type", "wiring", "oven")
	for _, wrong := range [][]string{{}, {"--limit", "0", "oven"}, {"--limit", "51", "oven"}, {"--manual", "7", "oven"}, {"--colour", "oven"}} {
		if _, errOut := run(exitUsage, wrong...); !strings.Contains(errOut, "--help") {
			t.Errorf("%q: %s", wrong, errOut)
		}
	}
	run(exitOK, "--manufacturer", "Cinder", "oven") // typed short
	for _, failing := range []struct {
		args []string
		says string
	}{
		{[]string{"--model", "RX-9", "oven"}, "RX-280"},
		{[]string{"--manufacturer", "Tarnholm", "oven"}, `no manual of "Tarnholm"`},
		{[]string{"?!"}, "nothing to search for"},
		{[]string{"the", "of"}, "stand on every page"},
	} {
		_, errOut, code := l.run(append([]string{"search"}, failing.args...)...)
		if code == exitOK || !strings.Contains(errOut, failing.says) {
			t.Errorf("%q: exit code %d, %s; want %q", failing.args, code, errOut, failing.says)
		}
	}
}
