package smoke_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// longSecret is a secret of n bytes of which no eight in a row come twice.
func longSecret(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "q%06dz", i)
	}
	return b.String()[:n]
}

// pieceOf returns a piece of the secret that shows in a text, "" for none.
func pieceOf(secret, text string) string {
	const piece = 8
	for i := range len(secret) - piece + 1 {
		if strings.Contains(text, secret[i:i+piece]) {
			return secret[i : i+piece]
		}
	}
	return ""
}

// shown is all that a report says.
func shown(t *testing.T, r smoke.Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	doc, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return b.String() + string(doc) + r.Err().Error()
}

// echo gives a value back in places that are shown only in part.
func echo(secret string) http.Handler {
	h := http.NewServeMux()
	h.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `<form method=post action="/send"><input name=note><input name=kept value="was %s"><input name="of-%s"></form>`, secret, secret)
	})
	h.HandleFunc("POST /send", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/next/"+secret+"?q="+secret)
		w.Header().Set("Server", "x "+secret)
		w.Header().Set("X-Request-Id", secret)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprint(w, strings.Repeat("-", 2<<10-30)+secret)
	})
	h.HandleFunc("GET /json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"status":"it is %s"}`, secret)
	})
	return h
}

// What is too long to be shown is cut after its secrets were hidden: a secret
// that was cut first would be recognized no more.
func TestLongSecretsAreHiddenBeforeAnythingIsCut(t *testing.T) {
	t.Parallel()
	for _, n := range []int{199, 200, 201, 5000} {
		secret := longSecret(n)
		post := smoke.Do("post", func(s *smoke.Session) error {
			s.SetSecret("API_TOKEN", secret)
			_, err := s.PostForm("/send", map[string]string{"token": secret, "note": "Bearer " + secret, "mail": strings.Repeat("-", 190) + "somebody@market.example"})
			return errors.Join(err, errors.New("no"))
		}).Writes()
		steps := map[string][]smoke.Step{
			"field, header and body": {post},
			"hidden field":           {post, smoke.Form{Path: "/form", Fields: map[string]string{"note": "{API_TOKEN}"}}.Step().Writes()},
			"name of a field":        {post, smoke.Form{Path: "/form", Fields: map[string]string{"none": ""}}.Step().Writes()},
			"JSON":                   {post, smoke.JSON("/json").JSONField("status", "ok")},
		}
		for name, list := range steps {
			t.Run(fmt.Sprintf("%s of %d bytes", name, n), func(t *testing.T) {
				t.Parallel()
				srv := httptest.NewServer(echo(secret))
				defer srv.Close()
				for _, cfg := range []smoke.Config{{URL: srv.URL, Steps: list}, {Handler: echo(secret), Steps: list}} {
					r := checkConfig(t, cfg)
					failed(t, r, "")
					out := shown(t, r)
					if piece := pieceOf(secret, out); piece != "" {
						t.Errorf("%q shows in\n%.3000s", piece, out)
					}
					if !strings.Contains(out, "«API_TOKEN»") || strings.Contains(out, "somebody") {
						t.Errorf("got\n%.3000s", out)
					}
				}
			})
		}
	}
}

// A secret that the end of the body cuts in two, because no more was read or
// the connection broke, is recognized by its beginning.
func TestASecretThatTheAnswerCutsInTwo(t *testing.T) {
	t.Parallel()
	secret := longSecret(300_000)
	tests := map[string]http.HandlerFunc{
		"more than is read": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			for range 8 {
				_, _ = fmt.Fprint(w, secret)
			}
		},
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, "it is "+secret[:100])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	for name, h := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := checkConfig(t, smoke.Config{
				Handler: h, Steps: []smoke.Step{
					smoke.Do("know", func(s *smoke.Session) error { s.SetSecret("API_TOKEN", secret); return nil }),
					smoke.Page("/"),
				},
			})
			failed(t, r, "")
			if out := shown(t, r); pieceOf(secret[:2000], out) != "" || pieceOf(secret[len(secret)-2000:], out) != "" || pieceOf(secret, out) != "" {
				t.Errorf("a piece shows in\n%.3000s", out)
			}
		})
	}
}

// What quoting for a shell and parsing an address take apart is hidden before.
func TestSecretsThatQuotingTakesApart(t *testing.T) {
	t.Parallel()
	const secret = "it's#half&way"
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/next?q="+secret)
		w.WriteHeader(http.StatusInternalServerError)
	})
	srv := httptest.NewServer(h)
	defer srv.Close()
	r := checkConfig(t, smoke.Config{URL: srv.URL, Steps: []smoke.Step{smoke.Do("post", func(s *smoke.Session) error {
		s.SetSecret("PASS", secret)
		_, err := s.PostForm("/x?q="+url.QueryEscape(secret), map[string]string{"note": "Bearer " + secret})
		return errors.Join(err, errors.New("no"))
	}).Writes()}})
	detail := failed(t, r, "no").Detail
	for _, want := range []string{"< Location: /next?q=«PASS»\n", "/x?q=«PASS»' ", "'note=Bearer «PASS»'"} {
		if !strings.Contains(detail, want) {
			t.Errorf("no %q in\n%s", want, detail)
		}
	}
	if strings.Contains(detail, "half") || strings.Contains(detail, `it'`) {
		t.Errorf("a piece shows in\n%s", detail)
	}
}

func TestAShortSecretFailsItsStep(t *testing.T) {
	t.Parallel()
	for name, returned := range map[string]error{"no error": nil, "an error": errors.New("the pin 79a was refused")} {
		for _, value := range []string{"79a", ""} {
			t.Run(name+" "+value, func(t *testing.T) {
				t.Parallel()
				r := check(t, http.NotFoundHandler(),
					smoke.Do("pin", func(s *smoke.Session) error {
						s.SetSecret("PIN", value)
						if _, err := s.Get("/?q=79a"); err != nil {
							return err
						}
						return returned
					}),
					smoke.Page("/{PIN}"),
				)
				if got := r.Steps[0]; got.Outcome != smoke.Failed || got.Verdict != `SetSecret("PIN"): the value is shorter than 4 bytes, so output could not hide it; it was not set` || got.Detail != "" {
					t.Errorf("got %+v", got)
				}
				if got := r.Steps[1]; got.Outcome != smoke.Skipped {
					t.Errorf("the value was set: %+v", got)
				}
				if out := shown(t, r); strings.Contains(out, "79a") {
					t.Errorf("the value shows in\n%s", out)
				}
			})
		}
	}
}

// A curl line is for a shell: nobody can reach a Handler from there.
func TestCurlIsForAURLOnly(t *testing.T) {
	t.Parallel()
	h := http.NotFoundHandler()
	if got := failed(t, check(t, h, smoke.Page("/")), "404").Detail; strings.Contains(got, "curl") || !strings.Contains(got, "> GET https://smoke.test/\n") {
		t.Errorf("got\n%s", got)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	r := checkConfig(t, smoke.Config{URL: srv.URL, Steps: []smoke.Step{smoke.Page("/")}})
	if got := failed(t, r, "404").Detail; !strings.Contains(got, "\ncurl -i '"+srv.URL+"/'") {
		t.Errorf("got\n%s", got)
	}
}
