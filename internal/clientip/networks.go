package clientip

import (
	"net/netip"
	"slices"
)

// CloudflareDate is the day (YYYY-MM-DD) on which the ranges of [Cloudflare]
// were last compared with what Cloudflare publishes at
// https://www.cloudflare.com/ips/.
const CloudflareDate = "2026-10-05"

// cloudflare is data, never written to.
var cloudflare = parseAll(
	"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22",
	"141.101.64.0/18", "108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20",
	"197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13",
	"104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
	"2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32",
	"2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32",
)

// private is data, never written to. 100.64.0.0/10 (RFC 6598) is in it
// because hosting platforms number their own proxies from it.
var private = parseAll(
	"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
	"::1/128", "fc00::/7", "fe80::/10",
)

// Cloudflare returns the ranges that Cloudflare's proxies connect from, as
// published on [CloudflareDate]. The slice is the caller's own.
func Cloudflare() []netip.Prefix { return slices.Clone(cloudflare) }

// Private returns the networks that are not routed on the Internet: loopback,
// private (RFC 1918, RFC 4193), shared (RFC 6598) and link-local. The slice is
// the caller's own.
func Private() []netip.Prefix { return slices.Clone(private) }

func parseAll(texts ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return prefixes
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
