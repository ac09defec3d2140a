package readiness

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/readiness/internal/dnsq"
)

// judgeAgreement finds name servers that tell different things: the old host
// after a move, or a secondary that gets no updates any more.
func (d *dnsLook) judgeAgreement(ctx context.Context) {
	var serving []*nameServer
	for _, s := range d.zone.servers {
		if s.serves() {
			serving = append(serving, s)
		}
	}
	if len(serving) < 2 {
		return
	}
	var mu sync.Mutex
	differ := false
	var all sync.WaitGroup
	for name, types := range d.compared() {
		d.start(&all, name, func() {
			var worst detail
			for _, t := range types {
				if found := d.disagree(ctx, serving, name, t); found.Severity > worst.Severity {
					worst = found
				}
			}
			if worst.Severity == 0 {
				return
			}
			mu.Lock()
			differ = true
			mu.Unlock()
			worst.Fix = "bring the zone up to date on every name server, or take the old ones off the list at the registrar"
			d.find(codeAnswersDiffer, name, worst)
		})
	}
	all.Wait()
	if differ {
		return
	}
	// Servers of two providers number their versions apart.
	versions := map[string][]string{} // by the primary, then what each server has
	serials := map[string]map[uint32]bool{}
	for _, s := range serving {
		soa := s.soa.Of()[0]
		versions[soa.Target] = append(versions[soa.Target], fmt.Sprintf("%s: %d", s.name, soa.Serial))
		if serials[soa.Target] == nil {
			serials[soa.Target] = map[uint32]bool{}
		}
		serials[soa.Target][soa.Serial] = true
	}
	for primary, seen := range serials {
		if len(seen) > 1 {
			d.find(codeSerial, d.zone.name, detail{
				Detail:   "A change is on its way, or one of them gets no updates and will answer with old records. The hosts looked at are the same so far.",
				Evidence: versions[primary], Fix: "look again in an hour; if they still differ, mend the zone transfer from " + primary,
			})
		}
	}
}

// compared returns what to compare: the addresses of the hosts in the zone,
// and the records for mail.
func (d *dnsLook) compared() map[string][]dnsq.Type {
	out := map[string][]dnsq.Type{}
	for _, h := range d.hosts {
		if within(h.name, d.zone.name) && !h.late() {
			out[h.name] = []dnsq.Type{dnsq.A, dnsq.AAAA}
		}
	}
	for _, m := range d.site.mail {
		if within(m.Domain, d.zone.name) {
			out[m.Domain] = append(out[m.Domain], dnsq.MX, dnsq.TXT)
		}
	}
	return out
}

// disagree returns what servers say where two differ, and nothing where they
// agree, or where a server differs from itself: then the answers are dealt out
// by turns on purpose.
func (d *dnsLook) disagree(ctx context.Context, servers []*nameServer, name string, t dnsq.Type) detail {
	said := make([]string, len(servers))
	var all sync.WaitGroup
	for i, s := range servers {
		d.start(&all, s.name, func() { said[i] = words(d.direct(ctx, s, name, t), name) })
	}
	all.Wait()
	first, other := -1, -1
	for i, w := range said {
		switch {
		case w == "":
		case first < 0:
			first = i
		case w != said[first] && other < 0:
			other = i
		}
	}
	if other < 0 {
		return detail{}
	}
	for _, i := range []int{first, other} {
		if !d.steady(ctx, servers[i], name, t, said[i]) {
			return detail{}
		}
	}
	found := detail{
		Severity: High, Detail: "Which one a visitor gets is left to chance.",
		Evidence: []string{servers[first].name + ": " + said[first], servers[other].name + ": " + said[other]},
	}
	// One version of the zone with other addresses may be a server's way to
	// send each visitor to the nearest machine, and looks the same as a server
	// that took the version without its records: medium, so that neither a
	// large site is held up nor the fault is passed over.
	a, b := servers[first].soa.Of()[0], servers[other].soa.Of()[0]
	_, errA := netip.ParseAddr(strings.Split(said[first], ", ")[0])
	_, errB := netip.ParseAddr(strings.Split(said[other], ", ")[0])
	if a.Target == b.Target && a.Serial == b.Serial && errA == nil && errB == nil {
		found.Severity = Medium
		found.Detail = "Both have the same version of the zone, so that it may be meant: addresses by place. Otherwise one of them is out of date, and which one a visitor gets is left to chance."
	}
	return found
}

// steady reports whether a server says the same again. The options have no
// bearing on the answer; they make it a new question.
func (d *dnsLook) steady(ctx context.Context, s *nameServer, name string, t dnsq.Type, said string) bool {
	for _, o := range []dnsq.Options{{Direct: true, CheckingDisabled: true}, {Direct: true, DNSSEC: true}, {Direct: true, DNSSEC: true, CheckingDisabled: true}} {
		if words(d.dns.AskServer(ctx, s.server, name, t, o), name) != said {
			return false
		}
	}
	return true
}

// words writes what an authoritative answer says of the very name; "" where it
// says nothing.
func words(a dnsq.Answer, name string) string {
	if !a.Status.Known() || !a.Authoritative {
		return ""
	}
	var out []string
	for _, r := range a.Records {
		switch {
		case r.Name != name:
		case r.Type == dnsq.CNAME:
			return "alias of " + r.Target
		case r.Type == a.Type && r.Addr.IsValid():
			out = append(out, r.Addr.String())
		case r.Type == a.Type && r.Type == dnsq.MX:
			out = append(out, fmt.Sprintf("%d %s", r.Pref, r.Target))
		case r.Type == a.Type && r.Type == dnsq.TXT:
			// The other texts are nobody's business here.
			if text := strings.Join(r.Text, ""); strings.HasPrefix(strings.ToLower(text), "v=spf1") {
				out = append(out, text)
			}
		}
	}
	if len(out) == 0 {
		if a.Status == dnsq.NXDomain {
			return "no such name"
		}
		return "no such record (" + typeWord(a.Type) + ")"
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func typeWord(t dnsq.Type) string {
	switch t {
	case dnsq.A:
		return "A"
	case dnsq.AAAA:
		return "AAAA"
	case dnsq.MX:
		return "MX"
	default:
		return "SPF"
	}
}

// judgeSignatures finds a zone whose signatures do not fit (RFC 4035): those
// whose resolver checks find nothing of it, the others everything.
func (d *dnsLook) judgeSignatures(ctx context.Context) {
	z := d.zone.name
	if z != "" && len(d.bogus) == 0 && d.ask(ctx, z, dnsq.DS).Status == dnsq.Data {
		s := d.first()
		if s != nil && d.ask(ctx, z, dnsq.DNSKEY).Status == dnsq.NoData && d.direct(ctx, s, z, dnsq.DNSKEY).Status == dnsq.NoData {
			d.find(codeDNSSEC, z, detail{
				Detail: "The registry says that the zone is signed (DS), and the zone has no key: every resolver that checks finds nothing.", Evidence: []string{"DS at the registry, no DNSKEY in the zone"},
				Fix: "delete the DS record at the registrar, or switch DNSSEC on at the DNS host and enter the DS record that it shows",
			})
		}
	}
	for zone, hosts := range d.bogus {
		slices.Sort(hosts)
		text := detail{
			Detail:   "Resolvers that check signatures refuse the answers as forged: about one visitor in three finds nothing. It happens when a zone moves and the DS record stays.",
			Evidence: []string{"SERVFAIL, but an answer without the check: " + strings.Join(slices.Compact(hosts), ", ")},
			Fix:      "delete the DS record of " + zone + " at the registrar, or replace it by the one that the DNS host shows",
		}
		if !within(zone, d.domain) && !slices.Contains(hosts, zone) {
			text.Fix = "tell whoever runs " + zone + ", or point the alias elsewhere"
		}
		d.find(codeDNSSEC, zone, text)
	}
}
