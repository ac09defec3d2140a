package readiness

import (
	"context"
	"net/netip"
	"slices"
	"strings"
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
		d.judgeExposure(h)
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
	v := d.web.Fetch(ctx, "https://"+h.name+"/")
	if len(v.Hops) == 0 {
		v = d.web.Fetch(ctx, "http://"+h.name+"/")
	}
	switch {
	case len(v.Hops) > 0 && v.Hops[0].Header.Get("Cf-Ray") != "":
		return
	case len(v.Hops) > 0:
		evidence = append(evidence, "the answer has no CF-RAY header")
	default:
		evidence = append(evidence, "judged by the address alone: the host did not answer over HTTP ("+v.Kind.String()+")")
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
func (d *dnsLook) judgeExposure(h *dnsHost) {
	i := slices.IndexFunc(h.addrs, func(a netip.Addr) bool {
		return slices.ContainsFunc(d.site.origins, func(o origin) bool { return o.Addr == a || o.Host == h.name })
	})
	if i < 0 {
		return
	}
	d.find(codeOriginExposed, h.name, detail{
		Detail:   "The address of the server behind the proxy stands in public DNS, where attackers look first.",
		Evidence: []string{h.name + " -> " + h.addrs[i].String()},
		Fix:      "proxy " + h.name + " too, or give it another server; then change the origin's address, which is known by now",
	})
}
