package smoke

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http/cookiejar"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/launchready/readiness/internal/redact"
	"golang.org/x/net/publicsuffix"
)

// run is one pass over the steps: its own cookies, values and connections.
type run struct {
	checker   *Checker
	target    *target
	ctx       context.Context
	cancel    context.CancelFunc
	settled   context.CancelFunc // of what ctx has become since, nil before
	values    values
	sessions  map[string]*Session
	told      map[string]bool // information that one telling is enough of
	links     map[string]bool // addresses of links that were followed
	assets    map[string]bool // addresses of files that were fetched
	files     int             // of them that are no images
	images    int
	redact    redact.Redactor
	signedOut map[string]string // by session, the login or sign-up that failed
	unsettled string            // why no step is run
	attempted atomic.Bool       // a request was made
	reached   atomic.Bool       // somebody answered; set by the transport's goroutines

	release  string   // that is checked, as far as it is known
	earlier  []Run    // of this target, the last one last
	figures  []Figure // that were measured
	remarks  []string // about the run as a whole
	warnings []string
	keepable bool   // the memory may be written
	damaged  string // why somebody has to look at it
}

// task is one row of the report, or a few that are found out together.
type task struct {
	title string
	long  bool   // takes its time whatever the service does
	wait  string // what is waited for meanwhile, for whoever reads a log
	run   func() []StepResult
}

// Check runs every step once and reports what came of each; then it measures
// what [Config.Performance] names, and keeps the result in [Config.Memory]. It
// ends when ctx does: steps that were not reached are skipped. Each call has
// its own cookies, values and connections, and leaves nothing running. Safe
// for concurrent use.
func (c *Checker) Check(ctx context.Context) Report {
	return c.check(ctx, func(int, int, task) {})
}

func (c *Checker) check(ctx context.Context, progress func(i, n int, t task)) Report {
	r := c.start(ctx)
	defer r.end()
	report := Report{Started: time.Now()}
	r.recall()
	tasks := r.tasks()
	for i, t := range tasks {
		progress(i, len(tasks), t)
		report.Steps = append(report.Steps, t.run()...)
	}
	return r.finish(report)
}

// tasks are what the run does, in its order.
func (r *run) tasks() []task {
	var tasks []task
	one := func(title string, do func() StepResult) {
		title = r.redact.Line(title)
		tasks = append(tasks, task{title: title, run: func() []StepResult { return []StepResult{do()} }})
	}
	c := r.checker
	if r.damaged != "" {
		one("memory", func() StepResult {
			return StepResult{Name: "memory", Outcome: Failed, Verdict: r.redact.Line(r.damaged), local: true}
		})
	}
	for _, t := range c.first {
		one(t.title, func() StepResult { return t.run(r) })
	}
	if c.settling.Path != "" {
		one("settle "+titlePath(c.settling.Path), r.settle)
		tasks[len(tasks)-1].wait = r.redact.Line("waiting " + c.settling.what(c.release))
	}
	for _, s := range c.steps {
		one(s.rowTitle(), func() StepResult { return r.step(s) })
	}
	for _, t := range c.performance.tasks(r) {
		t.title = r.redact.Line(t.title)
		tasks = append(tasks, t)
	}
	return tasks
}

// finish completes a report and keeps it.
func (r *run) finish(report Report) Report {
	c := r.checker
	report.Target, report.Release, report.Note = r.targetName(), r.release, r.redact.Line(c.note)
	report.Run, _ = r.values.get(runValue)
	for i := range report.Steps {
		s := &report.Steps[i]
		*s = c.owned(*s)
		s.Name, s.Session = r.redact.Line(s.Name), r.redact.Line(s.Session)
		if s.Outcome == Skipped {
			s.Verdict = r.redact.Line(s.Verdict) // it may name a step
		}
	}
	report.Duration = time.Since(report.Started)
	report.Reached = r.reached.Load() || !r.attempted.Load() || !r.target.live
	report.Figures = r.figures
	report.Earlier = lastReleases(r.earlier, r.release)
	if report.Err() != nil {
		report.LastGreen = lastGreen(r.earlier, r.release)
	}
	r.keep(report)
	report.Warnings, report.Info = r.warnings, r.remarks
	return report
}

func (c *Checker) start(ctx context.Context) *run {
	r := &run{
		checker: c, target: c.newTarget(), sessions: map[string]*Session{}, told: map[string]bool{}, assets: map[string]bool{}, links: map[string]bool{},
		signedOut: map[string]string{},
	}
	r.values.set(runValue, strings.ToLower(rand.Text()[:10]))
	bound := c.runTimeout
	if c.settling.Path != "" {
		bound += c.settling.Within
	}
	r.ctx, r.cancel = context.WithTimeout(ctx, bound)
	r.hideAccess()
	for name, value := range c.hidden {
		r.redact.Add(name, value)
	}
	for _, s := range slices.Concat(c.steps, c.performance.Endpoints) {
		for _, variable := range s.form.Secret {
			if value, err := c.secret(variable); err == nil { // New has seen it
				r.redact.Add(variable, value)
			}
		}
	}
	r.release = r.redact.Line(c.release)
	return r
}

func (r *run) end() {
	if r.settled != nil {
		r.settled()
	}
	r.cancel()
	r.target.close()
}

func (r *run) targetName() string {
	if r.target.live {
		return r.target.base.Scheme + "://" + r.target.base.Host
	}
	return "in-process handler"
}

// session returns the session of that name, with no cookies at its first use.
func (r *run) session(name string) *Session {
	s := r.sessions[name]
	if s == nil {
		s = r.newSession()
		r.sessions[name] = s
	}
	return s
}

func (r *run) newSession() *Session {
	jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // its error is always nil
	return &Session{run: r, jar: jar, ctx: r.ctx}
}

// step runs one step. A step that needs a value nobody set is not run.
func (r *run) step(s Step) StepResult {
	result := StepResult{Name: s.title(), Owner: s.owner, Session: s.session, Outcome: OK}
	sess := r.session(s.session)
	sess.ctx, sess.step, sess.last, sess.misuse, sess.found = r.ctx, s, nil, nil, nil
	if over := sess.runOver(); over != "" {
		return result.skipped(over)
	}
	if r.unsettled != "" {
		return result.skipped(r.unsettled)
	}
	for _, name := range s.needs() {
		if _, ok := r.values.get(name); !ok {
			return result.skipped(unsetError(name).Error())
		}
	}
	began := time.Now()
	problems, note := sess.act()
	result.Duration = time.Since(began)
	result.Warnings, result.Info = r.lines(sess.findings(warning)), r.lines(sess.findings(information))
	if len(problems) == 0 {
		result.Verdict = note
		return result
	}
	if unset, ok := errors.AsType[unsetError](problems[0]); ok {
		return result.skipped(unset.Error())
	}
	var more []string
	for _, p := range problems[1:] {
		more = append(more, p.Error())
	}
	for _, f := range sess.found {
		if f.severity == failure && f.shown() == problems[0].Error() {
			sess.last = f.at // what broke the rule, and not what came after it
		}
	}
	result.Outcome = Failed
	result.Detail = sess.failureText(more)
	result.Verdict = r.redact.Line(problems[0].Error()) // after it, so that what it found is hidden here too
	return result
}

// lines returns texts as they may be shown.
func (r *run) lines(texts []string) []string {
	var lines []string
	for _, text := range texts {
		lines = append(lines, r.redact.Line(text))
	}
	return lines
}
