package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/techcopilot/techcopilot/internal/httpapi"
	"github.com/techcopilot/techcopilot/internal/telemetry"
)

var update = flag.Bool("update", false, "write golden files")

// handler is the API without services: what is tested here never reaches one.
func handler(t *testing.T, log io.Writer, ping error) http.Handler {
	t.Helper()
	return httpapi.New(httpapi.Deps{
		Health:       httpapi.Health{Ping: func(context.Context) error { return ping }},
		Log:          slog.New(slog.NewJSONHandler(log, nil)),
		Metrics:      telemetry.NewMetrics(telemetry.Build{}),
		MaxUpload:    1 << 20,
		AllowedHosts: []string{"manuals.example.com"},
	})
}

func get(h http.Handler, method, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "127.0.0.1:8080"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhatNoRouteTakesIsAProblem(t *testing.T) {
	h := handler(t, io.Discard, nil)
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	for _, tc := range []struct {
		name, method, target string
		change               func(*http.Request)
		status               int
		code                 string
	}{
		{"unknown path", "GET", "/nothing", nil, 404, "ROUTE_NOT_FOUND"},
		{"unknown docs asset", "GET", "/docs/nothing.js", nil, 404, "ROUTE_NOT_FOUND"},
		{"wrong method", "PUT", "/api/v1/manuals", nil, 405, "METHOD_NOT_ALLOWED"},
		{"odd method", "BREW", "/health/live", nil, 405, "METHOD_NOT_ALLOWED"},
		{"foreign host name", "GET", "/health/live", host("evil.example:8080"), 421, "HOST_NOT_ALLOWED"},
		{"no host", "GET", "/health/live", host(""), 421, "HOST_NOT_ALLOWED"},
		{"page of another site", "POST", "/api/v1/troubleshoot", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403, "CROSS_ORIGIN"},
		{"NUL in the path", "GET", "/api/v1/manuals/%00", nil, 400, "INVALID_TEXT"},
		{"query is not UTF-8", "GET", "/api/v1/models?query=%ff", nil, 400, "INVALID_TEXT"},
		{"broken escape", "GET", "/api/v1/models?query=%zz", nil, 400, "INVALID_TEXT"},
		{"bare semicolon", "GET", "/api/v1/models?query=a;b", nil, 400, "INVALID_TEXT"},
		{"parameter twice", "GET", "/api/v1/models?query=a&query=b", nil, 400, "REPEATED_PARAMETER"},
		{"id of nothing", "GET", "/api/v1/parts?q=pump&manual=00000000-0000-0000-0000-000000000000", nil, 400, "INVALID_ID"},
		{"unknown parameter", "GET", "/api/v1/models?colour=red", nil, 422, "VALIDATION_FAILED"},
		{"id is no UUID", "GET", "/api/v1/manuals/secret-value", nil, 422, "VALIDATION_FAILED"},
		{"number is none", "GET", "/api/v1/models?limit=secret-value", nil, 422, "VALIDATION_FAILED"},
		{"not a type", "GET", "/api/v1/manuals?type=secret-value", nil, 422, "VALIDATION_FAILED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := get(h, tc.method, tc.target, tc.change)
			var p httpapi.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%d %s: %v", w.Code, w.Body, err)
			}
			if w.Code != tc.status || p.Code != tc.code || p.Status != tc.status || p.Detail == "" || p.Title == "" {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tc.status, tc.code)
			}
			if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("content type %q", ct)
			}
			if strings.Contains(w.Body.String(), "secret-value") {
				t.Errorf("the problem repeats what was sent: %s", w.Body)
			}
		})
	}
	if allow := get(h, "PUT", "/api/v1/manuals", nil).Header().Get("Allow"); !strings.Contains(allow, "POST") {
		t.Errorf("Allow: %q", allow)
	}
}

func TestAllowedHostNames(t *testing.T) {
	h := handler(t, io.Discard, nil)
	for _, host := range []string{"localhost:8080", "LOCALHOST", "127.0.0.1", "[::1]:8080", "192.168.1.5:80", "manuals.example.com", "Manuals.Example.com.:443"} {
		if w := get(h, "GET", "/health/live", func(r *http.Request) { r.Host = host }); w.Code != http.StatusOK {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
}

func TestReadinessFollowsTheDatabase(t *testing.T) {
	var log strings.Builder
	if w := get(handler(t, &log, nil), "GET", "/health/ready", nil); w.Code != http.StatusOK {
		t.Errorf("ready: %d %s", w.Code, w.Body)
	}
	h := handler(t, &log, errors.New("password=hunter2"))
	w := get(h, "GET", "/health/ready", nil)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "hunter2") {
		t.Errorf("not ready: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := get(h, "GET", "/health/live", nil); w.Code != http.StatusOK {
		t.Errorf("live: %d", w.Code)
	}
}

func TestPanicIsAProblemWithAnIdThatIsInTheLog(t *testing.T) {
	var log strings.Builder
	// Without services a route dereferences nil.
	w := get(handler(t, &log, nil), "GET", "/api/v1/models", nil)
	var p httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusInternalServerError || p.Code != "INTERNAL" || p.ErrorID == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "nil pointer") {
		t.Errorf("the cause was shown: %s", w.Body)
	}
	if !strings.Contains(log.String(), p.ErrorID) || !strings.Contains(log.String(), "nil pointer") {
		t.Errorf("the log does not explain %s:\n%s", p.ErrorID, log.String())
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := get(handler(t, io.Discard, nil), "GET", "/", nil)
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'",
	} {
		if got := w.Header().Get(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if w.Header().Get("X-Request-Id") == "" {
		t.Error("no request id")
	}
}

func TestDocsNeedNothingFromOutside(t *testing.T) {
	h := handler(t, io.Discard, nil)
	page := get(h, "GET", "/docs", nil)
	if page.Code != http.StatusOK || strings.Contains(page.Header().Get("Content-Security-Policy"), "http") {
		t.Fatalf("%d %v", page.Code, page.Header())
	}
	refs := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.Body.String(), -1)
	if len(refs) < 3 {
		t.Fatalf("the page refers to %d files", len(refs))
	}
	for _, ref := range refs {
		plain := get(h, "GET", ref[1], nil)
		if !strings.HasPrefix(ref[1], "/docs/") || plain.Code != http.StatusOK || plain.Body.Len() == 0 {
			t.Errorf("%s: %d", ref[1], plain.Code)
		}
		packed := get(h, "GET", ref[1], func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
		if packed.Code != http.StatusOK || packed.Body.Len() > plain.Body.Len() {
			t.Errorf("%s packed: %d, %d bytes of %d", ref[1], packed.Code, packed.Body.Len(), plain.Body.Len())
		}
	}
	if regexp.MustCompile(`(?i)<script>|<style|https?://| on[a-z]+=`).MatchString(page.Body.String()) {
		t.Errorf("the page has inline code or outside addresses:\n%s", page.Body)
	}
}

func TestOpenAPIDocumentIsTheCommittedOne(t *testing.T) {
	const golden = "../../docs/reference/openapi.json"
	got, err := httpapi.Spec()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the API changed; accept with -update (-committed +now):\n%s", diff)
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	spec, err := httpapi.Spec()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary, OperationID string
			Responses            map[string]any
		}
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || len(doc.Paths) < 9 {
		t.Errorf("OpenAPI %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if op.Summary == "" || op.OperationID == "" || op.Responses["default"] == nil {
				t.Errorf("%s %s: %+v", method, path, op)
			}
		}
	}
}
