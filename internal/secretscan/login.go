package secretscan

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// logins are the rules for a user with a password in other forms.
func logins() []rule {
	return []rule{
		{ // user:password@tcp(host:3306)/name, of Go's driver for MySQL
			id: "connection-password", keywords: []string{"@tcp("}, password: true,
			back: func(c byte) bool {
				return c > ' ' && c != '"' && c != '\'' && c != '`' && c != '/' && c != '(' && c != ')'
			},
			pattern: `(?<user>[^\s:@]+):(?<secret>[^\s@]+)@tcp\((?<host>[^\s()]+)\)`,
			accept:  func(m match) bool { return opens(m.secret(), m.group("user"), m.group("host")) },
		},
		{ // host:port:database:user:password, of a .pgpass
			id: "connection-password", keywords: []string{":5432:"}, password: true, find: pgpass,
			back: func(c byte) bool { return alnum(c) || c == '.' || c == '-' },
		},
		{
			id: "basic-auth", keywords: []string{"basic "}, password: true, alone: true,
			pattern: `(?i:basic) (?<secret>[A-Za-z0-9+/]{8,}={0,2})`,
			accept:  func(m match) bool { return userPassword(m.secret()) },
		},
		{ // "auth": "…" of Docker
			id: "basic-auth", keywords: []string{`"auth"`}, password: true,
			pattern: `(?i:"auth")\s{0,4}:\s{0,4}"(?<secret>[A-Za-z0-9+/]{8,}={0,2})"`,
			accept:  func(m match) bool { return userPassword(m.secret()) },
		},
		{ // _auth of an .npmrc
			id: "basic-auth", keywords: []string{"_auth=", "_auth ="}, password: true,
			pattern: `(?i:_auth) ?= ?"?(?<secret>[A-Za-z0-9+/]{8,}={0,2})`,
			accept:  func(m match) bool { return userPassword(m.secret()) },
		},
		{ // curl -u user:password
			id: "basic-auth", keywords: []string{" -u ", "--user "}, password: true, find: userOption,
		},
	}
}

// userPassword reports a user and a password in the form of RFC 7617.
func userPassword(s string) bool {
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	user, password, ok := strings.Cut(string(text), ":")
	return err == nil && ok && user != "" && drawn(password)
}

// userOption finds the password of such an option, where it looks like a key.
func userOption(_, text []byte) (from, to int) {
	from = bytes.IndexByte(text[1:], ' ') + 2
	start := skip(text, from, 1, `"'`)
	for from = start; from < len(text) && from-start < maxUser && urlBytes[text[from]] && text[from] != ':'; {
		from++
	}
	if from == len(text) || from == start || text[from] != ':' {
		return 0, 0
	}
	from++
	for to = from; to < len(text) && to-from < maxSecret && urlBytes[text[to]]; {
		to++
	}
	if s := string(text[from:to]); !drawn(s) || placeholder(s) {
		return 0, 0
	}
	return from, to
}

// pgpass finds the password in a line of such a file.
func pgpass(_, text []byte) (from, to int) {
	var fields [4]int // where they end
	for i := range fields {
		start := to
		for to < len(text) && urlBytes[text[to]] && text[to] != ':' && to < maxSecret {
			to++
		}
		if to == start || to == len(text) || text[to] != ':' {
			return 0, 0
		}
		fields[i] = to
		to++
	}
	from = to
	for to < len(text) && urlBytes[text[to]] && text[to] != ':' && to-from < maxSecret {
		to++
	}
	if to < len(text) && text[to] == ':' {
		return 0, 0 // it would be escaped
	}
	host, user := text[:fields[0]], text[fields[2]+1:fields[3]]
	if !opens(string(text[from:to]), string(user), string(host)) {
		return 0, 0
	}
	return from, to
}
