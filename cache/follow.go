package cache

import (
	"net/http"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/cachecontrol"
	"github.com/launchready/readiness/internal/conditional"
)

// refusesToFollow returns why a shared cache must not store a response, or
// why it would do nothing with it (RFC 9111, section 3).
func (v *visit) refusesToFollow(status int, h http.Header) string {
	d, expires := said(h)
	_, varies := varies(h["Vary"])
	_, explicit := cachecontrol.Lifetime(d, expires, time.Time{})
	switch {
	case !storable(status):
		return "status"
	case d.NoStore:
		return "no-store"
	case d.Private:
		return "private"
	case v.asks.credential && !d.Public:
		return "authorization"
	case !varies:
		return "vary"
	case !explicit && !validated(h):
		return "freshness" // it says nothing by which it could be used again
	default:
		return ""
	}
}

// storable reports whether a response with that status may be stored: one
// that is final, whole, and understood. An error of the server is the matter
// of one request, whatever it says of itself.
func storable(status int) bool {
	switch status {
	case http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusNoContent,
		http.StatusMultipleChoices, http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
		http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusRequestURITooLong, http.StatusUnavailableForLegalReasons,
		http.StatusNotImplemented:
		return true
	default:
		return false
	}
}

// validated reports whether a response has what it can be asked about.
func validated(h http.Header) bool {
	tag := h.Get("Etag")
	if conditional.StrongTag(tag) || conditional.WeakTag(tag) {
		return true
	}
	_, err := http.ParseTime(h.Get("Last-Modified"))
	return err == nil
}

// follow gives a page what the response says about itself.
func (v *visit) follow(e *entry, h http.Header, received time.Time) {
	d, expires := said(h)
	date := cachecontrol.Date(h["Date"], received)
	e.born = received.Add(-cachecontrol.InitialAge(h["Age"], date, v.stamp.at, received))
	e.fresh, _ = cachecontrol.Lifetime(d, expires, date)
	e.while, e.onErr = d.StaleWhileRevalidate.Value, d.StaleIfError.Value
	// s-maxage is a proxy-revalidate too (RFC 9111, section 5.2.2.10).
	if d.MustRevalidate || d.ProxyRevalidate || d.SMaxAge.Set {
		e.rules |= neverStale
	}
	if d.NoCache {
		e.rules |= revalidate
	}
	if d.Public {
		e.rules |= public
	}
	if tag := h.Get("Etag"); conditional.StrongTag(tag) || conditional.WeakTag(tag) {
		e.etag = tag
	}
	e.vary, _ = varies(h["Vary"])
	// Those that the policy declares are in the key already.
	e.vary = slices.DeleteFunc(e.vary, func(name string) bool { return slices.Contains(v.policy.Vary, name) })
	if _, ok := h["Date"]; !ok {
		e.fields = append(e.fields, field{"Date", []string{received.UTC().Format(http.TimeFormat)}})
	}
	if len(v.policy.Vary) > 0 {
		e.fields = slices.DeleteFunc(e.fields, func(f field) bool { return f.name == "Vary" })
		e.fields = append(e.fields, field{"Vary", merged(h["Vary"], v.policy.Vary)})
	}
	latest := received.Add(maxTTL)
	e.ends = e.born.Add(e.fresh + max(e.while, e.onErr))
	if validated(h) || e.ends.After(latest) {
		e.ends = latest // a stale one saves a body yet
	}
}

// freshen answers with the stale page and with what a 304 says of it. The two
// are judged together, as one response is: what the 304 adds may make the page
// one client's.
func (v *visit) freshen(f *flight, answer *capture, received time.Time) {
	answer.restore(answer.before)
	h := v.prior.updated(answer.before, answer.header)
	reason, _ := v.refuses(v.prior.status, h)
	if !v.background {
		v.cache.count(v.policy, Miss, reason)
	}
	page, status := v.page(http.Header{}, h, v.prior.status, v.prior.body, received), "fwd="+v.fwd+"; fwd-status=304"
	page.dropped = v.prior.dropped
	if reason == "" {
		v.keep(f, page, status)
		return
	}
	f.land(landing{})
	v.outdate()
	v.answer(page, with(status, "detail", reason))
}

// updated returns the header of a stored page with what a 304 says of it (RFC
// 9111, section 4.3.4). What middleware around the cache had set before is no
// word of the handler.
func (e *entry) updated(before, said http.Header) http.Header {
	h := make(http.Header, len(e.fields)+len(said))
	for _, f := range e.fields {
		h[f.name] = f.values
	}
	delete(h, "Date") // of the older answer, where the newer has none
	for name, values := range said {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Type", "Content-Range":
			// They describe the body that this answer has not (section 3.2).
		default:
			if was, ok := before[name]; !ok || !slices.Equal(was, values) {
				h[name] = values
			}
		}
	}
	return h
}
