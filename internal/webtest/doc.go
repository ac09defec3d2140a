// Package webtest makes certificate authorities and web servers on loopback
// ports for tests: certificates with every fault that real ones have, and
// real TLS listeners to present them.
package webtest
