package readiness

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/launchready/readiness/internal/dnsq"
)

// mxCodes are the rules about receiving mail.
func mxCodes() []codeRow {
	return []codeRow{
		{"mx.missing", Blocker, "no mail server", "RFC 5321 section 5.1"},
		{"mx.null", Blocker, "a null MX refuses all mail", "RFC 7505 section 3"},
		{"mx.null-mixed", High, "a null MX beside mail servers", "RFC 7505 section 3"},
		{"mx.target-missing", Blocker, "the mail server's name does not exist", "RFC 5321 section 5.1"},
		{"mx.no-address", Blocker, "the mail server has no address", "RFC 5321 section 5.1"},
		{"mx.private-address", Blocker, "the mail server's address is not public", "RFC 6890 section 2.2.2"},
		{"mx.ip-literal", Blocker, "the MX record holds an address", "RFC 1035 section 3.3.9"},
		{"mx.cname", High, "the mail server's name is an alias", "RFC 2181 section 10.3"},
		{"mx.proxied", Blocker, "the mail server is behind Cloudflare's proxy", ""},
		{"mx.dc-mx", Medium, "mail gives the hidden origin away", ""},
		{"mx.leftover", High, "mail goes to two places", "RFC 5321 section 5.1"},
		{"mx.duplicate", Medium, "a mail server is listed twice", "RFC 5321 section 5.1"},
		{"mx.reverse", Medium, "the mail server's address does not lead back to it", "RFC 1912 section 2.1"},
	}
}

// mostServers bounds how many mail servers of a domain are looked at.
const mostServers = 20

// place is where a name leads: over aliases to addresses.
type place struct {
	chain  []string // the aliases, without the name itself
	status dnsq.Status
	addrs  []netip.Addr
}

// locate asks for both kinds of addresses of a name. The status is Data where
// either has one, and a fact otherwise only where both agree.
func (l *look) locate(ctx context.Context, name string) place {
	var four, six dnsq.Answer
	var both sync.WaitGroup
	both.Go(func() { four = l.ask(ctx, name, dnsq.A) })
	both.Go(func() { six = l.ask(ctx, name, dnsq.AAAA) })
	both.Wait()
	p := place{chain: four.Chain(), status: four.Status}
	if len(p.chain) == 0 {
		p.chain = six.Chain()
	}
	for _, r := range slices.Concat(four.Of(), six.Of()) {
		p.addrs = append(p.addrs, r.Addr)
	}
	switch {
	case len(p.addrs) > 0:
		p.status = dnsq.Data
	case !six.Status.Known():
		p.status = six.Status
	}
	return p
}

// mailServer is one target of the MX records.
type mailServer struct {
	place

	name    string
	prefs   []uint16
	literal bool // an address stands where a name belongs
	// unconfirmed are its addresses that no PTR record leads back from.
	unconfirmed []netip.Addr
}

// broken says in words why no mail reaches the server, or "".
func (s *mailServer) broken(l *look) (code, why string) {
	switch {
	case s.literal:
		return "mx.ip-literal", "an MX record holds a name, never an address: mail servers look the address up as a name and find nothing"
	case s.status == dnsq.NXDomain && len(s.chain) > 0:
		return "mx.target-missing", "it is an alias of " + s.chain[len(s.chain)-1] + ", which does not exist"
	case s.status == dnsq.NXDomain:
		return "mx.target-missing", "the name does not exist"
	case s.status == dnsq.NoData:
		return "mx.no-address", "the name has neither an A nor an AAAA record"
	case s.status == dnsq.Data && !slices.ContainsFunc(s.addrs, func(a netip.Addr) bool { return l.deliverable(s.name, a) }):
		_, words := reachOf(s.addrs[0])
		return "mx.private-address", "nobody outside can reach its address: " + words
	}
	return "", ""
}

// readMX asks for the MX records and what their targets lead to.
func (d *mailLook) readMX(ctx context.Context) {
	d.mx = d.ask(ctx, d.name, dnsq.MX)
	byName := map[string]*mailServer{}
	for _, r := range d.mx.Of() {
		s := byName[r.Target]
		if s == nil {
			s = &mailServer{name: r.Target}
			byName[r.Target] = s
			d.servers = append(d.servers, s)
		}
		s.prefs = append(s.prefs, r.Pref)
	}
	slices.SortFunc(d.servers, func(a, b *mailServer) int { return strings.Compare(a.name, b.name) })
	d.servers = d.servers[:min(len(d.servers), mostServers)]
	var all sync.WaitGroup
	all.Go(func() { d.website = d.locate(ctx, d.name) })
	for _, s := range d.servers {
		switch s.literal = isLiteral(s.name); {
		case s.name == "", s.literal:
		default:
			d.start(&all, s.name, func() {
				s.place = d.locate(ctx, s.name)
				if d.Sends && d.own(s) {
					s.confirm(ctx, d.look)
				}
			})
		}
	}
	all.Wait()
}

// own reports whether the server is one that the domain itself names.
func (d *mailLook) own(s *mailServer) bool {
	return within(s.name, d.name) && len(s.chain) == 0 && !isDCMX(s.name) && !d.behindProxy(s)
}

// confirm finds the addresses of which no PTR record names a host that has
// them.
func (s *mailServer) confirm(ctx context.Context, l *look) {
	for _, addr := range s.addrs[:min(len(s.addrs), 4)] {
		if !l.deliverable(s.name, addr) {
			continue
		}
		reverse, err := dns.ReverseAddr(addr.String())
		if err != nil {
			continue
		}
		names := l.ask(ctx, reverse, dnsq.PTR)
		confirmed := !names.Status.Known()
		for _, r := range names.Of()[:min(len(names.Of()), 4)] {
			back := l.locate(ctx, r.Target)
			confirmed = confirmed || !back.status.Known() || slices.Contains(back.addrs, addr)
		}
		if !confirmed {
			s.unconfirmed = append(s.unconfirmed, addr)
		}
	}
}

// behindProxy reports whether Cloudflare's web proxy answers in the server's
// place. Cloudflare's own mail servers stand in the same ranges.
func (d *mailLook) behindProxy(s *mailServer) bool {
	for _, own := range []string{"mx.cloudflare.net", "mxrecord.io", "mxrecord.mx", "cf-emailsecurity.net"} {
		if within(s.name, own) {
			return false
		}
	}
	return slices.ContainsFunc(s.addrs, d.site.inCloudflare)
}

// deliverable reports whether anybody can send mail to an address. Example
// addresses are as good as others for the names that are examples too.
func (l *look) deliverable(name string, addr netip.Addr) bool {
	switch r, _ := reachOf(addr); r {
	case everyone:
		return true
	case inside, oneself:
		return l.site.allowPrivate
	case documentation:
		return isExample(name)
	default:
		return false
	}
}

// allDeliverable reports whether no address of the server leads nowhere.
func (d *mailLook) allDeliverable(s *mailServer) bool {
	return !slices.ContainsFunc(s.addrs, func(a netip.Addr) bool { return !d.deliverable(s.name, a) })
}

// isLiteral reports whether an MX target is an address, in brackets or not.
func isLiteral(name string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "["), "ipv6:"), "]"))
	return err == nil
}

// isDCMX reports whether Cloudflare made up the name: _dc-mx.0123456789ab.acme.example,
// in older zones dc-0123456789ab.acme.example.
func isDCMX(name string) bool {
	first, _, _ := strings.Cut(name, ".")
	if first == "_dc-mx" {
		return true
	}
	hex, old := strings.CutPrefix(first, "dc-")
	return old && len(hex) >= 8 && strings.Trim(hex, "0123456789abcdef") == ""
}
