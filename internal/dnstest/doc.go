// Package dnstest runs a name server on a loopback port for tests: zones as
// text in the usual file format, and the faults that real servers have.
package dnstest
