// Package gitleaks measures the scan for secrets beside gitleaks, in one
// process and on the same texts. It has benchmarks only:
//
//	cd internal/peerbench/gitleaks && GOWORK=off go test -run '^$' -bench . -cpu 1 -count 5
//
// It is a module of its own, because gitleaks brings seventy others.
package gitleaks
