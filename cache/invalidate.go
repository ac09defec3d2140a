package cache

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// write runs the handler of an unsafe request and purges what it has changed.
//
// It purges twice. First before the header of a 2xx or 3xx goes out: a client
// that reads a redirect and follows it must see the new page. That alone
// leaves a gap where the handler commits only after it has begun to answer: a
// page made in between has read the old data under the new generations. So
// it purges once more when the handler has returned, which ends those.
//
// Once is enough for a page that was made before the commit, whatever came
// first: its generations are older than the purge.
func (c *Cache) write(next http.Handler, w http.ResponseWriter, r *http.Request, noStore bool) {
	change := c.change(r)
	h := w.Header()
	if noStore {
		h.Set("Cache-Control", "no-store")
	}
	if !c.keepsAny && !noStore {
		next.ServeHTTP(w, r)
		return
	}
	purge := false // where no header goes out (a panic, a hijack), nothing is purged
	defer func() {
		if purge {
			c.purgeChange(r, change)
		}
	}()
	observe(next, w, r, func(status int) {
		if noStore {
			forbid(h)
		}
		if purge = status >= 200 && status <= 399; purge {
			c.addAnswered(&change, h)
			c.purgeChange(r, change)
		}
	})
}

// change is what an unsafe request changes. It is read as the request came: a
// router may rewrite its URL.
type change struct {
	host   string
	secure bool
	path   string
	names  []string // generations
	purged Purged
}

// change returns what the rules say of a request, and its own path.
func (c *Cache) change(r *http.Request) change {
	ch := change{host: r.Host, secure: r.TLS != nil, path: r.URL.Path}
	for _, m := range c.writes.All(r) {
		for _, t := range c.purges[m.Entry].tags {
			if tag := t.Expand(m); !slices.Contains(ch.purged.Tags, tag) {
				ch.names, ch.purged.Tags = append(ch.names, tagName(tag)), append(ch.purged.Tags, tag)
			}
		}
	}
	c.addPath(&ch, r.URL)
	return ch
}

// addPath adds a path where a page of it can be stored: most writes go to
// paths that are never cached, and need no call of the store.
func (c *Cache) addPath(ch *change, u *url.URL) {
	asRead := &http.Request{Method: http.MethodGet, URL: u, Host: ch.host}
	for _, m := range c.table.All(asRead) {
		if c.policies[m.Entry].Class.stores() {
			if name := pathName(u.Path); !slices.Contains(ch.names, name) {
				ch.names, ch.purged.Paths = append(ch.names, name), append(ch.purged.Paths, u.Path)
			}
			return
		}
	}
}

// addAnswered adds what the response names: Location and Content-Location of
// the same origin (RFC 9111, section 4.4), and groups (RFC 9875, section 3).
func (c *Cache) addAnswered(ch *change, h http.Header) {
	for _, name := range [...]string{"Location", "Content-Location"} {
		for _, value := range h[name] {
			if u := ch.resolve(value); u != nil {
				c.addPath(ch, u)
			}
		}
	}
	for _, name := range groupsPurged(ch.host, h) {
		if !slices.Contains(ch.names, name) {
			ch.names = append(ch.names, name)
		}
	}
}

// resolve returns the URL that a Location names, nil where it is another
// origin's. Behind a proxy that speaks TLS nobody knows the scheme; the other
// scheme of the same host is then taken for the same.
func (ch *change) resolve(location string) *url.URL {
	base := &url.URL{Scheme: "http", Host: ch.host, Path: ch.path}
	if ch.secure {
		base.Scheme = "https"
	}
	u, err := base.Parse(location)
	switch {
	case err != nil, u.User != nil, u.Scheme != "https" && (u.Scheme != "http" || ch.secure):
		return nil
	case !strings.EqualFold(withoutPort(u), withoutPort(&url.URL{Scheme: u.Scheme, Host: ch.host})):
		return nil
	default:
		return u
	}
}

// withoutPort returns the host of a URL without the port that its scheme
// implies.
func withoutPort(u *url.URL) string {
	if port := u.Port(); port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		return strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.Host
}

func (c *Cache) purgeChange(r *http.Request, ch change) {
	_ = c.purge(r.Context(), ch.names, hard, ch.purged) // counted and logged; the answer is the handler's
}
