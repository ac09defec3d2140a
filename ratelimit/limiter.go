package ratelimit

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/clientip"
	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/internal/route"
)

// Limiter applies rules. Make one with [New]; it is safe for concurrent use
// and needs no closing.
type Limiter struct {
	rules   []*rule
	table   *route.Table
	clients *clientip.Resolver
	counts  backend
	ids     *identities
	log     *zap.Logger
	denials *zap.Logger // sampled, as a flood of requests is a flood of denials
	badKeys *zap.Logger // sampled
	onEvent func(Event)
	onDeny  func(http.ResponseWriter, *http.Request, Denial)
	xFields bool
}

// Middleware wraps the whole router: every rule that matches a request is
// charged, all or none, before next is called. A request over a limit is
// answered 429 with Retry-After and never reaches next. The request is passed
// on as it is; where a rule reads the form, its body is put back.
//
// It stands outside the router and its middleware, inside metrics and
// http.CrossOriginProtection; see the package documentation.
func (l *Limiter) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := scratchPool.Get().(*scratch)
		s.matches = l.table.Append(s.matches[:0], r)
		if len(s.matches) == 0 {
			s.release()
			next.ServeHTTP(w, r)
			return
		}
		admitted := l.admit(w, r, s)
		if !admitted || !s.settles() {
			s.release()
			if admitted {
				next.ServeHTTP(w, r)
			}
			return
		}
		// A handler that panics has not succeeded: what was charged stays.
		w, rec := respond.Ensure(w, r)
		next.ServeHTTP(w, r)
		l.settle(r.Context(), rec, s)
		s.release()
	})
}

// admit charges the rules of a request and tells the client. It reports false
// where it has answered.
func (l *Limiter) admit(w http.ResponseWriter, r *http.Request, s *scratch) bool {
	if refusal := s.charge(l, r); refusal != nil {
		s.name(w)
		respond.Write(w, r, *refusal)
		return false
	}
	if len(s.charges) == 0 {
		return true
	}
	admitted, err := l.counts.take(r.Context(), s.charges)
	if err != nil {
		admitted = s.unavailable()
	}
	l.tell(s.charges, admitted)
	if admitted {
		l.setFields(w.Header(), s)
		return true
	}
	s.name(w)
	l.deny(w, r, s)
	return false
}

// settle gives back what the rules that count failures have charged a request
// that succeeded.
func (l *Limiter) settle(ctx context.Context, rec *respond.Recorder, s *scratch) {
	outcome, status := rec.Outcome(), rec.Settle(nil)
	refunds, resets := s.charges[:0:0], s.charges[:0:0]
	for _, c := range s.charges {
		success := outcome == respond.Succeeded ||
			outcome == respond.Undeclared && slices.Contains(c.rule.SuccessStatus, status)
		if !success || !c.rule.failures {
			continue
		}
		c.rule.succeeded.Add(1)
		switch {
		case c.rule.Count == ResetOnSuccess:
			resets = append(resets, c)
		case c.counted:
			refunds = append(refunds, c)
		}
	}
	// An error leaves a count too high, which the store's own log tells of.
	if len(refunds) > 0 {
		_ = l.counts.refund(ctx, refunds)
	}
	if len(resets) > 0 {
		_ = l.counts.reset(ctx, resets)
	}
}

// Rules returns the rules in the order of the Config, for printing and tests.
// The slice is the caller's own.
func (l *Limiter) Rules() []RuleInfo {
	list := make([]RuleInfo, len(l.rules))
	for i, r := range l.rules {
		list[i] = RuleInfo{
			Name: r.name, Pattern: r.Pattern, Keys: keysText(r.Keys), Count: r.Count, DryRun: r.DryRun,
			Limit: int(r.limit), Window: time.Duration(r.window) * time.Millisecond,
		}
	}
	return list
}

// Unused returns the patterns of rules that match none of routes (patterns of
// net/http's ServeMux, "POST /login"), in the rules' order: for a test that
// finds a rule whose route was renamed. "Tests" in the comment of package
// [github.com/launchready/readiness/cache] lists the routes of a router, chi's
// too.
func (l *Limiter) Unused(routes iter.Seq[string]) []string { return l.table.Unused(routes) }

// Undecided returns those of routes that no rule matches, in their order: for
// a test that finds a new form without a limit. The routes are those of
// [Limiter.Unused].
func (l *Limiter) Undecided(routes iter.Seq[string]) []string { return l.table.Undecided(routes) }
