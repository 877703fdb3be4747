package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAShareIsImportedAndReviewedWithFewCommands(t *testing.T) {
	t.Parallel()
	l, demos, share := newLibrary(t), demoFolder(t), t.TempDir()
	for name, folder := range map[string]string{
		"cindervale-rx280-rx440-service.pdf": "Cindervale/RX-280, RX-440",
		"tarnholm-ti350-ti520-service.pdf":   "Tarnholm",
	} {
		data, err := os.ReadFile(filepath.Join(demos, name))
		if err == nil {
			err = os.MkdirAll(filepath.Join(share, folder), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(share, folder, "SCAN.PDF"), data, 0o644)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(share, folder, "SCAN"), data, 0o644) // told, not imported
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// Taken in only, and read by the next.
	out, errOut, code := l.run("import", "--no-wait", filepath.Join(share, "Tarnholm"))
	if code != exitOK || !strings.Contains(out, "1 taken in, 0 already there, 0 failed") {
		t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
	}
	out, errOut, code = l.run("import", share)
	for _, want := range []string{"1 imported, 1 already there, 0 failed", "2 proposals to look at: techcopilot review", "2 files without the ending"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("exit code %d, no %q in:\n%s%s", code, want, out, errOut)
		}
	}
	list := func() toReview {
		t.Helper()
		out, errOut, code := l.run("review", "--json")
		var all toReview
		if err := json.Unmarshal([]byte(out), &all); err != nil || code != exitOK {
			t.Fatalf("exit code %d, %v:\n%s%s", code, err, out, errOut)
		}
		return all
	}
	open := list()
	all := open.Proposals
	if len(all) != 2 || open.Open != 2 || open.Sure != 1 {
		t.Fatalf("%+v", open)
	}
	for _, r := range all {
		if r.Sure != (r.Manufacturer == "Cindervale") || r.Type != "service" {
			t.Errorf("%+v", r)
		}
	}
	if out, _, _ := l.run("review"); !strings.Contains(out, "2 to review, 1 of them sure.") || !strings.Contains(out, "Cindervale RX-280, RX-440") {
		t.Errorf("the table:\n%s", out)
	}
	if out, _, code := l.run("review", "accept", "--sure"); code != exitOK || out != "1 accepted, 1 left to review\n" {
		t.Errorf("exit code %d: %s", code, out)
	}
	id := list().Proposals[0].ID.String()
	out, errOut, code = l.run("review", "accept", id, "--manufacturer", "Tarnholm", "--model", "TI-350A", "--model", "TI-520A")
	if code != exitOK || !strings.Contains(out, "Tarnholm TI-350A, Tarnholm TI-520A") {
		t.Errorf("exit code %d:\n%s%s", code, out, errOut)
	}
	if _, errOut, code := l.run("review", "dismiss", id); code != exitFailure || !strings.Contains(errOut, "accepted meanwhile") {
		t.Errorf("exit code %d: %s", code, errOut)
	}
	if out, _, code := l.run("review"); code != exitOK || out != "Nothing waits for a review.\n" {
		t.Errorf("exit code %d: %s", code, out)
	}
	for _, wrong := range [][]string{{"review", "accept"}, {"review", "accept", "--sure", id}, {"review", "accept", "--sure", "--type", "parts"}} {
		if _, _, code := l.run(wrong...); code != exitUsage {
			t.Errorf("%v: exit code %d", wrong, code)
		}
	}
}
