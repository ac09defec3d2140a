package readiness

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/webprobe"
)

// askAgain is how long after an error of the server it is asked once more: a
// server that just starts, or one bad machine of many, is no fact.
const askAgain = 300 * time.Millisecond

// secondLook asks a host whose server fails once more, and keeps the second
// answer where that is no such error.
func (w *webLook) secondLook(ctx context.Context, h *webHost) {
	if h.private || h.secure.Status() < 500 {
		return
	}
	wait := time.NewTimer(askAgain)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	again := w.web.FetchAgain(ctx, "https://"+h.name+"/")
	if again.Kind == webprobe.OK && again.Status() < 500 {
		h.secure = again
		return
	}
	h.again = again
}

// judgeStatus looks at the status with which a host answers.
func (w *webLook) judgeStatus(h *webHost) {
	if w.toldThere(h) {
		return
	}
	switch status := h.secure.Status(); {
	case status >= 500:
		w.judgeError(h, status)
	case h.name == w.site.domain || h == w.production():
		w.judgeServed(h, status)
	}
}

// toldThere reports whether the page at which a visit ends is that of another
// host, which has a finding of its own for it.
func (w *webLook) toldThere(h *webHost) bool {
	o := w.host(hostOf(h.secure.Final))
	if o == nil || o == h || o.private {
		return false
	}
	<-o.done
	if o.secure.Final != h.secure.Final {
		return false
	}
	return h.secure.Status() >= 500 || o.name == w.site.domain || o == w.production()
}

// judgeError tells a server that answers with an error, twice.
func (w *webLook) judgeError(h *webHost, status int) {
	last := h.secure.Last()
	if h.again.Status() < 500 {
		w.unknown(codeError, h.name, fmt.Sprintf("status %d once, and then %s", status, h.again.Kind))
		return
	}
	if last.Challenge() {
		w.unknown(codeError, h.name, fmt.Sprintf("the proxy turned the check away with status %d", status))
		return
	}
	s := High
	if h.name == w.site.domain || h == w.production() {
		s = Blocker
	}
	d := detail{
		Severity: s,
		Detail:   "Visitors get an error in place of the page. It was asked twice.",
		Evidence: []string{showURL(last.URL) + ": " + statusWords(status) + proxyError(last)},
		Fix:      "look in the log of the server for what it says about GET " + showURL(last.URL) + ", often a missing variable or a database that is not reached",
	}
	if second := h.again.Status(); second != status {
		d.Evidence = append(d.Evidence, "asked again: "+statusWords(second))
	}
	switch status {
	case 502, 503, 504:
		d.Fix = "see whether the application behind the proxy runs and listens where the proxy asks it, and look in the log of both"
	case 520, 521, 522, 523, 524, 530:
		if last.Cloudflare() {
			d.Fix = "see whether the origin runs, whether Cloudflare's DNS record has its address, and whether its firewall lets Cloudflare in"
		}
	case 525, 526:
		if last.Cloudflare() {
			d.Fix = "install a certificate for " + hostOf(last.URL) + " on the origin, a public one or a Cloudflare origin certificate"
		}
	}
	w.find(codeError, h.name, d)
}

// judgeServed asks whether the site has a first page that visitors may see.
func (w *webLook) judgeServed(h *webHost, status int) {
	last := h.secure.Last()
	host := hostOf(last.URL)
	foreign := registrable(host) != registrable(w.site.domain)
	d := detail{Evidence: []string{showURL(last.URL) + ": " + statusWords(status)}}
	switch status {
	case http.StatusUnauthorized:
		d.Detail = "It asks for a password: closed to visitors."
		d.Fix = "take the password off " + host + ", or declare the host as private"
	case http.StatusForbidden:
		d.Detail = "Visitors and search engines are refused, or at least whoever is taken for a robot."
		d.Fix = "let " + host + " serve its first page to everybody: look at the rights of its files, a missing index page, and rules of the firewall or proxy"
	case http.StatusNotFound, http.StatusGone:
		d.Detail = "There is no page where visitors begin."
		d.Fix = "deploy the site to the server of " + host + ", and have that server know this name"
	case http.StatusOK:
		if len(bytes.TrimSpace(h.secure.Body)) > 0 || h.secure.BrokeOff || last.Header.Get("Refresh") != "" {
			return
		}
		d.Detail = "Visitors see an empty page."
		d.Evidence[0] += " with an empty body"
		d.Fix = "have " + host + " serve its first page; see whether the deployment holds an index page that is not empty"
	case http.StatusTooManyRequests:
		w.unknown(codeNotServed, h.name, "turned away with status 429")
		return
	default:
		return
	}
	if last.Challenge() || foreign && (status == http.StatusUnauthorized || status == http.StatusForbidden) {
		w.unknown(codeNotServed, h.name, fmt.Sprintf("turned away with status %d", status))
		return
	}
	if h != w.production() && host == h.name {
		d.Fix = "redirect https://" + h.name + "/ to https://" + w.site.canonical + "/ with status 301 or 308"
	}
	w.find(codeNotServed, h.name, d)
}

// unserved reports whether judgeServed has a finding about a page of the
// host's own, so that no other rule needs one.
func unserved(h *webHost) bool {
	switch h.secure.Status() {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusGone:
		return hostOf(h.secure.Final) == h.name
	case http.StatusForbidden:
		return hostOf(h.secure.Final) == h.name && !h.secure.Last().Challenge()
	default:
		return false
	}
}

// statusWords gives a status with its name.
func statusWords(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}
