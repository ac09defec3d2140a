package metrics_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/metrics"
)

// over sends a snapshot through JSON, as one replica does to another.
func over(t *testing.T, s metrics.Snapshot) metrics.Snapshot {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := metrics.ReadSnapshot(strings.NewReader(string(text)))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return got
}

// TestMergeIsAsIfOneHadAnsweredAll sends every request to one of three
// replicas, and to one that gets all of them.
func TestMergeIsAsIfOneHadAnsweredAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := metrics.Config{Events: []string{"a", "b"}, Release: "v1"}
		all := newMetrics(t, cfg)
		replicas := []*metrics.Metrics{newMetrics(t, cfg), newMetrics(t, cfg), newMetrics(t, cfg)}
		requests := []func(string, time.Duration, int){}
		for _, m := range replicas {
			requests = append(requests, taking(t, m))
		}
		r := rand.New(rand.NewPCG(1, 1))
		for range 150 { // three minutes: none leaves the window meanwhile
			path, status := []string{"/a", "/b", "/c"}[r.IntN(3)], []int{200, 200, 500}[r.IntN(3)]
			took, to := time.Duration(r.IntN(1200))*time.Millisecond, r.IntN(3)
			if path == "/c" {
				to = 2 // one replica has a route for itself
			}
			requests[to](path, took, status)
			taking(t, all)(path, took, status)
		}
		replicas[0].Event("a")
		replicas[1].Event("a")
		all.Event("a")
		all.Event("a")
		var snapshots []metrics.Snapshot
		for _, m := range replicas {
			snapshots = append(snapshots, over(t, m.Snapshot()))
		}
		before := over(t, snapshots[0])
		got, err := metrics.Merge(snapshots...)
		if err != nil {
			t.Fatal(err)
		}
		want := over(t, all.Snapshot())
		want.Replicas = 3
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if again := over(t, got); !reflect.DeepEqual(again, got) {
			t.Errorf("a merged one changes on its way:\n%+v\n%+v", again, got)
		}
		if !reflect.DeepEqual(snapshots[0], before) {
			t.Error("Merge changed what it was given")
		}
		if got.Overall.N == 0 || got.Overall.Errors == 0 || got.Overall.Slower == 0 {
			t.Errorf("nothing was measured: %+v", got.Overall)
		}
	})
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	if _, err := metrics.Merge(); !errors.Is(err, metrics.ErrMerge) {
		t.Errorf("nothing: %v", err)
	}
	a, b := newMetrics(t, metrics.Config{}).Snapshot(), newMetrics(t, metrics.Config{SlowerThan: time.Second}).Snapshot()
	if _, err := metrics.Merge(a, b); !errors.Is(err, metrics.ErrMerge) || !strings.Contains(err.Error(), "800ms") || !strings.Contains(err.Error(), "1s") {
		t.Errorf("other thresholds: %v", err)
	}
	full, err := metrics.ReadSnapshot(strings.NewReader(`{"format":1,"replicas":1,"slower_than_ms":800,"routes":[{"route":"/x","n":4294967295,"buckets":[[3,4294967295]]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := metrics.Merge(full, full); !errors.Is(err, metrics.ErrMerge) || !strings.Contains(err.Error(), "/x") {
		t.Errorf("an overflow: %v", err)
	}
	other, err := metrics.ReadSnapshot(strings.NewReader(`{"format":1,"replicas":1,"slower_than_ms":800,"routes":[{"route":"/y","n":1,"buckets":[[3,1]]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := metrics.Merge(full, other); !errors.Is(err, metrics.ErrMerge) {
		t.Errorf("an overflow of all routes together: %v, %+v", err, s.Overall)
	}
}

func TestMergedReleases(t *testing.T) {
	t.Parallel()
	one, two := newMetrics(t, metrics.Config{Release: "v1"}).Snapshot(), newMetrics(t, metrics.Config{Release: "v2"}).Snapshot()
	one.ActiveRequests, one.OpenStreams, two.ActiveRequests, two.OpenStreams = 5, 2, 5, 2
	for _, tt := range []struct {
		list []metrics.Snapshot
		want string
	}{{[]metrics.Snapshot{one, one}, "v1"}, {[]metrics.Snapshot{one, two}, ""}, {[]metrics.Snapshot{one, two, one}, ""}} {
		got, err := metrics.Merge(tt.list...)
		if err != nil || got.Release != tt.want || got.Replicas != len(tt.list) {
			t.Errorf("%q of %d, want %q; %v", got.Release, got.Replicas, tt.want, err)
		}
		if n := int64(len(tt.list)); got.ActiveRequests != 5*n || got.OpenStreams != 2*n {
			t.Errorf("%d active and %d open of %d", got.ActiveRequests, got.OpenStreams, n)
		}
	}
}

func TestReadSnapshotBelievesNothing(t *testing.T) {
	t.Parallel()
	const good = `{"format":1,"replicas":1,"slower_than_ms":800,"routes":[{"route":"/x","n":3,"p95_ms":1,"slower":1,"errors":2,"buckets":[[200,3]]}],"events":[{"name":"a","recent":5,"per_minute":99}]}`
	s, err := metrics.ReadSnapshot(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Routes[0]; r.P95 < 10*time.Millisecond || s.Overall.N != 3 || s.Events[0].PerMinute != 5 {
		t.Errorf("figures are taken from the text: %+v", s)
	}
	tests := []struct{ name, from, to string }{
		{"no JSON", "{", ""},
		{"another format", `"format":1`, `"format":2`},
		{"no threshold", `"slower_than_ms":800`, `"slower_than_ms":0`},
		{"a negative threshold", `"slower_than_ms":800`, `"slower_than_ms":-1`},
		{"a threshold beyond all", `"slower_than_ms":800`, `"slower_than_ms":1e300`},
		{"nobody's", `"replicas":1`, `"replicas":0`},
		{"a route without a name", `"/x"`, `""`},
		{"a name that is no label", `"/x"`, `"` + strings.Repeat("x", 201) + `"`},
		{"a route twice", `"routes":[`, `"routes":[{"route":"/x"},`},
		{"another n", `"n":3`, `"n":4`},
		{"more slow ones than all", `"slower":1`, `"slower":4`},
		{"more errors than all", `"errors":2`, `"errors":4`},
		{"no such bucket", `[200,3]`, `[2000,3]`},
		{"a negative bucket", `[200,3]`, `[-1,3]`},
		{"a bucket beyond counting", `[200,3]`, `[200,4294967295],[200,4]`},
		{"routes beyond counting", `"routes":[`, `"routes":[{"route":"/y","n":4294967295,"buckets":[[200,4294967295]]},`},
		{"an event without a name", `"name":"a"`, `"name":"A b"`},
		{"too many events", `"events":[`, `"events":[` + strings.Repeat(`{"name":"b"},`, 100)},
		{"more than can be read", "{", strings.Repeat(" ", 16<<20) + "{"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(good, tt.from, tt.to, 1)
			if text == good {
				t.Fatal("nothing was changed")
			}
			if s, err := metrics.ReadSnapshot(strings.NewReader(text)); !errors.Is(err, metrics.ErrSnapshot) || s.Replicas != 0 {
				t.Errorf("%v, %+v", err, s)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		before, after metrics.RouteStats
		want          metrics.Change
	}{
		{"the same", metrics.RouteStats{N: 40, P95: time.Second}, metrics.RouteStats{N: 40, P95: time.Second}, metrics.NoWorse},
		{"few before", metrics.RouteStats{N: 19}, metrics.RouteStats{N: 40, P95: time.Second}, metrics.Unknown},
		{"few after", metrics.RouteStats{N: 40}, metrics.RouteStats{N: 19, P95: time.Second, Errors: 19}, metrics.Unknown},
		{"twice as slow, both quick", metrics.RouteStats{N: 40, P95: 20 * time.Millisecond}, metrics.RouteStats{N: 40, P95: 40 * time.Millisecond}, metrics.NoWorse},
		{"a quarter slower exactly", metrics.RouteStats{N: 40, P95: 400 * time.Millisecond}, metrics.RouteStats{N: 40, P95: 500 * time.Millisecond}, metrics.NoWorse},
		{"more than a quarter", metrics.RouteStats{N: 40, P95: 400 * time.Millisecond}, metrics.RouteStats{N: 40, P95: 501 * time.Millisecond}, metrics.Slower},
		{"faster", metrics.RouteStats{N: 40, P95: time.Second}, metrics.RouteStats{N: 40, P95: time.Millisecond}, metrics.NoWorse},
		{"a first error", metrics.RouteStats{N: 40}, metrics.RouteStats{N: 40, Errors: 1}, metrics.NoWorse},
		{"errors out of nothing", metrics.RouteStats{N: 40}, metrics.RouteStats{N: 40, Errors: 5}, metrics.MoreErrors},
		{"the share of before", metrics.RouteStats{N: 1000, Errors: 100}, metrics.RouteStats{N: 100, Errors: 12}, metrics.NoWorse},
		{"twice the share", metrics.RouteStats{N: 1000, Errors: 100}, metrics.RouteStats{N: 100, Errors: 21}, metrics.MoreErrors},
		{"slower and more errors", metrics.RouteStats{N: 40}, metrics.RouteStats{N: 40, Errors: 40, P95: time.Second}, metrics.MoreErrors},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.before.Route, tt.after.Route = "/x", "/x"
			got := metrics.Snapshot{Routes: []metrics.RouteStats{tt.after}}.Diff(metrics.Snapshot{Routes: []metrics.RouteStats{tt.before}})
			if len(got) != 2 || got[1].Route != "/x" || got[1].Change != tt.want || got[1].P95 != tt.after.P95-tt.before.P95 {
				t.Errorf("got %+v, want %q", got, tt.want)
			}
		})
	}
	before := metrics.Snapshot{Overall: metrics.RouteStats{N: 60}, Routes: []metrics.RouteStats{{Route: "/gone", N: 30, P95: time.Second}, {Route: "/a", N: 30}}}
	after := metrics.Snapshot{Overall: metrics.RouteStats{N: 60, P95: time.Minute}, Routes: []metrics.RouteStats{{Route: "/new", N: 30, P95: time.Millisecond}, {Route: "/a", N: 30, P95: time.Minute}}}
	var order []string
	for _, c := range after.Diff(before) {
		order = append(order, c.Route+": "+string(c.Change))
	}
	if want := []string{": slower", "/a: slower", "/new: too few requests", "/gone: too few requests"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

func FuzzReadSnapshot(f *testing.F) {
	f.Add(`{"format":1,"replicas":1,"slower_than_ms":800,"routes":[{"route":"/x","n":3,"buckets":[[200,3]]}],"events":[{"name":"a"}]}`)
	f.Add(`{"format":1,"replicas":9223372036854775807,"span_s":300,"slower_than_ms":0.000001,"routes":[{"route":"\u0000","n":0}]}`)
	f.Add(`{"format":1,"taken":"0001-01-01T00:00:00Z","events":[{"last_seen":"9999-01-01T00:00:00Z"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := metrics.ReadSnapshot(strings.NewReader(text))
		if err != nil {
			return
		}
		if again := over(t, s); !reflect.DeepEqual(again.Routes, s.Routes) || again.Overall.N != s.Overall.N {
			t.Errorf("%+v became %+v", s, again)
		}
		merged, err := metrics.Merge(s, s)
		if err == nil && merged.Overall.N != 2*s.Overall.N {
			t.Errorf("twice %d is %d", s.Overall.N, merged.Overall.N)
		}
		_ = merged.Diff(s)
	})
}
