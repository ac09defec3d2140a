package secretscan

import (
	"slices"
	"strings"
)

const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// namedValues are the rules for secrets that look like any other value: the
// name of the service stands before them.
func namedValues() []rule {
	return []rule{
		named("aws-secret-access-key", `[A-Za-z0-9/+]{40}`, 4, "aws_secret", "awssecret", "aws-secret", "secret_access_key", "secretaccesskey", "secret-access-key"),
		named("cloudflare-token", `[A-Za-z0-9_-]{40}|[0-9a-f]{37}`, 3.3, "cloudflare_", "cloudflare-", "cloudflareapi", "cloudflaretoken", "cf_api_", "cf-api-"),
		named("twilio-auth-token", `[0-9a-f]{32}`, 3, "twilio"),
		named("mailgun-key", `[0-9a-f]{32}(?:-[0-9a-f]{8}-[0-9a-f]{8})?`, 3, "mailgun"),
		named("postmark-token", uuid, 3, "postmark"),
	}
}

// named is a rule for values that are told by the name they are given to: the
// keyword, and the rest of the name.
func named(id, value string, entropy float64, keywords ...string) rule {
	pattern, first := anchored(value), beginningsOf(value)
	return rule{id: id, keywords: keywords, entropy: entropy, find: func(_, text []byte) (from, to int) {
		g, ok := parseGiven(text)
		if !ok || g.sign == "" || !secretName(g.name) || about(g.name, nil) || !first.fit(text[g.at:]) {
			return 0, 0
		}
		at := pattern.FindIndex(text[g.at:min(g.at+maxNamed, len(text))])
		if at == nil || !hexOrRandom(string(text[g.at:g.at+at[1]])) {
			return 0, 0
		}
		return g.at, g.at + at[1]
	}}
}

const maxNamed = 64

// secretName reports a name with a word of a secret: cloudflare_bucket and
// twilio_cache have none.
func secretName(name []byte) bool {
	small := strings.ToLower(string(name))
	return slices.ContainsFunc([]string{"key", "token", "secret", "auth", "pass", "api", "cred"}, func(w string) bool { return strings.Contains(small, w) })
}

// hexOrRandom tells 40 characters drawn by lot from words with hyphens.
func hexOrRandom(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '-' && !hexByte(byte(r)) }) || random(s)
}
