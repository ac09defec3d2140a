package mailrecord

import (
	"fmt"
	"slices"
	"strings"
)

// DKIM is a key record as it was read.
type DKIM struct {
	// Algorithm is "rsa" or "ed25519"; empty where it is another or the
	// record cannot be used.
	Algorithm string
	// Bits is the length of an RSA key, 256 for Ed25519; 0 where the key
	// could not be read.
	Bits int
	// Revoked says that p= is empty.
	Revoked bool
	// Testing and Strict are the flags y and s: signatures count for nothing,
	// and are good for the domain itself only, not for one below it.
	Testing, Strict bool
}

// FindDKIM picks the key records out of the TXT records at a selector
// (SELECTOR._domainkey.DOMAIN). Any other text there is the problem
// dkim.not-a-key where no key is beside it; more than one record is
// dkim.multiple, for it is undefined which one counts.
func FindDKIM(txts [][]string) (found [][]string, problems []Problem) {
	l := &lint{}
	for _, txt := range txts {
		if looksLikeKey(strings.Join(txt, "")) {
			found = append(found, txt)
		}
	}
	switch {
	case len(txts) > 1:
		l.add(fault{code: "dkim.multiple", detail: fmt.Sprintf("%d TXT records lie at the selector, and it is undefined which one counts", len(txts)), fix: "leave the key alone there"}, 0, "")
	case len(txts) == 1 && len(found) == 0:
		l.add(fault{code: "dkim.not-a-key", detail: "the text has no p= tag; perhaps a wildcard record answers", fix: "publish the key that your provider shows for this selector"}, 0, strings.Join(txts[0], ""))
	}
	return found, l.out
}

// looksLikeKey reports whether a text is or was meant as a key: it says so,
// or has a tag p.
func looksLikeKey(text string) bool {
	if strings.HasPrefix(strings.TrimLeft(asciiLower(text), spaces+`"\`), "v=dkim") {
		return true
	}
	return slices.ContainsFunc(splitTags(text), func(t tag) bool { return strings.Trim(t.name, `"\`) == "p" }) &&
		!strings.HasPrefix(asciiLower(text), "v=dmarc") && !isSPF(text)
}

// ParseDKIM reads a key record from the strings of its TXT record and returns
// it with everything that is wrong with it. A receiver discards a record with
// a problem that is a Blocker.
func ParseDKIM(text ...string) (DKIM, []Problem) {
	l := &lint{}
	tags := splitTags(strings.Join(text, ""))
	values := map[string]tag{}
	for i, t := range tags {
		switch {
		case t.text == "":
			l.add(fault{code: "dkim.syntax", severity: Medium, detail: "two semicolons in a row: strict receivers discard the record", fix: "remove one"}, t.at, ";")
		case !t.ok && t.quoted:
			l.add(fault{code: "dkim.syntax", detail: "quotes or backslashes are a part of the record itself", fix: "enter the text without quotes and backslashes"}, t.at, t.text)
		case !t.ok:
			l.add(fault{code: "dkim.syntax", detail: "it is no NAME=VALUE", fix: "separate the tags with semicolons"}, t.at, t.text)
		case values[t.name].ok:
			l.add(fault{code: "dkim.duplicate", detail: "a record with a tag given twice is discarded", fix: "remove one"}, t.at, t.text)
		default:
			values[t.name] = t
			if t.name == "v" {
				lintVersion(l, t, i)
			}
		}
	}
	return lintDKIM(l, values), l.out
}

func lintVersion(l *lint, v tag, place int) {
	switch {
	case v.quoted:
		l.add(fault{code: "dkim.syntax", detail: "quotes or backslashes are a part of the record itself", fix: "enter the text without quotes and backslashes"}, v.at, v.text)
	case strings.HasPrefix(v.value, "DKIM1 ") || strings.HasPrefix(v.value, "DKIM1,"):
		l.add(fault{code: "dkim.version", detail: "no semicolon follows the version", fix: "separate the tags with semicolons"}, v.at, v.text)
	case v.value != "DKIM1":
		l.add(fault{code: "dkim.version", detail: "the version must be DKIM1, in capitals", fix: "write v=DKIM1"}, v.at, v.text)
	case place != 0:
		l.add(fault{code: "dkim.version", detail: "v= must come first where it stands at all", fix: "move it to the start"}, v.at, v.text)
	}
}

// lintDKIM looks at the tags that mean something (RFC 6376, section 3.6.1).
// All others are ignored, as they must be.
func lintDKIM(l *lint, values map[string]tag) DKIM {
	d := DKIM{Algorithm: "rsa"}
	if k := values["k"]; k.ok {
		// Values are case-sensitive where their tag does not say otherwise, and
		// k= does not (section 3.2).
		f := fault{code: "dkim.algorithm", detail: "the known kinds are rsa and ed25519", fix: "write k=rsa"}
		switch lower := asciiLower(k.value); {
		case k.value == "rsa" || k.value == "ed25519":
			d.Algorithm, f.code = k.value, ""
		case lower == "rsa" || lower == "ed25519":
			d.Algorithm = ""
			f.detail, f.fix = "it is known in lower case only, and receivers ignore the key", "write k="+lower
		default:
			d.Algorithm = ""
		}
		if f.code != "" {
			l.add(f, k.at, k.text)
		}
	}
	if h := values["h"]; h.ok && !slices.Contains(colons(h.value), "sha256") {
		l.add(fault{code: "dkim.hash", detail: "only sha256 may be used, and this list leaves it out", fix: "remove h="}, h.at, h.text)
	}
	if s := values["s"]; s.ok {
		if list := colons(s.value); !slices.Contains(list, "*") && !slices.Contains(list, "email") {
			l.add(fault{code: "dkim.service", detail: "it is for other services than e-mail", fix: "remove s="}, s.at, s.text)
		}
	}
	if t := values["t"]; t.ok {
		d.Testing, d.Strict = slices.Contains(colons(t.value), "y"), slices.Contains(colons(t.value), "s")
		if d.Testing {
			l.add(fault{code: "dkim.testing", detail: "receivers treat the mail as if it were not signed", fix: "remove t=y once signing works"}, t.at, t.text)
		}
	}
	p := values["p"]
	switch {
	case !p.ok && l.blocked(): // it is in what could not be read
	case !p.ok:
		l.add(fault{code: "dkim.syntax", detail: "the record has no p= tag, which holds the key", fix: "publish the key that your provider shows"}, 0, "")
	case p.value == "":
		d.Revoked = true
		l.add(fault{code: "dkim.revoked", detail: "an empty p= says that the key is withdrawn: every signature fails", fix: "publish the present key, or stop signing with this selector"}, p.at, p.text)
	case d.Algorithm != "":
		d.Bits = lintKey(l, p, d.Algorithm)
	}
	if l.blocked() {
		d.Algorithm = ""
	}
	return d
}

// OnlyEd25519 reports whether the usable keys of a domain are all of the new
// kind: few receivers can check them, so that an RSA key belongs beside. The
// problem to report is dkim.ed25519-alone.
func OnlyEd25519(keys []DKIM) bool {
	alone := false
	for _, k := range keys {
		if k.Algorithm == "rsa" {
			return false
		}
		alone = alone || k.Algorithm == "ed25519"
	}
	return alone
}
