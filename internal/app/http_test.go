package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // covers are
	"image/png"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/blob/blobtest"
	"github.com/techcopilot/techcopilot/internal/config"
)

func TestUploadedManualAnswersWithItsPage(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	m, data := demoPDF()

	up := c.upload(part{"manufacturer", m.Manufacturer}, part{"model", m.Models[0]}, part{"type", "service"},
		part{"title", "Ice machine"}, file(data)).want(t, http.StatusAccepted)
	where := up.Header.Get("Location")
	accepted := up.json(t)
	if where != "/api/v1/manuals/"+accepted["id"].(string) || accepted["links"].(map[string]any)["self"] != where {
		t.Fatalf("Location %q, body %s", where, up.body)
	}
	ready := c.settled(where)
	if ready["status"] != "ready" || ready["pages"] != 24.0 || ready["pages_done"] != 24.0 || ready["title"] != "Ice machine" {
		t.Fatalf("manual %v", ready)
	}

	t.Run("the same file again is the manual that is there", func(t *testing.T) {
		again := c.upload(file(data), part{"manufacturer", m.Manufacturer}, part{"model", m.Models[1]}).want(t, http.StatusOK).json(t)
		if again["id"] != ready["id"] || again["title"] != "Ice machine" || len(again["models"].([]any)) != 2 {
			t.Errorf("%v", again)
		}
	})

	t.Run("a question is answered out of a page that can be seen", func(t *testing.T) {
		res := c.post("/api/v1/troubleshoot", fmt.Sprintf(`{"manufacturer": %q, "model": %q, "code": "hi-p"}`, m.Manufacturer, m.Models[0])).want(t, http.StatusOK)
		answer := res.json(t)
		if answer["kind"] != "fault" || answer["error_code"] == nil {
			t.Fatalf("answer %s", res.body)
		}
		citation := answer["citations"].([]any)[0].(map[string]any)
		page := fmt.Sprintf("%s/pages/%v", where, citation["page"])
		text := c.get(page).want(t, http.StatusOK).json(t)
		if !strings.Contains(text["text"].(string), "HI-P") || text["page"] != citation["page"] || len(text["words"].([]any)) == 0 {
			t.Errorf("the cited page: %v", text["text"])
		}
		box := citation["boxes"].([]any)[0].([]any)
		highlight := fmt.Sprintf("%v,%v,%v,%v", box[0], box[1], box[2], box[3])
		plain := c.get(page+"/image?width=600").want(t, http.StatusOK)
		marked := c.get(page+"/image?width=600&highlight="+url.QueryEscape(highlight)+"&highlight=10,10,20,20").want(t, http.StatusOK)
		img, err := png.Decode(bytes.NewReader(marked.body))
		if err != nil || img.Bounds().Dx() != 600 || bytes.Equal(plain.body, marked.body) || marked.Header.Get("Content-Type") != "image/png" {
			t.Errorf("the image: %v, %v", err, marked.Header)
		}
		if tag := marked.Header.Get("ETag"); tag == "" || tag == plain.Header.Get("ETag") || !strings.Contains(marked.Header.Get("Cache-Control"), "private") {
			t.Errorf("headers %v", marked.Header)
		}
		c.get(page+"/image?width=600", "If-None-Match", plain.Header.Get("ETag")).want(t, http.StatusNotModified)

		kept := c.get("/api/v1/answers/"+answer["id"].(string)).want(t, http.StatusOK).json(t)
		if kept["summary"] != answer["summary"] {
			t.Errorf("kept as %v", kept)
		}
		cached := c.post("/api/v1/troubleshoot", fmt.Sprintf(`{"model": %q, "code": "HI P"}`, strings.ToLower(m.Models[0]))).want(t, http.StatusOK).json(t)
		if cached["kind"] != "fault" {
			t.Errorf("asked in another way: %v", cached["kind"])
		}
	})

	t.Run("the original comes back with ranges", func(t *testing.T) {
		whole := c.get(where+"/file").want(t, http.StatusOK)
		if !bytes.Equal(whole.body, data) || whole.Header.Get("Content-Type") != "application/pdf" || !strings.Contains(whole.Header.Get("Content-Disposition"), "manual.pdf") {
			t.Errorf("%d bytes of %d, %v", len(whole.body), len(data), whole.Header)
		}
		some := c.get(where+"/file", "Range", "bytes=100-199").want(t, http.StatusPartialContent)
		if !bytes.Equal(some.body, data[100:200]) {
			t.Error("the range is another part")
		}
		past := c.get(where+"/file", "Range", "bytes=99999999-")
		past.wantProblem(t, http.StatusRequestedRangeNotSatisfiable, "RANGE_NOT_SATISFIABLE")
		if got, want := past.Header.Get("Content-Range"), fmt.Sprintf("bytes */%d", len(data)); got != want {
			t.Errorf("Content-Range %q, want %q", got, want)
		}
		c.get(where+"/file", "If-None-Match", whole.Header.Get("ETag")).want(t, http.StatusNotModified)
		if head := c.do(http.MethodHead, where+"/file", nil).want(t, http.StatusOK); head.ContentLength != int64(len(data)) {
			t.Errorf("HEAD says %d bytes", head.ContentLength)
		}
	})

	t.Run("models are listed and found", func(t *testing.T) {
		found := c.get("/api/v1/models?query="+url.QueryEscape(m.Models[0])).want(t, http.StatusOK).json(t)["models"].([]any)
		if len(found) != 1 || found[0].(map[string]any)["name"] != m.Models[0] || found[0].(map[string]any)["manuals"] != 1.0 {
			t.Errorf("%v", found)
		}
		if none := c.get("/api/v1/models?query=zzz").want(t, http.StatusOK).json(t)["models"].([]any); len(none) != 0 {
			t.Errorf("%v", none)
		}
	})

	t.Run("a change is refused when the manual was changed meanwhile", func(t *testing.T) {
		tag := c.get(where).want(t, http.StatusOK).Header.Get("ETag")
		patch := func(body string, headers ...string) response {
			return c.do(http.MethodPatch, where, strings.NewReader(body), append(headers, "Content-Type", "application/json")...)
		}
		changed := patch(`{"title": "Better", "revision": "C", "manufacturer": "Tarnholm", "models": ["TI-9"]}`, "If-Match", tag).want(t, http.StatusOK)
		if b := changed.json(t); b["title"] != "Better" || b["revision"] != "C" || b["type"] != "service" || len(b["models"].([]any)) != 1 {
			t.Errorf("%s", changed.body)
		}
		patch(`{"title": "Worse"}`, "If-Match", tag).wantProblem(t, http.StatusPreconditionFailed, "CHANGED_MEANWHILE")
		patch(`{"title": ""}`).wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
		patch(`{"status": "ready"}`).wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
	})

	t.Run("pages and highlights that are none", func(t *testing.T) {
		c.get(where+"/pages/25").wantProblem(t, http.StatusNotFound, "PAGE_NOT_FOUND")
		c.get(where+"/pages/0").wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
		c.get(where+"/pages/25/image").wantProblem(t, http.StatusNotFound, "PAGE_NOT_FOUND")
		c.get(where+"/pages/1/image?width=9").wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
		for _, h := range []string{"1,2,3", "a,b,c,d", "5,5,1,1", "NaN,0,1,1", "0,0,1e99,1"} {
			c.get(where+"/pages/1/image?highlight="+h).wantProblem(t, http.StatusUnprocessableEntity, "INVALID_HIGHLIGHT")
		}
	})

	t.Run("a retry of what is ready changes nothing", func(t *testing.T) {
		if b := c.post(where+"/retry", "").want(t, http.StatusAccepted).json(t); b["status"] != "ready" {
			t.Errorf("%v", b)
		}
	})

	t.Run("pages are listed by how they were read", func(t *testing.T) {
		list := func(query string) map[string]any {
			t.Helper()
			return c.get(where+"/pages?"+query).want(t, http.StatusOK).json(t)
		}
		listed := 0
		for _, quality := range []string{"text", "ocr", "mixed", "unreadable", "blank"} {
			for _, p := range list("quality=" + quality)["pages"].([]any) {
				if listed++; p.(map[string]any)["quality"] != quality {
					t.Errorf("asked for %s: %v", quality, p)
				}
			}
		}
		if listed != 24 {
			t.Errorf("%d pages of all qualities", listed)
		}
		first := list("limit=10")
		rest := list(fmt.Sprintf("cursor=%v", first["next_cursor"]))
		if n := len(first["pages"].([]any)); n != 10 || rest["pages"].([]any)[0].(map[string]any)["page"] != 11.0 || rest["next_cursor"] != nil {
			t.Errorf("%d pages, then %v", n, rest["pages"])
		}
		c.get(where+"/pages?quality=good").wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
	})

	t.Run("the cover is a small picture", func(t *testing.T) {
		cover := c.get(where+"/cover").want(t, http.StatusOK)
		img, _, err := image.Decode(bytes.NewReader(cover.body))
		if err != nil || img.Bounds().Dx() != 400 || !strings.HasPrefix(cover.Header.Get("Content-Type"), "image/") {
			t.Errorf("%v, %v", err, cover.Header)
		}
		c.get(where+"/cover", "If-None-Match", cover.Header.Get("ETag")).want(t, http.StatusNotModified)
	})

	t.Run("a retry of a page that was read changes nothing", func(t *testing.T) {
		if b := c.post(where+"/pages/3/retry", "").want(t, http.StatusAccepted).json(t); b["status"] != "ready" {
			t.Errorf("%v", b)
		}
		c.post(where+"/pages/25/retry", "").wantProblem(t, http.StatusNotFound, "PAGE_NOT_FOUND")
	})

	t.Run("what is deleted is gone", func(t *testing.T) {
		c.do(http.MethodDelete, where, nil).want(t, http.StatusNoContent)
		for _, path := range []string{"", "/file", "/cover", "/pages", "/pages/1", "/pages/1/image"} {
			c.get(where+path).wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
		}
		c.do(http.MethodDelete, where, nil).wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
		c.post(where+"/retry", "").wantProblem(t, http.StatusNotFound, "MANUAL_NOT_FOUND")
	})
}

func TestListGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Workers = false }))
	for i := range 5 {
		c.upload(file(document(fmt.Sprintf("number %d", i)).Bytes()), part{"title", fmt.Sprintf("Manual %d", i)},
			part{"manufacturer", "Acme"}, part{"model", fmt.Sprintf("M%d", i%2)}).want(t, http.StatusAccepted)
	}
	var titles []string
	for cursor := ""; ; {
		page := c.get("/api/v1/manuals?limit=2&cursor="+cursor).want(t, http.StatusOK).json(t)
		for _, m := range page["manuals"].([]any) {
			titles = append(titles, m.(map[string]any)["title"].(string))
		}
		next, more := page["next_cursor"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if got := strings.Join(titles, ", "); got != "Manual 4, Manual 3, Manual 2, Manual 1, Manual 0" {
		t.Errorf("listed %s", got)
	}
	for query, want := range map[string]int{
		"model=m1": 2, "manufacturer=acme&model=M-0": 3, "manufacturer=other": 0, "status=queued": 5, "status=ready": 0,
		"type=unknown": 5, "type=parts": 0, "query=manual%203": 1, "query=100%25": 0,
	} {
		if got := len(c.get("/api/v1/manuals?"+query).want(t, http.StatusOK).json(t)["manuals"].([]any)); got != want {
			t.Errorf("%s: %d manuals, want %d", query, got, want)
		}
	}
	c.get("/api/v1/manuals?cursor=nonsense").wantProblem(t, http.StatusUnprocessableEntity, "CURSOR_INVALID")
}

func TestQuestionsThatAreNone(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	for _, tc := range []struct {
		name, body string
		status     int
		code       string
		location   string // of the field that is wrong
	}{
		{"no JSON", `{`, 400, "MALFORMED_REQUEST", ""},
		{"nothing", ``, 400, "MALFORMED_REQUEST", ""},
		{"unknown field", `{"model": "X", "colour": "red"}`, 422, "VALIDATION_FAILED", "body.colour"},
		{"wrong type", `{"model": 7, "code": "E1"}`, 422, "VALIDATION_FAILED", "body.model"},
		{"over-long", `{"model": "X", "symptom": "` + strings.Repeat("x", 2001) + `"}`, 422, "VALIDATION_FAILED", "body.symptom"},
		{"far over-long", `{"model": "X", "symptom": "` + strings.Repeat("x", 1<<20) + `"}`, 413, "REQUEST_TOO_LARGE", ""},
		{"manual id is none", `{"manual_id": "secret-value", "code": "E1"}`, 422, "VALIDATION_FAILED", "body.manual_id"},
		{"not UTF-8", "{\"model\": \"X\", \"code\": \"\xff\"}", 400, "MALFORMED_REQUEST", ""},
		{"control characters", `{"model": "X", "code": "E\u0000"}`, 400, "MALFORMED_REQUEST", ""},
		{"neither code nor symptom", `{"model": "X"}`, 422, "QUESTION_REQUIRED", ""},
		{"blank", `{"model": "X", "code": " ", "symptom": "?!"}`, 422, "QUESTION_REQUIRED", ""},
		{"no model", `{"code": "E1"}`, 422, "MODEL_REQUIRED", ""},
		{"unknown model", `{"model": "X", "code": "E1"}`, 404, "MODEL_NOT_FOUND", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := c.post("/api/v1/troubleshoot", tc.body)
			p := res.wantProblem(t, tc.status, tc.code)
			if strings.Contains(string(res.body), "secret-value") || strings.Contains(string(res.body), "xxxxx") {
				t.Errorf("the problem repeats the input: %.300s", res.body)
			}
			if errs, _ := p["errors"].([]any); tc.location != "" && (len(errs) == 0 || errs[0].(map[string]any)["location"] != tc.location) {
				t.Errorf("want the field %s named: %s", tc.location, res.body)
			}
		})
	}
	c.do(http.MethodPost, "/api/v1/troubleshoot", strings.NewReader("x"), "Content-Type", "text/plain").
		wantProblem(t, http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
	c.get("/api/v1/answers/00000000-0000-7000-8000-00000000abcd").wantProblem(t, http.StatusNotFound, "ANSWER_NOT_FOUND")
}

func TestUnknownModelNamesTheClosest(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Workers = false }))
	c.upload(part{"manufacturer", "Acme"}, part{"model", "KR-310"}, file(document("x").Bytes())).want(t, http.StatusAccepted)
	p := c.post("/api/v1/troubleshoot", `{"model": "KR-311", "code": "E1"}`).wantProblem(t, http.StatusNotFound, "MODEL_NOT_FOUND")
	closest := p["details"].(map[string]any)["closest"].([]any)
	if len(closest) != 1 || closest[0].(map[string]any)["name"] != "KR-310" || closest[0].(map[string]any)["manufacturer"] != "Acme" {
		t.Errorf("closest %v", closest)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(cfg *config.Library, _ *app.Options) { cfg.MaxUpload = 1 << 20 }))
	pdf := document("x").Bytes()
	alive := func(t *testing.T) { t.Helper(); c.get("/health/ready").want(t, http.StatusOK) }
	for _, tc := range []struct {
		name   string
		parts  []part
		status int
		code   string
	}{
		{"not a PDF", []part{file([]byte("<html>not a manual</html>"))}, 415, "NOT_A_PDF"},
		{"empty file", []part{file(nil)}, 422, "FILE_EMPTY"},
		{"no file", []part{{"title", "x"}}, 422, "FILE_MISSING"},
		{"too large", []part{file(append([]byte("%PDF-1.7 "), make([]byte, 1<<20)...))}, 413, "FILE_TOO_LARGE"},
		{"larger than the whole request may be", []part{file(append([]byte("%PDF-1.7 "), make([]byte, 8<<20)...))}, 413, "FILE_TOO_LARGE"},
		{"two files", []part{file(pdf), file(pdf)}, 422, "ONE_FILE_ONLY"},
		{"unknown field", []part{{"colour", "red"}, file(pdf)}, 422, "VALIDATION_FAILED"},
		{"unknown type", []part{{"type", "novel"}, file(pdf)}, 422, "VALIDATION_FAILED"},
		{"over-long field", []part{{"title", strings.Repeat("x", 5000)}, file(pdf)}, 422, "VALIDATION_FAILED"},
		{"control characters", []part{{"title", "a\x00b"}, file(pdf)}, 422, "VALIDATION_FAILED"},
		{"not UTF-8", []part{{"title", "a\xff"}, file(pdf)}, 422, "VALIDATION_FAILED"},
		{"model without manufacturer", []part{{"model", "KR"}, file(pdf)}, 422, "MANUFACTURER_REQUIRED"},
		{"id that is none", []part{{"id", "7"}, file(pdf)}, 422, "VALIDATION_FAILED"},
		{"model without manufacturer behind the file", []part{file(pdf), {"model", "KR"}}, 422, "MANUFACTURER_REQUIRED"},
		{"unknown type behind the file", []part{file(pdf), {"type", "novel"}}, 422, "VALIDATION_FAILED"},
		{"no language behind the file", []part{file(pdf), {"language", "zz"}}, 422, "LANGUAGE_INVALID"},
		{"unknown field behind the file", []part{file(pdf), {"colour", "red"}}, 422, "VALIDATION_FAILED"},
		{"too many fields", append(make([]part, 0, 301), slicesRepeat(part{"model", "KR"}, 301)...), 413, "TOO_MANY_FIELDS"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c.upload(tc.parts...).wantProblem(t, tc.status, tc.code)
			alive(t)
		})
	}
	t.Run("not multipart", func(t *testing.T) {
		c.do(http.MethodPost, "/api/v1/manuals", bytes.NewReader(pdf), "Content-Type", "application/pdf").
			wantProblem(t, http.StatusUnsupportedMediaType, "MULTIPART_NEEDED")
	})
	t.Run("form without its end", func(t *testing.T) {
		body, contentType := form(file(pdf))
		c.do(http.MethodPost, "/api/v1/manuals", bytes.NewReader(body[:len(body)-20]), "Content-Type", contentType).
			wantProblem(t, http.StatusUnprocessableEntity, "UPLOAD_MALFORMED")
		alive(t)
	})
	t.Run("connection that breaks off", func(t *testing.T) {
		body, contentType := form(file(append([]byte("%PDF-1.7 "), make([]byte, 500<<10)...)))
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(c.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /api/v1/manuals HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", contentType, len(body))
		conn.Write(body[:len(body)/2])
		conn.Close()
		alive(t)
	})
	if left := c.get("/api/v1/manuals").want(t, http.StatusOK).json(t)["manuals"].([]any); len(left) > 0 {
		t.Errorf("%d refused files were kept", len(left))
	}
}

func slicesRepeat(p part, n int) []part {
	out := make([]part, n)
	for i := range out {
		out[i] = p
	}
	return out
}

func TestFieldsBehindTheFileCount(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Workers = false }))
	pdf := document("x").Bytes()
	b := c.upload(part{"title", "Early"}, file(pdf), part{"revision", "B"}, part{"type", "parts"}, part{"manufacturer", "Acme"}, part{"model", "One"}).
		want(t, http.StatusAccepted).json(t)
	if b["title"] != "Early" || b["revision"] != "B" || b["type"] != "parts" || len(b["models"].([]any)) != 1 {
		t.Errorf("%v", b)
	}
	if b["not_applied"] != nil {
		t.Errorf("of a new file: %v", b)
	}
	b = c.upload(file(pdf), part{"manufacturer", "Other"}, part{"model", "Two"}, part{"title", "Late"}, part{"revision", "B"}, part{"language", "de"}).
		want(t, http.StatusOK).json(t)
	if b["title"] != "Early" || b["language"] != "de" || len(b["models"].([]any)) != 2 {
		t.Errorf("of a known file: %v", b)
	}
	if !reflect.DeepEqual(b["not_applied"], []any{"title"}) {
		t.Errorf("not applied: %v", b["not_applied"])
	}
}

func TestAChangeThatChangesNothingKeepsTheVersion(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Workers = false }))
	up := c.upload(part{"title", "T"}, part{"manufacturer", "Acme"}, part{"model", "One"}, file(document("x").Bytes())).want(t, http.StatusAccepted)
	where := up.Header.Get("Location")
	patch := func(body string) response {
		return c.do(http.MethodPatch, where, strings.NewReader(body), "Content-Type", "application/json")
	}
	for _, body := range []string{`{}`, `{"title": "T"}`, `{"manufacturer": "ACME", "models": ["one"]}`} {
		res := patch(body).want(t, http.StatusOK)
		if res.Header.Get("ETag") != up.Header.Get("ETag") || res.json(t)["updated_at"] != up.json(t)["updated_at"] {
			t.Errorf("%s: %s", body, res.body)
		}
	}
	patch(`{"language": "zz"}`).wantProblem(t, http.StatusUnprocessableEntity, "LANGUAGE_INVALID")
	for _, body := range []string{`{"revision": "B"}`, `{"manufacturer": "Acme", "models": ["Two"]}`} {
		if res := patch(body).want(t, http.StatusOK); res.Header.Get("ETag") == up.Header.Get("ETag") {
			t.Errorf("%s left the version as it was", body)
		}
	}
}

func TestRepeatedUploadWithAnIdIsOneManual(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Workers = false }))
	id := part{"id", "0199a2b0-0000-7000-8000-000000000001"}
	c.upload(id, file(document("x").Bytes())).want(t, http.StatusAccepted)
	if b := c.upload(id, file(document("x").Bytes())).want(t, http.StatusOK).json(t); b["id"] != id.value {
		t.Errorf("%v", b)
	}
	c.upload(id, file(document("another").Bytes())).wantProblem(t, http.StatusConflict, "ID_TAKEN")
}

// TestHostilePDFsFailAlone mutates a good manual. Whatever comes of each, the
// server lives and the next manual is read.
func TestHostilePDFsFailAlone(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, nil))
	_, good := demoPDF()
	random := rand.New(rand.NewPCG(1, 2))
	noise := bytes.Clone(good)
	for range len(noise) / 50 {
		noise[20+random.IntN(len(noise)-20)] = byte(random.Uint32())
	}
	for name, data := range map[string][]byte{
		"header only":       []byte("%PDF-1.7\n"),
		"truncated":         good[:len(good)/3],
		"without beginning": append([]byte("%PDF-1.7\n"), good[len(good)/2:]...),
		"noise":             noise,
		"circular pages":    []byte("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 99999999>>endobj trailer<</Root 1 0 R>>"),
		"huge page":         []byte("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e9 1e9]>>endobj trailer<</Root 1 0 R>>"),
	} {
		up := c.upload(file(data), part{"title", name})
		c.get("/health/ready").want(t, http.StatusOK)
		if up.StatusCode != http.StatusAccepted {
			if p := up.want(t, http.StatusUnprocessableEntity).json(t); p["code"] == "" || p["detail"] == "" {
				t.Errorf("%s is refused without a reason: %s", name, up.body)
			}
			continue
		}
		m := c.settled(up.Header.Get("Location"))
		t.Logf("%s: %s, %v", name, m["status"], m["error"])
		if failure, _ := m["error"].(map[string]any); m["status"] == "failed" && (failure["code"] == "" || failure["message"] == "") {
			t.Errorf("%s failed without a reason", name)
		}
		c.get("/health/ready").want(t, http.StatusOK)
	}
	where := c.upload(file(good)).want(t, http.StatusAccepted).Header.Get("Location")
	if m := c.settled(where); m["status"] != "ready" {
		t.Errorf("a good manual after the hostile ones: %v", m)
	}
}

// fullDisk refuses to keep anything.
type fullDisk struct{ blob.Store }

func (fullDisk) Stage(context.Context, io.Reader, int64) (blob.Staged, error) {
	return nil, fmt.Errorf("write: %w", syscall.ENOSPC)
}

func TestFullDiskIsSaidAndLosesNothing(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) {
		o.WrapBlobs = func(b blob.Store) blob.Store { return fullDisk{b} }
	}))
	p := c.upload(file(document("x").Bytes())).wantProblem(t, http.StatusInsufficientStorage, "STORAGE_FULL")
	if p["error_id"] == nil {
		t.Error("no id to find the cause by")
	}
	c.get("/health/ready").want(t, http.StatusOK)
}

// fillingDisk becomes full in the middle of each file.
type fillingDisk struct{ blob.Store }

func (fillingDisk) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	if _, err := io.CopyN(io.Discard, r, 300<<10); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("write: %w", syscall.ENOSPC)
}

// TestRefusalReachesAClientThatIsStillSending uses clients that look at the
// answer when they have sent everything, as most do.
func TestRefusalReachesAClientThatIsStillSending(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) {
		o.Workers = false
		o.WrapBlobs = func(b blob.Store) blob.Store { return fillingDisk{b} }
	}))
	large := append([]byte("%PDF-1.7 "), make([]byte, 8<<20)...)
	inForm, formType := form(file(large))
	badForm, badType := form(part{"colour", "red"}, file(large))
	const upload, json = "POST /api/v1/manuals", "application/json"
	for name, tc := range map[string]struct {
		request     string
		body        []byte
		contentType string
		more        string // headers
		status      int
	}{
		"the disk becomes full": {upload, inForm, formType, "", http.StatusInsufficientStorage},
		"a field is wrong":      {upload, badForm, badType, "", http.StatusUnprocessableEntity},
		"no form":               {upload, large, "application/pdf", "", http.StatusUnsupportedMediaType},
		"unknown parameter":     {upload + "?colour=red", inForm, formType, "", http.StatusUnprocessableEntity},
		"unknown address":       {"POST /api/v1/manual", inForm, formType, "", http.StatusNotFound},
		"wrong method":          {"PUT /api/v1/manuals", large, "application/pdf", "", http.StatusMethodNotAllowed},
		"broken address":        {upload + "?title=%ff", inForm, formType, "", http.StatusBadRequest},
		"page of another site":  {upload, inForm, formType, "Sec-Fetch-Site: cross-site\r\n", http.StatusForbidden},
		"no longer JSON":        {"POST /api/v1/troubleshoot", large, json, "", http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			for range 5 {
				conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(c.url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				_, err = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s",
					tc.request, tc.contentType, tc.more, len(tc.body), tc.body)
				if err != nil {
					t.Fatalf("cut off while sending: %v", err)
				}
				res, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil || res.StatusCode != tc.status || res.Header.Get("Content-Type") != "application/problem+json" {
					t.Fatalf("%v, %v", res, err)
				}
				res.Body.Close()
			}
		})
	}
}

// TestRealFullDisk does the same on a file system of 1 MB.
func TestRealFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	blobtest.SmallDisk(t, dir, "size=1m")
	c := serve(t, open(t, func(cfg *config.Library, _ *app.Options) { cfg.DataDir = dir }))
	sized := func(n int) []byte {
		d := document("a manual")
		d.Pages[0].Raw("%" + strings.Repeat("x", n))
		return d.Bytes()
	}
	c.upload(file(sized(2<<20))).wantProblem(t, http.StatusInsufficientStorage, "STORAGE_FULL")
	// What did not fit has left nothing behind: there is room for less.
	fits := sized(100 << 10)
	where := c.upload(file(fits)).want(t, http.StatusAccepted).Header.Get("Location")
	c.settled(where)
	if got := c.get(where+"/file").want(t, http.StatusOK); !bytes.Equal(got.body, fits) {
		t.Error("the stored file is another")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "files", "originals", "*", "*", "*")); len(left) != 1 {
		t.Errorf("files %v", left)
	}
}

func TestHealthNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := serve(t, open(t, func(cfg *config.Library, _ *app.Options) {
		cfg.Tesseract = filepath.Join(t.TempDir(), "tesseract")
		cfg.ClamdAddress = filepath.Join(t.TempDir(), "clamd.sock")
	}))
	h := c.get("/health/ready").want(t, http.StatusOK).json(t)
	for part, code := range map[string]any{"database": nil, "ocr": "OCR_UNAVAILABLE", "virus_scanner": "CLAMD_UNAVAILABLE"} {
		p, _ := h["parts"].(map[string]any)[part].(map[string]any)
		if p["code"] != code || (p["status"] == "ok") != (code == nil) {
			t.Errorf("%s: %v", part, p)
		}
	}
	if h["status"] != "degraded" {
		t.Errorf("%v", h)
	}
}
