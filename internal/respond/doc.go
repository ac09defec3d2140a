// Package respond is what the middlewares of this module share about the
// answer: a recorder around the ResponseWriter, and the way an error is told.
//
// [Wrap] puts a [Recorder] around a ResponseWriter. It sees the status, the
// bytes, a flush, a hijack, and claims exactly those optional interfaces
// (http.Flusher, http.Hijacker, http.Pusher) that the writer below can serve,
// directly or through its Unwrap method, so that neither a type assertion nor
// an http.ResponseController finds less than before, and nothing that they
// find goes past the recorder.
//
// The recorder also carries notes about the request (the route's name, the
// declared outcome, the user, the request's id), because a middleware of ours
// never copies a request to put a value into its context: a copy hides
// http.Request.Pattern from everything outside it. [Find] gets the recorder back from any writer that
// wraps it. Recorders around one another share their notes, so it does not
// matter which of them is found.
//
// [Write] answers with problem+json (RFC 9457) or with a small page, by the
// request's Accept header.
package respond
