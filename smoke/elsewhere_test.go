package smoke_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// What leads to somebody else's host is not broken: a login by another service,
// a file that lies on a storage.
func TestLinksAndFilesThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /{$}", answering(nil, `<p>Listings<a href="/auth/google">Sign in with Google</a><script src="/app.js"></script><img src="/storage/1">`))
	h.Handle("GET /auth/google", http.RedirectHandler("https://accounts.google.com/o/oauth2/auth?client_id=1", http.StatusFound))
	h.Handle("GET /app.js", http.RedirectHandler("https://cdn.example/app.123.js", http.StatusFound))
	h.Handle("GET /storage/1", http.RedirectHandler("https://storage.example/1?signature=1", http.StatusFound))
	h.Handle("GET /plain", answering(nil, `<p>Listings<a href="/gone">x</a>`))
	h.Handle("GET /gone", http.RedirectHandler("/nowhere", http.StatusFound))
	r := check(t, h, smoke.Page("/").Links())
	if r.Err() != nil || len(r.Steps[0].Warnings) > 0 {
		t.Errorf("%v, %q", r.Err(), r.Steps[0].Warnings)
	}
	failed(t, check(t, h, smoke.Page("/plain").Links()), "/gone answered 404 Not Found")
}

func TestLinksThatChangeSomethingAreLeftAlone(t *testing.T) {
	t.Parallel()
	left := strings.Fields(`/logout /log_out /log-out/ /account/sign-out/ /account/logoff /sign_out /session?action=log_out /users/sign_out.html /a.php?do=deleteAccount /SignOut
		/items/7/remove /newsletter/unsubscribe?id=7`)
	followed := strings.Fields("/blog/out-of-office /login /catalog/outlet /sign-up /signal/offline")
	var mu sync.Mutex
	var hits []string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hits = append(hits, r.URL.RequestURI())
		mu.Unlock()
		_, _ = fmt.Fprint(w, "<p>Listings")
		for _, href := range slices.Concat(left, followed) {
			_, _ = fmt.Fprintf(w, `<a href="%s">x</a>`, href)
		}
	})
	if err := check(t, h, smoke.Page("/").Links()).Err(); err != nil {
		t.Error(err)
	}
	want := append([]string{"/"}, followed...)
	slices.Sort(want)
	slices.Sort(hits)
	if !slices.Equal(hits, want) {
		t.Errorf("asked for %q, want %q", hits, want)
	}
}

// A gallery does not keep the script of a page from being looked at, nor that
// of the next page.
func TestManyFilesOfAPage(t *testing.T) {
	t.Parallel()
	var gallery strings.Builder
	for i := range 60 {
		fmt.Fprintf(&gallery, `<img src="/i/%d.png">`, i)
	}
	h := http.NewServeMux()
	h.Handle("GET /{$}", answering(nil, "<p>Listings"+gallery.String()))
	h.Handle("GET /broken", answering(nil, "<p>Listings"+gallery.String()+`<script src="/app.js"></script>`))
	h.HandleFunc("GET /i/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		_, _ = w.Write([]byte("image"))
	})
	r := check(t, h, smoke.Page("/"), smoke.Page("/broken"))
	failed(t, r, "GET /broken needs /app.js, which answered 404 Not Found")
	if got := strings.Join(r.Steps[0].Info, "\n"); !strings.Contains(got, "20 more files of GET / were not fetched") {
		t.Errorf("nothing says that not all were fetched: %q", got)
	}
}

// The page of a login host is not the page that was asked for, whatever its
// path.
func TestAPageOfAnotherHost(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("auth.smoke.test/", answering(nil, "<p>Sign in"))
	h.Handle("www.smoke.test/", answering(nil, "<p>Listings"))
	h.Handle("smoke.test/", http.RedirectHandler("https://auth.smoke.test/", http.StatusFound))
	h.Handle("smoke.test/www", http.RedirectHandler("https://www.smoke.test/www", http.StatusMovedPermanently))
	run := func(step smoke.Step) smoke.Report {
		return checkConfig(t, smoke.Config{Handler: h, Steps: []smoke.Step{step}, Hosts: map[string]string{"auth": "https://auth.{host}", "www": "https://www.{host}"}})
	}
	failed(t, run(smoke.Page("/")), "GET / was redirected to https://auth.smoke.test/; if that is meant, say RedirectsTo")
	for _, step := range []smoke.Step{
		smoke.Page("/").RedirectsTo("/"), smoke.Page("/www"), // the same site by its other name
		smoke.ForeignSession{Path: "/", Cookie: "session", Secret: "SMOKE_PASSWORD"}.Step(), // refused: somebody else asks to sign in
	} {
		if err := run(step).Err(); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryHopOfAnOldPathStays(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /old", http.RedirectHandler("/mid", http.StatusMovedPermanently))
	h.Handle("GET /mid", http.RedirectHandler("/new", http.StatusFound))
	h.Handle("GET /older", http.RedirectHandler("/less-old", http.StatusMovedPermanently))
	h.Handle("GET /less-old", http.RedirectHandler("/new", http.StatusPermanentRedirect))
	h.Handle("GET /away", http.RedirectHandler("https://elsewhere.example/", http.StatusMovedPermanently))
	h.Handle("GET /round", http.RedirectHandler("/round", http.StatusMovedPermanently))
	h.Handle("GET /new", answering(nil, "<p>Listings"))
	for old, want := range map[string]string{
		"/old": "GET /mid answered 302 Found, which search engines take for a move that will be undone", "/older": "",
		"/away": "GET /away redirects to the host elsewhere.example", "/round": "GET /round: gave up after 10 redirects", "/new": "GET /new answered 200 OK, expected a redirect to /new",
	} {
		r := check(t, h, smoke.FollowRedirects(map[string]string{old: "/new"}))
		if want == "" {
			if r.Err() != nil {
				t.Error(r.Err())
			}
			continue
		}
		failed(t, r, want)
	}
}

// The evidence below an old path is of its own requests.
func TestTheOldPathThatIsWrongIsShown(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /find", http.RedirectHandler("/search", http.StatusMovedPermanently))
	h.Handle("GET /search", http.RedirectHandler("https://elsewhere.example/", http.StatusMovedPermanently))
	h.Handle("GET /register", http.RedirectHandler("/signup", http.StatusMovedPermanently))
	h.Handle("GET /signup", answering(nil, "<p>Sign up"))
	got := failed(t, check(t, h, smoke.FollowRedirects(map[string]string{"/find": "/search", "/register": "/signup"})), "GET /search redirects to the host elsewhere.example")
	if !strings.Contains(got.Detail, "> GET https://smoke.test/search") || strings.Contains(got.Detail, "signup") {
		t.Errorf("shown is\n%s", got.Detail)
	}
}

func TestALoopOfRedirectsIsNamed(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.Handle("GET /a", http.RedirectHandler("/b", http.StatusFound))
	h.Handle("GET /b", http.RedirectHandler("/a", http.StatusFound))
	failed(t, check(t, h, smoke.Page("/a")), "gave up after 10 redirects, the last one to /b: they lead in a circle")
}
