package metrics_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

// planted are what a request of FuzzNoSecretIsCaptured carries wherever a
// client can put something.
var planted = []string{"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "alice.smith+shop@mail.example.org", "4111 1111 1111 1111"}

// FuzzNoSecretIsCaptured plants secrets in all places of a request that the
// fuzzer does not choose itself, lets it fail in every way, and looks for them
// in the log, in Errors and in the metrics.
func FuzzNoSecretIsCaptured(f *testing.F) {
	f.Add("application/json", `{"token":"%s","%s":1,"list":["%s"]}`, "q=%s&%s=1&%s", "X-Api-Key", uint8(0))
	f.Add("application/json; charset=%s", `{"user":{"email":"%s"`, "%s", "Cookie", uint8(1))
	f.Add("application/x-www-form-urlencoded", "email=%s&%s&password=%s", "token=%s", "Authorization", uint8(2))
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n%s\r\n--b--\r\n", "", "X-Request-Id", uint8(3))
	f.Add("text/plain", "%s", "a[%s]=%s", "%s", uint8(4))
	f.Fuzz(func(t *testing.T, contentType, body, query, header string, how uint8) {
		for _, secret := range planted {
			plant := func(s string) string { return strings.ReplaceAll(s, "%s", secret) }
			m, logs := watched(t, metrics.Config{Secret: bytes.Repeat([]byte("k"), 32), Errors: metrics.ErrorCapture{Headers: []string{"X-Api-Key", "X-Request-Id"}}})
			h := m.Middleware(named("/login")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				metrics.SetUser(w, secret)
				_ = r.ParseMultipartForm(1 << 20)
				_, _ = http.MaxBytesReader(w, r.Body, 1<<20).Read(make([]byte, 1<<16))
				w.Header().Set("Location", "/"+url.PathEscape(secret))
				switch how % 5 {
				case 0:
					panic(errors.New(secret))
				case 1:
					panic(secret)
				case 2:
					panic(map[string]string{secret: secret})
				case 3:
					http.Error(w, secret, http.StatusInternalServerError)
				default:
					w.WriteHeader(http.StatusBadGateway)
				}
			})))
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(plant(body)))
			r.URL.Path, r.URL.RawQuery = "/"+secret, plant(query)
			r.URL.Fragment, r.Host, r.RemoteAddr = secret, secret, secret
			r.Header = http.Header{
				"Content-Type": {plant(contentType)}, "Cookie": {"session=" + secret}, "Authorization": {"Bearer " + secret}, "User-Agent": {secret},
				"Referer": {"https://x/?t=" + secret}, "X-Forwarded-For": {secret}, http.CanonicalHeaderKey(plant(header)): {secret},
			}
			if _, panicked := do(h, r); (panicked != nil) != (how%5 < 3) {
				t.Fatalf("panicked with %v", panicked)
			}
			if logs.Len() != 1 || len(m.Errors()) != 1 {
				t.Fatalf("%d lines, %d groups", logs.Len(), len(m.Errors()))
			}
			told, err := json.Marshal([]any{m.Errors(), logs.All()[0].ContextMap(), logs.All()[0].Message, scrapeAll(t, m), m.Snapshot()})
			if err != nil {
				t.Fatal(err)
			}
			for name, form := range forms(secret) {
				if strings.Contains(string(told), form) {
					t.Errorf("the secret is told (%s):\n%s", name, told)
				}
			}
		}
	})
}

// forms are the ways in which a secret can be told.
func forms(secret string) map[string]string {
	quoted, _ := json.Marshal(secret)
	return map[string]string{
		"as it is": secret, "escaped": url.QueryEscape(secret), "quoted": strings.Trim(string(quoted), `"`),
		"its second half": secret[len(secret)/2:], "base64": base64.StdEncoding.EncodeToString([]byte(secret)),
		"hex": hex.EncodeToString([]byte(secret)), "bytes": fmt.Sprint([]byte(secret)),
	}
}
