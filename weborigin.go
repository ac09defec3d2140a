package readiness

import (
	"context"
	"net"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgeOrigin asks an origin for the site itself, as a stranger who found its
// address would.
func (w *webLook) judgeOrigin(ctx context.Context, o origin) {
	host := w.proxiedHost()
	address := net.JoinHostPort(o.Host, o.Port)
	toHost, toPort, named := webprobe.Redirected(w.site.connectTo, host, "443")
	originHost, originPort, _ := webprobe.Redirected(w.site.connectTo, o.Host, o.Port)
	if named && toHost == originHost && toPort == originPort {
		w.unknown(codeOriginOpen, o.Host, "ConnectTo leads past the proxy by itself")
		return
	}
	schemes := []string{"https", "http"}
	switch o.Port {
	case "443":
		schemes = schemes[:1]
	case "80":
		schemes = schemes[1:]
	}
	for _, scheme := range schemes {
		v := w.web.FetchAt(ctx, scheme+"://"+host+"/", address)
		if v.Kind == webprobe.Unknown || v.Kind == webprobe.LookupFail {
			w.unknown(codeOriginOpen, o.Host, v.Kind.String())
			return
		}
		if w.answersStranger(v) {
			w.find(codeOriginOpen, o.Host, detail{
				Detail:   "Whoever finds the address attacks it directly: no firewall, no rate limit and no cache of the proxy is in the way.",
				Evidence: []string{"asked at " + address + ": " + showHop(v.Last())},
				Fix:      "let the origin's firewall take connections from Cloudflare's ranges only, or use a tunnel or authenticated origin pulls",
			})
			return
		}
	}
}

// answersStranger reports whether the site was given out: a page, or a
// redirect within the domain that is more than "use https".
func (w *webLook) answersStranger(v webprobe.Visit) bool {
	hop := v.Last()
	if v.Kind != webprobe.OK || hop.Cloudflare() {
		return false
	}
	if hop.Location == "" {
		return hop.Status/100 == 2
	}
	target := hostOf(hop.Location)
	inside := target == w.site.domain || strings.HasSuffix(target, "."+w.site.domain)
	return inside && strings.HasPrefix(hop.URL, "https:")
}

// proxiedHost returns the host that an origin is asked for.
func (w *webLook) proxiedHost() string {
	p := w.production()
	if p != nil && (len(w.site.proxied) == 0 || slices.Contains(w.site.proxied, p.name)) {
		return p.name
	}
	if len(w.site.proxied) > 0 {
		return w.site.proxied[0]
	}
	return w.site.domain
}
