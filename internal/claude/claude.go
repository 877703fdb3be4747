// Package claude asks Claude, or another server that speaks the Messages API, for
// an answer in JSON of a given schema, and hands the text on while it is written.
//
// It promises that what it reports as complete is complete (a stream that ends
// without its last event is a failure), that each attempt is counted with the
// tokens that the provider reports, also one that fails half-way, that waiting is
// bounded (for a first byte, between bytes and in total), and that a provider in
// trouble is left alone for a while. It does not judge what was written: nothing
// it returns may be shown before it is verified.
package claude

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/cenkalti/backoff/v5"
	"github.com/sony/gobreaker/v2"
)

// Config is what a Client is built from.
type Config struct {
	// APIKey is sent as x-api-key.
	APIKey string
	// BaseURL is the server's address without /v1, such as
	// https://api.anthropic.com. It is changed for a gateway of the shop's own.
	BaseURL string
	// Attempts is how often a call is tried in all; 3 when 0. More than a few
	// keep a technician waiting for what the extractive writer has at once.
	Attempts int
	// Stall is the longest silence of the server, before its first byte and
	// between two; 15 s when 0. The provider sends a ping more often than that.
	Stall time.Duration
	// Timeout bounds a call with all its attempts; 60 s when 0.
	Timeout time.Duration
	// Pause is the mean wait before the second attempt, and doubles from there;
	// half a second when 0. What the server asks for in Retry-After is kept to,
	// unless it is longer than the call may take.
	Pause time.Duration
	// Rest is how long the provider is left alone after Trips failures in a row;
	// 30 s when 0.
	Rest time.Duration
	// Trips is the number of failed attempts in a row after which calls fail at
	// once; 6 when 0.
	Trips int
	// Log is told of each failed attempt, without its content. Nothing is logged
	// when nil.
	Log *slog.Logger
}

const (
	// DefaultBaseURL is Anthropic's own API.
	DefaultBaseURL = "https://api.anthropic.com"

	maxResponse = 4 << 20 // bytes of one stream; an answer has a few thousand
)

// Client asks for texts. It may be used concurrently.
type Client struct {
	messages anthropic.MessageService
	breaker  *gobreaker.CircuitBreaker[Response]
	idle     func() // closes connections that nobody uses
	config   Config
	log      *slog.Logger
}

// New returns a Client. Nothing is read from the environment.
func New(c Config) *Client {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	setDefault(&c.Attempts, 3)
	setDefault(&c.Stall, 15*time.Second)
	setDefault(&c.Timeout, time.Minute)
	setDefault(&c.Pause, 500*time.Millisecond)
	setDefault(&c.Rest, 30*time.Second)
	setDefault(&c.Trips, 6)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	client := &Client{config: c, log: c.Log, idle: transport.CloseIdleConnections}
	if client.log == nil {
		client.log = slog.New(slog.DiscardHandler)
	}
	client.messages = anthropic.NewMessageService(
		option.WithBaseURL(c.BaseURL),
		option.WithAPIKey(c.APIKey),
		option.WithMaxRetries(0), // ours count each attempt
		option.WithoutOpenTelemetry(),
		option.WithHTTPClient(&http.Client{
			Transport: transport,
			// A redirect would carry the key to another server.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
		option.WithMiddleware(watched),
	)
	client.breaker = gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Name:         "claude",
		Timeout:      c.Rest,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return int(n.ConsecutiveFailures) >= c.Trips },
		IsSuccessful: func(err error) bool { return !ReasonOf(err).provider() },
		// Who gave up, or never asked, has not learned anything about the provider.
		IsExcluded: func(err error) bool {
			_, denied := errors.AsType[*deniedError](err)
			return denied || ReasonOf(err) == Canceled
		},
	})
	return client
}

// Close gives up connections that are kept for the next call. Calls in progress go on.
func (c *Client) Close() { c.idle() }

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Request is one question.
type Request struct {
	Model     string
	MaxTokens int // of the answer
	// System says what to do. It comes first and changes least, so that the
	// provider may keep it (prompt caching) when Cache is set.
	System string
	Cache  bool
	// Parts are the user's message, in order.
	Parts []Part
	// Schema is the JSON schema of the answer: all objects closed
	// ("additionalProperties": false), without bounds of numbers and lengths, which
	// the API does not take.
	Schema map[string]any
}

// Part is a piece of a message: a text or an image.
type Part struct {
	Text  string
	Image *Image
}

// Image is a picture in a message.
type Image struct {
	MediaType     string // image/png, image/jpeg
	Data          []byte
	Width, Height int // pixels, for the estimate of what it costs
}

// Tokens are what a call is charged for.
type Tokens struct {
	Input      int64 `json:"input"`       // read anew
	CacheRead  int64 `json:"cache_read"`  // read from the provider's cache
	CacheWrite int64 `json:"cache_write"` // written to it
	Output     int64 `json:"output"`
}

// Response is a complete answer.
type Response struct {
	Model     string // that really answered
	RequestID string
	Tokens    Tokens
	Attempts  int
}

// Receiver takes a text while it is written. Its methods are not called
// concurrently.
type Receiver interface {
	// Begin starts an attempt: what came before is void.
	Begin()
	// Text is the next piece. An error ends the call.
	Text(piece string) error
	// End is called once the text is complete. An error made by Malformed lets
	// the call be tried again.
	End() error
}

// Call is what became of one attempt.
type Call struct {
	Model     string // that was asked
	Answered  string // that answered; "" when none did
	RequestID string
	Tokens    Tokens
	Started   time.Time
	FirstText time.Duration // until the first piece of text; 0 when none came
	Took      time.Duration
	Outcome   Reason // OK, or why it failed; Canceled when the receiver ended it
}

// Meter decides whether an attempt may be made, and counts it.
type Meter interface {
	// Begin is called before an attempt that is charged for the tokens at most.
	// Its error ends the call and is returned as it is. Otherwise settle is called
	// once, when the attempt is over.
	Begin(ctx context.Context, model string, most Tokens) (settle func(Call), err error)
}

// Write asks for a text and hands it to out. Temporary failures are tried again
// with growing, random pauses; out.Begin then voids what it was given. The error
// is an *Error, an error of out or of the meter, or the context's.
func (c *Client) Write(ctx context.Context, r Request, out Receiver, meter Meter) (Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, &Error{Reason: TimedOut})
	defer cancel()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = c.config.Pause
	attempts := 0
	var last error // Retry forgets it where it was told how long to wait
	response, err := backoff.Retry(ctx, func() (Response, error) {
		attempts++
		response, err := c.breaker.Execute(func() (Response, error) {
			return c.attempt(ctx, r, out, meter)
		})
		if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
			err = &Error{Reason: Resting, Err: err}
		}
		last = err
		if err == nil {
			return response, nil
		}
		e, ok := errors.AsType[*Error](err)
		deadline, _ := ctx.Deadline()
		switch {
		case !ok || !e.Reason.temporary() || time.Until(deadline) < e.RetryAfter:
			return response, backoff.Permanent(err)
		case e.RetryAfter > 0:
			return response, &backoff.RetryAfterError{Duration: e.RetryAfter + pause.NextBackOff()}
		}
		return response, err
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(uint(c.config.Attempts)))
	response.Attempts = attempts
	if err != nil && ctx.Err() == nil {
		err = last
	}
	if d, ok := errors.AsType[*deniedError](err); ok {
		err = d.error
	}
	return response, err
}

// deniedError is the meter's: no call was made.
type deniedError struct{ error }

func (e *deniedError) Unwrap() error { return e.error }

// attempt makes one call.
func (c *Client) attempt(ctx context.Context, r Request, out Receiver, meter Meter) (response Response, err error) {
	settle, err := meter.Begin(ctx, r.Model, r.most())
	if err != nil {
		return Response{}, &deniedError{err}
	}
	call := Call{Model: r.Model, Started: time.Now()}
	defer func() {
		call.Answered, call.RequestID, call.Tokens = response.Model, response.RequestID, response.Tokens
		call.Took, call.Outcome = time.Since(call.Started), ReasonOf(err)
		settle(call)
		if err != nil {
			c.log.WarnContext(ctx, "asking Claude failed", "model", r.Model, "reason", call.Outcome, "request_id", call.RequestID, "took", call.Took, "error", err)
		}
	}()

	ctx, silence := watch(ctx, c.config.Stall)
	defer silence.stop()
	out.Begin()
	stream := c.messages.NewStreaming(ctx, r.params(), option.WithResponseInto(&silence.response))
	defer stream.Close() //nolint:errcheck // the text is complete or the error is known
	stop, complete := anthropic.StopReason(""), false
	for stream.Next() {
		switch e := stream.Current().AsAny().(type) {
		case anthropic.MessageStartEvent:
			response.Model = e.Message.Model
			response.Tokens = Tokens{Input: e.Message.Usage.InputTokens, CacheRead: e.Message.Usage.CacheReadInputTokens, CacheWrite: e.Message.Usage.CacheCreationInputTokens, Output: e.Message.Usage.OutputTokens}
		case anthropic.ContentBlockDeltaEvent:
			if e.Delta.Type != "text_delta" {
				continue // thinking
			}
			if call.FirstText == 0 {
				call.FirstText = time.Since(call.Started)
			}
			if err := out.Text(e.Delta.Text); err != nil {
				return response, err
			}
		case anthropic.MessageDeltaEvent:
			stop = e.Delta.StopReason
			response.Tokens.add(e.Usage)
		case anthropic.MessageStopEvent:
			complete = true
		}
	}
	response.RequestID = silence.requestID()
	if err := stream.Err(); err != nil {
		return response, explain(ctx, err)
	}
	switch {
	case !complete:
		return response, &Error{Reason: CutOff, RequestID: response.RequestID}
	case stop == anthropic.StopReasonRefusal:
		return response, &Error{Reason: Refused, RequestID: response.RequestID}
	case stop == anthropic.StopReasonMaxTokens, stop == anthropic.StopReasonModelContextWindowExceeded:
		return response, &Error{Reason: TooLong, RequestID: response.RequestID}
	}
	return response, out.End()
}

// add takes over the counts at the end of a stream, which are totals.
func (t *Tokens) add(u anthropic.MessageDeltaUsage) {
	t.Output = max(t.Output, u.OutputTokens)
	t.Input = max(t.Input, u.InputTokens)
	t.CacheRead = max(t.CacheRead, u.CacheReadInputTokens)
	t.CacheWrite = max(t.CacheWrite, u.CacheCreationInputTokens)
}

func (r Request) params() anthropic.MessageNewParams {
	system := anthropic.TextBlockParam{Text: r.System}
	if r.Cache {
		system.CacheControl = anthropic.NewCacheControlEphemeralParam()
	}
	blocks := make([]anthropic.ContentBlockParamUnion, 0, len(r.Parts))
	for _, p := range r.Parts {
		if p.Image != nil {
			blocks = append(blocks, anthropic.NewImageBlockBase64(p.Image.MediaType, base64.StdEncoding.EncodeToString(p.Image.Data)))
			continue
		}
		blocks = append(blocks, anthropic.NewTextBlock(p.Text))
	}
	out := anthropic.MessageNewParams{
		Model:     r.Model,
		MaxTokens: int64(r.MaxTokens),
		System:    []anthropic.TextBlockParam{system},
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(blocks...)},
	}
	if r.Schema != nil {
		out.OutputConfig = anthropic.OutputConfigParam{Format: anthropic.JSONOutputFormatParam{Schema: r.Schema}}
	}
	return out
}

// most is the largest number of tokens that the request can be charged for, as far
// as that is known before: no language has less than two bytes a token on average,
// and an image has a token for each 750 pixels.
// Source: the provider's guide to images.
func (r Request) most() Tokens {
	size := len(r.System) + 64
	for _, p := range r.Parts {
		size += len(p.Text) + 16
	}
	t := Tokens{Input: int64(size / 2), Output: int64(r.MaxTokens)}
	for _, p := range r.Parts {
		if p.Image != nil {
			t.Input += int64(p.Image.Width*p.Image.Height/750) + 1
		}
	}
	if r.Cache {
		t.CacheWrite = int64(len(r.System) / 2)
		t.Input -= t.CacheWrite
	}
	return t
}

// Malformed returns the error of a text that is not what the schema asks for.
func Malformed(err error) error { return &Error{Reason: BadOutput, Err: err} }

// redact keeps what a server answers out of the log beyond its first line.
func redact(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return line
}

// explain finds the reason of a failed call.
func explain(ctx context.Context, err error) error {
	if cause, ok := errors.AsType[*Error](context.Cause(ctx)); ok {
		return &Error{Reason: cause.Reason, Err: err}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	api, ok := errors.AsType[*anthropic.Error](err)
	if !ok {
		return &Error{Reason: Network, Err: err}
	}
	return &Error{
		Reason: reasonFor(api.StatusCode, string(api.Type())), Status: api.StatusCode, RequestID: api.RequestID,
		RetryAfter: retryAfter(api.Response), Err: errors.New(redact(fmt.Sprintf("%d %s %s", api.StatusCode, api.Type(), api.RawJSON()))),
	}
}
