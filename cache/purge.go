package cache

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Purge ends every page that carries one of the tags. When it has returned
// nil, no request that begins later is answered with one, nor with one whose
// handler began before.
//
// A tag that no policy can carry is purged too, since another release may
// carry it, and is an error: most likely it is misspelt.
//
// Any other error says that the store did not take it. The purge is then kept and
// sent to the store before anything else is read from it; other replicas may
// serve the pages until then. A ctx that has ended does not stop a purge: it
// takes as long as one call of the store.
func (c *Cache) Purge(ctx context.Context, tags ...string) error {
	names := make([]string, 0, len(tags))
	var unknown error
	for _, tag := range tags {
		if tag == "" {
			return errors.New("cache: purge of an empty tag")
		}
		if !c.carries(tag) {
			unknown = errors.Join(unknown, fmt.Errorf("cache: purge of the tag %.60q, which no policy can carry", tag))
		}
		names = append(names, tagName(tag))
	}
	return errors.Join(unknown, c.purge(ctx, names))
}

// carries reports whether a page of some policy can have the tag.
func (c *Cache) carries(tag string) bool {
	for _, p := range c.policies {
		for _, parts := range p.shapes {
			if fits(parts, tag) {
				return true
			}
		}
	}
	return false
}

// PurgePath ends the pages of a path, on every host, with every query, in
// every spelling. path is the decoded path, as in URL.Path: "/listings/5".
// It ends and fails as [Cache.Purge] does.
func (c *Cache) PurgePath(ctx context.Context, path string) error {
	if !strings.HasPrefix(path, "/") {
		return errors.New("cache: purge of a path that does not begin with a slash")
	}
	return c.purge(ctx, []string{pathName(path)})
}

// PurgeAll ends every page. It ends and fails as [Cache.Purge] does.
func (c *Cache) PurgeAll(ctx context.Context) error {
	return c.purge(ctx, []string{everything})
}

func (c *Cache) purge(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	err := c.store.purge(context.WithoutCancel(ctx), names)
	c.failures.add(err)
	return err
}

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
	names := c.changed(r)
	h := w.Header()
	if noStore {
		h.Set("Cache-Control", "no-store")
	}
	if len(names) == 0 && !noStore {
		next.ServeHTTP(w, r)
		return
	}
	status := 0 // where no header goes out (a panic, a hijack), nothing is purged
	defer func() { c.purgeAfter(r, status, names) }()
	observe(next, w, r, func(sent int) {
		status = sent
		if noStore {
			forbid(h)
		}
		c.purgeAfter(r, status, names)
	})
}

func (c *Cache) purgeAfter(r *http.Request, status int, names []string) {
	if status >= 200 && status <= 399 {
		_ = c.purge(r.Context(), names) // counted and logged; the answer is the handler's
	}
}

// changed returns the names of the generations that an unsafe request
// changes, as it came: a router may rewrite its URL.
func (c *Cache) changed(r *http.Request) []string {
	var names []string
	for _, m := range c.writes.All(r) {
		for _, t := range c.purges[m.Entry].tags {
			names = append(names, tagName(t.Expand(m)))
		}
	}
	// Its own path only where a page of it can be stored: most writes go to
	// paths that are never cached, and need no call of the store.
	asRead := &http.Request{Method: http.MethodGet, URL: r.URL, Host: r.Host}
	for _, m := range c.table.All(asRead) {
		if c.policies[m.Entry].Class == ShortCache {
			return append(names, pathName(r.URL.Path))
		}
	}
	return names
}
