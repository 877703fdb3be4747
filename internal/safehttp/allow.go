package safehttp

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Allow is what may be reached although it is not public.
type Allow struct {
	prefixes []netip.Prefix   // any port
	targets  []netip.AddrPort // one port of one address
	names    []string         // host:port in lower case
}

// ParseAllow reads a list of addresses: a network (192.168.1.0/24), a machine
// (192.168.1.20), or one port of a machine, by its address or its name
// (192.168.1.20:9000, receiver.lan:9000). A name stands for the addresses that it
// has when it is used, as long as those are private or this machine's own.
func ParseAllow(entries []string) (Allow, error) {
	var a Allow
	for _, e := range entries {
		e = strings.TrimSpace(e)
		if p, err := netip.ParsePrefix(e); err == nil {
			a.prefixes = append(a.prefixes, p.Masked())
			continue
		}
		if ip, err := netip.ParseAddr(e); err == nil {
			ip = ip.Unmap()
			a.prefixes = append(a.prefixes, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		if t, err := netip.ParseAddrPort(e); err == nil {
			a.targets = append(a.targets, netip.AddrPortFrom(t.Addr().Unmap(), t.Port()))
			continue
		}
		host, port, err := net.SplitHostPort(e)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@* :") {
			return Allow{}, errdefs.New(errdefs.Invalid, "CONFIGURATION",
				"OUTBOUND_ALLOW contains %q: write networks (192.168.1.0/24), addresses (192.168.1.20) or names and addresses with their port (receiver.lan:9000)", e)
		}
		a.names = append(a.names, strings.ToLower(e))
	}
	return a, nil
}

// permits reports whether target, one of the addresses of hostPort, is listed.
func (a Allow) permits(hostPort string, target netip.AddrPort) bool {
	ip := target.Addr().Unmap().WithZone("")
	if slices.Contains(a.targets, netip.AddrPortFrom(ip, target.Port())) {
		return true
	}
	if slices.ContainsFunc(a.prefixes, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return true
	}
	// Not the link-local addresses: clouds give out credentials at one of them, and
	// whoever serves the name could point it there.
	return (ip.IsPrivate() || ip.IsLoopback()) && slices.Contains(a.names, strings.ToLower(hostPort))
}
