// Package clamd asks ClamAV's daemon whether a file holds something that it
// knows as malicious.
//
// It promises that a file counts as clean only when clamd has seen all of it and
// said so: whatever else happens is an error. It does not start clamd and does
// not look after its signatures.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

const (
	// chunkSize is what is sent at once; clamd takes up to its StreamMaxLength.
	chunkSize = 64 << 10
	// maxReply is far over any answer: a signature's name has some 50 bytes.
	maxReply = 4 << 10
	// pingTimeout is far over what a clamd needs that works at all.
	pingTimeout = 5 * time.Second
	// patience is how long clamd may take nothing of a file.
	patience = 30 * time.Second
	// scanTime is how long clamd may be silent when it has the whole file: it scans
	// for up to two minutes (MaxScanTime), and says nothing meanwhile.
	scanTime = 150 * time.Second
)

// Client asks one clamd. It opens a connection for each question, keeps none,
// and may be used concurrently.
type Client struct {
	network, address string
	// Patience is how long clamd may take nothing of a file. New sets 30 s.
	Patience time.Duration
	// ScanTime is how long clamd may be silent once it has the whole file. New sets
	// two and a half minutes: clamd ends a scan after two.
	ScanTime time.Duration
	// PingTimeout is how long a Ping may take, also that of Scan. New sets 5 s.
	PingTimeout time.Duration
}

// New returns a client of the clamd that listens on address: host:port, or the
// path of a Unix socket, which begins with a slash or with unix:. Nothing is
// connected yet.
func New(address string) *Client {
	c := &Client{network: "tcp", address: address, Patience: patience, ScanTime: scanTime, PingTimeout: pingTimeout}
	if path, ok := strings.CutPrefix(address, "unix:"); ok || strings.HasPrefix(address, "/") {
		c.network, c.address = "unix", path
	}
	return c
}

// Ping returns nil when clamd answers, within PingTimeout and the deadline of ctx.
//
// Errors: CLAMD_UNAVAILABLE, also at that deadline, and CLAMD_FAILED.
func (c *Client) Ping(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, c.PingTimeout)
	defer cancel()
	reply, err := c.ask(limited, "zPING\x00", nil)
	switch {
	case errors.Is(limited.Err(), context.DeadlineExceeded) && err != nil:
		return c.silent(limited.Err())
	case err == nil && reply != "PONG":
		return c.failed(reply)
	}
	return err
}

// Scan pings clamd, so that one that hangs is found out soon, sends r to it and
// returns the name of the signature that it found, "" for a clean file.
//
// Errors: CLAMD_UNAVAILABLE and CLAMD_FAILED, of kind Unavailable, when there is
// no verdict and asking again may bring one; CLAMD_SIZE_LIMIT when clamd does not
// take files of this size; those of r and the end of ctx as they are.
func (c *Client) Scan(ctx context.Context, r io.Reader) (signature string, err error) {
	if err := c.Ping(ctx); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return "", err
	}
	reply, err := c.ask(ctx, "zINSTREAM\x00", r)
	if err != nil {
		return "", err
	}
	verdict, ok := strings.CutPrefix(reply, "stream: ")
	name, found := strings.CutSuffix(verdict, " FOUND")
	switch {
	case ok && verdict == "OK":
		return "", nil
	case ok && found && name != "":
		return name, nil
	case strings.HasPrefix(reply, "INSTREAM size limit exceeded"):
		return "", errdefs.New(errdefs.TooLarge, "CLAMD_SIZE_LIMIT",
			"The virus scanner does not take files of this size, so the manual was not let in. Raise StreamMaxLength in clamd.conf to the largest manual that is accepted, restart clamd, then retry the manual.")
	}
	return "", c.failed(reply)
}

// ask sends a command and, unless it is nil, the stream that goes with it, and
// returns the answer.
func (c *Client) ask(ctx context.Context, command string, stream io.Reader) (string, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", c.unavailable(ctx, err)
	}
	defer conn.Close()
	// Closing ends whatever waits on the connection.
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	w := patientWriter{conn, c.Patience}
	_, sendErr := io.WriteString(w, command)
	if sendErr == nil && stream != nil {
		if sendErr, err = send(w, stream); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return "", err
		}
	}
	// Also when sending failed: clamd hangs up on a stream that it refuses, and has
	// said why.
	if err := conn.SetReadDeadline(time.Now().Add(c.ScanTime)); err != nil {
		return "", c.unavailable(ctx, err)
	}
	reply, err := bufio.NewReader(io.LimitReader(conn, maxReply)).ReadString(0)
	if err != nil {
		return "", c.unavailable(ctx, errors.Join(sendErr, err))
	}
	return strings.TrimSpace(strings.TrimSuffix(reply, "\x00")), nil
}

// send writes the stream as chunks, each behind its length, and an empty one at
// the end. It tells apart which side failed.
func send(w io.Writer, r io.Reader) (sendErr, readErr error) {
	buf := make([]byte, 4+chunkSize)
	for {
		n, err := io.ReadFull(r, buf[4:])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return nil, err
		}
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n))
			if _, err := w.Write(buf[:4+n]); err != nil {
				return err, nil
			}
		}
		if end {
			_, err := w.Write([]byte{0, 0, 0, 0})
			return err, nil
		}
	}
}

// patientWriter gives each write its time.
type patientWriter struct {
	conn     net.Conn
	patience time.Duration
}

func (w patientWriter) Write(p []byte) (int, error) {
	if err := w.conn.SetWriteDeadline(time.Now().Add(w.patience)); err != nil {
		return 0, err
	}
	return w.conn.Write(p)
}

func (c *Client) unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return c.silent(err)
}

func (c *Client) silent(err error) error {
	return errdefs.Wrap(err, errdefs.Unavailable, "CLAMD_UNAVAILABLE",
		"The virus scanner (clamd at %s) does not answer, and no manual is let in unscanned. Start clamd or correct its address; the manual is tried again by itself.", c.address)
}

// failed stands for an answer that is no verdict.
func (c *Client) failed(reply string) error {
	return errdefs.Wrap(fmt.Errorf("clamd: answer %q", reply), errdefs.Unavailable, "CLAMD_FAILED",
		"The virus scanner (clamd at %s) could not scan the file, and no manual is let in unscanned. See clamd's log for why; the manual is tried again by itself.", c.address)
}
