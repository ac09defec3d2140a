package cache

import (
	"maps"
	"net/http"
	"strings"
)

// refuse gives the page up, tells those who wait, and passes on what was held
// back. Only the first reason counts.
func (c *capture) refuse(reason string) {
	if c.refused != "" {
		return
	}
	c.refused = reason
	c.flight.land(landing{again: c.onlyThisRun()})
	if !c.sent {
		c.release(reason)
	}
	c.body = nil
}

// onlyThisRun reports whether the reason lies in this request and says
// nothing about the next one: its client has gone, or it asked for a part of
// the page, or whether its own is still good.
func (c *capture) onlyThisRun() bool {
	switch c.status {
	case http.StatusNotModified:
		return true
	case http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		return c.visit.asks.selective
	}
	return c.visit.r.Context().Err() != nil || c.refused == "write-error"
}

// release sends the header and what was held back of the body. detail says
// why there will be no page.
func (c *capture) release(detail string) {
	c.sent = true
	c.restore(c.header)
	h, p, status := c.w.Header(), c.visit.policy, with("fwd="+c.visit.fwd, "detail", detail)
	if c.refused != "" {
		c.visit.cache.notStored(h, p, status)
	} else {
		if p.Class != Follow {
			p.declutter(h)
			h.Set("Cache-Control", p.client)
			if p.cdn != "" {
				h.Set("Cdn-Cache-Control", p.cdn)
			}
		}
		if vary := merged(h["Vary"], p.Vary); len(vary) > 0 {
			h["Vary"] = vary
		}
		c.visit.cache.status.add(h, status)
	}
	if c.refused == "" || p.Class == Follow { // a CDN may keep it by the response's own words
		if tags := c.visit.cacheTag(h["Cache-Tag"]); tags != "" {
			h.Set("Cache-Tag", tags)
		}
	}
	c.w.WriteHeader(c.status)
	if len(c.body) > 0 {
		if _, err := c.w.Write(c.body); err != nil {
			c.refuse("write-error")
		}
	}
}

// restore makes the header of the writer below what it was, but for the
// trailers that the handler has announced in the meantime where its answer is
// what goes out.
func (c *capture) restore(to http.Header) {
	h := c.w.Header()
	maps.DeleteFunc(h, func(name string, _ []string) bool { return !c.sent || !strings.HasPrefix(name, http.TrailerPrefix) })
	maps.Copy(h, to.Clone())
}
