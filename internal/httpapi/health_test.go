package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/httpapi"
	"github.com/techcopilot/techcopilot/internal/telemetry"
)

func monitor(ping error, parts ...httpapi.Part) http.Handler {
	return httpapi.Monitor(
		httpapi.Health{Ping: func(context.Context) error { return ping }, Parts: parts},
		telemetry.NewMetrics(telemetry.Build{}), slog.New(slog.DiscardHandler))
}

func TestAMissingPartDegradesAndDoesNotStop(t *testing.T) {
	there := httpapi.Part{Name: "virus_scanner", Check: func(context.Context) error { return nil }}
	missing := httpapi.Part{Name: "ocr", Check: func(context.Context) error {
		return errdefs.Wrap(errors.New("hunter2"), errdefs.Unavailable, "OCR_UNAVAILABLE", "Install tesseract.")
	}}
	for _, tc := range []struct {
		parts  []httpapi.Part
		status string
	}{
		{nil, "ready"},
		{[]httpapi.Part{there}, "ready"},
		{[]httpapi.Part{there, missing}, "degraded"},
	} {
		w := get(monitor(nil, tc.parts...), "GET", "/health/ready", nil)
		var r httpapi.Ready
		if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK || r.Status != tc.status {
			t.Errorf("%d %s, %v; want %s", w.Code, w.Body, err, tc.status)
		}
		if r.Parts["database"].Status != "ok" || len(r.Parts) != len(tc.parts)+1 {
			t.Errorf("parts %v", r.Parts)
		}
		if tc.status == "degraded" {
			if p := r.Parts["ocr"]; p.Status != "unavailable" || p.Code != "OCR_UNAVAILABLE" || p.Detail != "Install tesseract." {
				t.Errorf("part %+v", p)
			}
		}
		if strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("the cause is shown: %s", w.Body)
		}
	}
}

func TestReadinessTellsWhyTheDatabaseIsDown(t *testing.T) {
	full := errdefs.New(errdefs.StorageFull, "STORAGE_FULL", "The disk is full. Free space.")
	if w := get(monitor(full), "GET", "/health/ready", nil); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Free space") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestMonitorServesHealthAndMetricsOnly(t *testing.T) {
	h := monitor(nil)
	for path, want := range map[string]int{"/health/live": 200, "/metrics": 200, "/api/v1/manuals": 404, "/docs": 404} {
		if w := get(h, "GET", path, func(r *http.Request) { r.Host = "worker-2.cluster.local:9090" }); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
