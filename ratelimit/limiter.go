package ratelimit

import (
	"context"
	"iter"
	"net/http"
	"sync"
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
	badKeys *zap.Logger
}

// Middleware wraps the whole router: every rule that matches a request is
// charged, all or none, before next is called. A request over a limit is
// answered 429 with Retry-After and never reaches next. The request is passed
// on as it is.
//
// It stands outside the router and its middleware, inside metrics and
// http.CrossOriginProtection; see the package documentation.
func (l *Limiter) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if matches := l.table.All(r); len(matches) == 0 || l.admit(w, r, matches) {
			next.ServeHTTP(w, r)
		}
	})
}

// admit charges the rules of a request and tells the client. It reports false
// where it has answered.
func (l *Limiter) admit(w http.ResponseWriter, r *http.Request, matches []route.Match) bool {
	s := scratchPool.Get().(*scratch)
	defer s.release()
	for _, m := range matches {
		s.add(l.rules[m.Entry])
	}
	for i := range s.charges {
		c := &s.charges[i]
		var ok bool
		begin := len(s.buf)
		if s.buf, ok = c.rule.key.appendKey(s.buf, r, l.clients); !ok {
			l.badKeys.Warn("a key function failed; the request is counted by its client address", zap.String("rule", c.rule.name))
		}
		c.key = s.buf[begin:len(s.buf):len(s.buf)]
	}
	admitted := l.take(r.Context(), s.charges)
	s.buf = setFields(w.Header(), s.charges, s.buf)
	if admitted {
		return true
	}
	if rec := respond.Find(w); rec != nil {
		rec.SetRoute(matches[0].Route()) // the request will never reach the router
	}
	deny(w, r, s.charges)
	return false
}

// take is the store's, which never fails: a Redis store falls back to counts
// of this process.
func (l *Limiter) take(ctx context.Context, charges []charge) bool {
	admitted, err := l.counts.take(ctx, charges)
	return admitted && err == nil
}

// Rules returns the rules in the order of the Config, for printing and tests.
// The slice is the caller's own.
func (l *Limiter) Rules() []RuleInfo {
	list := make([]RuleInfo, len(l.rules))
	for i, r := range l.rules {
		list[i] = RuleInfo{
			Name: r.name, Pattern: r.pattern, Key: r.key.String(),
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

// scratch is the space that one decision needs, used again and again.
type scratch struct {
	charges []charge
	buf     []byte
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// add makes a charge of the rule, in the rules' order, and only once: a rule
// may match a request in several spellings of its path.
func (s *scratch) add(r *rule) {
	i := len(s.charges)
	for i > 0 && s.charges[i-1].rule.index >= r.index {
		if s.charges[i-1].rule == r {
			return
		}
		i--
	}
	s.charges = append(s.charges, charge{})
	copy(s.charges[i+1:], s.charges[i:])
	s.charges[i] = charge{rule: r, cost: 1, limit: r.limit}
}

// maxScratch is how much a scratch may hold on to between requests: one
// enormous header must not stay for ever.
const maxScratch = 4 << 10

func (s *scratch) release() {
	clear(s.charges)
	s.charges, s.buf = s.charges[:0], s.buf[:0]
	if cap(s.buf) <= maxScratch {
		scratchPool.Put(s)
	}
}
