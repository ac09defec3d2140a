package secretscan_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/secretscan"
)

// valued are the rules for values, with a text around one.
func valued() []struct {
	rule, format, alphabet string
	n                      int
} {
	return []struct {
		rule, format, alphabet string
		n                      int
	}{
		{"aws-secret-access-key", "aws_secret" + "_access_key = %s", base62 + "/+", 40},
		{"aws-secret-access-key", `SecretAccess` + `Key: "%s"`, base62 + "/+", 40},
		{"cloudflare-token", "CLOUDFLARE" + "_API_TOKEN=%s", base64url, 40},
		{"cloudflare-token", `"cf_api` + `_key": "%s"`, hexDigits, 37},
		{"twilio-auth-token", "TWILIO" + "_AUTH_TOKEN=%s", hexDigits, 32},
		{"mailgun-key", "MAILGUN" + "_KEY=%s-1a2b9c8d-7e6f5a4b", hexDigits, 32},
		{"postmark-token", "POSTMARK" + "_TOKEN: 5f1e%s-9c2d-4b7a-8e3f-a1b2c3d4e5f6", hexDigits, 4},
		{"assigned-secret", "api" + `Key := "%s"`, base62, 32},
		{"assigned-secret", "const session" + `Secret: string = '%s';`, base62, 32},
		{"assigned-secret", "SESSION_SECRET" + "=%s", base62, 40},
		{"assigned-secret", `os.Setenv("ACCESS_` + `TOKEN", "%s")`, base64url, 43},
		{"assigned-secret", `{\"client_` + `secret\":\"%s\"}`, base62, 32},
		{"assigned-secret", "GET /callback?access_" + "token=%s&state=1", base62, 32},
		{"assigned-secret", "db_pass" + "word: %s", base62, 24},
		{"assigned-secret", "encryption_private_" + "key = `%s`", hexDigits, 64},
		{"bearer-token", "Authorization: Bear" + "er %s", base62, 40},
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, tt := range valued() {
		text := fmt.Sprintf(tt.format, draw(tt.alphabet, tt.n, 3))
		if tt.rule == "postmark-token" {
			text = fmt.Sprintf(tt.format, "0a7b")
		}
		if got := rules(scan(t, text)); got != "1 "+tt.rule {
			t.Errorf("%s: %q", fmt.Sprintf(tt.format, "…"), got)
		}
	}
}

func TestOrdinaryValues(t *testing.T) {
	t.Parallel()
	token := "to" + "ken"
	for _, value := range []string{
		"", "changeme", "your-token-goes-here-please", "${SESSION_TOKEN_OF_THE_APP}", "{{ .Values.session.token }}", "xxxxxxxxxxxxxxxxxxxxxxxx",
		"0123456789abcdef0123456789abcdef", "aaaaaaaaaaaaaaaaaaaaaaaa1", "correct-horse-battery-staple-99", "SMOKE_TEST_PASSWORD_V2", "my-service-account-2024",
		"github.com/acme/auth/v2/tokens", "https://auth.acme.com/v1/token2", "AccessTokenProviderV2Factory", "%s-%d-%s-%d-%s-%d-%s-%d-%s", "2026-11-28T13:44:16.123456Z",
		"com.acme.auth.token.Provider2", base64.StdEncoding.EncodeToString([]byte("eight and twenty bytes, all of them words")),
		"V1aB2cD3eF4gH5jK6lM7nP8qR9sT0uW1", // mixed by hand: no two neighbours alike
	} {
		for _, format := range []string{`%s = "%s"`, "%s=%s", "%s: %s"} {
			if got := rules(scan(t, fmt.Sprintf(format, token, value))); got != "" {
				t.Errorf(format+": %s", token, value, got)
			}
		}
	}
	for _, name := range []string{"tokenURL", "token_id", "secretName", "api_key_header", "password_hash", "secret_arn"} {
		if got := rules(scan(t, name+` = "`+draw(base62, 32, 3)+`"`)); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestRandomOfEveryKind counts how many values that were drawn by lot are
// taken for written ones.
func TestRandomOfEveryKind(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		alphabet string
		n        int
		missed   int // of 1000, at the most
	}{
		"base62, 20":    {base62, 20, 70},
		"base62, 24":    {base62, 24, 40},
		"base62, 32":    {base62, 32, 15},
		"base62, 40":    {base62, 40, 15},
		"base64url, 43": {base64url, 43, 25},
		"hex, 24":       {hexDigits, 24, 60},
		"hex, 32":       {hexDigits, 32, 30},
		"hex, 64":       {hexDigits, 64, 10},
	} {
		missed := 0
		for seed := range uint64(1000) {
			if !secretscan.Random(draw(tt.alphabet, tt.n, seed)) {
				missed++
			}
		}
		if missed > tt.missed {
			t.Errorf("%s: %d of 1000 missed", name, missed)
		}
	}
}

// TestNamesAsValues tells the names of secrets from secrets that hold a word
// of such a name.
func TestNamesAsValues(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"sb" + "_secret_", "xkey" + "sib-", "key", "tok" + "en_"} {
		missed := 0
		for seed := range uint64(300) {
			if rules(scan(t, "SUPABASE_SECRET"+"_KEY="+words+draw(base62, 31, seed)+"\n")) == "" {
				missed++
			}
		}
		if missed > 60 {
			t.Errorf("%s: %d of 300 missed", words, missed)
		}
	}
	for _, name := range []string{"testRSA2048PrivateKey", "stripeV1WebhookSecret2", "acme-prod-eu1-db2-secret-v3", "session_token_v1_b64_main"} {
		if got := rules(scan(t, "to"+"ken: "+name+"\n")); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestPasswordsAreHidden: nothing of one is shown, in whichever form it is
// given.
func TestPasswordsAreHidden(t *testing.T) {
	t.Parallel()
	lot := draw(base62, 24, 3)
	for _, format := range []string{
		"DB_PASS" + "WORD=%\n", `db_pass` + `word: "%"`, "SECRET_PASS" + "WORD=%\n", "PWD_SEC" + "RET=%\n", `token` + `_pwd = "%"`,
	} {
		found := scan(t, strings.ReplaceAll(format, "%", lot))
		if rules(found) != "1 assigned-secret" || found[0].Masked != "…" {
			t.Errorf("%s: %v", format, found)
		}
	}
	if found := scan(t, "SESSION_SEC"+"RET="+lot); rules(found) != "1 assigned-secret" || found[0].Masked != lot[:4]+"…" {
		t.Errorf("another secret: %v", found)
	}
}

// TestEncodedValues are the values of a Secret of Kubernetes.
func TestEncodedValues(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		make  func(seed uint64) string
		found bool // or else never
	}{
		"base62":        {func(seed uint64) string { return draw(base62, 32, seed) }, true},
		"of GitHub":     {github, true},
		"of a database": {func(seed uint64) string { return "postgres://app:" + draw(base62, 24, seed) + "@db.acme.com/app" }, true},
		"thought up":    {func(seed uint64) string { return "my password is number " + draw("123456789", 4, seed) }, false},
		"of an example": {func(seed uint64) string {
			return "postgres://app:pass" + "word@db.acme.com/app" + draw("123456789", 4, seed)
		}, false},
		"of a page":      {func(seed uint64) string { return `{"id":"` + draw(base62, 32, seed) + `"}` }, false},
		"to be replaced": {func(seed uint64) string { return "example" + draw(base62, 32, seed) }, false},
	} {
		missed := 0
		for seed := range uint64(300) {
			if rules(scan(t, "data:\n  api-"+"key: "+base64.StdEncoding.EncodeToString([]byte(tt.make(seed)))+"\n")) == "" {
				missed++
			}
		}
		if tt.found && missed > 30 || !tt.found && missed < 300 {
			t.Errorf("%s: %d of 300 missed", name, missed)
		}
	}
}

// TestShortNamesOfPasswords are those that end a name, and words that begin as
// they do.
func TestShortNamesOfPasswords(t *testing.T) {
	t.Parallel()
	lot := draw(base62, 24, 7)
	for _, name := range []string{"DB_PASS", "smtp-pass", "MYSQL_PWD", "db_pwd"} {
		for _, text := range []string{name + "=" + lot, name + ` = "` + lot + `"`, name + ": " + lot} {
			if found := scan(t, text); rules(found) != "1 assigned-secret" || found[0].Masked != "…" {
				t.Errorf("%s: %+v", name, found)
			}
		}
	}
	for _, text := range []string{"db_passenger=" + lot, "the_pass_id: " + lot, "bypass=" + lot, "DB_PASS=changeme", "OLD_PWD=/home/somebody/projects/market", "db_pass=" + lot[:12]} {
		if got := rules(scan(t, text)); got != "" {
			t.Errorf("%s: %q", text, got)
		}
	}
}
