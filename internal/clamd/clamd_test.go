package clamd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/techcopilot/techcopilot/internal/clamd"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// eicar is the test file that every scanner takes for a virus, in two parts so
// that this file is not taken for one.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// daemon speaks clamd's protocol on a real socket.
type daemon struct {
	address string
	limit   int // StreamMaxLength
	// misbehave, if set, takes over once the command to scan was read; ping, once
	// that to answer was.
	misbehave, ping func(conn net.Conn)

	mu       sync.Mutex
	received []byte // the last stream
	chunks   int
}

func start(t *testing.T, network string, d *daemon) *clamd.Client {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "clamd.ctl")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				d.serve(conn)
			})
		}
	})
	d.address = l.Addr().String()
	return clamd.New(d.address)
}

func (d *daemon) serve(conn net.Conn) {
	r := bufio.NewReader(conn)
	command, err := r.ReadString(0)
	if err != nil {
		return
	}
	takeover := d.misbehave
	if command == "zPING\x00" {
		takeover = d.ping
	}
	if takeover != nil {
		takeover(conn)
		return
	}
	switch command {
	case "zPING\x00":
		io.WriteString(conn, "PONG\x00")
	case "zINSTREAM\x00":
		d.scan(conn, r)
	default:
		io.WriteString(conn, "UNKNOWN COMMAND\x00")
	}
}

func (d *daemon) scan(conn net.Conn, r io.Reader) {
	var all []byte
	for chunks := 0; ; chunks++ {
		var size uint32
		if binary.Read(r, binary.BigEndian, &size) != nil {
			return
		}
		if size == 0 {
			d.mu.Lock()
			d.received, d.chunks = all, chunks
			d.mu.Unlock()
			break
		}
		if d.limit > 0 && len(all)+int(size) > d.limit {
			io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		chunk := make([]byte, size)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return
		}
		all = append(all, chunk...)
	}
	if bytes.Contains(all, []byte(eicar)) {
		io.WriteString(conn, "stream: Eicar-Signature FOUND\x00")
		return
	}
	io.WriteString(conn, "stream: OK\x00")
}

func TestCleanAndInfectedFilesAreToldApart(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		d := &daemon{}
		c := start(t, network, d)
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("%s: Ping: %v", network, err)
		}
		for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20} {
			content := bytes.Repeat([]byte{'x'}, size)
			signature, err := c.Scan(t.Context(), iotest.HalfReader(bytes.NewReader(content)))
			if err != nil || signature != "" {
				t.Errorf("%s, %d bytes: %q, %v", network, size, signature, err)
			}
			if !bytes.Equal(d.received, content) || d.chunks != (size+64<<10-1)/(64<<10) {
				t.Errorf("%s: clamd got %d bytes of %d in %d chunks", network, len(d.received), size, d.chunks)
			}
		}
		infected := strings.Repeat(" ", 100_000) + eicar
		if signature, err := c.Scan(t.Context(), strings.NewReader(infected)); err != nil || signature != "Eicar-Signature" {
			t.Errorf("%s: %q, %v", network, signature, err)
		}
	}
}

func TestASocketMayBeNamedWithItsScheme(t *testing.T) {
	d := &daemon{}
	start(t, "unix", d)
	if err := clamd.New("unix:" + d.address).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAFileOverTheScannersLimitIsNotTakenForClean(t *testing.T) {
	c := start(t, "tcp", &daemon{limit: 100_000})
	_, err := c.Scan(t.Context(), bytes.NewReader(make([]byte, 8<<20)))
	if errdefs.Code(err) != "CLAMD_SIZE_LIMIT" || !errdefs.Is(err, errdefs.TooLarge) || !strings.Contains(err.Error(), "StreamMaxLength") {
		t.Error(err)
	}
}

func TestWithoutAVerdictNothingIsClean(t *testing.T) {
	say := func(s string) func(net.Conn) {
		return func(conn net.Conn) {
			io.WriteString(conn, s)
			_, _ = io.Copy(io.Discard, conn)
		}
	}
	silent := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	var deaf func(net.Conn) // see below: it holds the connection until its test ends
	for name, tc := range map[string]struct {
		behave func(net.Conn)
		code   string
	}{
		"hangs up at once":       {func(net.Conn) {}, "CLAMD_UNAVAILABLE"},
		"hangs up in the answer": {func(conn net.Conn) { io.WriteString(conn, "stream: O") }, "CLAMD_UNAVAILABLE"},
		"no end of the answer":   {say("stream: OK"), "CLAMD_UNAVAILABLE"},
		"never answers":          {silent, "CLAMD_UNAVAILABLE"},
		"an endless answer":      {say(strings.Repeat("stream: OK ", 10_000)), "CLAMD_UNAVAILABLE"},
		"takes nothing":          {deaf, "CLAMD_UNAVAILABLE"},
		"an error":               {say("stream: Can't allocate memory ERROR\x00"), "CLAMD_FAILED"},
		"another protocol":       {say("HTTP/1.1 400 Bad Request\r\n\r\n\x00"), "CLAMD_FAILED"},
		"found without a name":   {say("stream:  FOUND\x00"), "CLAMD_FAILED"},
		"an empty answer":        {say("\x00"), "CLAMD_FAILED"},
		"OK for something else":  {say("OK\x00"), "CLAMD_FAILED"},
		"an unknown command":     {say("UNKNOWN COMMAND\x00"), "CLAMD_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behave := tc.behave
			if behave == nil {
				behave = func(net.Conn) { <-t.Context().Done() }
			}
			c := start(t, "tcp", &daemon{misbehave: behave})
			if tc.code == "CLAMD_UNAVAILABLE" { // the others answer, however late
				c.Patience, c.ScanTime = 200*time.Millisecond, 200*time.Millisecond
			}
			signature, err := c.Scan(t.Context(), bytes.NewReader(make([]byte, 8<<20)))
			if errdefs.Code(err) != tc.code || !errdefs.Is(err, errdefs.Unavailable) || signature != "" {
				t.Errorf("Scan: %q, %v", signature, err)
			}
			dead := start(t, "tcp", &daemon{ping: behave})
			dead.PingTimeout = 200 * time.Millisecond
			if err := dead.Ping(t.Context()); !errdefs.Is(err, errdefs.Unavailable) {
				t.Errorf("Ping: %v", err)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	for _, address := range []string{"127.0.0.1:1", "/no/such/socket", "unix:/no/such/socket", "nonsense", ""} {
		if _, err := clamd.New(address).Scan(t.Context(), strings.NewReader("x")); errdefs.Code(err) != "CLAMD_UNAVAILABLE" {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestABrokenFileIsItsReadersError(t *testing.T) {
	d := &daemon{}
	c := start(t, "tcp", d)
	broken := errors.New("the disk is dead")
	_, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || errdefs.Is(err, errdefs.Unavailable) {
		t.Error(err)
	}
}

func TestAScanEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{})
	c := start(t, "tcp", &daemon{misbehave: func(conn net.Conn) {
		close(asked)
		_, _ = io.Copy(io.Discard, conn)
	}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := c.Scan(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAScannerThatHangsIsFoundOutBeforeTheFileIsSent(t *testing.T) {
	c := start(t, "tcp", &daemon{ping: func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }})
	c.PingTimeout = 50 * time.Millisecond
	unread := iotest.ErrReader(errors.New("the file was read"))
	if _, err := c.Scan(t.Context(), unread); errdefs.Code(err) != "CLAMD_UNAVAILABLE" || !strings.Contains(errdefs.As(err).Message, "Start clamd") {
		t.Error(err)
	}
	// Who asks with less patience hears the same.
	c.PingTimeout = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Ping(ctx); errdefs.Code(err) != "CLAMD_UNAVAILABLE" {
		t.Error(err)
	}
}
