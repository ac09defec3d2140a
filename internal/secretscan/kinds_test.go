package secretscan_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestAssignments are the forms in which a value is given to a name.
func TestAssignments(t *testing.T) {
	t.Parallel()
	hex, lot := draw(hexDigits, 64, 3), draw(base62, 32, 3)
	for name, text := range map[string]string{
		"an .ini file":        "SESSION_SEC" + "RET = " + hex + "\n",
		"a .env file":         "ENCRYPTION" + "_KEY=" + hex + "\n",
		"of Laravel":          "APP" + "_KEY=base64:" + base64.StdEncoding.EncodeToString([]byte("\xff"+lot[:31])) + "\n",
		"another key":         "JWT_SIGNING" + `_KEY: "` + lot + `"`,
		"a Dockerfile":        "ENV API" + "_KEY " + lot + "\n",
		"a build argument":    "arg NPM_" + "TOKEN " + lot + "\n",
		"bytes in Go":         "jwtSec" + `ret := []byte("` + hex + `")`,
		"bytes of a type":     "var jwtSec" + `ret []byte = []byte("` + hex + `")`,
		"bytes in Python":     "SECRET" + `_KEY = b'` + lot + `'`,
		"where unset":         "process.env.SESSION_SEC" + `RET || "` + hex + `"`,
		"where null":          "process.env.API" + `_KEY ?? '` + lot + `'`,
		"Python, where unset": `os.environ.get("API` + `_KEY") or "` + lot + `"`,
		"Python, otherwise":   `os.environ.get("API` + `_KEY", "` + lot + `")`,
		"Ruby, where unset":   `ENV['API` + `_KEY'] || '` + lot + `'`,
		"PHP, where unset":    `getenv('API` + `_KEY') ?: '` + lot + `'`,
		"Python, with a type": "api" + `_key: str = "` + lot + `"`,
		"XML settings":        `<add key="Api` + `Key" value="` + lot + `"/>`,
		"XML":                 "<api" + "Key>" + lot + "</apiKey>",
		"an option":           "deploy --api" + "-key " + lot + " --now",
		"an option, joined":   "deploy --api" + "-key=" + lot,
		"a header":            `curl -H "X-Api` + `-Key: ` + lot + `" https://api.acme.com`,
		".netrc":              "machine git.acme.com login ci pass" + "word " + lot,
		"a key of Ethereum":   "PRIVATE" + `_KEY = "0x` + hex + `"`,
	} {
		if got := rules(scan(t, text)); got != "1 assigned-secret" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestNoAssignments are values that look drawn by lot and open nothing.
func TestNoAssignments(t *testing.T) {
	t.Parallel()
	md5, sha, lot := draw(hexDigits, 32, 3), draw(hexDigits, 40, 3), draw(base62, 43, 3)
	token := "to" + "ken"
	for name, text := range map[string]string{
		"a key of a cache":        "cache-k" + "ey-" + md5,
		"another key of a cache":  "restore-k" + "ey-" + md5,
		"a contract":              token + `Address: "0x` + sha + `"`,
		"a contract as a token":   token + `: "0x` + sha + `"`,
		"a tokenizer":             token + "izer_revision: " + sha,
		"a tokenizer itself":      token + "izer = " + sha,
		"a digest":                `cred` + `ential: "sha256:` + sha + sha[:24] + `"`,
		"bcrypt":                  `pass` + `word: "$2a$10$` + lot[:22] + lot[:31] + `"`,
		"Argon2":                  `pass` + `word = "$argon2id$v=19$m=65536,t=3,p=4$` + lot[:22] + "$" + lot + `"`,
		"sops":                    `api_k` + `ey: "ENC[AES256_GCM,data:` + lot + `]"`,
		"public, of Mapbox":       `access` + `Token: "pk.` + lot + "." + lot[:22] + `"`,
		"public, of Stripe":       `api` + `Key: "pk_live_` + lot + `"`,
		"public, of Stripe, test": `api` + `Key: "pk_test_` + lot + `"`,
		"a variable in code":      "PrivateK" + "ey:  testRSA2048PrivateK" + "ey,",
		"a call in code":          token + " = newV4Signer2Helper3For4Aws5(x)",
		"XML without an end":      "<api" + "Key>" + lot,
		"a word after a word":     "the pass" + "word " + lot,
		"a flow of words":         "a " + token + " " + lot,
	} {
		if got := rules(scan(t, text)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, end := range []string{"sha", "_sha256", "MD5", "Fingerprint", "-version", "ETag", "_salt", "_revision", "Commit", "_addr", "Hash", "_checksum", "_digest"} {
		if got := rules(scan(t, token+end+` = "`+lot+`"`)); got != "" {
			t.Errorf("%s: %q", end, got)
		}
	}
	for _, before := range []string{"nextPage", "page_", "continuation", "NEXT_", "sync-"} {
		if got := rules(scan(t, before+token+`: "`+lot+`"`)); got != "" {
			t.Errorf("%s: %q", before, got)
		}
	}
}

// TestConnectionForms are the forms of a password beside the plain URL.
func TestConnectionForms(t *testing.T) {
	t.Parallel()
	p, lot := "Blue"+"Whale7", draw(base62, 24, 5)
	for name, text := range map[string]string{
		"driver of Python":        "postgresql+psycopg2://app:" + p + "@db.acme.com/app",
		"asynchronous":            "postgresql+asyncpg://app:" + p + "@db.acme.com/app",
		"MySQL in Python":         "mysql+pymysql://app:" + p + "@db.acme.com/app",
		"JSON":                    `{"url":"postgres:\/\/app:` + p + `@db.acme.com\/app"}`,
		"JDBC":                    "jdbc:postgresql://db.acme.com/app?user=app&pass" + "word=" + p,
		"JDBC of SQL Server":      "jdbc:sqlserver://db.acme.com:1433;user=app;pass" + "word=" + p + ";",
		"JDBC in XML":             "jdbc:mysql://db.acme.com/app?user=app&amp;pass" + "word=" + p,
		"host after the password": "user=app pass" + "word=" + p + " host=db.acme.com",
		"in quotes":               "host=db.acme.com pass" + "word='" + p + "' dbname=app",
		"ADO, password first":     `"Pass` + "word=" + p + `;Server=db.acme.com"`,
		"# in a password":         "postgres://app:" + "Blue#Whale7@db.acme.com/app",
		"/ in a password":         "postgres://app:" + "Blue/Whale7@db.acme.com/app",
		"? in a password":         "postgres://app:" + "Blue?Whale7@db.acme.com/app",
		"@ in a password":         "postgres://app:" + "Blue@Whale7@db.acme.com/app",
		".pgpass":                 "db.acme.com:" + "5432:app:app:" + p + "\n",
	} {
		if got := rules(scan(t, text)); got != "1 connection-password" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, text := range map[string]string{
		"curl":          "curl -u app:" + lot + " https://api.acme.com",
		"curl, at last": `curl https://api.acme.com --user "app:` + lot + `"`,
		"Docker":        `{"auths":{"ghcr.io":{"auth": "` + base64.StdEncoding.EncodeToString([]byte("ci:"+lot)) + `"}}}`,
	} {
		if got := rules(scan(t, text)); got != "1 basic-auth" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, text := range map[string]string{
		"a port and a path":    "postgres://db.acme.com:5432/app?email=a@acme.com",
		"ports and a path":     "mongodb://a.acme.com:27017,b.acme.com:27017/app?user=a@acme.com",
		"two URLs":             "redis://cache:6379,postgres://app@db.acme.com",
		"of another place":     "https://acme.com/?user=app&pass" + "word=" + p,
		"joined in code":       `"host=db.acme.com pass` + `word="+p+" dbname=app"`,
		"on another line":      "host=db.acme.com\nuser=app pass" + "word=" + p,
		"JDBC to this machine": "jdbc:postgresql://localhost/app?user=app&pass" + "word=" + p,
		"ports of containers":  `"5432:` + `5432:a:b"`,
		"curl with variables":  "curl -u $USER:$PASSWORD https://api.acme.com",
		"curl, thought up":     "curl -u app:BlueWhale7 https://api.acme.com",
	} {
		if got := rules(scan(t, text)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestEncodedKeys(t *testing.T) {
	t.Parallel()
	for name, key := range keys(t) {
		if got := rules(scan(t, "    client-key-data: "+base64.StdEncoding.EncodeToString([]byte(key))+"\n")); got != "1 private-key" {
			t.Errorf("%s: %q", name, got)
		}
	}
	// In a long key most short words stand by chance.
	body, err := base64.StdEncoding.DecodeString("MIIEpAIBAAKCAQEA" + draw(base62, 184, 3) + "FAKExxxxyour" + draw(base62, 188, 4))
	if err != nil {
		t.Fatal(err)
	}
	key := block("RSA PRIVATE KEY", body)
	if got := rules(scan(t, key)); got != "1 private-key" {
		t.Errorf("words in a key: %q", got)
	}
	if got := rules(scan(t, base64.StdEncoding.EncodeToString([]byte(key)))); got != "1 private-key" {
		t.Errorf("words in an encoded key: %q", got)
	}
	for name, text := range map[string]string{
		"a certificate": block("CERTIFICATE", []byte(draw(base62, 900, 1))),
		"only a header": dashes + "BEGIN PRIVATE KEY" + dashes + "\n" + strings.Repeat("none ", 40),
	} {
		if got := rules(scan(t, "data: "+base64.StdEncoding.EncodeToString([]byte(text)))); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestOtherForms are forms of tokens and passwords that their tools write.
func TestOtherForms(t *testing.T) {
	t.Parallel()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, tt := range map[string]struct {
		make func(seed uint64) string
		want string
	}{
		"Azure": {func(seed uint64) string {
			return "DefaultEndpointsProtocol=https;AccountName=acme;Account" + "Key=" + draw(base62+"+/", 86, seed) + "==;EndpointSuffix=core.windows.net"
		}, "1 assigned-secret"},
		"Slack in JSON": {func(seed uint64) string {
			return `"https:\/\/hooks.slack` + `.com\/services\/T` + draw(base32, 8, 7) + `\/B` + draw(base32, 8, 8) + `\/` + draw(base62, 24, seed) + `"`
		}, "1 slack-webhook"},
		"Discord in JSON": {func(seed uint64) string {
			return `"https:\/\/discord.com\/api` + `\/webhooks\/` + draw("123456789", 18, 7) + `\/` + draw(base62, 68, seed) + `"`
		}, "1 discord-webhook"},
		"a token as user": {func(seed uint64) string {
			return "git clone https://" + draw(hexDigits, 40, seed) + "@git.acme.com/a.git"
		}, "1 connection-password"},
		"Sentry":            {func(seed uint64) string { return "https://" + draw(hexDigits, 32, seed) + "@o1.ingest.sentry.io/2" }, ""},
		"an example's host": {func(seed uint64) string { return "https://" + draw(hexDigits, 40, seed) + "@git.example.com/a.git" }, ""},
		"a long user":       {func(uint64) string { return "https://a_user_with_a_name_that_is_much_too_long_1@git.acme.com/a.git" }, ""},
		".npmrc":            {func(seed uint64) string { return "//npm.acme.com/:_au" + "th=" + encode("ci:"+draw(base62, 24, seed)) }, "1 basic-auth"},
		".npmrc, old":       {func(seed uint64) string { return `_au` + `th = "` + encode("ci:"+draw(base62, 24, seed)) + `"` }, "1 basic-auth"},
		".npmrc, thought":   {func(uint64) string { return "//npm.acme.com/:_au" + "th=" + encode("ci:pass"+"word") }, ""},
		".npmrc, password":  {func(seed uint64) string { return "//npm.acme.com/:_pass" + "word=" + encode(draw(base62, 24, seed)) }, "1 assigned-secret"},
		"found by grep":     {func(seed uint64) string { return "a:\x1b[01;31m\x1b[K" + github(seed) + "\x1b[m\x1b[K" }, "1 github-token"},
		"K in a word":       {func(seed uint64) string { return "a[K" + github(seed) }, ""},
	} {
		missed := 0
		for seed := range uint64(100) {
			if got := rules(scan(t, tt.make(seed)+"\n")); got != tt.want {
				missed++
			}
		}
		if missed > 20 || tt.want == "" && missed > 0 {
			t.Errorf("%s: %d of 100 not %q", name, missed, tt.want)
		}
	}
}
