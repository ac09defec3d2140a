package cache

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cachecontrol"
	"github.com/launchready/readiness/internal/respond"
)

// noStore runs the handler and tells every cache on the way to store
// nothing, whatever the handler says.
func (c *Cache) noStore(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy) {
	c.count(p, Pass, "")
	h := w.Header()
	h.Set("Cache-Control", "no-store") // for an answer that goes around the hook, such as that of a Recoverer
	observe(next, w, r, func(int) { forbid(h) })
}

// immutableTTL is what a year is to other caches.
const immutableTTL = 365 * 24 * time.Hour

// immutable runs the handler and lets every other cache keep its answer for a
// year. What is no asset (a 404 while a deploy is half done, a page with a
// cookie) must not stay there that long, and what the handler forbids stays
// forbidden.
func (c *Cache) immutable(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy) {
	c.count(p, Pass, "")
	h := w.Header()
	observe(next, w, r, func(status int) {
		switch status {
		case http.StatusOK, http.StatusPartialContent, http.StatusNotModified:
			if forEverybody(h) {
				h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(immutableTTL/time.Second))+", immutable")
				delete(h, "Expires")
				return
			}
		}
		if len(h["Cache-Control"]) == 0 {
			h.Set("Cache-Control", "private, no-cache")
		}
	})
}

// forEverybody reports whether nothing in a header forbids a shared cache to
// keep its answer.
func forEverybody(h http.Header) bool {
	for name, values := range h {
		switch {
		case textproto.CanonicalMIMEHeaderKey(name) != name, // written around http.Header: it may be either of these
			name == "Set-Cookie",
			name == "Cache-Control" && forbids(values) != "":
			return false
		}
	}
	return true
}

// observe runs next and calls header once, with the status, before the header
// of its answer goes out. It is not called where the handler panics before
// that, or takes the connection over.
func observe(next http.Handler, w http.ResponseWriter, r *http.Request, header func(status int)) {
	w, rec := respond.Wrap(w, r, respond.Hooks{Header: header})
	next.ServeHTTP(w, r)
	rec.Finish()
}

// pass runs the handler for a request that passes by, and says why. Under
// Follow there is no way to the handler for a request that asks for a stored
// page alone, whatever kept it from one.
func (c *Cache) pass(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy, detail string) {
	if p.Class == Follow && cachecontrol.Parse(r.Header["Cache-Control"]).OnlyIfCached {
		c.notCached(w, r, p)
		return
	}
	c.count(p, Pass, detail)
	h := w.Header()
	observe(next, w, r, func(int) { c.notStored(h, p, "fwd=bypass; detail="+detail) })
}

// notCached answers only-if-cached where there is no page (RFC 9111, section
// 5.2.1.7).
func (c *Cache) notCached(w http.ResponseWriter, r *http.Request, p *policy) {
	c.count(p, Pass, "only-if-cached")
	c.status.add(w.Header(), "fwd=bypass; detail=only-if-cached")
	respond.Write(w, r, respond.Problem{Status: http.StatusGatewayTimeout})
}

// unstored runs the handler of a miss whose answer cannot be stored, because
// the store does not answer.
func (c *Cache) unstored(next http.Handler, w http.ResponseWriter, r *http.Request, p *policy) {
	c.count(p, Miss, "store")
	h := w.Header()
	observe(next, w, r, func(int) { c.notStored(h, p, "fwd=miss; detail=store") })
}

// notStored marks an answer that is not stored. Where the handler says nothing
// of its own, no shared cache may keep it and a browser asks each time: it is
// a page like the stored ones, made for one client. Under Follow the handler's
// silence is its own word.
func (c *Cache) notStored(h http.Header, p *policy, status string) {
	if p.Class != Follow && len(h["Cache-Control"]) == 0 {
		h.Set("Cache-Control", "private, no-cache")
	}
	c.status.add(h, status)
}

// merged returns the lines of a comma-separated header with those items of
// more added that they do not list. The result has no spare capacity and
// shares nothing with lines.
func merged(lines, more []string) []string {
	out := make([]string, 0, len(lines)+len(more))
	out = append(out, lines...)
	for _, line := range more {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.Trim(item, " \t"); item != "" && !listed(out, item) {
				out = append(out, item)
			}
		}
	}
	return slices.Clip(out)
}

// listed reports whether a comma-separated header lists name.
func listed(lines []string, name string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(item, " \t"), name) {
				return true
			}
		}
	}
	return false
}
