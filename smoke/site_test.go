package smoke_test

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/smoke"
)

func TestMain(m *testing.M) {
	if os.Getenv("SMOKE_AS_MAIN") != "" {
		os.Exit(smoke.Main(smoke.Config{Steps: []smoke.Step{smoke.Page("/")}}))
	}
	if mode := os.Getenv("SMOKE_AS_SERVICE"); mode != "" {
		os.Exit(serviceMain(mode))
	}
	goleak.VerifyTestMain(m)
}

const (
	password = "correct horse & battery+staple"
	seller   = "seller@market.example"
	buyer    = "buyer@market.example"
	admin    = "admin@market.example"
)

// credentials is what the environment of a test run holds.
func credentials(name string) (string, bool) {
	value, ok := map[string]string{"SMOKE_PASSWORD": password, "WRONG_PASSWORD": "not the password"}[name]
	return value, ok
}

// tokenPlace is where a site puts its CSRF token.
type tokenPlace string

const (
	inInput  tokenPlace = "input"
	inMeta   tokenPlace = "meta"
	inCookie tokenPlace = "cookie"
)

// site is a small marketplace: people sign in, post, request and review.
type site struct {
	place  tokenPlace
	secure bool

	mu       sync.Mutex
	users    map[string]string // by session
	tokens   map[string]bool
	listings []string
	requests []string
	notes    map[string][]string
}

func newSite(place tokenPlace) *site {
	return &site{place: place, secure: true, users: map[string]string{}, tokens: map[string]bool{}, notes: map[string][]string{}}
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { s.page(w, "<h1>Listings</h1>") })
	mux.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"status":"ok","release":"v7","checks":[{"name":"db","ms":1.50}],"none":null}`)
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { s.loginPage(w, http.StatusOK) })
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /account", s.member(func(w http.ResponseWriter, _ *http.Request, who string) {
		s.page(w, "<h1>Account of "+who+"</h1>")
	}))
	mux.HandleFunc("GET /listings/new", s.member(func(w http.ResponseWriter, _ *http.Request, _ string) {
		s.form(w, "/listings", `<input name="title"><textarea name="text">
as new</textarea><select name="kind"><option>service<option selected value="equipment">Equipment</select>
<input type="checkbox" name="public" checked><input type="checkbox" name="urgent"><button name="draft" value="1">Save draft</button>`)
	}))
	mux.HandleFunc("POST /listings", s.member(func(w http.ResponseWriter, r *http.Request, _ string) {
		if !s.tokenOK(r) {
			http.Error(w, "bad token", http.StatusForbidden)
			return
		}
		title := r.PostFormValue("title")
		sent := r.PostFormValue("kind") + r.PostFormValue("text") + r.PostFormValue("public") + r.PostFormValue("urgent") + r.PostFormValue("draft")
		if len(title) < 3 || sent != "equipmentas newon" {
			s.form(w, "/listings", `<input name="title">`)
			return
		}
		s.mu.Lock()
		s.listings = append(s.listings, title)
		n := len(s.listings)
		s.mu.Unlock()
		http.Redirect(w, r, "/listings/"+strconv.Itoa(n), http.StatusSeeOther)
	}))
	mux.HandleFunc("GET /listings/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil || id < 1 || id > len(s.listings) {
			http.NotFound(w, r)
			return
		}
		s.page(w, "<h1>"+html.EscapeString(s.listings[id-1])+"</h1>")
	})
	mux.HandleFunc("GET /listings/{id}/request", s.member(func(w http.ResponseWriter, r *http.Request, _ string) {
		s.form(w, "/listings/"+r.PathValue("id")+"/requests", `<input name="note">`)
	}))
	mux.HandleFunc("POST /listings/{id}/requests", s.member(func(w http.ResponseWriter, r *http.Request, who string) {
		if !s.tokenOK(r) {
			http.Error(w, "bad token", http.StatusForbidden)
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, who)
		s.mu.Unlock()
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	}))
	mux.HandleFunc("GET /admin/review", s.member(func(w http.ResponseWriter, r *http.Request, who string) {
		if who != admin {
			http.Error(w, "for administrators", http.StatusForbidden)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		var b strings.Builder
		for i := range s.requests {
			b.WriteString(s.formText(fmt.Sprintf("/admin/requests/%d", i+1),
				`<button name="decision" value="approve">Approve</button><button name="decision" value="decline">Decline</button>`))
		}
		s.page(w, "<h1>Review</h1>"+b.String())
	}))
	mux.HandleFunc("POST /admin/requests/{id}", s.member(func(w http.ResponseWriter, r *http.Request, who string) {
		if who != admin || !s.tokenOK(r) || r.PostFormValue("decision") != "approve" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		s.mu.Lock()
		id, _ := strconv.Atoi(r.PathValue("id"))
		to := s.requests[id-1]
		s.notes[to] = append(s.notes[to], fmt.Sprintf("request %d approved", id))
		s.mu.Unlock()
		http.Redirect(w, r, "/admin/review", http.StatusSeeOther)
	}))
	mux.HandleFunc("GET /notifications", s.member(func(w http.ResponseWriter, _ *http.Request, who string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.page(w, "<h1>Notifications</h1>"+strings.Join(s.notes[who], ", "))
	}))
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *site) page(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "<!doctype html><title>Market</title>%s", body)
}

// form writes a page with one form, and its token where this site puts it.
func (s *site) form(w http.ResponseWriter, action, controls string) {
	token := s.newToken()
	switch s.place {
	case inInput:
		controls += `<input type=hidden name="csrf_token" value="` + token + `">`
	case inMeta:
		controls += `</form><meta name="csrf-token" content="` + token + `">`
	case inCookie:
		http.SetCookie(w, &http.Cookie{Name: "XSRF-TOKEN", Value: token + "%3D", Path: "/", Secure: s.secure})
	}
	s.page(w, `<form method="post" action="`+action+`">`+controls+"</form>")
}

// formText is form for a page with several of them: always an input.
func (s *site) formText(action, controls string) string {
	return `<form method="post" action="` + action + `">` + controls + `<input type=hidden name="csrf_token" value="` + s.lockedToken() + `"></form>`
}

func (s *site) newToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedToken()
}

func (s *site) lockedToken() string {
	token := rand.Text()
	s.tokens[token] = true
	s.tokens[token+"="] = true
	return token
}

// tokenOK takes a token from a field or a header, and from nowhere else.
func (s *site) tokenOK(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range []string{r.PostFormValue("csrf_token"), r.Header.Get("X-CSRF-Token"), r.Header.Get("X-XSRF-TOKEN")} {
		if s.tokens[t] {
			return true
		}
	}
	return false
}

func (s *site) loginPage(w http.ResponseWriter, status int) {
	if status != http.StatusOK {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
	}
	s.form(w, "/login", `<input name=email type=email><input name=password type=password>`)
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	origin := "https://" + r.Host
	if r.TLS == nil {
		origin = "http://" + r.Host
	}
	if !s.tokenOK(r) || r.Header.Get("Origin") != origin || r.Header.Get("Referer") != origin+"/login" {
		http.Error(w, "bad token", http.StatusForbidden)
		return
	}
	if r.PostFormValue("password") != password {
		s.loginPage(w, http.StatusUnauthorized)
		return
	}
	id := rand.Text()
	s.mu.Lock()
	s.users[id] = r.PostFormValue("email")
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// member lets only people in who have signed in.
func (s *site) member(next func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err == nil {
			s.mu.Lock()
			who := s.users[c.Value]
			s.mu.Unlock()
			if who != "" {
				next(w, r, who)
				return
			}
		}
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	}
}

func login(who string) smoke.Login {
	return smoke.Login{
		Path:   "/login",
		Fields: map[string]string{"email": who},
		Secret: map[string]string{"password": "SMOKE_PASSWORD"},
	}
}

// check runs steps against a handler.
func check(t testing.TB, h http.Handler, steps ...smoke.Step) smoke.Report {
	t.Helper()
	return checkConfig(t, smoke.Config{Handler: h, Steps: steps})
}

// checkURL runs steps against a handler that stands under a URL, without a
// socket.
func checkURL(t testing.TB, h http.Handler, steps ...smoke.Step) smoke.Report {
	t.Helper()
	return checkConfig(t, smoke.Config{URL: "https://smoke.test", Client: &http.Client{Transport: transport{h}}, Steps: steps})
}

// transport answers from a handler.
type transport struct{ http.Handler }

func (h transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI, r.TLS, r.Host = r.URL.RequestURI(), &tls.ConnectionState{}, r.URL.Host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func checkConfig(t testing.TB, cfg smoke.Config) smoke.Report {
	t.Helper()
	if cfg.LookupEnv == nil {
		cfg.LookupEnv = credentials
	}
	c, err := smoke.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c.Check(t.Context())
}

// failed asserts that the last step failed, with a verdict that holds want.
func failed(t testing.TB, r smoke.Report, want string) smoke.StepResult {
	t.Helper()
	last := r.Steps[len(r.Steps)-1]
	if last.Outcome != smoke.Failed || !strings.Contains(last.Verdict, want) {
		t.Fatalf("got %s %q, want a failure with %q\n%s", last.Outcome, last.Verdict, want, last.Detail)
	}
	if r.Err() == nil {
		t.Fatal("Err is nil although a step failed")
	}
	return last
}

// quiet is for servers whose complaints are part of a test.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
