package readiness

import (
	"context"
	"fmt"
	"strings"

	"github.com/launchready/readiness/internal/webprobe"
)

// judgeIndexing asks whether the production site keeps search engines away,
// as a staging site should.
func (w *webLook) judgeIndexing(ctx context.Context, h *webHost) {
	v := h.secure
	if v.Status()/100 != 2 {
		return
	}
	if host := hostOf(v.Final); host != h.name && (w.site.canonical != "" || host != w.www()) {
		return // the site is elsewhere
	}
	page := webprobe.ReadPage(v.Body)
	subject := hostOf(v.Final)
	const why = "The site will not be found, and drops out where it was listed. It usually comes from staging."
	switch tags := v.Last().Header.Values("X-Robots-Tag"); {
	case webprobe.LoginPath(v.Final), page.AsksPassword && !page.Text:
		// Nothing to be found behind a login; a form in the header of a page is none.
	case webprobe.RobotsTag(tags):
		w.find(codeNoIndex, subject, detail{
			Detail: why, Evidence: []string{"X-Robots-Tag: " + strings.Join(tags, ", ")},
			Fix: "take the header X-Robots-Tag out of the production configuration",
		})
	case page.NoIndex:
		w.find(codeNoIndex, subject, detail{
			Detail: why, Evidence: []string{`a robots meta tag with noindex in ` + showURL(v.Final)},
			Fix: `take <meta name="robots" content="noindex"> out of the production pages`,
		})
	}
	robots := w.web.Fetch(ctx, "https://"+subject+"/robots.txt")
	if robots.Status() == 200 && webprobe.RobotsForbids(robots.Body, crawler) {
		w.find(codeRobots, subject, detail{
			Detail: why, Evidence: []string{"https://" + subject + "/robots.txt: Disallow: /"},
			Fix: `delete the line "Disallow: /" from the file; a robots.txt without any rule lets every search engine in`,
		})
	}
}

// judgeHSTS asks whether a host that serves pages tells browsers to come over
// https only. The apex may say so for all below it.
func (w *webLook) judgeHSTS(ctx context.Context, h *webHost) {
	if !serves(h) || !h.cert.Valid() {
		return
	}
	headers := h.secure.Last().Header.Values("Strict-Transport-Security")
	if rule, ok := hstsOf(headers); ok && rule.MaxAge > 0 {
		return
	}
	if h.name != w.site.domain && strings.HasSuffix(h.name, "."+w.site.domain) {
		apex := w.web.Fetch(ctx, "https://"+w.site.domain+"/")
		for _, hop := range apex.Hops {
			rule, ok := hstsOf(hop.Header.Values("Strict-Transport-Security"))
			if ok && rule.MaxAge > 0 && rule.IncludeSubDomains && hostOf(hop.URL) == w.site.domain && strings.HasPrefix(hop.URL, "https:") {
				return
			}
		}
		if why := unsureOf(apex, w.site.domain); why != "" {
			w.unknown(codeHSTS, h.name, "whether "+w.site.domain+" covers it: "+why)
			return
		}
	}
	d := detail{
		Detail: "Whoever sits between can keep a first visit on http, and read it.",
		Fix:    "send Strict-Transport-Security: max-age=31536000 over https (begin with max-age=86400 for a week)",
	}
	if len(headers) > 0 {
		d.Evidence = []string{"browsers ignore: " + headers[0]}
	}
	w.find(codeHSTS, h.name, d)
}

// unsureOf says why the headers with which a host answers people are not
// known; nothing where they are.
func unsureOf(v webprobe.Visit, host string) string {
	switch last := v.Last(); {
	case !v.Kind.Known() && hostOf(v.Final) == host:
		return v.Kind.String()
	case v.Kind != webprobe.OK || hostOf(v.Final) != host:
		return ""
	case last.Status >= 500 || last.Status == 429 || last.Challenge():
		return fmt.Sprintf("status %d", last.Status)
	default:
		return ""
	}
}

// hstsOf reads the first header, which alone counts (RFC 6797, section 8.1).
func hstsOf(headers []string) (webprobe.HSTS, bool) {
	if len(headers) == 0 {
		return webprobe.HSTS{}, false
	}
	return webprobe.ParseHSTS(headers[0])
}
