package cache

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
)

// Store is where pages and the generations of their tags are kept. It is
// sealed: nil in [Config.Store] is the in-process store, and [NewRedisStore]
// makes the other one. A Store is safe for concurrent use; several Caches may
// share one, and then share pages and purges where their policies are the
// same.
type Store interface {
	// get returns what is under key, with nil for a page where there is none
	// or where a purge has ended it. Its stamp always holds the time; the
	// generations are in it too unless there is a page. The key is the
	// caller's again when get has returned.
	get(ctx context.Context, key []byte, s scope) (found, error)
	// read returns the generations as they are now, for a page that is made
	// from here on.
	read(ctx context.Context, s scope) (stamp, error)
	// set stores a page that was made under st and reports whether it did:
	// not where a purge has come in between, and not where it has ended.
	set(ctx context.Context, key string, e *entry, st stamp) (bool, error)
	// drop forgets the page under key in this process and in the store. It is
	// no purge: a page that is made meanwhile may be stored.
	drop(ctx context.Context, key string) error
	// purge changes the named generations. When it has returned nil after a
	// hard one, no get that begins later returns a page of an older one; after
	// a soft one, every get says so of such a page.
	purge(ctx context.Context, names []string, how purgeKind) error
	// check adds what is wrong with the store's own configuration.
	check(problems *cfgerr.List)
	// owes returns how many purges are kept that the store has not taken.
	owes() int
	// leases reports whether a hit costs less while run is running.
	leases() bool
	// run works in the background until ctx ends, and returns then.
	run(ctx context.Context)
}

// found is what a store has under a key.
type found struct {
	page  *entry
	soft  bool // it was softly purged: it may be served once more, while it is made anew
	stamp stamp
	// under are the generations that the page lives by: those of the scope,
	// and then those of its groups.
	under []generation
}

// purgeKind says what a purge does to a page.
type purgeKind uint8

const (
	hard purgeKind = iota // ends it
	soft                  // makes it stale
)

// generation is the state of one name. Both numbers only grow.
type generation struct {
	hard uint64 // a page with another one has ended
	soft uint64 // a page with another one is stale
}

// stamp is the state of all generations that a page depends on, read before
// its handler ran.
type stamp struct {
	names  []string
	values []generation
	groups uint64 // the hard generation of anyGroup
	at     time.Time
}

// same reports whether no purge came between the two.
func (s stamp) same(o stamp) bool {
	return s.groups == o.groups && slices.Equal(s.values, o.values) && slices.Equal(s.names, o.names)
}

// scope is what the names of a page's generations are made from. A store
// makes them only where it needs them.
type scope struct {
	policy *policy
	match  route.Match
	path   string
	load   []string // the names themselves, for a value of Load
}

func (s scope) names() []string {
	if s.policy == nil {
		return s.load
	}
	names := make([]string, 0, 2+len(s.policy.tags))
	names = append(names, everything, pathName(s.path))
	for _, t := range s.policy.tags {
		names = append(names, tagName(t.Expand(s.match)))
	}
	return names
}

// The names of generations. Those of tags, of paths and of groups begin
// differently, so that none is taken for another.
const (
	everything = "*"
	// anyGroup changes with every purge of a group. Which groups a response
	// belongs to is known only when it is there; this one tells whether any
	// was purged while its handler ran.
	anyGroup = "g"
)

func tagName(tag string) string { return "t:" + tag }

// pathName is the same for all spellings of a path: a purge of one reaches
// the pages of all.
func pathName(p string) string { return "p:" + path.Clean("/"+p) }

// groupName is the name of a Cache-Groups member of an origin (RFC 9875,
// section 2), whose host may come in either case.
func groupName(host, group string) string { return "g:" + strings.ToLower(host) + "\x00" + group }

// scopeOf returns the scope of a request that the policy matches.
func (p *policy) scopeOf(r *http.Request, m route.Match) scope {
	return scope{policy: p, match: m, path: r.URL.Path}
}
