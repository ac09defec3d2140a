package smoke_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b[1 : len(b)-1])
}

// leaky tells its visitors everything that it was told, in every header and
// spelling it can think of.
func leaky(planted string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "cookie-" + "0123456789"})
		if r.Method == http.MethodGet && r.URL.Path == "/login" {
			_, _ = fmt.Fprint(w, `<form method=post action="/login?api_key=in-the-query"><input name=csrf_token value=planted-csrf-token><input name=email><input name=password></form>`)
			return
		}
		_ = r.ParseForm()
		value := r.PostFormValue("password")
		if value == "" {
			value = planted
		}
		w.Header().Set("Server", jsonText(value))
		w.Header().Set("Location", "/x?q="+url.QueryEscape(value)+"&token="+url.QueryEscape("t"+value))
		w.Header().Set("X-Internal", value)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "%s|%s|%q|%s|%s|cookie-0123456789|planted-csrf-token|%s", value, html.EscapeString(value), value, url.QueryEscape(value), jsonText(value), r.PostFormValue("email"))
	})
}

// FuzzNoSecretInAFailure runs a whole check against a service that gives away
// all it knows.
func FuzzNoSecretInAFailure(f *testing.F) {
	f.Add(password)
	f.Add("hunter22")
	f.Add(longSecret(5000))
	f.Add("'; rm -rf / #$(x)`y`")
	f.Add("quote\"<&>'\\")
	f.Fuzz(func(t *testing.T, secret string) {
		// Short ones are in ordinary words. What is checked below is text
		// that nobody could have written by chance.
		if len(secret) < 8 || strings.Contains(strings.Repeat("·", len(secret)), secret) {
			t.Skip("too short, or what any text may hold")
		}
		r := checkConfig(t, smoke.Config{
			// Under a URL, for the curl line.
			URL: "https://smoke.test", Client: &http.Client{Transport: transport{leaky("")}}, LookupEnv: func(string) (string, bool) { return secret, true },
			Steps: []smoke.Step{
				login(seller).Step(),
				smoke.Do("tell", func(s *smoke.Session) error {
					s.SetSecret("API_TOKEN", "do-"+secret)
					_, err := s.PostForm("/login", map[string]string{"note": "it's " + secret, "password": "do-" + secret})
					return errors.Join(err, errors.New("failed with do-"+secret+" and "+secret))
				}).Writes(),
				smoke.Page("/x/{API_TOKEN}?token={API_TOKEN}&q={API_TOKEN}"),
			},
		})
		var table strings.Builder
		if err := r.WriteTable(&table); err != nil {
			t.Fatal(err)
		}
		plain := smoke.RedactLine("x", "no such secret", strings.ReplaceAll(outputWithout(t), "\n", " "))
		doc, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range []string{table.String(), string(doc), r.Err().Error()} {
			for _, hidden := range []string{secret, "cookie-0123456789", "planted-csrf-token", seller, "in-the-query"} {
				if strings.Contains(out, hidden) && !strings.Contains(plain, hidden) {
					t.Fatalf("%q shows in\n%s", hidden, out)
				}
			}
		}
	})
}

// outputWithout is what the same check prints for a secret that shows
// nowhere: what a fuzzed one has in common with it is no leak.
func outputWithout(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	r := checkURL(t, leaky("0000000000"), login(seller).Step(), smoke.Page("/x"))
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNothingIsCutInTwo(t *testing.T) {
	t.Parallel()
	const secret = "0123 4567 89ab cdef ghij klmn"
	step := 4
	if testing.Short() {
		step = 16
	}
	for shift := 0; shift < 80; shift += step {
		for _, planted := range []string{secret, "somebody.else@market.example "} {
			// Around the 2 KB that are shown, and around the 16 KB that are
			// looked at; many addresses shrink the one to the other.
			for _, body := range []string{
				strings.Repeat("-", 2<<10-shift) + planted + "end",
				strings.Repeat("a.person.with.quite.a.long.name.and.more.of.it.and.more.and.more.and.more@market.example ", 200)[:16<<10-shift] + " " + planted + strings.Repeat("-", 1<<10),
			} {
				h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(http.StatusTeapot)
					_, _ = w.Write([]byte(body))
				})
				r := checkConfig(t, smoke.Config{
					Handler: h, LookupEnv: func(string) (string, bool) { return secret, true },
					Steps: []smoke.Step{login(seller).Step(), smoke.Page("/")},
				})
				detail := failed(t, r, "418").Detail
				if strings.Contains(detail, "0123") || strings.Contains(detail, "cdef") || strings.Contains(detail, "somebody") || strings.Contains(detail, "@market") {
					t.Fatalf("shift %d: a piece shows in\n%s", shift, detail)
				}
				if len(detail) > 4<<10 {
					t.Fatalf("%d bytes are shown", len(detail))
				}
			}
		}
	}
}

// The variable of a secret header holds the scheme as well, and the service
// repeats what stands behind it.
func TestWhatStandsBehindTheSchemeIsNotShown(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, "unknown credential %s", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	})
	r := checkConfig(t, smoke.Config{
		URL: "https://smoke.test", Client: &http.Client{Transport: transport{h}}, LookupEnv: func(string) (string, bool) { return "Bearer s3cr3t-value-of-staging", true },
		SecretHeader: map[string]string{"Authorization": "STAGING"}, Steps: []smoke.Step{smoke.Page("/")},
	})
	if got := failed(t, r, "403"); strings.Contains(got.Detail, "s3cr3t") || !strings.Contains(got.Detail, "unknown credential «STAGING»") {
		t.Error(got.Detail)
	}
}
