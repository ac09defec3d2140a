package readiness

import (
	"context"
	"fmt"
	"slices"

	"github.com/launchready/readiness/internal/webprobe"
)

// door is how a page meets a stranger.
type door int

const (
	doorClosed  door = iota // no page: refused, forbidden, elsewhere
	doorLogin               // a page to log in at
	doorNamed               // an address like that of a login, and no field to log in with
	doorScripts             // a page that its scripts draw: what it shows is not seen
	doorOpen                // a page
)

// judgePrivate asks whether a stranger gets in, and whether search engines
// are kept out.
func (w *webLook) judgePrivate(ctx context.Context, h *webHost) {
	var worst door
	var page webprobe.Visit
	for _, v := range []webprobe.Visit{h.secure, h.plain} {
		if v.Kind != webprobe.OK {
			continue
		}
		if d := w.door(h, v); d > worst {
			worst, page = d, v
		}
	}
	why := silence(h)
	switch worst {
	case doorOpen:
		w.find(codePrivateOpen, h.name, detail{
			Detail:   "Whoever finds the name, and certificates make it public, is in.",
			Evidence: []string{showHop(page.Last()) + " without a login"},
			Fix:      "put a login, an access proxy or a list of addresses in front of " + h.name,
		})
		return // whoever closes it keeps search engines out as well
	case doorScripts:
		why = "scripts draw the page: whether it asks for a login cannot be seen from outside"
	case doorNamed:
		why = "the address is like that of a login, but no field to log in with is seen"
	}
	if why != "" {
		w.unknown(codePrivateOpen, h.name, why)
	}
	if worst == doorClosed || hostOf(page.Final) != h.name {
		return
	}
	kept, why := w.keptOut(ctx, page)
	switch {
	case kept:
	case why != "":
		w.unknown(codeIndexable, h.name, why)
	default:
		w.find(codeIndexable, h.name, detail{
			Detail:   "It will stand in search results beside the real site.",
			Evidence: []string{showHop(page.Last())},
			Fix:      "send the header X-Robots-Tag: noindex with every answer of " + h.name,
		})
	}
}

// silence says why it is not known how a host meets a stranger; nothing where
// that is known. Where https gives an answer, http need not.
func silence(h *webHost) string {
	for _, v := range []webprobe.Visit{h.secure, h.plain} {
		switch {
		case v.Kind == webprobe.OK:
			return ""
		case !v.Kind.Known() && v.Kind != webprobe.Private && hostOf(v.Final) == h.name:
			return v.Kind.String()
		}
	}
	return ""
}

// door says how the page at the end of a visit meets a stranger.
func (w *webLook) door(h *webHost, v webprobe.Visit) door {
	if v.Status()/100 != 2 {
		return doorClosed
	}
	if o := w.host(hostOf(v.Final)); o != nil && !o.private {
		return doorClosed // it sends strangers to the public site
	}
	page := webprobe.ReadPage(v.Body)
	away := hostOf(v.Final) != h.name && slices.ContainsFunc(v.Hops, func(hop webprobe.Hop) bool {
		return hop.Location != "" && webprobe.LooksLikeLogin(hop.Location)
	})
	switch {
	case page.AsksPassword || away:
		return doorLogin
	case webprobe.LoginPath(page.Refresh) && !page.Text: // a page with text is there to be read before it
		return doorLogin
	case webprobe.LoginPath(v.Final):
		return doorNamed
	case page.Scripted:
		return doorScripts
	default:
		return doorOpen
	}
}

// keptOut reports whether search engines are told to leave a page out, in
// any of the ways that there are; why it is not known, where it is not. A
// robots.txt that cannot be had keeps them out for as long (RFC 9309, section
// 2.3.1.4), which says nothing of tomorrow.
func (w *webLook) keptOut(ctx context.Context, v webprobe.Visit) (kept bool, why string) {
	if webprobe.RobotsTag(v.Last().Header.Values("X-Robots-Tag")) || webprobe.ReadPage(v.Body).NoIndex {
		return true, ""
	}
	u := parseURL(v.Final)
	if u == nil {
		return false, ""
	}
	robots := w.web.FetchUnverified(ctx, u.Scheme+"://"+u.Host+"/robots.txt")
	status := robots.Status()
	switch {
	case status == 200 && webprobe.RobotsForbids(robots.Body, crawler):
		return true, ""
	case status >= 500 || status == 429:
		return false, fmt.Sprintf("robots.txt: status %d", status)
	case status == 200 && robots.BrokeOff:
		return false, "robots.txt: it breaks off"
	}
	switch robots.Kind {
	case webprobe.OK, webprobe.Loop, webprobe.TooMany, webprobe.BadRedirect: // as if there were none
		return false, ""
	default:
		return false, "robots.txt: " + robots.Kind.String()
	}
}

// crawler is the one whose rules in robots.txt are looked at.
const crawler = "googlebot"
