package ratelimit_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// Ten million distinct keys in one window take no more than a few MiB, and a
// victim's count is still there. It runs alone, because it measures the heap.
func TestTenMillionKeys(t *testing.T) {
	n := 10_000_000
	if testing.Short() {
		n = 500_000
	}
	l := mustNew(t, byAddress(5, 31*24*time.Hour))
	for range 3 {
		allow(t, l, "192.0.2.1")
	}
	before := heap()
	flood(t, l, 0, n)
	grown := heap() - before
	keys, sketch := ratelimit.Keys(l, 0)
	t.Logf("%d keys: %.1f MiB, %d keys held", n, float64(grown)/(1<<20), keys)
	if grown > 7<<20 || keys > ratelimit.MaxKeys || !sketch {
		t.Errorf("%d keys take %d bytes, %d of them are held, sketch %t", n, grown, keys, sketch)
	}
	for i, want := range []bool{true, true, false} {
		if d := allow(t, l, "192.0.2.1"); d.Allowed != want {
			t.Errorf("the victim's request %d: %+v", i, d)
		}
	}
	runtime.KeepAlive(l)
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one has freed is swept now
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
