package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.uber.org/zap"

	"github.com/launchready/readiness/metrics"
	"github.com/launchready/readiness/ratelimit"
)

// logins sends a hundred logins from one machine, each with another forged
// X-Forwarded-For, and returns how many reached the handler.
func logins(h http.Handler) (admitted int) {
	for i := range 100 {
		r := httptest.NewRequest(http.MethodPost, fmt.Sprintf("/login?email=%d@example.org", i), http.NoBody)
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusTooManyRequests {
			admitted++
		}
	}
	return admitted
}

func loginRouter(mw ...func(http.Handler) http.Handler) chi.Router {
	r := chi.NewRouter()
	r.Use(mw...)
	r.Post("/login", func(http.ResponseWriter, *http.Request) {})
	return r
}

// The limits stand around the router and see the address of the connection.
// Behind a proxy, ratelimit.ClientIP names the proxies that may say more.
func Example_order() {
	forms, err := ratelimit.New(ratelimit.Config{Rules: ratelimit.LoginRules("POST /login")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(logins(forms.Middleware(loginRouter())), "of 100 logins reached the handler")
	// Output: 20 of 100 logins reached the handler
}

// Wrong: chi's RealIP in front of the limits. It puts what any client wrote
// into a header in the place of the address that the limits trust, and every
// login comes from somebody new.
func Example_order_incorrect() {
	forms, err := ratelimit.New(ratelimit.Config{Rules: ratelimit.LoginRules("POST /login")})
	if err != nil {
		fmt.Println(err)
		return
	}
	//lint:ignore SA1019 chi deprecates it for this very reason, and people still have it
	fmt.Println(logins(loginRouter(middleware.RealIP, forms.Middleware)), "of 100 logins reached the handler")
	// Output: 100 of 100 logins reached the handler
}

// TestRecovererStandsOutsideMetrics shows why: inside, it swallows the panic
// before anything counts it as one.
func TestRecovererStandsOutsideMetrics(t *testing.T) {
	t.Parallel()
	boom := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
	panics := func(chain func(*metrics.Metrics, http.Handler) http.Handler) bool {
		traffic, err := metrics.New(metrics.Config{})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r = r.WithContext(t.Context())
		w := httptest.NewRecorder()
		chain(traffic, boom).ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("the client saw %d", w.Code)
		}
		scrape := httptest.NewRecorder()
		traffic.Handler().ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
		return strings.Contains(scrape.Body.String(), `error_type="panic"`)
	}
	if !panics(func(m *metrics.Metrics, h http.Handler) http.Handler { return middleware.Recoverer(m.Middleware(h)) }) {
		t.Error("the right order does not count the panic")
	}
	if panics(func(m *metrics.Metrics, h http.Handler) http.Handler { return m.Middleware(middleware.Recoverer(h)) }) {
		t.Error("the wrong order counts the panic after all: this test and the README are out of date")
	}
}

// TestTheOrderOfTheService looks at what each layer of the real chain does to
// one page: cached for all, compressed for who asks, measured under its route.
func TestTheOrderOfTheService(t *testing.T) {
	quiet(t)
	s, err := newService(t.Context(), options{addr: "127.0.0.1:8080", state: seededState(t)}, io.Discard, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	h := s.handler()
	get := func(encoding string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/listings/7", http.NoBody)
		r.Header.Set("Accept-Encoding", encoding)
		r.Header.Set("Cookie", plainCookie+"=somebody")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	first, plain, zipped := get("identity"), get("identity"), get("gzip")
	for name, w := range map[string]*httptest.ResponseRecorder{"the first": first, "the second": plain, "the compressed": zipped} {
		if w.Code != http.StatusOK || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s answer: %d, Set-Cookie %q", name, w.Code, w.Header().Get("Set-Cookie"))
		}
	}
	if !strings.Contains(plain.Header().Get("Cache-Status"), "hit") || !strings.Contains(zipped.Header().Get("Cache-Status"), "hit") {
		t.Errorf("Cache-Status %q, %q: no hit", plain.Header().Get("Cache-Status"), zipped.Header().Get("Cache-Status"))
	}
	if plain.Header().Get("Content-Encoding") != "" || zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("Content-Encoding %q, %q", plain.Header().Get("Content-Encoding"), zipped.Header().Get("Content-Encoding"))
	}
	if plain.Body.String() != first.Body.String() {
		t.Error("the hit is another page than the miss")
	}
	routes := s.traffic.Snapshot().Routes
	if len(routes) != 1 || routes[0].Route != "/listings/{id}" || routes[0].N != 3 {
		t.Errorf("metrics saw %+v, want three requests of /listings/{id}", routes)
	}
}
