package secretscan

import (
	"net/netip"
	"slices"
	"strings"
)

// connections are the rules for passwords with the host that they open.
func connections() []rule {
	const id = "connection-password"
	return []rule{
		{id: id, alone: true, password: true, keywords: schemeWords(), find: databaseURL},
		{id: id, alone: true, password: true, keywords: []string{"http://", "https://"}, find: webURL},
		{id: id, keywords: []string{"password=", "pwd="}, password: true, find: pairsPassword, reach: 256},
	}
}

// weak are passwords of examples, of images and of tutorials. In the
// comparison, digits and signs around them do not count.
var weak = []string{
	"", "password", "passwd", "passw0rd", "pass", "pwd", "pw", "secret", "s3cret", "s3cr3t", "hunter", "test", "tester", "user", "username", "admin", "root", "guest",
	"postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "rabbit", "rabbitmq", "letmein", "welcome", "foo", "bar", "baz", "foobar",
	"dev", "local", "default", "demo", "app", "db", "database", "token", "key", "string", "value", "none", "null", "nil", "p@ssw0rd", "p@ssword", "pa$$word",
}

// minPassword is the length from which a password is one.
const minPassword = 5

// weakPassword reports a password that stands for one.
func weakPassword(s, user string) bool {
	if len(s) < minPassword || s == user || template(s) || placeholderWord(s) {
		return true
	}
	if strings.ToUpper(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') }) {
		return true // DB_PASSWORD
	}
	word := strings.Trim(strings.ToLower(s), "0123456789!?.-_*#")
	if word == "" && allDigits(s) {
		const least = 8
		return len(s) < least
	}
	return weakWords(word)
}

// weakWords reports weak passwords behind each other, also with words that
// stand before one: supersecretpassword.
func weakWords(s string) bool {
	s = strings.Trim(s, "-_")
	if slices.Contains(weak, s) {
		return true
	}
	for _, before := range beforeWeak {
		if rest, ok := strings.CutPrefix(s, before); ok && weakWords(rest) {
			return true
		}
	}
	return false
}

// beforeWeak are words that make no password stronger.
var beforeWeak = []string{"my", "your", "the", "a", "some", "super", "very", "top", "db", "user", "test", "dev", "secret"}

// placeholderWord is placeholder without the words that stand in passwords
// people think up.
func placeholderWord(s string) bool {
	small := strings.ToLower(s)
	if strings.Contains(small, "your") && !drawn(s) {
		return true
	}
	return slices.ContainsFunc([]string{"example", "changeme", "change-me", "change_me", "placeholder", "redacted", "xxx", "***", "...", "%s", "%v"},
		func(w string) bool { return strings.Contains(small, w) }) || repeats(small) || counts(small)
}

// opens reports a password that is none of an example, on a host that can be
// reached. A host without a dot is one of a private network, most often of a
// developer's machine: there, only a password that was drawn by lot counts.
func opens(password, user, host string) bool {
	if weakPassword(password, user) {
		return false
	}
	host = strings.ToLower(host)
	if strings.HasPrefix(host, "[") {
		host, _, _ = strings.Cut(host[1:], "]")
	} else {
		host, _, _ = strings.Cut(host, ":")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return !a.IsLoopback() && !a.IsUnspecified() && !documentation(a)
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" || strings.ContainsAny(host, "{}$%<>") || placeholderWord(host) {
		return false
	}
	labels := strings.Split(host, ".")
	switch labels[len(labels)-1] { // RFC 2606
	case "test", "example", "invalid", "localhost":
		return false
	}
	if len(labels) == 1 {
		return drawn(password)
	}
	return true
}

// drawn reports a password that a program has drawn by lot.
func drawn(password string) bool { return len(password) >= 16 && random(password) }

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// documentation reports the addresses of RFC 5737 and RFC 3849.
func documentation(a netip.Addr) bool {
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		if netip.MustParsePrefix(p).Contains(a) {
			return true
		}
	}
	return false
}
