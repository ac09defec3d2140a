package readiness

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/webprobe"
)

// look is one run of Check: what the families ask with, and where they put
// what they find. It is safe for concurrent use.
type look struct {
	*Checker

	dns *dnsq.Resolver
	web *webprobe.Prober
	// slots are the places that dns and web share.
	slots chan struct{}

	mu       sync.Mutex
	closed   bool // the time is up: what comes now is too late
	found    []Finding
	unknowns []Finding
	hosts    map[string]*HostMap
	sights   map[string][]string // what the check saw, by the item of the handover
	asked    map[question]bool   // the questions put, and whether the answer is a fact
	facts    map[string]absence  // by name, what the answers say it lacks
}

// question is one that was put to the recursive servers.
type question struct {
	name string
	t    dnsq.Type
}

// detail is what a finding has beside what its code says.
type detail struct {
	Severity Severity // 0: that of the code
	Detail   string   // why it matters; one or two sentences
	Evidence []string // what was seen; each is cut and escaped by find
	Fix      string   // what to do, to be pasted where that is possible
}

// inFlight bounds the questions, requests and connections of a run at a time.
const inFlight = 16

func (c *Checker) newLook() *look {
	slots := make(chan struct{}, inFlight)
	l := &look{
		Checker: c, dns: dnsq.New(dnsq.Config{Servers: c.site.resolvers, Slots: slots, Dial: dialServer}),
		hosts: map[string]*HostMap{}, sights: map[string][]string{}, asked: map[question]bool{}, facts: map[string]absence{},
	}
	l.slots = slots
	l.web = webprobe.New(l.webConfig())
	return l
}

// webConfig says how everything of the run connects.
func (l *look) webConfig() webprobe.Config {
	return webprobe.Config{
		ConnectTo: l.site.connectTo, RootCAs: l.site.roots, AllowPrivate: l.site.allowPrivate, LookupHost: l.lookupHost, Slots: l.slots,
		UserAgent: "launchcheck (+https://github.com/launchready/readiness)",
	}
}

// dialServer connects to a name server. One that is named, such as localhost,
// is asked at its IPv4 address where it has one: over UDP nothing tells that
// nobody listens at the other.
func dialServer(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if host, _, err := net.SplitHostPort(address); err == nil {
		if _, err := netip.ParseAddr(host); err != nil {
			if conn, err := d.DialContext(ctx, network+"4", address); err == nil {
				return conn, nil
			}
		}
	}
	return d.DialContext(ctx, network, address)
}

// find adds a finding. Its title, reference and usual severity are those of
// the code's row. The same code, subject and evidence count once.
func (l *look) find(code, subject string, d detail) {
	row := l.codes[code]
	f := Finding{
		Code: code, Severity: d.Severity, Subject: subject, Title: row.Title, Detail: maskAddresses(d.Detail),
		Evidence: each(d.Evidence, func(s string) string { return shown(maskAddresses(s)) }), Ref: row.Ref, remote: true,
		Fix: maskAddresses(d.Fix, "mailto:NAME@", "mailto:dmarc@"), // templates, see suggestDMARC
	}
	if f.Severity == 0 {
		f.Severity = row.Severity
	}
	if f.Severity == 0 {
		f.Severity = Medium // a code without a row: a test finds it, no user should lose it
	}
	l.add(f)
}

// add adds a finding as it is.
func (l *look) add(f Finding) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	for _, o := range l.found {
		if o.Code == f.Code && o.Subject == f.Subject && strings.Join(o.Evidence, "\n") == strings.Join(f.Evidence, "\n") {
			return
		}
	}
	l.found = append(l.found, f)
}

// unknown says that something could not be looked at, and why in a few words:
// no answer in time, or a server that failed. It is never a risk.
func (l *look) unknown(code, subject, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	for _, o := range l.unknowns {
		if o.Code == code && o.Subject == subject {
			return
		}
	}
	l.unknowns = append(l.unknowns, l.unclear(code, subject, why))
}

// unclear words what could not be looked at.
func (c *Checker) unclear(code, subject, why string) Finding {
	return Finding{
		Code: code, Subject: subject, Title: "could not be looked at: " + why, Detail: "It says nothing about a risk, neither way.",
		Fix: "run the check again", Ref: c.codes[code].Ref,
	}
}

// ask puts a question to the recursive servers, once a run.
func (l *look) ask(ctx context.Context, name string, t dnsq.Type) dnsq.Answer {
	return l.askWith(ctx, name, t, dnsq.Options{})
}

// askWith asks with options. Every question must go through here or ask: the
// report counts how many answers are no facts.
func (l *look) askWith(ctx context.Context, name string, t dnsq.Type, o dnsq.Options) dnsq.Answer {
	a := l.dns.Ask(ctx, name, t, o)
	l.mu.Lock()
	defer l.mu.Unlock()
	q := question{a.Name, t}
	l.asked[q] = l.asked[q] || a.Status.Known()
	l.learn(a)
	return a
}

// askServer asks one name server, by its name (which may be empty) and
// address, for what it knows itself. ConnectTo may lead elsewhere. A private
// address is not asked unless that is allowed, and counts as failed.
func (l *look) askServer(ctx context.Context, host string, addr netip.Addr, name string, t dnsq.Type) dnsq.Answer {
	server, ok := l.server(host, addr)
	if !ok {
		return dnsq.Answer{Name: dnsq.Normal(name), Type: t, Status: dnsq.Failed}
	}
	return l.dns.AskServer(ctx, server, name, t, dnsq.Options{Direct: true})
}

// server returns where questions to a name server go, as HOST:PORT, and
// whether they may.
func (l *look) server(host string, addr netip.Addr) (string, bool) {
	addr = addr.Unmap()
	for _, c := range l.site.connectTo {
		names := c.Host == "" || strings.EqualFold(c.Host, host) || addr.IsValid() && c.Host == addr.String()
		if !names || c.Port != "" && c.Port != "53" {
			continue
		}
		to, port, named := webprobe.Redirected([]webprobe.ConnectTo{c}, c.Host, "53")
		if !named {
			to = addr.String()
		}
		return net.JoinHostPort(to, port), named || addr.IsValid() && (l.site.allowPrivate || !webprobe.IsPrivate(addr))
	}
	return net.JoinHostPort(addr.String(), "53"), addr.IsValid() && (l.site.allowPrivate || !webprobe.IsPrivate(addr))
}

// lookupHost returns the addresses of a host: none, and no error, where it
// has none for a fact; an error where that is not known.
func (l *look) lookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	var addrs []netip.Addr
	var four, six dnsq.Answer
	var wg sync.WaitGroup
	wg.Go(func() { four = l.ask(ctx, host, dnsq.A) })
	wg.Go(func() { six = l.ask(ctx, host, dnsq.AAAA) })
	wg.Wait()
	for _, r := range append(four.Of(), six.Of()...) {
		addrs = append(addrs, r.Addr)
	}
	if len(addrs) == 0 && !(four.Status.Known() && six.Status.Known()) {
		return nil, fmt.Errorf("%s: %v", host, max(four.Status, six.Status))
	}
	return addrs, nil
}

// mapHost lets fill write to the row of a host in the launch map, which is
// made where there is none yet. fill must not call l.
func (l *look) mapHost(name string, fill func(*HostMap)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	h := l.hosts[name]
	if h == nil {
		h = &HostMap{Name: name}
		l.hosts[name] = h
	}
	fill(h)
}

// saw notes for the handover what the check sees of an item: seeDNS, seeMail.
func (l *look) saw(item, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.sights[item] = append(l.sights[item], what)
	}
}

// start runs f in a goroutine of wg. One that panics ends there, and is
// reported as unknown: a check never takes the service down. Families start
// their goroutines with it.
func (l *look) start(wg *sync.WaitGroup, subject string, f func()) {
	wg.Go(func() {
		defer func() {
			if recover() != nil {
				l.unknown(codePanic, subject, "the check itself failed")
			}
		}()
		f()
	})
}
