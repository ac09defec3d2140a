package readiness

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/dnsq"
)

// judgeZone concludes from what is known of the zone and its name servers.
func (d *dnsLook) judgeZone(ctx context.Context) {
	z := &d.zone
	if len(z.servers) == 0 {
		d.judgeNoServers(ctx)
		return
	}
	d.judgeNumber()
	d.judgeParent()
	for _, s := range z.servers {
		d.judgeServer(s)
	}
	if d.first() == nil {
		d.judgeNoneServes()
		return
	}
	for _, s := range z.servers {
		switch {
		case s.lame():
			d.findLame(s, 0, "It is listed for "+z.name+" and does not know it: every resolver that asks it first waits, or fails.")
		case len(s.addrs) > 0 && !s.serves():
			d.unknown(codeLame, s.name, "asked itself: "+s.soa.Status.String())
		}
	}
	d.judgeAgreement(ctx)
}

// judgeNoneServes is for a zone none of whose name servers answers for it.
// Where the resolver finds the domain all the same, something between here and
// the servers answers in their place, or keeps the questions.
func (d *dnsLook) judgeNoneServes() {
	z := &d.zone
	if slices.ContainsFunc(z.servers, func(s *nameServer) bool { return !s.lame() }) || d.ofResolver.Known() {
		d.unknown(codeLame, z.name, "no name server answered for itself; the network may keep questions to others' port 53")
		return
	}
	for _, s := range z.servers {
		d.findLame(s, Blocker, "No name server that is listed for "+z.name+" knows it: nothing of the domain can be found.")
	}
}

func (d *dnsLook) findLame(s *nameServer, severity Severity, why string) {
	d.find(codeLame, s.name, detail{
		Severity: severity, Detail: why, Evidence: []string{"asked for " + d.zone.name + ": " + saidBy(s)},
		Fix: "load the zone " + d.zone.name + " on " + s.name + ", or take " + s.name + " off the list at the registrar and in the zone",
	})
}

// judgeNoServers says that the name servers are not known, where that is no
// consequence of something that is reported anyway.
func (d *dnsLook) judgeNoServers(ctx context.Context) {
	if a := d.ask(ctx, d.domain, dnsq.NS); a.Status != dnsq.NXDomain {
		why := "no name servers were seen"
		if !a.Status.Known() {
			why = "asked for the name servers: " + a.Status.String()
		}
		d.unknown(codeLame, d.domain, why)
	}
}

// saidBy says how a name server answered for its zone.
func saidBy(s *nameServer) string {
	if s.soa.Status.Known() && !s.soa.Authoritative {
		return "not its zone (no authoritative answer)"
	}
	return s.soa.Status.String()
}

// judgeNumber finds a zone that hangs on one machine.
func (d *dnsLook) judgeNumber() {
	z := &d.zone
	at := map[string]bool{}
	for _, s := range z.servers {
		for _, a := range s.addrs {
			at[a.String()] = true
		}
	}
	if len(z.servers) > 1 && len(at) != 1 {
		return
	}
	text := detail{
		Detail: "When it is away, the whole domain is: the site and the mail.", Evidence: []string{"name server: " + z.servers[0].name},
		Fix: "add a second name server, of another network, at the registrar and in the zone",
	}
	if len(z.servers) > 1 {
		text.Evidence = []string{fmt.Sprintf("%d name servers share the address %s", len(z.servers), slices.Sorted(maps.Keys(at))[0])}
	}
	d.find(codeSingleNS, z.name, text)
}

// judgeParent compares what the zone above says with what the zone says.
func (d *dnsLook) judgeParent() {
	z := &d.zone
	switch {
	case len(z.parent) == 0:
		d.unknown(codeNSMismatch, z.name, "the name servers of the zone above did not tell")
	case len(z.child) > 0 && !slices.Equal(z.parent, z.child):
		d.find(codeNSMismatch, z.name, detail{
			Detail:   "Some resolvers ask the one set and some the other: after a move, the old servers go on answering with old records.",
			Evidence: []string{"registry: " + strings.Join(z.parent, ", "), "zone: " + strings.Join(z.child, ", ")},
			Fix:      "list the same name servers at the registrar and in the NS records of " + z.name,
		})
	}
}

// judgeServer finds what is wrong with one name server's name.
func (d *dnsLook) judgeServer(s *nameServer) {
	fix := "list name servers of " + d.zone.name + " by names that have addresses of their own"
	if meant, ok := d.doubled(s.name, s.state == hostMissing); ok {
		d.find(codeDoubledName, s.name, detail{
			Severity: High, Detail: "The name server was entered without the dot at its end, and the domain was added to it.",
			Evidence: []string{d.zone.name + " NS " + s.name}, Fix: fmt.Sprintf("enter it as %q, with the dot at the end", meant+"."),
		})
		return
	}
	switch {
	case len(s.chain) > 0:
		d.find(codeNSCNAME, s.name, detail{
			Detail: "Resolvers need not follow an alias there, and many do not: to them the server is not there.", Evidence: []string{s.path()}, Fix: fix,
		})
	case s.state == hostMissing || s.state == hostEmpty:
		text := detail{Detail: "Nobody can ask it.", Evidence: []string{s.path()}, Fix: fix}
		if s.state == hostMissing && !within(s.name, d.zone.name) {
			text.Detail += " Where the name can be registered, whoever does so answers for the whole domain."
		}
		d.find(codeNSNoAddress, s.name, text)
	case s.state == hostUnknown:
		d.unknown(unknownCode(s.failed().Status), s.name, s.failed().Status.String())
	}
	if len(s.addrs) == 0 {
		return
	}
	inner := !slices.ContainsFunc(s.addrs, func(a netip.Addr) bool { r, _ := reachOf(a); return r == everyone || r == documentation })
	if inner && !d.site.allowPrivate {
		_, words := reachOf(s.addrs[0])
		d.find(codePrivateAddress, s.name, detail{
			Severity: High, Detail: "Resolvers cannot reach the name server.", Evidence: []string{s.addrs[0].String() + ": " + words}, Fix: fix,
		})
	}
}
