package secretscan

import (
	"bytes"
	"strings"
)

// template reports what a program replaces by a password. A mark alone, as in
// $x7Kq9Lm2, makes none: passwords begin with it as well.
func template(s string) bool {
	rest := s[1:]
	switch s[0] {
	case '$':
		if words(rest) {
			return true
		}
	case '%':
		if len(rest) < 2 || !hexByte(rest[0]) || !hexByte(rest[1]) || strings.HasSuffix(rest, "%") {
			return true // %s, %(password)s, %PASSWORD%; %2F is escaped
		}
	case '(', '<', ':':
		return true
	}
	return strings.Contains(s, "${") || strings.Contains(s, "$(") || strings.Contains(s, "{{") || strings.Contains(s, "}}") || strings.Contains(s, "#{") ||
		enclosed(s, '{', '}') || enclosed(s, '[', ']')
}

// words reports the name of a variable: letters, or capitals with digits.
func words(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r >= 128 || !lower(byte(r)) && !upper(byte(r))) }) ||
		!strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r >= 128 || !digit(byte(r)) && !upper(byte(r))) })
}

// enclosed reports a name in brackets, as in {password} and [YOUR-PASSWORD], or
// a bracket that begins one which goes on somewhere else.
func enclosed(s string, left, right byte) bool {
	from := strings.IndexByte(s, left)
	if from < 0 {
		return false
	}
	to := strings.IndexByte(s[from:], right)
	if to < 0 {
		return from == 0
	}
	return !bytes.ContainsFunc([]byte(s[from+1:from+to]), func(r rune) bool { return r >= 128 || !wordByte(byte(r)) && strings.IndexByte(".- :", byte(r)) < 0 })
}
