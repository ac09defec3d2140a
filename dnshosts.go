package readiness

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/dnsq"
)

// weight is how much it matters that a host does not work: the launch stands
// still without those declared, the private ones too; www is missed by some
// visitors where the apex is the address in use, whether it is declared or not.
func (d *dnsLook) weight(name string) Severity {
	if name == "www."+d.domain && d.site.canonical != name {
		return High
	}
	return Blocker
}

// judgeHost concludes from what is known of one host.
func (d *dnsLook) judgeHost(ctx context.Context, h *dnsHost) {
	if d.orphan(h) {
		return // the finding for the domain says it
	}
	switch {
	case d.judgeAliases(h):
	case h.loops():
		d.find(codeCNAMELoop, h.name, detail{
			Severity: d.weight(h.name), Detail: "No server can follow it: the host has no address.", Evidence: []string{h.path()},
			Fix: "point the alias of " + h.name + " at the name of the server, or give it an A record in its place",
		})
	case h.state == hostFound:
		d.judgeAddresses(h)
		d.judgeParking(h)
		d.judgeCloudflare(ctx, h)
		d.judgeUnclaimed(ctx, h)
	case h.state == hostUnknown:
		d.judgeFailure(ctx, h)
	case h.state == hostMissing && len(h.chain) > 0:
		d.judgeDangling(ctx, h)
	default:
		d.judgeAbsent(ctx, h)
	}
	d.judgeBeside(ctx, h)
	d.judgeTTL(ctx, h)
	if h.state == hostFound {
		if a := h.failed(); !a.Status.Known() {
			d.unknown(unknownCode(a.Status), h.name, a.Status.String()+" to the question for its "+family6(a.Type)+" addresses")
		}
	}
}

func family6(t dnsq.Type) string {
	if t == dnsq.AAAA {
		return "IPv6"
	}
	return "IPv4"
}

// orphan reports whether h is missing for no other reason than that the whole
// domain does not exist (RFC 8020).
func (d *dnsLook) orphan(h *dnsHost) bool {
	apex := d.hosts[0]
	return h != apex && h.state == hostMissing && len(h.chain) == 0 &&
		apex.name == d.domain && apex.state == hostMissing && len(apex.chain) == 0 && within(h.name, d.domain)
}

// judgeAbsent is for a host that does not exist, or has no address.
func (d *dnsLook) judgeAbsent(ctx context.Context, h *dnsHost) {
	if d.judgeDoubledOwner(ctx, h) {
		return
	}
	text := detail{Severity: d.weight(h.name), Evidence: []string{h.path()}, Fix: h.name + ". 300 IN A <address of the server>"}
	code := codeNoSuchName
	switch {
	case h.state == hostEmpty && len(h.chain) > 0:
		code = codeNoAddress
		text.Detail = "The alias leads to a name that exists and has no address."
		text.Fix = "connect " + h.name + " at the provider behind the alias, or point the alias at the name that the provider shows"
	case h.state == hostEmpty:
		code = codeNoAddress
		text.Detail = "The name exists, with other records or names below it, but has neither an A nor an AAAA record."
	case h.name == d.domain:
		text.Detail = "The domain itself is not there, and so is nothing below it: it is not registered, has lapsed, or is on hold at its registrar."
		text.Fix = "register or renew " + d.domain + ", and enter its name servers at the registrar"
	case d.wild == nil:
		text.Detail = "Visitors and other services get \"host not found\"."
	}
	d.find(code, h.name, text)
}

// judgeAddresses finds addresses that visitors cannot reach.
func (d *dnsLook) judgeAddresses(h *dnsHost) {
	var inner, bogus []string
	for _, addr := range h.addrs {
		switch r, words := reachOf(addr); {
		case r == everyone, r == documentation && isExample(d.domain):
		case (r == inside || r == oneself) && d.site.allowPrivate:
		case r == inside || r == oneself:
			inner = append(inner, addr.String()+": "+words)
		default:
			bogus = append(bogus, addr.String()+": "+words)
		}
	}
	fix := "give " + h.name + " the public address of its server, and delete the records shown"
	if len(inner) > 0 {
		text := detail{Detail: "The address works inside one network only; everybody else gets no connection.", Evidence: inner, Fix: fix}
		if slices.Contains(d.site.private, h.name) && !slices.ContainsFunc(h.addrs, netip.Addr.IsLoopback) {
			text.Severity = Medium
			text.Detail = "Only who is in that network, by VPN say, reaches the host, and everybody learns its inner address. That may be meant."
		}
		d.find(codePrivateAddress, h.name, text)
	}
	if len(bogus) > 0 {
		d.find(codeBogonAddress, h.name, detail{Detail: "No server of the Internet can have this address.", Evidence: bogus, Fix: fix})
	}
}

const dayTTL = 24 * 60 * 60

// judgeTTL finds records of the host's own that cannot be changed within a
// day. A resolver counts down what it keeps, so a name server is asked.
func (d *dnsLook) judgeTTL(ctx context.Context, h *dnsHost) {
	var ttl uint32
	for _, a := range []dnsq.Answer{h.a, h.aaaa} {
		if !owns(a, h.name, a.Type) && !owns(a, h.name, dnsq.CNAME) || !within(h.name, d.domain) {
			continue
		}
		for _, r := range d.askZone(ctx, h.name, a.Type).Records {
			if r.Name == h.name {
				ttl = max(ttl, r.TTL)
			}
		}
	}
	if ttl > 0 {
		d.mapHost(h.name, func(m *HostMap) { m.TTL = time.Duration(ttl) * time.Second })
	}
	if ttl > dayTTL {
		d.find(codeLongTTL, h.name, detail{
			Detail:   "A change at the launch, or back, reaches visitors only after that long.",
			Evidence: []string{fmt.Sprintf("%d seconds", ttl)},
			Fix:      "set the TTL of " + h.name + " to 300 before the launch, and to 3600 after it",
		})
	}
}

// judgeParking finds hosts that end at a page of advertisements.
func (d *dnsLook) judgeParking(h *dnsHost) {
	if p, ok := behind(h.chain, h.addrs); ok && p.parking {
		d.find(codeParked, h.name, detail{
			Severity: d.weight(h.name), Detail: "Visitors get the page of " + p.name + ", not the service.", Evidence: []string{h.path()},
			Fix: "delete the parking records of " + h.name + " at the registrar, and point it at the server",
		})
	}
}

// judgeDoubledOwner finds the record of a missing host under its name with the
// domain twice: somebody typed the full name where the panel adds the domain.
func (d *dnsLook) judgeDoubledOwner(ctx context.Context, h *dnsHost) bool {
	if d.wild != nil || !within(h.name, d.domain) {
		return false
	}
	twice := h.name + "." + d.domain
	a := d.ask(ctx, twice, dnsq.A)
	if a.Status != dnsq.Data && len(a.Chain()) == 0 {
		return false
	}
	label := strings.TrimSuffix(strings.TrimSuffix(h.name, d.domain), ".")
	if label == "" {
		label = "@"
	}
	d.find(codeDoubledName, h.name, detail{
		Severity: d.weight(h.name), Detail: "The record of the host lies under another name: the full name was entered where the domain is added by itself.",
		Evidence: []string{"there is " + twice}, Fix: fmt.Sprintf("enter the record under %q, or under %q with the dot at the end", label, h.name+"."),
	})
	return true
}

// judgeWildcard finds hosts that answer only because every name does. Where
// the wildcard leads where the apex leads too, that may be meant.
func (d *dnsLook) judgeWildcard() {
	if d.wild == nil {
		return
	}
	apex := d.hosts[0]
	asApex := slices.Equal(apex.addrs, d.wild.addrs) || slices.Contains(d.wild.chain, d.domain)
	way := strings.Replace(d.wild.path(), d.wild.name, "*."+d.domain, 1)
	var likely []string
	for _, h := range d.hosts {
		switch {
		case h == apex || !within(h.name, d.domain) || slices.Contains(d.site.implied, h.name) || h.state != hostFound || !sameAnswer(h, d.wild):
		case asApex:
			likely = append(likely, h.name)
		default:
			d.find(codeWildcard, h.name, detail{
				Detail:   "A name that nobody made gets the same answer: the host has no record of its own, and what stands behind the wildcard answers in its place.",
				Evidence: []string{way}, Fix: "give " + h.name + " a record of its own, or delete the wildcard record *." + d.domain,
			})
		}
	}
	if len(likely) > 0 {
		d.find(codeWildcard, "*."+d.domain, detail{
			Severity: Medium,
			Detail:   "Every name answers as the domain itself does, those that nobody made too, so that it cannot be seen whether these hosts have records of their own. That may be meant.",
			Evidence: []string{way, "the same answer: " + strings.Join(likely, ", ")}, Fix: "give each host a record of its own, and delete *." + d.domain + " unless customers get names below " + d.domain,
		})
	}
}

// sameAnswer reports whether two hosts lead the same way.
func sameAnswer(a, b *dnsHost) bool {
	return slices.Equal(a.chain, b.chain) && slices.Equal(a.addrs, b.addrs)
}
