package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	return c.purgeTags(ctx, tags, hard)
}

// SoftPurge makes every page that carries one of the tags stale instead of
// ending it: it is served once more while it is made anew, as in
// [Policy.StaleWhileRevalidate], but never beyond its time. Use it where a
// purge of many pages would send all their readers to the handler at once, and
// a reader may see the old page once more. A response that says
// must-revalidate, under Follow, is not served stale. It fails as
// [Cache.Purge] does.
func (c *Cache) SoftPurge(ctx context.Context, tags ...string) error {
	return c.purgeTags(ctx, tags, soft)
}

func (c *Cache) purgeTags(ctx context.Context, tags []string, how purgeKind) error {
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
	return errors.Join(unknown, c.purge(ctx, names, how, Purged{Tags: tags, Soft: how == soft}))
}

// carries reports whether a page of some policy can have the tag.
func (c *Cache) carries(tag string) bool {
	fit := func(parts []string) bool { return fits(parts, tag) }
	for _, p := range c.policies {
		if slices.ContainsFunc(p.shapes, fit) {
			return true
		}
	}
	for _, l := range c.loads {
		if slices.ContainsFunc(l.shapes, fit) {
			return true
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
	return c.purge(ctx, []string{pathName(path)}, hard, Purged{Paths: []string{path}})
}

// PurgeAll ends every page and every value. It ends and fails as [Cache.Purge] does.
func (c *Cache) PurgeAll(ctx context.Context) error {
	return c.purge(ctx, []string{everything}, hard, Purged{All: true})
}

// Purged is a purge, as [Config.OnPurge] is told of it. What is in it is the
// hook's to keep.
type Purged struct {
	// Tags are the tags as they were given. [TagText] returns one as it stands
	// in Cache-Tag, to name it to a CDN.
	Tags []string
	// Paths are the paths, decoded, on every host.
	Paths []string
	// All says that everything was purged.
	All bool
	// Soft says that pages were made stale and not ended.
	Soft bool
}

func (c *Cache) purge(ctx context.Context, names []string, how purgeKind, p Purged) error {
	if len(names) == 0 {
		return nil
	}
	err := c.store.purge(context.WithoutCancel(ctx), names, how)
	c.failures.add(err)
	if c.onPurge != nil && (p.All || len(p.Tags)+len(p.Paths) > 0) { // a CDN hears of groups from the response itself
		p.Tags, p.Paths = slices.Clone(p.Tags), slices.Clone(p.Paths)
		c.onPurge(p) // whatever the store says: the CDN is another one
	}
	return err
}
