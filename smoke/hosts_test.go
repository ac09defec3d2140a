package smoke_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// estate is a service of three hosts with one session between them.
func estate(shared bool) http.Handler {
	h := http.NewServeMux()
	h.HandleFunc("GET smoke.test/enter", func(w http.ResponseWriter, _ *http.Request) {
		c := &http.Cookie{Name: "session", Value: "0123456789", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
		if shared {
			c.Domain = "smoke.test"
		}
		http.SetCookie(w, c)
		_, _ = fmt.Fprint(w, "entered")
	})
	h.HandleFunc("GET api.smoke.test/me", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := r.Cookie("session"); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = fmt.Fprint(w, `{"name":"Selma"}`)
	})
	h.Handle("GET smoke.test/to-admin", http.RedirectHandler("https://admin.smoke.test/queue", http.StatusFound))
	h.Handle("GET smoke.test/plain", http.RedirectHandler("http://api.smoke.test/", http.StatusFound))
	h.Handle("GET smoke.test/away", http.RedirectHandler("https://cdn.smoke.test/", http.StatusFound))
	h.HandleFunc("GET admin.smoke.test/queue", func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, "queue on "+r.Host) })
	return h
}

func TestOnePersonOnSeveralHosts(t *testing.T) {
	t.Parallel()
	run := func(shared bool, steps ...smoke.Step) smoke.Report {
		return checkConfig(t, smoke.Config{
			Handler: estate(shared), Steps: steps,
			Hosts: map[string]string{"api": "https://api.{host}", "admin": "https://admin.smoke.test"},
		})
	}
	if err := run(true, smoke.Page("/enter"), smoke.JSON("/me", "name").On("api"), smoke.Page("/to-admin").RedirectsTo("/queue").Contains("queue on admin.smoke.test")).Err(); err != nil {
		t.Error(err)
	}
	failed(t, run(false, smoke.Page("/enter"), smoke.JSON("/me", "name").On("api")), "GET /me answered 401 Unauthorized")
	failed(t, run(true, smoke.Page("/plain")), "redirects to plain http on api.smoke.test; nothing was sent there")
	failed(t, run(true, smoke.Page("/away")), "redirects to the host cdn.smoke.test, which is not the target")
	if err := run(true, smoke.Do("look", func(s *smoke.Session) error { _, err := s.Get("/queue"); return err }).On("admin")).Err(); err != nil {
		t.Error(err)
	}
	_, err := smoke.New(smoke.Config{
		URL: "https://market.example", Steps: []smoke.Step{smoke.Page("/").On("apj")},
		Hosts: map[string]string{"": "https://x.example", "api": "api.market.example", "plain": "http://api.{host}"},
	})
	want := `smoke: Hosts[""]: needs a name, such as api; the target itself has none
smoke: Hosts["api"]: must be http:// or https:// with a host, and no user, path, query or fragment, such as https://api.market.example or https://api.{host}, or //api.{host} with the scheme and the port of the target
smoke: Hosts["plain"]: must be https, as the target is
smoke: Steps[0]: GET /: On("apj"): no such host in Hosts`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAClosedStaging(t *testing.T) {
	t.Parallel()
	const secret = "pass phrase & more"
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"STAGING_PASSWORD": secret, "PROXY_SECRET": "proxy-0123456789", "TWO_LINES": "abcd\nefgh"}[name]
		return v, ok
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		if user != "staging" || pass != secret || r.Header.Get("X-Proxy-Secret") != "proxy-0123456789" || r.Header.Get("X-Check") != "smoke" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, "not %s", r.Header.Get("Authorization")+r.Header.Get("X-Proxy-Secret"))
			return
		}
		if r.URL.Path == "/echo" {
			w.WriteHeader(http.StatusTeapot)
			_, _ = fmt.Fprintf(w, "%s %s %s", r.Header.Get("Authorization"), pass, r.Header.Get("X-Proxy-Secret"))
			return
		}
		_, _ = fmt.Fprint(w, "inside")
	})
	srv := httptest.NewTLSServer(h)
	defer srv.Close()
	cfg := smoke.Config{
		URL: srv.URL, Client: srv.Client(), LookupEnv: env, Header: map[string]string{"X-Check": "smoke"},
		SecretHeader: map[string]string{"X-Proxy-Secret": "PROXY_SECRET"}, BasicAuth: &smoke.BasicAuth{User: "staging", Secret: "STAGING_PASSWORD"},
		Steps: []smoke.Step{smoke.Page("/").Contains("inside"), smoke.Page("/echo")},
	}
	r := checkConfig(t, cfg)
	if r.Steps[0].Outcome != smoke.OK {
		t.Errorf("%+v", r.Steps[0])
	}
	got := failed(t, r, "GET /echo answered 418")
	for _, hidden := range []string{secret, "proxy-0123456789", base64.StdEncoding.EncodeToString([]byte("staging:" + secret))} {
		if strings.Contains(got.Detail+got.Verdict, hidden) {
			t.Errorf("%q shows in\n%s", hidden, got.Detail)
		}
	}
	if want := `-H 'X-Check: smoke' -H 'X-Proxy-Secret: '"$PROXY_SECRET" -u 'staging:'"$STAGING_PASSWORD"`; !strings.Contains(got.Detail, want) {
		t.Errorf("no %s in\n%s", want, got.Detail)
	}

	_, err := smoke.New(smoke.Config{
		URL: "http://market.example", LookupEnv: env, Steps: []smoke.Step{smoke.Page("/")},
		Header:       map[string]string{"Cookie": "a=b", "a b": "c", "X-A": "b\nc", "Authorization": "x", "X-Twice": "y"},
		SecretHeader: map[string]string{"X-B": "UNSET", "X-C": "TWO_LINES", "X-Twice": "PROXY_SECRET"},
		BasicAuth:    &smoke.BasicAuth{User: "a:b", Secret: "UNSET"},
	})
	want := `smoke: Header["Authorization"]: is what BasicAuth sets: keep one
smoke: Header["Cookie"]: is set by the check itself
smoke: Header["X-A"]: must be one line
smoke: Header["a b"]: is no name of a header: use letters, digits and hyphens
smoke: SecretHeader["X-B"]: the environment variable UNSET is not set
smoke: SecretHeader["X-C"]: the value must be one line
smoke: SecretHeader["X-Twice"]: stands in Header too: keep one
smoke: BasicAuth.User: must be a name without a colon
smoke: BasicAuth.Secret: the environment variable UNSET is not set
smoke: URL: must be https for BasicAuth or SecretHeader: over plain http anybody on the way could read them`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestASessionOfAnotherEnvironment(t *testing.T) {
	t.Parallel()
	env := func(string) (string, bool) { return "staging-0123456789", true }
	account := func(known string, anonymous int) http.Handler {
		h := http.NewServeMux()
		h.HandleFunc("GET /account", func(w http.ResponseWriter, r *http.Request) {
			c, err := r.Cookie("session")
			switch {
			case err == nil && c.Value == known:
				_, _ = fmt.Fprint(w, "account of "+c.Value)
			case anonymous == http.StatusSeeOther:
				http.Redirect(w, r, "/login", anonymous)
			default:
				w.WriteHeader(anonymous)
				_, _ = fmt.Fprint(w, "sign in")
			}
		})
		h.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "sign in") })
		return h
	}
	run := func(h http.Handler) smoke.Report {
		step := smoke.ForeignSession{Path: "/account", Cookie: "session", Secret: "STAGING_SESSION"}.Step()
		return checkConfig(t, smoke.Config{Handler: h, LookupEnv: env, Steps: []smoke.Step{step}})
	}
	for _, refusal := range []int{http.StatusSeeOther, http.StatusUnauthorized, http.StatusNotFound} {
		if err := run(account("production", refusal)).Err(); err != nil {
			t.Errorf("%d: %v", refusal, err)
		}
		got := failed(t, run(account("staging-0123456789", refusal)), "GET /account accepted the session of another environment")
		if strings.Contains(got.Detail, "staging-0123456789") {
			t.Errorf("the session shows:\n%s", got.Detail)
		}
	}
	failed(t, run(account("production", http.StatusOK)), "GET /account is shown to anybody")
	failed(t, run(account("production", http.StatusInternalServerError)), "which says nothing about the session")
	_, err := smoke.New(smoke.Config{Handler: text(""), LookupEnv: env, Steps: []smoke.Step{smoke.ForeignSession{Secret: "X"}.Step()}})
	if err == nil || !strings.Contains(err.Error(), "Cookie needs the name") || !strings.Contains(err.Error(), `Path "" must begin`) {
		t.Error(err)
	}
}

func TestOldPaths(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /ads", http.RedirectHandler("/listings", http.StatusMovedPermanently))
	h.Handle("GET /ads/{id}", http.RedirectHandler("/ads", http.StatusPermanentRedirect))
	h.Handle("GET /for-now", http.RedirectHandler("/listings", http.StatusFound))
	h.Handle("GET /to-nothing", http.RedirectHandler("/gone", http.StatusMovedPermanently))
	h.HandleFunc("GET /listings", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "listings") })
	if err := check(t, h, smoke.FollowRedirects(map[string]string{"/ads": "/listings", "/ads/7": "/listings"})).Err(); err != nil {
		t.Error(err)
	}
	for old, want := range map[string]string{
		"/for-now":    "GET /for-now answered 302 Found, which search engines take for a move that will be undone",
		"/to-nothing": "GET /to-nothing ended at /gone, expected /listings",
		"/listings":   "GET /listings answered 200 OK, expected a redirect to /listings",
	} {
		failed(t, check(t, h, smoke.FollowRedirects(map[string]string{old: "/listings"})), want)
	}
	failed(t, check(t, h, smoke.FollowRedirects(map[string]string{"/to-nothing": "/gone"})), "ended at /gone, which answered 404 Not Found")
	got := failed(t, check(t, h, smoke.FollowRedirects(map[string]string{"/for-now": "/listings", "/gone": "/listings"})), "GET /for-now")
	if !strings.Contains(got.Detail, "also: GET /gone answered 404 Not Found") {
		t.Errorf("the second is not told:\n%s", got.Detail)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string]int{}
	h := http.NewServeMux()
	h.Handle("GET /{$}", text(`<a href="/a">a</a> <a href="/a#b">b</a> <a href="c?x=1">c</a> <a href="https://other.example/">away</a>
		<a href="mailto:a@b.example">mail</a> <a href="/logout">out</a> <a href="/listings/7/delete">delete</a> <a href="#top">top</a>`))
	h.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.RequestURI()]++
		if strings.HasPrefix(r.URL.Path, "/gone") {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = fmt.Fprint(w, "x")
	})
	h.Handle("GET /bad", text(`<a href="/gone">a</a><a href="/gone2">b</a><a href="/a">c</a>`))
	if err := check(t, h, smoke.Page("/").Links(), smoke.Page("/").Links()).Err(); err != nil {
		t.Error(err)
	}
	if got, want := fmt.Sprint(asked), "map[/a:1 /c?x=1:1]"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	got := failed(t, check(t, h, smoke.Page("/bad").Links()), "GET /bad has 2 broken links, the first: /gone answered 404 Not Found")
	if !strings.Contains(got.Detail, "also: broken link: /gone2 answered 404 Not Found") {
		t.Errorf("the second is not told:\n%s", got.Detail)
	}
	many := http.NewServeMux()
	many.Handle("GET /{$}", text(strings.Repeat(`<a href="/x">x</a>`, 3)+linksTo(150)))
	many.HandleFunc("GET /n/{n}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "x") })
	many.HandleFunc("GET /x", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "x") })
	r := check(t, many, smoke.Page("/").Links())
	if info := strings.Join(r.Steps[0].Info, "\n"); r.Err() != nil || !strings.Contains(info, "51 more links of GET / were not followed") {
		t.Errorf("%v %q", r.Err(), info)
	}
	if _, err := smoke.New(smoke.Config{Handler: h, Steps: []smoke.Step{smoke.JSON("/").Links()}}); err == nil || !strings.Contains(err.Error(), "only a Page has Links") {
		t.Error(err)
	}
}

func linksTo(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<a href="/n/%d">x</a>`, i)
	}
	return b.String()
}

// A service of several hosts on this machine: //api.{host} has the scheme and
// the port of the target, and every name below localhost leads here.
func TestHostsOnThisMachine(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, "<p>Listings of "+r.Host) }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := smoke.Config{
		URL: "http://localhost:" + u.Port(), Hosts: map[string]string{"api": "//api.{host}"},
		Steps: []smoke.Step{smoke.Page("/"), smoke.Page("/").On("api").Contains("Listings of api.localhost:" + u.Port())},
	}
	if err := checkConfig(t, cfg).Err(); err != nil {
		t.Error(err)
	}
	cfg.URL = srv.URL
	if _, err := smoke.New(cfg); err == nil || err.Error() != `smoke: Hosts["api"]: api.127.0.0.1 is no name: nothing stands in front of an IP address; give the target a name, such as http://localhost:8080, whose names below lead to this machine too` {
		t.Errorf("got %v", err)
	}
}

// One wrong address is one error.
func TestAWrongAddressIsToldOnce(t *testing.T) {
	t.Parallel()
	for address, hosts := range map[string]string{"127.0.0.1:8080": "https://api.{host}", "http://market.example/foo": "https://api.{host}", "https://market.example": "api.{host}"} {
		_, err := smoke.New(smoke.Config{URL: address, Hosts: map[string]string{"api": hosts}, Steps: []smoke.Step{smoke.Page("/").On("api"), smoke.Page("/x").On("api")}})
		if err == nil || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
