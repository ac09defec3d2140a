package health

import (
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/respond"
)

// maxQuery bounds the query that DetailsHandler reads.
const maxQuery = 2 << 10

// DetailsHandler answers with what is known of every check: name, state, how
// long the last run took, errors with their own text, and the release. That
// is for the people who run the service and nobody else, because an error's
// text may hold addresses, account names and worse. Serve it on a private
// address, as an admin port that only the cluster reaches, or behind a token
// compared in constant time (see the example); never on the public router.
//
// The status is that of [Checker.ReadyHandler]: 200, or 503 where not ready.
// The body is application/health+json (draft-inadarei-api-health-check-06): an
// object with "status", "releaseId" and "checks", which has one entry per check
// with "status" ("pass", "warn" while Degraded, "fail" otherwise), "time",
// "observedValue" (milliseconds) and "output" (what is wrong), besides
// members of our own named like the fields of [CheckSnapshot].
//
// Two parameters are those of the probes of a Kubernetes API server:
//   - ?verbose answers in plain text, one line per check, [+] or [-], unless
//     the Accept header asks for JSON.
//   - ?exclude=name leaves a check out of the verdict, and so of the status;
//     it is still listed. It can be repeated. A name that no check has is
//     told in the answer and changes nothing.
//
// It answers GET and HEAD, 405 otherwise, and 414 to a query of more than
// 2 KiB. Without parameters the body is rendered once per result and not per
// request. Before Run it answers 503 and says so in the log, once.
func (c *Checker) DetailsHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !allowed(w, r) {
			return
		}
		if c.verdict.Load().state == NotRunning {
			c.warnNotRunning()
		}
		if r.URL.RawQuery == "" {
			c.rendered().write(w, r)
			return
		}
		if len(r.URL.RawQuery) > maxQuery {
			respond.Write(w, r, respond.Problem{Status: http.StatusRequestURITooLong, Detail: "The query is longer than 2 KiB."})
			return
		}
		query := r.URL.Query()
		d := c.detail(query["exclude"])
		if query.Has("verbose") && !strings.Contains(r.Header.Get("Accept"), "json") {
			d.text().write(w, r)
			return
		}
		d.json().write(w, r)
	})
}

// rendered returns the answer to a request without parameters.
func (c *Checker) rendered() *answer {
	if a := c.details.Load(); a != nil {
		return a
	}
	c.mu.Lock() // nothing can come in between the rendering and the keeping
	defer c.mu.Unlock()
	a := detail{Snapshot: c.snapshot()}.json()
	c.details.Store(a)
	return a
}

// detail is what is told to one request.
type detail struct {
	Snapshot
	excluded []string // names of checks
	unknown  []string // names of none
}

// detail returns what is known now, judged without some checks.
func (c *Checker) detail(exclude []string) detail {
	var d detail
	for _, name := range exclude {
		list := &d.unknown
		if slices.ContainsFunc(c.checks, func(k *check) bool { return k.name == name }) {
			list = &d.excluded
		}
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	d.Snapshot = c.snapshot()
	d.State = c.combine(d.excluded)
	return d
}

// output says what is wrong with a check, and nothing where it passes.
func output(k CheckSnapshot) string {
	switch {
	case k.State == Passing:
		return ""
	case k.State == Stale && !k.Checked.IsZero():
		return "stale: the last result is older than three intervals of " + k.Interval.String()
	case k.Checked.IsZero():
		return "no result yet"
	default:
		return k.LastError
	}
}
