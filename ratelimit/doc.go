// Package ratelimit limits requests to forms and webhooks, by rules that say
// how many of them one client has in a window of time.
//
//	limits, err := ratelimit.New(ratelimit.Config{
//		Rules: slices.Concat(
//			ratelimit.LoginRules("POST /login"),
//			ratelimit.PasswordResetRules("POST /forgot", sameAnswer),
//			ratelimit.WebhookRules("POST /webhooks/payment"),
//			[]ratelimit.Rule{
//				{Pattern: "POST /listings", Limit: 30, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}},
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
// and, where a login has succeeded or a signature was good:
//
//	ratelimit.Succeed(w)
//
// # Rules
//
// Every rule whose pattern matches applies, in every spelling of the path that
// some router may accept (//login, /x/../login, /%6Cogin, /login/): a specific
// rule never lifts a broad one, and nothing escapes by spelling. The rules of
// one request are taken together, all or nothing: a request that one rule
// denies is charged to no other rule, nor to that one; it only raises that
// rule's own count of denials, see [Penalty].
//
// [Limiter.Middleware] wraps the whole router. The order, outermost first, is
// metrics, http.CrossOriginProtection, ratelimit, cache, router. Patterns see
// the path that the middleware sees: behind http.StripPrefix they are written
// without the prefix.
//
// A rule counts by one key or by several together: {IP(), Field("email")} has
// one count for each pair. Fields are read from at most 64 KiB of the body,
// whatever form it has, and the handler reads the same bytes again. A client
// that sends Expect: 100-continue is told to go on only where a rule reads the
// form.
//
// # Counting failures
//
// A login form is limited best by its failures ([Failures]), so that those who
// know their password are never in the way of each other. A failure is
// everything that is not declared a success: no status is believed, because a
// wrong password is often answered with 200 or with a redirect, unless the
// rule lists it in SuccessStatus. Forgetting [Succeed] limits honest users,
// visibly, and the first denial puts a warning into the log that says so. Each
// request is charged before the handler runs and given back afterwards, so
// that a hundred guesses at once are a hundred guesses.
//
// A limit for an account can be used up by a stranger. The ready rules count
// an account together with the address; [AccountRules], which counts it alone,
// exempts the devices that the account knows and refuses everybody else for a
// minute at most; [PasswordResetRules] limits mail that the account has by then
// been sent; and New refuses a rule that counts failures by fields alone and
// knows no devices.
//
// # Ready rules
//
// [LoginRules], [AccountRules], [SignupRules], [ContactRules],
// [PasswordResetRules] and [WebhookRules] return plain [Rule] values: change
// what does not fit. Those with an account take it from the field "email"; for
// another one write
//
//	rules := ratelimit.LoginRules("POST /login")
//	rules[1].Keys[1] = ratelimit.Field("username")
//
// # Whose address
//
// Limits by address are worth as much as the address. Unless told otherwise
// the package believes no header: a client is the peer of its connection.
// Behind a proxy every connection is the proxy's, and all clients would share
// one count, so name the proxy's network and the header it sets in
// [Config.ClientIP]; a warning in the log says where that was forgotten.
// Nothing warns where the proxy does not send that header, or where another
// proxy stands before it that is not trusted: look, after the first deploy,
// whether two clients have two counts, by the r of RateLimit. Never
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
// 3 MiB, and as much again where all of them have a penalty). Beyond that,
// expired keys make room, and where there are none, new keys are counted
// together in a sketch of 256 KiB that may count a key too high and never too
// low. A live count is never thrown away: a flood of addresses makes nobody's
// count disappear. A key in the sketch gets no refunds and cannot be reset: while
// somebody with thousands of addresses, such as the /64s of a /54, keeps the
// sketch full, a rule with a field may refuse keys that it has never seen, the
// right password among them. With Redis every key has a count of its own.
//
// Several replicas agree through [NewRedisStore]: one script call for all
// rules of a request. While Redis fails each replica counts alone, beginning
// with what Redis has last told it.
//
// What leaves the process, to Redis, the log and [Config.OnEvent], is an HMAC
// of the key under [Config.Secret].
//
// # The answer
//
// A denied request gets status 429, as problem+json (RFC 9457) or as a small
// HTML page that says when to try again, whichever it accepts, with
// Retry-After and Cache-Control: no-store. Answers, allowed ones included,
// carry RateLimit-Policy and RateLimit, but only for rules that count by
// address: other counts are not everybody's business. In those of a rule with
// the Name "login",
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
// The answer to a person is better given by the form itself, with what was
// typed: see OnDeny of [Config] and [Rule]. A rule with FailClosed answers 503
// while nobody can count.
//
// [Limiter.Allow] takes the same decision outside HTTP, [Limiter.Reset] unlocks
// a key, [Limiter.Snapshot] shows the counts, and DryRun tries a rule on real
// traffic.
//
// # httprate
//
// The package keeps httprate's key functions ([Func]) and takes the decision
// itself, in one atomic step. Who stays with httprate can give it this
// package's counter, see [NewCounter].
package ratelimit
