package cache

import (
	"net/http"
	"time"
)

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
	// Revalidate stores pages for a TTL and keeps them beyond it: to be
	// served while they are made anew, where the handler fails, or where
	// Version says that they are still good.
	Revalidate
	// Follow is a shared cache by RFC 9111: what the response says in
	// Cache-Control, Expires or CDN-Cache-Control is done, and what says
	// nothing is not reused without asking. It is for handlers and upstreams
	// that already say.
	Follow
	// Immutable stores nothing here and lets every other cache keep the answer
	// for a year: for assets with a fingerprint in their path.
	Immutable

	// value is the class of a LoadPolicy in the table of decisions.
	value
)

// String returns the constant's name.
func (c Class) String() string {
	switch c {
	case NoCache:
		return "NoCache"
	case ShortCache:
		return "ShortCache"
	case Revalidate:
		return "Revalidate"
	case Follow:
		return "Follow"
	case Immutable:
		return "Immutable"
	case value:
		return "Load"
	default:
		return "no decision"
	}
}

// MarshalText returns what String returns, for JSON. It does not fail.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// stores reports whether pages of the class are stored here.
func (c Class) stores() bool { return c == ShortCache || c == Revalidate || c == Follow }

// Policy is the decision for one class of endpoints. A field that does
// nothing in its class must be empty: each says where it belongs.
type Policy struct {
	_ [0]func()

	// Pattern is a pattern of net/http's ServeMux. Without a method it means
	// GET, which includes HEAD. Only NoCache can have another one.
	Pattern string
	// Class is the decision. It has no default.
	Class Class

	// TTL is how long a page is fresh, counted from when its handler began.
	// Required with ShortCache and Revalidate, at most 24 hours.
	TTL time.Duration
	// StaleWhileRevalidate is how long after its TTL a page is served while
	// one run of the handler makes it anew: in the background under
	// [Cache.Run], else by one of the requests (RFC 5861, section 3). Only
	// with Revalidate. Default 0.
	StaleWhileRevalidate time.Duration
	// StaleIfError is how long after its TTL a page is served where the
	// handler answers 500, 502, 503 or 504 (RFC 5861, section 4). Only with
	// Revalidate. Default 0. A page is kept for 24 hours at most.
	StaleIfError time.Duration
	// Version returns what changes whenever the page does, such as a row's
	// updated_at. A page whose TTL has ended and whose version is the same is
	// good for another TTL, and its handler does not run; 24 hours after it
	// was made it is made anew all the same, and so is one that has
	// Cache-Groups. Version is called before
	// the handler, once for concurrent requests; an empty version or an error
	// makes the handler run. Its request is a copy whose PathValue knows the
	// wildcards of Pattern, and in the background its context holds nothing of
	// the client's. Only with Revalidate. nil is none.
	Version func(*http.Request) (string, error)

	// ClientTTL lets a browser keep a page without asking, counted from when
	// it was made or Version last said that it is good: no purge reaches it
	// there, nor does a logout, which matters where an Audience has it. It is sent as "Cache-Control:
	// private, max-age=…", in whole seconds, at most 24 hours. Only with
	// ShortCache and Revalidate. Default 0: "no-cache", with an ETag.
	ClientTTL time.Duration
	// CDNTTL lets a CDN keep a page, counted from when it was made. It is
	// sent as CDN-Cache-Control (RFC 9213), in whole seconds, at most a year.
	// [Config.OnPurge] and [Config.SendTags] are there to reach it. Only with
	// ShortCache and Revalidate, and not with Audience, which a CDN does not
	// know. Default 0: the field is not sent.
	CDNTTL time.Duration

	// Query are the names of the query arguments that belong to the key.
	// Only with ShortCache and Revalidate: under Follow the whole query does.
	// Default none.
	Query []string
	// DropOtherQuery keeps query arguments that Query does not list out of
	// the key. By default a request that carries one passes by, because the
	// handler may use it: set this only where the page does not depend on
	// any other argument, nor show it. Only with ShortCache and Revalidate.
	DropOtherQuery bool
	// Vary are the request headers whose values belong to the key. The
	// answer's Vary names them too. Cookie and Authorization cannot be
	// listed. With all that store. Default none; under Follow the response's
	// own Vary counts besides.
	Vary []string
	// Audience returns for whom the page is made, such as the tenant or the
	// role of who asks: it becomes part of the key. false makes the request
	// pass by. It must go by what was verified, the session and not a header.
	// Where it goes by the request's context, a stale page is not made anew in
	// the background, where that is empty, but by one of the requests.
	// With it a request with Authorization may be answered from the store
	// where the response says "Cache-Control: public"; for cookies
	// SharedDespiteCookies still has to say why. With all that store. nil is
	// everybody.
	Audience func(*http.Request) (string, bool)

	// Tags are the names by which a page is purged. They may use wildcards of
	// the pattern: "listing:{id}". Required with all that store, unless
	// ExpiryOnly says why not.
	Tags []string
	// ExpiryOnly is the reason why pages end by their time alone.
	ExpiryOnly string
	// SharedDespiteCookies is the reason why requests with any cookie get the
	// same page as those without: everybody, or with Audience everybody of one
	// audience. The handler still sees the cookies: it must use them for
	// nothing but what Audience returns. With all that store.
	SharedDespiteCookies string
}

// Purge names the tags that a request purges when it was answered 2xx or
// 3xx. It always purges its own path too, with or without a rule, and so it
// does the paths of a Location or Content-Location on the same host (RFC
// 9111, section 4.4).
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
