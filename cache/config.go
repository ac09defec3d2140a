package cache

import (
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/cfgerr"
)

// ErrConfig is what every error of [New] is, for errors.Is.
var ErrConfig = cfgerr.ErrConfig

// ConfigError is one problem of a [Config], with the Path of the field.
type ConfigError = cfgerr.Error

// Config is what [New] compiles. New copies what it needs: a later change of
// a Config or of its slices has no effect.
type Config struct {
	_ [0]func()

	// Policies is the table of decisions, at least one. Two that claim the
	// same requests are an error that names both; otherwise the order does
	// not matter, the most specific pattern decides.
	Policies []Policy
	// Purges says which tags a successful unsafe request purges. All rules
	// that match a request apply.
	Purges []Purge
	// Store is where pages are kept. nil, the default, keeps them in this
	// process.
	Store Store
	// MaxBytes bounds the in-process store: keys, headers and bodies, with
	// what each entry costs besides. Default 64 MiB. It must be 0 where Store
	// is set.
	MaxBytes int64
	// MaxBody is the largest body, in bytes, that is stored. A larger one is
	// passed on while it is written. Default 1 MiB, or half of MaxBytes where
	// that is less; at most 64 MiB.
	MaxBody int64
	// PublicCookies are the names of cookies that change no page under a
	// ShortCache policy, such as an analytics id. A request with any other
	// cookie passes by. Default none.
	PublicCookies []string
	// Logger gets a warning, once a minute at most, while the store fails.
	// nil, the default, logs nothing.
	Logger *zap.Logger
}

// Class is what a [Policy] decides. The zero Class is no decision and an
// error of [New].
type Class uint8

// The classes of endpoints.
const (
	// NoCache stores nothing and tells every cache on the way the same
	// (Cache-Control: no-store).
	NoCache Class = iota + 1
	// ShortCache stores pages for a TTL.
	ShortCache
)

// String returns the constant's name.
func (c Class) String() string {
	switch c {
	case NoCache:
		return "NoCache"
	case ShortCache:
		return "ShortCache"
	default:
		return "no decision"
	}
}

// Policy is the decision for one class of endpoints. All fields but Pattern
// and Class belong to [ShortCache] and must be empty with [NoCache].
type Policy struct {
	_ [0]func()

	// Pattern is a pattern of net/http's ServeMux. Without a method it means
	// GET, which includes HEAD. A ShortCache policy can only have GET.
	Pattern string
	// Class is the decision. It has no default.
	Class Class
	// TTL is how long a page lives, counted from when its handler began.
	// Required, at most 24 hours.
	TTL time.Duration
	// Query are the names of the query arguments that belong to the key.
	// Default none.
	Query []string
	// DropOtherQuery keeps query arguments that Query does not list out of
	// the key. By default a request that carries one passes by, because the
	// handler may use it: set this only where the page does not depend on
	// any other argument, nor show it.
	DropOtherQuery bool
	// Vary are the request headers whose values belong to the key. The
	// answer's Vary names them too. Cookie and Authorization cannot be
	// listed. Default none.
	Vary []string
	// Tags are the names by which a page is purged. They may use wildcards of
	// the pattern: "listing:{id}". Required, unless ExpiryOnly says why not.
	Tags []string
	// ExpiryOnly is the reason why pages end by their TTL alone.
	ExpiryOnly string
	// SharedDespiteCookies is the reason why requests with any cookie get the
	// same page as those without. The handler still sees the cookies: it must
	// not use them.
	SharedDespiteCookies string
}

// Purge names the tags that a request purges when it was answered 2xx or
// 3xx. It always purges its own path too, with or without a rule.
type Purge struct {
	_ [0]func()

	// Pattern is a pattern of net/http's ServeMux, matched in every spelling
	// of the path. Without a method it means every unsafe one; GET, HEAD,
	// OPTIONS and TRACE purge nothing and are an error.
	Pattern string
	// Tags are the tags to purge, at least one. They may use wildcards of the
	// pattern. One that no policy can carry is an error.
	Tags []string
}

const (
	defaultMaxBytes = 64 << 20
	defaultMaxBody  = 1 << 20
	maxMaxBody      = 64 << 20
	maxTTL          = 24 * time.Hour
)
