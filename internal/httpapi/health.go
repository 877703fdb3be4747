package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/telemetry"
)

// healthTimeout bounds one look at all parts: orchestrators ask every few
// seconds and give up after about as long.
const healthTimeout = 2 * time.Second

// Health says how to find out whether a process can do its work.
type Health struct {
	// Ping reports whether the database answers. Without it nothing works.
	Ping func(context.Context) error
	// Parts can be missing without the others being stopped.
	Parts []Part
}

// Part is something that a process uses where it is there, such as OCR.
type Part struct {
	Name string
	// Check returns why the part cannot be used, nil if it can. It may be called
	// concurrently.
	Check func(context.Context) error
}

// Ready is the body of /health/ready.
type Ready struct {
	// Status is ready, or degraded when a part is missing.
	Status string               `json:"status"`
	Parts  map[string]ReadyPart `json:"parts"`
}

// ReadyPart says how a part of the program is.
type ReadyPart struct {
	Status string `json:"status"` // ok or unavailable
	Code   string `json:"code,omitempty"`
	Detail string `json:"detail,omitempty"` // what is wrong and what to do
}

// Monitor returns the handler of a process that serves nothing but its health
// and its metrics. It may be reached under any name: it tells no secrets and
// changes nothing.
func Monitor(h Health, metrics *telemetry.Metrics, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	healthRoutes(mux, h, metrics, log)
	return mux
}

func healthRoutes(mux *http.ServeMux, h Health, metrics *telemetry.Metrics, log *slog.Logger) {
	mux.Handle("GET /metrics", metrics.Handler())
	mux.HandleFunc("GET /health/live", text("application/json", `{"status":"live"}`+"\n"))
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, r *http.Request) { h.ready(w, r, log) })
}

// ready reports whether the process can do its work: whether its database
// answers, and which of its parts are there.
func (h Health) ready(w http.ResponseWriter, r *http.Request, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	if err := h.Ping(ctx); err != nil {
		log.WarnContext(ctx, "not ready", "error", err)
		detail := "The database does not answer. Try again in a moment."
		if known := errdefs.As(err); known.Kind == errdefs.StorageFull || known.Kind == errdefs.Unavailable {
			detail = known.Message
		}
		p := newProblem(http.StatusServiceUnavailable, "NOT_READY", detail)
		p.header = http.Header{"Retry-After": {"5"}}
		p.write(w)
		return
	}
	body, err := json.Marshal(h.look(ctx))
	if err != nil {
		panic(err) // texts in a map
	}
	text("application/json", string(body)+"\n")(w, r)
}

// look asks all parts at once.
func (h Health) look(ctx context.Context) Ready {
	errs := make([]error, len(h.Parts))
	var asked sync.WaitGroup
	for i, p := range h.Parts {
		asked.Go(func() { errs[i] = p.Check(ctx) })
	}
	asked.Wait()
	out := Ready{Status: "ready", Parts: map[string]ReadyPart{"database": {Status: "ok"}}}
	for i, p := range h.Parts {
		if errs[i] == nil {
			out.Parts[p.Name] = ReadyPart{Status: "ok"}
			continue
		}
		known := errdefs.As(errs[i])
		out.Status = "degraded"
		out.Parts[p.Name] = ReadyPart{Status: "unavailable", Code: known.Code, Detail: known.Message}
	}
	return out
}
