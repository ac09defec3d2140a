package webprobe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// maxAddresses bounds how many addresses of a host are tried.
const maxAddresses = 6

// viaKey is the context's key for a host and port to connect to in place of
// those of the URL.
type viaKey struct{}

// dialVia is what the transports dial with.
func (p *Prober) dialVia(ctx context.Context, network, address string) (net.Conn, error) {
	if via, ok := ctx.Value(viaKey{}).(string); ok {
		address = via
	}
	return p.dial(ctx, network, address)
}

// dial connects to an address HOST:PORT, through ConnectTo and the name's
// addresses: the IPv4 ones first, as a dead IPv6 one is looked for elsewhere.
func (p *Prober) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host, port, named := Redirected(p.cfg.ConnectTo, host, port)
	addrs, err := p.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	if !named && !p.cfg.AllowPrivate {
		if addrs = slices.DeleteFunc(addrs, IsPrivate); len(addrs) == 0 {
			return nil, errPrivate
		}
	}
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return cmp.Compare(a.BitLen(), b.BitLen()) })
	addrs = addrs[:min(len(addrs), maxAddresses)]
	var errs []error
	for i, a := range addrs {
		conn, err := dialOne(ctx, network, net.JoinHostPort(a.String(), port), len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// dialOne tries one of the addresses that are left, for its part of the time
// that is left.
func dialOne(ctx context.Context, network, address string, left int) (net.Conn, error) {
	if end, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(left))
		defer cancel()
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// addresses returns what the host is, or has.
func (p *Prober) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	found, err := p.cfg.LookupHost(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLookup, err)
	}
	if len(found) == 0 {
		return nil, errNoAddress
	}
	addrs := make([]netip.Addr, len(found)) // the caller's slice stays as it is
	for i, a := range found {
		addrs[i] = a.Unmap().WithZone("")
	}
	return addrs, nil
}

func systemLookup(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if none, ok := errors.AsType[*net.DNSError](err); ok && none.IsNotFound {
		return nil, nil
	}
	return addrs, err
}

// notPublic are networks that netip has no word for.
var notPublic = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // CGNAT, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), // relays of 6to4, RFC 7526
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), // 255.255.255.255 too
	netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("::/96"),          // IPv4-compatible
	netip.MustParsePrefix("64:ff9b:1::/48"), // local NAT64, RFC 8215
	netip.MustParsePrefix("100::/64"),       // discarded, RFC 6666
	netip.MustParsePrefix("2001::/32"),      // Teredo carries an IPv4 address too
	netip.MustParsePrefix("2001:2::/48"),    // benchmarks, RFC 5180
	netip.MustParsePrefix("3fff::/20"),      // documentation, RFC 9637: no test needs it
	netip.MustParsePrefix("5f00::/16"),      // segment routing, RFC 9602
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	siit   = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 2765
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

// IsPrivate reports whether an address is not of the public network, or
// carries an IPv4 one that is not. The older networks for documentation, such
// as 192.0.2.0/24 and 2001:db8::/32, count as public: nobody is there.
func IsPrivate(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return true // loopback, link-local, multicast, unspecified; RFC 1918 and 4193
	}
	if slices.ContainsFunc(notPublic[:], func(n netip.Prefix) bool { return n.Contains(a) }) {
		return true
	}
	if a.Is4() {
		return false
	}
	b := a.As16()
	if sixTo4.Contains(a) && IsPrivate(netip.AddrFrom4([4]byte(b[2:6]))) {
		return true // an ISATAP one may be in its other half
	}
	if nat64.Contains(a) || siit.Contains(a) || isISATAP(b) {
		return IsPrivate(netip.AddrFrom4([4]byte(b[12:16])))
	}
	return false
}

// isISATAP reports whether the second half of an address is of the form
// 0:5efe:a.b.c.d or 200:5efe:a.b.c.d (RFC 5214, section 6.1).
func isISATAP(b [16]byte) bool {
	return b[8]&^0x02 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}
