package mailrecord

import (
	"fmt"
	"net/netip"
	"strings"
)

// mostCounted is where a count stops: includes of includes double it at each
// level.
const mostCounted = 1000

// evaluate goes through the records as a receiver would that finds no match,
// so that every term counts.
func (w *spfWalk) evaluate() {
	r := &w.result
	own := w.records[r.Domain]
	if own.status == Unknown {
		r.Unknown = append(r.Unknown, r.Domain)
		return
	}
	r.Problems = append(r.Problems, own.near...)
	if len(own.found) == 0 {
		if len(own.near) == 0 || own.near[0].Code == "spf.sender-id" {
			w.add(own, Term{}, fault{code: "spf.missing", detail: "receivers cannot tell mail of this domain from forged mail", fix: "publish a TXT record such as v=spf1 include:YOUR-PROVIDER ~all"})
		}
		return
	}
	if len(own.found) > 1 {
		return // spf.multiple is among the problems of FindSPF
	}
	r.Record = own.record
	r.Lookups, r.Voids = w.count(own, true)
	if len(r.Voids) > mostVoids {
		w.add(own, Term{}, fault{code: "spf.voids", detail: fmt.Sprintf("%d lookups find nothing, and many receivers give up after %d: %s", len(r.Voids), mostVoids, list(r.Voids)), fix: "remove the terms whose names are gone"})
	}
	fix := "remove what no longer sends; give a sender a subdomain of its own"
	switch n := r.Lookups; {
	case n >= mostCounted:
		w.add(own, Term{}, fault{code: "spf.lookups", detail: fmt.Sprintf("it needs %d lookups or more", mostCounted), fix: fix})
	case n > mostLookups:
		w.add(own, Term{}, fault{code: "spf.lookups", detail: fmt.Sprintf("it needs %d, and receivers answer with an error after %d", n, mostLookups), fix: fix})
	case n >= mostLookups-1:
		w.add(own, Term{}, fault{code: "spf.lookups-near", detail: fmt.Sprintf("it needs %d of %d; a provider that adds one breaks it", n, mostLookups), fix: fix})
	}
	w.reach(own)
}

const (
	mostLookups = 10
	mostVoids   = 2
)

// add reports a problem of the record of n, in the order of the evaluation
// over all records.
func (w *spfWalk) add(n *node, t Term, f fault) {
	n.lint.name, n.lint.out = n.name, nil
	n.lint.add(f, t.At, t.Text)
	w.result.Problems = append(w.result.Problems, n.lint.out...)
}

// count returns the lookups and voids of the record of n, and reports what is
// wrong on the way. A record is read in full once, however often it is
// included. policy says that the record decides for the domain: it is its own,
// or the one that it redirects to; of an included record only errors matter.
func (w *spfWalk) count(n *node, policy bool) (lookups int, voids []string) {
	if n.state == 2 {
		return n.lookups, n.voidsSum
	}
	n.state = 1
	for _, p := range n.faults {
		if policy || p.Severity == Blocker && p.Code != "spf.plus-all" {
			w.result.Problems = append(w.result.Problems, p)
		}
	}
	for _, t := range n.record.Terms {
		if !t.looksUp() {
			continue
		}
		more, void := w.countTerm(n, t, policy)
		lookups = min(lookups+1+more, mostCounted)
		if len(voids) < mostCounted {
			voids = append(voids, void...)
		}
	}
	n.state, n.lookups, n.voidsSum = 2, lookups, voids
	return lookups, voids
}

// countTerm returns what a term costs beyond its own lookup.
func (w *spfWalk) countTerm(n *node, t Term, policy bool) (more int, voids []string) {
	if t.Name == "ptr" {
		return 0, nil // what it looks up depends on the sender's address
	}
	name, ok := w.target(n, t)
	if !ok {
		// In a provider's own record all but an include is about itself.
		w.result.hidden = w.result.hidden || n.name == w.result.Domain || t.Name == "include" || t.Name == "redirect"
		if len(w.result.Macros) < mostHosts {
			w.result.Macros = append(w.result.Macros, w.pathTo(n, t))
		}
		w.add(n, t, fault{code: "spf.macro", detail: "it cannot be evaluated without a message and was not followed"})
		return 0, nil
	}
	var h *host
	switch t.Name {
	case "include", "redirect":
		return w.countRecord(n, t, w.records[name], policy && t.Name == "redirect")
	case "mx":
		h = w.mx[name]
	default:
		h = w.hosts[name]
	}
	switch {
	case h == nil: // past the bound
	case h.status == Unknown:
		w.unknown(name)
	case h.status.void():
		return 0, []string{name}
	case h.hosts > mostMX:
		w.add(n, t, fault{code: "spf.mx-many", detail: fmt.Sprintf("%s has %d mail servers; receivers answer with an error after %d", Show(name), h.hosts, mostMX), fix: "list the addresses with ip4 and ip6"})
	}
	return 0, nil
}

// countRecord is countTerm for include and redirect.
func (w *spfWalk) countRecord(n *node, t Term, to *node, policy bool) (more int, voids []string) {
	switch {
	case to == nil: // past the bound
		return 0, nil
	case to.status == Unknown:
		w.unknown(to.name)
		return 0, nil
	case to.state == 1:
		w.add(n, t, fault{code: "spf.loop", detail: "it leads back to a record that leads here: every receiver answers with an error", fix: "remove it"})
		return 0, nil
	case len(to.found) > 1:
		if w.once("multiple", to.name) {
			w.add(to, Term{}, fault{code: "spf.multiple", detail: "it is reached through " + w.pathTo(n, t) + ", and two records there are an error for every receiver", fix: "its owner must merge them; until then remove the term"})
		}
		return 0, nil
	case len(to.found) == 0:
		f := fault{code: "spf." + t.Name + "-missing", detail: Show(to.name) + " has no SPF record: every receiver answers with an error", fix: "remove the term, or correct the name"}
		if to.status == NoName {
			f.detail = Show(to.name) + " does not exist: every receiver answers with an error"
		}
		if len(to.near) > 0 {
			f.detail = Show(to.name) + " has a text that is not read as SPF: " + to.near[0].Term
		}
		w.add(n, t, f)
		if to.status.void() {
			voids = []string{to.name}
		}
		return 0, voids
	}
	if t.Name == "include" {
		for _, in := range to.record.Terms {
			if in.anybody() {
				w.add(n, t, fault{code: "spf.include-all", detail: "the included record has " + Show(in.Text) + ", which matches every address on earth", fix: "remove the term, and ask the provider for its present record"})
				break
			}
		}
	}
	return w.count(to, policy)
}

func (w *spfWalk) unknown(name string) {
	if w.once("unknown", name) {
		w.result.Unknown = append(w.result.Unknown, name)
	}
}

// reach collects the names and networks whose mail passes.
func (w *spfWalk) reach(n *node) {
	r := &w.result
	for _, t := range n.record.Terms {
		name, ok := w.target(n, t)
		means := t.means()
		names := ok && (means == "include" || means == "redirect")
		switch {
		case names && t.Ignored:
			if n.name == r.Domain {
				r.Ignored = append(r.Ignored, name)
			}
		case t.Ignored || t.Qualifier != '+' && t.Qualifier != 0:
		case names:
			if name != r.Domain && w.once("reached", name) {
				r.Includes = append(r.Includes, name)
				if to := w.records[name]; to != nil {
					w.reach(to)
				}
			}
		case means == "ip4" || means == "ip6":
			w.network(t.Net)
		case ok && means == "a":
			w.hostNetworks(w.hosts[name], t)
		case ok && means == "mx":
			w.hostNetworks(w.mx[name], t)
		}
	}
}

func (w *spfWalk) hostNetworks(h *host, t Term) {
	if h == nil {
		return
	}
	for _, a := range h.addrs {
		bits := t.Bits6
		if a.Is4() {
			bits = t.Bits4
		}
		if p, err := a.Prefix(bits); err == nil {
			w.network(p)
		}
	}
}

func (w *spfWalk) network(p netip.Prefix) {
	if w.once("network", p.String()) {
		w.result.Networks = append(w.result.Networks, p)
	}
}

// list names the first few of many.
func list(names []string) string {
	const most = 5
	shown := make([]string, 0, most)
	for _, n := range names[:min(len(names), most)] {
		shown = append(shown, Show(n))
	}
	s := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
