// Package safehttp is the way out: an HTTP client for addresses that somebody
// else chose, such as the receiver of a webhook.
//
// It promises that such an address does not lead to this machine or into the
// network behind it (SSRF): what is connected to is checked, not what a name
// resolved to some time before, so that a name that changes its mind (DNS
// rebinding) or a redirect gains nothing. What an administrator has listed is
// open. Every exchange is bounded in time and size, proxies of the environment
// are not used, and nothing is remembered between two requests.
package safehttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Config are the settings of a Client.
type Config struct {
	// Allow lists what may be reached beside public addresses; see ParseAllow.
	// It is set where receivers are in the shop's own network.
	Allow []string
	// Timeout bounds an exchange from the name's resolution to the last byte of
	// the answer. 15 s when 0.
	Timeout time.Duration
	// MaxBody is the size of the largest answer, in bytes. 1 MB when 0.
	MaxBody int64
	// Redirects is how many are followed, each checked like the first address.
	// With 0 the redirect itself is the answer.
	Redirects int
	// UserAgent names the program to the servers.
	UserAgent string
	// Resolver finds the addresses of names; the system's when nil.
	Resolver *net.Resolver
}

// publicPorts may be connected to on public addresses: those of web servers. The
// protocols of other ports can be spoken to by a clever URL.
var publicPorts = []uint16{80, 443, 8080, 8443}

// Client sends requests. It may be used concurrently.
type Client struct {
	http     *http.Client
	guardian *ssrf.Guardian
	allow    Allow
	config   Config
}

// New returns a client, or an error that says which entry of Allow is none.
func New(c Config) (*Client, error) {
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	allow, err := ParseAllow(c.Allow)
	if err != nil {
		return nil, err
	}
	client := &Client{guardian: ssrf.New(ssrf.WithPorts(publicPorts...)), allow: allow, config: c}
	client.http = &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: client.redirect,
		Transport: &http.Transport{
			Proxy:                  nil, // it would connect in our place, unchecked
			DialContext:            client.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    c.Timeout,
			ResponseHeaderTimeout:  c.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // requests are rare
			DisableCompression:     true, // the size is that of what is received
		},
	}
	return client, nil
}

// Check reports whether the URL may be requested now: http or https, without
// credentials, and all addresses of its host are allowed. Do checks again.
func (c *Client) Check(ctx context.Context, rawURL string) error {
	u, err := parse(rawURL)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	addrs, err := c.resolver().LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return explain(err, u.Hostname())
	}
	for _, a := range addrs {
		if err := c.permit(hostPort(u), netip.AddrPortFrom(a.Unmap(), port(u))); err != nil {
			return err
		}
	}
	return nil
}

// Do sends the request. Its URL is checked as Check says, except that it is the
// address connected to that counts. The answer's body fails with
// RESPONSE_TOO_LARGE beyond the largest size. Errors say what a user can do.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if _, err := parse(req.URL.String()); err != nil {
		return nil, err
	}
	if c.config.UserAgent != "" && req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.config.UserAgent)
	}
	res, err := c.http.Do(req) //nolint:gosec // G704: the address is checked when it is connected to
	if err != nil {
		return nil, explain(err, req.URL.Hostname())
	}
	res.Body = &capped{ReadCloser: res.Body, left: c.config.MaxBody, host: req.URL.Hostname()}
	return res, nil
}

func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	if c.config.Redirects == 0 {
		return http.ErrUseLastResponse
	}
	if len(via) > c.config.Redirects {
		return errdefs.New(errdefs.Unavailable, "TOO_MANY_REDIRECTS", "The server of %s leads from one address to the next without end.", via[0].URL.Hostname())
	}
	_, err := parse(req.URL.String())
	return err
}

// dial connects to hostPort, as the URL has it; every address that it resolves to
// is checked when it is about to be connected to.
func (c *Client) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	d := net.Dialer{
		Resolver: c.config.Resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			target, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("safehttp: %w", err)
			}
			return c.permit(hostPort, target)
		},
	}
	return d.DialContext(ctx, network, hostPort)
}

// permit says whether target, one of the addresses of hostPort, may be connected
// to.
func (c *Client) permit(hostPort string, target netip.AddrPort) error {
	if c.allow.permits(hostPort, target) {
		return nil
	}
	if err := c.guardian.SafeAddr(target.Addr()); err != nil {
		return errdefs.Wrap(err, errdefs.Invalid, "ADDRESS_NOT_ALLOWED",
			"%s is not on the public internet but on this machine or in the network behind it. If the server there is yours, have the administrator add %s to OUTBOUND_ALLOW.", hostPort, hostPort)
	}
	if err := c.guardian.SafeAddrPort(target); err != nil {
		return errdefs.Wrap(err, errdefs.Invalid, "ADDRESS_NOT_ALLOWED",
			"The port %d is not one that may be reached on other machines (80, 443, 8080, 8443). If the server is yours, have the administrator add %s to OUTBOUND_ALLOW.", target.Port(), hostPort)
	}
	return nil
}

func (c *Client) resolver() *net.Resolver {
	if c.config.Resolver != nil {
		return c.config.Resolver
	}
	return net.DefaultResolver
}

// parse reads a URL that may be requested.
func parse(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		// The parser's error repeats the address, which may hold a token.
		return nil, errdefs.New(errdefs.Invalid, "URL_INVALID", "This is not the address of a web server. Write it out, such as https://hooks.example.com/manuals.")
	case u.User != nil:
		return nil, errdefs.New(errdefs.Invalid, "URL_INVALID", "The address holds a user name or a password. Leave them out: they would be shown to everyone who sees the address.")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return nil, errdefs.New(errdefs.Invalid, "URL_INVALID", "The port of the address is none. Use a number from 1 to 65535, or leave it out.")
		}
	}
	return u, nil
}

func port(u *url.URL) uint16 {
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		return uint16(n)
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

func hostPort(u *url.URL) string { return net.JoinHostPort(u.Hostname(), strconv.Itoa(int(port(u)))) }

// explain gives an error of the network its meaning.
func explain(err error, host string) error {
	if _, ok := errors.AsType[*errdefs.Error](err); ok {
		// What wraps it repeats the URL, which may hold a token.
		return errdefs.As(err)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return errdefs.Wrap(cause(err), errdefs.Timeout, "NO_ANSWER", "The server at %s did not answer in time. Check that it runs and can be reached from here.", host)
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return errdefs.Wrap(e, errdefs.Unavailable, "HOST_NOT_FOUND", "The name %s cannot be found. Check its spelling and this machine's name service.", host)
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errdefs.Wrap(e, errdefs.Unavailable, "CERTIFICATE_INVALID", "The certificate of %s is not valid for it, has expired, or is signed by nobody this machine trusts. Repair it on that server, or add its authority to this machine's certificates.", host)
	}
	return errdefs.Wrap(cause(err), errdefs.Unavailable, "CONNECTION_FAILED", "The connection to %s failed or broke off. Check that its server runs and can be reached from here.", host)
}

// cause drops the URL that net/http puts around its errors.
func cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// capped ends a body that is too large with an error.
type capped struct {
	io.ReadCloser
	left int64
	host string
}

func (r *capped) Read(p []byte) (int, error) {
	if r.left < 0 {
		return 0, errdefs.New(errdefs.TooLarge, "RESPONSE_TOO_LARGE", "The answer of %s is larger than is accepted.", r.host)
	}
	// One byte more than is left tells a body that is too large from one that fits.
	n, err := r.ReadCloser.Read(p[:min(int64(len(p)), r.left+1)])
	if r.left -= int64(n); r.left < 0 {
		n--
		err = nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = explain(err, r.host)
	}
	return n, err
}
