// Package servertest runs a real server for a test: it is started on a free
// port of 127.0.0.1, watched until it says that it serves, and killed and
// waited for when the test ends. redistest, unboundtest and prometheustest
// name the servers.
package servertest
