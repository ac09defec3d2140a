package smoke

import (
	"fmt"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

const (
	defaultCalls      = 40
	minCalls          = 10
	maxCalls          = 1000
	warmUps           = 3
	defaultSlowerThan = 800 * time.Millisecond
)

// Performance is what is measured once the steps are done, release by
// release. Two things fail a run, and both only where chance is an unlikely
// reason: an endpoint whose 95th percentile is over SlowerThan, which with 40
// calls takes at least 5 slow ones; and one whose p95 is both a quarter and
// 50 ms above that of the release before in [Config.Memory], twice in a row.
// The zero value measures nothing.
type Performance struct {
	_ [0]func()

	// Endpoints are what is called: steps made by [Page] or [JSON], in the
	// session and on the host that they name, with what they expect: an
	// error that comes quickly is not fast. A [Form] or a [Do] may stand here
	// where it says [Step.Writes]. Only the time of the requests counts, from
	// the first byte sent to the last one read, and of a page only the
	// document itself. Each needs a name of its own.
	Endpoints []Step
	// N is how often each endpoint is called, one call after the other, after
	// three calls that do not count unless they fail. 0 means 40; from 10 to 1,000. There are
	// fewer where it is certain after half a minute that it is too slow.
	N int
	// SlowerThan is what no more than one call in twenty may take. 0 means
	// 800 ms.
	SlowerThan time.Duration
	// Load calls the same endpoints as the visitors of a first week do. The
	// zero value does not.
	Load Load
	// Live reads from the service what its own visitors waited, for what must
	// not be called forty times. The zero value does not.
	Live Live
}

// check reports what cannot be measured, and completes p.
func (p Performance) check(problems *cfgerr.List, c *Checker) Performance {
	if p.N != 0 && (p.N < minCalls || p.N > maxCalls) {
		problems.Addf("Performance.N", "must be 0, for %d, or from %d to %d: fewer calls say nothing of a 95th percentile, got %d", defaultCalls, minCalls, maxCalls, p.N)
	}
	if p.SlowerThan < 0 {
		problems.Addf("Performance.SlowerThan", "must not be negative, got %s", p.SlowerThan)
	}
	if p.N == 0 {
		p.N = defaultCalls
	}
	if p.SlowerThan == 0 {
		p.SlowerThan = defaultSlowerThan
	}
	p.Endpoints = slices.Clone(p.Endpoints)
	p.Live.Routes = slices.Clone(p.Live.Routes)
	p.Load = p.Load.check(problems, c, p.Endpoints)
	p.Live.check(problems, c)
	seen := map[string]bool{}
	for i, s := range p.Endpoints {
		path := cfgerr.Index("Performance.Endpoints", i, "")
		switch {
		case (s.kind == kindForm || s.kind == kindDo) && !s.writes:
			problems.Addf(path, "%s: is done again and again: mark it with Writes if that is meant", s.title())
		case s.kind != kindPage && s.kind != kindJSON && s.kind != kindForm && s.kind != kindDo:
			problems.Addf(path, "%s: use Page or JSON", s.title())
		case len(s.keeps) > 0 || len(s.sets()) > 0 || s.links:
			problems.Addf(path, "%s: Keep, RedirectsTo with a {value} and Links are for Steps", s.title())
		case seen[s.rowTitle()]:
			problems.Addf(path, "%s: stands here twice: tell them apart with Named", s.title())
		}
		seen[s.rowTitle()] = true
	}
	return p
}

// asks reports whether anything is measured.
func (p Performance) asks() bool { return len(p.Endpoints) > 0 || p.Live.Path != "" }

// tasks are what is measured: what the service tells itself, each endpoint,
// and the load.
func (p Performance) tasks(r *run) []task {
	var tasks []task
	if p.Live.Path != "" { // before the calls of the check itself outnumber those of visitors
		tasks = append(tasks, task{title: "live p95 from " + titlePath(p.Live.Path), run: func() []StepResult { return r.live() }})
	}
	for _, s := range p.Endpoints {
		tasks = append(tasks, task{title: "p95 of " + s.rowTitle(), run: func() []StepResult { return []StepResult{r.measure(s)} }})
	}
	if p.Load.Users > 0 {
		tasks = append(tasks, task{
			title: fmt.Sprintf("load of %d users for %s", p.Load.Users, p.Load.For), long: true,
			wait: fmt.Sprintf("load of %d users for %s", p.Load.Users, p.Load.For),
			run:  func() []StepResult { return r.load() },
		})
	}
	return tasks
}
