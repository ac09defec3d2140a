package smoke

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Source says how a [Figure] was measured, written as it stands in JSON.
type Source string

const (
	// Calls are calls one after the other.
	Calls Source = "calls"
	// UnderLoad is while many visitors called at once, see [Load].
	UnderLoad Source = "load"
	// LiveTraffic is what the service measured itself, see [Live].
	LiveTraffic Source = "live"
)

// Figure is how long one endpoint took. It is a plain value and belongs to
// the caller.
type Figure struct {
	// Name is the name of the endpoint, such as "GET /listings".
	Name string
	// Source says how it was measured. Figures of one name and source are
	// compared with one another.
	Source Source
	// N is how many calls it is about: show it beside every percentile.
	N int
	// P50 and P95 are the median and the 95th percentile, at the nearest rank.
	P50, P95 time.Duration
	// Slow is how many calls took longer than Performance.SlowerThan, and
	// Failed how many more were not answered as they should be.
	Slow, Failed int
	// Before is the P95 of the release that it was compared with, and
	// BeforeRelease its name. Before is 0 where there is none.
	Before        time.Duration
	BeforeRelease string
}

// figureJSON is the form of a Figure in a report and in a Memory.
type figureJSON struct {
	Name          string  `json:"name"`
	Source        Source  `json:"source"`
	N             int     `json:"n"`
	P50           float64 `json:"p50_ms"`
	P95           float64 `json:"p95_ms"`
	Slow          int     `json:"slow"`
	Failed        int     `json:"failed"`
	Before        float64 `json:"before_p95_ms,omitempty"`
	BeforeRelease string  `json:"before_release,omitempty"`
}

// MarshalJSON writes the fields in snake case, durations in milliseconds.
func (f Figure) MarshalJSON() ([]byte, error) {
	return json.Marshal(figureJSON{
		f.Name, f.Source, f.N, milliseconds(f.P50), milliseconds(f.P95), f.Slow, f.Failed, milliseconds(f.Before), f.BeforeRelease,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Figure) UnmarshalJSON(data []byte) error {
	var in figureJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*f = Figure{
		in.Name, in.Source, in.N, fromMilliseconds(in.P50), fromMilliseconds(in.P95), in.Slow, in.Failed, fromMilliseconds(in.Before), in.BeforeRelease,
	}
	return nil
}

// maxShown bounds a duration that somebody else wrote down.
const maxShown = 24 * time.Hour

func fromMilliseconds(ms float64) time.Duration {
	return time.Duration(min(max(ms, 0), float64(maxShown.Milliseconds())) * float64(time.Millisecond))
}

// figureOf sums up the durations of calls, which it sorts.
func figureOf(name string, source Source, took []time.Duration, slowerThan time.Duration) Figure {
	slices.Sort(took)
	f := Figure{Name: name, Source: source, N: len(took), P50: nearestRank(took, 0.50), P95: nearestRank(took, 0.95)}
	for _, d := range took {
		if d > slowerThan {
			f.Slow++
		}
	}
	return f
}

// nearestRank is the smallest of sorted durations that at least a part q of
// all are not above.
func nearestRank(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(max(int(math.Ceil(q*float64(len(sorted)))), 1), len(sorted))-1]
}

// slowNeeded is how many of n calls have to be slow before it can be claimed
// that more than one in twenty are: the smallest number that chance alone
// reaches in fewer than one run of twenty, were it exactly one in twenty. It
// is 5 of 40.
func slowNeeded(n int) int {
	const part, many = 0.05, 10_000
	if n > many { // as the normal distribution has it: the sum below would take long
		return int(math.Ceil(part*float64(n) + 1.645*math.Sqrt(part*(1-part)*float64(n)) + 0.5))
	}
	log := func(k int) float64 { // of the binomial probability of k
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		return a - b - c + float64(k)*math.Log(part) + float64(n-k)*math.Log(1-part)
	}
	below := 0.0
	for k := range n + 1 {
		if 1-below < part { // below is the probability of fewer than k
			return k
		}
		below += math.Exp(log(k))
	}
	return n + 1
}
