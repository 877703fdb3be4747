package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

const (
	// defaultStreams bounds the streams of a server: each asks the database a small
	// question about once a second.
	defaultStreams = 200
	// heartbeat keeps proxies from taking a quiet stream for a dead one, and finds
	// out that a client is gone without having said so.
	heartbeat = 15 * time.Second
	// eventStall is how long a client may take no bytes.
	eventStall = 10 * time.Second
	// reconnect is when clients try again after a stream was cut off.
	reconnect = 2 * time.Second
)

// event is one event of a stream. It is a comment, which clients pass over, when
// it has no name.
type event struct {
	id, name string
	data     any
}

type manualEventsInput struct {
	ManualPath
	rawRequest
	LastEventID string `header:"Last-Event-ID" maxLength:"200" doc:"Id of the last event that was received: what has not changed since is not sent again"`
}

type libraryEventsInput struct{ rawRequest }

// deletedBody is what is told of a manual that is gone.
type deletedBody struct {
	ID uuid.UUID `json:"id"`
}

func (a *api) eventRoutes() {
	const events = "Server-sent events: `progress` whenever the manual has changed, also while it is read again, then `ready`, `failed`, `quarantined` or `deleted`. " +
		"The data is the manual as its own address shows it, of `deleted` only its id. "
	one := handle(a, route{
		id: "watch-manual", method: http.MethodGet, path: "/api/v1/manuals/{id}/events", tag: "manuals", timeout: -1,
		summary: "Watch a manual being read",
		detail:  events + "The stream ends with the last of these. A client that comes back with its id gets 204, which keeps browsers from coming back again.",
	}, a.watchManual)
	all := handle(a, route{
		id: "watch-manuals", method: http.MethodGet, path: "/api/v1/manuals/events", tag: "manuals", timeout: -1,
		summary: "Watch the library",
		detail: events + "First come the manuals that are being read, then every one that is added or changed, without end. " +
			"What changed before the stream was opened is in the list of manuals: read it when the stream opens, also after it was cut off.",
	}, a.watchManuals)
	for _, op := range []*huma.Operation{one, all} {
		op.Responses["200"] = &huma.Response{
			Description: "Events", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}
	}
	one.Responses["204"] = &huma.Response{Description: "Nothing will come after the event that Last-Event-ID names"}
}

func (a *api) watchManual(ctx context.Context, in *manualEventsInput) (*huma.StreamResponse, error) {
	m, err := a.Manuals.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	last := in.LastEventID
	if m.AtRest() && eventID(m) == last {
		return &huma.StreamResponse{Body: func(huma.Context) { in.w.WriteHeader(http.StatusNoContent) }}, nil
	}
	return a.stream(&in.rawRequest, func(ctx context.Context) iter.Seq2[event, error] {
		return func(yield func(event, error) bool) {
			for m, err := range a.Manuals.Watch(ctx, in.ID) {
				if errdefs.Code(err) == "MANUAL_NOT_FOUND" {
					yield(deleted(in.ID), nil)
					return
				}
				e := manualEvent(m)
				known := err == nil && e.id == last
				if last = ""; known {
					continue
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

func (a *api) watchManuals(_ context.Context, in *libraryEventsInput) (*huma.StreamResponse, error) {
	return a.stream(&in.rawRequest, func(ctx context.Context) iter.Seq2[event, error] {
		return func(yield func(event, error) bool) {
			for c, err := range a.Manuals.WatchAll(ctx) {
				e := manualEvent(c.Manual)
				if c.Deleted {
					e = deleted(c.Manual.ID)
				}
				e.id = "" // there is none to go on from
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
}

func manualEvent(m manual.Manual) event {
	e := event{id: eventID(m), name: "progress", data: newManualBody(m)}
	if m.AtRest() {
		e.name = string(m.Status)
	}
	return e
}

// eventID names a state of a manual; it is that of its ETag.
func eventID(m manual.Manual) string { return strings.Trim(manualTag(m), `W/"`) }

func deleted(id uuid.UUID) event { return event{name: "deleted", data: deletedBody{id}} }

// stream answers with events until they end, the client is gone or the server
// stops. An error among them ends the stream too: the client comes back.
func (a *api) stream(in *rawRequest, events func(context.Context) iter.Seq2[event, error]) (*huma.StreamResponse, error) {
	if a.streams.Add(1) > int64(a.MaxStreams) {
		a.streams.Add(-1)
		return nil, errdefs.New(errdefs.Unavailable, "TOO_MANY_STREAMS",
			"As many clients as this server allows (%d) watch manuals already. Ask for the manual every few seconds instead, or try again later.", a.MaxStreams)
	}
	return &huma.StreamResponse{Body: func(huma.Context) {
		defer a.streams.Add(-1)
		ctx, cancel := context.WithCancel(in.r.Context())
		defer cancel()
		defer context.AfterFunc(stopping(ctx), cancel)()
		s := newEventStream(in.w)
		if err := s.open(); err != nil {
			return
		}
		if err := s.copy(ctx, events(ctx)); err != nil && ctx.Err() == nil {
			a.Log.LogAttrs(ctx, slog.LevelWarn, "a stream of events broke off", slog.Any("error", err))
		}
	}}, nil
}

// eventStream writes server-sent events.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buffer  bytes.Buffer
}

func newEventStream(w http.ResponseWriter) *eventStream {
	return &eventStream{w: w, control: http.NewResponseController(w)}
}

func (s *eventStream) open() error {
	// The server's limit on reading a request would end the request's context. Not
	// every connection has deadlines, and then there is nothing to set.
	_ = s.control.SetReadDeadline(time.Time{})
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would collect events
	fmt.Fprintf(&s.buffer, "retry: %d\n\n", reconnect.Milliseconds())
	return s.flush()
}

// copy writes the events, and a comment when there was none for a while. It
// returns the error among them; that the client is gone or takes no more bytes is
// none.
func (s *eventStream) copy(ctx context.Context, events iter.Seq2[event, error]) error {
	type next struct {
		event
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	ch := make(chan next)
	go func() {
		defer close(ch)
		for e, err := range events {
			select {
			case ch <- next{e, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		cancel()
		for range ch { // until the goroutine has ended
		}
	}()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case n, ok := <-ch:
			if !ok || n.err != nil {
				return n.err
			}
			if s.write(n.event) != nil {
				return nil
			}
			ticker.Reset(heartbeat)
		case <-ticker.C:
			if s.write(event{}) != nil {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *eventStream) write(e event) error {
	if e.name == "" {
		s.buffer.WriteString(":\n\n")
		return s.flush()
	}
	data, err := json.Marshal(e.data) // one line
	if err != nil {
		return err
	}
	if e.id != "" {
		fmt.Fprintf(&s.buffer, "id: %s\n", e.id)
	}
	fmt.Fprintf(&s.buffer, "event: %s\ndata: %s\n\n", e.name, data)
	return s.flush()
}

func (s *eventStream) flush() error {
	_ = s.control.SetWriteDeadline(time.Now().Add(eventStall))
	_, err := s.buffer.WriteTo(s.w)
	if err != nil {
		return err
	}
	return s.control.Flush()
}

type stoppingKey struct{}

// stopping returns the context that ends when the server begins to stop, which
// otherwise waits for its streams. Requests that are no streams are finished.
func stopping(ctx context.Context) context.Context {
	if stop, ok := ctx.Value(stoppingKey{}).(context.Context); ok {
		return stop
	}
	return context.Background()
}

// endStreams has the streams of the server end when it is shut down.
func endStreams(s *http.Server) {
	stop, cancel := context.WithCancel(context.Background())
	s.BaseContext = func(net.Listener) context.Context {
		return context.WithValue(context.Background(), stoppingKey{}, stop)
	}
	s.RegisterOnShutdown(cancel)
}
