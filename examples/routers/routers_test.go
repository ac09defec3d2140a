package routers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
	"github.com/launchready/readiness/ratelimit"
)

// patterns are the routes, as they are declared to the table and, in each
// router's own words, to the routers.
var patterns = []string{"/login", "/api/login", "/listings/{id}/edit", "/listings/{id}", "/files/{path...}"}

// reached is a handler that notes which route a request came to.
func reached(pattern string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Route", pattern) }
}

// routers returns each kind of router, with the same routes.
func routers() map[string]http.Handler {
	flat := func(mw ...func(http.Handler) http.Handler) *chi.Mux {
		r := chi.NewRouter()
		r.Use(mw...)
		for _, p := range patterns {
			r.HandleFunc(strings.ReplaceAll(p, "{path...}", "*"), reached(p))
		}
		return r
	}
	// The same with /api and /listings as routers of their own.
	mounted := func(inner ...func(http.Handler) http.Handler) *chi.Mux {
		r := chi.NewRouter()
		r.HandleFunc("/login", reached("/login"))
		r.HandleFunc("/files/*", reached("/files/{path...}"))
		api := chi.NewRouter()
		api.Use(inner...)
		api.HandleFunc("/login", reached("/api/login"))
		r.Mount("/api", api)
		listings := chi.NewRouter()
		listings.Use(inner...)
		listings.HandleFunc("/{id}/edit", reached("/listings/{id}/edit"))
		listings.HandleFunc("/{id}", reached("/listings/{id}"))
		r.Mount("/listings", listings)
		return r
	}
	mux := http.NewServeMux()
	for _, p := range patterns {
		mux.HandleFunc(p, reached(p))
	}
	// net/http's way to mount: the inner handlers see the path without /api.
	stripped := func(inner http.Handler) http.Handler {
		outer := http.NewServeMux()
		outer.Handle("/", mux)
		outer.Handle("/api/", http.StripPrefix("/api", inner))
		return outer
	}
	innerMux := http.NewServeMux()
	innerMux.HandleFunc("/login", reached("/api/login"))
	innerChi := chi.NewRouter()
	innerChi.Use(middleware.CleanPath, middleware.StripSlashes)
	innerChi.HandleFunc("/login", reached("/api/login"))
	return map[string]http.Handler{
		"ServeMux":                       mux,
		"chi":                            flat(),
		"chi, StripSlashes":              flat(middleware.StripSlashes),
		"chi, CleanPath":                 flat(middleware.CleanPath),
		"chi, CleanPath, StripSlashes":   flat(middleware.CleanPath, middleware.StripSlashes),
		"chi, Mount":                     mounted(),
		"chi, Mount, CleanPath inside":   mounted(middleware.CleanPath),
		"chi, Mount, StripSlashes":       mounted(middleware.StripSlashes),
		"http.StripPrefix, ServeMux":     stripped(innerMux),
		"http.StripPrefix, chi":          stripped(innerChi),
		"decoded and cleaned, as others": decoded(flat()),
	}
}

// decoded hands a router the decoded path alone, as routers do that never
// look at URL.RawPath.
func decoded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.RawPath = ""
		next.ServeHTTP(w, r)
	})
}

var spellings = []string{
	"/login", "/login/", "//login", "/x/../login", "/./login", "/%6Cogin", "/login//", "/login/.", "/%2e/login", "/%2Flogin",
	"/api/login", "/api%2Flogin", "/api//login", "/api/../api/login", "/api/./login/", "/%61pi/login", "/api/../login", "/api/x/../../login",
	"/x%2Fy/../login", "/listings/7/edit", "/listings//edit", "/listings/7/edit/", "/listings/a%2Fb/edit", "/listings/7/../8/edit", "/listings/%2e%2e/edit",
	"/listings/7", "/listings/7/", "/listings/7//edit", "/files/a/b", "/files//a", "/files/../login", "/files/", "/files", "/", "/listings/./",
}

// TestNoSpellingEscapesALimit sends each spelling three times to each router
// behind a rule for every route that lets one request an hour through.
func TestNoSpellingEscapesALimit(t *testing.T) {
	t.Parallel()
	served := 0
	for name, router := range routers() {
		for _, target := range spellings {
			limits, err := ratelimit.New(ratelimit.Config{Rules: rules()})
			if err != nil {
				t.Fatal(err)
			}
			limited := limits.Middleware(router)
			n := 0
			for range 3 {
				w := httptest.NewRecorder()
				if limited.ServeHTTP(w, httptest.NewRequest(http.MethodPost, target, http.NoBody)); w.Header().Get("X-Route") != "" {
					n++
				}
			}
			if n > 1 {
				t.Errorf("%s: POST %s reached its handler %d times, its limit is 1", name, target, n)
			}
			served += n
		}
	}
	if served < 100 {
		t.Errorf("only %d spellings reached a handler at all: the test shows little", served)
	}
}

func rules() []ratelimit.Rule {
	list := make([]ratelimit.Rule, len(patterns))
	for i, p := range patterns {
		list[i] = ratelimit.Rule{Pattern: "POST " + p, Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}}
	}
	return list
}

// FuzzSpelling looks for a spelling that nobody thought of: a request that a
// router takes to a route whose limit does not see it, or whose page would be
// stored under the policy of another route.
func FuzzSpelling(f *testing.F) {
	for _, s := range spellings {
		f.Add(s)
	}
	f.Add("/0%2F /../login") // not a valid encoding, and chi takes it as it is
	all := routers()
	problems := cfgerr.For("test")
	var entries []route.Entry
	for _, p := range patterns {
		entries = append(entries, route.Entry{Pattern: p})
	}
	limits := route.New(problems, entries, route.Options{})
	pages := route.New(problems, entries, route.Options{Exclusive: true, DefaultMethod: http.MethodGet})
	if err := problems.Err(); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		for name, router := range all {
			r := &http.Request{Method: http.MethodGet, URL: u, Host: "example.com", Header: http.Header{}}
			w := httptest.NewRecorder()
			router.ServeHTTP(w, r.Clone(t.Context()))
			came := w.Header().Get("X-Route")
			if came == "" {
				continue
			}
			seen := slices.ContainsFunc(limits.All(r), func(m route.Match) bool { return patterns[m.Entry] == came })
			if !seen {
				t.Errorf("%s takes %q to %s, and its limit does not see it", name, target, came)
			}
			if m, ok := pages.First(r); ok && patterns[m.Entry] != came {
				t.Errorf("%s takes %q to %s, and its page would be stored as %s", name, target, came, patterns[m.Entry])
			}
		}
	})
}
