package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// asProgram has this test binary be the program itself, so that it can be
// killed.
const asProgram = "TECHCOPILOT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand || os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// limit is how long a test waits for what should take seconds.
const limit = slowdown * 3 * time.Minute

// library is a data folder of its own, with its own database server.
type library struct {
	t   *testing.T
	dir string
	url string // of another database server, "" for the library's own
}

func newLibrary(t *testing.T) library {
	t.Helper()
	// Root's database server runs as another user, who cannot enter t.TempDir.
	dir, err := os.MkdirTemp("", "techcopilot-process-") //nolint:usetesting // see above
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l := library{t, filepath.Join(dir, "data"), ""}
	cache, err := compiledPDF()
	if err == nil {
		err = os.CopyFS(filepath.Join(l.dir, "cache", "pdf"), os.DirFS(cache))
	}
	if err != nil {
		t.Fatal(err)
	}
	// A killed program leaves the server running; the next one that ends stops it.
	t.Cleanup(func() {
		if l.url != "" {
			return
		}
		cmd := l.command(context.Background(), "migrate", "status") // the test's own has ended
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("the database server may be left running: %v\n%s", err, out)
		}
	})
	return l
}

// compiledPDF is a folder with the compiled PDF engine, which would otherwise
// take seconds in each library.
var compiledPDF = sync.OnceValues(func() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "techcopilot", "pdf-engine") // that of all tests
	engine, err := pdf.NewEngine(pdf.Config{CacheDir: dir})
	if err != nil {
		return "", err
	}
	sample, err := os.MkdirTemp("", "techcopilot-sample-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(sample)
	if err := demo.WriteAll(sample); err != nil {
		return "", err
	}
	_, err = engine.Render(context.Background(), filepath.Join(sample, demo.Manuals()[0].FileName), pdf.RenderOptions{Page: 1, Width: 200})
	return dir, err
})

func (l library) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "DATA_DIR="+l.dir, "DATABASE_URL="+l.url)
	cmd.Dir = filepath.Dir(l.dir) // no .env there
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run runs a command to its end and returns what it wrote and its exit code.
func (l library) run(args ...string) (stdout, stderr string, code int) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), limit)
	defer cancel()
	var out, errOut bytes.Buffer
	cmd := l.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		exited, ok := errors.AsType[*exec.ExitError](err)
		if !ok || ctx.Err() != nil {
			l.t.Fatalf("%v: %v\n%s%s", args, err, out.String(), errOut.String())
		}
		return out.String(), errOut.String(), exited.ExitCode()
	}
	return out.String(), errOut.String(), 0
}

// running is a command that has been started.
type running struct {
	*exec.Cmd
	t      *testing.T
	lines  chan string // of stdout
	stderr *bytes.Buffer
}

func (l library) start(args ...string) *running {
	l.t.Helper()
	r := &running{Cmd: l.command(context.Background(), args...), t: l.t, lines: make(chan string, 1000), stderr: &bytes.Buffer{}}
	out, err := r.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	r.Stderr = r.stderr
	if err := r.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if r.ProcessState == nil {
			r.kill()
		}
	})
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			r.lines <- s.Text()
		}
		close(r.lines)
	}()
	return r
}

// line waits for a line that contains text.
func (r *running) line(text string) string {
	r.t.Helper()
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		select {
		case line, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("the program ended before it wrote %q:\n%s", text, r.stderr)
			}
			if strings.Contains(line, text) {
				return line
			}
		case <-timeout.C:
			r.t.Fatalf("no line with %q within %s", text, limit)
		}
	}
}

// kill ends the program as a power cut would.
func (r *running) kill() {
	r.t.Helper()
	if err := r.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.t.Error(err)
	}
	_ = r.Wait() // it was killed
}

// stop asks the program to end and returns its exit code.
func (r *running) stop(signal os.Signal) int {
	r.t.Helper()
	if err := r.Process.Signal(signal); err != nil {
		r.t.Fatal(err)
	}
	return r.end()
}

// end waits until the program has ended.
func (r *running) end() int {
	r.t.Helper()
	timer := time.AfterFunc(limit, func() { _ = r.Process.Kill() })
	defer timer.Stop()
	for range r.lines { // until it has ended
	}
	_ = r.Wait() // the exit code says it
	return r.ProcessState.ExitCode()
}

// address is where a server that was started is.
func (r *running) address() string {
	r.t.Helper()
	line := r.line("http://")
	_, rest, _ := strings.Cut(line, "http://")
	host, _, _ := strings.Cut(rest, " ")
	return "http://" + host
}

func demoFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := demo.WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

type importReport struct {
	Imported, Known, Failed int
	Files                   []importedFile
}

func (l library) importJSON(paths ...string) importReport {
	l.t.Helper()
	out, errOut, _ := l.run(append([]string{"import", "--json"}, paths...)...)
	var r importReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.t.Fatalf("%v: %s%s", err, out, errOut)
	}
	return r
}

func fetch(t *testing.T, method, url string, body io.Reader, contentType string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var v map[string]any
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, v
}

func manuals(t *testing.T, address string) []any {
	t.Helper()
	_, list := fetch(t, http.MethodGet, address+"/api/v1/manuals", nil, "")
	return list["manuals"].([]any)
}

// waitReady waits until a server has read all its manuals, and returns them.
func waitReady(t *testing.T, address string) []any {
	t.Helper()
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		all, ready := manuals(t, address), 0
		for _, m := range all {
			if m.(map[string]any)["status"] == "ready" {
				ready++
			}
		}
		if ready == len(all) {
			return all
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready within %s: %v", limit, all)
		}
		<-tick.C
	}
}

func upload(t *testing.T, address, path string) (int, map[string]any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile("file", filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	f.Write(data)
	w.Close()
	return fetch(t, http.MethodPost, address+"/api/v1/manuals", &b, w.FormDataContentType())
}

func TestKilledImportGoesOn(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), demoFolder(t)
	first := l.start("import", dir)
	// One manual is done, others are being read or on their way.
	first.line("imported")
	first.kill()

	started := time.Now()
	r := l.importJSON(dir)
	if r.Failed != 0 || r.Imported+r.Known != 3 {
		t.Fatalf("after the kill: %+v", r)
	}
	t.Logf("%d were there, %d came now, in %s", r.Known, r.Imported, time.Since(started).Round(time.Millisecond))
	if r.Known == 0 {
		t.Error("what was stored before the kill is lost")
	}
	for _, f := range r.Files {
		if f.Pages < 20 {
			t.Errorf("%s has %d pages", f.File, f.Pages)
		}
	}
	if again := l.importJSON(dir); again.Known != 3 || again.Imported != 0 {
		t.Errorf("the same files again: %+v", again)
	}
	s := l.start("serve", "--port", "0")
	if all := waitReady(t, s.address()); len(all) != 3 {
		t.Errorf("%d manuals, want 3", len(all))
	}
	if code := s.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.stderr)
	}
}

func TestKilledServerGoesOn(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), demoFolder(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	s := l.start("serve", "--port", "0")
	address := s.address()
	for _, f := range files {
		if status, body := upload(t, address, f); status != http.StatusAccepted {
			t.Fatalf("%d %v", status, body)
		}
	}
	s.kill()

	s = l.start("serve", "--port", "0")
	address = s.address()
	all := waitReady(t, address)
	if len(all) != len(files) {
		t.Errorf("%d manuals of %d", len(all), len(files))
	}
	if status, _ := upload(t, address, files[0]); status != http.StatusOK {
		t.Errorf("a file that was accepted before the kill: %d", status)
	}
	// An import beside the server uses the server's database.
	if r := l.importJSON(dir); r.Known != len(files) {
		t.Errorf("import beside the server: %+v", r)
	}
	if code := s.stop(os.Interrupt); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.stderr)
	}
}

func TestTwoImportsAtOnceShareTheWork(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), demoFolder(t)
	both := [2]*running{l.start("import", dir), l.start("import", dir)}
	counts := map[string]int{}
	for _, r := range both {
		for line := range r.lines {
			word, _, _ := strings.Cut(line, " ")
			counts[word]++
		}
		if code := r.end(); code != exitOK {
			t.Errorf("exit code %d:\n%s", code, r.stderr)
		}
	}
	if counts["imported"] != 3 || counts["known"] != 3 {
		t.Errorf("want each file imported once and known once: %v", counts)
	}
}

func TestInterruptedImportCanBeRepeated(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), demoFolder(t)
	first := l.start("import", dir)
	first.line("imported")
	if code := first.stop(os.Interrupt); code != exitInterrupted {
		t.Errorf("exit code %d:\n%s", code, first.stderr)
	}
	if r := l.importJSON(dir); r.Failed != 0 || r.Imported+r.Known != 3 || r.Known == 0 {
		t.Errorf("%+v", r)
	}
}

func TestImportTakesFilesOnly(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), t.TempDir()
	name := demo.Manuals()[0].FileName
	if err := os.CopyFS(dir, os.DirFS(demoFolder(t))); err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, "socket.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := errors.Join(
		syscall.Mkfifo(filepath.Join(dir, "pipe.pdf"), 0o600),
		os.Symlink("circle.pdf", filepath.Join(dir, "circle.pdf")),
		os.Symlink("nowhere", filepath.Join(dir, "dangling.pdf")),
		os.Symlink("/dev/zero", filepath.Join(dir, "device.pdf")),
		os.Symlink(".", filepath.Join(dir, "folder.pdf")), // leads in a circle
		os.Symlink(name, filepath.Join(dir, "link.pdf")),
		os.Symlink(dir, dir+"-link"),
	); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir + "-link")
	want := map[string]string{
		"socket.pdf": "NOT_A_FILE", "pipe.pdf": "NOT_A_FILE", "device.pdf": "NOT_A_FILE",
		"circle.pdf": "FILE_UNREADABLE", "dangling.pdf": "FILE_UNREADABLE", "link.pdf": "", name: "",
	}
	for _, m := range demo.Manuals() {
		want[m.FileName] = ""
	}
	got := map[string]string{}
	for _, f := range l.importJSON(dir + "-link").Files {
		got[filepath.Base(f.File)] = f.Code
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}

	// The same file again, with what is new and with what contradicts it.
	file := filepath.Join(dir, name)
	out, errOut, code := l.run("import", "--title", "Mine", "--revision", "B", file)
	if code != exitOK || !strings.Contains(out, "known     "+file) || strings.Contains(out, "not changed") {
		t.Errorf("exit code %d:\n%s%s", code, out, errOut)
	}
	out, errOut, code = l.run("import", "--title", "Mine", "--revision", "C", file)
	if code != exitOK || !strings.Contains(out, "not changed, since it says something else: revision;") {
		t.Errorf("exit code %d:\n%s%s", code, out, errOut)
	}
}

func TestQuestionsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), demoFolder(t)
	broken := filepath.Join(dir, "broken.pdf")
	if err := os.WriteFile(broken, []byte("no PDF"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, code := l.run("import", "--manufacturer", "Tarnholm", "--model", "TI-350", filepath.Join(dir, "tarnholm-ti350-ti520-service.pdf"), broken)
	if code != exitFailure || !strings.Contains(out, "failed    "+broken) || !strings.Contains(out, "1 imported, 0 already there, 1 failed") {
		t.Fatalf("exit code %d:\n%s", code, out)
	}

	t.Run("a code is answered", func(t *testing.T) {
		out, errOut, code := l.run("ask", "--model", "ti 350", "--code", "hi p", "--open")
		if code != exitOK || !strings.Contains(out, "HI-P") || !strings.Contains(out, "Where it stands") || !strings.Contains(out, "PDF page") {
			t.Errorf("exit code %d:\n%s%s", code, out, errOut)
		}
		_, path, _ := strings.Cut(strings.TrimSpace(errOut), ": ")
		image, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(image, []byte("\x89PNG")) {
			t.Errorf("the cited page %q: %v", path, err)
		}
		os.RemoveAll(filepath.Dir(path))
	})
	t.Run("JSON", func(t *testing.T) {
		out, errOut, code := l.run("ask", "--model", "TI-350", "--code", "HI-P", "--json")
		var a map[string]any
		if err := json.Unmarshal([]byte(out), &a); err != nil || code != exitOK || a["kind"] != "fault" {
			t.Errorf("exit code %d, %v:\n%s%s", code, err, out, errOut)
		}
	})
	t.Run("what the manual does not say is refused", func(t *testing.T) {
		out, errOut, code := l.run("ask", "--model", "TI-350", "how do I replace the turbocharger gearbox")
		if code != exitRefused || !strings.Contains(out, "do not answer") {
			t.Errorf("exit code %d:\n%s%s", code, out, errOut)
		}
	})
	t.Run("an unknown model names the closest", func(t *testing.T) {
		out, errOut, code := l.run("ask", "--model", "TI-351", "--code", "HI-P")
		if code != exitUnknownModel || !strings.Contains(errOut, "TI-350") {
			t.Errorf("exit code %d:\n%s%s", code, out, errOut)
		}
	})
	t.Run("migrations are applied", func(t *testing.T) {
		out, _, code := l.run("migrate", "status", "--json")
		if code != exitOK || strings.Contains(out, `"applied_at": null`) || !strings.Contains(out, `"library"`) {
			t.Errorf("exit code %d:\n%s", code, out)
		}
		if out, _, code := l.run("migrate", "up"); code != exitOK || !strings.Contains(out, "up to date") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
}

func TestCommandsThatNeedNoLibrary(t *testing.T) {
	for _, tc := range []struct {
		args []string
		code int
		want string // in stdout or stderr
	}{
		{[]string{"version"}, exitOK, "techcopilot "},
		{[]string{"version", "--json"}, exitOK, `"go": "go1.`},
		{[]string{"openapi"}, exitOK, `"openapi": "3.1.0"`},
		{[]string{"--help"}, exitOK, "Exit codes"},
		{[]string{}, exitUsage, "--help"},
		{[]string{"dance"}, exitUsage, "dance"},
		{[]string{"ask", "--code", "E1"}, exitUsage, "--model"},
		{[]string{"ask", "--model", "X"}, exitUsage, "--code"},
		{[]string{"ask", "--manual", "7", "x"}, exitUsage, "id of a manual"},
		{[]string{"import"}, exitUsage, "file-or-folder"},
		{[]string{"import", "--model", "X", "x.pdf"}, exitUsage, "--manufacturer"},
		{[]string{"import", "/nowhere"}, exitFailure, "/nowhere"},
		{[]string{"import", "--type", "novel", "x.pdf"}, exitUsage, "service"},
		{[]string{"serve", "--host", "0.0.0.0"}, exitUsage, "--allow-open-access"},
		{[]string{"serve", "--postgres-bin-dir", "/nowhere"}, exitUsage, "initdb"},
		{[]string{"serve", "--health-address", "127.0.0.1:x"}, exitUsage, "HEALTH_ADDRESS"},
		{[]string{"serve", "--port", "0", "--watch-dir", "/nowhere"}, exitUsage, "WATCH_DIR"},
		{[]string{"manuals"}, exitFailure, "no library in /nowhere/techcopilot"},
		{[]string{"review", "list"}, exitFailure, "no library in"},
		{[]string{"quarantine", "list"}, exitFailure, "no library in"},
		{[]string{"webhook", "list"}, exitFailure, "no library in"},
		{[]string{"ask", "--model", "X", "--code", "E1"}, exitFailure, "no library in"},
		{[]string{"eval", "--update-baseline"}, exitUsage, "--baseline"},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, errOut bytes.Buffer
			code := run(t.Context(), append(tc.args, "--data", "/nowhere/techcopilot"), &out, &errOut)
			if code != tc.code || !strings.Contains(out.String()+errOut.String(), tc.want) {
				t.Errorf("exit code %d, want %d and %q:\n%s%s", code, tc.code, tc.want, &out, &errOut)
			}
		})
	}
}

func TestFailuresOfCommandsNameNoErrorID(t *testing.T) {
	var out bytes.Buffer
	e := &env{ctx: t.Context(), stderr: &out, log: slog.New(slog.NewTextHandler(&out, nil))}
	if code := exitCode(e, errors.New("the cause")); code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(out.String(), "error id") || !strings.Contains(out.String(), "the cause") {
		t.Errorf("%s", out.String())
	}
}

func TestDemoIsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"demo", dir}, &out, &out); code != exitOK {
		t.Fatal(code, out.String())
	}
	for _, m := range demo.Manuals() {
		if _, err := os.Stat(filepath.Join(dir, m.FileName)); err != nil || !strings.Contains(out.String(), m.Title) {
			t.Errorf("%s: %v\n%s", m.FileName, err, &out)
		}
	}
}

func TestPortInUseIsSaid(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	s := l.start("serve", "--port", "0")
	_, port, _ := strings.Cut(strings.TrimPrefix(s.address(), "http://"), ":")
	_, errOut, code := l.run("serve", "--port", port)
	if code != exitFailure || !strings.Contains(errOut, "--port") {
		t.Errorf("exit code %d:\n%s", code, errOut)
	}
	if code := s.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.stderr)
	}
}
