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

	// Policies is the table of decisions for pages. Two that claim the same
	// requests are an error that names both; otherwise the order does not
	// matter, the most specific pattern decides. At least one, unless there
	// are Loads.
	Policies []Policy
	// Loads is the table of decisions for values that [Load] keeps. Default
	// none.
	Loads []LoadPolicy
	// Purges says which tags a successful unsafe request purges. All rules
	// that match a request apply.
	Purges []Purge
	// Store is where pages and values are kept. nil, the default, keeps them
	// in this process.
	Store Store
	// MaxBytes bounds the in-process store: keys, headers and bodies, with
	// what each entry costs besides. Default 64 MiB. It must be 0 where Store
	// is set.
	MaxBytes int64
	// MaxBody is the largest body, in bytes, that is stored. A larger one is
	// passed on while it is written. Default 1 MiB, or half of MaxBytes where
	// that is less; at most 64 MiB.
	MaxBody int64
	// PublicCookies are the names of cookies that change no page, such as an
	// analytics id. A request with any other cookie passes by. Default none.
	PublicCookies []string

	// StatusName is the name of this cache in Cache-Status (RFC 9211), a
	// token. Default "readiness".
	StatusName string
	// HideStatus leaves Cache-Status out. Default false: it tells a client
	// nothing that its clock does not, and it is the first thing to look at
	// in an outage.
	HideStatus bool
	// SendTags sends the tags of a page as Cache-Tag, for a CDN in front that
	// is told of purges by OnPurge. Default false.
	SendTags bool
	// OnPurge is called after each purge, on its goroutine; for an unsafe
	// request twice, before its answer goes out and when its handler has
	// returned, which may have written until then; to tell a CDN twice does no
	// harm. Hand what takes time, or may have to be tried again, to a queue.
	// nil, the default, calls nothing.
	OnPurge func(Purged)
	// OnResult is called for each request that a policy decides about and for
	// each call of [Load], on its goroutine: for Prometheus, say. nil, the
	// default, calls nothing.
	OnResult func(Result)
	// Logger gets a warning, once a minute at most, while the store or a
	// Version function fails, where a refresh panics, and where Run is
	// missing. The kind of a store's failure is timeout (so is a connection
	// refused, which go-redis tries again until RedisConfig.Timeout ends),
	// refused (Redis answered with an error: memory, rights, a password) or
	// connection. nil, the default, logs nothing.
	Logger *zap.Logger
}

const (
	defaultStatusName = "readiness"
	defaultMaxBytes   = 64 << 20
	defaultMaxBody    = 1 << 20
	maxMaxBody        = 64 << 20
	maxTTL            = 24 * time.Hour
	maxCDNTTL         = 365 * 24 * time.Hour
)
