// Package prometheustest runs a real Prometheus and its promtool for a test.
// Debian's package "prometheus" has both.
package prometheustest
