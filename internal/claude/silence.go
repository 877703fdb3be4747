package claude

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/anthropics/anthropic-sdk-go/option"
)

// silence ends a call when nothing came for too long. The SDK swallows pings, so
// that it is the bytes of the connection that count.
type silence struct {
	longest  time.Duration
	timer    *time.Timer
	cancel   context.CancelCauseFunc
	response *http.Response
}

type silenceKey struct{}

// watch returns a context that ends with the reason Stalled once nothing came for
// longest.
func watch(ctx context.Context, longest time.Duration) (context.Context, *silence) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &silence{longest: longest, cancel: cancel}
	s.timer = time.AfterFunc(longest, func() { cancel(&Error{Reason: Stalled}) })
	return context.WithValue(ctx, silenceKey{}, s), s
}

func (s *silence) stop() {
	s.timer.Stop()
	s.cancel(nil)
}

func (s *silence) requestID() string {
	if s.response == nil {
		return ""
	}
	return s.response.Header.Get("Request-Id")
}

// watched lets the silence of a call's context listen to the answer.
func watched(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	resp, err := next(r)
	s, ok := r.Context().Value(silenceKey{}).(*silence)
	if err != nil || !ok {
		return resp, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode < http.StatusBadRequest {
		_ = resp.Body.Close() // the SDK would take it for the answer
		return nil, &Error{Reason: BadRequest, Status: resp.StatusCode, Err: errors.New("the server redirects, and is not followed with the key: set its own address")}
	}
	s.timer.Reset(s.longest)
	resp.Body = &heard{ReadCloser: resp.Body, silence: s, left: maxResponse}
	return resp, nil
}

// heard is an answer's body that is listened to.
type heard struct {
	io.ReadCloser

	silence *silence
	left    int64
}

var errTooMuch = errors.New("the answer is larger than any that was asked for")

// Read implements io.Reader.
func (h *heard) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if n > 0 {
		h.silence.timer.Reset(h.silence.longest)
	}
	if h.left -= int64(n); h.left < 0 {
		return n, errTooMuch
	}
	return n, err
}
