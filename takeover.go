package readiness

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/webprobe"
)

// judgeDangling is for an alias to a name that does not exist. Where anybody
// may register that name, its new owner gets the host: its visitors, its
// cookies, and a certificate in its name.
func (d *dnsLook) judgeDangling(ctx context.Context, h *dnsHost) {
	target := h.chain[len(h.chain)-1]
	text := detail{Severity: max(High, d.weight(h.name)), Evidence: []string{h.path()}}
	if within(target, d.domain) {
		text.Detail = "The alias leads to a name of the domain's own that is missing."
		text.Fix = "create " + target + ", or point " + h.name + " at the server that is in use"
		d.find(codeCNAMEDangling, h.name, text)
		return
	}
	text.Fix = "delete the record of " + h.name + ", or create the service again and point the alias at it"
	p, known := named(target)
	switch registrable := d.unregistered(ctx, target); {
	case known && p.claimable:
		text.Detail = p.name + " gives the name to whoever asks for it next, who then answers in the name of " + h.name + "."
		d.findTakeover(h, text)
	case registrable != "":
		text.Detail = "The domain " + registrable + " is free: whoever registers it answers in the name of " + h.name + "."
		d.findTakeover(h, text)
	default:
		text.Detail = "The service behind the alias is gone."
		d.find(codeCNAMEDangling, h.name, text)
	}
}

func (d *dnsLook) findTakeover(h *dnsHost, text detail) {
	text.Severity = High
	// Where users sign in, or begin, a stranger does the most harm.
	first, _, _ := strings.Cut(h.name, ".")
	if h.name == d.domain || slices.Contains([]string{"www", "app", "login", "auth", "accounts", "account", "id", "sso", "api", "admin"}, first) {
		text.Severity = Blocker
	}
	d.find(codeTakeover, h.name, text)
}

// unregistered returns the domain that name lies in where nobody has
// registered it; "" where somebody has, or that is not known.
func (d *dnsLook) unregistered(ctx context.Context, name string) string {
	registrable, err := publicsuffix.EffectiveTLDPlusOne(name)
	// Below a provider's suffix, such as github.io, nobody registers.
	if suffix, icann := publicsuffix.PublicSuffix(name); err != nil || !icann && strings.Contains(suffix, ".") {
		return ""
	}
	if d.ask(ctx, registrable, dnsq.NS).Status == dnsq.NXDomain {
		return registrable
	}
	return ""
}

// judgeUnclaimed asks the provider behind a host whether it knows the host.
func (d *dnsLook) judgeUnclaimed(ctx context.Context, h *dnsHost) {
	p, ok := behind(h.chain, h.addrs)
	if !ok || len(p.unclaimed) == 0 {
		return
	}
	v := d.web.Fetch(ctx, "http://"+h.name+"/")
	if v.Kind != webprobe.OK || v.Status() < http.StatusBadRequest {
		return // a page that works, or something that the web family reports
	}
	page := strings.ToLower(string(v.Body))
	i := slices.IndexFunc(p.unclaimed, func(words string) bool { return strings.Contains(page, words) })
	if i < 0 {
		return
	}
	d.findTakeover(h, detail{
		Detail:   "The host leads to " + p.name + ", where nobody has connected it: another customer may, and then answers in its name.",
		Evidence: []string{h.path(), "the page says: " + p.unclaimed[i]},
		Fix:      "connect " + h.name + " in the account at " + p.name + ", or delete its record",
	})
}
