package mailrecord

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FindSTS picks the MTA-STS records out of the TXT records at
// _mta-sts.DOMAIN and says which of the others were meant to be one. With more
// than one, senders act as if there were none.
func FindSTS(txts [][]string) (found [][]string, problems []Problem) {
	return versioned(txts, "v=STSv1", "mtasts")
}

// versioned picks the records that start with a version and a semicolon.
func versioned(txts [][]string, version, kind string) (found [][]string, problems []Problem) {
	l := &lint{}
	for _, txt := range txts {
		text := strings.Join(txt, "")
		first, _, semicolon := strings.Cut(text, ";")
		if semicolon && strings.TrimRight(first, " \t") == version {
			found = append(found, txt)
			continue
		}
		bare := strings.TrimLeft(asciiLower(text), spaces+`"'\`)
		if strings.HasPrefix(bare, asciiLower(version)) || strings.Contains(text, version+";") {
			l.add(fault{code: kind + ".not-a-record", detail: "it does not start with " + version + "; in exactly this writing", fix: "start it with " + version + ";"}, 0, text)
		}
	}
	if len(found) > 1 {
		l.add(fault{code: kind + ".multiple", detail: "with more than one, senders act as if there were none", fix: "keep one of them"}, 0, "")
	}
	return found, l.out
}

// ParseSTS reads an MTA-STS record and returns its id, which changes with each
// change of the policy file; empty where it cannot be read.
func ParseSTS(text ...string) (id string, problems []Problem) {
	l := &lint{}
	joined := strings.Join(text, "")
	if found, _ := versioned([][]string{text}, "v=STSv1", "mtasts"); len(found) == 0 {
		l.add(fault{code: "mtasts.not-a-record", detail: "it does not start with v=STSv1;"}, 0, joined)
		return "", l.out
	}
	seen := false
	for _, t := range splitTags(joined)[1:] {
		switch {
		case !t.ok:
			l.add(fault{code: "mtasts.syntax", detail: "it is no NAME=VALUE: senders discard the record", fix: "separate the fields with semicolons"}, t.at, t.text)
		case t.name == "id" && !seen:
			seen = true
			if id = t.value; len(id) > 32 || id == "" || !alnum(id) {
				l.add(fault{code: "mtasts.syntax", detail: "the id must have 1 to 32 letters and digits", fix: "write the date and time of the change, such as id=20260131T1200Z"}, t.at, t.text)
				id = ""
			}
		case t.name == "id":
			l.add(fault{code: "mtasts.syntax", detail: "the id stands twice, and only the first counts", fix: "remove one"}, t.at, t.text)
		}
	}
	if !seen {
		l.add(fault{code: "mtasts.syntax", detail: "the id is missing: senders discard the record", fix: "add an id, such as id=20260131T1200Z"}, 0, joined)
	}
	return id, l.out
}

func alnum(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) {
			return false
		}
	}
	return true
}

// STSPolicy is an MTA-STS policy file.
type STSPolicy struct {
	// Mode is "enforce", "testing" or "none"; empty where it cannot be read.
	Mode string
	// MaxAge is how long senders keep it.
	MaxAge time.Duration
	// MX are the patterns for the mail servers, in lower case.
	MX []string
}

// mostPatterns bounds the mail servers that are kept of a policy file.
const mostPatterns = 1000

// ParseSTSPolicy reads a policy file as it lies at
// https://mta-sts.DOMAIN/.well-known/mta-sts.txt. Keys that are unknown, and
// all but the first of those given twice, are ignored, as they must be. A
// policy with a problem mtasts.policy is invalid to senders.
func ParseSTSPolicy(body string) (STSPolicy, []Problem) {
	var p STSPolicy
	l := &lint{}
	first := map[string]bool{}
	at := 0
	bad := func(line, detail, fix string) {
		l.add(fault{code: "mtasts.policy", detail: detail, fix: fix}, at, line)
	}
	for line := range strings.SplitSeq(body, "\n") {
		at++
		line = strings.TrimSuffix(line, "\r")
		if isSpace(line) {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimRight(key, " \t"), strings.Trim(value, " \t")
		if !ok || !policyKey(key) {
			bad(line, "it is no KEY: VALUE", "write one KEY: VALUE a line")
			continue
		}
		if key != "mx" && first[key] {
			continue
		}
		switch first[key] = true; key {
		case "version":
			if value != "STSv1" {
				bad(line, "the version must be STSv1", "write version: STSv1")
			}
		case "mode":
			if p.Mode = value; value != "enforce" && value != "testing" && value != "none" {
				p.Mode = ""
				bad(line, "the modes are enforce, testing and none", "write mode: testing")
			}
		case "max_age":
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil || len(value) > 10 || n > 31557600 || !digits(value) {
				bad(line, "max_age must be 0 to 31557600 seconds", "write max_age: 604800")
				continue
			}
			p.MaxAge = time.Duration(n) * time.Second
		case "mx":
			if pattern := normal(value); stsPattern(pattern) && len(p.MX) < mostPatterns {
				p.MX = append(p.MX, pattern)
			} else {
				bad(line, "it must be the name of a mail server, or *. and a domain", "write mx: NAME, one a line")
			}
		}
	}
	at = 0
	for _, key := range []string{"version", "mode", "max_age"} {
		if !first[key] {
			bad("", key+" is missing", "add a line "+key+":")
		}
	}
	if len(p.MX) == 0 && p.Mode != "none" {
		bad("", "no mail server is named", "add a line mx: for each mail server")
	}
	return p, l.out
}

func policyKey(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 32 && isAlnum(s[0])
}

// stsPattern reports whether s, whose last dot was taken off, names a mail
// server or all of a domain.
func stsPattern(s string) bool {
	return !strings.HasSuffix(s, ".") && nameFault(strings.TrimPrefix(s, "*.")) == ""
}

// Matches reports whether a mail server is named: itself, or by a pattern
// *.DOMAIN, whose star stands for one label.
func (p STSPolicy) Matches(host string) bool {
	host = normal(host)
	_, above, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(p.MX, func(pattern string) bool {
		domain, wild := strings.CutPrefix(pattern, "*.")
		return pattern == host || wild && domain == above
	})
}

// Lint looks at a policy that could be read, beside the mail servers of the
// domain. A server that it does not name gets no mail from senders that
// enforce it.
func (p STSPolicy) Lint(servers []string) []Problem {
	l := &lint{}
	for _, s := range servers {
		if p.Mode == "none" || p.Matches(s) {
			continue
		}
		f := fault{code: "mtasts.mx", detail: Show(normal(s)) + " is not among the mail servers of the policy: senders report it", fix: "add mx: " + Show(normal(s)) + ", then change the id of the record"}
		if p.Mode == "enforce" {
			f.severity, f.detail = Blocker, Show(normal(s))+" is not among the mail servers of the policy: senders do not deliver to it"
		}
		l.add(f, 0, "")
	}
	if p.Mode == "testing" || p.Mode == "none" {
		l.add(fault{code: "mtasts.mode", detail: "with mode " + p.Mode + " mail is still delivered without TLS"}, 0, "mode: "+p.Mode)
	}
	if p.Mode == "enforce" && p.MaxAge < 24*time.Hour {
		l.add(fault{code: "mtasts.max-age", detail: fmt.Sprintf("senders forget it after %v; weeks are usual", p.MaxAge), fix: "write max_age: 1209600"}, 0, "")
	}
	return l.out
}
