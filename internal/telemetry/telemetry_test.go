package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/telemetry"
)

func TestMetricsCountRequestsByRoute(t *testing.T) {
	m := telemetry.NewMetrics(telemetry.NewBuild("1.2.3", "abc", "2026-01-01T00:00:00Z"))
	m.RequestStarted()(http.MethodGet, "/api/v1/manuals/{id}", 404, time.Millisecond)
	m.RequestStarted()
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`http_requests_total{method="GET",route="/api/v1/manuals/{id}",status="404"} 1`,
		`http_requests_in_flight 1`,
		`techcopilot_build_info{commit="abc"`,
		`version="1.2.3"`,
	} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestBuildIsKnownWithoutTheLinker(t *testing.T) {
	b := telemetry.NewBuild("", "", "")
	if b.Version == "" || b.Go == "" {
		t.Errorf("build %+v", b)
	}
}
