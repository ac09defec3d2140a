package secretscan_test

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
)

// TestLongValues are secrets that are longer than most.
func TestLongValues(t *testing.T) {
	t.Parallel()
	bytes := func(n int, seed uint64) string {
		var all strings.Builder
		for i := range n {
			c, err := strconv.ParseUint(draw(hexDigits, 2, seed+uint64(i)), 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteByte(byte(c))
		}
		return base64.StdEncoding.EncodeToString([]byte(all.String()))
	}
	account := `{"type":"service_account","private_` + `key":` + strconv.Quote(keys(t)["RSA"]) + `}`
	for name, tt := range map[string]struct {
		make func(seed uint64) string
		want string
	}{
		"an access token":  {func(seed uint64) string { return "ACCESS_" + "TOKEN=" + draw(base62, 600, seed) }, "1 assigned-secret"},
		"in quotes":        {func(seed uint64) string { return "access_" + `token: "` + draw(base62, 3000, seed) + `"` }, "1 assigned-secret"},
		"a header":         {func(seed uint64) string { return "Authorization: Bear" + "er " + draw(base62, 600, seed) }, "1 bearer-token"},
		"a session of AWS": {func(seed uint64) string { return "AWS_SESSION_" + "TOKEN=IQoJ" + draw(base62+"+/", 800, seed) }, "1 assigned-secret"},
		"a key": {func(seed uint64) string {
			return "PRIVATE_" + "KEY=MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + bytes(1190, seed)
		}, "1 assigned-secret"},
		"a service account": {func(uint64) string {
			return "GOOGLE_CRED" + "ENTIALS=" + base64.StdEncoding.EncodeToString([]byte(account))
		}, "1 assigned-secret"},
		"a sealed secret":     {func(seed uint64) string { return "  pass" + "word: AgB" + draw(base62+"+/", 800, seed) }, ""},
		"an encrypted one":    {func(seed uint64) string { return "encrypted_" + `token: "` + draw(base62+"+/", 800, seed) + `"` }, ""},
		"a ciphertext of KMS": {func(seed uint64) string { return "db_pass" + `word = "AQICAH` + draw(base62+"+/", 800, seed) + `"` }, ""},
		"a text": {func(uint64) string {
			return "to" + "ken: " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("A person wrote 100 lines. ", 40)))
		}, ""},
		"to be filled in":      {func(seed uint64) string { return "ACCESS_" + "TOKEN=" + draw(base62, 600, seed) + "EXAMPLEEXAMPLE" }, ""},
		"longer than a secret": {func(seed uint64) string { return "ACCESS_" + "TOKEN=" + draw(base62, 5000, seed) }, ""},
	} {
		for seed := range uint64(30) {
			if got := rules(scan(t, tt.make(seed)+"\n")); got != tt.want {
				t.Errorf("%s, seed %d: %q, want %q", name, seed, got, tt.want)
				break
			}
		}
	}
}
