package secretscan

import (
	"bytes"
	"regexp"
	"strings"
)

// names are the words in the name of a value that is to be kept secret.
var names = []string{
	"api_key", "apikey", "api-key", "access_key", "accesskey", "access-key", "auth_key", "authkey", "auth-key", "private_key", "privatekey", "private-key",
	"secret", "token", "passw", "credential",
}

// assignments are the rules for values that nothing but their name tells.
func assignments() []rule {
	const words = `(?i:(?:api|access|auth|private)[_-]?key|secret|token|passw(?:or)?d|credential)(?<rest>[\w-]{0,24}?)`
	return []rule{{ // in quotes
		id: "assigned-secret", keywords: names, likely: givenSomething, accept: assignedSecret,
		pattern: anchored(words + `\\{0,3}["'\]]{0,2}(?:[ \t]*:?[ \t]*string)?[ \t]*(?::=|=>|[:=,])[ \t]*` +
			`\\{0,3}["'` + "`" + `](?<secret>[^\s"'` + "`" + `\\]{16,})\\{0,3}["'` + "`" + `]`),
	}, { // alone, as in a .env file, a log or a query
		id: "assigned-secret", keywords: names, likely: givenSomething, accept: assignedSecret,
		pattern: anchored(words + `(?:=|:[ \t])(?<secret>[A-Za-z0-9+/_~-]{20,}={0,2})(?:[\s&;,]|\z)`),
	}, {
		id: "bearer-token", keywords: []string{"bearer "}, alone: true, accept: func(m match) bool { return random(m.secret()) },
		pattern: anchored(`(?i:bearer) (?<secret>[A-Za-z0-9._~+/-]{20,}={0,2})`),
	}}
}

// other are the ends of names that hold something about a secret.
var other = regexp.MustCompile(`(?i)(?:name|ur[li]|path|file|ids?|type|kind|endpoint|field|header|env|prefix|label|hint|hash|len(?:gth)?|ref|digest|sum|size|count|arn|public)$`)

func assignedSecret(m match) bool {
	s := m.secret()
	return !other.MatchString(m.group("rest")) && !strings.Contains(s, "://") && random(s)
}

// givenSomething reports a name that something is given to: after it and what
// may close it stands =, : or a comma, or a type.
func givenSomething(text []byte) bool {
	const longest = 60
	i := 0
	text = text[:min(len(text), longest)]
	for i < len(text) && (wordByte(text[i]) || text[i] == '-') {
		i++
	}
	for range 4 {
		if i < len(text) && bytes.IndexByte([]byte("\\\"'] \t"), text[i]) >= 0 {
			i++
		}
	}
	return i < len(text) && bytes.IndexByte([]byte("=:, \ts"), text[i]) >= 0
}
