package redact

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// emailEnd is what may be the beginning of an address that is cut off.
var emailEnd = regexp.MustCompile(`[^\s<>"',;()]+$`)

// withoutMail hides the addresses of people, also where their @ is escaped,
// and where letters beyond ASCII stand on either side of it.
func withoutMail(s string) string {
	p := plainText{text: s}
	if hasEscapes(s) {
		p = unescaped(s)
	}
	var spans []span
	end := 0
	for at := 0; at < len(p.text); at++ {
		next := strings.IndexByte(p.text[at:], '@')
		if next < 0 {
			break
		}
		at += next
		from, to := localPart(p.text[end:at])+end, at+1+max(mailDomain(p.text[at+1:]), literal(p.text[at+1:]))
		if from == at || to == at+1 {
			continue
		}
		end = to
		if p.from != nil {
			from, to = p.original(from, to)
		}
		spans = append(spans, span{from, to, "e-mail"})
		at = end - 1
	}
	return withNames(s, spans)
}

// localPart returns where what stands before an @ begins: at letters and signs,
// or at the first of two quotation marks.
func localPart(s string) int {
	if from := quotedPart(s); from < len(s) {
		return from
	}
	at := len(s)
	for at > 0 {
		c, n := utf8.DecodeLastRuneInString(s[:at])
		if !mailLetter(c) && !strings.ContainsRune("._%+-", c) && !(c == '\'' && at < len(s) && betweenLetters(s, at-n)) {
			break
		}
		at -= n
	}
	return at
}

// betweenLetters reports whether the sign at a place stands within a word, as
// the one of o'brien does, and does not quote one.
func betweenLetters(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at+1:])
	return mailLetter(before) && mailLetter(after)
}

// longestQuoted is how long a local part may be that is quoted.
const longestQuoted = 64

// quotedPart returns where the quotation begins that a text ends with, the
// length of the text where it ends with none.
func quotedPart(s string) int {
	if !strings.HasSuffix(s, `"`) {
		return len(s)
	}
	start := max(0, len(s)-longestQuoted-2)
	from := strings.LastIndexByte(s[start:len(s)-1], '"')
	if from < 0 || start+from+1 == len(s)-1 || strings.ContainsAny(s[start+from:], "\n<>@") {
		return len(s)
	}
	return start + from
}

// literal returns how long the address in brackets is that a text begins with,
// such as [192.0.2.1] or [IPv6:2001:db8::1].
func literal(s string) int {
	end := strings.IndexByte(s[:min(len(s), longestQuoted)], ']')
	if end < 0 || !strings.HasPrefix(s, "[") {
		return 0
	}
	text := strings.TrimPrefix(strings.ToLower(s[1:end]), "ipv6:")
	if _, err := netip.ParseAddr(text); err != nil {
		return 0
	}
	return end + 1
}

// mailDomain returns how long the domain is that a text begins with, 0 where
// it begins with none. Only localhost needs no dot. A version, as in
// package@1.2.3, is no domain, and neither is the rest of icon@2x.png.
func mailDomain(s string) int {
	at, ends, count, numbers := 0, 0, 0, 0
	for {
		label := 0
		for at+label < len(s) {
			c, n := utf8.DecodeRuneInString(s[at+label:])
			if !mailLetter(c) && c != '-' {
				break
			}
			label += n
		}
		if label == 0 {
			return ends
		}
		name := strings.ToLower(s[at : at+label])
		at += label
		count++
		if strings.Trim(name, "0123456789") == "" {
			numbers++
		}
		switch {
		case count == 1 && name == "localhost", count == 4 && numbers == 4: // 192.0.2.1
			ends = at
		case count == 1 && len(name) == 2 && name[0] >= '1' && name[0] <= '9' && name[1] == 'x':
			return 0
		case count > 1 && (strings.HasPrefix(name, "xn--") || !strings.ContainsFunc(name, func(c rune) bool { return unicode.IsNumber(c) || c == '-' })):
			ends = at
		}
		if at == len(s) || s[at] != '.' {
			return ends
		}
		at++
	}
}

func mailLetter(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.IsMark(c))
}
