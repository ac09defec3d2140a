package readiness

import (
	"net/netip"
	"strings"
)

// reach says who can get to an address.
type reach int

const (
	everyone      reach = iota // an ordinary address of the Internet
	inside                     // a private network: home, office, VPN, carrier
	oneself                    // loopback: each visitor's own machine
	nobody                     // set aside for other uses: no visitor gets there
	documentation              // set aside for examples
)

// network is a part of the address space that is not the Internet's (the
// special-purpose registries of RFC 6890).
type network struct {
	prefix netip.Prefix
	reach  reach
	words  string
}

// special is data, never written to. The first entry that matches counts.
var special = []network{
	{netip.MustParsePrefix("10.0.0.0/8"), inside, "a private network (RFC 1918)"},
	{netip.MustParsePrefix("172.16.0.0/12"), inside, "a private network (RFC 1918)"},
	{netip.MustParsePrefix("192.168.0.0/16"), inside, "a private network (RFC 1918)"},
	{netip.MustParsePrefix("100.64.0.0/10"), inside, "a carrier's or VPN's inner network (RFC 6598)"},
	{netip.MustParsePrefix("fc00::/7"), inside, "a private network (RFC 4193)"},
	{netip.MustParsePrefix("fec0::/10"), inside, "a site's inner network (RFC 3879)"},
	{netip.MustParsePrefix("127.0.0.0/8"), oneself, "the visitor's own machine (loopback)"},
	{netip.MustParsePrefix("::1/128"), oneself, "the visitor's own machine (loopback)"},
	{netip.MustParsePrefix("192.0.2.0/24"), documentation, "an example address (RFC 5737)"},
	{netip.MustParsePrefix("198.51.100.0/24"), documentation, "an example address (RFC 5737)"},
	{netip.MustParsePrefix("203.0.113.0/24"), documentation, "an example address (RFC 5737)"},
	{netip.MustParsePrefix("2001:db8::/32"), documentation, "an example address (RFC 3849)"},
	{netip.MustParsePrefix("3fff::/20"), documentation, "an example address (RFC 9637)"},
	{netip.MustParsePrefix("169.254.0.0/16"), nobody, "link-local (RFC 3927)"},
	{netip.MustParsePrefix("fe80::/10"), nobody, "link-local (RFC 4291)"},
	{netip.MustParsePrefix("0.0.0.0/8"), nobody, "no host's address (RFC 791)"},
	{netip.MustParsePrefix("::/128"), nobody, "no host's address (RFC 4291)"},
	{netip.MustParsePrefix("192.0.0.9/32"), everyone, ""},
	{netip.MustParsePrefix("192.0.0.10/32"), everyone, ""},
	{netip.MustParsePrefix("192.0.0.0/24"), nobody, "set aside for protocols (RFC 6890)"},
	{netip.MustParsePrefix("198.18.0.0/15"), nobody, "set aside for benchmarks (RFC 2544)"},
	{netip.MustParsePrefix("224.0.0.0/4"), nobody, "multicast (RFC 5771)"},
	{netip.MustParsePrefix("ff00::/8"), nobody, "multicast (RFC 4291)"},
	{netip.MustParsePrefix("240.0.0.0/4"), nobody, "reserved (RFC 1112)"},
	{netip.MustParsePrefix("100::/64"), nobody, "the discard prefix (RFC 6666)"},
	{netip.MustParsePrefix("2001:2::/48"), nobody, "set aside for benchmarks (RFC 5180)"},
	{netip.MustParsePrefix("5f00::/16"), nobody, "set aside for segment routing (RFC 9602)"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), inside, "a network's own translation (RFC 8215)"},
}

// reachOf says who can get to an address, and in words what it is where that
// is not everyone. An IPv4 address inside an IPv6 one (RFC 4291, 2.5.5.2) is
// never an answer of the Internet.
func reachOf(addr netip.Addr) (r reach, words string) {
	if addr.Is4In6() {
		return nobody, "an IPv4 address in an IPv6 record (RFC 4291)"
	}
	for _, n := range special {
		if n.prefix.Contains(addr) {
			return n.reach, n.words
		}
	}
	return everyone, ""
}

// isExample reports whether a domain is one of those set aside for examples
// and tests (RFC 2606, RFC 6761), which go with addresses set aside likewise.
func isExample(domain string) bool {
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	switch top {
	case "example", "test", "invalid", "localhost":
		return true
	}
	for _, d := range []string{"example.com", "example.net", "example.org"} {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return false
}
