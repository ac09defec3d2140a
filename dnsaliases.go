package readiness

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/dnsq"
)

// maxChain is how many aliases are no worry; resolvers give up at 8 to 16.
const maxChain = 8

// judgeAliases finds aliases that are wrong wherever they lead, and reports
// whether that is why the host does not work.
func (d *dnsLook) judgeAliases(h *dnsHost) (broken bool) {
	if !h.loops() && len(h.chain) > maxChain {
		d.find(codeCNAMEChain, h.name, detail{
			Detail: "Each step costs visitors time, and some resolvers give up on the way.", Evidence: []string{fmt.Sprintf("%d aliases", len(h.chain))},
			Fix: "point " + h.name + " straight at " + h.chain[len(h.chain)-1],
		})
	}
	for _, target := range h.chain {
		if whole, ok := d.doubled(target, h.state == hostMissing); ok {
			broken = h.state != hostFound
			d.find(codeDoubledName, h.name, detail{
				Detail:   "The target was entered without the dot at its end, and the domain was added to it.",
				Evidence: []string{h.name + " -> " + target}, Fix: fmt.Sprintf("enter the target as %q, with the dot at the end", whole+"."),
			})
		}
	}
	return broken
}

// doubled returns the name that was meant where a full name got the domain
// added: one that ends in the domain twice, or that is a provider's name
// below the domain, or, if it is missing, one that would do without.
func (d *dnsLook) doubled(target string, missing bool) (meant string, ok bool) {
	meant, below := strings.CutSuffix(target, "."+d.domain)
	if !below {
		return "", false
	}
	if _, foreign := named(meant); foreign || within(meant, d.domain) {
		return meant, true
	}
	_, icann := publicsuffix.PublicSuffix(meant)
	return meant, missing && icann && strings.Count(meant, ".") > 1
}

// judgeBeside finds an alias that shares its name with other records, or that
// stands at the top of the zone, where there are always others.
func (d *dnsLook) judgeBeside(ctx context.Context, h *dnsHost) {
	if !within(h.name, d.domain) || h.late() {
		return // another's zone, or nobody there
	}
	cname := d.askZone(ctx, h.name, dnsq.CNAME)
	if !owns(cname, h.name, dnsq.CNAME) {
		return
	}
	target := cname.Of()[0].Target
	var beside []string
	for _, t := range []struct {
		dnsq.Type

		word string
	}{{dnsq.A, "A"}, {dnsq.AAAA, "AAAA"}, {dnsq.MX, "MX"}, {dnsq.TXT, "TXT"}} {
		if owns(d.askZone(ctx, h.name, t.Type), h.name, t.Type) {
			beside = append(beside, t.word)
		}
	}
	apex := h.name == d.domain && d.zone.name == d.domain
	text := detail{Evidence: []string{h.name + " -> " + target}}
	if len(beside) > 0 {
		text.Evidence = append(text.Evidence, "beside it: "+strings.Join(beside, ", "))
	}
	switch {
	case apex:
		text.Detail = "It hides the name servers, the mail servers and every TXT record of the domain, or is hidden by them, from one resolver to the next."
		text.Fix = "put the provider's A record in place of the alias, or its ALIAS, ANAME or flattened form where the DNS host offers one"
		d.find(codeApexCNAME, h.name, text)
	case len(beside) > 0:
		text.Detail = "Resolvers that know the alias never ask for the other records, and the other way round: it works for some visitors only."
		text.Fix = "keep the alias or the other records of " + h.name + ", not both"
		d.find(codeCNAMEBeside, h.name, text)
	}
}

// owns reports whether the answer holds a record of this type at the very name.
func owns(a dnsq.Answer, name string, t dnsq.Type) bool {
	return slices.ContainsFunc(a.Records, func(r dnsq.Record) bool { return r.Name == name && r.Type == t })
}

// judgeFailure is for a host that the resolvers state no fact about.
func (d *dnsLook) judgeFailure(ctx context.Context, h *dnsHost) {
	a := h.failed()
	if a.Status != dnsq.ServFail {
		d.unknown(unknownCode(a.Status), h.name, a.Status.String())
		return
	}
	unverified := d.askWith(ctx, h.name, a.Type, dnsq.Options{CheckingDisabled: true})
	if unverified.Status.Known() {
		d.noteBogus(ctx, h, unverified)
		return
	}
	if chain, loop := d.walk(ctx, h.name); loop {
		h.chain = chain
		d.find(codeCNAMELoop, h.name, detail{
			Severity: d.weight(h.name), Detail: "No server can follow it: the host has no address.", Evidence: []string{strings.Join(append([]string{h.name}, chain...), " -> ")},
			Fix: "point the alias of " + h.name + " at the name of the server, or give it an A record in its place",
		})
		return
	}
	resolvers := d.site.resolvers
	if len(resolvers) == 0 {
		resolvers = dnsq.System()
	}
	const most = 3
	resolvers = resolvers[:min(len(resolvers), most)]
	all := len(resolvers) > 1 && unverified.Status == dnsq.ServFail // one alone may have a bad moment
	for _, r := range resolvers {
		all = all && d.dns.AskServer(ctx, r, h.name, a.Type, dnsq.Options{CheckingDisabled: true}).Status == dnsq.ServFail
	}
	if !all {
		d.unknown(codeServFail, h.name, "the resolver answers SERVFAIL")
		return
	}
	d.find(codeServFail, h.name, detail{
		Detail:   "The name servers behind it do not answer, or answer nonsense: no visitor finds the host.",
		Evidence: []string{fmt.Sprintf("SERVFAIL from %d resolvers, with and without DNSSEC", len(resolvers))},
		Fix:      "look whether each name server of " + h.name + " answers: dig @<name server> " + h.name,
	})
}

// walk follows the aliases of a name one question at a time, as far as a
// resolver that fails on the whole lets it.
func (d *dnsLook) walk(ctx context.Context, name string) (chain []string, loop bool) {
	at := name
	for range 2 * maxChain {
		a := d.ask(ctx, at, dnsq.CNAME)
		if !owns(a, at, dnsq.CNAME) {
			return chain, false
		}
		at = a.Of()[0].Target
		loop = at == name || slices.Contains(chain, at)
		if chain = append(chain, at); loop {
			return chain, true
		}
	}
	return chain, false
}

// noteBogus keeps a host that only answers where nobody checks signatures,
// under the zone whose signatures are broken: its own, or that of an alias.
func (d *dnsLook) noteBogus(ctx context.Context, h *dnsHost, unverified dnsq.Answer) {
	zone := d.domain
	for _, target := range unverified.Chain() {
		if !within(target, d.domain) && d.ask(ctx, target, unverified.Type).Status == dnsq.ServFail {
			zone = target
			break
		}
	}
	if !within(h.name, d.domain) {
		zone = h.name
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bogus[zone] = append(d.bogus[zone], h.name)
}
