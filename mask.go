package readiness

import (
	"strings"

	"github.com/launchready/readiness/internal/mailrecord"
)

// maskAddresses replaces the local part of every e-mail address in s by "…", but for
// those that are written like one of keep: addresses of the check's own, which
// stand in a fix as a template. An @ that is no part of an address stays.
func maskAddresses(s string, keep ...string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		local := s[:at+1]
		s = s[at+1:]
		if isAddress(local, s) && !endsInOne(local, keep) {
			local = mailrecord.Mask(local)
		}
		b.WriteString(local)
	}
}

// isAddress reports whether the @ at the end of local joins two parts of an
// e-mail address; alone it is the name of the apex, and in "dig @NAME" a server.
func isAddress(local, domain string) bool {
	before, end := strings.TrimSuffix(local, "@"), ""
	if domain != "" {
		end = domain[:1]
	}
	return before != "" && !strings.ContainsAny(before[len(before)-1:], " \t,;:<>(=/") &&
		(end == "[" || end >= "0" && end <= "9" || end >= "a" && end <= "z" || end >= "A" && end <= "Z" || end >= "\x80")
}

func endsInOne(s string, ends []string) bool {
	for _, end := range ends {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}
