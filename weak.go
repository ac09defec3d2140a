package readiness

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// weakSecret reports a value that nobody may use as a secret because everybody
// tries it: a word of the trade with or without a number, a row of digits, one
// character over and over.
func weakSecret(s string) bool {
	if len(s) > 200 {
		return false
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '@' || r == '$' {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	if len(letters) == 0 {
		return false
	}
	if r, size := utf8.DecodeRuneInString(s); len(s) >= 3*size && strings.TrimLeft(s, string(r)) == "" {
		return true
	}
	if len(letters) >= 3 && (strings.HasPrefix("01234567890123456789", letters) || strings.HasPrefix("12345678901234567890", letters)) {
		return true
	}
	word := strings.TrimRight(letters, "0123456789")
	for _, before := range [...]string{"thisisthe", "thisisa", "thisis", "my", "our", "the", "a", "some", "super", "very", "top", "not", "insecure", "dev", "test", "demo", "dummy", "fake", "example", "sample", "default", "local"} {
		if rest, ok := strings.CutPrefix(word, before); ok && tradeWord(rest) {
			return true
		}
	}
	return tradeWord(word)
}

// tradeWord reports a word that stands for a secret, or for anything.
func tradeWord(s string) bool {
	switch s {
	case "password", "passwd", "pass", "passphrase", "passw0rd", "p@ssw0rd", "p@ssword", "pa$$word", "pwd",
		"secret", "supersecret", "verysecret", "topsecret", "secretkey", "supersecretkey", "secretvalue", "secrettoken", "secretpassword", "asecret",
		"sessionsecret", "jwtsecret", "clientsecret", "webhooksecret", "signingkey", "encryptionkey",
		"token", "accesstoken", "authtoken", "apitoken", "key", "apikey", "accesskey", "privatekey",
		"test", "testing", "tester", "dummy", "fake", "example", "sample", "demo", "default", "foo", "bar", "baz", "foobar", "foobarbaz",
		"admin", "root", "guest", "user", "username", "letmein", "qwerty", "asdf", "asdfasdf", "abc", "abcd", "abcdef",
		"insecure", "unsafe", "dev", "development", "local", "localdev", "keyboardcat", "string", "value", "null", "nil", "na":
		return true
	default:
		return false
	}
}
