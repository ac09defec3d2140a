// Package conditional evaluates the conditional and Range fields of a request
// against a stored response (RFC 9110, sections 8.8, 13 and 14; RFC 9111,
// section 4.3.2). Its functions take and return plain values: they hold no
// state, read no clock, and are safe for concurrent use.
//
// A field that is not well-formed makes the answer the plain one: the whole
// representation with 200. That is always right, only larger.
//
// The order of the fields is for the caller to keep (RFC 9110, section
// 13.2.2): [NoneMatch], and only where the request has no If-None-Match
// [ModifiedSince]; then, for a GET that would be answered with 200, [IfRange]
// and [Range].
package conditional
