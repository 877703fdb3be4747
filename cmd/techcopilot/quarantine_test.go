package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// saying is a one-page PDF.
func saying(text string) *pdftest.Document {
	p := pdftest.NewPage()
	p.Text(72, 72, 12, pdftest.Regular, text)
	return &pdftest.Document{Pages: []*pdftest.Page{p}}
}

func write(t *testing.T, dir, name string, data []byte) (path string) {
	t.Helper()
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestManualsThatAreHeldBackOnTheCommandLine(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), t.TempDir()
	l.url = pgtest.URL(t)
	script := bytes.Replace(saying("Error E5: the pump has failed.").Bytes(), []byte("<</Type/Catalog"),
		[]byte("<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert)>>"), 1)
	path := write(t, dir, "with\na script.pdf", script)

	out, errOut, code := l.run("import", path)
	if code != exitFailure || !strings.Contains(out, "held back") || !strings.Contains(out, "JavaScript") || !strings.Contains(out, "1 in quarantine") {
		t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
	}
	out, _, code = l.run("quarantine", "--json")
	var listed []quarantined
	if err := json.Unmarshal([]byte(out), &listed); err != nil || code != exitOK || len(listed) != 1 {
		t.Fatalf("exit code %d: %v\n%s", code, err, out)
	}
	id := listed[0].ID.String()
	if listed[0].FileName != "with a script.pdf" || listed[0].Reason == "" || len(listed[0].Findings) != 1 {
		t.Errorf("listed %+v", listed[0])
	}
	if out, _, code = l.run("quarantine"); code != exitOK || !strings.Contains(out, id) || !strings.Contains(out, "JavaScript") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if out, errOut, code = l.run("quarantine", "release", id, "--note", "from the maker"); code != exitOK || !strings.Contains(out, "released") {
		t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
	}
	// The next process with workers reads it.
	if out, errOut, code = l.run("import", path); code != exitOK || !strings.Contains(out, "known") {
		t.Errorf("exit code %d:\n%s%s", code, out, errOut)
	}
	if out, _, code = l.run("quarantine"); code != exitOK || !strings.Contains(out, "Nothing") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	out, _, code = l.run("quarantine", "show", id)
	for _, want := range []string{"ready", "javascript", "released", "manual.quarantined", "manual.released"} {
		if !strings.Contains(out, want) || code != exitOK {
			t.Errorf("exit code %d, want %q in\n%s", code, want, out)
		}
	}
	if _, errOut, code = l.run("quarantine", "delete", id); code != exitFailure || !strings.Contains(errOut, "not in quarantine") {
		t.Errorf("a manual that is not in quarantine: exit code %d, %s", code, errOut)
	}

	other := bytes.Replace(script, []byte("E5"), []byte("E6"), 1)
	l.run("import", write(t, dir, "other.pdf", other))
	out, _, _ = l.run("quarantine", "list", "--json")
	if err := json.Unmarshal([]byte(out), &listed); err != nil || len(listed) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, errOut, code = l.run("quarantine", "delete", listed[0].ID.String()); code != exitOK || !strings.Contains(out, "deleted other.pdf") {
		t.Errorf("exit code %d:\n%s%s", code, out, errOut)
	}
	if _, errOut, code = l.run("quarantine", "show", listed[0].ID.String()); code != exitFailure || !strings.Contains(errOut, "no manual") {
		t.Errorf("a deleted manual: exit code %d, %s", code, errOut)
	}
}

func TestImportTakesAPasswordFromTheStandardInput(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), t.TempDir()
	l.url = pgtest.URL(t)
	path := write(t, dir, "locked.pdf", saying("Error E5: the pump has failed.").EncryptedBytes("open sesame", "owner"))
	with := func(stdin string) (out string, code int) {
		t.Helper()
		cmd := l.command(t.Context(), "--log-level=debug", "import", "--password-stdin", path)
		cmd.Stdin = strings.NewReader(stdin)
		data, err := cmd.CombinedOutput()
		if exited, ok := errors.AsType[*exec.ExitError](err); ok {
			code = exited.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "sesame") {
			t.Errorf("the password is told:\n%s", data)
		}
		return string(data), code
	}
	if out, _, code := l.run("import", path); code != exitFailure || !strings.Contains(out, "password") {
		t.Errorf("without a password: exit code %d:\n%s", code, out)
	}
	if out, code := with("close sesame\n"); code != exitFailure || !strings.Contains(out, "password") {
		t.Errorf("with a wrong password: exit code %d:\n%s", code, out)
	}
	if out, code := with("\n"); code != exitFailure || !strings.Contains(out, "no password") {
		t.Errorf("with an empty line: exit code %d:\n%s", code, out)
	}
	if out, code := with("open sesame\n"); code != exitOK || !strings.Contains(out, "1 imported") {
		t.Errorf("with the password: exit code %d:\n%s", code, out)
	}
}
