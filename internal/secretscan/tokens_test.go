package secretscan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/secretscan"
)

// form is how the secrets of a rule are built.
type form struct {
	rule, before string
	alphabet     string
	n            int
	after        string
}

func (f form) make(seed uint64) string { return f.before + draw(f.alphabet, f.n, seed) + f.after }

// forms are of fixed length, so that one character less is none.
func forms() []form {
	return []form{
		{"aws-access-key-id", "AK" + "IA", base32, 16, ""},
		{"aws-access-key-id", "AS" + "IA", base32, 16, ""},
		{"github-token", "gh" + "p_", base62, 36, ""},
		{"github-token", "gh" + "o_", base62, 36, ""},
		{"github-token", "gh" + "s_", base62, 36, ""},
		{"github-token", "gh" + "u_", base62, 36, ""},
		{"github-token", "gh" + "r_", base62, 36, ""},
		{"github-fine-grained-token", "github" + "_pat_" + draw(base62, 22, 7) + "_", base62, 59, ""},
		{"gitlab-token", "gl" + "pat-", base64url, 20, ""},
		{"gitlab-token", "gl" + "dt-", base64url, 20, ""},
		{"slack-token", "xox" + "b-" + draw("0123456789", 12, 7) + "-" + draw("0123456789", 13, 8) + "-", base62, 24, ""},
		{"slack-token", "xox" + "p-" + draw("0123456789", 12, 7) + "-" + draw("0123456789", 12, 8) + "-" + draw("0123456789", 12, 9) + "-", hexDigits, 32, ""},
		{"slack-token", "xox" + "a-2-", base62, 40, ""},
		{"slack-token", "xox" + "r-" + draw(base62, 14, 8) + "-", base62, 20, ""},
		{"slack-token", "xox" + "s-" + draw("0123456789", 12, 7) + "-", hexDigits, 32, ""},
		{"slack-app-token", "xa" + "pp-1-A" + draw(base32, 10, 8) + "-" + draw("0123456789", 13, 7) + "-", hexDigits, 64, ""},
		{"slack-webhook", "https://hooks.slack" + ".com/services/T" + draw(base32, 8, 7) + "/B" + draw(base32, 8, 8) + "/", base62, 24, ""},
		{"discord-webhook", "https://discord.com/api" + "/webhooks/" + draw("123456789", 18, 7) + "/", base64url, 68, ""},
		{"stripe-key", "sk" + "_live_", base62, 24, ""},
		{"stripe-key", "rk" + "_live_", base62, 24, ""},
		{"stripe-webhook-secret", "whs" + "ec_", base62, 32, ""},
		{"google-api-key", "AI" + "za", base64url, 34, "x"},
		{"google-oauth-secret", "GOC" + "SPX-", base64url, 27, "x"},
		{"sendgrid-key", "S" + "G." + draw(base64url, 22, 7) + ".", base64url, 42, "x"},
		{"mailgun-key", "ke" + "y-", hexDigits, 32, ""},
		{"twilio-key", "S" + "K", hexDigits, 32, ""},
		{"npm-token", "np" + "m_", base62, 36, ""},
		{"pypi-token", "py" + "pi-AgEIcHlwaS5vcmc", base64url, 150, ""},
		{"docker-token", "dckr" + "_pat_", base64url, 27, ""},
		{"openai-key", "s" + "k-", base62, 48, ""},
		{"openai-key", "sk" + "-proj-", base64url, 150, ""},
		{"anthropic-key", "sk" + "-ant-api03-", base64url, 93, "AA"},
		{"supabase-key", "sb" + "_secret_", base62, 31, ""},
		{"brevo-key", "xkey" + "sib-" + draw(hexDigits, 64, 7) + "-", base62, 16, ""},
		{"digitalocean-token", "dop" + "_v1_", hexDigits, 64, ""},
		{"cloudflare-origin-key", "v1" + ".0-" + draw(hexDigits, 24, 7) + "-", hexDigits, 146, ""},
		{"huggingface-token", "h" + "f_", letters, 34, ""},
		{"shopify-token", "shp" + "at_", hexDigits, 32, ""},
		{"grafana-token", "gl" + "sa_" + draw(base62, 32, 7) + "_", hexDigits, 8, ""},
		{"vault-token", "hv" + "s.", base64url, 95, ""},
		{"telegram-bot-token", draw("123456789", 10, 7) + ":A" + "A", base64url, 32, "x"},
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, f := range forms() {
		t.Run(f.rule, func(t *testing.T) {
			t.Parallel()
			one := f.make(1)
			for name, text := range map[string]string{
				"alone": one, "in quotes": `x("` + one + `")`, "in a URL": "?a=" + one + "&b", "in a variable": "export A=" + one + "\n",
				"in escaped JSON": `{\"a\":\"` + one + `\",\"b\":\"\"}`, "in a log": "12:00 INFO started with " + one + ".",
			} {
				if got := rules(scan(t, text)); got != "1 "+f.rule {
					t.Errorf("%s: %q, want %s", name, got, f.rule)
				}
			}
			misses := map[string]string{
				"prefix alone":          f.before,
				"too short":             f.before + draw(f.alphabet, min(f.n-1, 7), 1),
				"a word to be replaced": f.before + "example" + draw(f.alphabet, f.n, 1)[min(7, f.n-1):] + f.after,
			}
			if len(f.before) < 20 { // nothing of it was drawn
				misses["one character"] = f.before + strings.Repeat("a", f.n) + f.after
				misses["x"] = f.before + strings.Repeat("x", f.n) + f.after
			}
			for name, text := range misses {
				if got := rules(scan(t, text)); got != "" {
					t.Errorf("%s: %q", name, got)
				}
			}
			if !strings.HasPrefix(f.before, "http") && f.rule != "telegram-bot-token" {
				if got := rules(scan(t, "a"+one)); got != "" {
					t.Errorf("within a word: %q", got)
				}
			}
		})
	}
}

func TestEveryRuleHasATest(t *testing.T) {
	t.Parallel()
	var tested []string
	for _, f := range forms() {
		tested = append(tested, f.rule)
	}
	for _, v := range valued() {
		tested = append(tested, v.rule)
	}
	tested = append(tested, "private-key", "gcp-service-account-key", "jwt", "connection-password", "basic-auth")
	all := secretscan.Rules()
	for _, id := range all {
		if !slices.Contains(tested, id) {
			t.Errorf("%s has none", id)
		}
	}
	if len(all) < 40 {
		t.Errorf("only %d rules", len(all))
	}
}

// TestTelegramURL is what Go's client says when it cannot reach the API.
func TestTelegramURL(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		token := draw("123456789", 10, seed) + ":A" + "A" + draw(base62, 33, seed)
		for format, want := range map[string]string{
			`Post "https://api.telegram.org/bot%/sendMessage": EOF`: "1 telegram-bot-token",
			"https://api.telegram.org/file/bot%/a.png":              "1 telegram-bot-token",
			"the id%": "",
		} {
			if got := rules(scan(t, strings.ReplaceAll(format, "%", token))); got != want {
				t.Errorf("%s, seed %d: %q", format, seed, got)
			}
		}
	}
}
