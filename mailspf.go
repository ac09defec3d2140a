package readiness

import (
	"context"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/mailrecord"
)

// spfCodes are the rules about who may send.
func spfCodes() []codeRow {
	return append(recordCodes("spf."),
		codeRow{"spf.type99", High, "SPF only as a record of the type SPF, which nobody reads", "RFC 7208 section 3.1"},
		codeRow{"spf.sender", Medium, "a declared sender is not in the SPF record", "RFC 7208 section 5.2"},
		codeRow{"spf.parked", Medium, "the domain sends no mail and does not say so", "RFC 7208 section 10.1.2"},
	)
}

// spfFacts is what was read about SPF.
type spfFacts struct {
	mailrecord.SPFResult

	texts   [][]string                      // all TXT records of the domain
	oldType bool                            // a record of the type SPF stands where the TXT is missing
	senders map[string]mailrecord.SPFResult // what those declared but not included send from
}

// readSPF follows the SPF record, and those of the declared senders that it
// does not include: their networks may be listed in it one by one.
func (d *mailLook) readSPF(ctx context.Context) {
	lookup := mailLookup{d.look}
	d.spf.SPFResult = mailrecord.WalkSPF(ctx, d.name, lookup)
	d.spf.texts = txtStrings(d.ask(ctx, d.name, dnsq.TXT))
	if d.spf.has("spf.missing") {
		d.spf.oldType = slices.ContainsFunc(txtStrings(d.ask(ctx, d.name, dnsq.SPF)), func(s []string) bool {
			return strings.HasPrefix(strings.ToLower(strings.Join(s, "")), "v=spf1")
		})
	}
	if len(d.spf.Record.Terms) == 0 {
		return
	}
	d.spf.senders = map[string]mailrecord.SPFResult{}
	for _, sender := range d.Senders {
		include, ok := mailrecord.Sender(sender)
		if ok && d.spf.Covers(include) != mailrecord.Covered {
			d.spf.senders[sender] = mailrecord.WalkSPF(ctx, include[0], lookup)
		}
	}
}

// has reports whether the walk met a problem of that code.
func (f *spfFacts) has(code string) bool {
	return slices.ContainsFunc(f.Problems, func(p mailrecord.Problem) bool { return p.Code == code })
}

// permits reports whether the record lets anybody send.
func (f *spfFacts) permits() bool {
	_, redirects := f.Record.Redirect()
	return len(f.Includes)+len(f.Networks)+len(f.Macros) > 0 || redirects
}

// refuses reports whether the record says that nobody sends.
func (f *spfFacts) refuses() bool {
	all, ok := f.Record.All()
	return ok && all.Qualifier == '-' && !f.permits()
}

// judgeSPF judges who may send.
func (d *mailLook) judgeSPF() {
	f := &d.spf
	if slices.Contains(f.Unknown, d.name) && f.Record.Text == "" {
		d.unknown("spf.missing", d.name, "no answer about the TXT records of "+d.name)
		return
	}
	if len(f.Unknown) > 0 {
		d.unknown("spf.lookups", d.name, "no answer about "+strings.Join(f.Unknown[:min(len(f.Unknown), 3)], ", "))
	}
	if !d.Sends {
		d.judgeParked()
		return
	}
	for _, p := range f.Problems {
		switch p.Code {
		case "spf.missing":
			d.judgeNoSPF(p)
			continue
		case "spf.after-all":
			if d.senderAfterAll() {
				p.Severity = mailrecord.High
				p.Detail += "; a declared sender is among it, and its mail fails SPF"
			}
		}
		d.report([]mailrecord.Problem{p}, d.name, d.spfRecords(p.Name)...)
	}
	if len(f.Record.Terms) > 0 && !d.spfBroken() {
		d.judgeSenders()
	}
}

// judgeNoSPF judges a domain without a record. Where nothing is signed either,
// the large receivers refuse what a bulk sender sends.
func (d *mailLook) judgeNoSPF(p mailrecord.Problem) {
	severity := High
	if d.bulk() && !d.signed() && !d.signingUnknown() {
		severity = Blocker
		p.Detail += "; and since nothing is signed with DKIM either, Gmail, Yahoo and Microsoft refuse bulk mail from it"
	}
	fix := `add a TXT record at ` + d.name + `: "` + d.suggestSPF() + `"`
	if d.spf.oldType {
		d.find("spf.type99", d.name, detail{severity, "The record has the type SPF (99), which was given up in 2014: receivers read TXT only.", nil, "publish the same text as a TXT record"})
		return
	}
	d.find("spf.missing", d.name, detail{severity, sentence(p.Detail), nil, fix})
}

// spfBroken reports whether a term of the domain's own record cannot be read:
// what it was meant to pass is not known then.
func (d *mailLook) spfBroken() bool {
	return slices.ContainsFunc(d.spf.Problems, func(p mailrecord.Problem) bool {
		return p.Name == d.name && (p.Code == "spf.syntax" || p.Code == "spf.missing-blank" || p.Code == "spf.seam")
	})
}

// suggestSPF writes a record that passes the declared senders.
func (d *mailLook) suggestSPF() string {
	terms := []string{"v=spf1"}
	for _, sender := range d.Senders {
		if include, ok := mailrecord.Sender(sender); ok && !slices.Contains(terms, "include:"+include[0]) {
			terms = append(terms, "include:"+include[0])
		}
	}
	if len(terms) == 1 {
		terms = append(terms, "include:YOUR-PROVIDER")
	}
	return strings.Join(append(terms, "~all"), " ")
}

// judgeSenders finds declared senders that the record does not pass.
func (d *mailLook) judgeSenders() {
	for _, sender := range d.Senders {
		include, ok := mailrecord.Sender(sender)
		if !ok {
			d.unknown("spf.sender", d.name, quoteCut(sender)+" is no sender that the check knows; declare the name of its SPF include instead")
			continue
		}
		own := d.spf.senders[sender]
		switch covers := d.spf.Covers(include); {
		case covers == mailrecord.CannotTell && len(d.spf.Unknown) == 0:
			d.unknown("spf.sender", d.name, "whether the record passes "+sender+" depends on the message")
		case covers != mailrecord.NotCovered, d.spf.CoversNetworks(own.Networks):
		case len(own.Unknown) > 0 && len(d.spf.Networks) > 0:
			d.unknown("spf.sender", d.name, "no answer about what "+sender+" sends from")
		default:
			severity, then := Medium, "what it sends passes DMARC by its DKIM signature alone"
			if !d.signed() && !d.signingUnknown() {
				severity, then = High, "without a DKIM key of the domain what it sends fails DMARC"
			}
			d.find("spf.sender", d.name, detail{
				severity, sentence(sender + " is declared as a sender, but the record does not pass it: " + then),
				d.spfRecords(d.name), "add include:" + include[0] + " before all",
			})
		}
	}
}

// senderAfterAll reports whether a declared sender stands where nobody looks.
func (d *mailLook) senderAfterAll() bool {
	return slices.ContainsFunc(d.Senders, func(sender string) bool {
		include, ok := mailrecord.Sender(sender)
		return ok && d.spf.Covers(include) == mailrecord.AfterAll
	})
}

// judgeParked judges a domain that sends nothing: no fault of its record stops
// a launch, but anybody may forge mail from it.
func (d *mailLook) judgeParked() {
	f := &d.spf
	for _, p := range f.Problems {
		switch {
		case p.Code == "spf.missing":
			continue
		case p.Code == "spf.plus-all":
			p.Severity = min(p.Severity, mailrecord.High)
		default:
			p.Severity = min(p.Severity, mailrecord.Medium)
		}
		d.report([]mailrecord.Problem{p}, d.name, d.spfRecords(p.Name)...)
	}
	if f.refuses() || f.has("spf.plus-all") || d.assumed && f.Record.Text == "" {
		return
	}
	d.find("spf.parked", d.name, detail{
		Detail:   "Nobody is declared to send mail from " + d.name + "; as long as its record does not say so, forged mail from it looks no worse than other mail.",
		Evidence: d.spfRecords(d.name), Fix: `publish one TXT record at ` + d.name + `: "v=spf1 -all"`,
	})
}

// spfRecords writes the domain's own records for evidence.
func (d *mailLook) spfRecords(name string) []string {
	if name != d.name && name != "" {
		return nil
	}
	var lines [][]string
	for _, s := range d.spf.texts {
		if strings.Contains(strings.ToLower(strings.Join(s, "")), "spf") {
			lines = append(lines, s)
		}
	}
	return recordLines(d.name, lines[:min(len(lines), 4)])
}

// bulk reports whether a service is declared that sends to many: one that is
// no mailbox provider.
func (d *mailLook) bulk() bool { return slices.ContainsFunc(d.Senders, isBulk) }

func isBulk(sender string) bool {
	include, _ := mailrecord.Sender(sender)
	for _, mailbox := range []string{"google", "microsoft", "fastmail", "gandi", "godaddy", "icloud", "ionos", "mailbox", "migadu", "namecheap", "ovh", "proton", "rackspace", "titan", "yandex", "zoho"} {
		if names, ok := mailrecord.Sender(mailbox); ok && len(include) > 0 && names[0] == include[0] {
			return false
		}
	}
	return true
}
