package readiness

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/dnsq"
)

// caaIdentities are the names under which issuers look for themselves in CAA
// records, by a part of the organisation in their certificates in lower case.
// An issuer that is not here is judged only where nobody may issue.
var caaIdentities = []struct {
	organisation string
	identities   []string
}{
	{"let's encrypt", []string{"letsencrypt.org"}},
	{"google trust services", []string{"pki.goog", "google.com"}},
	{"amazon", []string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com", "aws.amazon.com"}},
	{"zerossl", []string{"sectigo.com", "zerossl.com"}},
	{"sectigo", []string{"sectigo.com", "comodo.com", "comodoca.com", "usertrust.com", "trust-provider.com"}},
	{"comodo", []string{"sectigo.com", "comodo.com", "comodoca.com", "usertrust.com", "trust-provider.com"}},
	{"digicert", []string{"digicert.com", "www.digicert.com", "digicert.ne.jp", "cybertrust.ne.jp", "symantec.com", "thawte.com", "geotrust.com", "rapidssl.com", "volusion.com", "stratossl.com", "intermediatecertificate.de", "1und1.com", "amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com", "quovadisglobal.com"}},
	{"globalsign", []string{"globalsign.com"}},
	{"godaddy", []string{"godaddy.com", "starfieldtech.com"}},
	{"starfield", []string{"godaddy.com", "starfieldtech.com", "amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}},
	{"ssl corp", []string{"ssl.com"}},
	{"buypass", []string{"buypass.com", "buypass.no"}},
	{"actalis", []string{"actalis.it"}},
	{"harica", []string{"harica.gr"}},
	{"hellenic academic", []string{"harica.gr"}},
	{"certum", []string{"certum.pl", "certum.eu"}},
	{"asseco", []string{"certum.pl", "certum.eu"}},
	{"swisssign", []string{"swisssign.com", "swisssign.net", "swissign.com"}},
	{"microsoft", []string{"microsoft.com"}},
	{"identrust", []string{"identrust.com"}},
}

// caaTags are the properties that an issuer understands or may pass over.
var caaTags = []string{"issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"}

// judgeCAA asks whether the issuer of the certificate that is served may
// issue the next one.
func (w *webLook) judgeCAA(ctx context.Context, h *webHost) {
	at, records, known := w.caa(ctx, h.name)
	if !known {
		w.unknown(codeCAA, h.name, "the CAA records could not be looked up")
		return
	}
	if len(records) == 0 || caaAllows(records, h.cert.Issuer(), isWildcard(h)) {
		return
	}
	var evidence []string
	for _, r := range records {
		evidence = append(evidence, fmt.Sprintf("%d %s %q", r.Flag, r.Tag, r.Value))
	}
	slices.Sort(evidence)
	issuer, fix := h.cert.Issuer(), "add a CAA record that names the issuer, or get the certificate from one that is named"
	if ids := identitiesOf(issuer); len(ids) > 0 {
		fix = fmt.Sprintf("add: %s. CAA 0 issue %q", at, ids[0])
	}
	w.find(codeCAA, at, detail{
		Detail:   "The certificate works until it ends; its renewal will be refused.",
		Evidence: append(evidence[:min(len(evidence), 8)], "certificate by "+issuer), Fix: fix,
	})
}

// caa climbs from a name to the first ancestor that has CAA records (RFC
// 8659, section 3).
func (w *webLook) caa(ctx context.Context, name string) (at string, records []dnsq.Record, known bool) {
	for at = name; at != ""; _, at, _ = strings.Cut(at, ".") {
		a := w.ask(ctx, at, dnsq.CAA)
		if !a.Status.Known() {
			return at, nil, false
		}
		if records = a.Of(); len(records) > 0 {
			return at, records, true
		}
	}
	return "", nil, true
}

// caaAllows reports whether an issuer may issue. One that is not known may,
// unless nobody may.
func caaAllows(records []dnsq.Record, issuer string, wildcard bool) bool {
	tag := "issue"
	for _, r := range records {
		if r.Flag&0x80 != 0 && !slices.Contains(caaTags, r.Tag) {
			return false // critical, and not understood by anybody
		}
		if wildcard && r.Tag == "issuewild" {
			tag = "issuewild"
		}
	}
	restricted, named := false, false
	ids := identitiesOf(issuer)
	for _, r := range records {
		if r.Tag != tag {
			continue
		}
		restricted = true
		domain, _, _ := strings.Cut(r.Value, ";")
		domain = strings.ToLower(strings.TrimSpace(domain))
		if slices.Contains(ids, domain) {
			return true
		}
		named = named || domain != ""
	}
	return !restricted || named && len(ids) == 0
}

func identitiesOf(issuer string) []string {
	issuer = strings.ToLower(strings.ReplaceAll(issuer, "’", "'"))
	for _, ca := range caaIdentities {
		if strings.Contains(issuer, ca.organisation) {
			return ca.identities
		}
	}
	return nil
}

// isWildcard reports whether only a wildcard of the certificate covers the
// host.
func isWildcard(h *webHost) bool {
	leaf := h.cert.Leaf()
	_, parent, _ := strings.Cut(h.name, ".")
	return leaf != nil && !slices.Contains(leaf.DNSNames, h.name) && slices.Contains(leaf.DNSNames, "*."+parent)
}
