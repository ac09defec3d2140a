package readiness

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgeRedirect asks whether an old address leads where it is declared to,
// with its query.
func (w *webLook) judgeRedirect(ctx context.Context, r *Redirect) {
	v := w.web.Fetch(ctx, r.From)
	subject := subjectOf(r.From)
	at := arrival(v, r.To, true)
	if at < 0 {
		w.strayed(v, r, subject)
		return
	}
	w.arrived(v, r, subject)
	for _, hop := range v.Hops[:min(at, len(v.Hops))] {
		if hop.Status == 302 || hop.Status == 303 || hop.Status == 307 {
			w.find(codeRedirectTemp, subject, detail{
				Detail: "Search engines keep the old address in their lists.", Evidence: []string{showHop(hop)},
				Fix: "answer with status 301 or 308",
			})
			return
		}
	}
}

// arrived tells what is wrong with the end of a visit that came to where it
// should.
func (w *webLook) arrived(v webprobe.Visit, r *Redirect, subject string) {
	d := detail{Detail: "The redirect is right, but there is no page at its end.", Fix: "serve a page at " + showDeclared(r.To)}
	status := v.Status()
	switch {
	case status == 404 || status == 410:
		d.Evidence = []string{showHop(v.Last())}
	case status >= 500:
		w.unknown(codeRedirectWrong, subject, fmt.Sprintf("the server at its end answers with status %d", status))
		return
	case v.Kind == webprobe.OK:
		return
	case !v.Kind.Known():
		w.unknown(codeRedirectWrong, subject, "at its end: "+v.Kind.String())
		return
	default: // no such host, nothing listens, a bad certificate, a loop
		d.Evidence = append(movesOf(v.Hops, r), showURL(v.Final)+": "+v.Kind.String())
	}
	w.find(codeRedirectWrong, subject, d)
}

// strayed tells what became of a visit that did not arrive.
func (w *webLook) strayed(v webprobe.Visit, r *Redirect, subject string) {
	if arrival(v, r.To, false) >= 0 {
		w.find(codeRedirectQuery, subject, detail{
			Detail:   "Campaign links, invitations and searches that people saved no longer work.",
			Evidence: movesOf(v.Hops, r),
			Fix:      "pass the query on, in nginx for instance: return 301 https://…$is_args$args",
		})
		return
	}
	if v.Status() >= 500 || turnedAway(v) {
		w.unknown(codeRedirectWrong, subject, fmt.Sprintf("the server answers with status %d", v.Status()))
		return
	}
	if !v.Kind.Known() {
		w.unknown(codeRedirectWrong, subject, v.Kind.String())
		return
	}
	d := detail{
		Detail:   "Links and bookmarks to the old address end elsewhere.",
		Evidence: movesOf(v.Hops, r),
		Fix:      "redirect " + showDeclared(r.From) + " to " + showDeclared(r.To) + " with status 301 or 308",
	}
	if v.Kind != webprobe.OK {
		d.Evidence = append(d.Evidence, showURL(v.Final)+": "+v.Kind.String())
	}
	w.find(codeRedirectWrong, subject, d)
}

// arrival returns how many hops come before the visit is at an address, -1
// where it never is. The first address does not count: it is the old one.
func arrival(v webprobe.Visit, to string, query bool) int {
	for i, hop := range v.Hops {
		if hop.Location != "" && sameURL(hop.Location, to, query) {
			return i + 1
		}
	}
	return -1
}

// sameURL compares addresses as a server sees them: the query as the values
// that it has, in whatever order.
func sameURL(a, b string, query bool) bool {
	x, y := parseURL(a), parseURL(b)
	if x == nil || y == nil || x.Scheme != y.Scheme || hostOf(a) != hostOf(b) || portOf(x) != portOf(y) || pathOf(x) != pathOf(y) {
		return false
	}
	return !query || maps.EqualFunc(x.Query(), y.Query(), slices.Equal)
}

func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// showDeclared shows an address that stands in the declaration, with its
// query and without a user.
func showDeclared(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(not a URL)"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u.String()
}

// movesOf shows the hops from a declared address. The query of what a server
// answers is its own: of that it only says what became of the declared one.
func movesOf(hops []webprobe.Hop, r *Redirect) []string {
	return each(hops[:min(len(hops), 4)], func(hop webprobe.Hop) string {
		from := showURL(hop.URL)
		if sameURL(hop.URL, r.From, true) {
			from = showDeclared(r.From)
		}
		if hop.Location == "" {
			return fmt.Sprintf("%s: %d", from, hop.Status)
		}
		u := parseURL(hop.Location)
		if u == nil {
			return fmt.Sprintf("%s: %d to (not a URL)", from, hop.Status)
		}
		fate := queryFate(u.Query(), r)
		u.RawQuery, u.ForceQuery = "", false
		return fmt.Sprintf("%s: %d to %s%s", from, hop.Status, showURL(u.String()), fate)
	})
}

// queryFate says what became of the declared query.
func queryFate(seen url.Values, r *Redirect) string {
	var from, to url.Values
	if u := parseURL(r.From); u != nil {
		from = u.Query()
	}
	if u := parseURL(r.To); u != nil {
		to = u.Query()
	}
	same := func(declared url.Values) bool { return maps.EqualFunc(seen, declared, slices.Equal) }
	switch {
	case len(from) == 0 && len(to) == 0 && len(seen) == 0:
		return ""
	case len(from) == 0 && len(to) == 0:
		return " (a query is added)"
	case same(to) && len(to) > 0 || same(from) && len(from) > 0:
		return " (the query is kept)"
	case len(seen) == 0:
		return " (the query is lost)"
	default:
		return " (the query is changed)"
	}
}
