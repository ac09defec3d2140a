package smoke

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

const (
	defaultLoadFor = 20 * time.Second
	defaultPause   = time.Second
	maxUsers       = 200
)

// Load is the light load of a first week: some people at once, each of whom
// looks at one endpoint after the other and pauses in between. What they wait
// is held to the same bounds as without it, and so are the errors: none.
type Load struct {
	_ [0]func()

	// Users is how many there are, such as 30, at most 200. 0 means no load.
	Users int
	// For is how long they go on. 0 means 20 seconds.
	For time.Duration
	// Pause is how long one of them reads before the next request, on
	// average. 0 means 1 second: 30 users are then some 30 requests a second.
	Pause time.Duration
	// OnURL allows the load on a URL, where other people may be waiting and
	// limits by address count all users as one.
	OnURL bool
}

// check reports what cannot be done, and completes l.
func (l Load) check(problems *cfgerr.List, c *Checker, endpoints []Step) Load {
	if l.Users == 0 && l.For == 0 && l.Pause == 0 && !l.OnURL {
		return l
	}
	if l.Users < 1 || l.Users > maxUsers {
		problems.Addf("Performance.Load.Users", "must be from 1 to %d, got %d", maxUsers, l.Users)
	}
	if l.For < 0 {
		problems.Addf("Performance.Load.For", "must not be negative, got %s", l.For)
	}
	if l.Pause < 0 {
		problems.Addf("Performance.Load.Pause", "must not be negative, got %s", l.Pause)
	}
	if len(endpoints) == 0 {
		problems.Addf("Performance.Load", "name what is called in Performance.Endpoints")
	}
	if c.base != nil && !l.OnURL {
		problems.Addf("Performance.Load.OnURL", "a load on a URL is refused: other people may be waiting there; if that is meant, set it to true")
	}
	if l.For == 0 {
		l.For = defaultLoadFor
	}
	if l.Pause == 0 {
		l.Pause = defaultPause
	}
	return l
}

// load lets the users in, twice where an endpoint seems slower than the
// release before, and returns a result for each endpoint.
func (r *run) load() []StepResult {
	p := r.checker.performance
	l := p.Load
	results := make([]StepResult, len(p.Endpoints))
	visitors := make([]*Session, len(p.Endpoints))
	var ready []int
	for i, s := range p.Endpoints {
		results[i] = StepResult{Name: "p95 of " + loadName(s.title(), l), Owner: s.owner, Session: s.session, Outcome: OK}
		if why := r.notMeasured(s); why != "" {
			results[i] = results[i].skipped(why)
			continue
		}
		ready = append(ready, i)
		visitors[i] = r.measuring(s)
	}
	if len(ready) == 0 {
		return results
	}
	began := time.Now()
	figure := func(i int, m *sample) Figure {
		return m.figure(r.redact.Line(loadName(p.Endpoints[i].rowTitle(), l)), UnderLoad, p.SlowerThan)
	}
	samples := r.visit(ready)
	var grown []int
	for _, i := range ready {
		if f := figure(i, samples[i]); r.before(f).grew(f) {
			grown = append(grown, i)
		}
	}
	if len(grown) > 0 && r.ctx.Err() == nil {
		again := r.visit(ready) // of all: it is the same load
		for _, i := range ready {
			samples[i] = p.worse(samples[i], again[i], slices.Contains(grown, i))
		}
	}
	for _, i := range ready {
		f := figure(i, samples[i])
		results[i] = r.judgeFigure(results[i], f, r.before(f), samples[i], visitors[i], time.Since(began))
	}
	return results
}

// worse returns the sample that counts, of two: what failed or was too slow in
// either stays so, and of a growth the second is asked.
func (p Performance) worse(first, second *sample, grew bool) *sample {
	bad := func(m *sample) bool { return m.failed > 0 || p.tooSlow(m.figure("", UnderLoad, p.SlowerThan)) }
	if bad(first) || !grew && !bad(second) {
		return first
	}
	return second
}

// loadName tells figures apart that were measured under another load.
func loadName(title string, l Load) string {
	if l.Pause != defaultPause {
		return fmt.Sprintf("%s, %d users every %s", title, l.Users, l.Pause)
	}
	return fmt.Sprintf("%s, %d users", title, l.Users)
}

// visit is one pass of the load over the endpoints with those numbers.
func (r *run) visit(endpoints []int) []*sample {
	p := r.checker.performance
	samples := make([]*sample, len(p.Endpoints))
	for i := range samples {
		samples[i] = new(sample)
	}
	ctx, cancel := context.WithTimeout(r.ctx, p.Load.For)
	defer cancel()
	var mu sync.Mutex // of the samples
	var wg sync.WaitGroup
	for user := range p.Load.Users {
		wg.Go(func() {
			pause := rand.N(p.Load.Pause) // they do not come at the same moment
			for at := user; ; at++ {
				select {
				case <-ctx.Done():
					return
				case <-time.After(pause):
				}
				i := endpoints[at%len(endpoints)]
				s := r.measuring(p.Endpoints[i])
				took, err := s.timed()
				if r.ctx.Err() != nil { // the run is over, which says nothing of the service
					return
				}
				mu.Lock()
				samples[i].add(took, s.last, err)
				mu.Unlock()
				pause = p.Load.Pause/2 + rand.N(p.Load.Pause)
			}
		})
	}
	wg.Wait()
	return samples
}
