// Package route is the endpoint table that cache and ratelimit share: a list
// of entries, each with a pattern of net/http's ServeMux, compiled once.
//
// ServeMux validates the patterns and is the oracle of the tests; the
// matching is our own, because a table needs all entries that match, most
// specific first, the values of their wildcards, and a cheap no.
//
// # Spellings
//
// One resource has many spellings: /login, //login, /x/../login, /login/,
// /%6Cogin. Which of them reach its handler depends on the router, and the
// table stands in front of a router that it does not know. So it looks at the
// path as it was sent, segment by segment, and where that is not a clean path
// also at path.Clean(URL.Path), with and without a trailing slash.
//
//   - [Table.All] yields an entry that matches in any spelling: a limit or a
//     purge must not be escaped by writing the path in another way.
//   - [Table.First] yields the first entry only where the spellings agree on
//     it: a cache must not store what one router calls /listings and another
//     one calls something else.
//
// A table sees the path that its owner sees: behind http.StripPrefix, or
// under a mount that cuts URL.Path, patterns are written without the prefix.
package route
