package ratelimit_test

import (
	"sync"
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// Across the edges of windows, under 256 goroutines, no window is forgotten:
// what was counted in one is what the next one knows as the previous count, to
// everybody, and no window admits more than the limit.
func TestNoStoreForgetsAWindow(t *testing.T) {
	t.Parallel()
	const limit, windows = 400, 2
	for name, store := range stores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := store(t, rule("a", limit, func(r *ratelimit.Rule) { r.Window = time.Second }))
			if name != "memory" {
				ratelimit.AlwaysAsk(l)
			}
			first := taken(t, true, l, ratelimit.Charge{Key: "k"}).Verdicts()[0].Win
			var mu sync.Mutex
			most, admitted := map[int64]int64{}, map[int64]int{} // by window
			previous := map[int64]map[int64]int{}
			most[first], admitted[first] = 1, 1
			var all sync.WaitGroup
			for range 256 {
				all.Go(func() {
					for {
						r := ratelimit.NewRequest(l, ratelimit.Charge{Key: "k"})
						ok, err := r.Take(t.Context())
						if err != nil {
							t.Error(err)
							return
						}
						v := r.Verdicts()[0]
						mu.Lock()
						most[v.Win] = max(most[v.Win], v.Cur)
						if ok {
							admitted[v.Win]++
						}
						if previous[v.Win] == nil {
							previous[v.Win] = map[int64]int{}
						}
						previous[v.Win][v.Prev]++
						mu.Unlock()
						if v.Win > first+windows {
							return
						}
					}
				})
			}
			all.Wait()
			edges := 0
			for win := first; win <= first+windows; win++ {
				if n := admitted[win]; int64(n) != most[win] || n > limit {
					t.Errorf("window %d admitted %d and counted %d, of %d", win-first, n, most[win], limit)
				}
				got, seen := previous[win+1]
				if !seen {
					continue // a slow machine saw nothing of it
				}
				edges++
				if len(got) != 1 || got[most[win]] == 0 {
					t.Errorf("window %d counted %d, and the next one knows it as %v", win-first, most[win], got)
				}
			}
			if edges == 0 {
				t.Error("no edge was seen")
			}
		})
	}
}
