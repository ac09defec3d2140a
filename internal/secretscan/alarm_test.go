package secretscan_test

import (
	"strings"
	"testing"
)

// TestNoAlarms are values beside secrets that look like them.
func TestNoAlarms(t *testing.T) {
	t.Parallel()
	const header = `{"alg":"HS256","typ":"JWT"}`
	token := "to" + "ken"
	hex, lot := draw(hexDigits, 40, 3), draw(base62, 43, 3)
	for name, text := range map[string]string{
		"a bucket":             `cloudflare` + `_bucket = "acme-marketplace-production-uploads-eu-w"`,
		"words as a token":     `cloudflare` + `_api_token = "acme-marketplace-production-uploads-eu-w"`,
		"a commit":             "cloudflare" + "-go: " + hex,
		"a cache":              "twilio" + "_cache: " + hex[:32],
		"a message":            "postmark" + "_message: 5f1e0a7b-9c2d-4b7a-8e3f-a1b2c3d4e5f6",
		"Supabase at home":     jwt(t, header, map[string]any{"iss": "supabase-demo", "role": "service_role"}),
		"PyJWT":                jwt(t, header, map[string]any{"some": "payload"}),
		"public, of PostHog":   "posthog_api" + `_key = "phc` + "_" + lot + `"`,
		"public, of Supabase":  "SUPABASE_SECRET" + "_KEY=sb" + "_publishable_" + lot[:31],
		"of Slack, in words":   "xox" + "b-1234-RANDOMSTRING" + "HERE1",
		"a cookie":             "Set-Cookie: csrf_" + token + "=" + lot + "; Path=/",
		"a hidden field":       `<input type="hidden" name="csrf_` + token + `" value="` + lot + `">`,
		"words for a password": "mysql://root:super" + "secretpassword@db.acme.com",
	} {
		if got := rules(scan(t, text+"\n")); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for text, want := range map[string]string{
		"cloudflare" + `_api_token = "` + lot[:40] + `"`:     "1 cloudflare-token",
		"twilio" + "_auth_token: " + hex[:32]:                "1 twilio-auth-token",
		jwt(t, header, map[string]any{"iss": "supabase"}):    "1 jwt",
		"mysql://root:super" + "Blue" + "Whale7@db.acme.com": "1 connection-password",
	} {
		if got := rules(scan(t, text+"\n")); !strings.HasPrefix(got, want) {
			t.Errorf("%.20s: %q", text, got)
		}
	}
}
