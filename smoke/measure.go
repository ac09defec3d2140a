package smoke

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/launchready/readiness/internal/webpage"
)

const (
	// maxFailedCalls ends a measurement that only measures failures.
	maxFailedCalls = 3
	// certainAfter is how long an endpoint is called on although it is certain
	// already that it is too slow.
	certainAfter = 30 * time.Second
)

// sample is what came of calling one endpoint.
type sample struct {
	took    []time.Duration // of the calls that were answered as they should be
	failed  int
	problem string    // of the first that was not
	shown   *exchange // of it, or of the slowest
	longest time.Duration
}

// add notes one call.
func (m *sample) add(took time.Duration, last *exchange, err error) {
	switch {
	case err != nil:
		if m.failed++; m.failed == 1 {
			m.problem, m.shown = err.Error(), last
			if last != nil && last.resp != nil && last.resp.Status == http.StatusTooManyRequests {
				m.problem += "; a limit counts all these calls as one visitor's: let the check through there, or leave the path to Performance.Live"
			}
		}
		return
	case m.failed == 0 && took >= m.longest:
		m.longest, m.shown = took, last
	}
	m.took = append(m.took, took)
}

// figure sums the sample up.
func (m *sample) figure(name string, source Source, slowerThan time.Duration) Figure {
	f := figureOf(name, source, m.took, slowerThan)
	f.Failed = m.failed
	return f
}

// measure calls one endpoint again and again, and once more where it seems
// slower than the release before.
func (r *run) measure(s Step) StepResult {
	result := StepResult{Name: "p95 of " + s.title(), Owner: s.owner, Session: s.session, Outcome: OK}
	if why := r.notMeasured(s); why != "" {
		return result.skipped(why)
	}
	began := time.Now()
	visitor := r.measuring(s)
	m := visitor.calls()
	f := m.figure(r.redact.Line(s.rowTitle()), Calls, r.checker.performance.SlowerThan)
	before := r.before(f)
	if before.grew(f) && m.failed == 0 && !r.checker.performance.tooSlow(f) {
		m = visitor.calls()
		f = m.figure(f.Name, Calls, r.checker.performance.SlowerThan)
	}
	return r.judgeFigure(result, f, before, m, visitor, time.Since(began))
}

// notMeasured says why an endpoint cannot be called, "" where it can.
func (r *run) notMeasured(s Step) string {
	if over := r.session(s.session).runOver(); over != "" {
		return over
	}
	if r.unsettled != "" {
		return r.unsettled
	}
	for _, name := range s.needs() {
		if _, ok := r.values.get(name); !ok {
			return unsetError(name).Error()
		}
	}
	return ""
}

// measuring returns a visitor with the cookies of a session, and a state of
// its own, whose answers are not inspected: that was done by the steps, and
// takes time.
func (r *run) measuring(s Step) *Session {
	return &Session{run: r, jar: r.session(s.session).jar, ctx: r.ctx, step: s, page: r.session(s.session).page, quiet: true}
}

// calls warms the endpoint up and measures it.
func (s *Session) calls() *sample {
	p := s.run.checker.performance
	m := new(sample)
	began := time.Now()
	for i := range warmUps + p.N {
		if s.ctx.Err() != nil || m.failed >= maxFailedCalls {
			break
		}
		took, err := s.timed()
		if s.ctx.Err() != nil { // it was cut short, which says nothing of the service
			break
		}
		if i >= warmUps || err != nil {
			m.add(took, s.last, err)
		}
		if err != nil && took >= s.run.checker.timeout {
			break // it hangs, and one call says so
		}
		if slow := m.slow(p.SlowerThan); slow >= slowNeeded(p.N) && time.Since(began) > certainAfter {
			break
		}
	}
	return m
}

func (m *sample) slow(than time.Duration) int {
	n := 0
	for _, d := range m.took {
		if d > than {
			n++
		}
	}
	return n
}

// timed does once what the endpoint is, and returns how long its requests took.
func (s *Session) timed() (time.Duration, error) {
	s.spent, s.misuse = 0, nil
	resp, err := s.ask()
	switch {
	case len(s.misuse) > 0:
		return 0, s.misuse[0]
	case err != nil || resp == nil:
		return s.spent, err
	}
	if problems := s.judge(resp); len(problems) > 0 {
		return s.spent, problems[0]
	}
	return s.spent, s.isErrorPage(resp)
}

// isErrorPage says that a measured answer is an error page served as a
// success: it comes quickly, and is none the better for it.
func (s *Session) isErrorPage(resp *Response) error {
	if resp.Status < 200 || resp.Status > 299 || slices.ContainsFunc(s.step.allowed, func(a allowance) bool { return a.rule == ErrorPage }) {
		return nil
	}
	media := resp.media()
	var f webpage.Facts
	if webpage.IsHTML(media) {
		f = webpage.Read(resp.Body)
	}
	if product, _ := webpage.ErrorPage(resp.Header, media, resp.Body, f); product != "" {
		return fmt.Errorf("%s answered %s with an error page", resp.request(), statusText(resp.Status))
	}
	return nil
}

// judgeFigure holds a figure against its bounds, and keeps it.
func (r *run) judgeFigure(result StepResult, f Figure, before baseline, m *sample, visitor *Session, took time.Duration) StepResult {
	if before.known() {
		f.Before, f.BeforeRelease = before.p95, before.release
	}
	r.figures = append(r.figures, f)
	result.Duration = took
	problems := r.checker.performance.problems(f, before, m.problem)
	over, signedOut := visitor.runOver(), r.signedOut[visitor.step.session]
	switch {
	case f.N == 0 && f.Failed > 0 && signedOut != "": // one failure is told once
		return result.skipped("nobody is signed in: see the step " + signedOut)
	case len(problems) == 0 && over != "":
		return result.skipped(fmt.Sprintf("%s after %d calls", over, f.N))
	case f.N == 0 && f.Failed == 0:
		return result.skipped("nobody has called it: give the Load more time or users")
	case len(problems) == 0:
		result.Verdict = f.summary()
		return result
	}
	visitor.last = m.shown
	result.Outcome = Failed
	result.Detail = visitor.failureText(problems[1:])
	result.Verdict = r.redact.Line(problems[0])
	return result
}

// problems are what is wrong with a figure, the most telling first.
func (p Performance) problems(f Figure, before baseline, failure string) []string {
	var found []string
	if f.Failed > 0 {
		found = append(found, fmt.Sprintf("%d of %d calls failed, the first: %s", f.Failed, f.N+f.Failed, failure))
	}
	if p.tooSlow(f) {
		found = append(found, fmt.Sprintf("%d of %d calls took longer than %s: %s", f.Slow, f.N, p.SlowerThan, f.summary()))
	}
	if before.grew(f) {
		twice := ", measured twice"
		if len(found) > 0 { // it is certain already
			twice = ""
		}
		found = append(found, fmt.Sprintf("p95 grew from %s%s to %s%s", rounded(before.p95), before.of(), rounded(f.P95), twice))
	}
	return found
}

// tooSlow reports whether more calls are slow than chance explains.
func (p Performance) tooSlow(f Figure) bool {
	if f.N < minCalls {
		return f.Slow >= slowNeeded(p.N)
	}
	return f.Slow >= slowNeeded(f.N)
}

// summary is a figure in a few words.
func (f Figure) summary() string {
	return fmt.Sprintf("p50 %s, p95 %s, n=%d", rounded(f.P50), rounded(f.P95), f.N)
}
