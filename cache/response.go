package cache

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// instead says whether an answer is to be kept from the client, because the
// stale page answers better: where it says that the page is still good, and
// where it is an error that the page may be served for.
func (v *visit) instead(status int) end {
	if v.prior == nil {
		return passedOn
	}
	switch status {
	case http.StatusNotModified:
		if etag, modified := v.validators(); etag != "" || modified != nil {
			return notModified
		}
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout: // RFC 5861, section 4
		if v.servable || v.toleratesError() {
			return rescued
		}
	}
	return passedOn
}

// toleratesError reports whether the stale page may be served for an error:
// for as long as the response or the request says. Where neither does, who
// asks for more than a fresh page gets the error and not the page.
func (v *visit) toleratesError() bool {
	most := max(v.prior.onErr, v.asks.directives.StaleIfError.Value)
	overdue := v.prior.age(v.stamp.at) - v.prior.fresh
	return v.prior.rules&(neverStale|revalidate) == 0 && (v.soft || most > 0) && overdue < most
}

// refuses returns why an answer must not be stored, as the detail of
// Cache-Status; empty where its header allows it. length is the body's
// declared length, -1 where the header has none.
func (v *visit) refuses(status int, h http.Header) (reason string, length int64) {
	reason, length = v.policy.refuses(h, v.cache.maxBody)
	switch {
	case reason != "":
	case v.policy.Class == Follow:
		reason = v.refusesToFollow(status, h)
	case status != http.StatusOK:
		reason = "status"
	case v.asks.credential && !listed(h["Cache-Control"], "public"):
		reason = "authorization"
	}
	return reason, length
}

// refuses looks at what every class goes by.
func (p *policy) refuses(h http.Header, maxBody int64) (reason string, length int64) {
	length = -1
	for name, values := range h {
		if textproto.CanonicalMIMEHeaderKey(name) != name {
			return "header-name", length // written around http.Header: no rule below would see it
		}
		switch name {
		case "Set-Cookie", "Set-Cookie2":
			return "set-cookie", length
		case "Cache-Control", "Cdn-Cache-Control", "Surrogate-Control":
			if directive := forbids(values); directive != "" && p.Class != Follow {
				return directive, length
			}
		case "Vary":
			if p.Class != Follow && !p.covers(values, h.Get("Content-Encoding") != "") {
				return "vary", length
			}
		case "Content-Encoding":
			if p.Class != Follow && !slices.Contains(p.Vary, "Accept-Encoding") {
				return "encoding", length
			}
		case "Access-Control-Allow-Origin":
			if !slices.Equal(values, []string{"*"}) && !slices.Contains(p.Vary, "Origin") && !listed(h["Vary"], "Origin") {
				return "cors", length
			}
		case "Content-Security-Policy", "Content-Security-Policy-Report-Only":
			if strings.Contains(strings.Join(values, ","), "'nonce-") {
				return "nonce", length // one that everybody gets protects nobody
			}
		case "Content-Range", "Trailer":
			return strings.ToLower(name), length
		case "Content-Type":
			if strings.HasPrefix(strings.ToLower(strings.Join(values, ",")), "text/event-stream") {
				return "event-stream", length
			}
		case "Content-Length":
			n, err := strconv.ParseUint(strings.Join(values, ","), 10, 63)
			if err != nil {
				return "content-length", length
			}
			if length = int64(n); length > maxBody {
				return "too-large", length
			}
		case "Cache-Groups":
			if _, ok := groups(values); !ok {
				return "cache-groups", length
			}
		default:
			if strings.HasPrefix(name, http.TrailerPrefix) {
				return "trailer", length
			}
		}
	}
	return "", length
}

// covers reports whether the key holds everything that a Vary header names.
// Cookie and Authorization are held by their absence: a request that carries
// them passes by.
func (p *policy) covers(lines []string, encoded bool) bool {
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = textproto.CanonicalMIMEHeaderKey(strings.Trim(name, " \t"))
			switch {
			case name == "", slices.Contains(p.Vary, name), name == "Authorization":
			case name == "Accept-Encoding" && !encoded:
			case name == "Cookie" && p.SharedDespiteCookies == "":
			default:
				return false
			}
		}
	}
	return true
}

// forbids returns the first directive of Cache-Control lines that forbids a
// shared store: no-store, private, or no-cache. It errs on the side of
// forbidding: it does not ask whether a directive stands inside a quoted
// string, or what argument it has.
func forbids(lines []string) string {
	for _, line := range lines {
		for part := range strings.FieldsFuncSeq(line, separator) {
			for _, directive := range [...]string{"no-store", "private", "no-cache"} {
				if strings.EqualFold(part, directive) {
					return directive
				}
			}
		}
	}
	return ""
}

// separator reports whether r can stand beside a directive's name, in a
// well-formed Cache-Control or in a careless one.
func separator(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(",;=\"':", r)
}
