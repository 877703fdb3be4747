package safehttp_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/safehttp"
)

func client(t *testing.T, c safehttp.Config) *safehttp.Client {
	t.Helper()
	s, err := safehttp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fetch gets the URL and reads the answer to its end.
func fetch(t *testing.T, c *safehttp.Client, rawURL string) (status int, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), err
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if errdefs.Code(err) != code {
		t.Errorf("error %v (%s), want %s", err, errdefs.Code(err), code)
	}
}

func TestAddressesInsideAreRefused(t *testing.T) {
	c := client(t, safehttp.Config{Timeout: time.Minute})
	for _, host := range []string{
		"127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0", "[::]", "10.1.2.3", "172.20.0.1", "192.168.1.1", "100.64.0.1",
		"169.254.169.254", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]",
		"[2002:7f00:1::]", "[::127.0.0.1]", "224.0.0.1", "255.255.255.255", "198.18.0.1", "localhost",
	} {
		for _, port := range []string{"", ":80", ":8080"} {
			rawURL := "http://" + host + port + "/x"
			wantCode(t, c.Check(t.Context(), rawURL), "ADDRESS_NOT_ALLOWED")
			_, _, err := fetch(t, c, rawURL)
			wantCode(t, err, "ADDRESS_NOT_ALLOWED")
		}
	}
	for _, rawURL := range []string{"http://8.8.8.8:25/", "https://[2606:4700::1]:22/"} {
		wantCode(t, c.Check(t.Context(), rawURL), "ADDRESS_NOT_ALLOWED")
	}
	for _, rawURL := range []string{"https://8.8.8.8/", "http://8.8.8.8:8080/", "https://[2606:4700::1]/"} {
		if err := c.Check(t.Context(), rawURL); err != nil {
			t.Errorf("%s: %v", rawURL, err)
		}
	}
}

func TestOnlyPlainWebAddressesAreTaken(t *testing.T) {
	c := client(t, safehttp.Config{})
	for _, rawURL := range []string{
		"", "hooks.example.com", "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8/", "http://", "http:///x", "javascript:alert(1)",
		"https://user:secret@8.8.8.8/", "https://8.8.8.8:0/", "https://8.8.8.8:99999/", "http://8.8.8.8:x/",
	} {
		err := c.Check(t.Context(), rawURL)
		wantCode(t, err, "URL_INVALID")
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestWhatIsListedMayBeReached(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	byName := "http://localhost:" + u.Port()
	for _, tc := range []struct {
		name, allow, url string
		code             string
	}{
		{"its network", "127.0.0.0/8", server.URL, ""},
		{"its address", "127.0.0.1", server.URL, ""},
		{"its port", u.Host, server.URL, ""},
		{"its name", "LocalHost:" + u.Port(), byName, ""},
		{"another port", "127.0.0.1:1", server.URL, "ADDRESS_NOT_ALLOWED"},
		{"another network", "192.168.0.0/16", server.URL, "ADDRESS_NOT_ALLOWED"},
		{"a name for an address", "localhost:" + u.Port(), server.URL, "ADDRESS_NOT_ALLOWED"},
		{"another port of the name", "localhost:1", byName, "ADDRESS_NOT_ALLOWED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := client(t, safehttp.Config{Allow: []string{tc.allow}})
			wantCode(t, c.Check(t.Context(), tc.url), tc.code)
			status, body, err := fetch(t, c, tc.url)
			if wantCode(t, err, tc.code); tc.code == "" && (status != 200 || body != "hello") {
				t.Errorf("answer %d %q", status, body)
			}
		})
	}
	for _, entry := range []string{"receiver.lan", "http://receiver.lan:80", "10.0.0.0/99", "a:0", "a:b", ":80", "user@host:80"} {
		if _, err := safehttp.New(safehttp.Config{Allow: []string{entry}}); errdefs.Code(err) != "CONFIGURATION" || !strings.Contains(err.Error(), entry) {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

// names is a name server that gives one address after the other.
func names(t *testing.T, addrs ...string) *net.Resolver {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var asked atomic.Int64
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			q := buf[:n]
			end := 12
			for q[end] != 0 {
				end += int(q[end]) + 1
			}
			end += 5
			kind := binary.BigEndian.Uint16(q[end-4:])
			answer := append([]byte{}, q[:end]...)
			binary.BigEndian.PutUint16(answer[2:], 0x8180)
			binary.BigEndian.PutUint16(answer[10:], 0) // no additional records
			if kind == 1 {
				i := min(int(asked.Add(1))-1, len(addrs)-1)
				binary.BigEndian.PutUint16(answer[6:], 1)
				ip := netip.MustParseAddr(addrs[i]).As4()
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
				answer = append(answer, ip[:]...)
			}
			conn.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestNameThatChangesItsMindGainsNothing(t *testing.T) {
	var reached atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, safehttp.Config{Resolver: names(t, "93.184.215.14", "127.0.0.1"), Timeout: time.Minute})
	rawURL := "http://rebind.example.com:8080/"
	if err := c.Check(t.Context(), rawURL); err != nil {
		t.Fatalf("the first, public address: %v", err)
	}
	_, _, err = fetch(t, c, strings.Replace(rawURL, "8080", u.Port(), 1))
	wantCode(t, err, "ADDRESS_NOT_ALLOWED")
	if reached.Load() {
		t.Error("the server on this machine was reached")
	}
	// A listed name does not lead to the address where clouds keep credentials.
	c = client(t, safehttp.Config{Resolver: names(t, "169.254.169.254"), Allow: []string{"receiver.example.com:80"}})
	wantCode(t, c.Check(t.Context(), "http://receiver.example.com/"), "ADDRESS_NOT_ALLOWED")
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	var reached atomic.Bool
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	c := client(t, safehttp.Config{Allow: []string{"127.0.0.1"}, Timeout: time.Minute})
	_, _, err := fetch(t, c, "http://10.0.0.1/")
	wantCode(t, err, "ADDRESS_NOT_ALLOWED")
	if reached.Load() {
		t.Error("the proxy was asked")
	}
}

func TestRedirectsAreCheckedLikeTheFirstAddress(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("inside")) }))
	t.Cleanup(inside.Close)
	to := inside.URL
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }))
	t.Cleanup(first.Close)
	allowed := strings.TrimPrefix(first.URL, "http://")

	status, _, err := fetch(t, client(t, safehttp.Config{Allow: []string{"127.0.0.1"}}), first.URL)
	if err != nil || status != http.StatusFound {
		t.Errorf("a redirect that is not followed: %d, %v", status, err)
	}
	_, _, err = fetch(t, client(t, safehttp.Config{Allow: []string{allowed}, Redirects: 3}), first.URL)
	wantCode(t, err, "ADDRESS_NOT_ALLOWED")
	_, body, err := fetch(t, client(t, safehttp.Config{Allow: []string{"127.0.0.1"}, Redirects: 3}), first.URL)
	if err != nil || body != "inside" {
		t.Errorf("a redirect to what is listed: %q, %v", body, err)
	}
	to = "file:///etc/passwd"
	_, _, err = fetch(t, client(t, safehttp.Config{Allow: []string{"127.0.0.1"}, Redirects: 3}), first.URL)
	wantCode(t, err, "URL_INVALID")
	to = first.URL
	_, _, err = fetch(t, client(t, safehttp.Config{Allow: []string{"127.0.0.1"}, Redirects: 3}), first.URL)
	wantCode(t, err, "TOO_MANY_REDIRECTS")
}

func TestAnswersAreBoundedInSizeAndTime(t *testing.T) {
	stall := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/exact", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1000)) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1001)) })
	mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { <-stall })
	mux.HandleFunc("/stops", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("x"))
		http.NewResponseController(w).Flush()
		<-stall
	})
	mux.HandleFunc("/resets", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", 100<<10)) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stall) })
	c := client(t, safehttp.Config{Allow: []string{"127.0.0.1"}, MaxBody: 1000, Timeout: time.Minute})
	hasty := client(t, safehttp.Config{Allow: []string{"127.0.0.1"}, MaxBody: 1000, Timeout: 300 * time.Millisecond})
	for path, code := range map[string]string{
		"/exact": "", "/large": "RESPONSE_TOO_LARGE", "/silent": "NO_ANSWER", "/stops": "NO_ANSWER",
		"/resets": "CONNECTION_FAILED", "/headers": "CONNECTION_FAILED",
	} {
		asking := c
		if code == "NO_ANSWER" {
			asking = hasty
		}
		_, body, err := fetch(t, asking, server.URL+path+"?token=abc")
		if wantCode(t, err, code); len(body) > 1000 {
			t.Errorf("%s: %d bytes", path, len(body))
		}
		if err != nil && strings.Contains(err.Error(), "token") {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
	secure := httptest.NewUnstartedServer(mux)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	_, _, err := fetch(t, client(t, safehttp.Config{Allow: []string{"127.0.0.1"}}), secure.URL)
	wantCode(t, err, "CERTIFICATE_INVALID")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Check(ctx, "https://example.com/"); !errors.Is(err, context.Canceled) && errdefs.Code(err) != "HOST_NOT_FOUND" {
		t.Errorf("a check that was given up: %v", err)
	}
}
