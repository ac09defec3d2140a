package ratelimit

import (
	"fmt"
	"strconv"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
)

// The bounds of a rule. A count times a window in milliseconds must fit into
// the 53 bits of a script's number.
const (
	maxLimit  = 1_000_000
	maxWindow = 31 * 24 * time.Hour
	maxName   = 128
)

// Rule is one limit. Every rule whose Pattern matches a request applies to
// it: a specific rule never lifts a broad one.
type Rule struct {
	_ [0]func()

	// Name stands in the response fields, in logs and in the key space of the
	// counts, where renaming a rule forgets them. Default: the pattern and the
	// key, "POST /login by ip". It must be unique among the rules, of
	// printable ASCII, and at most 128 characters long.
	Name string
	// Pattern is a pattern of net/http's ServeMux: "POST /login". Without a
	// method it means every method; empty it matches every request. It is
	// tried in every spelling of the path that a router may accept, such as
	// //login and /login/.
	Pattern string
	// Limit is how many requests one key has in a Window: 1 to 1,000,000. The
	// sliding window is an approximation from two counts, see Window: never
	// more than Limit are admitted in a window of the clock, and up to
	// 2·Limit−1 in some other stretch of the same length, if they come in
	// bursts that are timed at a window's edge. In exchange some are denied
	// that a log of every request would admit: a Limit of 1 a second admits
	// one every two seconds. Where no stretch may have more than n, set
	// (n+1)/2.
	Limit int
	// Window is the length of the sliding window, in whole seconds: 1 s to
	// 31 days. Windows follow one another on the store's clock. What is held
	// against Limit is the count of the current one and the weighted count of
	// the one before, so that a request may weigh for up to two windows.
	Window time.Duration
	// Key is what to count by. It has no default: [IP], [Header] or [Func].
	Key Key
}

// RuleInfo is one line of the table that [Limiter.Rules] returns.
type RuleInfo struct {
	// Name is the rule's name, the default where none was given.
	Name string
	// Pattern is the rule's pattern as it was written.
	Pattern string
	// Limit is how many requests a key has in a Window, see [Rule].
	Limit int
	// Window is the length of the sliding window, see [Rule].
	Window time.Duration
	// Key is what is counted by, as [Key.String] words it.
	Key string
}

// String returns the line as text: `POST /login by ip: 20 in 1m0s`.
func (i RuleInfo) String() string {
	return i.Name + ": " + strconv.Itoa(i.Limit) + " in " + i.Window.String()
}

// rule is a Rule, compiled.
type rule struct {
	index      int
	name       string
	pattern    string
	limit      int64
	window     int64 // milliseconds
	key        Key
	penalty    penalty
	dryRun     bool   // denies nothing
	failClosed bool   // denied as unavailable where a shared store does not answer
	policy     string // the rule's item of RateLimit-Policy
	public     bool   // its counts may be told to the client
}

// compile returns the rules of cfg, and adds what is wrong with them to
// problems.
func compile(problems *cfgerr.List, in []Rule) []*rule {
	if len(in) == 0 {
		problems.Addf("Rules", "is empty, so that nothing is limited; begin with ratelimit.LoginRules(\"POST /login\")")
	}
	rules := make([]*rule, len(in))
	names := map[string]int{}
	for i, r := range in {
		path := func(field string) string { return cfgerr.Index("Rules", i, field) }
		if r.Limit < 1 || r.Limit > maxLimit {
			problems.Addf(path("Limit"), "must be from 1 to %d, got %d", maxLimit, r.Limit)
		}
		if r.Window < time.Second || r.Window > maxWindow || r.Window%time.Second != 0 {
			problems.Addf(path("Window"), "must be whole seconds, from 1s to %s, got %s", maxWindow, r.Window)
		}
		if problem := r.Key.problem(); problem != "" {
			problems.Addf(path("Key"), "%s", problem)
		}
		name := r.Name
		if name == "" {
			name = fmt.Sprintf("%s by %s", pattern(r.Pattern), r.Key)
		}
		if len(name) > maxName || !printable(name) {
			problems.Addf(path("Name"), "%q must be at most %d characters of printable ASCII, because it stands in response fields; set Name", name, maxName)
		}
		if first, twice := names[name]; twice {
			problems.Addf(path("Name"), "%q is the name of %s too; set Name on one of them", name, cfgerr.Index("Rules", first, ""))
		} else {
			names[name] = i
		}
		rules[i] = &rule{
			index: i, name: name, pattern: r.Pattern, key: r.Key,
			limit: int64(r.Limit), window: r.Window.Milliseconds(),
			policy: policyItem(name, r.Limit, r.Window),
			// Whoever names a header's value, or what a Func makes of a
			// request, may be a stranger to whom its counts belong.
			public: r.Key.kind == keyIP,
		}
	}
	return rules
}

func pattern(p string) string {
	if p == "" {
		return "everything"
	}
	return p
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
