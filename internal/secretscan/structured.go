package secretscan

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// structured are the rules for secrets whose content can be looked into.
func structured() []rule {
	return []rule{
		{
			id: "gcp-service-account-key", keywords: []string{`"private_key"`}, reach: maxReach, open: true, accept: privateKey,
			pattern: anchored(`"private_key"\s{0,8}:\s{0,8}"-----BEGIN (?<kind>[A-Z]{1,12} )?PRIVATE KEY-----(?<headers>` + pemBreak + `)(?<secret>` + pemBody + `)`),
		},
		{
			id: "private-key", keywords: []string{"-----begin "}, reach: maxReach, open: true, accept: privateKey,
			pattern: anchored(`-----BEGIN (?<kind>[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?<headers>` + pemBreak +
				`(?:[A-Z][A-Za-z-]{2,20}: [^\\
"'` + "`" + `]{1,100}` + pemBreak + `)*)(?<secret>` + pemBody + `)`),
		},
		{
			id: "jwt", keywords: []string{"eyj"}, alone: true, apart: "-", reach: maxReach, accept: signedToken,
			pattern: anchored(`(?<secret>(?<header>eyJ[A-Za-z0-9_-]{10,})\.(?<claims>eyJ[A-Za-z0-9_-]{10,})\.[A-Za-z0-9_-]{32,})`),
		},
	}
}

const (
	// pemBreak is a line break of a PEM block, also in the literals of most
	// languages.
	pemBreak = `(?:[\s"'+,|>` + "`" + `]|\\+[nrt])*`
	pemBody  = `(?:[A-Za-z0-9/+=\s"',|>` + "`" + `]|\\+[nrt])+`

	minKeyLine = 40 // the lines of a PEM block have 64 characters
	minKey     = 60 // an Ed25519 key, the shortest, has 64
)

// privateKey reports a block that begins as keys do: a text that only names
// the header of a key, or shows its form, is none.
func privateKey(m match) bool {
	body := m.secret()
	line, size := 0, 0
	for i, c := range []byte(body) {
		if c == '/' || c == '+' || alnum(c) {
			size++
			if line == i {
				line++
			}
		}
	}
	if line < minKeyLine || size < minKey || entropy(body[:line]) < 3.5 {
		return false
	}
	if strings.Contains(m.group("headers"), ":") || strings.Contains(m.group("kind"), "PGP") {
		return true // encrypted, or no ASN.1
	}
	start, err := base64.RawStdEncoding.DecodeString(body[:32])
	return err == nil && (start[0] == asn1Sequence || strings.HasPrefix(string(start), "openssh-key-v1"))
}

const asn1Sequence = 0x30

// signedToken reports a JWT that opens something: its header names an
// algorithm, and its content is no known example and no public key of
// Supabase, which are JWTs as well.
func signedToken(m match) bool {
	var header struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Role, Name string
		Sub        any
	}
	if !decode(m.group("header"), &header) || header.Alg == "" || strings.EqualFold(header.Alg, "none") || !decode(m.group("claims"), &claims) {
		return false
	}
	return claims.Role != "anon" && claims.Name != "John Doe" && claims.Sub != "1234567890"
}

func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}
