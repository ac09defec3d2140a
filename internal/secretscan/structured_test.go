package secretscan_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strconv"
	"strings"
	"testing"
)

// dashes is what PEM headers begin with, in two parts.
const dashes = "--" + "---"

// keys are private keys in the form of files.
func keys(t *testing.T) map[string]string {
	t.Helper()
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return block("PRIVATE KEY", der)
	}
	sec1, err := x509.MarshalECPrivateKey(elliptic)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"Ed25519": pkcs8(edwards), "P-256": pkcs8(elliptic), "P-256, SEC 1": block("EC PRIVATE KEY", sec1),
		"RSA": pkcs8(old), "RSA, PKCS 1": block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(old)),
		"OpenSSH": block("OPENSSH PRIVATE KEY", append([]byte("openssh-key-v1\x00"), x509.MarshalPKCS1PrivateKey(old)...)),
		"encrypted": strings.Replace(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(old)), "KEY"+dashes+"\n",
			"KEY"+dashes+"\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n", 1),
		"PGP": strings.Replace(block("PGP PRIVATE KEY BLOCK", x509.MarshalPKCS1PrivateKey(old)), "BLOCK"+dashes+"\n", "BLOCK"+dashes+"\nVersion: 1\n\n", 1),
	}
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	for name, key := range keys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := strings.Split(strings.TrimSpace(key), "\n")
			for form, text := range map[string]string{
				"a file":          key,
				"Windows":         strings.ReplaceAll(key, "\n", "\r\n"),
				"YAML":            "key: |\n  " + strings.ReplaceAll(key, "\n", "\n  "),
				"a Go literal":    "var key = `" + key + "`",
				"Go literals":     `var key = "` + strings.Join(lines, `\n" +`+"\n\t\"") + `\n"`,
				"one line":        "KEY=" + strconv.Quote(key),
				"escaped JSON":    strconv.Quote(`{"a":` + strconv.Quote(key) + `}`),
				"without its end": key[:len(key)/2+40],
			} {
				found := scan(t, text)
				if len(found) != 1 || found[0].Rule != "private-key" {
					t.Errorf("%s: %q", form, rules(found))
				}
			}
			if got := rules(scan(t, "a\n# readiness:allow\n"+key)); got == "" {
				t.Error("the line before allows nothing")
			}
			if got := rules(scan(t, "a # readiness:allow\n"+strings.Replace(key, "\n", " readiness:allow\n", 1))); got != "" {
				t.Errorf("allowed: %q", got)
			}
		})
	}
	account := `{"type": "service_account", "private_key_id": "1", "private_key": ` + strconv.Quote(keys(t)["RSA"]) + `}`
	if got := rules(scan(t, account)); got != "1 gcp-service-account-key" {
		t.Errorf("service account: %q", got)
	}
}

func TestNoPrivateKeys(t *testing.T) {
	t.Parallel()
	header, end := dashes+"BEGIN PRIVATE KEY"+dashes, dashes+"END PRIVATE KEY"+dashes
	for name, text := range map[string]string{
		"a mention":         "A text that holds " + header + " is refused.",
		"a mention in code": `strings.HasPrefix(s, "` + header + `")`,
		"header and end":    header + "\n" + end,
		"dots":              header + "\n...\n" + end,
		"a short one":       header + "\nMC4CAQAwBQYDK2VwBCIEIB\n" + end,
		"one letter":        header + "\n" + strings.Repeat(strings.Repeat("A", 64)+"\n", 20) + end,
		"a text":            header + "\n" + base64.StdEncoding.EncodeToString([]byte("The header above announces a key, and this is none: it is only a text.")) + "\n" + end,
		"words":             header + "\nhere goes the private key of the server as it was downloaded from the console of the provider\n" + end,
		"a public key":      strings.Replace(block("PUBLIC KEY", []byte(draw(base62, 200, 1))), "\n", "\n", 1),
		"a certificate":     block("CERTIFICATE", []byte(draw(base62, 900, 1))),
	} {
		if got := rules(scan(t, text)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// jwt signs claims.
func jwt(t *testing.T, header string, claims map[string]any) string {
	t.Helper()
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	signed := enc([]byte(header)) + "." + enc(text)
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(signed))
	return signed + "." + enc(mac.Sum(nil))
}

func TestJWT(t *testing.T) {
	t.Parallel()
	const header = `{"alg":"HS256","typ":"JWT"}`
	admin := map[string]any{"iss": "supabase", "role": "service_role", "exp": 1893456000}
	good := jwt(t, header, admin)
	tests := []struct{ name, text, want string }{
		{"alone", good, "1 jwt"},
		{"in a header", "Authorization: Bear" + "er " + good, "1 jwt"},
		{"of a long user", jwt(t, header, map[string]any{"roles": draw(base62, 3000, 1)}), "1 jwt"},
		{"number as subject", jwt(t, header, map[string]any{"sub": 17}), "1 jwt"},
		{"public by design", jwt(t, header, map[string]any{"iss": "supabase", "role": "anon"}), ""},
		{"of jwt.io", jwt(t, header, map[string]any{"sub": "1234567890", "name": "John Doe"}), ""},
		{"unsigned", jwt(t, `{"alg":"none"}`, admin), ""},
		{"no algorithm", jwt(t, `{"typ":"JWT"}`, admin), ""},
		{"two parts", good[:strings.LastIndexByte(good, '.')], ""},
		{"short signature", good[:strings.LastIndexByte(good, '.')+5], ""},
		{"header that is no JSON", "eyJ" + good[10:], ""},
	}
	for _, tt := range tests {
		if got := rules(scan(t, tt.text)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestInstallationTokens are those of the apps of GitHub.
func TestInstallationTokens(t *testing.T) {
	t.Parallel()
	token := func(app, header string, seed uint64) string {
		return "gh" + "s_" + app + "_" + jwt(t, header, map[string]any{"iss": "github", "jti": draw(base62, 250, seed)})
	}
	const header = `{"alg":"ES256","typ":"JWT"}`
	for name, format := range map[string]string{
		"bare": "%", "in a variable": "GITHUB_TO" + "KEN=%\n", "in quotes": `to` + `ken: "%"`, "a header": "Authorization: Bear" + "er %", "in a URL": "https://x-access-to" + "ken:%@github.com/a/b",
	} {
		for seed := range uint64(20) {
			if got := rules(scan(t, strings.ReplaceAll(format, "%", token("1234567", header, seed)))); got != "1 github-token" {
				t.Fatalf("%s, seed %d: %q", name, seed, got)
			}
		}
	}
	for name, text := range map[string]string{
		"no app": token("", header, 1), "unsigned": token("1", `{"alg":"none"}`, 1), "in a word": "a" + token("1", header, 1),
		"cut off": token("1", header, 1)[:200],
	} {
		if got := rules(scan(t, text)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
