package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

const problemType = "application/problem+json"

// statusClientGone is nginx's number for a client that hung up; it is only ever
// logged and counted.
const statusClientGone = 499

// Problem is the body of every error, as of RFC 9457.
type Problem struct {
	Title   string         `json:"title" doc:"Short summary; the same for all problems of a status" example:"Not Found"`
	Status  int            `json:"status" doc:"HTTP status" example:"404"`
	Code    string         `json:"code" doc:"Stable name of the problem, for programs" example:"MANUAL_NOT_FOUND"`
	Detail  string         `json:"detail" doc:"What is wrong and what to do, for people"`
	ErrorID string         `json:"error_id,omitempty" doc:"To report: the log holds the cause under this id"`
	Errors  []FieldProblem `json:"errors,omitempty" doc:"Which fields are wrong"`
	Details map[string]any `json:"details,omitempty" doc:"More about this problem, such as the closest known models"`

	header http.Header
}

// FieldProblem is what is wrong with one field. It never repeats the value.
type FieldProblem struct {
	Location string `json:"location,omitempty" doc:"Where the field is" example:"body.model"`
	Message  string `json:"message" doc:"What is wrong with it" example:"expected string"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns headers that go with the problem.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType returns the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// write sends the problem outside of a route.
func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range p.header {
		h[k] = v
	}
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	// The client may be gone; there is no one else to tell.
	_ = json.NewEncoder(w).Encode(p)
}

// problem turns an error into what its receiver may see, and logs the rest.
func (a *api) problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	e := errdefs.As(err)
	info := requestOf(ctx)
	if info.gone() {
		return newProblem(statusClientGone, "CANCELED", "The request was cancelled.")
	}
	p := newProblem(statusOf(e.Kind), e.Code, e.Message)
	p.Details = e.Details
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		p.header = http.Header{"Retry-After": {strconv.Itoa(5)}}
	}
	if p.Status >= 500 {
		p.ErrorID = info.id
		level := slog.LevelError
		if e.Kind == errdefs.Unavailable && e.Err == nil {
			level = slog.LevelInfo // nothing failed: what is asked for is not ready yet
		}
		a.Log.LogAttrs(ctx, level, "request failed",
			slog.String("error_id", info.id), slog.String("code", e.Code), slog.Any("error", err))
	}
	return p
}

func statusOf(k errdefs.Kind) int {
	switch k {
	case errdefs.Invalid:
		return http.StatusUnprocessableEntity
	case errdefs.NotFound:
		return http.StatusNotFound
	case errdefs.Conflict:
		return http.StatusConflict
	case errdefs.TooLarge:
		return http.StatusRequestEntityTooLarge
	case errdefs.Unsupported:
		return http.StatusUnsupportedMediaType
	case errdefs.Forbidden:
		return http.StatusForbidden
	case errdefs.RateLimited:
		return http.StatusTooManyRequests
	case errdefs.Unavailable:
		return http.StatusServiceUnavailable
	case errdefs.StorageFull:
		return http.StatusInsufficientStorage
	case errdefs.Timeout:
		return http.StatusGatewayTimeout
	case errdefs.Canceled:
		return statusClientGone
	case errdefs.Unauthorized:
		return http.StatusUnauthorized
	default:
		return http.StatusInternalServerError
	}
}

// hideValues replaces huma's own errors, which repeat what was sent.
func hideValues(_ huma.Context, _ string, body any) (any, error) {
	m, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	p := newProblem(m.Status, codeOfStatus(m.Status), "The request is not valid: see errors for what to change.")
	for _, e := range m.Errors {
		if e != nil {
			p.Errors = append(p.Errors, FieldProblem{Location: e.Location, Message: e.Message})
		}
	}
	if len(p.Errors) == 0 && m.Detail != "" {
		p.Detail = upperFirst(m.Detail) + "."
	}
	return p, nil
}

func codeOfStatus(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "MALFORMED_REQUEST"
	case http.StatusUnprocessableEntity:
		return "VALIDATION_FAILED"
	case http.StatusRequestEntityTooLarge:
		return "REQUEST_TOO_LARGE"
	case http.StatusRequestTimeout:
		return "REQUEST_TIMEOUT"
	case http.StatusUnsupportedMediaType:
		return "UNSUPPORTED_MEDIA_TYPE"
	}
	return strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_"))
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func problemResponse(schemas huma.Registry) *huma.Response {
	return &huma.Response{
		Description: "A problem",
		Content: map[string]*huma.MediaType{
			problemType: {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")},
		},
	}
}
