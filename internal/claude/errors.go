package claude

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Reason is what became of a call.
type Reason string

// The reasons. All but OK and Canceled are failures.
const (
	OK           Reason = "ok"
	Canceled     Reason = "canceled"      // the caller gave up
	RateLimited  Reason = "rate_limited"  // 429
	Overloaded   Reason = "overloaded"    // 529, also in mid-stream
	ServerError  Reason = "server_error"  // 5xx
	Network      Reason = "network"       // not reached, or the connection broke
	Stalled      Reason = "stalled"       // silent for too long
	TimedOut     Reason = "timed_out"     // not done in time
	CutOff       Reason = "cut_off"       // ended without its last event
	BadOutput    Reason = "bad_output"    // not the JSON that was asked for
	TooLong      Reason = "too_long"      // longer than MaxTokens, or than the model can read
	Refused      Reason = "refused"       // the model declined
	BadRequest   Reason = "bad_request"   // 4xx: the program's or the settings' fault
	Unauthorized Reason = "unauthorized"  // the key is wrong or has no access
	OutOfCredit  Reason = "out_of_credit" // the account cannot pay
	Resting      Reason = "resting"       // left alone after too many failures
)

// temporary reports whether it makes sense to try again.
func (r Reason) temporary() bool {
	switch r {
	case RateLimited, Overloaded, ServerError, Network, Stalled, CutOff, BadOutput:
		return true
	}
	return false
}

// provider reports whether the failure speaks against the provider rather than
// against one request.
func (r Reason) provider() bool {
	switch r {
	case RateLimited, Overloaded, ServerError, Network, Stalled, TimedOut, CutOff, Unauthorized, OutOfCredit:
		return true
	}
	return false
}

// Error says why a call failed. Its text is for the log.
type Error struct {
	Reason     Reason
	Status     int           // of the HTTP answer; 0 when there was none
	RequestID  string        // the provider's
	RetryAfter time.Duration // what the provider asked for; 0 when nothing
	Err        error         // the cause; may be nil
}

// Error returns the reason and its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return "claude: " + string(e.Reason)
	}
	return fmt.Sprintf("claude: %s: %v", e.Reason, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ReasonOf returns why a call failed: OK for nil, and Canceled for errors of the
// context and of the receiver, which say nothing about the provider.
func ReasonOf(err error) Reason {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return Canceled
}

// reasonFor reads the answer to a call that was not accepted, or an error event
// (status 200).
func reasonFor(status int, kind string) Reason {
	switch kind {
	case "overloaded_error":
		return Overloaded
	case "rate_limit_error":
		return RateLimited
	case "authentication_error", "permission_error":
		return Unauthorized
	case "billing_error":
		return OutOfCredit
	case "timeout_error", "api_error":
		return ServerError
	}
	switch {
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == 529:
		return Overloaded
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Unauthorized
	case status == http.StatusPaymentRequired:
		return OutOfCredit
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status >= http.StatusInternalServerError, status == http.StatusOK:
		return ServerError
	}
	return BadRequest
}

// retryAfter reads how long the server wants to be left alone; 0 when it does not
// say. Dates are left out: the provider sends seconds or milliseconds.
func retryAfter(r *http.Response) time.Duration {
	if r == nil {
		return 0
	}
	if ms, err := strconv.ParseFloat(r.Header.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	if s, err := strconv.ParseFloat(r.Header.Get("Retry-After"), 64); err == nil && s > 0 {
		return time.Duration(s * float64(time.Second))
	}
	return 0
}
