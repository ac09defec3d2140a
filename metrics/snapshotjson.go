package metrics

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/launchready/readiness/internal/quantile"
)

const (
	// snapshotFormat changes when the same member means something else.
	snapshotFormat = 1
	// The bounds of a snapshot that somebody sends: those of many merged
	// replicas, each with 200 routes.
	maxSnapshot       = 16 << 20
	maxSnapshotRoutes = 10_000
)

// ErrSnapshot is why a snapshot cannot be read, for errors.Is.
var ErrSnapshot = errors.New("metrics: this is no snapshot")

// snapshotJSON is a Snapshot as JSON. Durations are in milliseconds: the
// figures are for people and for scripts, and only the buckets are read back.
type snapshotJSON struct {
	Format         int         `json:"format"`
	Taken          time.Time   `json:"taken"`
	SpanSeconds    float64     `json:"span_s"`
	Release        string      `json:"release,omitempty"`
	Revision       string      `json:"revision,omitempty"`
	Replicas       int         `json:"replicas"`
	SlowerThan     float64     `json:"slower_than_ms"`
	ActiveRequests int64       `json:"active_requests"`
	OpenStreams    int64       `json:"open_streams"`
	Overall        routeJSON   `json:"overall"`
	Routes         []routeJSON `json:"routes"`
	Events         []eventJSON `json:"events"`
}

type routeJSON struct {
	Route   string      `json:"route,omitempty"`
	N       uint64      `json:"n"`
	P50     float64     `json:"p50_ms"`
	P95     float64     `json:"p95_ms"`
	P99     float64     `json:"p99_ms"`
	Slower  uint64      `json:"slower"`
	Errors  uint64      `json:"errors"`
	Verdict Verdict     `json:"verdict"`
	Buckets [][2]uint32 `json:"buckets,omitempty"` // number and count
}

type eventJSON struct {
	Name      string     `json:"name"`
	Total     uint64     `json:"total"`
	Recent    uint64     `json:"recent"`
	PerMinute float64    `json:"per_minute"`
	LastSeen  *time.Time `json:"last_seen,omitempty"`
}

// MarshalJSON writes the form that the package's text describes.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	out := snapshotJSON{
		Format: snapshotFormat, Taken: s.Taken.UTC(), SpanSeconds: s.Span.Seconds(), Release: s.Release, Revision: s.Revision,
		Replicas: s.Replicas, SlowerThan: milliseconds(s.SlowerThan), ActiveRequests: s.ActiveRequests, OpenStreams: s.OpenStreams,
		Overall: s.Overall.json(), Routes: make([]routeJSON, len(s.Routes)), Events: make([]eventJSON, len(s.Events)),
	}
	for i, r := range s.Routes {
		out.Routes[i] = r.json()
	}
	for i, e := range s.Events {
		out.Events[i] = eventJSON{Name: e.Name, Total: e.Total, Recent: e.Recent, PerMinute: e.PerMinute}
		if !e.LastSeen.IsZero() {
			at := e.LastSeen.UTC()
			out.Events[i].LastSeen = &at
		}
	}
	return json.Marshal(out)
}

func (s RouteStats) json() routeJSON {
	out := routeJSON{
		Route: s.Route, N: s.N, P50: milliseconds(s.P50), P95: milliseconds(s.P95), P99: milliseconds(s.P99),
		Slower: s.Slower, Errors: s.Errors, Verdict: s.Verdict(),
	}
	for _, b := range s.buckets {
		out.Buckets = append(out.Buckets, [2]uint32{uint32(b.number), b.n})
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// UnmarshalJSON reads what MarshalJSON wrote, and believes no figure that it
// can work out: percentiles, n and the overall row are made of the buckets.
// Where it fails, s is as before.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	var in snapshotJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if in.Format != snapshotFormat {
		return fmt.Errorf("%w of format %d: it has %d", ErrSnapshot, snapshotFormat, in.Format)
	}
	slower, ok := duration(in.SlowerThan, time.Millisecond)
	span, okSpan := duration(in.SpanSeconds, time.Second)
	if !ok || !okSpan || slower == 0 || in.Replicas < 1 || len(in.Routes) > maxSnapshotRoutes {
		return fmt.Errorf("%w: slower_than_ms, span_s, replicas or the number of routes is out of bounds", ErrSnapshot)
	}
	routes := make(map[string]*quantile.Counts, len(in.Routes))
	for _, r := range in.Routes {
		c := new(quantile.Counts)
		if r.Route == "" || label(r.Route) != r.Route || routes[r.Route] != nil || !r.counts(c) {
			return fmt.Errorf("%w: the route %q has no name, stands in it twice, or its figures contradict one another", ErrSnapshot, label(r.Route))
		}
		routes[r.Route] = c
	}
	out := Snapshot{
		Taken: in.Taken, Span: span, Release: in.Release, Revision: in.Revision, Replicas: in.Replicas,
		SlowerThan: slower, ActiveRequests: in.ActiveRequests, OpenStreams: in.OpenStreams,
	}
	for _, e := range in.Events {
		if !eventName.MatchString(e.Name) || len(out.Events) == maxEvents {
			return fmt.Errorf("%w: its events have no names, or there are more than %d", ErrSnapshot, maxEvents)
		}
		one := EventStats{Name: e.Name, Total: e.Total, Recent: e.Recent, PerMinute: perMinute(e.Recent, span)}
		if e.LastSeen != nil {
			one.LastSeen = *e.LastSeen
		}
		out.Events = append(out.Events, one)
	}
	if !out.setRoutes(routes) {
		return fmt.Errorf("%w: it has more requests than can be counted", ErrSnapshot)
	}
	*s = out
	return nil
}

// counts fills c with the buckets, and reports whether they fit together.
func (r routeJSON) counts(c *quantile.Counts) bool {
	for _, b := range r.Buckets {
		if !c.AddBucket(int(b[0]), b[1]) {
			return false
		}
	}
	c.Over, c.Failed = r.Slower, r.Errors
	return c.N == r.N && c.Over <= c.N && c.Failed <= c.N
}

// duration returns f units, and whether that is a duration.
func duration(f float64, unit time.Duration) (time.Duration, bool) {
	d := f * float64(unit)
	return time.Duration(math.Round(d)), d >= 0 && d < math.MaxInt64/2
}

// ReadSnapshot reads a snapshot as SnapshotHandler serves it, from another
// replica for [Merge] or from a file for [Snapshot.Diff]. It reads 16 MB at
// most. Check that the status was 200 first: another answer is no snapshot.
func ReadSnapshot(r io.Reader) (Snapshot, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSnapshot+1))
	if err != nil {
		return Snapshot{}, err
	}
	if len(data) > maxSnapshot {
		return Snapshot{}, fmt.Errorf("%w: it is larger than %d MB", ErrSnapshot, maxSnapshot>>20)
	}
	var s Snapshot
	err = s.UnmarshalJSON(data)
	return s, err
}
