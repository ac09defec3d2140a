package readiness

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/launchready/readiness/internal/dnsq"
)

const (
	codeLate   = "check.timeout"
	codePanic  = "check.failed"
	codeCustom = "custom.failed"
	codeMemory = "env.memory"

	// confirmAfter is what lies at least between two answers of which the
	// second confirms the first.
	confirmAfter = time.Second
	// grace is how long a family may take at most to end behind its context,
	// which ends so much, and a tenth of the time at most, before the deadline:
	// Check ends in time.
	grace = 500 * time.Millisecond
	// progressGrace is how long a check that has ended waits for a call of
	// Progress to return.
	progressGrace = 100 * time.Millisecond
)

// engineCodes are the rows of what is unknown for reasons of the engine's own.
func engineCodes() []codeRow {
	return []codeRow{
		{codeLate, Medium, "not finished in time", ""},
		{codePanic, Medium, "the check itself failed", ""},
		{codeCustom, Medium, "a check of your own failed", ""},
		{codeMemory, Medium, "the memory of the last release cannot be used", ""},
	}
}

// check is Check without the log.
func (c *Checker) check(ctx context.Context) Report {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.site.timeout)
	defer cancel()
	end, _ := ctx.Deadline()
	left := min(grace, time.Until(end)/10)
	looking, stopLooking := context.WithDeadline(ctx, end.Add(-left))
	defer stopLooking()
	r := Report{Domain: c.site.domain, stopOn: c.site.stopOn, looked: c.looks(), whole: len(c.site.only) == 0, servers: c.site.resolvers}
	if len(r.servers) == 0 {
		r.servers = dnsq.System()
	}
	over, stopWaiting := outlast(looking, left)
	defer stopWaiting()
	var environment <-chan environmentLook
	if c.site.wants("env") {
		environment = c.lookAtEnvironment(looking)
	}
	l := c.newLook()
	stop := c.reportProgress(looking, end, l)
	l.run(looking, over)
	last := r.takeEnvironment(c, environment, over)
	r.take(l)
	if c.confirm(ctx, r.Findings) {
		second := c.newLook()
		second.run(looking, over)
		confirmed(r.Findings, second)
		r.lookups += second.dns.Asked()
	}
	stop()
	r.dropConsequences()
	if c.site.handedOver && len(c.site.only) == 0 {
		c.handOver(&r, l, last)
	}
	r.accept(c.site.accept, began)
	r.sort()
	if c.site.handedOver && len(c.site.only) == 0 {
		r.Handover = append(r.Handover, r.nextSteps()...)
	}
	r.took = time.Since(began)
	return r
}

// looks returns the families that a check looks at.
func (c *Checker) looks() []string {
	looks := []string{}
	for _, f := range familyNames() {
		if c.site.wants(f) && (f == "env" || c.site.domain != "") {
			looks = append(looks, f)
		}
	}
	return looks
}

// outlast returns a context that ends when ctx has, and as much time as left
// has gone by since.
func outlast(ctx context.Context, left time.Duration) (over context.Context, stop func()) {
	over, end := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		defer end()
		late := time.NewTimer(left)
		defer late.Stop()
		select {
		case <-late.C:
		case <-over.Done():
		}
	})
	return over, func() { unhook(); end() }
}

// run looks at everything but the environment, until that is done or over is.
func (l *look) run(ctx, over context.Context) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	working := map[string]string{} // by name, its code
	begin := func(name, code string, f func()) {
		mu.Lock()
		working[name] = code
		mu.Unlock()
		l.start(&wg, name, func() {
			defer func() {
				mu.Lock()
				delete(working, name)
				mu.Unlock()
			}()
			f()
		})
	}
	if l.site.domain != "" {
		for _, f := range families() {
			if l.site.wants(f.name) {
				begin(f.name, codeLate, func() { f.check(l, ctx) })
				// Whatever is looked at, Blind must know whether the domain answers.
				l.start(&wg, l.site.domain, func() { _, _ = l.lookupHost(ctx, l.site.domain) })
			}
		}
	}
	if len(l.site.only) == 0 {
		for i := range l.site.custom {
			begin(l.site.custom[i].Name, codeCustom, func() { l.custom(ctx, &l.site.custom[i]) })
		}
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-over.Done():
	}
	mu.Lock()
	unfinished := maps.Clone(working)
	mu.Unlock()
	for name, code := range unfinished {
		l.unknown(code, name, "no result in time")
	}
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
}

// custom runs a check of the user's and completes its findings.
func (l *look) custom(ctx context.Context, v *Custom) {
	defer func() {
		if recover() != nil {
			l.unknown(codeCustom, v.Name, "it panicked")
		}
	}()
	found, err := v.Func(ctx)
	if err != nil {
		why := "it returned an error, which is not shown: it may hold a secret"
		if ctx.Err() != nil {
			why = "no result in time"
		}
		l.unknown(codeCustom, v.Name, why)
	}
	for _, f := range found {
		f.Code, f.Subject = cmp.Or(f.Code, "custom."+v.Name), cmp.Or(f.Subject, v.Name)
		f.Title, f.remote = cmp.Or(f.Title, "a risk that the check "+v.Name+" found"), true
		if f.Severity < Medium || f.Severity > Blocker {
			f.Severity = Medium
		}
		l.add(f.printable())
	}
}

// confirm waits until a second look may confirm the findings that StopOn
// counts. It reports false where there is none, or no time is left.
func (c *Checker) confirm(ctx context.Context, found []Finding) bool {
	if c.site.stopOn == 0 || !slices.ContainsFunc(found, func(f Finding) bool { return f.remote && f.Severity >= c.site.stopOn }) {
		return false
	}
	wait := time.NewTimer(confirmAfter)
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// confirmed marks the findings that the second look made again.
func confirmed(found []Finding, second *look) {
	for i, f := range found {
		found[i].confirmed = f.remote && slices.ContainsFunc(second.found, func(o Finding) bool {
			return o.Code == f.Code && o.Subject == f.Subject && o.Severity >= f.Severity
		})
	}
}
