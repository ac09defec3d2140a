package routers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/launchready/readiness/cache"
)

// account answers with the page of whoever asks, and page with what everybody
// gets.
func account(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie("session")
	if err != nil {
		c = &http.Cookie{}
	}
	_, _ = fmt.Fprintf(w, "private page of %s", c.Value)
}

func page(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "a public page") }

// shops returns routers with a private page and, beside it, public ones under
// a broader pattern.
func shops() map[string]http.Handler {
	list := map[string]http.Handler{}
	for name, mw := range map[string][]func(http.Handler) http.Handler{
		"chi": nil, "chi, StripSlashes": {middleware.StripSlashes}, "chi, CleanPath": {middleware.CleanPath},
	} {
		routed := chi.NewRouter()
		routed.Use(mw...)
		routed.Get("/{page}", page)
		routed.Route("/account", func(r chi.Router) { r.Get("/", account); r.Get("/{part}", account) })
		list[name+", Route"] = routed
		flat := chi.NewRouter()
		flat.Use(mw...)
		flat.Get("/{page}", page)
		flat.Get("/account", account)
		flat.Get("/account/*", account)
		list[name] = flat
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{page}", page)
	mux.HandleFunc("GET /account/", account)
	list["ServeMux"] = mux
	both := http.NewServeMux()
	both.HandleFunc("GET /{page}", page)
	both.HandleFunc("GET /account", account)
	both.HandleFunc("GET /account/", account)
	list["ServeMux, both"] = both
	return list
}

// TestNoPrivatePageReachesAnother asks for each spelling as one person and
// then as another, behind policies that share the broad pages despite cookies
// and store nothing of the account.
func TestNoPrivatePageReachesAnother(t *testing.T) {
	t.Parallel()
	private := 0
	for name, shop := range shops() {
		pages, err := cache.New(cache.Config{Policies: []cache.Policy{
			{Pattern: "GET /{page}", Class: cache.ShortCache, TTL: time.Minute, ExpiryOnly: "a test", SharedDespiteCookies: "the page shows no user"},
			{Pattern: "GET /account/", Class: cache.NoCache},
		}})
		if err != nil {
			t.Fatal(err)
		}
		h := pages.Middleware(shop)
		for _, target := range []string{
			"/account", "/account/", "/account//", "//account", "/./account", "/x/../account", "/account/.", "/%61ccount", "/account/me", "/account/me/", "/account%2Fme", "/account/../account",
		} {
			for _, who := range []string{"anna", "bob"} {
				r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
				r.AddCookie(&http.Cookie{Name: "session", Value: who})
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				body := w.Body.String()
				if w.Code != http.StatusOK || body == "a public page" {
					continue
				}
				private++
				if body != "private page of "+who {
					t.Errorf("%s: GET %s as %s: %q (%s)", name, target, who, body, w.Header().Get("Cache-Status"))
				}
				if status := w.Header().Get("Cache-Status"); status != "" && !strings.Contains(status, "fwd=bypass") {
					t.Errorf("%s: GET %s: %s", name, target, status)
				}
			}
		}
	}
	if private < 40 {
		t.Errorf("only %d private pages were seen: the test shows little", private)
	}
}
