package smoke

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

// minLive is how many requests it takes to say something of what a service
// measured.
const minLive = 20

// Live is what the service itself measured of its visitors in the last five
// minutes, as the SnapshotHandler of the package metrics serves it: for paths
// that must not be called forty times, such as a login or an order. It is read
// after the steps and before anything is measured, but right after a deploy
// the requests of the steps are among them, and there are few others: a check
// that is run again an hour later tells more. A route with fewer than 20
// requests is not judged, and one that grew since the last release is
// a warning: it cannot be measured once more. Behind a load balancer it is one
// replica's.
type Live struct {
	_ [0]func()

	// Path is where the snapshot is served, such as "/metrics/snapshot".
	// Empty reads nothing.
	Path string
	// Secret is the environment variable that holds the token. It is sent
	// as "Authorization: Bearer", and not over plain http, loopback apart.
	Secret string
	// Host is the name of a host in Config.Hosts. The default is "", the
	// target itself.
	Host string
	// Routes are those to be judged, as the service names them: "/login".
	// Empty means all that have been asked for.
	Routes []string
}

func (l Live) check(problems *cfgerr.List, c *Checker) {
	if l.Path == "" {
		if l.Secret != "" || l.Host != "" || len(l.Routes) > 0 {
			problems.Addf("Performance.Live.Path", "name where the snapshot is served, such as /metrics/snapshot")
		}
		return
	}
	if !localPath(l.Path) || len(valueNames(l.Path)) > 0 {
		problems.Addf("Performance.Live.Path", "must begin with one slash and hold no fragment and no {value}, got %q", l.Path)
	}
	if l.Host != "" && !c.declared[l.Host] {
		problems.Addf("Performance.Live.Host", "no such host in Hosts: %q", l.Host)
	}
	if _, err := c.secret(l.Secret); err != nil {
		problems.Addf("Performance.Live.Secret", "%w", err)
	}
	at := c.base
	if u := c.hosts[l.Host]; u != nil {
		at = u
	}
	if at != nil && !secretsMayGo(at) {
		problems.Addf("URL", "must be https for Performance.Live: over plain http anybody on the way could read its token")
	}
}

// liveSnapshot is what is read of a snapshot. A figure that is not there is 0.
type liveSnapshot struct {
	Release    string      `json:"release"`
	SlowerThan float64     `json:"slower_than_ms"`
	Routes     []liveRoute `json:"routes"`
}

type liveRoute struct {
	Route  string  `json:"route"`
	N      int     `json:"n"`
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	Slower int     `json:"slower"`
	Errors int     `json:"errors"`
}

// live reads the snapshot, and returns a result for each route.
func (r *run) live() []StepResult {
	l := r.checker.performance.Live
	whole := StepResult{Name: "read " + titlePath(l.Path), Outcome: OK}
	s := r.newSession()
	s.quiet, s.step = true, Step{host: l.Host}
	if over := s.runOver(); over != "" {
		return []StepResult{whole.skipped(over)}
	}
	if r.unsettled != "" {
		return []StepResult{whole.skipped(r.unsettled)}
	}
	began := time.Now()
	snapshot, err := s.snapshot(l)
	whole.Duration = time.Since(began)
	if err != nil {
		whole.Outcome, whole.Detail = Failed, s.failureText(nil)
		whole.Verdict = r.redact.Line(err.Error())
		return []StepResult{whole}
	}
	if r.release != "" && snapshot.Release != "" && snapshot.Release != r.release {
		whole.Warnings = []string{fmt.Sprintf("the snapshot is of the release %s, not of %s", r.redact.Beginning(snapshot.Release, 100), r.redact.Beginning(r.release, 100))}
	}
	results := []StepResult{whole}
	few := 0
	for _, route := range snapshot.Routes {
		if len(l.Routes) > 0 && !slices.Contains(l.Routes, route.Route) {
			continue
		}
		if route.N < minLive && len(l.Routes) == 0 {
			few++
			continue
		}
		slowerThan := fromMilliseconds(snapshot.SlowerThan)
		f := Figure{
			Name: "route " + r.redact.Line(route.Route), Source: LiveTraffic, N: max(route.N, 0),
			P50: fromMilliseconds(route.P50), P95: fromMilliseconds(route.P95), Slow: max(route.Slower, 0), Failed: max(route.Errors, 0),
		}
		results = append(results, r.judgeLive(f, slowerThan))
	}
	if few > 0 {
		results[0].Info = append(results[0].Info, fmt.Sprintf("%d routes with fewer than %d requests are not judged", few, minLive))
	}
	for _, name := range l.Routes {
		if !slices.ContainsFunc(snapshot.Routes, func(route liveRoute) bool { return route.Route == name }) {
			results[0].Info = append(results[0].Info, "route "+name+": nobody has asked for it in the last five minutes")
		}
	}
	return results
}

// snapshot asks for the snapshot. A redirect is not followed: the token is
// for this address alone.
func (s *Session) snapshot(l Live) (liveSnapshot, error) {
	token, err := s.run.checker.secret(l.Secret)
	if err != nil {
		return liveSnapshot{}, err
	}
	u, err := s.resolve(l.Path)
	if err != nil {
		return liveSnapshot{}, err
	}
	resp, err := s.travel(http.MethodGet, u, http.Header{"Accept": {acceptJSON}, "Authorization": {"Bearer " + token}}, nil, false)
	switch {
	case err != nil:
		return liveSnapshot{}, err
	case resp.Status == http.StatusUnauthorized:
		return liveSnapshot{}, fmt.Errorf("%s answered %s: the service does not take the token of %s", resp.request(), statusText(resp.Status), l.Secret)
	case resp.Status != http.StatusOK:
		return liveSnapshot{}, fmt.Errorf("%s answered %s, expected 200", resp.request(), statusText(resp.Status))
	}
	var snapshot liveSnapshot
	if err := resp.decode(&snapshot); err != nil || snapshot.SlowerThan <= 0 {
		return liveSnapshot{}, errors.New(resp.request() + " is not the snapshot of the package metrics")
	}
	return snapshot, nil
}

// judgeLive holds what the service measured against the bounds.
func (r *run) judgeLive(f Figure, slowerThan time.Duration) StepResult {
	result := StepResult{Name: "live p95 of " + f.Name, Outcome: OK, Verdict: f.summary()}
	if f.N < minLive {
		result.Info = []string{fmt.Sprintf("only %d requests, of which nothing is claimed", f.N)}
		return result
	}
	before := r.before(f)
	if before.known() {
		f.Before, f.BeforeRelease = before.p95, before.release
	}
	r.figures = append(r.figures, f)
	if f.Failed > 0 {
		result.Warnings = append(result.Warnings, fmt.Sprintf("%d of %d requests of visitors were answered with a 5xx", f.Failed, f.N))
	}
	if before.grew(f) {
		result.Warnings = append(result.Warnings, fmt.Sprintf("p95 grew from %s%s to %s", rounded(before.p95), before.of(), rounded(f.P95)))
	}
	if f.Slow >= slowNeeded(f.N) {
		result.Outcome = Failed
		result.Verdict = fmt.Sprintf("%d of %d requests of visitors took longer than %s: %s", f.Slow, f.N, slowerThan, f.summary())
	}
	return result
}
