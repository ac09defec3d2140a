package cache

import (
	"iter"
	"slices"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
)

// Cache is a compiled [Config]. Make one with [New]. All methods are safe for
// concurrent use. It starts no goroutine and needs no closing.
type Cache struct {
	table         *route.Table // of policies
	policies      []*policy
	writes        *route.Table // of purges
	purges        []*purgeRule
	store         Store
	maxBody       int64
	publicCookies []string
	flights       flights
	failures      failures
}

// New compiles cfg. Its error holds every problem of cfg at once, joined;
// each is a *[ConfigError] and [ErrConfig].
func New(cfg Config) (*Cache, error) {
	problems := cfgerr.For("cache")
	c := &Cache{failures: failures{log: onceAMinute(cfg.Logger)}}
	c.compilePolicies(problems, cfg)
	c.compilePurges(problems, cfg.Purges)
	c.compileBounds(problems, cfg)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Undecided returns the routes of the list that a GET may reach and that no
// policy covers: they are passed through and never stored, by default and
// not by decision. Routes are patterns of net/http's ServeMux. It is meant
// for tests: "Tests" in the package comment lists the routes of a router.
func (c *Cache) Undecided(routes iter.Seq[string]) []string { return c.table.Undecided(routes) }

// Unused returns the patterns of policies and purges that no route of the
// list shares a request with: those that a renamed route has left behind.
// Routes are patterns of net/http's ServeMux. It is meant for tests.
func (c *Cache) Unused(routes iter.Seq[string]) []string {
	list := slices.Collect(routes)
	return append(c.table.Unused(slices.Values(list)), c.writes.Unused(slices.Values(list))...)
}
