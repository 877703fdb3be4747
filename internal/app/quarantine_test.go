package app_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// document is a one-page PDF that says text.
func document(text string) *pdftest.Document {
	p := pdftest.NewPage()
	p.Text(72, 72, 12, pdftest.Regular, text)
	return &pdftest.Document{Title: text, Pages: []*pdftest.Page{p}}
}

// scripted is document with a script that runs when it is opened.
func scripted(text string) []byte {
	return bytes.Replace(document(text).Bytes(), []byte("<</Type/Catalog"), []byte("<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert)>>"), 1)
}

func (c client) held(path string) map[string]any {
	c.t.Helper()
	var m map[string]any
	eventually(c.t, path+" is held back", func() bool {
		m = c.get(path).want(c.t, http.StatusOK).json(c.t)
		return m["status"] == "quarantined"
	})
	return m
}

func TestAScriptKeepsAManualInQuarantineUntilItIsReleased(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	data := scripted("Error E5: the pump has failed.")
	up := c.upload(file(data), part{"manufacturer", "Ohlenbach"}, part{"model", "KD 61 E"}).want(t, http.StatusAccepted)
	where := up.Header.Get("Location")
	m := c.held(where)
	reason := m["error"].(map[string]any)
	if reason["code"] != "MANUAL_QUARANTINED" || !strings.Contains(reason["message"].(string), "JavaScript") {
		t.Errorf("the reason: %v", reason)
	}
	for _, path := range []string{"/file", "/pages/1", "/pages/1/image"} {
		p := c.get(where+path).wantProblem(t, http.StatusConflict, "MANUAL_QUARANTINED")
		if !strings.Contains(p["detail"].(string), "JavaScript") || p["details"].(map[string]any)["findings"] == nil {
			t.Errorf("%s: %v", path, p)
		}
	}
	c.post("/api/v1/troubleshoot", `{"manufacturer": "Ohlenbach", "model": "KD 61 E", "code": "E5"}`).wantProblem(t, http.StatusNotFound, "MANUAL_QUARANTINED")
	listed := c.get("/api/v1/manuals?status=quarantined").want(t, http.StatusOK).json(t)["manuals"].([]any)
	if len(listed) != 1 || listed[0].(map[string]any)["id"] != m["id"] || len(m["findings"].([]any)) != 1 {
		t.Errorf("listed: %v", listed)
	}
	if again := c.upload(file(data)).want(t, http.StatusOK).json(t); again["id"] != m["id"] || again["status"] != "quarantined" {
		t.Errorf("the same file again: %v", again)
	}

	c.post(where+"/release", fmt.Sprintf(`{"note": %q}`, strings.Repeat("x", 1001))).want(t, http.StatusUnprocessableEntity)
	c.post(where+"/release", `{"note": "from the maker"}`).want(t, http.StatusAccepted)
	if ready := c.settled(where); ready["status"] != "ready" || ready["pages_done"] != 1.0 {
		t.Fatalf("released: %v", ready)
	}
	c.get(where+"/file").want(t, http.StatusOK)
	c.post("/api/v1/troubleshoot", `{"manufacturer": "Ohlenbach", "model": "KD 61 E", "symptom": "pump failed"}`).want(t, http.StatusOK)
	c.do(http.MethodPost, where+"/release", nil).want(t, http.StatusAccepted)

	c.do(http.MethodDelete, where, nil).want(t, http.StatusNoContent)
	c.do(http.MethodPost, where+"/release", nil).wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
	entries := c.get(where+"/audit").want(t, http.StatusOK).json(t)["entries"].([]any)
	var actions []string
	for _, e := range entries {
		entry := e.(map[string]any)
		actions = append(actions, entry["action"].(string))
		if byProgram := entry["actor"] == nil; byProgram != (entry["action"] == "manual.quarantined") {
			t.Errorf("entry %v", entry)
		}
	}
	if got := strings.Join(actions, " "); got != "manual.quarantined manual.released manual.deleted" {
		t.Errorf("audit: %s", got)
	}
	if note := entries[1].(map[string]any)["detail"].(map[string]any)["note"]; note != "from the maker" {
		t.Errorf("note %v", note)
	}

	harmless := c.upload(file(document("Harmless.").Bytes())).want(t, http.StatusAccepted).Header.Get("Location")
	c.settled(harmless)
	c.do(http.MethodPost, harmless+"/release", nil).wantProblem(t, http.StatusConflict, "MANUAL_NOT_QUARANTINED")
	if none := c.get(harmless+"/audit").want(t, http.StatusOK).json(t)["entries"].([]any); len(none) > 0 {
		t.Errorf("audit of a harmless manual: %v", none)
	}
	c.get("/api/v1/manuals/01900000-0000-7000-8000-000000000000/audit").wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
}

// clamd answers as ClamAV's daemon does: a file that says EICAR has a virus.
func clamd(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go scanStream(conn)
		}
	}()
	return l.Addr().String()
}

func scanStream(conn net.Conn) {
	defer conn.Close()
	command := make([]byte, len("zPING\x00"))
	if _, err := io.ReadFull(conn, command); err != nil {
		return
	}
	if string(command) == "zPING\x00" {
		io.WriteString(conn, "PONG\x00")
		return
	}
	if _, err := io.ReadFull(conn, make([]byte, len("zINSTREAM\x00")-len(command))); err != nil {
		return
	}
	var all []byte
	for {
		var size uint32
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		if size == 0 {
			break
		}
		chunk := make([]byte, size)
		if _, err := io.ReadFull(conn, chunk); err != nil {
			return
		}
		all = append(all, chunk...)
	}
	if bytes.Contains(all, []byte("EICAR")) {
		io.WriteString(conn, "stream: Eicar-Signature FOUND\x00")
		return
	}
	io.WriteString(conn, "stream: OK\x00")
}

func TestAVirusKeepsAManualInQuarantine(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(cfg *config.Library, _ *app.Options) { cfg.ClamdAddress = clamd(t) }))
	infected := c.upload(file(document("EICAR").Bytes())).want(t, http.StatusAccepted).Header.Get("Location")
	clean := c.upload(file(document("Clean.").Bytes())).want(t, http.StatusAccepted).Header.Get("Location")
	if m := c.held(infected); !strings.Contains(m["error"].(map[string]any)["message"].(string), "Eicar-Signature") {
		t.Errorf("%v", m)
	}
	if m := c.settled(clean); m["status"] != "ready" {
		t.Errorf("%v", m)
	}
}

func TestWithoutItsScannerNoManualIsShown(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(cfg *config.Library, _ *app.Options) { cfg.ClamdAddress = "127.0.0.1:1" }))
	where := c.upload(file(document("x").Bytes())).want(t, http.StatusAccepted).Header.Get("Location")
	eventually(t, "the manual says why it waits", func() bool {
		e, _ := c.get(where).want(t, http.StatusOK).json(t)["error"].(map[string]any)
		return e["code"] == "CLAMD_UNAVAILABLE"
	})
	c.get(where+"/file").wantProblem(t, http.StatusServiceUnavailable, "MANUAL_NOT_SCREENED")
}

// lockedLog is a log that may be read while it is written.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestAPDFWithAPasswordIsTakenInWithIt(t *testing.T) {
	t.Parallel()
	log := &lockedLog{}
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) {
		o.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}))
	const password = " pass word: ä "
	latin1 := strings.ReplaceAll(password, "ä", "\xe4") // as the file's cipher wants it
	locked := document("Error E5: the pump has failed.").EncryptedBytes(latin1, "owner")
	bodies := ""
	try := func(parts ...part) response {
		t.Helper()
		res := c.upload(parts...)
		bodies += string(res.body)
		return res
	}
	if p := try(file(locked)).wantProblem(t, http.StatusUnprocessableEntity, "PDF_ENCRYPTED"); !strings.Contains(p["detail"].(string), "password") {
		t.Errorf("%v", p)
	}
	try(file(locked), part{"password", "wrong " + password}).wantProblem(t, http.StatusUnprocessableEntity, "PDF_PASSWORD_WRONG")
	try(file(locked), part{"password", strings.TrimSpace(password)}).wantProblem(t, http.StatusUnprocessableEntity, "PDF_PASSWORD_WRONG")
	try(file(locked), part{"password", strings.Repeat("x", 600)}).wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
	try(file(locked), part{"password", "\xff"}).wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
	if left := c.get("/api/v1/manuals").want(t, http.StatusOK).json(t)["manuals"].([]any); len(left) > 0 {
		t.Errorf("%d refused files were kept", len(left))
	}
	where := try(part{"password", password}, file(locked)).want(t, http.StatusAccepted).Header.Get("Location")
	m := c.settled(where)
	if m["status"] != "ready" || m["pages_done"] != 1.0 {
		t.Fatalf("%v", m)
	}
	stored := c.get(where+"/file").want(t, http.StatusOK).body
	if bytes.Contains(stored, []byte("/Encrypt")) {
		t.Error("the stored file needs a password")
	}
	if page := c.get(where+"/pages/1").want(t, http.StatusOK).json(t); !strings.Contains(page["text"].(string), "the pump has failed") {
		t.Errorf("%v", page["text"])
	}
	if again := try(file(locked)).want(t, http.StatusOK).json(t); again["id"] != m["id"] {
		t.Errorf("the same file again: %v", again)
	}
	if open := c.upload(file(document("Open.").EncryptedBytes("", "owner"))).want(t, http.StatusAccepted).Header.Get("Location"); c.settled(open)["status"] != "ready" {
		t.Error("a file that opens without its password is not ready")
	}
	for what, text := range map[string]string{"the log": log.String(), "an answer": bodies} {
		if strings.Contains(text, "pass word") {
			t.Errorf("%s holds the password", what)
		}
	}
}

func TestWhatIsNoReadablePDFIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	whole := document(strings.Repeat("Error E5: the pump has failed. ", 3)).Bytes()
	for name, tc := range map[string]struct {
		data   []byte
		status int
		code   string
	}{
		"only a header": {[]byte("%PDF-1.7\n"), 422, "PDF_DAMAGED"},
		"no pages":      {pdftest.Assemble("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 0/Kids[]>>"), 422, "PDF_NO_PAGES"},
		"an image":      {[]byte("\x89PNG\r\n\x1a\n"), 415, "NOT_A_PDF"},
	} {
		t.Run(name, func(t *testing.T) {
			serve := client{t, c.url}
			serve.upload(file(tc.data)).wantProblem(t, tc.status, tc.code)
		})
	}
	if left := c.get("/api/v1/manuals").want(t, http.StatusOK).json(t)["manuals"].([]any); len(left) > 0 {
		t.Errorf("%d refused files were kept", len(left))
	}
	// Without what says where its table of objects is.
	cut := whole[:bytes.LastIndex(whole, []byte("startxref"))]
	if m := c.settled(c.upload(file(cut)).want(t, http.StatusAccepted).Header.Get("Location")); m["status"] != "ready" || m["pages_done"] != 1.0 {
		t.Errorf("a file that is cut off: %v", m)
	}
}

func TestFileNamesAreOnlyShown(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	c := serve(t, a)
	long := strings.Repeat("ü", 300) + ".pdf"
	for i, tc := range []struct{ name, want string }{
		{`RX "280" service.pdf`, `RX "280" service.pdf`},
		{`..\..\secret.pdf`, "secret.pdf"},
		{"a; filename=b.exe", "a; filename=b.exe"},
		{"one\r\nSet-Cookie: x=y.pdf", "one Set-Cookie: x=y.pdf"},
		{"\u202efdp.exe", "fdp.exe"},
		{"手册 – Störung.pdf", "手册 – Störung.pdf"},
		{long, strings.Repeat("ü", 98) + ".pdf"},
		{"", "manual.pdf"},
	} {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		// As it is, even if no browser would send it so.
		h := textproto.MIMEHeader{"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": tc.name})}}
		f, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(document(fmt.Sprint("Page ", i)).Bytes())
		w.Close()
		where := c.do(http.MethodPost, "/api/v1/manuals", &body, "Content-Type", w.FormDataContentType()).want(t, http.StatusAccepted).Header.Get("Location")
		if m := c.settled(where); m["file_name"] != tc.want || m["status"] != "ready" {
			t.Errorf("%q became %q, %s", tc.name, m["file_name"], m["status"])
		}
		sent := c.get(where+"/file").want(t, http.StatusOK).Header["Content-Disposition"]
		kind, params, err := mime.ParseMediaType(strings.Join(sent, ", "))
		if err != nil || kind != "attachment" || len(params) != 1 || params["filename"] != tc.want {
			t.Errorf("%q is sent as %q: %q, %v", tc.name, sent, params, err)
		}
	}
}
