package mailrecord_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/mailrecord"
)

// rsaPublic is a public key with a modulus of so many bits. Nobody has the
// private half; a linter does not ask.
func rsaPublic(bits, exponent int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(12345)), E: exponent}
}

func spki(t testing.TB, bits, exponent int) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(rsaPublic(bits, exponent))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func pkcs1(bits int) string {
	return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(rsaPublic(bits, 65537)))
}

func TestParseDKIM(t *testing.T) {
	t.Parallel()
	good := spki(t, 2048, 65537)
	ed := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	tests := []struct{ name, record, want, algorithm string }{
		// What must not be flagged.
		{"usual", "v=DKIM1; k=rsa; p=" + good, "", "rsa"},
		{"without v", "k=rsa; p=" + good, "", "rsa"},
		{"p alone", "p=" + good, "", "rsa"},
		{"p first", "p=" + good + "; k=rsa", "", "rsa"},
		{"PKCS#1", "v=DKIM1; p=" + pkcs1(2048), "", "rsa"},
		{"last semicolon", "v=DKIM1; p=" + good + ";", "", "rsa"},
		{"last semicolon and blanks", "v=DKIM1; p=" + good + " ; ", "", "rsa"},
		{"blanks around =", "v = DKIM1 ; k = rsa ; p = " + good, "", "rsa"},
		{"blanks in the key", "v=DKIM1; p=" + good[:50] + " " + good[50:100] + "\t" + good[100:], "", "rsa"},
		{"line breaks in the key", "v=DKIM1; p=" + good[:50] + "\r\n " + good[50:], "", "rsa"},
		{"split strings", "v=DKIM1; p=" + good[:200] + "|" + good[200:], "", "rsa"},
		{"split within the version", "v=DK|IM1; p=" + good, "", "rsa"},
		{"unknown tags", "v=DKIM1; x=1; zz=2; p=" + good, "", "rsa"},
		{"notes", "v=DKIM1; n=call us; p=" + good, "", "rsa"},
		{"historic g", "v=DKIM1; g=*; p=" + good, "", "rsa"},
		{"h with sha256", "v=DKIM1; h=sha1:sha256; p=" + good, "", "rsa"},
		{"h with blanks", "v=DKIM1; h=sha1 : sha256; p=" + good, "", "rsa"},
		{"h with an unknown one", "v=DKIM1; h=sha256:sha3; p=" + good, "", "rsa"},
		{"s=*", "v=DKIM1; s=*; p=" + good, "", "rsa"},
		{"s=email", "v=DKIM1; s=other:email; p=" + good, "", "rsa"},
		{"t=s", "v=DKIM1; t=s; p=" + good, "", "rsa"},
		{"unknown flag", "v=DKIM1; t=z; p=" + good, "", "rsa"},
		{"3072 bits", "v=DKIM1; p=" + spki(t, 3072, 65537), "", "rsa"},
		{"4096 bits", "v=DKIM1; p=" + spki(t, 4096, 65537), "", "rsa"},
		{"exponent 3", "v=DKIM1; p=" + spki(t, 2048, 3), "", "rsa"},
		{"ed25519", "v=DKIM1; k=ed25519; p=" + ed, "", "ed25519"},
		// The key.
		{"revoked", "v=DKIM1; p=", "revoked@2", ""},
		{"revoked with a blank", "v=DKIM1; p= ;", "revoked@2", ""},
		{"no key", "v=DKIM1; k=rsa", "syntax@0", ""},
		{"no base64", "v=DKIM1; p=???", "key@2", ""},
		{"URL base64", "v=DKIM1; p=" + strings.NewReplacer("/", "_", "A", "-").Replace(good), "key@2", ""},
		{"cut", "v=DKIM1; p=" + good[:200], "key@2", ""},
		{"cut by one octet", "v=DKIM1; p=" + good[:len(good)-4], "key@2", ""},
		{"cut in the middle of a group", "v=DKIM1; p=" + good[:201], "key@2", ""},
		{"key twice over", "v=DKIM1; p=" + strings.TrimRight(good, "=") + good, "key@2", ""},
		{"PEM header", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + good + "-----END PUBLIC KEY-----", "key@2", ""},
		{"quotes in the key", `v=DKIM1; p="` + good + `"`, "key@2", ""},
		{"strings with their quotes", `v=DKIM1; p=` + good[:100] + `" "` + good[100:], "key@2", ""},
		{"no padding", "v=DKIM1; k=ed25519; p=" + strings.TrimRight(ed, "="), "padding@3", "ed25519"},
		{"512 bits", "v=DKIM1; p=" + spki(t, 512, 65537), "weak@2", ""},
		{"768 bits", "v=DKIM1; p=" + pkcs1(768), "weak@2", ""},
		{"1023 bits", "v=DKIM1; p=" + spki(t, 1023, 65537), "weak@2", ""},
		{"1024 bits", "v=DKIM1; p=" + spki(t, 1024, 65537), "short@2", "rsa"},
		{"2047 bits", "v=DKIM1; p=" + spki(t, 2047, 65537), "short@2", "rsa"},
		{"4097 bits", "v=DKIM1; p=" + spki(t, 4097, 65537), "long@2", "rsa"},
		{"exponent 1", "v=DKIM1; p=" + spki(t, 2048, 1), "key@2", ""},
		{"exponent 4", "v=DKIM1; p=" + spki(t, 2048, 4), "key@2", ""},
		{"ed25519 with an envelope", "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA" + ed, "key@3", ""},
		{"ed25519 too short", "v=DKIM1; k=ed25519; p=" + ed[:40], "key@3", ""},
		{"ed25519 as rsa", "v=DKIM1; k=rsa; p=" + ed, "key@3", ""},
		{"rsa as ed25519", "v=DKIM1; k=ed25519; p=" + good, "key@3", ""},
		// The other tags.
		{"k unknown", "v=DKIM1; k=dsa; p=" + good, "algorithm@2", ""},
		{"k empty", "v=DKIM1; k=; p=" + good, "algorithm@2", ""},
		{"k in capitals", "v=DKIM1; k=RSA; p=" + good, "algorithm@2", ""},
		{"v unknown", "v=DKIM2; p=" + good, "version@1", ""},
		{"v in lower case", "v=dkim1; p=" + good, "version@1", ""},
		{"v not first", "k=rsa; v=DKIM1; p=" + good, "version@2", ""},
		{"twice v", "v=DKIM1; v=DKIM1; p=" + good, "duplicate@2", ""},
		{"twice p", "v=DKIM1; p=" + good + "; p=", "duplicate@3", ""},
		{"sha1 alone", "v=DKIM1; h=sha1; p=" + good, "hash@2", ""},
		{"h empty", "v=DKIM1; h=; p=" + good, "hash@2", ""},
		{"for another service", "v=DKIM1; s=tlsrpt; p=" + good, "service@2", ""},
		{"testing", "v=DKIM1; t=y; p=" + good, "testing@2", "rsa"},
		{"testing and strict", "v=DKIM1; t=s:y; p=" + good, "testing@2", "rsa"},
		{"escaped semicolons", `v=DKIM1\; k=rsa\; p=` + good, "syntax@1 algorithm@2", ""},
		{"no semicolon", "v=DKIM1 k=rsa p=" + good, "version@1", ""},
		{"commas", "v=DKIM1, k=rsa, p=" + good, "version@1", ""},
		{"two semicolons", "v=DKIM1;; p=" + good, "syntax@2=medium", "rsa"},
		{"no tag", "v=DKIM1; hello; p=" + good, "syntax@2", ""},
		{"no key, and two semicolons", "v=DKIM1;;", "syntax@2=medium syntax@0", ""},
		{"empty", "", "syntax@1=medium syntax@0", ""},
		{"capital P", "v=DKIM1; P=" + good, "syntax@0", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, problems := mailrecord.ParseDKIM(strings.Split(tt.record, "|")...)
			if got := brief(problems); got != tt.want {
				t.Errorf("%q, want %q\n%+v", got, tt.want, problems)
			}
			if d.Algorithm != tt.algorithm {
				t.Errorf("algorithm %q, want %q", d.Algorithm, tt.algorithm)
			}
		})
	}
	d, _ := mailrecord.ParseDKIM("v=DKIM1; t=y:s; p=" + good)
	if d.Bits != 2048 || !d.Testing || !d.Strict || d.Revoked {
		t.Errorf("%+v", d)
	}
}

func TestFindDKIM(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		txts  []string
		found int
		want  string
	}{
		{"none", nil, 0, ""},
		{"one", []string{"v=DKIM1; p=abc"}, 1, ""},
		{"without v", []string{"k=rsa; p=abc"}, 1, ""},
		{"two keys", []string{"v=DKIM1; p=abc", "v=DKIM1; p=def"}, 2, "multiple@0"},
		{"a key beside another text", []string{"v=DKIM1; p=abc", "hello"}, 1, "multiple@0"},
		{"a wildcard's SPF", []string{"v=spf1 -all"}, 0, "not-a-key@0"},
		{"a wildcard's DMARC", []string{"v=DMARC1; p=none"}, 0, "not-a-key@0"},
		{"a verification", []string{"google-site-verification=abc"}, 0, "not-a-key@0"},
		{"quoted", []string{`"v=DKIM1; p=abc"`}, 1, ""},
		{"a version alone", []string{"v=DKIM1"}, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found, problems := mailrecord.FindDKIM(txts(tt.txts...))
			if got := brief(problems); got != tt.want || len(found) != tt.found {
				t.Errorf("%d, %q, want %d, %q", len(found), got, tt.found, tt.want)
			}
		})
	}
}

func TestOnlyEd25519(t *testing.T) {
	t.Parallel()
	rsa, ed, none := mailrecord.DKIM{Algorithm: "rsa"}, mailrecord.DKIM{Algorithm: "ed25519"}, mailrecord.DKIM{}
	tests := []struct {
		name string
		keys []mailrecord.DKIM
		want bool
	}{
		{"no key", nil, false},
		{"none usable", []mailrecord.DKIM{none}, false},
		{"rsa", []mailrecord.DKIM{rsa}, false},
		{"twins", []mailrecord.DKIM{ed, rsa}, false},
		{"alone", []mailrecord.DKIM{ed}, true},
		{"beside a broken one", []mailrecord.DKIM{none, ed}, true},
	}
	for _, tt := range tests {
		if got := mailrecord.OnlyEd25519(tt.keys); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
