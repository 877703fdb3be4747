// Package claudetest is a server that speaks the Messages API as Anthropic's does:
// the whole streaming protocol, its refusals of bad requests, and its faults, as
// scripted. It is deterministic, and serves tests, the demo and measures alike.
//
// It does not think: what it answers is what a Writer says.
package claudetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Key is the key that a Server takes.
const Key = "sk-ant-test"

// Models are those that a Server knows.
var models = []string{"claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"}

// Writer answers a request. It may be called concurrently.
type Writer func(Request) Reply

// Request is what a client asked, read as the API reads it.
type Request struct {
	N         int // 1 is the first
	Model     string
	MaxTokens int
	System    string
	Text      string   // of the last message, its blocks joined by blank lines
	Images    [][]byte // in it
	Schema    json.RawMessage
	Body      []byte
	Header    http.Header
}

// Fault is what goes wrong in mid-stream.
type Fault string

// The faults. Each happens after Reply.After bytes of the text.
const (
	NoFault    Fault = ""
	ErrorEvent Fault = "error_event" // an overloaded_error event, then the end
	CutOff     Fault = "cut_off"     // the end, without message_stop
	Abort      Fault = "abort"       // the connection breaks
	Stall      Fault = "stall"       // nothing more until the client leaves
	OnlyPings  Fault = "only_pings"  // pings without end
	Garbage    Fault = "garbage"     // an event that is no JSON, then the end
	Endless    Fault = "endless"     // white space without end
)

// Reply is an answer, or a failure.
type Reply struct {
	Text  string
	Piece int           // bytes of text an event; 24 when 0
	Pace  time.Duration // between two events
	Think bool          // a thinking block comes first

	// Status and ErrorType refuse the request before the stream, such as 529 and
	// overloaded_error.
	Status     int
	ErrorType  string
	RetryAfter string // header of that name, in seconds

	Fault Fault
	After int // bytes of Text before the fault

	StopReason string // end_turn when ""
}

// Server is a running fake.
type Server struct {
	// URL is what a client's BaseURL is set to.
	URL string

	http   *httptest.Server
	write  Writer
	mu     sync.Mutex
	got    []Request
	cached map[[sha256.Size]byte]bool
}

// Start starts a server on a free port of this machine. Close stops it.
func Start(w Writer) *Server {
	s := &Server{write: w, cached: map[[sha256.Size]byte]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", s.messages)
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL
	return s
}

// Close stops the server and the streams it is sending.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Requests returns the requests so far that were well-formed, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// refusal is a request that is not accepted.
type refusal struct {
	status  int
	kind    string
	message string
}

func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	req, stream, bad := s.read(r)
	if bad == nil {
		s.mu.Lock()
		req.N = len(s.got) + 1
		s.got = append(s.got, req)
		s.mu.Unlock()
	}
	w.Header().Set("Request-Id", fmt.Sprintf("req_%06d", req.N))
	if bad != nil {
		fail(w, *bad)
		return
	}
	reply := s.write(req)
	if reply.Status != 0 {
		if reply.RetryAfter != "" {
			w.Header().Set("Retry-After", reply.RetryAfter)
		}
		fail(w, refusal{reply.Status, reply.ErrorType, "scripted"})
		return
	}
	usage := s.usage(req)
	if !stream {
		w.Header().Set("Content-Type", "application/json")
		usage["output_tokens"] = tokens(reply.Text)
		writeJSON(w, message(req, []any{map[string]any{"type": "text", "text": reply.Text}}, stopReason(reply), usage))
		return
	}
	(&streaming{w: w, flush: http.NewResponseController(w), done: r.Context().Done(), request: req, reply: reply, usage: usage}).send()
}

// read checks a request as the API does, as far as a client of ours can err.
func (s *Server) read(r *http.Request) (req Request, stream bool, bad *refusal) {
	refuse := func(status int, kind, message string, args ...any) (Request, bool, *refusal) {
		return req, false, &refusal{status, kind, fmt.Sprintf(message, args...)}
	}
	invalid := func(message string, args ...any) (Request, bool, *refusal) {
		return refuse(http.StatusBadRequest, "invalid_request_error", message, args...)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 32<<20))
	switch {
	case err != nil:
		return refuse(http.StatusRequestEntityTooLarge, "request_too_large", "Request exceeds the maximum size")
	case r.Header.Get("X-Api-Key") != Key:
		return refuse(http.StatusUnauthorized, "authentication_error", "invalid x-api-key")
	case r.Header.Get("Anthropic-Version") == "":
		return invalid("anthropic-version: header is required")
	}
	var in struct {
		Model     string `json:"model"`
		MaxTokens int    `json:"max_tokens"`
		Stream    bool   `json:"stream"`
		System    []block
		Messages  []struct {
			Role    string
			Content []block
		}
		Temperature  *float64 `json:"temperature"`
		OutputConfig struct {
			Format *struct {
				Type   string
				Schema json.RawMessage
			}
		} `json:"output_config"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return invalid("%v", err)
	}
	req = Request{Model: in.Model, MaxTokens: in.MaxTokens, Body: body, Header: r.Header.Clone()}
	switch {
	case !slices.Contains(models, in.Model):
		return refuse(http.StatusNotFound, "not_found_error", "model: %s", in.Model)
	case in.MaxTokens < 1:
		return invalid("max_tokens: must be greater than or equal to 1")
	case len(in.Messages) == 0:
		return invalid("messages: at least one message is required")
	case in.Messages[len(in.Messages)-1].Role != "user":
		return invalid("This model does not support assistant message prefill.")
	case in.Temperature != nil && strings.Contains(in.Model, "opus"):
		return invalid("temperature: is not supported by this model")
	}
	marks := 0
	var system, text []string
	for _, b := range in.System {
		system = append(system, b.Text)
		marks += b.mark()
	}
	for _, b := range in.Messages[len(in.Messages)-1].Content {
		marks += b.mark()
		switch {
		case b.Type == "text" && strings.TrimSpace(b.Text) == "":
			return invalid("messages: text content blocks must be non-empty")
		case b.Type == "text":
			text = append(text, b.Text)
		case b.Type == "image":
			img, err := base64.StdEncoding.DecodeString(b.Source.Data)
			if err != nil || len(img) == 0 || http.DetectContentType(img) != b.Source.MediaType {
				return invalid("messages: the image is not valid %s in base64", b.Source.MediaType)
			}
			if len(img) > 5<<20 {
				return invalid("messages: image exceeds 5 MB maximum")
			}
			req.Images = append(req.Images, img)
		default:
			return invalid("messages: unknown content block %q", b.Type)
		}
	}
	if marks > 4 {
		return invalid("A maximum of 4 blocks with cache_control may be provided.")
	}
	req.System, req.Text = strings.Join(system, "\n\n"), strings.Join(text, "\n\n")
	if f := in.OutputConfig.Format; f != nil {
		var schema any
		if f.Type != "json_schema" || json.Unmarshal(f.Schema, &schema) != nil {
			return invalid("output_config.format: must be a json_schema with a schema")
		}
		if why := unsupported(schema, "schema"); why != "" {
			return invalid("output_config.format.%s", why)
		}
		req.Schema = f.Schema
	}
	return req, in.Stream, nil
}

type block struct {
	Type         string
	Text         string
	CacheControl *struct{} `json:"cache_control"`
	Source       struct {
		MediaType string `json:"media_type"`
		Data      string
	}
}

func (b block) mark() int {
	if b.CacheControl != nil {
		return 1
	}
	return 0
}

// unsupported says what of a schema the API does not take, "" when nothing.
func unsupported(schema any, at string) string {
	switch v := schema.(type) {
	case []any:
		for i, e := range v {
			if why := unsupported(e, fmt.Sprintf("%s.%d", at, i)); why != "" {
				return why
			}
		}
	case map[string]any:
		_, isObject := v["properties"].(map[string]any)
		if open, said := v["additionalProperties"].(bool); isObject && (open || !said) {
			return at + ": For 'object' type, 'additionalProperties' must be explicitly set to false"
		}
		for _, name := range []string{"minimum", "maximum", "minLength", "maxLength", "maxItems", "uniqueItems", "multipleOf"} {
			if _, ok := v[name]; ok {
				return at + ": property '" + name + "' is not supported"
			}
		}
		for name, e := range v {
			if why := unsupported(e, at+"."+name); why != "" {
				return why
			}
		}
	}
	return ""
}

func fail(w http.ResponseWriter, f refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.status)
	writeJSON(w, map[string]any{"type": "error", "error": map[string]any{"type": f.kind, "message": f.message}, "request_id": w.Header().Get("Request-Id")})
}

func message(r Request, content []any, stop any, usage map[string]any) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("msg_%06d", r.N), "type": "message", "role": "assistant", "model": r.Model,
		"content": content, "stop_reason": stop, "stop_sequence": nil, "usage": usage,
	}
}

func stopReason(r Reply) string {
	if r.StopReason != "" {
		return r.StopReason
	}
	return "end_turn"
}

// minCached is the shortest beginning that is kept, in tokens.
const minCached = 1024

// usage counts what a request is charged for: a marked system text is written to the
// cache when it is first seen, and read from it later.
func (s *Server) usage(r Request) map[string]any {
	read, written, input := 0, 0, tokens(r.Text)+len(r.Images)*1500
	marked := strings.Contains(string(r.Body), `"cache_control"`)
	switch n := tokens(r.System); {
	case !marked || n < minCached:
		input += n
	default:
		key := sha256.Sum256([]byte(r.Model + "\x00" + r.System))
		s.mu.Lock()
		if s.cached[key] {
			read = n
		} else {
			written = n
		}
		s.cached[key] = true
		s.mu.Unlock()
	}
	return map[string]any{"input_tokens": input, "cache_read_input_tokens": read, "cache_creation_input_tokens": written, "output_tokens": 1}
}

// tokens estimates what a text is counted as.
func tokens(s string) int { return (utf8.RuneCountInString(s) + 3) / 4 }

func writeJSON(w io.Writer, v any) {
	_ = json.NewEncoder(w).Encode(v) // a client that left has nobody to tell
}
