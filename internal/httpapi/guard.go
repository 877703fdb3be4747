package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// request is what is known of a request from its first byte to its log line.
type request struct {
	id    string
	route string // the pattern that matched, "" for none
	ctx   context.Context
}

// gone reports whether the client hung up, as opposed to a limit of ours.
func (r *request) gone() bool { return r.ctx != nil && r.ctx.Err() == context.Canceled }

type requestKey struct{}

// requestOf returns the request that ctx belongs to.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// guard puts around the routes what holds for every request: an id, a log line,
// recovery, headers, and the refusal of what no route should have to think of.
func (a *api) guard(mux *http.ServeMux) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		newProblem(http.StatusForbidden, "CROSS_ORIGIN", "A page of another site may not change anything here. Use the server's own address.").write(w)
	}))
	inner := crossOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dispatch(mux, w, r)
	}))
	hosts := a.hostNames()
	serve := func(w http.ResponseWriter, r *http.Request) {
		if !hosts.allow(r.Host) {
			newProblem(http.StatusMisdirectedRequest, "HOST_NOT_ALLOWED",
				"This server is not known under that host name. Use localhost or its IP address, or add the name to ALLOWED_HOSTS.").write(w)
			return
		}
		if p := checkAddress(r.URL); p != nil {
			p.write(w)
			return
		}
		inner.ServeHTTP(w, r)
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		started, done := time.Now(), a.Metrics.RequestStarted()
		info := &request{id: rand.Text(), ctx: r.Context()}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, info))
		w := &recorder{ResponseWriter: rw}
		defer func() {
			if v := recover(); v != nil {
				a.recovered(w, r, info, v)
			}
			took := time.Since(started)
			done(knownMethod(r.Method), info.route, w.status(), took)
			level := slog.LevelInfo
			if info.route == "GET /health/live" || info.route == "GET /health/ready" || info.route == "GET /metrics" {
				level = slog.LevelDebug // asked every few seconds
			}
			// The query is left out: it may hold what a technician typed.
			a.Log.LogAttrs(r.Context(), level, "request",
				slog.String("request_id", info.id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", w.status()), slog.Int64("bytes", w.bytes), slog.Duration("took", took),
				slog.String("client", r.RemoteAddr))
		}()
		h := w.Header()
		h.Set("X-Request-Id", info.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		body := newSentBody(r)
		r.Body = body // of our copy of the request
		serve(w, r)
		if w.status() >= http.StatusBadRequest {
			body.drain(w, a.MaxUpload+formOverhead)
		}
	})
}

// dispatch runs the route of a request; the mux's own text answers to unknown
// paths and methods become problems.
func dispatch(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	handler, pattern := mux.Handler(r)
	requestOf(r.Context()).route = pattern
	if pattern != "" {
		mux.ServeHTTP(w, r)
		return
	}
	refusal := &discard{header: http.Header{}}
	handler.ServeHTTP(refusal, r)
	if refusal.code == http.StatusMethodNotAllowed {
		p := newProblem(refusal.code, "METHOD_NOT_ALLOWED", "This address does not take that method: see the header Allow.")
		p.header = http.Header{"Allow": refusal.header["Allow"]}
		p.write(w)
		return
	}
	newProblem(http.StatusNotFound, "ROUTE_NOT_FOUND", "There is nothing at this address. See /docs for what there is.").write(w)
}

func (a *api) recovered(w *recorder, r *http.Request, info *request, v any) {
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v) // net/http closes the connection, which is the point
	}
	a.Log.LogAttrs(r.Context(), slog.LevelError, "request panicked",
		slog.String("error_id", info.id), slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
	if w.code != 0 {
		return // the answer has begun; it ends here
	}
	p := newProblem(http.StatusInternalServerError, "INTERNAL", "Something went wrong on our side. Try again; if it happens again, report the error id.")
	p.ErrorID = info.id
	p.write(w)
}

// hostNames are the names under which the server may be reached. A name of
// somebody else's that points at us is how a web page gets around the same-origin
// policy (DNS rebinding); an IP address cannot be pointed elsewhere.
type hostNames []string

func (a *api) hostNames() hostNames {
	names := hostNames{"localhost"}
	if name, err := os.Hostname(); err == nil {
		names = append(names, strings.ToLower(name))
	}
	for _, n := range a.AllowedHosts {
		names = append(names, strings.ToLower(n))
	}
	return names
}

func (n hostNames) allow(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return slices.Contains(n, host)
}

// repeatable are the parameters that may be given several times.
var repeatable = []string{"highlight"}

// checkAddress refuses what no route can mean: text that a database cannot store, a
// parameter twice, of which one would be passed over, and the id of nothing, which
// would stand for no filter at all. It returns nil when there is nothing of the kind.
func checkAddress(u *url.URL) *Problem {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return newProblem(http.StatusBadRequest, "INVALID_TEXT", "The address cannot be read. Percent-encode what has a meaning in addresses: % as %25, ; as %3B, & as %26.")
	}
	garbled := newProblem(http.StatusBadRequest, "INVALID_TEXT", "The address contains control characters or is not UTF-8. Encode it as UTF-8.")
	if !printable(u.Path) {
		return garbled
	}
	for k, values := range query {
		if !printable(k) || slices.ContainsFunc(values, func(v string) bool { return !printable(v) }) {
			return garbled
		}
		if len(values) > 1 && !slices.Contains(repeatable, k) {
			return newProblem(http.StatusBadRequest, "REPEATED_PARAMETER", "The address has the parameter "+strconv.Quote(k)+" several times. Give it once.")
		}
		if id, err := uuid.Parse(values[0]); err == nil && id == uuid.Nil {
			return newProblem(http.StatusBadRequest, "INVALID_ID", "The id of nothing (only zeros) was given for "+strconv.Quote(k)+". Give the id of what you look for, or leave the parameter out.")
		}
	}
	return nil
}

// printable reports whether s is UTF-8 without control characters other than
// white space.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	})
}

// knownMethod bounds the label values that a client can create.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	code  int
	bytes int64
}

func (w *recorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// discard keeps the status and headers of an answer, not its body.
type discard struct {
	header http.Header
	code   int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(code int)        { d.code = code }
