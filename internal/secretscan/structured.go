package secretscan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// structured are the rules for secrets whose content can be looked into.
func structured() []rule {
	return []rule{
		{id: "gcp-service-account-key", keywords: []string{`"private_key"`}, reach: maxReach, open: true, known: true, find: serviceAccountKey},
		{id: "private-key", keywords: []string{"-----begin "}, reach: maxReach, open: true, known: true, find: privateKey},
		{id: "private-key", keywords: []string{"ls0tls1crudjti"}, reach: maxReach, open: true, known: true, find: encodedKey},
		{
			id: "jwt", keywords: []string{"eyj"}, alone: true, apart: "-", reach: maxReach, known: true, find: signedToken,
		},
	}
}

// signedToken reports a JWT that opens something: its header names an
// algorithm, and its content is no known example and no public key of
// Supabase, which are JWTs as well.
func signedToken(_, text []byte) (from, to int) {
	const minPart, minSignature = 13, 32
	first := tokenPart(text)
	if first < minPart || first == len(text) || text[first] != '.' || !bytes.HasPrefix(text[first+1:], []byte("eyJ")) {
		return 0, 0
	}
	second := first + 1 + tokenPart(text[first+1:])
	if second-first <= minPart || second == len(text) || text[second] != '.' {
		return 0, 0
	}
	to = second + 1 + tokenPart(text[second+1:])
	if to-second <= minSignature || placeholder(string(text[second+1:second+1+minSignature])) || !opensSomething(string(text[:first]), string(text[first+1:second])) {
		return 0, 0
	}
	return 0, to
}

// installationToken reports a token of an app of GitHub: ghs_, the number of
// the app, and a JWT.
func installationToken(_, text []byte) (from, to int) {
	const maxApp = 40
	app := len("ghs_")
	jwt := app
	for jwt < len(text) && jwt-app < maxApp && alnum(text[jwt]) {
		jwt++
	}
	if jwt == app || !bytes.HasPrefix(text[jwt:], []byte("_eyJ")) {
		return 0, 0
	}
	if _, to = signedToken(nil, text[jwt+1:]); to == 0 {
		return 0, 0
	}
	return 0, jwt + 1 + to
}

// tokenPart is the length of a part of a JWT.
func tokenPart(text []byte) int {
	i := 0
	for i < len(text) && (wordByte(text[i]) || text[i] == '-') {
		i++
	}
	return i
}

// opensSomething tells a JWT from those that do not by what it says.
func opensSomething(head, content string) bool {
	var header struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Role, Name string
		Iss, Some  any
		Sub        any
	}
	if !decode(head, &header) || header.Alg == "" || strings.EqualFold(header.Alg, "none") || !decode(content, &claims) {
		return false
	}
	return claims.Role != "anon" && claims.Name != "John Doe" && claims.Sub != "1234567890" &&
		claims.Iss != "supabase-demo" && claims.Some != "payload" // on every developer's machine, and in PyJWT's documentation
}

func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}
