package readiness

import (
	"context"
	"slices"

	"github.com/launchready/readiness/internal/webprobe"
)

// door is how a page meets a stranger.
type door int

const (
	doorClosed  door = iota // no page: refused, forbidden, elsewhere
	doorLogin               // a page to log in at
	doorScripts             // a page that its scripts draw: what it shows is not seen
	doorOpen                // a page
)

// judgePrivate asks whether a stranger gets in, and whether search engines
// are kept out.
func (w *webLook) judgePrivate(ctx context.Context, h *webHost) {
	var worst door
	var page webprobe.Visit
	for _, v := range []webprobe.Visit{h.secure, h.plain} {
		switch v.Kind {
		case webprobe.Unknown, webprobe.LookupFail, webprobe.Broken:
			if len(v.Hops) == 0 && v.Final == h.secure.Final {
				w.unknown(codePrivateOpen, h.name, v.Kind.String())
			}
		case webprobe.OK:
			if d := w.door(v); d > worst {
				worst, page = d, v
			}
		}
	}
	d := detail{
		Detail:   "Whoever finds the name, and certificates make it public, is in.",
		Evidence: []string{showHop(page.Last()) + " without a login"},
		Fix:      "put a login, an access proxy or a list of addresses in front of " + h.name,
	}
	switch worst {
	case doorClosed:
		return
	case doorOpen:
		w.find(codePrivateOpen, h.name, d)
		return // whoever closes it keeps search engines out as well
	case doorScripts:
		w.unknown(codePrivateOpen, h.name, "scripts draw the page: whether it asks for a login cannot be seen from outside")
	}
	if page.Last().Status/100 != 2 || hostOf(page.Final) != h.name || w.keptOut(ctx, page) {
		return
	}
	w.find(codeIndexable, h.name, detail{
		Detail:   "It will stand in search results beside the real site.",
		Evidence: []string{showHop(page.Last())},
		Fix:      "send the header X-Robots-Tag: noindex with every answer of " + h.name,
	})
}

// door says how the page at the end of a visit meets a stranger.
func (w *webLook) door(v webprobe.Visit) door {
	last := v.Last()
	if last.Status/100 != 2 {
		return doorClosed
	}
	if o := w.host(hostOf(v.Final)); o != nil && !o.private {
		return doorClosed // it sends strangers to the public site
	}
	page := webprobe.ReadPage(v.Body)
	login := page.AsksPassword || webprobe.LooksLikeLogin(page.Refresh) && page.Refresh != "" ||
		slices.ContainsFunc(v.Hops, func(hop webprobe.Hop) bool {
			return hop.Location != "" && webprobe.LooksLikeLogin(hop.Location)
		})
	switch {
	case login:
		return doorLogin
	case page.Scripted:
		return doorScripts
	default:
		return doorOpen
	}
}

// keptOut reports whether search engines are told to leave a page out, in
// any of the ways that there are.
func (w *webLook) keptOut(ctx context.Context, v webprobe.Visit) bool {
	if webprobe.RobotsTag(v.Last().Header.Values("X-Robots-Tag")) || webprobe.ReadPage(v.Body).NoIndex {
		return true
	}
	u := parseURL(v.Final)
	if u == nil {
		return false
	}
	robots := w.web.FetchUnverified(ctx, u.Scheme+"://"+u.Host+"/robots.txt")
	return robots.Status() == 200 && webprobe.RobotsForbids(robots.Body, crawler)
}

// crawler is the one whose rules in robots.txt are looked at.
const crawler = "googlebot"
