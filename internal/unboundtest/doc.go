// Package unboundtest starts a real unbound, a resolver that checks DNSSEC
// signatures, for one test.
//
//	srv := dnstest.StartSigned(t, zone, nil, dnstest.Signing{})
//	resolver := unboundtest.Start(t, map[string]string{"example": srv.Addr}, srv.DS("example"))
//
// The resolver listens on a free loopback port, asks nobody but the name
// servers of the test and ends with the test. Where no unbound is installed
// the test is skipped with the reason, except in CI (CI=true), where its
// absence is a failure.
package unboundtest
