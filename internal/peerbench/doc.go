// Package peerbench measures this module beside other libraries for the same
// purpose, in one process and with the same ResponseWriter. It has benchmarks
// and tests only:
//
//	cd internal/peerbench && GOWORK=off go test -run '^$' -bench . -cpu 1 -count 5
//
// It is a module of its own, outside go.work, so that nobody who imports this
// one downloads what it is compared with.
package peerbench
