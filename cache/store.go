package cache

import (
	"context"
	"net/http"
	"path"
	"slices"
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
	// get returns the page under key, nil where there is none whose
	// generations are unchanged; then the stamp holds the generations as they
	// are now, for a page that is made from here on. It always holds the time.
	get(ctx context.Context, key string, s scope) (*entry, stamp, error)
	// set stores a page that was made under st and reports whether it did.
	set(ctx context.Context, key string, e *entry, st stamp) (bool, error)
	// purge changes the named generations. When it has returned nil, no get
	// that begins later returns a page of an older one.
	purge(ctx context.Context, names []string) error
	// check adds what is wrong with the store's own configuration.
	check(problems *cfgerr.List)
}

// stamp is the state of all generations that a page depends on, read before
// its handler ran.
type stamp struct {
	names  []string
	values []uint64
	at     time.Time
}

// same reports whether no purge came between the two.
func (s stamp) same(o stamp) bool {
	return slices.Equal(s.values, o.values) && slices.Equal(s.names, o.names)
}

// scope is what the names of a page's generations are made from. A store
// makes them only where it needs them.
type scope struct {
	policy *policy
	match  route.Match
	path   string
}

func (s scope) names() []string {
	names := make([]string, 0, 2+len(s.policy.tags))
	names = append(names, everything, pathName(s.path))
	for _, t := range s.policy.tags {
		names = append(names, tagName(t.Expand(s.match)))
	}
	return names
}

// The names of generations. Those of tags and of paths begin differently, so
// that no tag is taken for a path.
const everything = "*"

func tagName(tag string) string { return "t:" + tag }

// pathName is the same for all spellings of a path: a purge of one reaches
// the pages of all.
func pathName(p string) string { return "p:" + path.Clean("/"+p) }

// scopeOf returns the scope of a request that the policy matches.
func (p *policy) scopeOf(r *http.Request, m route.Match) scope { return scope{p, m, r.URL.Path} }
