package httpapi

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

const (
	// stall is how long a transfer may stand still: a phone in a cellar recovers
	// in less, and a client that is gone does not hold its connection for longer.
	stall = 30 * time.Second
	// transferLimit bounds a transfer that trickles: 512 MB at 300 kB/s.
	transferLimit = 30 * time.Minute
	// drainLimit is how long the rest of a refused request is read.
	drainLimit = 30 * time.Second
)

// rawRequest is an input that leaves the body to the handler, which streams it.
type rawRequest struct {
	w http.ResponseWriter
	r *http.Request
}

// Resolve keeps the request; huma calls it instead of reading a body.
func (in *rawRequest) Resolve(ctx huma.Context) []error {
	in.r, in.w = humago.Unwrap(ctx)
	return nil
}

// transfer extends a connection's deadlines while bytes move.
type transfer struct {
	control *http.ResponseController
	end     time.Time
}

func newTransfer(w http.ResponseWriter) transfer {
	return transfer{control: http.NewResponseController(w), end: time.Now().Add(transferLimit)}
}

func (t transfer) deadline() time.Time {
	next := time.Now().Add(stall)
	if next.After(t.end) {
		return t.end
	}
	return next
}

// sentBody is a request's body that knows how much of it was read.
type sentBody struct {
	io.Reader
	declared int64 // its length, -1 when the client did not say
	waits    bool  // the client sends nothing before it is told to go on
	read     int64
	ended    bool
}

func newSentBody(r *http.Request) *sentBody {
	return &sentBody{Reader: r.Body, declared: r.ContentLength, waits: r.Header.Get("Expect") != ""}
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += int64(n)
	b.ended = b.ended || err != nil
	return n, err
}

// Close leaves the body open, which the server closes: it may have to be read on.
func (b *sentBody) Close() error { return nil }

// drain reads what is left of the body of a request that was refused. A client that
// looks at the answer when it has sent everything, as most do, would find its
// connection reset, and not the answer. Those that look before get it first. What is
// more than limit bytes, or does not come within drainLimit, is given up: such a
// connection is cut. A client that still waits to be told to go on (100 Continue) is
// not told to.
func (b *sentBody) drain(w http.ResponseWriter, limit int64) {
	if b.ended || b.declared >= 0 && b.read >= b.declared || b.waits && b.read == 0 {
		return
	}
	control := http.NewResponseController(w)
	// Not every connection can do these (a test's recorder has none).
	_ = control.EnableFullDuplex()
	_ = control.Flush()
	_ = control.SetReadDeadline(time.Now().Add(drainLimit))
	_, _ = io.CopyN(io.Discard, b, limit)
}

// uploadBody reads an upload and remembers why reading ended, since what consumes it
// may report that in its own words.
type uploadBody struct {
	transfer
	io.Reader
	err error
}

func newUploadBody(in *rawRequest, limit int64) *uploadBody {
	t := newTransfer(in.w)
	// The answer is written after the body was read. Not every connection has
	// deadlines (a test's recorder has none), and then there is nothing to set.
	_ = t.control.SetWriteDeadline(t.end.Add(stall))
	return &uploadBody{transfer: t, Reader: http.MaxBytesReader(in.w, in.r.Body, limit)}
}

func (b *uploadBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(b.deadline())
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// problem is what a client may learn of a body that could not be read to its
// end; nil when it could.
func (b *uploadBody) problem(limit int64) error {
	if b.err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](b.err); ok {
		return errdefs.Wrap(b.err, errdefs.TooLarge, "FILE_TOO_LARGE",
			"The file is larger than the %d MB that are accepted. Raise MAX_UPLOAD_SIZE, or split the manual.", limit>>20)
	}
	return errdefs.Wrap(b.err, errdefs.Invalid, "UPLOAD_INCOMPLETE", "The upload broke off before its end. Send the file again.")
}

// downloadWriter writes a response for as long as the client takes bytes. That
// no part of the file is in the asked range it says as a problem, in place of
// net/http's text.
type downloadWriter struct {
	transfer
	http.ResponseWriter
	refused bool
}

func (d *downloadWriter) WriteHeader(code int) {
	if code != http.StatusRequestedRangeNotSatisfiable {
		d.ResponseWriter.WriteHeader(code)
		return
	}
	d.refused = true
	h := d.Header()
	for _, name := range []string{"Content-Disposition", "Content-Length", "ETag", "Last-Modified"} { // of the file
		h.Del(name)
	}
	newProblem(code, "RANGE_NOT_SATISFIABLE", "The file has no such part. Its size is in the header Content-Range.").write(d.ResponseWriter)
}

func (d *downloadWriter) Write(p []byte) (int, error) {
	if d.refused {
		return len(p), nil
	}
	_ = d.control.SetWriteDeadline(d.deadline())
	return d.ResponseWriter.Write(p)
}
