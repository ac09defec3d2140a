package readiness

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/readiness/internal/dnsq"
)

// dnsLook is one look at the names of a domain: what the servers said, from
// which the rules conclude.
type dnsLook struct {
	*look

	domain string
	hosts  []*dnsHost
	wild   *dnsHost // what a name that nobody made is answered with; nil: nothing
	zone   dnsZone
	// ofResolver is what became of the question for the name servers.
	ofResolver dnsq.Status

	mu    sync.Mutex
	bogus map[string][]string // hosts that only answer unverified, by their zone
}

// dnsHost is what is known of one host.
type dnsHost struct {
	name    string
	a, aaaa dnsq.Answer
	state   hostState
	chain   []string     // the aliases, in order
	addrs   []netip.Addr // sorted
}

// hostState is what became of a host.
type hostState int

const (
	hostUnknown hostState = iota
	hostFound             // it has an address
	hostMissing           // it does not exist (NXDOMAIN)
	hostEmpty             // it exists without an address (NODATA)
)

// checkDNS looks at the hosts, their zone and its name servers.
func (l *look) checkDNS(ctx context.Context) {
	domain := l.site.domain
	if domain == "" {
		return
	}
	d := &dnsLook{look: l, domain: domain, hosts: make([]*dnsHost, len(l.site.hosts)), bogus: map[string][]string{}}
	var all sync.WaitGroup
	for i, name := range l.site.hosts {
		d.hosts[i] = &dnsHost{name: name}
		l.start(&all, name, func() {
			d.lookUp(ctx, d.hosts[i])
			d.fillMap(d.hosts[i])
		})
	}
	// Nobody has made a name that is drawn by lot.
	wild := &dnsHost{name: strings.ToLower(rand.Text()) + "." + domain}
	l.start(&all, domain, func() { d.lookUp(ctx, wild) })
	l.start(&all, domain, func() { d.lookUpZone(ctx) })
	all.Wait()
	if wild.state == hostFound || len(wild.chain) > 0 {
		d.wild = wild
	}

	var judges sync.WaitGroup
	for _, h := range d.hosts {
		l.start(&judges, h.name, func() { d.judgeHost(ctx, h) })
	}
	l.start(&judges, domain, func() { d.judgeZone(ctx) })
	judges.Wait()
	d.judgeWildcard()
	d.judgeSignatures(ctx)
}

// lookUp asks for the addresses of a host.
func (d *dnsLook) lookUp(ctx context.Context, h *dnsHost) {
	d.askBoth(ctx, h)
	if n := len(h.chain); h.state == hostEmpty && n > 0 && !h.loops() {
		// A server that follows no alias out of its own zone says no more than
		// the alias.
		end := &dnsHost{name: h.chain[n-1]}
		d.askBoth(ctx, end)
		h.state, h.addrs = end.state, end.addrs
		h.chain = append(h.chain, end.chain...)
	}
}

func (d *dnsLook) askBoth(ctx context.Context, h *dnsHost) {
	var both sync.WaitGroup
	both.Go(func() { h.a = d.ask(ctx, h.name, dnsq.A) })
	h.aaaa = d.ask(ctx, h.name, dnsq.AAAA)
	both.Wait()
	h.conclude()
}

// loops reports whether the aliases of h lead back to where they were.
func (h *dnsHost) loops() bool {
	for i, name := range h.chain {
		if name == h.name || slices.Contains(h.chain[:i], name) {
			return true
		}
	}
	return false
}

// conclude works out the rest of h from its two answers.
func (h *dnsHost) conclude() {
	h.chain = h.a.Chain()
	if more := h.aaaa.Chain(); len(more) > len(h.chain) {
		h.chain = more
	}
	for _, a := range []dnsq.Answer{h.a, h.aaaa} {
		for _, r := range a.Of() {
			if !slices.Contains(h.addrs, r.Addr) {
				h.addrs = append(h.addrs, r.Addr)
			}
		}
	}
	slices.SortFunc(h.addrs, netip.Addr.Compare)
	switch a, aaaa := h.a.Status, h.aaaa.Status; {
	case len(h.addrs) > 0:
		h.state = hostFound
	case a == dnsq.NXDomain || aaaa == dnsq.NXDomain:
		h.state = hostMissing // whatever the type (RFC 8020)
	case !a.Known() || !aaaa.Known():
		h.state = hostUnknown
	default:
		h.state = hostEmpty
	}
}

// failed returns the answer that says why h is unknown.
func (h *dnsHost) failed() dnsq.Answer {
	if !h.a.Status.Known() {
		return h.a
	}
	return h.aaaa
}

// ttl returns the shortest time to live, in seconds, of the records on the
// way to the addresses.
func (h *dnsHost) ttl() (shortest uint32) {
	for _, a := range []dnsq.Answer{h.a, h.aaaa} {
		for _, r := range a.Records {
			if shortest == 0 || r.TTL < shortest {
				shortest = r.TTL
			}
		}
	}
	return shortest
}

// late reports whether nobody answered for h in time: further questions would
// take as long.
func (h *dnsHost) late() bool {
	a := h.failed().Status
	return h.state == hostUnknown && (a == dnsq.Timeout || a == dnsq.Unknown)
}

// foreign returns the first alias that leads out of the domain; "" for none.
func (h *dnsHost) foreign(domain string) string {
	for _, name := range h.chain {
		if !within(name, domain) {
			return name
		}
	}
	return ""
}

// within reports whether name is domain or below it.
func within(name, domain string) bool {
	return name == domain || domain == "" || strings.HasSuffix(name, "."+domain)
}

// path writes a host's way: "www -> edge.example -> 192.0.2.1".
func (h *dnsHost) path() string {
	steps := append([]string{h.name}, h.chain...)
	switch h.state {
	case hostFound:
		steps = append(steps, addresses(h.addrs))
	case hostMissing:
		steps = append(steps, "no such name")
	case hostEmpty:
		steps = append(steps, "no address")
	default:
		steps = append(steps, "?")
	}
	return strings.Join(steps, " -> ")
}

// addresses writes at most four of them.
func addresses(addrs []netip.Addr) string {
	const most = 4
	words := make([]string, 0, most+1)
	for i, a := range addrs {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(addrs)-most))
			break
		}
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}
