package secretscan

import (
	"bytes"
	"slices"
	"strings"
)

// names are the words in the name of a value that is to be kept secret.
var names = []string{
	"api_key", "apikey", "api-key", "access_key", "accesskey", "access-key", "account_key", "accountkey", "account-key", "auth_key", "authkey", "auth-key", "private_key", "privatekey", "private-key",
	"encryption_key", "encryptionkey", "encryption-key", "signing_key", "signingkey", "signing-key", "app_key", "master_key",
	"secret", "token", "passw", "credential",
}

// shortNames are the ends of the names of passwords, such as DB_PASS.
var shortNames = []string{"_pass", "-pass", "_pwd", "-pwd"}

// assignments are the rules for values that nothing but their name tells.
func assignments() []rule {
	return []rule{
		{id: "assigned-secret", keywords: names, reach: longReach, known: true, find: assignedSecret, hides: passwordName},
		{id: "assigned-secret", keywords: shortNames, reach: longReach, known: true, find: shortNamed, hides: func(_, _ []byte) bool { return true }},
		{id: "bearer-token", keywords: []string{"bearer "}, alone: true, reach: longReach, known: true, find: bearerToken},
	}
}

const (
	minQuoted = 16 // a value in quotes
	minBare   = 20 // one without
)

// assignedSecret finds a value that looks drawn by lot, and whose name begins
// with the keyword.
func assignedSecret(before, text []byte) (from, to int) {
	g, ok := parseGiven(text)
	if !ok {
		return 0, 0
	}
	from = g.at
	if bytes.HasPrefix(text[from:], []byte("base64:")) { // of Laravel
		from += len("base64:")
	}
	if g.quoted {
		to, ok = quotedEnd(text, from)
	} else {
		to, ok = bareEnd(before, text, from, g)
		if end, line := lineEnd(before, text, from, g); line && (!ok || end > to) {
			to, ok = end, true
		}
	}
	if !ok || about(g.name, before) {
		return 0, 0
	}
	if s := text[from:to]; !lot(s) || known(string(s)) || len(s) > judged && ciphertext(before, s) {
		return 0, 0
	}
	return from, to
}

// shortNamed is assignedSecret where the name ends with the keyword: a
// db_passenger is none.
func shortNamed(before, text []byte) (from, to int) {
	end := 1 // behind the mark
	for end < len(text) && (wordByte(text[end]) || text[end] == '-') {
		end++
	}
	if word := strings.ToLower(string(text[1:end])); word != "pass" && word != "pwd" {
		return 0, 0
	}
	return assignedSecret(before, text)
}

// bearerToken finds the token in a header of HTTP.
func bearerToken(_, text []byte) (from, to int) {
	from = len("bearer ")
	for to = from; to < len(text) && (alnum(text[to]) || bytes.IndexByte([]byte("._~+/-"), text[to]) >= 0); {
		to++
	}
	if to-from < minBare {
		return 0, 0
	}
	if to = skip(text, to, 2, "="); !lot(text[from:to]) {
		return 0, 0
	}
	return from, to
}

// passwordName reports that the name around a keyword is one of a password, of
// which nothing is shown.
func passwordName(before, text []byte) bool {
	g, _ := parseGiven(text)
	name := strings.ToLower(string(before[len(beforeName(before)):]) + string(g.name))
	return strings.Contains(name, "passw") || strings.Contains(name, "pwd")
}

// beforeName is what stands before the name at the end of a line.
func beforeName(line []byte) []byte {
	return bytes.TrimRightFunc(line, func(r rune) bool { return r == '_' || r == '-' || r < 128 && alnum(byte(r)) })
}

// quotedEnd is the end of a value in quotes, escaped or not.
func quotedEnd(text []byte, from int) (to int, ok bool) {
	to = from
	for to < len(text) && !space(text[to]) && !quote(text[to]) && text[to] != '\\' {
		to++
	}
	end := skip(text, to, 3, `\`)
	return to, to-from >= minQuoted && end < len(text) && quote(text[end])
}

// bareEnd is the end of a value without quotes, as in a .env file, a log, a
// query or a command.
func bareEnd(before, text []byte, from int, g given) (to int, ok bool) {
	to = from
	for to < len(text) && (alnum(text[to]) || bytes.IndexByte([]byte("+/_~-"), text[to]) >= 0) {
		to++
	}
	size := to - from
	to = skip(text, to, 2, "=")
	if size < minBare {
		return 0, false
	}
	if identifier(text[from:to]) {
		return 0, false
	}
	ends := "&;,\"'`\\<"
	switch {
	case g.sign == "=" && !g.apart && !g.spaced, g.sign == ":" && g.apart:
	case g.sign == "=": // in code, a name may stand there: in an .ini file, nothing goes on
		ends = ""
	case g.sign == ">": // <apiKey>…</apiKey>
		ends = "<"
	case g.sign == "" && command(before):
	default:
		return 0, false
	}
	return to, g.sign != ">" && (to == len(text) || space(text[to])) || to < len(text) && strings.IndexByte(ends, text[to]) >= 0
}

// identifier reports the name of a secret, which is given as a value in code:
// it holds a word of one, and its parts are as long as words. What is drawn by
// lot has parts of some two characters.
func identifier(value []byte) bool {
	const wordSize = 3
	small := bytes.ToLower(value)
	if !slices.ContainsFunc([]string{"key", "secret", "token", "passw"}, func(w string) bool { return bytes.Contains(small, []byte(w)) }) {
		return false
	}
	parts, size := 0, 0
	before := byte(0)
	for _, c := range value {
		if alnum(c) {
			size++
			if !alnum(before) || digit(c) != digit(before) || upper(c) && lower(before) {
				parts++
			}
		}
		before = c
	}
	return parts*wordSize <= size
}

// command reports what gives a value to a name with nothing but a blank
// between them: ENV of a Dockerfile, --api-key, and the password of a .netrc.
func command(before []byte) bool {
	line := beforeName(before)
	name := before[len(line):]
	words := bytes.Fields(line)
	switch {
	case bytes.HasPrefix(name, []byte("--")):
		return true
	case len(words) == 1:
		return bytes.EqualFold(words[0], []byte("ENV")) || bytes.EqualFold(words[0], []byte("ARG"))
	default:
		return len(name) == 0 && len(words) > 1 && string(words[len(words)-2]) == "login"
	}
}

// others are the ends of names that hold something about a secret.
var others = []string{
	"name", "url", "uri", "path", "file", "id", "ids", "type", "kind", "endpoint", "field", "header", "env", "prefix", "label", "hint", "hash",
	"len", "length", "ref", "digest", "sum", "size", "count", "arn", "public", "sha", "md", "fingerprint", "version", "etag", "salt", "revision", "commit",
	"address", "addr",
}

// marks stand before "token" in the name of one that marks a place in a list,
// or what was read, or that a form carries for one visit.
var marks = []string{"page", "continuation", "next", "sync", "cancellation", "resume", "cursor", "pagination", "change", "csrf", "xsrf"}

// about reports the name of something about a secret, or of another kind of
// token.
func about(name, before []byte) bool {
	small := strings.TrimRight(strings.ToLower(string(name)), "0123456789_-")
	if strings.HasPrefix(small, "tokeniz") || slices.ContainsFunc(others, func(o string) bool { return strings.HasSuffix(small, o) }) {
		return true
	}
	if !strings.HasPrefix(small, "token") {
		return false
	}
	word := strings.ToLower(strings.TrimRight(string(before[max(len(before)-20, 0):]), "_-"))
	return slices.ContainsFunc(marks, func(m string) bool { return strings.HasSuffix(word, m) })
}

// harmless are the beginnings of what looks drawn by lot and opens nothing:
// hashes, what is encrypted, and keys that are made to be shown.
var harmless = []string{"$2a$", "$2b$", "$2y$", "$argon2", "$pbkdf2", "$scrypt", "$5$", "$6$", "sha1:", "sha256:", "sha384:", "sha512:", "sha1-", "sha256-", "sha384-", "sha512-", "md5:", "ENC[", "pk.", "pk_live_", "pk_test_", "phc_", "sb_publishable_", "arn:"}

const addressLength = 42 // 0x and the 20 bytes of an account of Ethereum

// known reports a value that is known to be no secret.
func known(s string) bool {
	return strings.Contains(s, "://") || slices.ContainsFunc(harmless, func(h string) bool { return strings.HasPrefix(s, h) }) ||
		len(s) == addressLength && strings.HasPrefix(s, "0x")
}
