package cache

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
)

// Cache is a compiled [Config]. Make one with [New]. All methods are safe for
// concurrent use. It needs no closing, and starts no goroutine but under
// [Cache.Run].
type Cache struct {
	table         *route.Table // of policies
	policies      []*policy
	loads         map[string]*loadPolicy
	loadNames     []string     // in the order of the Config
	writes        *route.Table // of purges
	purges        []*purgeRule
	keepsAny      bool // a write may have something to purge
	store         Store
	maxBody       int64
	publicCookies []string
	status        statusName
	sendTags      bool
	onPurge       func(Purged)
	onResult      func(Result)
	log           *zap.Logger // lets a message through once a minute
	flights       flights
	failures      failures
	background    background
	buffers       sync.Pool // of *[]byte, in which keys are made
	wantsRun      bool      // the store does better with Run
	made          time.Time
}

// New compiles cfg. Its error holds every problem of cfg at once, joined;
// each is a *[ConfigError] and [ErrConfig].
func New(cfg Config) (*Cache, error) {
	problems := cfgerr.For("cache")
	log := onceAMinute(cfg.Logger)
	c := &Cache{
		made: time.Now(), log: log, failures: failures{log: log},
		sendTags: cfg.SendTags, onPurge: cfg.OnPurge, onResult: cfg.OnResult,
	}
	c.buffers.New = func() any { buf := make([]byte, 0, 256); return &buf }
	c.compileStatus(problems, cfg)
	c.compilePolicies(problems, cfg)
	c.compileLoads(problems, cfg.Loads)
	c.compilePurges(problems, cfg.Purges)
	c.compileBounds(problems, cfg)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// errRunTwice is what a second Run gets.
var errRunTwice = errors.New("cache: Run was called before: call Run once")

// Run works in the background until ctx ends, and then returns nil: pages
// that are stale while they are made anew are made here, and a Redis store
// hears of the purges of other replicas. Its only error is that it was called
// before. When ctx ends it waits for the refreshes in flight, whose contexts
// end with it.
//
// Without it everything is answered as correctly and less quickly: one of the
// requests that find a stale page makes it anew, and a Redis store asks Redis
// about every hit. A warning says so.
func (c *Cache) Run(ctx context.Context) error {
	if !c.background.start(ctx) {
		return errRunTwice
	}
	c.store.run(ctx)
	c.background.stop()
	return nil
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
