// Package httpapi is the HTTP face of the program: the routes of the API, their
// OpenAPI document and its browsable form, health and metrics.
//
// It promises that every error leaves as an RFC 9457 problem with a stable code
// and never with internal text, that no request can hold memory or a connection
// without bound, and that a page of another site cannot use a browser to reach
// the server. Handlers decode, make one call to a domain, and encode; what a
// manual or an answer is, the domains decide.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/telemetry"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
	"github.com/techcopilot/techcopilot/internal/watch"
	"github.com/techcopilot/techcopilot/internal/webhook"
)

// apiVersion is the version of the API, not of the program: a release that does
// not change the API does not change its document. Before 1.0 the API may change.
const apiVersion = "0.1.0"

// Deps is what the routes call. All fields without a default are needed.
type Deps struct {
	Manuals      *manual.Service
	Models       *equipment.Service
	Troubleshoot *troubleshoot.Service
	Corrections  *correction.Service
	Search       *search.Store
	Webhooks     *webhook.Service
	Watch        *watch.Watcher
	Health       Health
	Log          *slog.Logger
	Metrics      *telemetry.Metrics
	// MaxUpload is the size of the largest accepted file, in bytes.
	MaxUpload int64
	// MaxStreams is how many streams of events may be open at once; each costs a
	// connection and a small query a second. 200 when 0.
	MaxStreams int
	// AllowedHosts are names under which the server may be reached beside
	// localhost, this machine's name and IP addresses.
	AllowedHosts []string
	// User asks and adds until there are accounts.
	User uuid.UUID
}

// api carries the dependencies to the handlers.
type api struct {
	Deps
	huma    huma.API
	streams atomic.Int64 // of events, that are open
}

// New returns the handler of all routes.
func New(deps Deps) http.Handler {
	mux := http.NewServeMux()
	if deps.MaxStreams == 0 {
		deps.MaxStreams = defaultStreams
	}
	a := &api{Deps: deps}
	a.huma = newHuma(mux)
	a.routes()
	a.pages(mux)
	return a.guard(mux)
}

// Spec returns the OpenAPI 3.1 document as indented JSON. It needs no database.
func Spec() ([]byte, error) {
	a := &api{huma: newHuma(http.NewServeMux())}
	a.routes()
	return a.spec()
}

// NewServer returns a server of handler whose limits keep a slow or broken
// client from holding a connection. Routes that move files set their own.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	s := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,     // also of a body that no route reads
		WriteTimeout:      2 * time.Minute, // over the longest route's own limit
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	endStreams(s)
	return s
}

func newHuma(mux *http.ServeMux) huma.API {
	cfg := huma.DefaultConfig("Tech Copilot", apiVersion)
	cfg.Info.Description = "Answers to technicians' questions about commercial equipment, each line quoted from a page of the manual.\n\n" +
		"Errors are RFC 9457 problem documents (`application/problem+json`) with a stable `code`; only a request " +
		"that is no HTTP, or whose headers are larger than 64 KiB, is answered with plain text (400, 431). Times are RFC 3339 in UTC. " +
		"Boxes are `[x0, y0, x1, y1]` in points (1/72 inch) from the top left corner of the page as displayed."
	cfg.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", "" // served by pages
	cfg.CreateHooks = nil                                       // no $schema fields
	cfg.RejectUnknownQueryParameters = true
	cfg.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	cfg.Transformers = []huma.Transformer{hideValues}
	cfg.Tags = []*huma.Tag{
		{Name: "troubleshoot", Description: "Questions and their cited answers"},
		{Name: "search", Description: "Passages of all manuals"},
		{Name: "codes", Description: "What the manuals print about error codes, messages and lamp patterns"},
		{Name: "parts", Description: "Rows of the manuals' parts lists and tables of settings"},
		{Name: "manuals", Description: "The library: manuals, their originals and pages"},
		{Name: "review", Description: "What was found out about new manuals and waits for a decision, and where they come from"},
		{Name: "corrections", Description: "What the shop says of rows that were read, and what somebody has seen to be wrong"},
		{Name: "webhooks", Description: "Programs that are told of finished manuals"},
		{Name: "models", Description: "Models of equipment that the library knows"},
	}
	registerTypes(cfg.Components.Schemas)
	return humago.New(mux, cfg)
}

func (a *api) routes() {
	a.troubleshootRoutes()
	a.searchRoutes()
	a.manualRoutes()
	a.uploadRoutes()
	a.quarantineRoutes()
	a.reviewRoutes()
	a.revisionRoutes()
	a.correctionRoutes()
	a.flagRoutes()
	a.pageRoutes()
	a.structureRoutes()
	a.modelRoutes()
	a.codeRoutes()
	a.rowRoutes()
	a.eventRoutes()
	a.webhookRoutes()
	// Huma registers its own error model beside ours; nothing refers to it.
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	// Our lists are empty or absent, never null; huma assumes what Go allows.
	for _, s := range schemas {
		for _, p := range s.Properties {
			if p.Type == huma.TypeArray {
				p.Nullable = false
			}
		}
	}
}

// route describes one operation.
type route struct {
	id, method, path     string
	tag, summary, detail string
	status               int           // of success; 200 when 0
	timeout              time.Duration // of the handler; 30 s when 0, none when negative
	maxBody              int64         // of a JSON body; 64 KiB when 0
}

// handle registers a route. It is the only way to register one, so that limits
// and the mapping of errors to problems hold for all of them.
func handle[I, O any](a *api, r route, fn func(context.Context, *I) (*O, error)) *huma.Operation {
	if r.timeout == 0 {
		r.timeout = 30 * time.Second
	}
	if r.maxBody == 0 {
		r.maxBody = 64 << 10
	}
	huma.Register(a.huma, huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Tags: []string{r.tag},
		Summary: r.summary, Description: r.detail, DefaultStatus: r.status,
		MaxBodyBytes: r.maxBody, BodyReadTimeout: 15 * time.Second,
		Responses: map[string]*huma.Response{"default": problemResponse(a.huma.OpenAPI().Components.Schemas)},
	}, func(ctx context.Context, in *I) (*O, error) {
		if r.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, r.timeout)
			defer cancel()
		}
		out, err := fn(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	return a.operation(r.method, r.path)
}

// operation returns the documented operation, to add what huma cannot derive.
func (a *api) operation(method, path string) *huma.Operation {
	item := a.huma.OpenAPI().Paths[path]
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPatch:
		return item.Patch
	default:
		return item.Delete
	}
}
