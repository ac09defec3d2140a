package smoke

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxHeader bounds the header of an answer, where the transport is ours.
const maxHeader = 1 << 20

// target is what one run talks to.
type target struct {
	base      *url.URL
	others    []*url.URL // further hosts of the service
	transport http.RoundTripper
	live      bool
	panicked  func() string // where the handler panicked in the last request
	close     func()
}

// newTarget connects a run to the handler or the address of its config.
func (c *Checker) newTarget() *target {
	others := slices.Collect(maps.Values(c.hosts))
	if c.handler != nil {
		t := newInProcess(c.handler, c.performance.Load.Users)
		t.others = others
		return t
	}
	t := &target{base: c.base, others: others, live: true, panicked: func() string { return "" }, close: func() {}}
	if c.client != nil {
		t.transport = c.client.Transport
	} else if d, ok := http.DefaultTransport.(*http.Transport); ok {
		own := d.Clone()
		own.MaxResponseHeaderBytes = maxHeader
		own.MaxIdleConnsPerHost = c.performance.Load.Users // 0: net/http's default
		own.DialContext = dialLocal(own.DialContext)
		t.transport, t.close = own, own.CloseIdleConnections
	}
	if t.transport == nil {
		t.transport = http.DefaultTransport
	}
	return t
}

// dialLocal connects every name below localhost with this machine, as browsers
// do, whatever the resolver says of it (RFC 6761 section 6.3).
func dialLocal(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(strings.ToLower(host), ".localhost") {
			address = net.JoinHostPort("localhost", port)
		}
		return dial(ctx, network, address)
	}
}

// allowedFrom is allows for one host of the target. The one other origin that
// is allowed is https on the host of an http target, which is how a site moves
// its visitors to TLS.
func allowedFrom(base, u *url.URL) string {
	same := strings.EqualFold(u.Hostname(), base.Hostname())
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "something that is no web address"
	case same && u.Scheme == base.Scheme && portOf(u) == portOf(base):
		return ""
	case same && base.Scheme == "http" && portOf(base) == "80" && u.Scheme == "https" && portOf(u) == "443":
		return ""
	case same && base.Scheme == "https" && u.Scheme == "http":
		return "plain http on " + u.Host + "; nothing was sent there"
	}
	return "the host " + u.Host + ", which is not the target; nothing was sent there"
}

// sameHost reports whether two addresses are of one host, whatever their
// scheme. With www in front it is the same site.
func sameHost(a, b *url.URL) bool {
	name := func(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") }
	return name(a) == name(b)
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
