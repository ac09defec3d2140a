package readiness

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/launchready/readiness/internal/webprobe"
)

// The codes of the web family; those of certificates are in webcert.go.
const (
	codeNoHTTPS       = "web.no-https"
	codeError         = "web.error"
	codeNotServed     = "web.not-served"
	codeHTTPOpen      = "web.http-open"
	codeHTTPClosed    = "web.http-closed"
	codeLoop          = "web.loop"
	codeManyRedirects = "web.too-many-redirects"
	codeBadRedirect   = "web.bad-redirect"
	codeDowngrade     = "web.downgrade"
	codeTemporary     = "web.temporary"
	codeCanonical     = "web.canonical"
	codeForeign       = "web.foreign"
	codeDuplicate     = "web.duplicate"
	codeNoIndex       = "web.noindex"
	codeRobots        = "web.robots"
	codeIPv6          = "web.ipv6"
	codeHSTS          = "hsts.missing"
	codeRedirectWrong = "redirect.wrong"
	codeRedirectQuery = "redirect.query"
	codeRedirectTemp  = "redirect.temporary"
	codePrivateOpen   = "private.open"
	codeIndexable     = "private.indexable"
	codeOriginOpen    = "origin.open"
)

// webCodes returns the rows of the web family.
func webCodes() []codeRow {
	return append([]codeRow{
		{codeNoHTTPS, Blocker, "does not answer over https", ""},
		{codeError, Blocker, "the site answers with an error", "RFC 9110 section 15.6"},
		{codeNotServed, High, "there is no page for visitors", "RFC 9110 section 15.5"},
		{codeHTTPOpen, High, "serves pages over http and does not lead to https", ""},
		{codeHTTPClosed, Medium, "does not answer over http, where https works", ""},
		{codeLoop, Blocker, "a redirect loop", "RFC 9110 section 15.4"},
		{codeManyRedirects, Blocker, "more than 10 redirects in a row", "RFC 9110 section 15.4"},
		{codeBadRedirect, High, "a redirect leads nowhere", ""},
		{codeDowngrade, High, "a redirect leads from https back to http", ""},
		{codeTemporary, Medium, "a temporary redirect where a permanent one is meant", "RFC 9110 section 15.4"},
		{codeCanonical, High, "does not lead to the address that is declared as canonical", ""},
		{codeForeign, High, "www leads to another domain", ""},
		{codeDuplicate, Medium, "the domain and www both serve the site", ""},
		{codeNoIndex, Blocker, "the production site tells search engines to leave it out", ""},
		{codeRobots, Blocker, "robots.txt keeps search engines away from the production site", "RFC 9309 section 2.2"},
		{codeIPv6, High, "an IPv6 address does not answer while IPv4 does", ""},
		{codeHSTS, Medium, "no Strict-Transport-Security header", "RFC 6797 section 7.1"},
		{codeRedirectWrong, High, "an old address does not lead where it is declared to", ""},
		{codeRedirectQuery, High, "an old address loses its query on the way", ""},
		{codeRedirectTemp, Medium, "an old address is moved with a temporary redirect", "RFC 9110 section 15.4"},
		{codePrivateOpen, High, "a private host is open to a stranger", ""},
		{codeIndexable, Medium, "a private host does not keep search engines out", ""},
		{codeOriginOpen, High, "the origin answers strangers past the proxy", ""},
	}, certCodes()...)
}

// webLook is one look at the web addresses of a domain.
type webLook struct {
	*look

	hosts []*webHost

	mu    sync.Mutex
	loops map[string]bool // the hosts whose loop is told
}

// webHost is what is known of one host.
type webHost struct {
	name    string
	private bool
	lesser  bool           // the launch does not hang on it: private, or not declared
	plain   webprobe.Visit // http://name/
	secure  webprobe.Visit // https://name/
	again   webprobe.Visit // the same a moment later, where the server fails
	cert    webprobe.Certificate
	six     []ipv6Answer
	done    chan struct{} // closed when all above is there
}

// checkWeb looks at every host over http and https, at its certificate, and
// at what is declared about redirects, private hosts and origins.
func (l *look) checkWeb(ctx context.Context) {
	w := &webLook{look: l, loops: map[string]bool{}}
	for _, name := range l.site.hosts {
		h := &webHost{name: name, private: slices.Contains(l.site.private, name), done: make(chan struct{})}
		h.lesser = h.private || slices.Contains(l.site.implied, name) && name != l.site.domain
		w.hosts = append(w.hosts, h)
	}
	var all sync.WaitGroup
	for _, h := range w.hosts {
		l.start(&all, h.name, func() {
			defer close(h.done)
			w.visit(ctx, h)
		})
		l.start(&all, h.name, func() {
			<-h.done
			w.judge(ctx, h)
		})
	}
	l.start(&all, l.site.domain, func() { w.judgePair() })
	l.start(&all, l.site.domain, func() { w.judgeIPv6() })
	for i := range l.site.redirects {
		l.start(&all, subjectOf(l.site.redirects[i].From), func() { w.judgeRedirect(ctx, &l.site.redirects[i]) })
	}
	for _, o := range l.site.origins {
		l.start(&all, o.Host, func() { w.judgeOrigin(ctx, o) })
	}
	all.Wait()
}

// visit gathers the facts about a host, all at the same time.
func (w *webLook) visit(ctx context.Context, h *webHost) {
	fetch := w.web.Fetch
	if h.private { // a stranger clicks a warning about the certificate away
		fetch = w.web.FetchUnverified
	}
	var all sync.WaitGroup
	w.start(&all, h.name, func() { h.plain = fetch(ctx, "http://"+h.name+"/") })
	w.start(&all, h.name, func() {
		h.secure = fetch(ctx, "https://"+h.name+"/")
		w.secondLook(ctx, h)
	})
	w.start(&all, h.name, func() { h.cert = w.web.TLS(ctx, h.name, "443") })
	w.start(&all, h.name, func() { h.six = w.askIPv6(ctx, h.name) })
	all.Wait()
	w.mapHost(h.name, func(m *HostMap) {
		m.CertificateIssuer = h.cert.Issuer()
		if leaf := h.cert.Leaf(); leaf != nil {
			m.CertificateEnds = leaf.NotAfter
		}
		v := h.secure
		if len(v.Hops) == 0 {
			v = h.plain
		}
		if self := "https://" + h.name + "/"; len(v.Hops) > 0 && v.Hops[0].Location != "" && v.Final != self {
			m.Redirect = showURL(v.Final)
		}
	})
}

// judge concludes from the facts about a host.
func (w *webLook) judge(ctx context.Context, h *webHost) {
	var all sync.WaitGroup
	w.start(&all, h.name, func() { w.judgeCertificate(ctx, h) })
	if h.private {
		w.start(&all, h.name, func() { w.judgePrivate(ctx, h) })
	} else {
		w.judgeAnswer(h)
		w.judgeStatus(h)
		w.start(&all, h.name, func() { w.judgeHSTS(ctx, h) })
		if h == w.production() {
			w.start(&all, h.name, func() { w.judgeIndexing(ctx, h) })
		}
	}
	w.judgePlain(h)
	w.judgeChain(h)
	all.Wait()
}

// host returns what is known of a host, nil where it is not looked at.
func (w *webLook) host(name string) *webHost {
	for _, h := range w.hosts {
		if h.name == name {
			return h
		}
	}
	return nil
}

// www returns the name of the apex's sibling.
func (w *webLook) www() string { return "www." + w.site.domain }

// production returns the host at which the public finds the site: the one
// that is declared, or the apex.
func (w *webLook) production() *webHost {
	return w.host(cmp.Or(w.site.canonical, w.site.domain))
}

// severity lowers what would block a launch where it concerns a host on which
// the launch does not hang.
func severity(h *webHost, s Severity) Severity {
	if h.lesser {
		return min(s, High)
	}
	return s
}

// turnedAway reports whether a page may be there for people, but not for a
// check: what proxies answer to whom they take for a robot.
func turnedAway(v webprobe.Visit) bool { return v.Status() == 403 || v.Status() == 429 }
