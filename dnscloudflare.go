package readiness

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgeCloudflare compares what is declared about Cloudflare's proxy with what
// the addresses of a host say.
func (d *dnsLook) judgeCloudflare(ctx context.Context, h *dnsHost) {
	switch {
	case slices.Contains(d.site.proxied, h.name):
		d.judgeUnproxied(ctx, h)
	case slices.ContainsFunc(h.addrs, d.site.inCloudflare):
		d.judgeProxied(h)
	default:
		d.judgeExposure(ctx, h)
	}
}

// judgeUnproxied is for hosts that are to be proxied. The ranges grow old, so
// the header that the proxy adds counts as well.
func (d *dnsLook) judgeUnproxied(ctx context.Context, h *dnsHost) {
	var outside []netip.Addr
	for _, a := range h.addrs {
		if !d.site.inCloudflare(a) {
			outside = append(outside, a)
		}
	}
	if len(outside) == 0 {
		return
	}
	evidence := []string{"not an address of Cloudflare: " + addresses(outside)}
	switch hop, kind := d.frontOf(ctx, h.name); {
	case hop.Cloudflare():
		return
	case hop.Status != 0:
		evidence = append(evidence, "the answer has no CF-RAY header")
	case kind == webprobe.Refused:
		evidence = append(evidence, "connection refused, and Cloudflare's proxy refuses none")
	default:
		d.unknown(codeNotProxied, h.name, "the address is none of Cloudflare's that are known, and over HTTP: "+kind.String())
		return
	}
	fix := "switch the cloud of " + h.name + " to orange (Proxied) in the DNS records at Cloudflare"
	if s := d.zone.servers; len(s) > 0 && !slices.ContainsFunc(s, func(s *nameServer) bool {
		return within(s.name, "cloudflare.com") || within(s.name, "foundationdns.com")
	}) {
		evidence = append(evidence, "the name servers are not Cloudflare's: "+s[0].name)
		fix = "enter Cloudflare's name servers at the registrar; then " + fix
	}
	d.find(codeNotProxied, h.name, detail{
		Detail: "The server's own address is public: no firewall, cache or shield stands before it.", Evidence: evidence, Fix: fix,
	})
}

// frontOf returns the first answer of a host: over https, whatever its
// certificate, or else over http. Where there is none, the kind says why; that
// a connection is refused stands above what is no fact.
func (d *dnsLook) frontOf(ctx context.Context, name string) (webprobe.Hop, webprobe.Kind) {
	var secure, plain webprobe.Visit
	var both sync.WaitGroup
	d.start(&both, name, func() { plain = d.web.Fetch(ctx, "http://"+name+"/") })
	d.start(&both, name, func() {
		secure = d.web.Fetch(ctx, "https://"+name+"/")
		if len(secure.Hops) == 0 && secure.Kind == webprobe.BadTLS {
			secure = d.web.FetchUnverified(ctx, "https://"+name+"/")
		}
	})
	both.Wait()
	switch {
	case len(secure.Hops) > 0:
		return secure.Hops[0], secure.Kind
	case len(plain.Hops) > 0:
		return plain.Hops[0], plain.Kind
	case secure.Kind == webprobe.Refused || plain.Kind == webprobe.Refused:
		return webprobe.Hop{}, webprobe.Refused
	default:
		return webprobe.Hop{}, plain.Kind
	}
}

// judgeProxied is for hosts that are proxied without having been declared so.
// Services that stand behind Cloudflare themselves are their own affair.
func (d *dnsLook) judgeProxied(h *dnsHost) {
	if foreign := h.foreign(d.domain); foreign != "" && !strings.HasSuffix(foreign, ".cdn.cloudflare.net") {
		return
	}
	if p, ok := addressed(h.addrs[0]); ok && p.name != "Cloudflare" {
		return
	}
	text := detail{
		Detail:   "What is not HTTP (SSH, a database, mail) does not get through, and what a certificate or a webhook at the origin needs may not either.",
		Evidence: []string{"an address of Cloudflare: " + addresses(h.addrs)},
		Fix:      "switch the cloud of " + h.name + " to grey (DNS only) at Cloudflare, or declare it under proxied",
	}
	switch {
	case slices.Contains(d.site.dnsOnly, h.name):
		d.find(codeProxied, h.name, text)
	case len(d.site.proxied) > 0 && !slices.Contains(d.site.implied, h.name):
		text.Severity = Medium // only what is declared says that it was not meant
		d.find(codeProxied, h.name, text)
	}
}

// judgeExposure finds hosts beside the proxy that share the hidden server's
// address: whoever reads it there goes past the proxy.
func (d *dnsLook) judgeExposure(ctx context.Context, h *dnsHost) {
	for _, o := range d.site.origins {
		at := d.leadsTo(ctx, h, o)
		if at == "" {
			continue
		}
		d.find(codeOriginExposed, h.name, detail{
			Detail:   "The address of the server behind the proxy stands in public DNS, where attackers look first.",
			Evidence: []string{h.name + " -> " + at},
			Fix:      "proxy " + h.name + " too, or give it another server; then change the origin's address, which is known by now",
		})
		return
	}
}

// leadsTo returns where a host meets an origin: an address, or a name; "" for
// nowhere. All customers of a platform share its addresses, so that only an
// alias leads to an origin there.
func (d *dnsLook) leadsTo(ctx context.Context, h *dnsHost, o origin) string {
	switch {
	case o.Addr.IsValid():
		if slices.Contains(h.addrs, o.Addr.Unmap()) {
			return o.Addr.Unmap().String()
		}
		return ""
	case o.Host == h.name:
		return h.addrs[0].String()
	case slices.Contains(h.chain, o.Host):
		return o.Host
	}
	at := &dnsHost{name: o.Host}
	d.lookUp(ctx, at)
	if at.state == hostUnknown {
		d.unknown(codeOriginExposed, o.Host, "its addresses: "+at.failed().Status.String())
	}
	if p, ok := behind(append([]string{o.Host}, at.chain...), at.addrs); ok && (p.claimable || len(p.addresses) > 0) {
		return ""
	}
	for _, a := range at.addrs {
		if slices.Contains(h.addrs, a) {
			return a.String() + ", the address of " + o.Host
		}
	}
	return ""
}
