package ratelimit

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

// The bounds of a rule. A count times a window in milliseconds must fit into
// the 53 bits of a script's number.
const (
	maxLimit  = 1_000_000
	maxWindow = 31 * 24 * time.Hour
	maxName   = 128
	keysMost  = 4
	factorMax = 100
)

// rule is a Rule, compiled.
type rule struct {
	Rule       // as it was given, its slices copied
	index      int
	name       string
	limit      int64
	window     int64 // milliseconds
	penalty    penalty
	dryRun     bool   // denies nothing
	failClosed bool   // denied as unavailable where a shared store does not answer
	reads      bool   // the form
	fields     bool   // has a key by Field
	failures   bool   // counts failures
	public     bool   // its counts may be told to the client
	plain      bool   // by address, cost 1, and nobody is exempt: most rules
	policy     string // the rule's item of RateLimit-Policy
	policyLine []string
	item       string // the beginning of its item of RateLimit
	problem    []byte // the answer's JSON where this rule alone denies, see answer.go

	_ [64]byte // what changes with every request stands in another cache line

	allowed, denied, wouldDeny, succeeded atomic.Int64
	warned                                atomic.Bool
}

// compile returns the rules of cfg, and adds what is wrong with them to
// problems.
func compile(problems *cfgerr.List, in []Rule) []*rule {
	if len(in) == 0 {
		problems.Addf("Rules", "is empty, so that nothing is limited; begin with ratelimit.LoginRules(\"POST /login\")")
	}
	rules := make([]*rule, len(in))
	names := map[string]int{}
	for i, given := range in {
		path := func(field string) string { return cfgerr.Index("Rules", i, field) }
		r := newRule(i, given)
		rules[i] = r
		checkLimit(problems, path, given)
		checkKeys(problems, path, given)
		checkCount(problems, path, r)
		r.penalty = compilePenalty(problems, path, given.Penalty)
		checkAllow(problems, path, given.Allow)
		if len(r.name) > maxName || !printable(r.name) {
			problems.Addf(path("Name"), "%q must be at most %d characters of printable ASCII, because it stands in response fields; set Name", r.name, maxName)
		}
		if first, twice := names[r.name]; twice {
			problems.Addf(path("Name"), "%q is the name of %s too; set Name on one of them", r.name, cfgerr.Index("Rules", first, ""))
		} else {
			names[r.name] = i
		}
	}
	return rules
}

func newRule(index int, given Rule) *rule {
	r := &rule{
		Rule: given, index: index, name: given.Name,
		limit: int64(given.Limit), window: given.Window.Milliseconds(),
		dryRun: given.DryRun, failClosed: given.FailClosed, failures: given.Count != All,
	}
	r.Keys, r.SuccessStatus, r.Allow = slices.Clone(given.Keys), slices.Clone(given.SuccessStatus), slices.Clone(given.Allow)
	if r.name == "" {
		pattern := given.Pattern
		if pattern == "" {
			pattern = "everything"
		}
		r.name = pattern + " by " + keysText(given.Keys)
	}
	r.fields = slices.ContainsFunc(r.Keys, Key.isField)
	r.reads = r.fields || r.Known != nil
	// Whoever names a header's value, an e-mail address, or what a Func makes
	// of a request, may be a stranger to whom its counts belong.
	r.public = !given.DryRun && !given.Quiet && !slices.ContainsFunc(r.Keys, func(k Key) bool { return k.kind != keyIP })
	r.plain = len(r.Keys) == 1 && r.Keys[0].kind == keyIP && r.Cost == nil && len(r.Allow) == 0 && r.AllowFunc == nil && r.Known == nil
	r.policy = policyItem(r.name, given.Limit, given.Window)
	r.policyLine = []string{r.policy}
	r.item = string(append(appendString(nil, r.name), ";r="...))
	r.problem = problemBody(r.name)
	return r
}

func (k Key) isField() bool { return k.kind == keyField }

func keysText(keys []Key) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.String()
	}
	return strings.Join(texts, " and ")
}

func checkLimit(problems *cfgerr.List, path func(string) string, r Rule) {
	if r.Limit < 1 || r.Limit > maxLimit {
		problems.Addf(path("Limit"), "must be from 1 to %d, got %d", maxLimit, r.Limit)
	}
	if r.Window < time.Second || r.Window > maxWindow || r.Window%time.Second != 0 {
		problems.Addf(path("Window"), "must be whole seconds, from 1s to %s, got %s", maxWindow, r.Window)
	}
}

func checkKeys(problems *cfgerr.List, path func(string) string, r Rule) {
	if len(r.Keys) == 0 || len(r.Keys) > keysMost {
		problems.Addf(path("Keys"), "must be 1 to %d keys, got %d; say what to count by: ratelimit.IP(), ratelimit.Field(name), ratelimit.Header(name) or ratelimit.Func(f)", keysMost, len(r.Keys))
	}
	for i, k := range r.Keys {
		if problem := k.problem(); problem != "" {
			problems.Addf(path(cfgerr.Index("Keys", i, "")), "%s", problem)
		}
		same := func(other Key) bool { return k.kind != keyFunc && k.kind == other.kind && k.name == other.name }
		if slices.ContainsFunc(r.Keys[:i], same) {
			problems.Addf(path(cfgerr.Index("Keys", i, "")), "%s stands there twice", k)
		}
	}
	if r.Required && !slices.ContainsFunc(r.Keys, Key.isField) {
		problems.Addf(path("Required"), "is set although no key is a Field; delete it")
	}
	if r.Required && !strings.ContainsAny(r.Pattern, " \t") {
		problems.Addf(path("Pattern"), "must name a method, such as POST /login: with Required, a GET of the form itself would be answered with 400")
	}
}

func checkCount(problems *cfgerr.List, path func(string) string, r *rule) {
	account := slices.ContainsFunc(r.Keys, func(k Key) bool { return k.kind == keyField || k.kind == keyFunc })
	fieldsOnly := len(r.Keys) > 0 && !slices.ContainsFunc(r.Keys, func(k Key) bool { return k.kind != keyField })
	switch {
	case r.Count > ResetOnSuccess:
		problems.Addf(path("Count"), "must be All, Failures or ResetOnSuccess, got %d", r.Count)
	case r.Count == ResetOnSuccess && !account:
		problems.Addf(path("Count"), "is ResetOnSuccess for a key of no account: whoever logs in to one account would wipe out the guesses at others; use Failures, or add Field(\"email\") to Keys")
	case r.Count == All && len(r.SuccessStatus) > 0:
		problems.Addf(path("SuccessStatus"), "is set although Count is All, which counts successes too; set Count: ratelimit.Failures")
	case r.failures && fieldsOnly && r.Known == nil:
		problems.Addf(path("Known"), "is nil although the rule counts failures by %s alone: anybody could lock a stranger out of an account; add IP() to Keys, or say by a cookie which device the account knows", keysText(r.Keys))
	}
	for i, status := range r.SuccessStatus {
		if status < 200 || status > 599 {
			problems.Addf(path(cfgerr.Index("SuccessStatus", i, "")), "must be a status from 200 to 599, got %d", status)
		}
	}
}

func compilePenalty(problems *cfgerr.List, path func(string) string, p Penalty) penalty {
	if p.First == 0 {
		if p.After != 0 || p.Factor != 0 || p.Max != 0 {
			problems.Addf(path("Penalty.First"), "is 0, which is no penalty, although other fields of Penalty are set; say how long the first delay is")
		}
		return penalty{}
	}
	if p.After == 0 {
		p.After = 1
	}
	if p.Factor == 0 {
		p.Factor = 2
	}
	if p.Max == 0 {
		p.Max = max(time.Hour, p.First)
	}
	if p.After < 0 || p.After > maxStrikes {
		problems.Addf(path("Penalty.After"), "must be from 1 to %d, got %d", maxStrikes, p.After)
	}
	if p.First < time.Millisecond || p.First%time.Millisecond != 0 {
		problems.Addf(path("Penalty.First"), "must be whole milliseconds, got %s", p.First)
	}
	if p.Factor < 1 || p.Factor > factorMax {
		problems.Addf(path("Penalty.Factor"), "must be from 1 to %d, got %d", factorMax, p.Factor)
	}
	if p.Max < p.First || p.Max > maxWindow {
		problems.Addf(path("Penalty.Max"), "must be from First, %s, to %s, got %s", p.First, maxWindow, p.Max)
	}
	return penalty{after: int64(p.After), first: p.First.Milliseconds(), factor: int64(p.Factor), max: p.Max.Milliseconds()}
}

func checkAllow(problems *cfgerr.List, path func(string) string, allow []netip.Prefix) {
	for i, p := range allow {
		at := path(cfgerr.Index("Allow", i, ""))
		switch {
		case !p.IsValid():
			problems.Addf(at, "is no prefix; use netip.MustParsePrefix(\"192.0.2.0/24\")")
		case p != p.Masked():
			problems.Addf(at, "%s has bits behind its length; write %s", p, p.Masked())
		case p.Addr().Is4In6():
			problems.Addf(at, "%s is IPv4 in IPv6; write the IPv4 prefix", p)
		case p.Addr().Is6() && p.Bits() > 64:
			problems.Addf(at, "%s is narrower than a /64, which is what tells IPv6 clients apart", p)
		}
	}
}

// exempt reports whether the rule does not apply to a request at all.
func (r *rule) exempt(req *http.Request, s *scratch) bool {
	if len(r.Allow) > 0 {
		if b := s.client(req); slices.ContainsFunc(r.Allow, b.In) {
			return true
		}
	}
	return r.AllowFunc != nil && r.AllowFunc(req) || r.Known != nil && s.form.Lend(req, r.Known)
}

// cost returns what a request uses of the limit.
func (r *rule) cost(req *http.Request) int64 {
	if r.Cost == nil {
		return 1
	}
	return min(max(1, int64(r.Cost(req))), r.limit)
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
