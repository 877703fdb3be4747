package claudetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"
)

// streaming is one answer while it is sent.
type streaming struct {
	w       http.ResponseWriter
	flush   *http.ResponseController
	done    <-chan struct{} // the client has left
	request Request
	reply   Reply
	usage   map[string]any
}

func (s *streaming) send() {
	s.w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	s.event("message_start", map[string]any{"message": message(s.request, []any{}, nil, s.usage)})
	s.event("ping", nil)
	index := 0
	if s.reply.Think {
		s.event("content_block_start", map[string]any{"index": 0, "content_block": map[string]any{"type": "thinking", "thinking": "", "signature": ""}})
		s.event("content_block_delta", map[string]any{"index": 0, "delta": map[string]any{"type": "thinking_delta", "thinking": "The page says it."}})
		s.event("content_block_delta", map[string]any{"index": 0, "delta": map[string]any{"type": "signature_delta", "signature": "c2ln"}})
		s.event("content_block_stop", map[string]any{"index": 0})
		index = 1
	}
	s.event("content_block_start", map[string]any{"index": index, "content_block": map[string]any{"type": "text", "text": ""}})
	if !s.text(index) {
		return
	}
	s.event("content_block_stop", map[string]any{"index": index})
	s.event("message_delta", map[string]any{"delta": map[string]any{"stop_reason": stopReason(s.reply), "stop_sequence": nil}, "usage": map[string]any{"output_tokens": tokens(s.reply.Text)}})
	s.event("message_stop", nil)
}

// text sends the text piece by piece. It reports whether the stream goes on.
func (s *streaming) text(index int) bool {
	text, size := s.reply.Text, s.reply.Piece
	if size < 1 {
		size = 24
	}
	if s.reply.Fault != NoFault {
		text = text[:min(s.reply.After, len(text))]
	}
	for len(text) > 0 {
		n := min(size, len(text))
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n++
		}
		if !s.wait(s.reply.Pace) {
			return false
		}
		s.delta(index, text[:n])
		text = text[n:]
	}
	return s.fault(index)
}

func (s *streaming) delta(index int, text string) {
	s.event("content_block_delta", map[string]any{"index": index, "delta": map[string]any{"type": "text_delta", "text": text}})
}

// pingEvery is the time between two pings of a server that has nothing to say.
const pingEvery = 5 * time.Millisecond

// fault misbehaves as scripted. It reports whether the stream goes on.
func (s *streaming) fault(index int) bool {
	switch s.reply.Fault {
	case ErrorEvent:
		s.event("error", map[string]any{"error": map[string]any{"type": "overloaded_error", "message": "Overloaded"}})
	case CutOff:
	case Abort:
		panic(http.ErrAbortHandler) // closes the connection in the middle of a chunk
	case Stall:
		<-s.done
	case OnlyPings:
		for s.wait(pingEvery) {
			s.event("ping", nil)
		}
	case Garbage:
		_, _ = fmt.Fprint(s.w, "event: content_block_delta\ndata: {\"type\":\n\n")
		_ = s.flush.Flush()
	case Endless:
		for s.wait(0) {
			s.delta(index, fmt.Sprintf("%65536s", ""))
		}
	case NoFault:
		return true
	}
	return false
}

// wait reports false when the client has left.
func (s *streaming) wait(d time.Duration) bool {
	select {
	case <-s.done:
		return false
	default:
	}
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.done:
		return false
	case <-t.C:
		return true
	}
}

func (s *streaming) event(kind string, data map[string]any) {
	if data == nil {
		data = map[string]any{}
	}
	data["type"] = kind
	encoded, err := json.Marshal(data)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	_, _ = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", kind, encoded)
	_ = s.flush.Flush()
}
