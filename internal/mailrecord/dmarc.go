package mailrecord

import (
	"slices"
	"strings"
)

// Policy is what a domain owner wants done with mail that fails DMARC: "none",
// "quarantine" or "reject". The empty Policy is an absent one.
type Policy string

// The policies.
const (
	PolicyNone       Policy = "none"
	PolicyQuarantine Policy = "quarantine"
	PolicyReject     Policy = "reject"
)

// strength orders the policies.
func (p Policy) strength() int {
	switch p {
	case PolicyReject:
		return 2
	case PolicyQuarantine:
		return 1
	default:
		return 0
	}
}

// DMARC is a record as receivers read it.
type DMARC struct {
	// Text is the whole record, its strings joined. It may hold e-mail
	// addresses: show it through [Mask].
	Text string
	// Ignored says that receivers apply nothing: no policy that can be read,
	// and no address for reports.
	Ignored bool
	// P, SP and NP are the policies as they count for the domain, for
	// existing and for missing names below it: defaults filled in, before T.
	// All are none where one of them cannot be read (section 4.10.1).
	P, SP, NP Policy
	// Testing is t=y: each policy counts one step weaker.
	Testing bool
	// PSD is 'y', 'n' or 'u'.
	PSD byte
	// ADKIM and ASPF are 'r' or 's'.
	ADKIM, ASPF byte
	// RUA and RUF are the usable addresses for reports.
	RUA, RUF []ReportURI
}

// Effective returns a policy of d as it is applied: one step weaker under
// t=y.
func (d DMARC) Effective(p Policy) Policy {
	switch {
	case !d.Testing:
		return p
	case p == PolicyReject:
		return PolicyQuarantine
	default:
		return PolicyNone
	}
}

// Enforced reports whether mail that fails is rejected or put aside.
func (d DMARC) Enforced() bool { return d.Effective(d.P).strength() > 0 }

// ReportDomains returns the domains of RUA and RUF, each once, in order.
// Reports to another organization need its consent: see [ReportName].
func (d DMARC) ReportDomains() []string {
	var out []string
	for _, u := range slices.Concat(d.RUA, d.RUF) {
		if !slices.Contains(out, u.Domain) {
			out = append(out, u.Domain)
		}
	}
	return out
}

// ReportName is where receivers look for the consent of external to get the
// reports about domain (RFC 9990, section 4): a TXT record for which
// [IsDMARC].
func ReportName(domain, external string) string {
	return normal(domain) + "._report._dmarc." + normal(external)
}

// IsDMARC reports whether the TXT record with these strings is a DMARC record
// by its version: v=DMARC1 first, its value in capitals.
func IsDMARC(text ...string) bool {
	joined := strings.Join(text, "")
	first, _, _ := strings.Cut(joined, ";")
	name, value, _ := strings.Cut(first, "=")
	// No blank may come before v; around = and before ; there may be.
	return asciiLower(strings.TrimRight(name, " \t")) == "v" && strings.Trim(value, " \t") == "DMARC1"
}

// FindDMARC picks the DMARC records out of the TXT records at _dmarc.DOMAIN
// and says which of the others were meant to be one. More than one is the
// problem dmarc.multiple; none is no problem here.
func FindDMARC(txts [][]string) (found [][]string, problems []Problem) {
	l := &lint{}
	for _, txt := range txts {
		text := strings.Join(txt, "")
		if IsDMARC(text) {
			found = append(found, txt)
			continue
		}
		if f := nearDMARC(text); f != nil {
			l.add(*f, 0, text)
		}
	}
	if len(found) > 1 {
		l.add(fault{code: "dmarc.multiple", detail: "with more than one, receivers act as if there were none", fix: "keep one of them"}, 0, "")
	}
	return found, l.out
}

// nearDMARC recognises a text that somebody took for a DMARC record, or that
// lies at its place because a wildcard answers.
func nearDMARC(text string) *fault {
	low := asciiLower(text)
	bare := strings.TrimLeft(low, spaces+"\"'\\\u00a0\ufeff")
	f := &fault{code: "dmarc.not-a-record", fix: "start the record with v=DMARC1; and name the policy, such as p=none"}
	blankless := strings.NewReplacer(" ", "", "\t", "").Replace(bare[:min(len(bare), 40)])
	switch {
	case isSPF(text):
		f.detail, f.fix = "an SPF record lies at _dmarc; perhaps a wildcard record answers", "publish a DMARC record at _dmarc itself"
	case bare != low && strings.HasPrefix(blankless, "v=dmarc"):
		f.detail = "a blank or a quote stands before v=DMARC1, so that it is not recognised"
	case strings.HasPrefix(blankless, "v=dmarc1,"), strings.HasPrefix(blankless, "v=dmarc1p="), strings.HasPrefix(blankless, "v=dmarc1:"):
		f.detail = "the tags must be separated by semicolons"
	case strings.HasPrefix(blankless, "v=dmarc"):
		f.detail = "the version is not v=DMARC1 in capitals, so that it is not recognised"
	case strings.Contains(low, "v=dmarc1"):
		f.detail = "v=DMARC1 must come first"
	case strings.HasPrefix(blankless, "dmarc1"), strings.HasPrefix(blankless, "p=none"), strings.HasPrefix(blankless, "p=quarantine"), strings.HasPrefix(blankless, "p=reject"):
		f.detail = "v=DMARC1 is missing"
	default:
		return nil
	}
	return f
}
