// Package cachecontrol reads Cache-Control and does the arithmetic of
// freshness and age (RFC 9111, sections 4.2 and 5.2; RFC 5861 and RFC 8246
// for the directives that came later). Its functions take and return plain
// values: they hold no state, read no clock, and are safe for concurrent use.
//
// Where a field is wrong it errs on the side that stores and reuses less. The
// RFC asks a cache to be lenient about the form and careful about the meaning;
// so a directive that restricts is believed wherever it can be made out, and
// one that permits only where it is written as the RFC writes it.
package cachecontrol
