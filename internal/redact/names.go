package redact

import (
	"slices"
	"strings"
)

// Names that open something: what stands anywhere in one, what is one of its
// words, what it ends with, and what it is as a whole.
var (
	inNames  = []string{"token", "secret", "passw", "passphrase", "signature", "session", "csrf", "credential", "jwt"}
	asWords  = []string{"pass", "pwd", "pw", "auth", "authorization", "bearer", "pin", "otp", "totp", "dsn", "creds", "cred", "private", "cookie", "cookies", "salt", "signing", "sig"}
	asEnds   = []string{"key", "pwd", "pass"}
	asNames  = []string{"code", "ticket", "state"}
	notNames = []string{"compass", "bypass", "encompass", "surpass", "trespass", "overpass", "underpass", "monkey", "turkey", "donkey", "hockey"}
)

// Opens reports whether the name of a value says that it opens
// something.
func Opens(name string) bool {
	words := Words(name)
	lower := strings.ToLower(name)
	if slices.Contains(asNames, lower) || slices.ContainsFunc(inNames, func(s string) bool { return strings.Contains(lower, s) }) {
		return true
	}
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains(asWords, w) ||
			!slices.Contains(notNames, w) && slices.ContainsFunc(asEnds, func(end string) bool { return len(w) > len(end) && strings.HasSuffix(w, end) })
	}) || len(words) > 0 && words[len(words)-1] == "key"
}

// Words are the words of a name, or of the path of an address, in small letters,
// as they are set apart by signs, digits and capitals: dbPass, DB_PASS and DBPass
// are db and pass.
func Words(name string) []string {
	var words []string
	from := 0
	end := func(at int) {
		if at > from {
			words = append(words, strings.ToLower(name[from:at]))
		}
	}
	upper := func(i int) bool { return i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	lower := func(i int) bool { return i < len(name) && name[i] >= 'a' && name[i] <= 'z' }
	for i := range len(name) {
		switch {
		case !upper(i) && !lower(i):
			end(i)
			from = i + 1
		case upper(i) && i > 0 && (lower(i-1) || upper(i-1) && lower(i+1)):
			end(i)
			from = i
		}
	}
	end(len(name))
	return words
}
