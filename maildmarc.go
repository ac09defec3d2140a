package readiness

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/mailrecord"
)

// dmarcCodes are the rules about mail that somebody forges.
func dmarcCodes() []codeRow {
	return append(recordCodes("dmarc."),
		codeRow{"dmarc.misplaced", High, "the DMARC record is not where it is looked for", "RFC 9989 section 4.10"},
		codeRow{"dmarc.alignment", High, "strict DMARC alignment fails a declared sender", "RFC 9989 section 4.4"},
		codeRow{"dmarc.report-unauthorised", Medium, "DMARC reports go to a domain that has not agreed", "RFC 9990 section 4"},
		codeRow{"dmarc.report-domain", Medium, "DMARC reports go to a domain without mail servers", "RFC 9990 section 3.5"},
	)
}

// mostReportDomains bounds how many receivers of reports are looked at.
const mostReportDomains = 4

// dmarcFacts is what was read about DMARC.
type dmarcFacts struct {
	mailrecord.DMARCResult

	text    [][]string // the TXT records where the record lies, or should
	doubled bool       // the record stands below the domain's name written twice
	reports []reportDomain
}

// reportDomain is who gets reports.
type reportDomain struct {
	name    string
	mx      dnsq.Answer
	asked   bool // another organization, whose consent is needed
	consent dnsq.Answer
}

// enforced reports whether mail that fails is rejected or put aside.
func (f *dmarcFacts) enforced() bool {
	return f.Policy == mailrecord.PolicyQuarantine || f.Policy == mailrecord.PolicyReject
}

// readDMARC finds the record, or where it went, and asks about those who get
// the reports.
func (d *mailLook) readDMARC(ctx context.Context) {
	f := &d.dmarc
	f.DMARCResult = mailrecord.WalkDMARC(ctx, d.name, mailLookup{d.look})
	if !f.Found {
		f.At = d.name
		f.doubled = slices.ContainsFunc(txtStrings(d.ask(ctx, "_dmarc."+d.name+"."+d.name, dnsq.TXT)), isDMARC)
	}
	f.text = txtStrings(d.ask(ctx, "_dmarc."+f.At, dnsq.TXT))
	var all sync.WaitGroup
	domains := f.Record.ReportDomains()
	f.reports = make([]reportDomain, min(len(domains), mostReportDomains))
	for i := range f.reports {
		r := &f.reports[i]
		r.name, r.asked = domains[i], !sameOwner(domains[i], f.At)
		all.Go(func() { r.mx = d.ask(ctx, r.name, dnsq.MX) })
		if r.asked {
			all.Go(func() { r.consent = d.ask(ctx, mailrecord.ReportName(f.At, r.name), dnsq.TXT) })
		}
	}
	all.Wait()
}

func isDMARC(txt []string) bool { return mailrecord.IsDMARC(txt...) }

// sameOwner reports whether two domains are of one organization.
func sameOwner(a, b string) bool {
	x, errX := publicsuffix.EffectiveTLDPlusOne(a)
	y, errY := publicsuffix.EffectiveTLDPlusOne(b)
	return a == b || errX == nil && errY == nil && x == y
}

// judgeDMARC judges what becomes of forged mail, and of the domain's own.
func (d *mailLook) judgeDMARC() {
	f := &d.dmarc
	name := "_dmarc." + d.name
	if !f.Found && len(f.Unknown) > 0 {
		d.unknown("dmarc.missing", name, "no answer about _dmarc."+f.Unknown[0])
		return
	}
	if !f.Found && d.judgeMisplaced(name) {
		return
	}
	for _, p := range f.Problems {
		if p.Code == "dmarc.missing" {
			if d.assumed && !d.Sends {
				continue
			}
			p.Fix = "add a TXT record at " + name + `: "` + d.suggestDMARC() + `"`
		}
		if !d.Sends { // forged mail is a risk, but no own mail suffers
			p.Severity = min(p.Severity, mailrecord.Medium)
		}
		var evidence []string
		if p.Name == "_dmarc."+f.At {
			evidence = recordLines(p.Name, f.text[:min(len(f.text), 3)])
		}
		d.report([]mailrecord.Problem{p}, name, evidence...)
	}
	if f.Found && !f.Record.Ignored {
		d.judgeAlignment()
		d.judgeReports()
	}
}

// suggestDMARC writes a record to begin with.
func (d *mailLook) suggestDMARC() string {
	if !d.Sends {
		return "v=DMARC1; p=reject"
	}
	return "v=DMARC1; p=none; rua=mailto:dmarc@" + d.name
}

// judgeMisplaced finds a record that was published at a wrong name.
func (d *mailLook) judgeMisplaced(name string) bool {
	what := detail{Detail: "Receivers look at " + name + " alone: for them there is no record."}
	switch {
	case d.dmarc.doubled:
		what.Evidence = []string{name + "." + d.name + " has a DMARC record"}
		what.Fix = "the zone appended " + d.name + " a second time: enter the name as _dmarc, or with a dot at the end"
	case slices.ContainsFunc(d.spf.texts, isDMARC):
		what.Evidence = []string{d.name + " has a DMARC record"}
		what.Fix = "move the TXT record from " + d.name + " to " + name
	default:
		return false
	}
	if !d.Sends {
		what.Severity = Medium
	}
	d.find("dmarc.misplaced", name, what)
	return true
}

// judgeAlignment finds strict alignment where a service sends with a bounce
// address of its own, as all do that send in bulk: SPF is not aligned then,
// and without a key of the domain nothing is.
func (d *mailLook) judgeAlignment() {
	r := d.dmarc.Record
	if !d.Sends || !d.bulk() || r.ASPF != 's' || d.signed() || d.signingUnknown() {
		return
	}
	if r.ADKIM != 's' && d.signedBelow() {
		return
	}
	i := slices.IndexFunc(d.Senders, isBulk)
	d.find("dmarc.alignment", "_dmarc."+d.dmarc.At, detail{
		Detail:   "What " + d.Senders[i] + " sends has a bounce address below " + d.name + ", not at it, and no DKIM key of " + d.name + " is declared: with strict alignment it fails DMARC.",
		Evidence: recordLines("_dmarc."+d.dmarc.At, d.dmarc.text), Fix: "set up DKIM for " + d.name + " at " + d.Senders[i] + ", or take aspf=s and adkim=s out of the record",
	})
}

// signedBelow reports whether a name below the domain is declared with keys.
func (d *mailLook) signedBelow() bool {
	return slices.ContainsFunc(d.site.mail, func(m mailDomain) bool {
		return m.Domain != d.name && within(m.Domain, d.name) && len(m.DKIMSelectors) > 0
	})
}

// judgeReports judges whether reports arrive.
func (d *mailLook) judgeReports() {
	at := "_dmarc." + d.dmarc.At
	for _, r := range d.dmarc.reports {
		consent := mailrecord.ReportName(d.dmarc.At, r.name)
		switch {
		case r.asked && !r.consent.Status.Known():
			d.unknown("dmarc.report-unauthorised", at, "no answer about "+consent)
		case r.asked && !slices.ContainsFunc(txtStrings(r.consent), isDMARC):
			d.find("dmarc.report-unauthorised", at, detail{
				Detail:   "Reports to another organization need its consent in the DNS; without it they are not sent.",
				Evidence: []string{consent + " has no TXT record v=DMARC1"},
				Fix:      "let " + r.name + ` publish a TXT record at ` + consent + `: "v=DMARC1"`,
			})
		}
		if r.name == d.name && d.Receives {
			continue // the rules about MX have said it
		}
		null := len(r.mx.Of()) > 0 && strings.Trim(r.mx.Of()[0].Target, ".") == ""
		switch {
		case !r.mx.Status.Known():
			d.unknown("dmarc.report-domain", at, "no answer about the MX records of "+r.name)
		case absent(r.mx), null:
			d.find("dmarc.report-domain", at, detail{
				Detail: r.name + " has no mail server: reports to it are lost.", Fix: "send the reports to a mailbox that exists",
			})
		}
	}
}
