package secretscan

import (
	"bytes"
	"slices"
	"strings"
)

// databases are the schemes of URLs whose passwords people think up, with
// those of caches, queues and mail servers.
var databases = []string{
	"postgres", "postgresql", "mysql", "mariadb", "mongodb", "redis", "rediss", "valkey", "amqp", "amqps", "nats", "smtp", "smtps", "sqlserver", "mssql",
	"clickhouse", "cockroachdb", "oracle",
}

// schemeWords are the keywords of their URLs, also with the name of a driver,
// as in postgresql+psycopg2://.
func schemeWords() (words []string) {
	for _, s := range databases {
		words = append(words, s+":", s+"+")
	}
	return words
}

// address are the parts of a URL with a password.
type address struct {
	user, password, host string
	from, to             int // where the password stands
}

const (
	maxScheme = 40
	maxUser   = 128
	maxSecret = 200
)

// parseURL reads a URL that has a user and a password. In one of a database
// the password may hold # and /, which have to be escaped there, and often are
// not.
func parseURL(text []byte, loose bool) (a address, ok bool) {
	i := 0
	for i < len(text) && i < maxScheme && (alnum(text[i]) || text[i] == '+') {
		i++
	}
	end := skip(text, i, 1, ":")
	for range 2 { // JSON may have \/
		slash := skip(text, skip(text, end, 3, `\`), 1, "/")
		if end == i || slash == end || text[slash-1] != '/' {
			return a, false
		}
		end = slash
	}
	i = end
	for i < len(text) && i-end < maxUser && urlBytes[text[i]] && bytes.IndexByte([]byte(":@/?#"), text[i]) < 0 {
		i++
	}
	if i == len(text) || text[i] != ':' {
		return a, false
	}
	a.user, a.from = string(text[end:i]), i+1
	for a.to = a.from; a.to < len(text) && a.to-a.from < maxSecret && urlBytes[text[a.to]] && text[a.to] != '@'; a.to++ {
		switch text[a.to] {
		case '/':
			if text[a.to-1] == '/' {
				return a, false // another URL
			}
			fallthrough
		case '?', '#':
			if !loose || port(text[a.from:a.to]) {
				return a, false
			}
		}
	}
	for a.to < len(text) && text[a.to] == '@' {
		host := a.to + 1
		for i = host; i < len(text) && i-host < maxUser && (alnum(text[i]) || bytes.IndexByte([]byte("._[]:%{}$-"), text[i]) >= 0); i++ {
		}
		if i < len(text) && text[i] == '@' && loose { // one more @ in the password
			a.to = i
			continue
		}
		a.password, a.host = string(text[a.from:a.to]), string(text[host:i])
		return a, a.password != "" && a.host != ""
	}
	return a, false
}

// urlBytes may stand in a URL within a text.
var urlBytes = func() (set byteSet) {
	for c := range set {
		set[c] = !space(byte(c)) && bytes.IndexByte([]byte("\"'\\`<>()"), byte(c)) < 0
	}
	return set
}()

// port reports that what stands after a host and a colon is a port, and so no
// password. A list of hosts has more of them.
func port(s []byte) bool {
	first, _, _ := bytes.Cut(s, []byte(","))
	return len(first) <= len("65535") && !bytes.ContainsFunc(first, func(r rune) bool { return r < '0' || r > '9' })
}

// databaseURL finds the password in the URL of a database.
func databaseURL(_, text []byte) (from, to int) {
	if a, ok := parseURL(text, true); ok && opens(a.password, a.user, a.host) {
		return a.from, a.to
	}
	return 0, 0
}

// webURL finds a password in a URL of the web, and only one that looks like a
// key.
func webURL(_, text []byte) (from, to int) {
	if a, ok := parseURL(text, false); ok && drawn(a.password) && opens(a.password, a.user, a.host) {
		return a.from, a.to
	}
	return urlToken(text)
}

// urlToken finds a token that stands in the place of the user, as GitHub takes
// them: https://token@github.com/. Those of 32 digits are most often no
// secrets: Sentry's addresses for errors.
func urlToken(text []byte) (from, to int) {
	const least = 36
	from = bytes.Index(text, []byte("://")) + len("://")
	for to = from; to < len(text) && to-from < maxUser && wordByte(text[to]); {
		to++
	}
	if to-from < least || to == len(text) || text[to] != '@' {
		return 0, 0
	}
	host := to + 1
	end := host
	for end < len(text) && end-host < maxUser && (alnum(text[end]) || bytes.IndexByte([]byte("._[]:-"), text[end]) >= 0) {
		end++
	}
	if s := string(text[from:to]); !drawn(s) || placeholder(s) || !opens(s, "", string(text[host:end])) {
		return 0, 0
	}
	return from, to
}

// hostBefore is the host in the URL of a database at the end of a text, which
// goes on with its parameters: jdbc:postgresql://host/name?user=app&
func hostBefore(before []byte) string {
	i := bytes.LastIndex(before, []byte("://"))
	if i < 0 {
		return ""
	}
	start := i
	for start > 0 && (alnum(before[start-1]) || before[start-1] == '+') {
		start--
	}
	scheme, _, _ := strings.Cut(strings.ToLower(string(before[start:i])), "+")
	if !slices.Contains(databases, scheme) {
		return ""
	}
	host := before[i+len("://"):]
	if end := bytes.IndexAny(host, "/?; \t\"'"); end >= 0 {
		host = host[:end]
	}
	return string(host[bytes.LastIndexByte(host, '@')+1:])
}
