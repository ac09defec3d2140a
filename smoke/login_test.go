package smoke_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

func TestALoginPageThatAScriptSends(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<meta name=csrf-token content=t0k><div id=app></div><script>start()</script>`)
	})
	h.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-CSRF-Token") != "t0k" || r.PostFormValue("password") != password {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "0123456789", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	})
	if err := check(t, h, login(seller).Step()).Err(); err != nil {
		t.Error(err)
	}
	wrong := login(seller)
	wrong.Secret = map[string]string{"password": "WRONG_PASSWORD"}
	got := failed(t, checkURL(t, h, wrong.Step()), "the login was refused: POST /login answered 403 Forbidden")
	if !strings.Contains(got.Detail, `"X-Csrf-Token: $CSRF_TOKEN"`) || strings.Contains(got.Detail, "t0k") {
		t.Errorf("the token shows, or has no placeholder, in\n%s", got.Detail)
	}
}

func TestASecretNeverGoesIntoAnAddress(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			t.Errorf("asked for %s", r.URL)
		}
		_, _ = fmt.Fprint(w, `<form><input name=email><input name=password></form>`)
	})
	form := smoke.Form{Path: "/login", Secret: map[string]string{"password": "SMOKE_PASSWORD"}}
	for _, s := range []smoke.Step{login(seller).Step(), form.Step()} {
		failed(t, check(t, h, s), "the form on /login is sent by GET, which would put the secret into the address")
	}
}

// TestTheTextOfAFailure is what a person reads at three in the morning.
func TestTheTextOfAFailure(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "visit", Value: "1"})
		_, _ = fmt.Fprint(w, `<form method=post action="/session?code=123"><input name=_token value=t0k><input name=email><input name=password><input name=next value="it's"></form>`)
	})
	h.HandleFunc("POST /session", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("X-Debug", "internal")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "no such user %s with %s", r.PostFormValue("email"), r.PostFormValue("password"))
	})
	got := failed(t, checkURL(t, h, login(seller).Step()), "the login was refused: POST /session?code=«hidden» answered 500 Internal Server Error")
	want := `> POST https://smoke.test/session?code=«hidden»
> Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8
> Content-Type: application/x-www-form-urlencoded
> Origin: https://smoke.test
> Referer: https://smoke.test/login
> Cookie: visit (values not shown)
>   _token = «CSRF token»
>   email = «e-mail»
>   next = it's
>   password = «SMOKE_PASSWORD»

< 500 Internal Server Error
< Content-Type: text/plain

no such user «e-mail» with «SMOKE_PASSWORD»

curl -i 'https://smoke.test/session?code=«hidden»' -H 'Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' -H 'Origin: https://smoke.test' -H 'Referer: https://smoke.test/login' -b "$COOKIES" --data-urlencode '_token='"$CSRF_TOKEN" --data-urlencode 'email=«e-mail»' --data-urlencode 'next=it'\''s' --data-urlencode 'password='"$SMOKE_PASSWORD"
`
	if detail := regexp.MustCompile(`(?m)^time: .*\n`).ReplaceAllString(got.Detail, ""); detail != want {
		t.Errorf("got\n%s\nwant\n%s", detail, want)
	}
}

func TestARedirectAfterAPostIsAPlainGet(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		http.StatusFound: `GET "" ""`, http.StatusSeeOther: `GET "" ""`,
		http.StatusTemporaryRedirect: `POST "https://smoke.test" "a b"`, http.StatusPermanentRedirect: `POST "https://smoke.test" "a b"`,
	} {
		h := http.NewServeMux()
		h.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `<form method=post><input name=title></form>`)
		})
		h.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/end", status) })
		h.HandleFunc("/end", func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, "%s %q %q", r.Method, r.Header.Get("Origin"), r.PostFormValue("title"))
		})
		step := smoke.Form{Path: "/form", Fields: map[string]string{"title": "a b"}}.Step().RedirectsTo("/end").Contains(want)
		if err := check(t, h, step).Err(); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// recorded is a network of one host, without sockets.
type recorded struct{ http.Handler }

func (n recorded) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestASiteMayMoveToTLS(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Scheme == "http" {
			http.Redirect(w, r, "https://"+r.URL.Host+r.URL.RequestURI(), http.StatusMovedPermanently)
			return
		}
		_, _ = fmt.Fprint(w, "secure")
	})
	client := &http.Client{Transport: recorded{h}}
	page := []smoke.Step{smoke.Page("/").Contains("secure")}
	if err := checkConfig(t, smoke.Config{URL: "http://market.example", Client: client, Steps: page}).Err(); err != nil {
		t.Error(err)
	}
	failed(t, checkConfig(t, smoke.Config{URL: "http://market.example:8080", Client: client, Steps: page}), "redirects to the host market.example:8080")
}

func TestAConnectionThatIsClosed(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = c.Close()
		}
	})
	srv := httptest.NewServer(h)
	defer srv.Close()
	for _, cfg := range []smoke.Config{{URL: srv.URL}, {Handler: h}} {
		cfg.Steps = []smoke.Step{smoke.Page("/")}
		r := checkConfig(t, cfg)
		failed(t, r, "GET /: the connection was closed before the answer was complete")
		if !r.Reached {
			t.Error("Reached is false although somebody closed the connection")
		}
	}
}

func TestALoginRefusedForWantOfAToken(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /login", answering(nil, `<form method=post><input name=email><input type=password name=password></form>`))
	refuse := func(text string) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/", h)
		mux.HandleFunc("POST /login", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, http.StatusForbidden) })
		return mux
	}
	got := failed(t, check(t, refuse("Forbidden - CSRF token invalid"), login(seller).Step()), "the answer speaks of a forged request: did the form hold a CSRF token")
	if strings.Contains(got.Verdict, "SMOKE_PASSWORD") {
		t.Errorf("the password is suspected: %s", got.Verdict)
	}
	failed(t, check(t, refuse("wrong password"), login(seller).Step()), "is the value of SMOKE_PASSWORD right for this service?")
}
