package readiness

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgePair asks which of the apex and www is the site, and whether that is
// what was declared.
func (w *webLook) judgePair() {
	apex, www := w.host(w.site.domain), w.host(w.www())
	w.judgeForeign(apex, www)
	if apex == nil || www == nil || apex.private || www.private {
		return
	}
	<-apex.done
	<-www.done
	if w.site.canonical == "" {
		if serves(apex) && serves(www) {
			w.duplicate(apex, www)
		}
		return
	}
	canonical, other := apex, www
	if w.site.canonical == www.name {
		canonical, other = www, apex
	}
	switch {
	case serves(canonical) && serves(other):
		w.duplicate(canonical, other)
	case leadsTo(canonical.secure, other.name):
		w.notCanonical(canonical, canonical.secure, "https://"+canonical.name+"/")
	default: // over http where there is no https: people type that too
		for _, v := range []webprobe.Visit{other.secure, other.plain} {
			if v.Kind != webprobe.OK || v.Status() >= 500 || other == apex && unserved(other) || passes(v, canonical.name) || serves(other) {
				continue
			}
			if turnedAway(v) {
				w.unknown(codeCanonical, other.name, fmt.Sprintf("turned away with status %d", v.Status()))
				return
			}
			w.notCanonical(other, v, "https://"+canonical.name+"/")
			return
		}
	}
}

// judgeForeign tells a www that leads to somebody else's domain, where nobody
// declared which address is the site's.
func (w *webLook) judgeForeign(apex, www *webHost) {
	if w.site.canonical != "" || apex == nil || www == nil || www.private {
		return
	}
	<-apex.done
	<-www.done
	for _, v := range []webprobe.Visit{www.secure, www.plain} {
		if !w.leadsAway(v) || passes(v, apex.name) { // what the apex does is not www's
			continue
		}
		s := High
		if w.leadsAway(apex.secure) && registrable(hostOf(apex.secure.Final)) == registrable(hostOf(v.Final)) {
			s = Medium // the whole site is there: it may be meant
		}
		w.find(codeForeign, www.name, detail{
			Severity: s,
			Detail:   "It leads to another domain, " + registrable(hostOf(v.Final)) + ": often what an old website or a former host left behind.",
			Evidence: hopsOf(v.Hops),
			Fix:      "redirect https://" + www.name + "/ to https://" + apex.name + "/ with status 301 or 308, or accept this finding where the other domain is meant",
		})
		return
	}
}

// leadsAway reports whether a visit ends at another domain, not counting a
// login there and what judgeChain tells.
func (w *webLook) leadsAway(v webprobe.Visit) bool {
	if len(v.Hops) == 0 || webprobe.LooksLikeLogin(v.Final) {
		return false
	}
	switch v.Kind {
	case webprobe.Loop, webprobe.TooMany, webprobe.BadRedirect, webprobe.NoAddress, webprobe.BadTLS:
		return false
	default:
		return registrable(hostOf(v.Final)) != registrable(w.site.domain)
	}
}

// registrable returns the domain that somebody registered for a host; the
// host itself where there is none, such as for an address.
func registrable(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// serves reports whether a host answers with a page of its own.
func serves(h *webHost) bool {
	return h.secure.Status()/100 == 2 && hostOf(h.secure.Final) == h.name
}

// leadsTo reports whether a visit ends at a host.
func leadsTo(v webprobe.Visit, host string) bool {
	return v.Kind == webprobe.OK && hostOf(v.Final) == host
}

// passes reports whether a visit leads through a host.
func passes(v webprobe.Visit, host string) bool {
	for _, hop := range v.Hops {
		if hostOf(hop.URL) == host || hostOf(hop.Location) == host {
			return true
		}
	}
	return false
}

func (w *webLook) duplicate(keep, other *webHost) {
	w.find(codeDuplicate, w.site.domain, detail{
		Detail:   "Search engines see two sites, and a login at one is none at the other.",
		Evidence: []string{showHop(keep.secure.Last()), showHop(other.secure.Last())},
		Fix:      "redirect https://" + other.name + "/ to https://" + keep.name + "/ with status 301 or 308, keeping path and query",
	})
}

func (w *webLook) notCanonical(h *webHost, v webprobe.Visit, want string) {
	w.find(codeCanonical, h.name, detail{
		Detail:   "Links, cookies and the addresses that payment and login services call back are made for one of the two.",
		Evidence: []string{showHop(v.Hops[0])},
		Fix:      "let both http and https of the domain and www end at " + want + ", or correct canonical",
	})
}

func parseURL(rawURL string) *url.URL {
	u, err := url.Parse(rawURL)
	if err != nil || rawURL == "" {
		return nil
	}
	return u
}

func pathOf(u *url.URL) string { return cmp.Or(u.EscapedPath(), "/") }
