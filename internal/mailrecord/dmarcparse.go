package mailrecord

import (
	"slices"
	"strings"
)

// ParseDMARC reads a DMARC record from the strings of its TXT record and
// returns it as receivers read it, with everything that is wrong with the
// record itself. A record that is none, by its version, is Ignored and has the
// problem dmarc.not-a-record.
func ParseDMARC(text ...string) (DMARC, []Problem) {
	d := DMARC{Text: strings.Join(text, ""), PSD: 'u', ADKIM: 'r', ASPF: 'r'}
	l := &lint{}
	if !IsDMARC(d.Text) {
		d.Ignored = true
		l.add(fault{code: "dmarc.not-a-record", detail: "v=DMARC1 must come first"}, 0, d.Text)
		return d, l.out
	}
	tags := splitTags(d.Text)
	if tags[0].name != "v" {
		l.add(fault{code: "dmarc.version-case", detail: "tag names are in lower case, and strict receivers see no record", fix: "write v=DMARC1"}, 1, tags[0].text)
	}
	values := map[string]tag{}
	for _, t := range tags[1:] {
		t.name = dmarcName(l, t)
		switch {
		case t.name == "":
		case values[t.name].ok || t.name == "v":
			l.add(fault{code: "dmarc.duplicate", detail: "which one counts is undefined", fix: "remove one"}, t.at, t.text)
		default:
			values[t.name] = t
		}
	}
	d.reports(l, values)
	d.flags(l, values)
	d.policies(l, values)
	historic(l, values)
	return d, l.out
}

// dmarcName returns the name of a tag that can be read, "" for any other.
func dmarcName(l *lint, t tag) string {
	switch {
	case t.text == "":
		l.add(fault{code: "dmarc.syntax", detail: "two semicolons in a row", fix: "remove one"}, t.at, ";")
	case !t.ok:
		l.add(fault{code: "dmarc.syntax", detail: "it is no NAME=VALUE and receivers skip it", fix: "separate the tags with semicolons"}, t.at, t.text)
	case strings.ContainsFunc(t.text, func(r rune) bool { return r < ' ' || r > '~' }):
		l.add(fault{code: "dmarc.syntax", detail: "it has characters other than plain ASCII, and receivers skip it", fix: "write it in plain ASCII"}, t.at, t.text)
	default:
		name := asciiLower(t.name)
		if name == t.name {
			return name
		}
		if slices.Contains(dmarcTags, name) {
			l.add(fault{code: "dmarc.syntax", detail: "tag names are in lower case, and strict receivers skip it", fix: "write " + name + "="}, t.at, t.text)
		}
		return name
	}
	return ""
}

var dmarcTags = []string{"p", "sp", "np", "t", "psd", "adkim", "aspf", "fo", "rua", "ruf", "pct", "rf", "ri", "v"}

// reports reads rua, ruf and fo.
func (d *DMARC) reports(l *lint, values map[string]tag) {
	read := func(name string) []ReportURI {
		t := values[name]
		if !t.ok {
			return nil
		}
		uris, wrong := reportURIs(t.value, true, "mailto")
		for _, w := range wrong {
			l.add(fault{code: "dmarc." + name + "-invalid", detail: w, fix: "write " + name + "=mailto:NAME@DOMAIN, several with commas between"}, t.at, t.text)
		}
		if slices.ContainsFunc(uris, func(u ReportURI) bool { return u.Size }) {
			l.add(fault{code: "dmarc.size", detail: "the limit after ! is ignored", fix: "remove it"}, t.at, t.text)
		}
		return uris
	}
	d.RUA, d.RUF = read("rua"), read("ruf")
	switch rua := values["rua"]; {
	case !rua.ok:
		l.add(fault{code: "dmarc.rua-missing", detail: "without reports nobody sees who sends in the domain's name", fix: "add rua=mailto:NAME@DOMAIN"}, 0, "")
	case len(d.RUA) > 2:
		l.add(fault{code: "dmarc.rua-many", detail: "receivers need not send to more than two"}, rua.at, rua.text)
	}
	fo, ruf := values["fo"], values["ruf"]
	if fo.ok && !ruf.ok {
		l.add(fault{code: "dmarc.fo-alone", detail: "fo is ignored without ruf"}, fo.at, fo.text)
	}
	if fo.ok && !failureOptions(asciiLower(fo.value)) {
		l.add(fault{code: "dmarc.value-invalid", detail: "the value is ignored: 0 or 1, d and s are known, each once, with colons between", fix: "write fo=1"}, fo.at, fo.text)
	}
}

// failureOptions reports whether a value of fo follows section 4.8.
func failureOptions(s string) bool {
	seen := map[string]bool{}
	for _, o := range colons(s) {
		if len(o) != 1 || !strings.Contains("01ds", o) || seen[o] {
			return false
		}
		seen[o] = true
	}
	return !seen["0"] || !seen["1"]
}

// flags reads the tags whose value is one letter.
func (d *DMARC) flags(l *lint, values map[string]tag) {
	read := func(name, known string, standard byte) byte {
		t := values[name]
		if !t.ok {
			return standard
		}
		v := asciiLower(t.value)
		if len(v) != 1 || !strings.Contains(known, v) {
			l.add(fault{code: "dmarc.value-invalid", detail: "the value is ignored; known are " + strings.Join(strings.Split(known, ""), ", "), fix: "write " + name + "=" + string(standard)}, t.at, t.text)
			return standard
		}
		return v[0]
	}
	d.ADKIM, d.ASPF = read("adkim", "rs", 'r'), read("aspf", "rs", 'r')
	d.PSD, d.Testing = read("psd", "ynu", 'u'), read("t", "yn", 'n') == 'y'
	if d.PSD == 'y' {
		l.add(fault{code: "dmarc.psd", detail: "names below it count as domains of other owners; only registries may say so", fix: "remove psd=y"}, values["psd"].at, values["psd"].text)
	}
}

// policies reads p, sp and np, and fills in the defaults.
func (d *DMARC) policies(l *lint, values map[string]tag) {
	invalid := false
	read := func(name string) Policy {
		t := values[name]
		if !t.ok {
			return ""
		}
		p := Policy(asciiLower(t.value))
		if p == PolicyNone || p == PolicyQuarantine || p == PolicyReject {
			return p
		}
		invalid = true
		f := fault{code: "dmarc.policy-invalid", detail: "none, quarantine and reject are known; receivers act as if the policy were none", fix: "write " + name + "=quarantine"}
		if strings.Contains(t.value, ",") {
			f.fix = "separate the tags with semicolons, not commas"
		}
		if len(d.RUA) == 0 {
			f.detail = "none, quarantine and reject are known; without an address for reports receivers ignore the whole record"
		}
		l.add(f, t.at, t.text)
		return ""
	}
	d.P, d.SP, d.NP = read("p"), read("sp"), read("np")
	missing := d.P == "" && !values["p"].ok
	d.Ignored = (invalid || missing) && len(d.RUA) == 0
	switch {
	case d.Ignored && missing:
		l.add(fault{code: "dmarc.policy-missing", severity: High, detail: "without a policy and an address for reports receivers ignore the record", fix: "add p=none, and later p=quarantine"}, 0, "")
	case missing:
		l.add(fault{code: "dmarc.policy-missing", detail: "receivers act as if it were none", fix: "add p=none, and later p=quarantine"}, 0, "")
	case d.P == PolicyNone && !invalid:
		l.add(fault{code: "dmarc.policy-none", detail: "forged mail is delivered; right for the first weeks", fix: "once the reports show that your own mail passes, write p=quarantine"}, values["p"].at, values["p"].text)
	}
	if invalid || missing {
		d.P, d.SP, d.NP = PolicyNone, PolicyNone, PolicyNone
		return
	}
	if d.SP == "" {
		d.SP = d.P
	}
	if d.NP == "" {
		d.NP = d.SP
	}
	d.weaker(l, values)
}

// weaker looks at what makes a policy weaker than it seems.
func (d *DMARC) weaker(l *lint, values map[string]tag) {
	sp, np, t := values["sp"], values["np"], values["t"]
	if sp.ok && d.SP.strength() < d.P.strength() {
		l.add(fault{code: "dmarc.subdomains-weaker", detail: "mail forged in the name of a subdomain meets a weaker policy than the domain's", fix: "remove sp, or write sp=" + string(d.P)}, sp.at, sp.text)
	}
	if np.ok && d.NP.strength() < d.P.strength() {
		l.add(fault{code: "dmarc.subdomains-weaker", detail: "mail forged in the name of a subdomain that does not exist meets a weaker policy than the domain's", fix: "write np=" + string(d.P)}, np.at, np.text)
	}
	if d.Testing && max(d.P.strength(), d.SP.strength(), d.NP.strength()) > 0 {
		l.add(fault{code: "dmarc.testing", detail: "each policy counts one step weaker: reject as quarantine, quarantine as none", fix: "remove t=y once the reports are clean"}, t.at, t.text)
	}
}

// historic looks at the tags that RFC 9989 took out, and at unknown ones.
func historic(l *lint, values map[string]tag) {
	for _, name := range []string{"pct", "rf", "ri"} {
		t := values[name]
		switch {
		case !t.ok:
		case name == "pct" && t.value != "100":
			l.add(fault{code: "dmarc.pct", detail: "new receivers ignore it and older ones apply the policy to a part of the mail", fix: "remove it; t=y is the new way to test"}, t.at, t.text)
		default:
			l.add(fault{code: "dmarc.historic", detail: "new receivers ignore it"}, t.at, t.text)
		}
	}
	var unknown []tag
	for name, t := range values {
		if !slices.Contains(dmarcTags, name) {
			unknown = append(unknown, t)
		}
	}
	slices.SortFunc(unknown, func(a, b tag) int { return a.at - b.at })
	for _, t := range unknown {
		l.add(fault{code: "dmarc.unknown-tag", detail: "receivers ignore it"}, t.at, t.text)
	}
}
