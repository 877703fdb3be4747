package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// edition writes a service manual with a code for each of the lines.
func edition(t *testing.T, name, revision string, faults ...string) string {
	t.Helper()
	cover, inside := pdftest.NewPage(), pdftest.NewPage()
	cover.Text(72, 100, 30, pdftest.Bold, "Service Manual")
	for i, line := range []string{revision, "Disconnect the power before you open the oven.", "Let the oven cool down for an hour before that."} {
		cover.Text(72, float64(200+20*i), 10, pdftest.Regular, line)
	}
	y := 100.0
	for _, row := range append([]string{"Code|Meaning"}, faults...) {
		code, meaning, _ := strings.Cut(row, "|")
		inside.Text(72, y, 10, pdftest.Regular, code)
		inside.Text(172, y, 10, pdftest.Regular, meaning)
		inside.Line(70, y+6, 400, y+6)
		y += 20
	}
	inside.Line(70, 86, 400, 86)
	for _, x := range []float64{70, 170, 400} {
		inside.Line(x, 86, x, y-14)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, (&pdftest.Document{Pages: []*pdftest.Page{cover, inside}}).Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRevisionsAreDecidedAndReadAgainInTheTerminal(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	must := func(args ...string) string {
		t.Helper()
		out, errOut, code := l.run(args...)
		if code != exitOK {
			t.Fatalf("%q: exit code %d\n%s%s", args, code, out, errOut)
		}
		return out
	}
	about := []string{"import", "--manufacturer", "Cindervale", "--model", "RX-280", "--type", "service"}
	must(append(about, edition(t, "first.pdf", "Rev. A", "E1|Pump blocked", "E2|Door open", "E3|Fan stopped"))...)
	out := must(append(about, "--serial-range", "", edition(t, "second.pdf", "Rev. B", "E1|Pump blocked or dry", "E3|Fan stopped"))...)
	if !strings.Contains(out, "techcopilot review") {
		t.Errorf("the import does not say that there is something to decide:\n%s", out)
	}
	var review toReview
	if err := json.Unmarshal([]byte(must("review", "--json")), &review); err != nil || review.Open != 1 || len(review.Supersessions) != 1 {
		t.Fatalf("%+v, %v", review, err)
	}
	open := review.Supersessions
	if open[0].Kind != "revision" || open[0].Predecessor.Title != "first" {
		t.Fatalf("%+v", open)
	}
	if out := must("review"); !strings.Contains(out, "revision Rev. A → Rev. B") || !strings.Contains(out, "1 to review") {
		t.Errorf("listed as:\n%s", out)
	}
	older, newer := open[0].Predecessor.ID.String(), open[0].Successor.ID.String()
	diff := must("manuals", "diff", older, newer)
	for _, want := range []string{"codes: 0 added, 1 removed, 1 changed, 1 the same", "- E2 (page 2)", "~ E1 (page 2, now 2)", "→ Pump blocked or dry"} {
		if !strings.Contains(diff, want) {
			t.Errorf("no %q in:\n%s", want, diff)
		}
	}
	if out := must("manuals", "supersede", older, "--by", newer); !strings.Contains(out, "second is asked instead of first") {
		t.Error(out)
	}
	if out := must("manuals", "list", "--superseded"); !strings.Contains(out, older) || strings.Contains(out, newer) {
		t.Errorf("listed as superseded:\n%s", out)
	}
	if out := must("manuals", "show", older); !strings.Contains(out, "second ("+newer+") is asked instead") {
		t.Errorf("shown as:\n%s", out)
	}
	if out := must("manuals", "reinstate", older); !strings.Contains(out, "first is asked again") {
		t.Error(out)
	}

	if out := must("manuals", "reprocess", older); !strings.Contains(out, "is read again by a running server or worker (queued)") {
		t.Error(out)
	}
	if out := must("manuals", "show", older); !strings.Contains(out, "rereading queued") {
		t.Errorf("shown as:\n%s", out)
	}
	if out := must("manuals", "reprocess", "--cancel", older); !strings.Contains(out, "is not read again") {
		t.Error(out)
	}
	if out := must("manuals", "reprocess", "--outdated"); !strings.Contains(out, "0 manuals are read again") {
		t.Error(out)
	}
	for _, wrong := range [][]string{{"manuals", "reprocess"}, {"manuals", "reprocess", "--all", older}, {"manuals", "reprocess", "--all", "--cancel"}} {
		if _, errOut, code := l.run(wrong...); code != exitUsage {
			t.Errorf("%q: exit code %d, %s", wrong, code, errOut)
		}
	}
	if _, errOut, code := l.run("manuals", "supersede", older, "--by", older); code == exitOK || !strings.Contains(errOut, "cannot supersede itself") {
		t.Errorf("exit code %d: %s", code, errOut)
	}
}
