package readiness

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
)

// Run checks in the background until ctx ends, then returns nil. It waits up
// to half a minute at random before the first check, so that many replicas do
// not ask at once, and then Interval and up to a tenth more between two. It
// logs the findings of the first check, and then changes alone: what is new,
// and what is gone. What could not be looked at is no change. It returns an
// error where Run works already.
func (c *Checker) Run(ctx context.Context) error {
	if !c.running.CompareAndSwap(false, true) {
		return errors.New("readiness: Run is running already")
	}
	defer c.running.Store(false)
	wait := time.NewTimer(rand.N(30 * time.Second))
	defer wait.Stop()
	var known []Finding
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		}
		if r := c.check(ctx); ctx.Err() == nil {
			known = c.changes(known, r)
		}
		wait.Reset(c.site.interval + rand.N(c.site.interval/10+1))
	}
}

// changes logs how a report differs from what was known, and returns what is
// known now.
func (c *Checker) changes(known []Finding, r Report) []Finding {
	var fresh []Finding
	for _, f := range r.Findings {
		if !slices.ContainsFunc(known, func(o Finding) bool { return same(o, f) && o.Severity == f.Severity }) {
			fresh = append(fresh, f)
		}
	}
	c.logFindings(fresh)
	now := slices.Clone(r.Findings)
	for _, f := range known {
		switch {
		case slices.ContainsFunc(r.Findings, func(o Finding) bool { return same(o, f) }):
		case r.mayStand(f):
			now = append(now, f)
		default:
			c.log.Info("readiness: resolved", zap.Inline(f))
		}
	}
	return now
}

// same reports whether two findings are of one code and subject.
func same(a, b Finding) bool { return a.Code == b.Code && a.Subject == b.Subject }

// mayStand reports whether a finding that is not in r may be as true as it
// was: what it concerns could not be looked at this time.
func (r *Report) mayStand(f Finding) bool {
	if strings.HasPrefix(f.Code, "env.") {
		return slices.ContainsFunc(r.Unknown, func(u Finding) bool {
			return u.Subject == environmentSubject && (u.Code == codeLate || u.Code == codePanic)
		})
	}
	if !f.remote {
		return false
	}
	for _, u := range r.Unknown {
		if u.Subject == f.Subject || u.Code == f.Code || u.Code == codeLate || u.Code == codePanic {
			return true
		}
	}
	return r.Blind()
}
