package readiness

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/dnsq"
)

// judgeMX judges whether mail for the domain arrives.
func (d *mailLook) judgeMX() {
	if !d.Receives && !d.assumed {
		return
	}
	if !d.mx.Status.Known() {
		d.unknown("mx.missing", d.name, "MX records: "+d.mx.Status.String())
		return
	}
	if !d.Receives {
		return
	}
	null := slices.ContainsFunc(d.servers, func(s *mailServer) bool { return s.name == "" })
	switch {
	case len(d.servers) == 0:
		d.find("mx.missing", d.name, detail{
			Detail: "The domain is declared to receive mail. Without MX records mail goes to the web server, or comes back.",
			Fix:    "add the MX records that your mail provider lists",
		})
	case null && len(d.servers) == 1:
		d.find("mx.null", d.name, detail{
			Detail: "The domain is declared to receive mail, and this record tells everybody that it takes none.", Evidence: d.mxEvidence(),
			Fix: `replace "MX 0 ." by the MX records that your mail provider lists`,
		})
	case null:
		d.find("mx.null-mixed", d.name, detail{
			Detail: `"MX 0 ." says that the domain takes no mail, and may stand only alone: some senders give up.`, Evidence: d.mxEvidence(),
			Fix: `delete the MX record whose target is "."`,
		})
	}
	d.judgeServers()
	d.judgeLeftovers()
}

// judgeServers judges each mail server. One that is broken loses all mail
// where it stands alone; beside one that works it loses that of senders which
// try only one.
func (d *mailLook) judgeServers() {
	others := slices.ContainsFunc(d.servers, func(s *mailServer) bool { // one that works, or may
		code, _ := s.broken(d.look)
		return s.name != "" && code == "" && !d.behindProxy(s)
	})
	for _, s := range d.servers {
		if s.name == "" {
			continue
		}
		subject, evidence := s.name, s.evidence(d.name)
		if s.literal {
			subject = d.name
		}
		also := ""
		if others {
			also = "; the mail has to wait for another server, and some senders try only one"
		}
		switch code, why := s.broken(d.look); {
		case code != "":
			d.find(code, subject, detail{Blocker, "Mail for " + d.name + " is sent there, but " + why + also + ".", evidence, serverFix(code, d.name)})
		case !s.status.Known():
			d.unknown("mx.no-address", s.name, "its addresses: "+s.status.String())
		case d.behindProxy(s):
			d.find("mx.proxied", s.name, detail{
				Blocker, "Cloudflare's proxy carries web traffic, and no mail: connections to port 25 are not passed on" + also + ".", evidence,
				"set the record of " + s.name + " to DNS only (grey cloud)",
			})
		case len(s.chain) > 0:
			d.find("mx.cname", s.name, detail{
				Detail: "The target of an MX record must have addresses itself. Some senders refuse an alias, others look up the wrong name.", Evidence: evidence,
				Fix: "point the MX record at " + s.chain[len(s.chain)-1],
			})
		case !d.allDeliverable(s):
			d.find("mx.private-address", s.name, detail{
				Medium, "One of its addresses cannot be reached from outside: mail that is sent there waits until another is tried.", evidence,
				"delete the address records of " + s.name + " that are not public",
			})
		}
		if isDCMX(s.name) {
			d.find("mx.dc-mx", s.name, detail{
				Detail: "Cloudflare made this name, because the MX record pointed at a proxied name. It gives everybody the address of the hidden origin.", Evidence: evidence,
				Fix: "give the mail server a name and an address of its own, DNS only, or let a mail provider take the mail",
			})
		}
		if len(s.prefs) > 1 {
			d.find("mx.duplicate", d.name, detail{
				Detail: s.name + " is listed more than once; the second try of a sender meets the same server.", Evidence: evidence,
				Fix: "keep one MX record for " + s.name,
			})
		}
		if len(s.unconfirmed) > 0 {
			d.find("mx.reverse", s.name, detail{
				Detail:   "A server of your own that sends mail from an address without a name that leads back to it is taken for a spammer.",
				Evidence: each(s.unconfirmed, func(a netip.Addr) string { return a.String() + " has no PTR record that leads back to it" }),
				Fix:      "let the hosting provider set the reverse name (PTR) of the address to " + s.name,
			})
		}
	}
}

func serverFix(code, domain string) string {
	switch code {
	case "mx.ip-literal":
		return "give the mail server a name with an A record, such as mail." + domain + ", and let the MX record point at that"
	case "mx.private-address":
		return "give the mail server a public address, or delete the MX record"
	}
	return "correct the name (a name in a zone file needs its last dot), or delete the MX record"
}

// judgeLeftovers finds mail that goes to two places.
func (d *mailLook) judgeLeftovers() {
	var providers []string
	for _, s := range d.servers {
		if p := mailProvider(s.name); p != "" && !slices.Contains(providers, p) {
			providers = append(providers, p)
		}
	}
	slices.Sort(providers)
	if len(providers) > 1 {
		d.find("mx.leftover", d.name, detail{
			Detail:   "Part of the mail goes to " + strings.Join(providers, " and part to ") + ". What the old provider takes, nobody reads.",
			Evidence: d.mxEvidence(), Fix: "delete the MX records of the provider that you left",
		})
		return
	}
	if len(providers) == 0 {
		return
	}
	for _, s := range d.servers {
		if mailProvider(s.name) == "" && slices.ContainsFunc(s.addrs, func(a netip.Addr) bool { return slices.Contains(d.website.addrs, a) }) {
			d.find("mx.leftover", d.name, detail{
				Detail:   s.name + " is the web server; mail that it takes does not reach the mailboxes at " + providers[0] + ".",
				Evidence: d.mxEvidence(), Fix: "delete the MX record of " + s.name,
			})
			return
		}
	}
}

// mxEvidence lists the MX records, most preferred first.
func (d *mailLook) mxEvidence() []string {
	records := d.mx.Of()
	slices.SortFunc(records, func(a, b dnsq.Record) int {
		if a.Pref != b.Pref {
			return int(a.Pref) - int(b.Pref)
		}
		return strings.Compare(a.Target, b.Target)
	})
	return each(records[:min(len(records), mostServers)], func(r dnsq.Record) string {
		return fmt.Sprintf("%s MX %d %s", d.name, r.Pref, r.Target+".")
	})
}

func (s *mailServer) evidence(domain string) []string {
	lines := each(s.prefs, func(pref uint16) string { return fmt.Sprintf("%s MX %d %s", domain, pref, s.name+".") })
	for _, alias := range s.chain {
		lines = append(lines, "alias of "+alias)
	}
	for _, a := range s.addrs[:min(len(s.addrs), 4)] {
		lines = append(lines, s.name+" has the address "+a.String())
	}
	return lines
}
