// Command cachingproxy stands in front of a web server that already says how
// long its responses live, and keeps them that long:
//
//	go run ./examples/cachingproxy -listen 127.0.0.1:8081 -origin http://127.0.0.1:9000 -pass /account
//
// It is a shared cache by RFC 9111: what Cache-Control, Expires or
// CDN-Cache-Control say is done, and what says nothing is asked for each time.
// Cache-Status tells what happened. A request that carries a cookie or sets a
// credential goes to the origin, as do uploads and WebSockets. A POST, PUT,
// PATCH or DELETE that succeeds ends the pages of its path, and the origin can
// end more of them with Cache-Group-Invalidation (RFC 9875).
//
// The origin sees the Host that the client has sent, as if there were no proxy,
// and pages are kept apart by it: one origin may serve many hosts, and should
// answer those that are not its own with an error. X-Forwarded-For, -Host and
// -Proto are what this proxy has seen; what a client says in their place, in
// Forwarded or in another X-Forwarded field, reaches neither the cache nor the
// origin. So this proxy is the first that a client meets.
//
// With -redis, or REDIS_URL in the environment, several proxies share pages
// and purges. The variable is the better place for a password: everybody on a
// machine can read the arguments of its programs.
package main
