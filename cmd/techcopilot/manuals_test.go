package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

func TestManualsAreListedShownRetriedAndDeleted(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), t.TempDir()
	l.url = pgtest.URL(t)
	if out, _, code := l.run("manuals"); code != exitOK || !strings.Contains(out, "library is empty") {
		t.Errorf("of an empty library: exit code %d\n%s", code, out)
	}
	if out, errOut, code := l.run("import",
		write(t, dir, "first.pdf", saying("Error E5: the pump has failed.").Bytes()),
		write(t, dir, "second.pdf", saying("Error E6: the probe is open.").Bytes())); code != exitOK {
		t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
	}
	list := func(args ...string) (all []listedManual) {
		t.Helper()
		out, errOut, code := l.run(append([]string{"manuals", "list", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &all); err != nil || code != exitOK {
			t.Fatalf("exit code %d: %v\n%s%s", code, err, out, errOut)
		}
		return all
	}
	if all := list(); len(all) != 2 || all[0].Status != "ready" || !all[0].Searchable || all[0].Pages != 1 {
		t.Fatalf("listed %+v", all)
	}
	if none := list("--status", "failed"); len(none) != 0 {
		t.Errorf("failed: %+v", none)
	}
	if review := list("--review", "--query", "second"); len(review) != 1 || review[0].FileName != "second.pdf" || len(review[0].Reasons) == 0 {
		t.Errorf("to be reviewed: %+v", review)
	}
	id := list("--query", "first")[0].ID.String()

	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"manuals"}, exitOK, id},
		{[]string{"manuals", "list", "--query", "third"}, exitOK, "No manual"},
		{[]string{"manuals", "show", id}, exitOK, "1 text"},
		{[]string{"manuals", "show", id}, exitOK, "id        " + id},
		{[]string{"manuals", "show", id}, exitOK, "added     20"},
		{[]string{"manuals", "retry", "--failed"}, exitOK, "Nothing has failed"},
		{[]string{"manuals", "retry", "--failed", id}, exitUsage, "--failed"},
		{[]string{"manuals", "retry"}, exitUsage, "--failed"},
		{[]string{"manuals", "retry", id}, exitOK, "nothing to try again"},
		{[]string{"manuals", "retry", id, "--page", "1"}, exitOK, "nothing to try again"},
		{[]string{"manuals", "retry", id, "--page", "2"}, exitFailure, "page"},
		{[]string{"manuals", "delete", id}, exitOK, "deleted"},
		{[]string{"manuals", "delete", id}, exitFailure, "no manual"},
		{[]string{"manuals", "show", id}, exitFailure, "no manual"},
		{[]string{"manuals", "show", "first"}, exitUsage, `"first" is not an id`},
		{[]string{"review", "accept", "first"}, exitUsage, `"first" is not an id`},
	} {
		out, errOut, code := l.run(c.args...)
		if code != c.code || !strings.Contains(out+errOut, c.want) {
			t.Errorf("%v: exit code %d, want %d and %q:\n%s%s", c.args, code, c.code, c.want, out, errOut)
		}
	}
	if left := list(); len(left) != 1 {
		t.Errorf("left: %+v", left)
	}
}

func TestFailedManualsAreRetriedAtOnce(t *testing.T) {
	t.Parallel()
	l, pool := newNodes(t)
	dir := t.TempDir()
	if out, errOut, code := l.run("import",
		write(t, dir, "first.pdf", saying("Error E5: the pump has failed.").Bytes()),
		write(t, dir, "second.pdf", saying("Error E6: the probe is open.").Bytes())); code != exitOK {
		t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE manual SET status = 'failed', stage = 'index', error_code = 'INTERNAL', error_message = 'It broke.' WHERE file_name = 'first.pdf'`); err != nil {
		t.Fatal(err)
	}
	out, errOut, code := l.run("manuals", "retry", "--failed", "--json")
	var tried []listedManual
	if err := json.Unmarshal([]byte(out), &tried); err != nil || code != exitOK || len(tried) != 1 {
		t.Fatalf("exit code %d: %v\n%s%s", code, err, out, errOut)
	}
	if m := tried[0]; m.FileName != "first.pdf" || m.Status == "failed" {
		t.Errorf("tried again: %+v", m)
	}
}
