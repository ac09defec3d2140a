package mailrecord

// Rule is one kind of problem.
type Rule struct {
	// Code is stable, such as "spf.multiple".
	Code string
	// Severity is what it usually means.
	Severity Severity
	// Title names it in a few words.
	Title string
	// Ref is the section of the standard that is the reason.
	Ref string
}

// Rules returns all rules of this package, by record kind. The slice is the
// caller's.
func Rules() []Rule { return append([]Rule(nil), rules...) }

func rule(code string) Rule {
	for _, r := range rules {
		if r.Code == code {
			return r
		}
	}
	return Rule{Code: code, Severity: Blocker} // a test keeps the table whole
}

var rules = []Rule{
	{"spf.missing", High, "no SPF record", "RFC 7208 section 4.5"},
	{"spf.not-a-record", High, "text that was meant as SPF and is not read as such", "RFC 7208 section 4.5"},
	{"spf.sender-id", Info, "a Sender ID record (spf2.0), which nobody reads any more", "RFC 6654"},
	{"spf.multiple", Blocker, "more than one SPF record", "RFC 7208 section 4.5"},
	{"spf.syntax", Blocker, "a syntax error in the SPF record", "RFC 7208 section 4.6"},
	{"spf.missing-blank", Blocker, "two terms of the SPF record without a blank between", "RFC 7208 section 4.6.1"},
	{"spf.seam", Blocker, "the strings of the SPF record join without a blank", "RFC 7208 section 3.3"},
	{"spf.bad-name", High, "a name in the SPF record that cannot exist", "RFC 7208 section 4.3"},
	{"spf.modifier-for-mechanism", High, "a mechanism of the SPF record written with =, which is ignored", "RFC 7208 section 6"},
	{"spf.repeated-version", Medium, "v=spf1 a second time within the SPF record", "RFC 7208 section 4.5"},
	{"spf.unknown-modifier", Info, "an unknown modifier in the SPF record", "RFC 7208 section 6"},
	{"spf.plus-all", Blocker, "the SPF record lets anybody send", "RFC 7208 section 5.1"},
	{"spf.neutral-all", Medium, "the SPF record ends with ?all, which says nothing", "RFC 7208 section 8.2"},
	{"spf.no-all", Medium, "the SPF record has no end: neither all nor redirect", "RFC 7208 section 4.7"},
	{"spf.after-all", Medium, "terms after all in the SPF record are ignored", "RFC 7208 section 5.1"},
	{"spf.redirect-ignored", Medium, "redirect beside all in the SPF record is ignored", "RFC 7208 section 6.1"},
	{"spf.ptr", Medium, "the SPF record uses ptr", "RFC 7208 section 5.5"},
	{"spf.duplicate", Info, "a term stands twice in the SPF record", "RFC 7208 section 4.6.4"},
	{"spf.long", Medium, "a long SPF record", "RFC 7208 section 3.4"},
	{"spf.flattened", Info, "many addresses in the SPF record", "RFC 7208 section 10.1.2"},
	{"spf.macro", Info, "a term of the SPF record depends on the message", "RFC 7208 section 7"},
	{"spf.lookups", Blocker, "the SPF record needs more than 10 lookups", "RFC 7208 section 4.6.4"},
	{"spf.lookups-near", Medium, "the SPF record needs 9 or 10 of the 10 lookups allowed", "RFC 7208 section 4.6.4"},
	{"spf.voids", High, "the SPF record looks up more than 2 names without data", "RFC 7208 section 4.6.4"},
	{"spf.loop", Blocker, "the SPF record leads back to itself", "RFC 7208 section 4.6.4"},
	{"spf.include-missing", Blocker, "the SPF record includes a name without one", "RFC 7208 section 5.2"},
	{"spf.redirect-missing", Blocker, "the SPF record redirects to a name without one", "RFC 7208 section 6.1"},
	{"spf.include-all", High, "an included SPF record lets anybody send", "RFC 7208 section 5.2"},
	{"spf.mx-many", High, "an mx term of the SPF record with more than 10 hosts", "RFC 7208 section 4.6.4"},

	{"dkim.not-a-key", Blocker, "text at the selector that is no DKIM key", "RFC 6376 section 3.6.1"},
	{"dkim.multiple", High, "more than one record at the selector", "RFC 6376 section 3.6.2.2"},
	{"dkim.syntax", Blocker, "a syntax error in the DKIM key record", "RFC 6376 section 3.2"},
	{"dkim.duplicate", Blocker, "a tag stands twice in the DKIM key record", "RFC 6376 section 3.2"},
	{"dkim.version", Blocker, "the version of the DKIM key record is wrong", "RFC 6376 section 3.6.1"},
	{"dkim.algorithm", Blocker, "the DKIM key is of an unknown kind", "RFC 6376 section 3.6.1"},
	{"dkim.revoked", Blocker, "the DKIM key is revoked", "RFC 6376 section 3.6.1"},
	{"dkim.key", Blocker, "the DKIM key cannot be read", "RFC 6376 section 3.6.1"},
	{"dkim.padding", Medium, "the DKIM key lacks its base64 padding", "RFC 6376 section 2.10"},
	{"dkim.weak", Blocker, "a DKIM key below 1024 bits", "RFC 8301 section 3.2"},
	{"dkim.short", Medium, "a DKIM key below 2048 bits", "RFC 8301 section 3.2"},
	{"dkim.long", Info, "a DKIM key above 4096 bits", "RFC 8301 section 3.2"},
	{"dkim.hash", Blocker, "the DKIM key does not allow SHA-256", "RFC 8301 section 3.1"},
	{"dkim.service", Blocker, "the DKIM key is not for e-mail", "RFC 6376 section 3.6.1"},
	{"dkim.testing", Medium, "the DKIM key is marked as a test", "RFC 6376 section 3.6.1"},
	{"dkim.ed25519-alone", Medium, "Ed25519 keys only, which few receivers can check", "RFC 8463 section 3"},

	{"dmarc.missing", High, "no DMARC record", "RFC 9989 section 4.10.1"},
	{"dmarc.multiple", High, "more than one DMARC record", "RFC 9989 section 4.10"},
	{"dmarc.not-a-record", High, "text that was meant as DMARC and is not read as such", "RFC 9989 section 4.7"},
	{"dmarc.version-case", High, "the DMARC record starts with a capital V", "RFC 9989 section 4.8"},
	{"dmarc.syntax", Medium, "a part of the DMARC record cannot be read", "RFC 9989 section 4.8"},
	{"dmarc.duplicate", Medium, "a tag stands twice in the DMARC record", "RFC 9989 section 4.7"},
	{"dmarc.policy-invalid", High, "an unknown policy in the DMARC record", "RFC 9989 section 4.10.1"},
	{"dmarc.policy-missing", Medium, "no policy in the DMARC record", "RFC 9989 section 4.10.1"},
	{"dmarc.policy-none", Medium, "the DMARC policy is none: only reports", "RFC 9989 section 4.7"},
	{"dmarc.subdomains-weaker", Medium, "the DMARC policy for subdomains is weaker", "RFC 9989 section 4.7"},
	{"dmarc.testing", Medium, "the DMARC policy is marked as a test", "RFC 9989 section 4.7"},
	{"dmarc.pct", Medium, "the DMARC policy is for a part of the mail only", "RFC 9989 appendix A.6"},
	{"dmarc.historic", Info, "a tag of the DMARC record that is no longer in use", "RFC 9989 section 9"},
	{"dmarc.unknown-tag", Info, "an unknown tag in the DMARC record", "RFC 9989 section 4.7"},
	{"dmarc.value-invalid", Medium, "an unknown value in the DMARC record", "RFC 9989 section 4.8"},
	{"dmarc.psd", Medium, "the DMARC record says that the domain is a public suffix", "RFC 9989 section 4.7"},
	{"dmarc.rua-missing", Medium, "the DMARC record asks for no reports", "RFC 9989 section 4.7"},
	{"dmarc.rua-invalid", Medium, "an address for DMARC reports that cannot be used", "RFC 9989 section 4.6"},
	{"dmarc.ruf-invalid", Medium, "an address for DMARC failure reports that cannot be used", "RFC 9989 section 4.6"},
	{"dmarc.rua-many", Info, "more than two addresses for DMARC reports", "RFC 9990 section 3.5.4"},
	{"dmarc.size", Info, "a size limit for DMARC reports, which is no longer in use", "RFC 9989 section 4.8"},
	{"dmarc.fo-alone", Info, "fo without ruf in the DMARC record", "RFC 9989 section 4.7"},

	{"mtasts.not-a-record", Medium, "text that was meant as MTA-STS and is not read as such", "RFC 8461 section 3.1"},
	{"mtasts.multiple", Medium, "more than one MTA-STS record", "RFC 8461 section 3.1"},
	{"mtasts.syntax", Medium, "a syntax error in the MTA-STS record", "RFC 8461 section 3.1"},
	{"mtasts.policy", Medium, "an error in the MTA-STS policy file", "RFC 8461 section 3.2"},
	{"mtasts.mx", Medium, "a mail server that the MTA-STS policy does not name", "RFC 8461 section 4.1"},
	{"mtasts.mode", Info, "the MTA-STS policy is not enforced", "RFC 8461 section 3.2"},
	{"mtasts.max-age", Info, "the MTA-STS policy is kept for less than a day", "RFC 8461 section 3.2"},

	{"tlsrpt.not-a-record", Medium, "text that was meant as TLS reporting and is not read as such", "RFC 8460 section 3"},
	{"tlsrpt.multiple", Medium, "more than one TLS reporting record", "RFC 8460 section 3"},
	{"tlsrpt.syntax", Medium, "a syntax error in the TLS reporting record", "RFC 8460 section 3"},
	{"tlsrpt.rua", Medium, "an address for TLS reports that cannot be used", "RFC 8460 section 3"},
}
