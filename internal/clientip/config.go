package clientip

import (
	"net/netip"
	"strings"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/cfgerr"
)

// The headers that a [Resolver] can read, in the spelling of net/http.
const (
	XForwardedFor  = "X-Forwarded-For"
	Forwarded      = "Forwarded" // RFC 7239
	CFConnectingIP = "Cf-Connecting-Ip"
)

// A prefix shorter than these is no list of proxies: it trusts a large part
// of the Internet, and with it every client that wants another's address. The
// private networks 10.0.0.0/8 and fc00::/7 are the widest with a good reason.
const (
	minBits4 = 8
	minBits6 = 7
)

// Options say whom a [Resolver] believes. The zero value believes nobody but
// the connection.
type Options struct {
	// TrustedProxies are the peers whose Header is read. They and Header come
	// together.
	TrustedProxies []netip.Prefix
	// Header is the one header that the trusted proxies set, in any case.
	Header string
	// Logger gets the warnings, at most one of each kind. Nil: none.
	Logger *zap.Logger
}

// New compiles opt, whose fields stand in the Config under path. What is
// wrong is added to problems; the Resolver may be used only where nothing
// was.
func New(problems *cfgerr.List, path string, opt Options) *Resolver {
	res := &Resolver{log: opt.Logger}
	if res.log == nil {
		res.log = zap.NewNop()
	}
	proxies, header := path+".TrustedProxies", path+".Header"
	for i, p := range opt.TrustedProxies {
		clean, problem := normal(p)
		if problem != "" {
			problems.Addf(cfgerr.Index(proxies, i, ""), "%s", problem)
			continue
		}
		res.trusted = append(res.trusted, clean)
	}
	switch {
	case opt.Header == "" && len(opt.TrustedProxies) > 0:
		problems.Addf(header, "is empty although TrustedProxies are given; name the header that they set: X-Forwarded-For, Forwarded or CF-Connecting-IP")
	case opt.Header != "" && len(opt.TrustedProxies) == 0:
		problems.Addf(proxies, "is empty although Header is %q; list the networks of your proxies, because from anybody else the header is a lie", opt.Header)
	}
	switch {
	case opt.Header == "":
	case strings.EqualFold(opt.Header, XForwardedFor):
		res.header, res.next = XForwardedFor, lastListed
	case strings.EqualFold(opt.Header, Forwarded):
		res.header, res.next = Forwarded, lastForwarded
	case strings.EqualFold(opt.Header, CFConnectingIP):
		res.header, res.single = CFConnectingIP, true
	default:
		problems.Addf(header, "%q is not supported; use X-Forwarded-For, Forwarded or CF-Connecting-IP", opt.Header)
	}
	return res
}

// normal returns p as it is compared with unmapped addresses, or what is
// wrong with it.
func normal(p netip.Prefix) (clean netip.Prefix, problem string) {
	if !p.IsValid() {
		return p, "is not a valid prefix; write it as netip.MustParsePrefix(\"10.0.0.0/8\")"
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, p.String() + " is wider than all IPv4 addresses; list your proxies only"
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if p.Addr().Is4() && p.Bits() < minBits4 || p.Addr().Is6() && p.Bits() < minBits6 {
		return p, p.String() + " trusts a large part of the Internet, whose clients could then choose their address; list your proxies only"
	}
	return p.Masked(), ""
}
