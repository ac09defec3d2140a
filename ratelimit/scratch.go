package ratelimit

import (
	"net/http"
	"slices"
	"sync"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/clientip"
	"github.com/launchready/readiness/internal/formfield"
	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/internal/route"
)

// scratch is the space that one decision needs, used again and again.
type scratch struct {
	matches []route.Match
	rules   []*rule
	charges []charge
	keys    []byte // of the charges
	out     []byte // what is written to the client
	lines   lines

	limiter *Limiter
	bucket  clientip.Bucket
	located bool // bucket is the client's
	form    *formfield.Form
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch is how much a scratch may hold on to between requests: one
// enormous header must not stay for ever.
const maxScratch = 4 << 10

func (s *scratch) release() {
	if cap(s.keys) > maxScratch || cap(s.charges) > maxScratch/64 {
		return
	}
	for i := range s.charges {
		s.charges[i].key = nil // may hold an e-mail address
	}
	s.matches, s.rules, s.charges, s.keys, s.out = s.matches[:0], s.rules[:0], s.charges[:0], s.keys[:0], s.out[:0]
	s.located, s.form = false, nil
	scratchPool.Put(s)
}

// charge makes the charges of the request's rules, in the rules' order. Where
// the request cannot be charged it returns the answer.
func (s *scratch) charge(l *Limiter, r *http.Request) *respond.Problem {
	s.limiter = l
	reads := false
	for _, m := range s.matches {
		rule := l.rules[m.Entry]
		s.add(rule)
		reads = reads || rule.reads
	}
	if reads {
		s.form = formfield.Read(r)
	}
	for _, rule := range s.rules {
		from := len(s.keys)
		switch {
		case rule.plain:
			s.keys = appendAddress(s.keys, s.client(r))
			s.push(rule, s.keys[from:len(s.keys):len(s.keys)], 1)
		case rule.exempt(r, s):
		case rule.fields:
			if refusal := s.chargeFields(rule, r); refusal != nil && !rule.dryRun {
				return refusal
			}
		default:
			for _, k := range rule.Keys {
				s.keys = s.part(s.keys, rule, k, r)
			}
			s.push(rule, s.keys[from:len(s.keys):len(s.keys)], rule.cost(r))
		}
	}
	return nil
}

// push adds a charge, in the place of an old one where there is room.
func (s *scratch) push(r *rule, key []byte, cost int64) {
	n := len(s.charges)
	if n == cap(s.charges) {
		s.charges = slices.Grow(s.charges, 1)
	}
	s.charges = s.charges[:n+1]
	c := &s.charges[n]
	c.rule, c.key, c.cost, c.limit, c.verdict = r, key, cost, r.limit, verdict{}
}

// add notes a rule, in the rules' order, and only once: a rule may match a
// request in several spellings of its path.
func (s *scratch) add(r *rule) {
	i := len(s.rules)
	for i > 0 && s.rules[i-1].index >= r.index {
		if s.rules[i-1] == r {
			return
		}
		i--
	}
	s.rules = append(s.rules, nil)
	copy(s.rules[i+1:], s.rules[i:])
	s.rules[i] = r
}

// part appends the request's part of a key under k, which is no Field. The
// client's address stands in for what is not there.
func (s *scratch) part(dst []byte, rule *rule, k Key, r *http.Request) []byte {
	if k.kind != keyIP {
		part, ok, failed := k.appendPart(dst, r)
		if failed {
			s.limiter.badKeys.Warn("a key function failed; the request is counted by its client address", zap.String("rule", rule.name))
		}
		if ok {
			return part
		}
	}
	return appendAddress(dst, s.client(r))
}

// client returns the bucket of the request's client.
func (s *scratch) client(r *http.Request) clientip.Bucket {
	if !s.located {
		s.bucket, s.located = s.limiter.clients.Bucket(r), true
	}
	return s.bucket
}

// settles reports whether something is to be done after the handler.
func (s *scratch) settles() bool {
	for i := range s.charges {
		if s.charges[i].rule.failures {
			return true
		}
	}
	return false
}

// unavailable is the verdict where there is none.
func (s *scratch) unavailable() (admitted bool) {
	admitted = true
	for i := range s.charges {
		c := &s.charges[i]
		c.verdict = verdict{view: view{window: c.rule.window}, denied: true, unavailable: true}
		admitted = admitted && c.rule.dryRun
	}
	return admitted
}

// name tells metrics the route of a request that will never reach the router.
func (s *scratch) name(w http.ResponseWriter) {
	if rec := respond.Find(w); rec != nil {
		rec.SetRoute(s.matches[0].Route())
	}
}
