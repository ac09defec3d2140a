package readiness

import (
	"cmp"
	"fmt"
	"net/url"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgePair asks which of the apex and www is the site, and whether that is
// what was declared.
func (w *webLook) judgePair() {
	apex, www := w.host(w.site.domain), w.host(w.www())
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
			if v.Kind != webprobe.OK || v.Status() >= 500 || passes(v, canonical.name) || serves(other) {
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
