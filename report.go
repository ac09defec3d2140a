package readiness

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report is what a check found. Its fields hold no time of the check and no
// duration, so that two reports of the same state have equal fields. It
// belongs to the caller; its methods only read it and are safe for concurrent
// use. Its text is that of [Report.WriteText], its JSON form is described at
// [Report.MarshalJSON], and zap logs it with zap.Object("report", report).
type Report struct {
	// Domain is the domain that was looked at; empty where none is declared.
	Domain string
	// Findings is what was found: the worst first. Those of one severity come
	// in the order env, dns and registration, cloudflare, tls, web, hsts, private and origin,
	// redirect, mx, spf, dkim, dmarc, mtasts, tlsrpt, caa, the checks of one's
	// own, handover; those of one such group by Code, then by Subject.
	Findings []Finding
	// Unknown is what could not be looked at, and is no risk: no answer came
	// in time, or a server failed. The findings there have no Severity, and
	// their Code says which rule it was. The names of the DNS come first, and
	// Domain before the others, then by Code and Subject.
	Unknown []Finding
	// Map says where each host points, by Name.
	Map []HostMap
	// Handover is the list for whoever takes over, in a fixed order.
	Handover []HandoverItem
	// Accepted is what Config.Accept took off Findings, in the same order, and
	// behind that what it named and was not found, with a Note.
	Accepted []Accepted

	variables int           // how many environment variables were looked at
	lookups   int           // how many DNS questions were put
	took      time.Duration // how long the check took
	stopOn    Severity
	looked    []string // the families, as Config.Only has them; nil: env
	whole     bool     // and what belongs to none: custom checks and the handover
	servers   []string // the name servers that were asked
	asked     int      // how many DNS questions were put to the resolvers
	unsure    int      // how many of them got no fact for an answer
	apexLost  bool     // whether Domain has an address could not be found out
	remembers bool     // the check looked for an earlier release
	earlier   bool     // and found one
}

// Accepted is a finding that Config.Accept took off the list.
type Accepted struct {
	_ [0]func()

	// Finding is the finding, as it would stand in the list.
	Finding Finding
	// Until is the last day on which it is accepted, such as "2027-01-31".
	Until string
	// Reason says why.
	Reason string
	// Note says that the acceptance matched nothing; empty where it did. The
	// Finding has a Code and, where the acceptance does, a Subject alone.
	Note string
}

// Counts says how many findings there are of each severity.
type Counts struct {
	// Blocker, High and Medium count the findings of that severity.
	Blocker, High, Medium int
	// Unknown counts what could not be looked at.
	Unknown int
}

// Counts counts the findings.
func (r Report) Counts() Counts {
	c := Counts{Unknown: len(r.Unknown)}
	for _, f := range r.Findings {
		switch f.Severity {
		case Blocker:
			c.Blocker++
		case High:
			c.High++
		case Medium:
			c.Medium++
		}
	}
	return c
}

// At returns the findings at severity s or above, in the order of Findings, in
// a slice of its own: At(High) is the blockers and the high risks.
func (r Report) At(s Severity) []Finding {
	var at []Finding
	for _, f := range r.Findings {
		if f.Severity >= s {
			at = append(at, f)
		}
	}
	return at
}

// Blind reports whether the check could not really look: Domain itself, by its
// addresses or by its web server, or more than half of all DNS questions, got
// no usable answer. A blind report without findings is no clean one.
func (r Report) Blind() bool { return r.blind() != "" }

// blind says why the check could not really look; "" where it could.
func (r *Report) blind() string {
	switch {
	case 2*r.unsure > r.asked:
		return fmt.Sprintf("%d of %d DNS questions got no usable answer", r.unsure, r.asked)
	case r.apexLost:
		return "no name server says where " + r.Domain + " is"
	case r.Domain != "" && slices.ContainsFunc(r.Unknown, func(f Finding) bool { return f.Code == codeNoHTTPS && f.Subject == r.Domain }):
		return "the web server of " + r.Domain + " gave no usable answer"
	default:
		return ""
	}
}

// Err returns nil where nothing is to stop the service. Only what is certain
// stops it: a Blocker of the environment and, where Config.StopOn is set, every
// finding of that severity or above, of the environment too; those made over the
// network only once a second answer confirmed them. The text of the error lists each on a line of
// its own, with its fix, and no value of any variable.
func (r Report) Err() error {
	var stop []Finding
	for _, f := range r.Findings {
		asked := r.stopOn > 0 && f.Severity >= r.stopOn
		if !f.remote && (f.Severity >= Blocker || asked) || f.confirmed && asked {
			stop = append(stop, f)
		}
	}
	if len(stop) == 0 {
		return nil
	}
	what := "finding"
	if stop[len(stop)-1].Severity >= Blocker {
		what = "blocker"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "readiness: %s", count(len(stop), what))
	for _, f := range stop {
		fmt.Fprintf(&b, "\n  %s: %s (%s)", f.Subject, f.Title, f.Code)
		if f.Fix != "" {
			fmt.Fprintf(&b, "; fix: %s", f.Fix)
		}
	}
	return errors.New(b.String())
}

// TB is the part of testing.TB that [Report.Require] needs. It stands here so
// that this package does not link testing.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Require fails the test for every finding at severity s or above, and where
// the report is blind. It is for go test and a pipeline; what is known and
// accepted goes into Config.Accept.
func (r Report) Require(t TB, s Severity) {
	t.Helper()
	for _, f := range r.At(s) {
		t.Errorf("%v: %s: %s (%s); fix: %s", f.Severity, f.Subject, f.Title, f.Code, f.Fix)
	}
	if why := r.blind(); why != "" {
		t.Errorf("readiness: could not look: %s", why)
	}
}

// take adds what a look found.
func (r *Report) take(l *look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Findings = append(r.Findings, l.found...)
	r.Unknown = append(r.Unknown, l.unknowns...)
	for _, h := range l.hosts {
		row := *h
		if len(row.Addresses) == 0 {
			row.lacks = l.lacks(h)
		}
		r.Map = append(r.Map, row)
	}
	r.lookups, r.asked = l.dns.Asked(), len(l.asked)
	for _, fact := range l.asked {
		if !fact {
			r.unsure++
		}
	}
	r.apexLost = l.lost(l.site.domain)
}

// sort brings every list into the order that the fields promise.
func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, compareFindings)
	slices.SortStableFunc(r.Unknown, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(r.unknownRank(a), r.unknownRank(b)), compareFindings(a, b))
	})
	slices.SortStableFunc(r.Accepted, func(a, b Accepted) int {
		return cmp.Or(strings.Compare(a.Note, b.Note), compareFindings(a.Finding, b.Finding))
	})
	slices.SortFunc(r.Map, func(a, b HostMap) int { return cmp.Compare(a.Name, b.Name) })
}
