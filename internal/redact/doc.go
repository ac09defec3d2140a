// Package redact hides secrets and the e-mail addresses of people in texts that
// are shown: a failure, a log line, a page of a stranger.
//
// A [Redactor] knows values and puts their names in place of them, «NAME», in
// whatever spelling they stand: as they are, escaped for HTML, JSON, an address
// or the string of a language, and again where one of these wraps another; and
// in base64, also as a piece of a longer text. Everything is hidden before
// anything is cut, so that no value is shown by half.
//
// What nobody declared is told by the name that it stands behind ([Opens]) and
// by the shape of known tokens ([Tokens]), and replaced by [Mask].
package redact
