// Package routers holds the endpoint table against the routers that people
// put behind it. It has tests only: for each router, and for every way to
// spell a path, a request that reaches a handler is seen by the limit of its
// route, and is cached under no other route's policy.
package routers
