// Package cache stores whole pages, and values that are expensive to read, by
// declared decision: one policy for each class of endpoint, each with the rule
// by which its pages end.
//
//	pages, err := cache.New(cache.Config{
//		Policies: []cache.Policy{
//			{Pattern: "GET /listings", Class: cache.ShortCache, TTL: 30 * time.Second, Query: []string{"q", "page"}, Tags: []string{"listings"}},
//			{Pattern: "GET /listings/{id}", Class: cache.Revalidate, TTL: time.Minute, StaleWhileRevalidate: time.Minute, Tags: []string{"listing:{id}"}},
//			{Pattern: "GET /account/", Class: cache.NoCache},
//		},
//		Purges: []cache.Purge{
//			{Pattern: "/listings", Tags: []string{"listings"}}, // any method that writes
//			{Pattern: "/listings/{id}", Tags: []string{"listings", "listing:{id}"}},
//		},
//	})
//	if err != nil {
//		return err // every problem of the Config at once
//	}
//	handler := pages.Middleware(router)
//	go pages.Run(ctx) // or in the Background of health.Serve
//
// The middleware wraps the whole router, outside of it and inside of
// metrics, rate limits and whatever compresses. [Cache.Decisions] is the
// whole table, to print and to review; [Cache.Undecided] names the routes
// that have no policy.
//
// # Which class
//
//   - [NoCache] for what is made for one person: nobody stores it, here or
//     anywhere.
//   - [ShortCache] for what is the same for all and may be a TTL old.
//   - [Revalidate] is ShortCache for pages that must also be quick when their
//     TTL has just ended (StaleWhileRevalidate), there when the database is not
//     (StaleIfError), or cheap to prove good (Version).
//   - [Follow] for handlers and upstreams that say it themselves: a shared
//     cache by RFC 9111, without a default TTL.
//   - [Immutable] for assets with a fingerprint in their path.
//
// Where every user is logged in, pages are rarely the same for two.
// [Policy.Audience] shares them within a tenant or a role, and [Load] keeps
// what is behind the pages: a listing, a count, reference data.
//
// # What is stored
//
// Nothing that is not declared: a request that no policy matches passes
// through untouched. Under a policy that stores, a GET is answered from the
// store, or its answer is stored, unless one of these rules says no.
//
// A request passes by (the handler answers, nothing is stored) where it
// carries Authorization (but for [Policy.Audience] and Follow, and then the
// answer must say public), a credential or an identity in another well-known
// header, a client certificate, a body, If-Match or If-Unmodified-Since, an
// upgrade, a cookie that is neither in
// [Config.PublicCookies] nor covered by [Policy.SharedDespiteCookies], a
// header that makes another request of it (X-Original-URL,
// X-HTTP-Method-Override and their kind), one with an underscore in its name
// (which some origins take for a hyphen), Forwarded, a Connection that names
// other headers, a query argument that the policy does not declare, or a
// spelling of the path on which routers differ.
// HEAD is answered from a stored GET, and passes by otherwise. A Range, and
// the question whether a page is still good, are answered from the stored
// whole: the handler of a miss is asked for the whole page (under Follow, for
// what the client asked).
//
// A request for a fragment (HX-Request, Turbo-Frame, X-Requested-With, X-PJAX,
// X-Up-Target, X-Inertia) passes by too, unless [Policy.Vary] lists its header:
// many handlers answer it with a part of the page and forget to say Vary.
//
// What an ordinary proxy adds about the address that was asked for
// (X-Forwarded-Host, -Proto, -Port, -Scheme, -Ssl, -Prefix, -Server) is part
// of the key where it is sent: a page may name its own address, and who
// forges such a header gets a page of his own and poisons nobody's.
//
// Any other header that the handler reads, such as Accept-Language or an
// X-User-Id of your gateway, must stand in [Policy.Vary], or in the answer's
// Vary: the cache cannot know it otherwise, and shares the page.
//
// An answer is not stored where it is not a 200 (under Follow: where RFC 9111
// does not let it, or it says nothing by which it could be used again), sets a
// cookie, says
// no-store, private or no-cache, varies by something that is not in the key,
// allows one origin (Access-Control-Allow-Origin) without varying by Origin,
// carries a nonce in its Content-Security-Policy, a trailer, a Content-Range
// or an event stream, is larger than [Config.MaxBody] or shorter than its
// Content-Length, and where the handler panicked, took the connection over,
// or lost its client. "Vary: Accept-Encoding" is accepted of an answer that
// is not encoded, because every client takes that one; an encoded answer is
// stored only where [Policy.Vary] lists Accept-Encoding.
//
// The key is the host, the path as sent, the declared query arguments as
// sent (under Follow the whole query), the values of the headers in
// [Policy.Vary] (under Follow those of the response's Vary too), and the
// audience. Headers of the request that ask for a fresh page (Cache-Control,
// Pragma) are ignored: a stored page is as good as the handler's, and nobody
// may switch the cache off from outside. Under Follow its Cache-Control is
// obeyed, as RFC 9111 says; Pragma is not.
//
// # What the client gets
//
// What is stored goes out with "Cache-Control: no-cache" and a strong ETag:
// the browser asks each time and gets 304 while the page is the same, so that
// it sees a purge at once. [Policy.ClientTTL] and [Policy.CDNTTL] declare more,
// counted from when the page was made, as Age says. Under Follow the
// response's own words go out. To be able to send the ETag, an answer that will
// be stored is held back until the handler returns; a Flush sends at once
// what there is, and gives that one answer no ETag. What is not stored under
// ShortCache and Revalidate goes out with "Cache-Control: private, no-cache" where
// the handler says nothing of its own. Under [NoCache] it is always
// no-store.
//
// Cache-Status (RFC 9211) says what happened and why:
//
//	Cache-Status: readiness; hit; ttl=27
//	Cache-Status: readiness; hit; ttl=-3; detail=stale-while-revalidate
//	Cache-Status: readiness; fwd=bypass; detail=cookie
//	Cache-Status: readiness; fwd=stale; fwd-status=304; stored
//
// fwd says why the handler was asked: bypass (the request passes by), miss
// (there is no page), stale (there is one, and it is not fresh), request (the
// client asks for more than a fresh page, under Follow). The detail is one of
// these words:
//
//   - with hit: stale-while-revalidate, soft-purge and max-stale, of a page
//     that is stale; version, of one that [Policy.Version] has made good again;
//   - with fwd=bypass, of the request: audience, body, client-certificate,
//     cookie, head, header-name, key-length, no-store, only-if-cached, query, spelling, url,
//     or the name of the header that made it pass by, in lower case, such as
//     authorization or x-api-key;
//   - with fwd=miss and fwd=stale, of an answer that was not stored:
//     authorization, cache-groups, client-gone, content-length, content-range,
//     cors, encoding, event-stream, freshness, header-name, no-cache, no-store,
//     nonce, private, set-cookie, status, too-large, trailer, vary. Of
//     these, freshness is an answer under Follow that has no max-age,
//     s-maxage, Expires, ETag nor Last-Modified, and encoding comes of
//     compression inside of the cache;
//   - of the cache itself: stale-if-error, where the handler failed and the
//     stale page answers; store, where the store did not answer and the page
//     was made without it; wait-ended, where the client went while it waited
//     for the run of another.
//
// "collapsed" marks a page that the run of another request made. A miss with
// neither that, nor "stored", nor a detail is one whose header went out
// before its page was whole, or whose page the store did not take: it was
// purged or had expired while it was made (max-age=0 without an ETag, say), or
// the store failed then, which [Snapshot] counts.
//
// # When a page ends
//
// At its TTL, counted from when its handler began (and at the end of what may
// be done with it after that, at most 24 hours in all); when one of its tags
// is purged; when its own path is written to by an unsafe request that was
// answered 2xx or 3xx, or is named by that answer's Location or
// Content-Location; when a Cache-Group-Invalidation names one of its
// Cache-Groups (RFC 9875); when everything is purged. Every entry carries the
// generations of its tags, of its path and of everything, read before its
// handler ran, and lives while they are unchanged. So a purge costs the same
// for one entry and for a million, and a page that was computed before a
// purge can never be stored after it.
//
// [Cache.SoftPurge] makes pages stale instead: each is served once more, while
// it is made anew.
//
// # Stale pages
//
// Under [Cache.Run] a stale page is made anew in the background, once a key
// and at most 64 at once, each within 30 seconds. The handler gets a clone of
// the request whose context holds nothing of it but the server
// (http.ServerContextKey), and which the client's hang-up does not end. That is why the middleware must wrap the router: a
// handler that finds its router's parameters in the context would find none.
// A panic keeps the stale page and is logged. A handler that answers an error
// keeps it too, and only a ttl that goes on falling in Cache-Status shows it.
// Without Run, and where [Policy.Audience] goes by that context, one of the
// requests that find the page stale makes it anew, and the others get the
// stale one.
//
// Under Follow, must-revalidate, proxy-revalidate, no-cache and s-maxage
// forbid a stale answer (RFC 9111, section 4.2.4). Who wants both says it to
// this cache: "CDN-Cache-Control: max-age=60, stale-while-revalidate=300".
//
// # Concurrent misses
//
// Concurrent misses of one key run the handler once. The others wait, at
// most five seconds, and run their own handler where the answer turns out
// not to be storable: a private page is never shared. A key with such an
// answer is not waited for during the next ten seconds.
//
// # Replicas
//
// [NewRedisStore] shares pages, values and purges between replicas. While
// [Cache.Run] is running, pages are held in each process too, and a purge
// reaches all of them by a stream; see there for what that guarantees.
// Without Run, or with [RedisConfig.Strict], every hit asks Redis, and nothing
// is served after its purge has returned.
//
// # Tests
//
// [Cache.Undecided] and [Cache.Unused] take the routes of the service as
// patterns of net/http. A ServeMux does not tell its patterns: keep a slice of
// your own, and register from it.
//
//	var routes = []struct {
//		pattern string
//		handler http.HandlerFunc
//	}{{"GET /listings", listings}, {"GET /listings/{id}", listing}}
//
//	for _, r := range routes {
//		mux.HandleFunc(r.pattern, r.handler)
//	}
//
// The routes of a chi router need three translations:
//
//	var expression = regexp.MustCompile(`\{(\w+):(?:[^{}]|\{[^{}]*\})*\}`) // {id:[0-9]+}
//
//	func routesOf(router chi.Routes) (list []string, err error) {
//		err = chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
//			route = strings.ReplaceAll(route, "/*/", "/") // a mounted router
//			route = expression.ReplaceAllString(route, "{$1}")
//			if path, all := strings.CutSuffix(route, "/*"); all {
//				route = path + "/{rest...}"
//			} else if strings.HasSuffix(route, "/") {
//				route += "{$}" // its last slash is no subtree
//			}
//			list = append(list, method+" "+route)
//			return nil
//		})
//		return list, err
//	}
//
// The test is the same for both:
//
//	if open := pages.Undecided(slices.Values(list)); len(open) > 0 {
//		t.Errorf("no decision for %q", open)
//	}
//	if left := pages.Unused(slices.Values(list)); len(left) > 0 {
//		t.Errorf("no route for %q", left)
//	}
package cache
