package readiness

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/dnsq"
)

// dnsZone is what is known of the zone that the domain lies in.
type dnsZone struct {
	name    string // "": not known
	child   []string
	parent  []string // the name servers that the zone above gives, sorted
	servers []*nameServer
}

// nameServer is one name server of the zone.
type nameServer struct {
	dnsHost

	soa    dnsq.Answer // what it says itself; only with an address
	server string      // where it was asked, as HOST:PORT; "": it may not be
}

// maxServers bounds how many name servers are asked; more than 13 do not even
// fit into one answer.
const maxServers = 13

// serves reports whether the server answers for the zone.
func (s *nameServer) serves() bool {
	return s.soa.Status == dnsq.Data && s.soa.Authoritative && len(s.soa.Of()) > 0
}

// lame reports whether the server answers that it does not serve the zone.
// One that says nothing is another matter: that may be this moment's.
func (s *nameServer) lame() bool {
	switch s.soa.Status {
	case dnsq.Data, dnsq.NoData, dnsq.NXDomain:
		return !s.serves()
	case dnsq.Refused, dnsq.ServFail:
		return true
	default:
		return false
	}
}

// lookUpZone finds the zone of the domain, and asks each of its name servers.
func (d *dnsLook) lookUpZone(ctx context.Context) {
	z := &d.zone
	own := d.ask(ctx, d.domain, dnsq.NS)
	d.ofResolver = own.Status
	if own.Status == dnsq.ServFail { // with broken signatures there is more to see
		own = d.askWith(ctx, d.domain, dnsq.NS, dnsq.Options{CheckingDisabled: true})
	}
	z.name = d.zoneOf(ctx, own)
	if z.name == "" {
		return
	}
	if z.name != d.domain {
		own = d.ask(ctx, z.name, dnsq.NS)
	}
	z.child = nsOf(own.Records, z.name)
	d.lookUpParent(ctx)
	if len(z.child)+len(z.parent) == 0 {
		return
	}
	names := slices.Concat(z.child, z.parent)
	slices.Sort(names)
	names = slices.Compact(names)
	var all sync.WaitGroup
	for _, name := range names[:min(len(names), maxServers)] {
		s := &nameServer{dnsHost: dnsHost{name: name}}
		z.servers = append(z.servers, s)
		d.start(&all, name, func() { d.lookUpServer(ctx, s) })
	}
	all.Wait()
	// What a server of the zone says itself stands above what a resolver kept.
	if s := d.first(); s != nil {
		if direct := nsOf(d.direct(ctx, s, z.name, dnsq.NS).Records, z.name); len(direct) > 0 {
			z.child = direct
		}
	}
	d.saw(seeDNS, "name servers "+strings.Join(firstSet(z.parent, z.child), ", "))
}

// firstSet returns the first of the two that holds anything.
func firstSet(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}

// zoneOf returns the zone that the domain lies in, going by the answer to the
// question for its name servers.
func (d *dnsLook) zoneOf(ctx context.Context, own dnsq.Answer) string {
	registrable, err := publicsuffix.EffectiveTLDPlusOne(d.domain)
	if err != nil {
		registrable = d.domain
	}
	if owns(own, d.domain, dnsq.NS) || !own.Status.Known() {
		return d.domain // where there is no answer, the zone above may tell
	}
	if owns(own, d.domain, dnsq.CNAME) {
		// The answer is about the alias's target: the names above tell.
		for name := d.domain; name != registrable; {
			_, name, _ = strings.Cut(name, ".")
			if owns(d.ask(ctx, name, dnsq.NS), name, dnsq.NS) {
				return name
			}
		}
		return registrable
	}
	for _, r := range own.Authority {
		// A registry's zone is nobody's to judge.
		if own.Status == dnsq.NoData && r.Type == dnsq.SOA && within(d.domain, r.Name) && within(r.Name, registrable) {
			return r.Name
		}
	}
	return ""
}

// nsOf returns the targets of the NS records of a zone, sorted.
func nsOf(records []dnsq.Record, zone string) []string {
	var out []string
	for _, r := range records {
		if r.Type == dnsq.NS && r.Name == zone {
			out = append(out, r.Target)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lookUpParent asks the zone above for the name servers that it gives.
func (d *dnsLook) lookUpParent(ctx context.Context) {
	z := &d.zone
	var servers []string
	for above := z.name; len(servers) == 0; {
		_, rest, more := strings.Cut(above, ".")
		if !more {
			return // every top-level domain has name servers: there was no answer
		}
		above = rest
		a := d.ask(ctx, above, dnsq.NS)
		if servers = nsOf(a.Records, above); len(servers) == 0 && !a.Status.Known() {
			return
		}
	}
	const most = 3
	said := make([][]string, min(len(servers), most))
	var all sync.WaitGroup
	for i, name := range servers[:len(said)] {
		d.start(&all, name, func() {
			h := &dnsHost{name: name}
			d.askBoth(ctx, h)
			if len(h.addrs) > 0 {
				a := d.askServer(ctx, name, h.addrs[0], z.name, dnsq.NS)
				said[i] = firstSet(nsOf(a.Authority, z.name), nsOf(a.Records, z.name))
			}
		})
	}
	all.Wait()
	for _, set := range said {
		z.parent = firstSet(z.parent, set)
	}
}

// lookUpServer asks for the addresses of a name server, and it for the zone.
func (d *dnsLook) lookUpServer(ctx context.Context, s *nameServer) {
	d.askBoth(ctx, &s.dnsHost)
	if s.state == hostUnknown && s.failed().Status == dnsq.ServFail && within(s.name, d.zone.name) {
		d.askUnverified(ctx, &s.dnsHost)
	}
	if len(s.addrs) == 0 {
		return
	}
	// IPv4 addresses come first: not every machine has IPv6.
	server, ok := d.server(s.name, s.addrs[0])
	if !ok {
		s.soa.Status = dnsq.Failed
		return
	}
	s.server = server
	s.soa = d.direct(ctx, s, d.zone.name, dnsq.SOA)
}

// askUnverified asks again for the addresses of a name server inside the zone:
// where the zone's signatures are broken, the names in it are as well. That is
// noted, and the server can be asked all the same.
func (d *dnsLook) askUnverified(ctx context.Context, h *dnsHost) {
	o := dnsq.Options{CheckingDisabled: true}
	again := &dnsHost{name: h.name, a: d.askWith(ctx, h.name, dnsq.A, o), aaaa: d.askWith(ctx, h.name, dnsq.AAAA, o)}
	again.conclude()
	if again.state == hostUnknown {
		return
	}
	*h = *again
	d.noteBogus(ctx, h, again.a)
}

// direct asks a name server for what it knows itself.
func (d *dnsLook) direct(ctx context.Context, s *nameServer, name string, t dnsq.Type) dnsq.Answer {
	return d.dns.AskServer(ctx, s.server, name, t, dnsq.Options{Direct: true})
}

// first returns a name server that serves the zone; nil where none is known.
func (d *dnsLook) first() *nameServer {
	for _, s := range d.zone.servers {
		if s.serves() {
			return s
		}
	}
	return nil
}

// askZone asks a name server of the zone, or the resolver where none of them
// answers for the name.
func (d *dnsLook) askZone(ctx context.Context, name string, t dnsq.Type) dnsq.Answer {
	if s := d.first(); s != nil && within(name, d.zone.name) {
		if a := d.direct(ctx, s, name, t); a.Status.Known() && a.Authoritative {
			return a
		}
	}
	return d.ask(ctx, name, t)
}

// fillMap writes what is known of a host into the launch map.
func (d *dnsLook) fillMap(h *dnsHost) {
	chain, addrs := slices.Clone(h.chain), slices.Clone(h.addrs)
	ttl := h.ttl()
	p, _ := behind(chain, addrs)
	proxied := slices.ContainsFunc(addrs, d.site.inCloudflare)
	if proxied {
		p.name = cmp.Or(p.name, "Cloudflare")
	}
	d.mapHost(h.name, func(m *HostMap) {
		m.Chain, m.Addresses, m.Provider, m.Proxied, m.TTL = chain, addrs, p.name, proxied, time.Duration(ttl)*time.Second
	})
}
