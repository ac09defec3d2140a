package readiness

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/webprobe"
)

const (
	codeExpired       = "tls.expired"
	codeNotYet        = "tls.not-yet-valid"
	codeExpiring      = "tls.expiring"
	codeWrongName     = "tls.wrong-name"
	codeSelfSigned    = "tls.self-signed"
	codeUnknownIssuer = "tls.unknown-issuer"
	codeIncomplete    = "tls.incomplete-chain"
	codeOldTLS        = "tls.old-version"
	codeHandshake     = "tls.handshake"
	codeCAA           = "caa.forbids-issuer"
)

func certCodes() []codeRow {
	return []codeRow{
		{codeExpired, Blocker, "the certificate has expired", "RFC 5280 section 4.1.2.5"},
		{codeNotYet, Blocker, "the certificate is not valid yet", "RFC 5280 section 4.1.2.5"},
		{codeExpiring, High, "the certificate ends soon and was not renewed", ""},
		{codeWrongName, Blocker, "the certificate is for other names", "RFC 9525 section 6"},
		{codeSelfSigned, Blocker, "the certificate is signed by itself", "RFC 5280 section 6"},
		{codeUnknownIssuer, Blocker, "the certificate comes from an issuer that browsers do not know", "RFC 5280 section 6"},
		{codeIncomplete, Blocker, "the server does not send the intermediate certificate", "RFC 8446 section 4.4.2"},
		{codeOldTLS, Blocker, "the server speaks no TLS newer than 1.1", "RFC 8996"},
		{codeHandshake, Blocker, "the TLS handshake fails", ""},
		{codeCAA, High, "CAA records forbid the issuer of the certificate", "RFC 8659 section 3"},
	}
}

const day = 24 * time.Hour

// judgeCertificate concludes from a host's certificate. Whether it can be
// connected to at all is for other rules.
func (w *webLook) judgeCertificate(ctx context.Context, h *webHost) {
	c := h.cert
	if c.Kind == webprobe.BadTLS {
		w.find(codeHandshake, h.name, detail{
			Severity: severity(h, Blocker), Detail: "No browser can connect. " + handshakeWords(c.Err),
			Evidence: append([]string{c.Err}, addressOf(c)...),
			Fix:      "see that the server of " + h.name + " has a certificate for exactly this name, that its port 443 speaks TLS and not plain http, and that TLS 1.2 and 1.3 are switched on",
		})
	}
	leaf := c.Leaf()
	if leaf == nil {
		switch c.Kind {
		case webprobe.Unknown, webprobe.Broken, webprobe.Timeout, webprobe.Unreachable:
			w.unknown(codeHandshake, h.name, c.Kind.String())
		}
		return
	}
	tell := func(code, why, fix string, evidence ...string) {
		w.find(code, h.name, detail{Severity: severity(h, Blocker), Detail: why, Evidence: evidence, Fix: fix})
	}
	const warns = "Browsers show a warning in place of the page, and programs refuse."
	if c.Expired {
		tell(codeExpired, warns, "renew the certificate of "+h.name+", and find out why it was not renewed by itself", append([]string{"ended on " + date(leaf.NotAfter), "issued by " + c.Issuer()}, addressOf(c)...)...)
	}
	if c.NotYet {
		tell(codeNotYet, warns, "install a certificate that is valid now, or set the clock of the machine that made it", "begins on "+date(leaf.NotBefore))
	}
	if c.WrongName {
		tell(codeWrongName, warns, "get a certificate for "+h.name, "for "+names(leaf.DNSNames))
	}
	switch {
	case c.SelfSigned:
		tell(codeSelfSigned, warns, "get a certificate from a public authority; Let's Encrypt gives them for nothing",
			append([]string{"issued by itself, " + c.Issuer()}, addressOf(c)...)...)
	case c.Incomplete:
		tell(codeIncomplete, "Some browsers fetch what is missing, programs and phones do not: the site works for some only.",
			"configure the full chain (fullchain.pem, not cert.pem)", "issued by "+c.Issuer()+", whose certificate is not sent")
	case c.UnknownIssuer:
		tell(codeUnknownIssuer, warns, "get a certificate from a public authority; a Cloudflare origin certificate works behind the proxy only", "issued by "+c.Issuer())
	case c.NoRoots:
		w.unknown(codeUnknownIssuer, h.name, "this machine has no list of authorities to trust")
	}
	if c.Version != 0 && c.Version < tls.VersionTLS12 {
		tell(codeOldTLS, "Browsers have not connected over it since 2020.", "switch on TLS 1.2 and 1.3, and 1.0 and 1.1 off", c.VersionName())
	}
	w.judgeEnd(h)
	if c.Valid() {
		w.judgeCAA(ctx, h)
	}
}

// judgeEnd asks whether the certificate should have been renewed by now.
// Certificates of 90 days and fewer are renewed with a third of their time
// left; what counts as late is in proportion, since some live six days only.
func (w *webLook) judgeEnd(h *webHost) {
	c := h.cert
	if c.Expired || c.NotYet || c.SelfSigned {
		return
	}
	left, life := time.Until(c.Leaf().NotAfter), c.Lifetime()
	d := detail{
		Detail:   "It should have been renewed by itself; when it ends, browsers show a warning in place of the page.",
		Evidence: []string{fmt.Sprintf("ends on %s, issued by %s for %d days", date(c.Leaf().NotAfter), c.Issuer(), int(life.Round(day)/day))},
		Fix:      "renew it now, and look at the log of what renews it",
	}
	urgent, late := 14*day, time.Duration(0)
	if life <= 100*day {
		urgent, late = min(urgent, life*14/90), min(30*day, life/3)
	}
	switch {
	case left < urgent:
		w.find(codeExpiring, h.name, d)
	case left < late:
		d.Severity = Medium
		w.find(codeExpiring, h.name, d)
	}
}

// addressOf says who presented a certificate.
func addressOf(c webprobe.Certificate) []string {
	if !c.Addr.IsValid() {
		return nil
	}
	return []string{"presented at " + c.Addr.String()}
}

// handshakeWords says in plain words what an error of the handshake means.
func handshakeWords(err string) string {
	switch {
	case strings.Contains(err, "does not look like a TLS handshake"):
		return "What answers at port 443 does not speak TLS: perhaps plain http, or another service."
	case strings.Contains(err, "protocol version"):
		return "The server and the check have no TLS version in common: it is too old, or set wrong."
	case strings.Contains(err, "unrecognized name"), strings.Contains(err, "internal error"), strings.Contains(err, "handshake failure"):
		return "The server broke off, most often since no certificate covers this name: a wildcard covers one label only."
	default:
		return "Often no certificate covers this name: a wildcard covers one label only."
	}
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// names lists the first names of a certificate.
func names(list []string) string {
	if len(list) == 0 {
		return "no name at all"
	}
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + fmt.Sprintf(" and %d more", len(list)-4)
	}
	return strings.Join(list, ", ")
}
