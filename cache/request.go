package cache

import (
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/cachecontrol"
)

// asks is what a request says that bears on how it is answered.
type asks struct {
	proxied    bool // a proxy's headers belong to the key
	credential bool // it carries Authorization
	selective  bool // it carries a precondition or a Range
	directives cachecontrol.Directives
}

// asks looks at the header of a request, and returns why it passes by, as the
// detail of Cache-Status; empty where it may be answered from the store. The
// URL is looked at while the key is made.
func (p *policy) asks(r *http.Request, publicCookies []string) (a asks, reason string) {
	if r.ContentLength != 0 {
		return a, "body" // a handler may read it, and the key does not
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return a, "client-certificate"
	}
	for name, values := range r.Header {
		switch classify(name) {
		case harmless:
		case cookies:
			if p.SharedDespiteCookies == "" && !onlyPublic(values, publicCookies) {
				return a, "cookie"
			}
		case keyed:
			a.proxied = true
		case credential:
			if p.Class != Follow && p.Audience == nil {
				return a, "authorization"
			}
			a.credential = true
		case selective:
			a.selective = true
		case hops:
			if !onlyHops(values) {
				return a, "connection"
			}
		case ambiguous:
			return a, "header-name"
		case never:
			return a, strings.ToLower(name)
		case unlessKeyed:
			if !slices.Contains(p.Vary, name) {
				return a, strings.ToLower(name)
			}
		}
	}
	if p.Class == Follow {
		a.directives = cachecontrol.Parse(r.Header["Cache-Control"])
	}
	return a, ""
}

// proxyHeaders are what an ordinary proxy says about the address under which
// the page was asked for. Their values belong to every key: a client that
// forges one gets a page of its own and poisons nobody's.
var proxyHeaders = [...]string{"X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X-Forwarded-Prefix", "X-Forwarded-Server"}

// concern is what a request header means for a shared page.
type concern uint8

const (
	harmless    concern = iota
	cookies             // by Config.PublicCookies and Policy.SharedDespiteCookies
	keyed               // one of proxyHeaders
	credential          // it says who asks: by Policy.Audience, or "public" in the answer
	selective           // answered from the stored whole
	hops                // it may name headers that a proxy behind the cache takes off
	ambiguous           // the request passes by, and its name is the client's own words
	never               // the request passes by
	unlessKeyed         // the request passes by, unless Policy.Vary lists the header
)

// classify returns the concern of a request header. The server has brought
// its name into canonical form. A switch, because it is asked for every
// header of every request.
func classify(name string) concern {
	switch name {
	case "Cookie":
		return cookies
	case "Authorization":
		return credential
	case "If-None-Match", "If-Modified-Since", "Range", "If-Range":
		return selective
	case "Connection":
		return hops
	case "Proxy-Authorization",
		// Answered from the handler's own view of the resource: a cache must
		// not (RFC 9111, section 4.3.2).
		"If-Match", "If-Unmodified-Since", "Upgrade",
		// They make another request of it.
		"X-Http-Method-Override", "X-Http-Method", "X-Method-Override",
		"X-Original-Url", "X-Rewrite-Url":
		return never
	case "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X-Forwarded-Prefix", "X-Forwarded-Server":
		return keyed
	case
		// Where a page takes its own address from, in less ordinary words.
		"Forwarded", "X-Forwarded-Protocol", "X-Forwarded-Path", "X-Forwarded-Uri", "X-Original-Host",
		"X-Original-Uri", "X-Host", "X-Http-Host-Override", "X-Url-Scheme", "X-Scheme", "X-Script-Name", "Front-End-Https",
		// Who asks for a fragment of the page; many a handler that sends one
		// forgets to say Vary.
		"Hx-Request", "Turbo-Frame", "X-Requested-With", "X-Pjax", "X-Up-Target", "X-Inertia",
		// Who asks, besides Authorization.
		"X-Api-Key", "Api-Key", "X-Auth-Token", "X-Access-Token", "X-Session-Token", "Private-Token", "X-Authorization", "Signature",
		"Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups",
		"X-Forwarded-Preferred-Username", "X-Forwarded-Access-Token",
		"X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups", "X-Auth-Request-Preferred-Username",
		"X-Auth-Request-Access-Token", "X-Webauth-User",
		"X-Amzn-Oidc-Data", "X-Amzn-Oidc-Identity", "X-Amzn-Oidc-Accesstoken",
		"X-Goog-Authenticated-User-Email", "X-Goog-Authenticated-User-Id", "X-Goog-Iap-Jwt-Assertion",
		"Cf-Access-Jwt-Assertion", "Cf-Access-Authenticated-User-Email", "X-Ms-Client-Principal",
		"Tailscale-User-Login", "X-Client-Cert", "X-Ssl-Client-Cert", "X-Forwarded-Client-Cert":
		return unlessKeyed
	default:
		// CGI, WSGI and their kind, behind a proxy perhaps, do not tell
		// X_Forwarded_Host from X-Forwarded-Host.
		if strings.IndexByte(name, '_') >= 0 {
			return ambiguous
		}
		return harmless
	}
}

// onlyHops reports whether Connection lines name nothing but what every client
// may. A header that they name ends at the next hop (RFC 9110, section 7.6.1):
// a proxy behind the cache takes it off, so that the origin does not see what
// the key holds, or what would have made the request pass by, and its answer
// would be stored for those who ask differently.
func onlyHops(lines []string) bool {
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			switch name = strings.Trim(name, " \t"); strings.ToLower(name) {
			case "", "close", "keep-alive", "te":
			default:
				return false
			}
		}
	}
	return true
}

// onlyPublic reports whether every cookie of the Cookie lines is public. It
// reads the names itself: net/http drops a cookie that it finds malformed,
// and a handler that reads the header may not.
func onlyPublic(lines, public []string) bool {
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			pair = strings.Trim(pair, " \t")
			name, _, _ := strings.Cut(pair, "=")
			if pair != "" && !slices.Contains(public, name) {
				return false
			}
		}
	}
	return true
}
