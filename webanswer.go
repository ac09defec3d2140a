package readiness

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgeAnswer asks whether a host answers over https at all.
func (w *webLook) judgeAnswer(h *webHost) {
	if len(h.secure.Hops) > 0 {
		return // with what is for judgeStatus
	}
	dnsOnly := slices.Contains(w.site.dnsOnly, h.name) // perhaps no host for browsers
	other := dnsOnly || slices.Contains(w.site.implied, h.name)
	switch h.secure.Kind {
	case webprobe.Refused:
		d := detail{
			Severity: High,
			Detail:   "Browsers try https first, and links to it are everywhere.",
			Evidence: []string{"port 443: connection refused"},
			Fix:      "have the server of " + h.name + " listen on port 443 with a certificate, and open the port in its firewall",
		}
		if h == w.production() {
			d.Severity = Blocker
		}
		if h.plain.Kind == webprobe.Refused && len(h.plain.Hops) == 0 {
			d.Detail = "Nothing listens there: visitors get an error of their browser."
			d.Evidence = append(d.Evidence, "port 80: connection refused")
		}
		if len(h.plain.Hops) > 0 || h == w.production() || !dnsOnly {
			w.find(codeNoHTTPS, h.name, d)
		}
	case webprobe.OK, webprobe.NoAddress, webprobe.Private, webprobe.BadTLS, webprobe.BadRedirect:
		// Said elsewhere: by the DNS rules, or by those about certificates.
	default:
		silent := h.secure.Kind == webprobe.Timeout || h.secure.Kind == webprobe.Unreachable
		if !other || silent || len(h.plain.Hops) > 0 || h == w.production() {
			w.unknown(codeNoHTTPS, h.name, h.secure.Kind.String())
		}
	}
}

// proxyError explains the statuses that only Cloudflare's proxy gives.
func proxyError(hop webprobe.Hop) string {
	if !hop.Cloudflare() {
		return ""
	}
	switch hop.Status {
	case 520, 521, 522, 523, 524:
		return ": Cloudflare gets no answer from the origin"
	case 525:
		return ": Cloudflare's TLS handshake with the origin fails"
	case 526:
		return ": the origin's certificate is not valid for Cloudflare"
	case 530:
		return ": Cloudflare does not find the origin"
	default:
		return ""
	}
}

// judgePlain asks whether http leads to https.
func (w *webLook) judgePlain(h *webHost) {
	if h.plain.Kind == webprobe.Refused && len(h.plain.Hops) == 0 && h.secure.Kind == webprobe.OK && h.secure.Status() < 500 &&
		!h.private && (h.name == w.site.domain || h.name == w.www()) {
		w.find(codeHTTPClosed, h.name, detail{
			Detail:   "Old links, and people and programs that type the name without https, get an error in place of the site.",
			Evidence: []string{"port 80: connection refused"},
			Fix:      "have the server of " + h.name + " listen on port 80 and redirect to https with status 301 or 308, and open the port in its firewall",
		})
	}
	last := h.plain.Last()
	open := h.plain.Kind == webprobe.OK && last.Status/100 == 2 && strings.HasPrefix(last.URL, "http:")
	if !open || h.secure.Kind == webprobe.Refused || downgraded(h.plain) {
		return // said by another rule
	}
	if host := hostOf(last.URL); host != h.name && w.host(host) != nil {
		return // that host's own finding
	}
	w.find(codeHTTPOpen, h.name, detail{
		Detail:   "Whoever sits between can read and change the page, and sees the cookies.",
		Evidence: []string{fmt.Sprintf("%s: %d", showURL(last.URL), last.Status)},
		Fix:      "redirect every http address of " + h.name + " to the same https address with status 301 or 308",
	})
}

// judgeChain looks at where the redirects of a host lead.
func (w *webLook) judgeChain(h *webHost) {
	many := false
	for _, v := range []webprobe.Visit{h.secure, h.plain} {
		switch v.Kind {
		case webprobe.Loop:
			w.loop(h, v)
		case webprobe.TooMany:
			if !many { // http leads to https, and is no longer for that
				w.manyRedirects(h, v)
			}
			many = true
		case webprobe.BadRedirect, webprobe.NoAddress, webprobe.BadTLS:
			w.badRedirect(h, v)
		}
		if at := downgradeAt(v); at >= 0 && w.own(h, v.Hops[at].URL) {
			w.find(codeDowngrade, hostOf(v.Hops[at].URL), detail{
				Detail:   "What was protected is sent in the clear again, and may loop with a server that redirects to https.",
				Evidence: []string{showHop(v.Hops[at])},
				Fix:      "let this redirect lead to the https address",
			})
		}
	}
	if h.private {
		return
	}
	var seen []string
	for _, v := range []webprobe.Visit{h.plain, h.secure} {
		for _, hop := range v.Hops {
			if s := showHop(hop); w.temporary(h, hop) && !slices.Contains(seen, s) {
				seen = append(seen, s)
			}
		}
	}
	if len(seen) > 0 {
		w.find(codeTemporary, h.name, detail{
			Detail:   "Search engines keep the old address, and browsers ask for it again each time.",
			Evidence: seen,
			Fix:      "answer with status 301 or 308 in place of 302, 303 or 307",
		})
	}
}

// own reports whether a hop is for h's visit to tell: it is the host's own,
// or that of a host which nobody looks at.
func (w *webLook) own(h *webHost, rawURL string) bool {
	host := hostOf(rawURL)
	return host == h.name || w.host(host) == nil
}

// temporary reports whether a hop moves the same page for good, from http to
// https or between the apex and www, but says that it does so for now. "/" to
// "/login", or to a language, is no such move.
func (w *webLook) temporary(h *webHost, hop webprobe.Hop) bool {
	if hop.Status != 302 && hop.Status != 303 && hop.Status != 307 || hostOf(hop.URL) != h.name {
		return false
	}
	from, to := parseURL(hop.URL), parseURL(hop.Location)
	if from == nil || to == nil || pathOf(from) != pathOf(to) || from.RawQuery != to.RawQuery || to.Scheme != "https" {
		return false
	}
	sibling := map[string]string{w.site.domain: w.www(), w.www(): w.site.domain}[h.name]
	target := hostOf(hop.Location)
	return target == sibling && sibling != "" || target == h.name && from.Scheme == "http"
}

func downgraded(v webprobe.Visit) bool { return downgradeAt(v) >= 0 }

// downgradeAt returns the hop that leads from https to http, -1 for none.
func downgradeAt(v webprobe.Visit) int {
	return slices.IndexFunc(v.Hops, func(hop webprobe.Hop) bool {
		return strings.HasPrefix(hop.URL, "https:") && strings.HasPrefix(hop.Location, "http:")
	})
}

// loop tells a loop once, for the first of the hosts that it leads through.
func (w *webLook) loop(h *webHost, v webprobe.Visit) {
	start := slices.IndexFunc(v.Hops, func(hop webprobe.Hop) bool { return hop.URL == v.Final })
	round := v.Hops[max(start, 0):]
	for _, o := range w.hosts { // whichever host's visit comes here first
		if i := slices.IndexFunc(round, func(hop webprobe.Hop) bool { return hostOf(hop.URL) == o.name }); i >= 0 {
			h, round = o, slices.Concat(round[i:], round[:i])
			break
		}
	}
	subject := h.name
	w.mu.Lock()
	told := w.loops[subject]
	w.loops[subject] = true
	w.mu.Unlock()
	if told {
		return
	}
	d := detail{
		Severity: severity(h, Blocker),
		Detail:   "No browser gets past it: nobody sees the page.",
		Evidence: hopsOf(round),
		Fix:      "look for two places that redirect to each other: the server and the proxy or host in front of it",
	}
	if slices.Contains(w.site.proxied, subject) || slices.ContainsFunc(round, webprobe.Hop.Cloudflare) {
		d.Detail += " Behind Cloudflare the usual cause is the SSL mode Flexible: Cloudflare asks the origin over http, which redirects to https for ever."
		d.Fix = "Cloudflare, SSL/TLS, Overview: set the encryption mode to Full (strict), with a certificate on the origin"
	}
	w.find(codeLoop, subject, d)
}

func (w *webLook) manyRedirects(h *webHost, v webprobe.Visit) {
	hops := hopsOf(v.Hops)
	w.find(codeManyRedirects, h.name, detail{
		Severity: severity(h, Blocker),
		Detail:   "Browsers give up at 20, crawlers earlier, and each redirect costs a visitor time.",
		Evidence: []string{hops[0], hops[len(hops)-1]},
		Fix:      "let " + h.name + " lead to its target in one step",
	})
}

// badRedirect tells a redirect to a host that does not exist, that has no
// valid certificate, or that is none.
func (w *webLook) badRedirect(h *webHost, v webprobe.Visit) {
	if len(v.Hops) == 0 || !w.own(h, v.Last().URL) {
		return
	}
	if v.Kind != webprobe.BadRedirect && w.host(hostOf(v.Final)) != nil {
		return // the target is looked at for itself
	}
	why := map[webprobe.Kind]string{
		webprobe.BadRedirect: "its target is no http or https address",
		webprobe.NoAddress:   "the target has no address",
		webprobe.BadTLS:      "the target has no valid certificate",
	}[v.Kind]
	w.find(codeBadRedirect, h.name, detail{
		Detail: "Visitors end at an error of their browser.", Evidence: []string{showHop(v.Last()) + ": " + why},
		Fix: "let the redirect lead to an https address that works",
	})
}

// showHop says for people where a hop leads.
func showHop(hop webprobe.Hop) string {
	if hop.Location == "" {
		return fmt.Sprintf("%s: %d", showURL(hop.URL), hop.Status)
	}
	return fmt.Sprintf("%s: %d to %s", showURL(hop.URL), hop.Status, showURL(hop.Location))
}

func hopsOf(hops []webprobe.Hop) []string {
	return each(hops[:min(len(hops), 4)], showHop)
}
