package secretscan

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
)

// fillers are words that stand in no secret drawn by lot, and in many that
// somebody put there to be replaced.
var fillers = []string{
	"example", "changeme", "change-me", "change_me", "placeholder", "your", "todo", "dummy", "fake", "sample", "redacted", "insert", "replace",
	"xxxx", "****", "....", "____", "deadbeef", "cafebabe", "abcdef", "qwerty", "01234567", "12345678", "87654321", "98765432",
	"${", "$(", "{{", "}}", "<", ">", "%s", "%v", "%d", "%q", "…", "•", "testing", "secret", "password",
}

// published are the beginnings of secrets that the documentation of their
// makers shows.
var published = []string{
	"16C7e42F292c6912",       // GitHub
	"4eC39HqLyjWDarjt",       // Stripe
	"MfKQ9r8GKYqrTwjU",       // Standard Webhooks
	"17653672481-1987469832", // Slack
	"wJalrXUtnFEMI/K7",       // AWS
	"2YotnFZFEjr1zCsi",       // RFC 6749
	"tGzv3JOkF0XG5Qx2",
}

// placeholder reports what stands where a secret is to be filled in, or shows
// how one looks.
func placeholder(s string) bool {
	small := strings.ToLower(s)
	return slices.ContainsFunc(fillers, func(w string) bool { return strings.Contains(small, w) }) ||
		slices.ContainsFunc(published, func(p string) bool { return strings.Contains(s, p) }) ||
		repeats(small) || counts(small) || written(s)
}

// repeats reports a few characters over and over: 1111, abcabcabc.
func repeats(s string) bool {
	for period := 1; period <= len(s)/2; period++ {
		if s[period:] == s[:len(s)-period] {
			return true
		}
	}
	return false
}

// counts reports a row of characters that count up or down for long: 0123456789,
// abcdefgh.
func counts(s string) bool {
	const long = 7
	run, step := 1, 0
	for i := 1; i < len(s); i++ {
		d := int(s[i]) - int(s[i-1])
		switch {
		case d != 1 && d != -1:
			run, step = 1, 0
		case d == step:
			run++
		default:
			run, step = 2, d
		}
		if run >= long {
			return true
		}
	}
	return false
}

// ofURL makes plain base64 of the kind for URLs.
var ofURL = strings.NewReplacer("-", "+", "_", "/")

// written reports base64 of a text, which a person wrote. Secrets are put into
// base64 as well, by Kubernetes for one: those are not meant.
func written(s string) bool {
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(ofURL.Replace(s), "="))
	if err != nil || len(decoded) < 8 || slices.ContainsFunc(decoded, func(c byte) bool { return c < ' ' || c > '~' }) {
		return false
	}
	return !encodedSecret(decoded)
}

// encodedSecret reports a text that is nothing but a secret.
func encodedSecret(text []byte) bool {
	const least = 16
	if len(text) >= least && random(string(text)) && !bytes.ContainsAny(text, "{}\" ") && !placeholder(string(text)) {
		return true
	}
	from, _ := databaseURL(nil, text)
	return from > 0
}
