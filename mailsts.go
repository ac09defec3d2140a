package readiness

import (
	"context"
	"mime"
	"net/http"
	"net/url"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/mailrecord"
	"github.com/launchready/readiness/internal/webprobe"
)

// tlsCodes are the rules about encryption on the way between mail servers.
// Neither MTA-STS nor TLS reporting is needed; what is there must be right.
func tlsCodes() []codeRow {
	rows := append(recordCodes("mtasts."),
		codeRow{"mtasts.policy-missing", Medium, "the MTA-STS policy file cannot be fetched", "RFC 8461 section 3.3"},
		codeRow{"mtasts.policy-type", Medium, "the MTA-STS policy file is not served as text/plain", "RFC 8461 section 3.2"},
		codeRow{"mtasts.policy-redirect", Medium, "the MTA-STS policy file is redirected", "RFC 8461 section 3.3"},
		codeRow{"mtasts.certificate", Medium, "the certificate of the MTA-STS policy host is not valid", "RFC 8461 section 3.3"},
	)
	return append(rows, recordCodes("tlsrpt.")...)
}

// stsFacts is what was read about MTA-STS.
type stsFacts struct {
	record  dnsq.Answer
	visited bool // there is one record, and the policy was asked for
	visit   webprobe.Visit
}

// policyPath is the path of a policy file (RFC 8461, section 3.3).
const policyPath = "/.well-known/mta-sts.txt"

// stsHost is where the policy file lies.
func (d *mailLook) stsHost() string { return "mta-sts." + d.name }

// readSTS asks for the record and, where there is one, for the policy file.
func (d *mailLook) readSTS(ctx context.Context) {
	if !d.Receives {
		return
	}
	d.sts.record = d.ask(ctx, "_mta-sts."+d.name, dnsq.TXT)
	if found, _ := mailrecord.FindSTS(txtStrings(d.sts.record)); len(found) == 1 {
		d.sts.visited = true
		d.sts.visit = d.web.Fetch(ctx, "https://"+d.stsHost()+policyPath)
	}
}

// judgeSTS judges what senders know about the domain's mail servers before
// they connect.
func (d *mailLook) judgeSTS() {
	if !d.Receives {
		return
	}
	name := "_mta-sts." + d.name
	if !d.sts.record.Status.Known() {
		d.unknown("mtasts.syntax", name, "TXT records: "+d.sts.record.Status.String())
		return
	}
	found, problems := mailrecord.FindSTS(txtStrings(d.sts.record))
	if len(found) == 1 {
		_, more := mailrecord.ParseSTS(found[0]...)
		problems = append(problems, more...)
	}
	d.report(problems, name, recordLines(name, found[:min(len(found), 3)])...)
	if d.sts.visited {
		d.judgePolicyFile()
	}
}

// judgePolicyFile judges the file as senders fetch it: over TLS with a valid
// certificate, without a redirect.
func (d *mailLook) judgePolicyFile() {
	v, host := &d.sts.visit, d.stsHost()
	const lost = "Senders that ask for the policy find none, and go on as they did without."
	switch {
	case len(v.Hops) > 0 && v.Hops[0].Location != "":
		d.find("mtasts.policy-redirect", host, detail{Detail: "Senders follow no redirect to a policy. " + lost, Evidence: []string{"redirects to " + showTarget(v.Hops[0].Location)}, Fix: "serve the file at https://" + host + policyPath + " itself"})
	case v.Kind == webprobe.BadTLS:
		d.find("mtasts.certificate", host, detail{Detail: lost, Evidence: []string{v.Err}, Fix: "get a certificate for " + host})
	case v.Kind != webprobe.OK && !v.Kind.Known():
		d.unknown("mtasts.policy-missing", host, v.Kind.String())
	case v.Status() != http.StatusOK:
		why := v.Kind.String()
		if v.Kind == webprobe.OK {
			why = "the answer is " + http.StatusText(v.Status())
		}
		d.find("mtasts.policy-missing", host, detail{Detail: lost, Evidence: []string{why}, Fix: "serve the policy at https://" + host + policyPath + ", or delete the TXT record _mta-sts." + d.name})
	default:
		d.judgePolicy(v)
	}
}

func (d *mailLook) judgePolicy(v *webprobe.Visit) {
	host := d.stsHost()
	policy, problems := mailrecord.ParseSTSPolicy(string(v.Body))
	if len(problems) == 0 {
		var names []string
		for _, s := range d.servers {
			if s.name != "" && !s.literal {
				names = append(names, s.name)
			}
		}
		problems = policy.Lint(names)
	}
	if !d.judgePolicyType(v) && policy.Mode == "" {
		return // some other page: what is wrong with it as a policy says no more
	}
	d.report(problems, host)
}

// showTarget writes where a redirect leads: its path and query may hold what is
// nobody's business, and the host says enough.
func showTarget(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "(not a URL)"
	}
	shown := u.Scheme + "://" + u.Host
	if u.Path == policyPath {
		return shown + policyPath
	}
	return shown + "/…"
}

// judgePolicyType reports whether the file is served as the plain text that
// senders insist on.
func (d *mailLook) judgePolicyType(v *webprobe.Visit) bool {
	served := v.Last().Header.Get("Content-Type")
	if media, _, _ := mime.ParseMediaType(served); media == "text/plain" { // a bad parameter is no other type
		return true
	}
	if served == "" {
		served = "(none)"
	}
	d.find("mtasts.policy-type", d.stsHost(), detail{
		Detail: "Senders may discard a policy of another media type, and go on as they did without.", Evidence: []string{"Content-Type: " + served},
		Fix: "serve https://" + d.stsHost() + policyPath + " with the header Content-Type: text/plain",
	})
	return false
}

// judgeTLSRPT judges whether reports about failed encryption arrive.
func (d *mailLook) judgeTLSRPT() {
	name := "_smtp._tls." + d.name
	if !d.Receives {
		return
	}
	if !d.tlsrpt.Status.Known() {
		d.unknown("tlsrpt.syntax", name, "TXT records: "+d.tlsrpt.Status.String())
		return
	}
	found, problems := mailrecord.FindTLSRPT(txtStrings(d.tlsrpt))
	if len(found) == 1 {
		_, more := mailrecord.ParseTLSRPT(found[0]...)
		problems = append(problems, more...)
	}
	d.report(problems, name, recordLines(name, found[:min(len(found), 3)])...)
}
