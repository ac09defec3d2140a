package cache

import (
	"net/http"
	"slices"
	"strings"
)

// passes returns why a request passes by under a ShortCache policy, as the
// detail of Cache-Status; empty where it may be answered from the store. It
// looks at the header alone; the URL is looked at while the key is made.
func (p *policy) passes(r *http.Request, publicCookies []string) string {
	if r.ContentLength != 0 {
		return "body" // a handler may read it, and the key does not
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return "client-certificate"
	}
	for name, values := range r.Header {
		switch classify(name) {
		case harmless:
		case cookies:
			if p.SharedDespiteCookies == "" && !onlyPublic(values, publicCookies) {
				return "cookie"
			}
		case never:
			return strings.ToLower(name)
		case unlessKeyed:
			if !slices.Contains(p.Vary, name) {
				return strings.ToLower(name)
			}
		}
	}
	return ""
}

// concern is what a request header means for a shared page.
type concern uint8

const (
	harmless    concern = iota
	cookies             // by Config.PublicCookies and Policy.SharedDespiteCookies
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
	case "Authorization", "Proxy-Authorization",
		// Answered from the handler's own view of the resource.
		"Range", "If-Range", "If-Match", "If-Unmodified-Since", "Upgrade",
		// They make another request of it.
		"X-Http-Method-Override", "X-Http-Method", "X-Method-Override",
		"X-Original-Url", "X-Rewrite-Url":
		return never
	case
		// Where a page takes its own address from.
		"Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Forwarded-Ssl",
		"X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Path", "X-Forwarded-Uri", "X-Forwarded-Server", "X-Original-Host",
		"X-Original-Uri", "X-Host", "X-Http-Host-Override", "X-Url-Scheme", "X-Scheme", "X-Script-Name", "Front-End-Https",
		// Who asks, besides Authorization.
		"X-Api-Key", "X-Auth-Token", "X-Access-Token",
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
		return harmless
	}
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
