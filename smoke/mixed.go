package smoke

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/launchready/readiness/internal/webpage"
)

// inspectMixed looks for what an https page fetches over plain http. Browsers
// refuse what is active, and ask for the rest over https first. A link that a
// visitor follows is no part of the page.
func (s *Session) inspectMixed(resp *Response, f webpage.Facts) {
	if resp.url.Scheme != "https" {
		return
	}
	upgraded := f.Upgrade
	for _, policy := range resp.Header.Values("Content-Security-Policy") {
		upgraded = upgraded || webpage.Upgrades(policy)
	}
	base := documentBase(resp.url, f.Base)
	for _, ref := range f.Refs {
		u, err := base.Parse(ref.Address)
		if err != nil || u.Scheme != "http" || loopback(u.Hostname()) {
			continue
		}
		found := finding{rule: MixedContent, severity: warning, text: fmt.Sprintf("%s takes %s over plain http: %s", resp.request(), described(ref), shownPlace(u))}
		if ref.Active && !upgraded {
			found.severity = failure
		}
		s.find(found)
	}
}

// documentBase is what the addresses of a document are relative to.
func documentBase(at *url.URL, base string) *url.URL {
	if u, err := at.Parse(base); err == nil {
		return u
	}
	return at
}

// loopback reports whether browsers trust a host without TLS.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}

func described(ref webpage.Reference) string {
	switch ref.Tag {
	case "link":
		return "a linked file"
	case "style":
		return "a file of a style"
	case "form", "input", "button":
		return "what is filled in"
	}
	return "the source of its " + ref.Tag + " element"
}

// shownPlace is an address without its query, which may hold anything.
func shownPlace(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }
