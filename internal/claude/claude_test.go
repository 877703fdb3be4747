package claude_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/techcopilot/techcopilot/internal/claude"
	"github.com/techcopilot/techcopilot/internal/claude/claudetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const answer = `{"items":[{"n":1,"text":"Check the pump"},{"n":2,"text":"Grüße, 50 µF ±5 %"}]}`

func TestATextIsHandedOnWhileItIsWritten(t *testing.T) {
	c, s := start(t, claude.Config{}, always(claudetest.Reply{Text: answer, Piece: 7, Think: true}))
	got, count := &received{}, &ledger{}
	response, err := c.Write(t.Context(), question(), got, count)
	if err != nil {
		t.Fatal(err)
	}
	if got.text != answer || !got.ended || got.begun != 1 || got.pieces < 10 {
		t.Errorf("received %q in %d pieces, begun %d times, ended %v", got.text, got.pieces, got.begun, got.ended)
	}
	if response.Model != "claude-haiku-5-5" || response.RequestID != "req_000001" || response.Attempts != 1 {
		t.Errorf("response %+v", response)
	}
	calls := count.all()
	if len(calls) != 1 || calls[0].Outcome != claude.OK || calls[0].Tokens != response.Tokens || calls[0].FirstText <= 0 || calls[0].Took < calls[0].FirstText {
		t.Errorf("counted %+v", calls)
	}
	if response.Tokens.Output < 15 || response.Tokens.Input < 5 {
		t.Errorf("tokens %+v", response.Tokens)
	}
	req := s.Requests()[0]
	if req.System != "You quote manuals." || req.Text != "E12?\n\nThe page." || len(req.Images) != 1 || req.MaxTokens != 500 || len(req.Schema) == 0 {
		t.Errorf("the server got %+v", req)
	}
}

func TestWhatACallMayCostIsNeverLessThanWhatItCosts(t *testing.T) {
	c, _ := start(t, claude.Config{}, always(claudetest.Reply{Text: answer}))
	r := question()
	r.System, r.Cache = strings.Repeat("Quote the manual word for word. ", 400), true
	count := &ledger{}
	for range 2 {
		if _, err := c.Write(t.Context(), r, &received{}, count); err != nil {
			t.Fatal(err)
		}
	}
	calls := count.all()
	if calls[0].Tokens.CacheWrite == 0 || calls[1].Tokens.CacheRead != calls[0].Tokens.CacheWrite {
		t.Errorf("the system text was not kept by the provider: %+v", calls)
	}
	for _, call := range calls {
		most, charged := count.most, call.Tokens
		if charged.Input+charged.CacheRead+charged.CacheWrite > most.Input+most.CacheWrite || charged.Output > most.Output {
			t.Errorf("cost %+v, at most %+v", charged, most)
		}
	}
}

// Each failure of the provider is tried again, and the text begins anew.
func TestTemporaryFailuresAreTriedAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		reply claudetest.Reply
		want  claude.Reason
	}{
		"rate limit":       {claudetest.Reply{Status: 429, ErrorType: "rate_limit_error", RetryAfter: "0.01"}, claude.RateLimited},
		"overload":         {claudetest.Reply{Status: 529, ErrorType: "overloaded_error"}, claude.Overloaded},
		"server error":     {claudetest.Reply{Status: 500, ErrorType: "api_error"}, claude.ServerError},
		"bad gateway":      {claudetest.Reply{Status: 502}, claude.ServerError},
		"error in stream":  {claudetest.Reply{Text: answer, Fault: claudetest.ErrorEvent, After: 20}, claude.Overloaded},
		"end without stop": {claudetest.Reply{Text: answer, Fault: claudetest.CutOff, After: len(answer)}, claude.CutOff},
		"broken":           {claudetest.Reply{Text: answer, Fault: claudetest.Abort, After: 30}, claude.Network},
		"garbage":          {claudetest.Reply{Text: answer, Fault: claudetest.Garbage, After: 30}, claude.Network},
		"endless":          {claudetest.Reply{Text: answer, Fault: claudetest.Endless}, claude.Network},
		"silence":          {claudetest.Reply{Text: answer, Fault: claudetest.Stall, After: 12}, claude.Stalled},
		"not the schema":   {claudetest.Reply{Text: `{"items":[`}, claude.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := start(t, claude.Config{Stall: 2 * time.Second}, func(r claudetest.Request) claudetest.Reply {
				if r.N == 1 {
					return tt.reply
				}
				return claudetest.Reply{Text: answer}
			})
			got, count := &received{}, &ledger{}
			response, err := c.Write(t.Context(), question(), got, count)
			if err != nil {
				t.Fatal(err)
			}
			if got.text != answer || got.begun != 2 || response.Attempts != 2 || len(s.Requests()) != 2 {
				t.Errorf("received %q, begun %d times, %d attempts", got.text, got.begun, response.Attempts)
			}
			calls := count.all()
			if len(calls) != 2 || calls[0].Outcome != tt.want || calls[1].Outcome != claude.OK {
				t.Errorf("counted %+v", calls)
			}
			if tt.reply.After > 0 && calls[0].Tokens.Input == 0 {
				t.Error("the tokens of the attempt that failed in mid-stream were not counted")
			}
		})
	}
}

func TestWhatDoesNotPassIsNotTriedAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		reply   claudetest.Reply
		request func(*claude.Request)
		key     string
		want    claude.Reason
	}{
		"refusal":       {reply: claudetest.Reply{Text: "{", StopReason: "refusal"}, want: claude.Refused},
		"too long":      {reply: claudetest.Reply{Text: "{", StopReason: "max_tokens"}, want: claude.TooLong},
		"wrong key":     {key: "sk-ant-wrong", want: claude.Unauthorized},
		"no credit":     {reply: claudetest.Reply{Status: 402, ErrorType: "billing_error"}, want: claude.OutOfCredit},
		"unknown model": {request: func(r *claude.Request) { r.Model = "claude-1" }, want: claude.BadRequest},
		"open schema":   {request: func(r *claude.Request) { r.Schema = map[string]any{"type": "object", "properties": map[string]any{}} }, want: claude.BadRequest},
		"redirect":      {reply: claudetest.Reply{Status: 307}, want: claude.BadRequest},
		"long wait":     {reply: claudetest.Reply{Status: 429, ErrorType: "rate_limit_error", RetryAfter: "3600"}, want: claude.RateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := start(t, claude.Config{APIKey: tt.key}, always(tt.reply))
			r, count := question(), &ledger{}
			if tt.request != nil {
				tt.request(&r)
			}
			_, err := c.Write(t.Context(), r, &received{}, count)
			if got := claude.ReasonOf(err); got != tt.want {
				t.Fatalf("the reason is %s, want %s (%v)", got, tt.want, err)
			}
			if calls := count.all(); len(calls) != 1 {
				t.Errorf("%d attempts", len(calls))
			}
			if strings.Contains(err.Error(), "sk-ant") {
				t.Error("the error has the key")
			}
		})
	}
}

func TestATotalOfWaitingIsBoundedAgainstPingsWithoutEnd(t *testing.T) {
	c, _ := start(t, claude.Config{Timeout: 300 * time.Millisecond}, always(claudetest.Reply{Text: answer, Fault: claudetest.OnlyPings}))
	if _, err := c.Write(t.Context(), question(), &received{}, &ledger{}); claude.ReasonOf(err) != claude.TimedOut {
		t.Errorf("error %v", err)
	}
}

func TestAProviderInTroubleIsLeftAloneForAWhile(t *testing.T) {
	c, s := start(t, claude.Config{Attempts: 1, Trips: 3, Rest: 50 * time.Millisecond}, func(r claudetest.Request) claudetest.Reply {
		if r.N <= 3 {
			return claudetest.Reply{Status: 529, ErrorType: "overloaded_error"}
		}
		return claudetest.Reply{Text: answer}
	})
	ask := func() claude.Reason {
		_, err := c.Write(t.Context(), question(), &received{}, &ledger{})
		return claude.ReasonOf(err)
	}
	for range 3 {
		if got := ask(); got != claude.Overloaded {
			t.Fatalf("the reason is %s", got)
		}
	}
	if got := ask(); got != claude.Resting || len(s.Requests()) != 3 {
		t.Errorf("the reason is %s after %d requests", got, len(s.Requests()))
	}
	for ask() != claude.OK { // once it has rested
		if t.Context().Err() != nil {
			t.Fatal("the provider was never asked again")
		}
	}
}

func TestAnAttemptThatTheMeterForbidsIsNotMade(t *testing.T) {
	c, s := start(t, claude.Config{Trips: 1}, always(claudetest.Reply{Text: answer}))
	forbidden := errors.New("the month's budget is spent")
	for range 3 {
		if _, err := c.Write(t.Context(), question(), &received{}, &ledger{forbid: forbidden}); !errors.Is(err, forbidden) {
			t.Fatalf("error %v", err)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if _, err := c.Write(t.Context(), question(), &received{}, &ledger{}); err != nil {
		t.Errorf("once it is allowed: %v", err)
	}
}

func TestWhoGivesUpEndsTheCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := start(t, claude.Config{}, always(claudetest.Reply{Text: answer, Fault: claudetest.Stall, After: 5}))
	count := &ledger{}
	_, err := c.Write(ctx, question(), &received{onText: func() error { cancel(); return nil }}, count)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if calls := count.all(); len(calls) != 1 || calls[0].Outcome != claude.Canceled {
		t.Errorf("counted %+v", calls)
	}
	enough := errors.New("enough")
	if _, err := c.Write(t.Context(), question(), &received{onText: func() error { return enough }}, count); !errors.Is(err, enough) {
		t.Errorf("the receiver's error became %v", err)
	}
}

func TestAServerThatIsNotThereIsAFailureOfTheNetwork(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := claude.New(claude.Config{APIKey: claudetest.Key, BaseURL: gone.URL, Pause: time.Millisecond})
	count := &ledger{}
	if _, err := c.Write(t.Context(), question(), &received{}, count); claude.ReasonOf(err) != claude.Network || len(count.all()) != 3 {
		t.Errorf("error %v after %d attempts", err, len(count.all()))
	}
}

func TestTheEnvironmentChangesNothing(t *testing.T) {
	t.Setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
	t.Setenv("ANTHROPIC_API_KEY", "sk-ant-environment")
	c, s := start(t, claude.Config{}, always(claudetest.Reply{Text: answer}))
	if _, err := c.Write(t.Context(), question(), &received{}, &ledger{}); err != nil {
		t.Fatal(err)
	}
	if got := s.Requests()[0].Header.Get("X-Api-Key"); got != claudetest.Key {
		t.Errorf("the key was %q", got)
	}
}

func question() claude.Request {
	return claude.Request{
		Model: "claude-haiku-5-5", MaxTokens: 500, System: "You quote manuals.",
		Parts: []claude.Part{{Text: "E12?"}, {Image: &claude.Image{MediaType: "image/png", Data: []byte("\x89PNG\r\n\x1a\n"), Width: 1500, Height: 1200}}, {Text: "The page."}},
		Schema: map[string]any{
			"type": "object", "additionalProperties": false, "required": []string{"items"},
			"properties": map[string]any{"items": map[string]any{"type": "array", "items": map[string]any{"type": "string"}}},
		},
	}
}

func always(r claudetest.Reply) claudetest.Writer {
	return func(claudetest.Request) claudetest.Reply { return r }
}

func start(t *testing.T, config claude.Config, w claudetest.Writer) (*claude.Client, *claudetest.Server) {
	t.Helper()
	s := claudetest.Start(w)
	config.BaseURL = s.URL
	if config.APIKey == "" {
		config.APIKey = claudetest.Key
	}
	if config.Pause == 0 {
		config.Pause = time.Millisecond
	}
	c := claude.New(config)
	t.Cleanup(func() {
		s.Close()
		c.Close()
	})
	return c, s
}

// received is what a receiver was given.
type received struct {
	text   string
	pieces int
	begun  int
	ended  bool
	onText func() error
}

func (r *received) Begin() { r.text, r.begun = "", r.begun+1 }

func (r *received) Text(piece string) error {
	r.text += piece
	r.pieces++
	if r.onText != nil {
		return r.onText()
	}
	return nil
}

func (r *received) End() error {
	if !json.Valid([]byte(r.text)) {
		return claude.Malformed(errors.New("no JSON"))
	}
	r.ended = true
	return nil
}

// ledger notes what was counted.
type ledger struct {
	mu     sync.Mutex
	calls  []claude.Call
	most   claude.Tokens
	forbid error
}

func (l *ledger) Begin(_ context.Context, _ string, most claude.Tokens) (func(claude.Call), error) {
	if l.forbid != nil {
		return nil, l.forbid
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = most
	return func(c claude.Call) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.calls = append(l.calls, c)
	}, nil
}

func (l *ledger) all() []claude.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}
