package cache

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/conditional"
)

// page makes a page of what a handler sent. before is the header as it was
// when the request reached the cache and header as the handler left it: only
// the difference belongs to the page, because what middleware around the
// cache set (a request id, a nonce) it will set again.
func (v *visit) page(before, header http.Header, status int, body []byte, received time.Time) *entry {
	p := v.policy
	e := &entry{status: status, body: body, version: v.version, born: v.stamp.at}
	e.fields = make([]field, 0, len(header)+6)
	connection := header["Connection"] // it names what else belongs to the connection
	for name, values := range header {
		was, ok := before[name]
		if perRequest(name) || ok && slices.Equal(was, values) || listed(connection, name) || p.Class != Follow && ours(name) || name == "Cache-Tag" && v.cache.sendTags {
			continue
		}
		e.fields = append(e.fields, field{name, slices.Clip(slices.Clone(values))})
	}
	for name := range before {
		if _, ok := header[name]; !ok {
			e.dropped = append(e.dropped, name)
		}
	}
	add := func(name, value string) { e.fields = append(e.fields, field{name, []string{value}}) }
	if _, ok := header["Content-Type"]; !ok && len(body) > 0 && header.Get("Content-Encoding") == "" {
		add("Content-Type", http.DetectContentType(body)) // as net/http does for a first write
	}
	if status != http.StatusNoContent {
		add("Content-Length", strconv.Itoa(len(body)))
	}
	if names, _ := groups(header["Cache-Groups"]); len(names) > 0 {
		for _, name := range names {
			e.groups = append(e.groups, groupName(v.r.Host, name))
		}
	}
	if tags := v.cacheTag(header["Cache-Tag"]); tags != "" {
		add("Cache-Tag", tags)
	}
	if p.Class == Follow {
		v.follow(e, header, received)
	} else {
		p.declare(e, header)
	}
	slices.SortFunc(e.fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return e
}

// declare gives a page what the policy declares: its times, its tag, and what
// it says to other caches.
func (p *policy) declare(e *entry, header http.Header) {
	e.fresh, e.while, e.onErr, e.ends = p.TTL, p.StaleWhileRevalidate, p.StaleIfError, p.end(e.born)
	if listed(header["Cache-Control"], "public") {
		e.rules |= public
	}
	add := func(name string, values ...string) { e.fields = append(e.fields, field{name, values}) }
	if e.etag = header.Get("Etag"); !conditional.StrongTag(e.etag) {
		sum := sha256.Sum256(e.body)
		e.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	}
	add("Etag", e.etag)
	add("Cache-Control", p.client)
	if p.cdn != "" {
		add("Cdn-Cache-Control", p.cdn)
	}
	if vary := merged(header["Vary"], p.Vary); len(vary) > 0 {
		add("Vary", vary...)
	}
}

// end returns when nothing can be done any more with a page of the policy. A
// purge that is lost ends with it.
func (p *policy) end(born time.Time) time.Time {
	life := p.TTL + max(p.StaleWhileRevalidate, p.StaleIfError)
	if p.Version != nil {
		life = maxTTL
	}
	return born.Add(min(life, maxTTL))
}

// declutter takes off a header what the policy says in the handler's place.
func (p *policy) declutter(h http.Header) {
	if p.Class != Follow {
		maps.DeleteFunc(h, func(name string, _ []string) bool { return ours(name) && name != "Vary" && name != "Etag" })
	}
}

// ours reports whether the policy says that header itself.
func ours(name string) bool {
	switch name {
	case "Expires", "Cache-Control", "Cdn-Cache-Control", "Surrogate-Control", "Etag", "Vary", "Date":
		return true
	default:
		return false
	}
}

// perRequest reports whether a header of the answer belongs to that one
// answer, or to its connection (RFC 9111, section 3.1), so that it is not
// stored with the page.
func perRequest(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade",
		"Age", "Cache-Status", "Content-Length", "Cache-Group-Invalidation",
		"X-Request-Id", "X-Correlation-Id", "Traceparent", "Tracestate", "Server-Timing":
		return true
	default:
		return false
	}
}
