// Package redistest starts a real redis-server, or a real Redis Cluster of
// three, for one test.
//
//	client := redis.NewClient(&redis.Options{Addr: redistest.Start(t)})
//	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: redistest.StartCluster(t)})
//
// A server listens on a free loopback port, keeps nothing on disk and ends
// with the test. Where no redis-server is installed the test is skipped with
// the reason, except in CI (CI=true), where its absence is a failure: a gate
// that skips what it is for is no gate.
package redistest
