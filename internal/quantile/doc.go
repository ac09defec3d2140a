// Package quantile counts durations over a sliding window of five minutes and
// reads quantiles from it, without a lock.
//
// A [Ring] has ten slots of 30 seconds. A slot counts durations in buckets
// that grow with the value: each power of two is cut into sixteen, so that a
// bucket is at most one sixteenth (6.25 %) wider than its lower edge, from 8
// microseconds to 68 seconds. To observe is to add one to a counter of the
// current slot; to read is to add the slots up into [Counts] and to walk to
// the rank wanted. An estimate lies in the bucket of the exact value, so it
// is never further from it than the bucket is wide.
//
//	ring := quantile.NewRing(800 * time.Millisecond)
//	ring.Observe(now, took, false)
//	var c quantile.Counts
//	ring.Read(now, &c)
//	p95, n, slow := c.Quantile(0.95), c.N, c.Over
//
// The caller passes the clock: the time since some moment of its own, which
// never goes backwards. It has read it already to know the duration, and a
// second look would cost more than the counting.
package quantile
