package mailrecord

import (
	"context"
	"net/netip"
	"strings"
	"sync"
)

// The bounds of a walk. They lie far above the ten lookups that receivers
// grant, so that the count told is the true one for any record that could be
// put right.
const (
	mostRecords = 64
	mostHosts   = 64
	mostMX      = 10
)

// SPFResult is what [WalkSPF] found out.
type SPFResult struct {
	// Domain is the domain asked for.
	Domain string
	// Record is its SPF record; it has no Text where the domain has none or
	// several, or where that is unknown.
	Record SPF
	// Lookups is how many lookups an evaluation needs at most; Voids names
	// those among them that find nothing. Both are lower bounds where Unknown
	// or Macros is not empty, or Cut is set.
	Lookups int
	Voids   []string
	// Cut says that the walk ended at its bound of 64 records or hosts.
	Cut bool
	// Unknown names what could not be looked up.
	Unknown []string
	// Macros are the terms that depend on a message and were not followed,
	// 64 at most.
	Macros []string
	// Includes are the names reached through include and redirect that may
	// pass mail, in the order of the evaluation. Ignored are those that stand
	// after all, where no receiver gets.
	Includes, Ignored []string
	// Networks are those whose mail passes: of ip4 and ip6, and the addresses
	// of a and mx.
	Networks []netip.Prefix
	// Problems are those of the record and of all that it leads to.
	Problems []Problem

	// hidden says that a term that was not followed could lead anywhere.
	hidden bool
}

// node is one name with its record.
type node struct {
	name   string
	status Status
	txts   [][]string
	found  [][]string
	record SPF
	near   []Problem // of FindSPF
	faults []Problem // of ParseSPF
	lint   lint      // bounds what the walk adds

	state    uint8 // of the count: 0 new, 1 on the way, 2 done
	lookups  int
	voidsSum []string
}

// host is one name with its addresses, or with its mail servers.
type host struct {
	status Status
	addrs  []netip.Addr
	hosts  int
}

// spfWalk is one run of WalkSPF. Its maps are written by the walk alone; the
// goroutines fill what they point to.
type spfWalk struct {
	ctx     context.Context
	lookup  Lookup
	all     sync.WaitGroup // address questions, which nothing waits for but the end
	records map[string]*node
	hosts   map[string]*host // by name
	mx      map[string]*host // by name
	result  SPFResult
	seen    map[string]bool // of what is reported once
}

// WalkSPF reads the SPF record of a domain and all that it leads to. It asks
// level by level, each level at once, and returns when all is answered or ctx
// ends. What it could not look up is in Unknown, never in Problems.
func WalkSPF(ctx context.Context, domain string, lookup Lookup) SPFResult {
	w := &spfWalk{
		ctx: ctx, lookup: lookup, records: map[string]*node{}, hosts: map[string]*host{}, mx: map[string]*host{}, seen: map[string]bool{},
		result: SPFResult{Domain: normal(domain)},
	}
	w.fetch(w.result.Domain)
	w.evaluate()
	return w.result
}

// fetch asks for the record of a domain and for all that it leads to.
func (w *spfWalk) fetch(domain string) {
	w.records[domain] = &node{name: domain}
	for level := []*node{w.records[domain]}; len(level) > 0; {
		var asked sync.WaitGroup
		for _, n := range level {
			if nameFault(n.name) != "" {
				n.status = NoName // no question can be put for it
				continue
			}
			asked.Go(func() { n.txts, n.status = w.lookup.TXT(w.ctx, n.name) })
		}
		asked.Wait()
		var next []*node
		for _, n := range level {
			next = append(next, w.read(n)...)
		}
		level = next
	}
	w.all.Wait()
}

// read parses the record of n, asks for its hosts, and returns the names to
// read next.
func (w *spfWalk) read(n *node) (next []*node) {
	n.found, n.near = FindSPF(n.txts)
	named(n.near, n.name)
	if len(n.found) != 1 {
		return nil
	}
	n.record, n.faults = ParseSPF(n.found[0]...)
	named(n.faults, n.name)
	for _, t := range n.record.Terms {
		name, ok := w.target(n, t)
		if !t.looksUp() || !ok {
			continue
		}
		switch t.Name {
		case "include", "redirect":
			switch {
			case w.records[name] != nil:
			case len(w.records) >= mostRecords:
				w.result.Cut = true
			default:
				w.records[name] = &node{name: name}
				next = append(next, w.records[name])
			}
		case "a", "exists":
			w.ask(w.hosts, name, w.addresses)
		case "mx":
			w.ask(w.mx, name, w.servers)
		}
	}
	return next
}

// target is the name that a term looks up, where that does not depend on a
// message.
func (w *spfWalk) target(n *node, t Term) (string, bool) {
	if t.Domain == "" {
		return n.name, true
	}
	return expand(t.Domain, n.name)
}

// ask starts a question once.
func (w *spfWalk) ask(asked map[string]*host, name string, question func(*host, string)) {
	switch {
	case asked[name] != nil:
	case len(w.hosts)+len(w.mx) >= mostHosts:
		w.result.Cut = true
	default:
		h := &host{}
		asked[name] = h
		w.all.Go(func() { question(h, name) })
	}
}

func (w *spfWalk) addresses(h *host, name string) {
	if nameFault(name) != "" {
		h.status = NoName // no question can be put for it
		return
	}
	h.addrs, h.status = w.lookup.Addresses(w.ctx, name)
}

// servers asks for the mail servers of a name and for their addresses, of
// which no receiver reads more than ten.
func (w *spfWalk) servers(h *host, name string) {
	if nameFault(name) != "" {
		h.status = NoName
		return
	}
	var names []string
	names, h.status = w.lookup.MX(w.ctx, name)
	h.hosts = len(names)
	found := make([][]netip.Addr, min(len(names), mostMX))
	var each sync.WaitGroup
	for i := range found {
		if mx := normal(names[i]); nameFault(mx) == "" {
			each.Go(func() { found[i], _ = w.lookup.Addresses(w.ctx, mx) })
		}
	}
	each.Wait()
	for _, addrs := range found {
		h.addrs = append(h.addrs, addrs...)
	}
}

// pathTo words a term for a sentence, with the record that it stands in where
// that is not the domain's own.
func (w *spfWalk) pathTo(n *node, t Term) string {
	if n.name == w.result.Domain {
		return Show(t.Text)
	}
	return Show(t.Text) + " (in the record of " + Show(n.name) + ")"
}

// once reports whether a key comes up for the first time.
func (w *spfWalk) once(keys ...string) bool {
	k := strings.Join(keys, " ")
	first := !w.seen[k]
	w.seen[k] = true
	return first
}
