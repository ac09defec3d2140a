// Package dnstest runs a name server on a loopback port for tests: zones as
// text in the usual file format, the faults that real servers have,
// and signatures (DNSSEC), good and broken.
package dnstest
