package smoke

import (
	"net/http"
	"net/url"
	"strings"
)

// maxHeader bounds the header of an answer, where the transport is ours.
const maxHeader = 1 << 20

// target is what one run talks to.
type target struct {
	base      *url.URL
	transport http.RoundTripper
	live      bool
	panicked  func() string // where the handler panicked in the last request
	close     func()
}

// newTarget connects a run to the handler or the address of its config.
func (c *Checker) newTarget() *target {
	if c.handler != nil {
		return newInProcess(c.handler)
	}
	t := &target{base: c.base, live: true, panicked: func() string { return "" }, close: func() {}}
	if c.client != nil {
		t.transport = c.client.Transport
	} else if d, ok := http.DefaultTransport.(*http.Transport); ok {
		own := d.Clone()
		own.MaxResponseHeaderBytes = maxHeader
		t.transport, t.close = own, own.CloseIdleConnections
	}
	if t.transport == nil {
		t.transport = http.DefaultTransport
	}
	return t
}

// hosts returns the names of the hosts that steps may talk to.
func (t *target) hosts() []string { return []string{t.base.Hostname()} }

// allows returns "" where a request may be sent to u, and otherwise what is
// wrong with it, in words that follow "leads to". Only the host is named: the
// rest of the address may hold a token.
//
// The one other origin that is allowed is https on the host of an http
// target, which is how a site moves its visitors to TLS.
func (t *target) allows(u *url.URL) string {
	same := strings.EqualFold(u.Hostname(), t.base.Hostname())
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "something that is no web address"
	case same && u.Scheme == t.base.Scheme && portOf(u) == portOf(t.base):
		return ""
	case same && t.base.Scheme == "http" && portOf(t.base) == "80" && u.Scheme == "https" && portOf(u) == "443":
		return ""
	case same && t.base.Scheme == "https" && u.Scheme == "http":
		return "plain http on " + u.Host + "; nothing was sent there"
	}
	return "the host " + u.Host + ", which is not the target; nothing was sent there"
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
