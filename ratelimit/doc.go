// Package ratelimit limits requests to forms and webhooks, by rules that say
// how many of them one client has in a window of time.
//
//	limits, err := ratelimit.New(ratelimit.Config{
//		Rules: slices.Concat(
//			ratelimit.LoginRules("POST /login"),
//			ratelimit.WebhookRules("POST /webhooks/payment"),
//			[]ratelimit.Rule{
//				{Pattern: "POST /listings", Limit: 30, Window: time.Hour, Key: ratelimit.IP()},
//			},
//		),
//		ClientIP: ratelimit.ClientIP{
//			TrustedProxies: ratelimit.PrivateNetworks(),
//			Header:         "X-Forwarded-For",
//		},
//		Logger: log,
//	})
//	if err != nil {
//		return err // every problem of the Config at once
//	}
//	http.ListenAndServe(addr, limits.Middleware(router))
//
// # Rules
//
// Every rule whose pattern matches applies, in every spelling of the path that
// some router may accept (//login, /x/../login, /%6Cogin, /login/): a specific
// rule never lifts a broad one, and nothing escapes by spelling. The rules of
// one request are taken together, all or nothing: a request that one rule
// denies is charged to no other rule, nor to that one.
//
// [Limiter.Middleware] wraps the whole router. The order, outermost first, is
// metrics, http.CrossOriginProtection, ratelimit, cache, router. Patterns see
// the path that the middleware sees: behind http.StripPrefix they are written
// without the prefix.
//
// # Whose address
//
// Limits by address are worth as much as the address. Unless told otherwise
// the package believes no header: a client is the peer of its connection.
// Behind a proxy every connection is the proxy's, and all clients would share
// one count, so name the proxy's network and the header it sets in
// [Config.ClientIP]; a warning in the log says where that was forgotten. Never
// put middleware outside this one that rewrites Request.RemoteAddr from a
// header. IPv6 clients are counted by their /64.
//
// # The window
//
// Counts are kept for two windows. What counts against a limit is the current
// one and the previous one, weighted by how much of it still lies within a
// window's length from now, and rounded up. So a client that spends its limit
// at the end of one window does not get a second one right after it. The
// window never goes back, whatever the clock does. Retry-After is solved from
// this formula and rounded up to seconds. Waiting that long is enough.
//
// The weighting takes the previous window's requests for evenly spread, so it
// is an approximation of a log that holds every request, in both directions.
// It admits more: a client that spends its limit in the last moment of one
// window gets it back little by little in the next, and has up to 2·Limit−1
// requests in one rolling window when its bursts are timed at the edge. And it
// denies more: a request weighs until the next window ends, so that a limit of
// 1 a second admits one every two seconds.
//
// What is exact is the counting: by that weighting there are never more than
// Limit, and never more than Limit requests in one window of the clock, however
// many come at once and, while Redis answers, on however many replicas.
//
// # Stores
//
// In one process, counts live in memory, at most 100,000 keys a rule (about
// 4 MiB). Beyond that, expired keys make room, and where there are none, new
// keys are counted together in a sketch that may count a key too high and
// never too low. A live count is never thrown away: a flood of addresses makes
// nobody's count disappear.
//
// Several replicas agree through [NewRedisStore]: one script call for all
// rules of a request. While Redis fails each replica counts alone.
//
// # The answer
//
// A denied request gets status 429, as problem+json (RFC 9457) or as a small
// HTML page that says when to try again, whichever it accepts, with
// Retry-After and Cache-Control: no-store. Answers, allowed ones included,
// carry RateLimit-Policy and RateLimit, but only for rules that count by
// address: other counts are not everybody's business. In
//
//	RateLimit-Policy: "login";q=20;w=60
//	RateLimit: "login";r=19;t=75
//
// q is the limit, w the window in seconds, r what is left, and t the seconds
// until there is more left than r if nothing is sent meanwhile; it is not there
// while nothing is used. t may exceed w, up to twice as long, because a request
// weighs until the window after its own ends. It is no time to wait: while r is
// not 0, the next request may be sent.
//
// The package keeps httprate's key functions ([Func]) and takes the decision
// itself, in one atomic step.
package ratelimit
