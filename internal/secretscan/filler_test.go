package secretscan_test

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
)

// wrapped is a PEM block around a text that is in base64 already.
func wrapped(kind, body string) string {
	lines := dashes + "BEGIN " + kind + dashes + "\n"
	for len(body) > 64 {
		lines, body = lines+body[:64]+"\n", body[64:]
	}
	return lines + body + "\n" + dashes + "END " + kind + dashes + "\n"
}

// TestKeysToBeFilledIn are blocks that begin as keys do, and go on with words.
func TestKeysToBeFilledIn(t *testing.T) {
	t.Parallel()
	const pkcs8 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
	openssh := base64.StdEncoding.EncodeToString([]byte("openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none\x00\x00\x00\x00"))
	for _, words := range []string{"EXAMPLEKEYEXAMPLEKEY", "YOURPRIVATEKEYGOESHERE", "FAKEKEYFAKEKEY", "REDACTEDREDACTED", "DUMMYdummy", "xxxxxxxxxxxx", "Todo/Todo+Todo"} {
		for kind, begin := range map[string]string{"PRIVATE KEY": pkcs8, "RSA PRIVATE KEY": pkcs8, "OPENSSH PRIVATE KEY": openssh} {
			key := wrapped(kind, begin+draw(base62, 7, 1)+words+draw(base62, 300, 2))
			for name, text := range map[string]string{
				"alone": key, "an account": `{"private_` + `key": ` + strconv.Quote(key) + `}`,
			} {
				if got := rules(scan(t, text)); got != "" {
					t.Errorf("%s, %s, %s: %s", name, kind, words, got)
				}
			}
		}
	}
	// In keys drawn by lot, hardly ever.
	missed := 0
	for seed := range uint64(300) {
		if rules(scan(t, wrapped("PRIVATE KEY", pkcs8+draw(base62+"+/", 3200, seed)))) != "1 private-key" {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("%d of 300 long keys were taken for words", missed)
	}
	if got := rules(scan(t, wrapped("PRIVATE KEY", pkcs8+draw(base62, 200, 1)+"fakeYour"+draw(base62, 200, 2)))); !strings.HasPrefix(got, "1 ") {
		t.Errorf("words of four letters by chance: %q", got)
	}
}
