package redact

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	escapedName = regexp.MustCompile(`%C2%AB[^/?#]*?%C2%BB`) // «NAME» in a path
	// halfEscape is the end of a text that was cut within an escape.
	halfEscape = regexp.MustCompile(`(?:%[0-9A-Fa-f]?|\\+(?:u[0-9A-Fa-f]{0,3})?|&#?[A-Za-z0-9]{0,8})$`)
)

// Text returns a text that may be shown: without secrets, e-mail addresses
// and characters that a terminal obeys. Line breaks and tabs stay.
func (r *Redactor) Text(s string) string {
	s = withoutMail(r.Replace(s))
	s = strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || unicode.IsPrint(c) && c != utf8.RuneError {
			return c
		}
		return '·'
	}, s)
	return r.Replace(s)
}

// Beginning is the first bytes of text, for one that may be long. The secrets
// go before anything is cut, so that none is cut in two.
func (r *Redactor) Beginning(s string, limit int) string {
	return Cut(r.Text(r.head(s, limit)), limit)
}

// head is more of a text than will be shown, because names that replace secrets
// may be shorter. Neither a secret nor an address of e-mail is cut in two.
func (r *Redactor) head(s string, limit int) string {
	s = r.Replace(s)
	if len(s) > 8*limit {
		s = s[:8*limit]
		s = s[:len(s)-len(emailEnd.FindString(s[7*limit:]))]
	}
	return s
}

// WithoutTail is for a text whose rest was not read: it hides the secrets, and
// takes away from the end what one of them begins with.
func (r *Redactor) WithoutTail(s string) string {
	s = r.Replace(s)
	half := unescaped(s[:len(s)-len(halfEscape.FindString(s[max(0, len(s)-longestEntity):]))])
	folded, end := half.folded(), len(s)
	for _, x := range r.indexes() {
		end = min(end, x.begun(s))
		if at := x.begun(folded); at < len(folded) {
			from, _ := half.original(at, len(folded))
			end = min(end, from)
		}
	}
	if end == len(s) {
		return s
	}
	return s[:end] + "…"
}

// Address is address without secrets, which go first: a secret may hold what
// an address is parsed by.
func (r *Redactor) Address(s string) string {
	return escapedName.ReplaceAllStringFunc(address(r.Replace(s)), func(escaped string) string {
		if name, err := url.PathUnescape(escaped); err == nil {
			return name
		}
		return escaped
	})
}

// Line is text on one line of at most 400 bytes.
func (r *Redactor) Line(s string) string {
	return Cut(r.Replace(strings.Join(strings.Fields(r.Text(s)), " ")), 400)
}

// Cut shortens a text to at most limit bytes and an ellipsis, between runes.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
