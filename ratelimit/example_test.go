package ratelimit_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"github.com/launchready/readiness/ratelimit"
)

func Example() {
	limits, err := ratelimit.New(ratelimit.Config{
		Rules: []ratelimit.Rule{
			{Pattern: "POST /login", Limit: 2, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rule := range limits.Rules() {
		fmt.Println(rule)
	}
	router := http.NewServeMux()
	router.HandleFunc("POST /login", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	handler := limits.Middleware(router) // around the whole router

	for range 3 {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
		fmt.Println(w.Code, w.Header().Get("RateLimit-Policy"))
	}
	// Output:
	// POST /login by ip: 2 in 1m0s
	// 204 "POST /login by ip";q=2;w=60
	// 204 "POST /login by ip";q=2;w=60
	// 429 "POST /login by ip";q=2;w=60
}

// Work that has no request of its own is limited by the same rules.
func ExampleLimiter_Allow() {
	limits, err := ratelimit.New(ratelimit.Config{
		Rules: []ratelimit.Rule{{
			Name: "invitations", Limit: 1, Window: 24 * time.Hour,
			Keys: []ratelimit.Key{ratelimit.Func(func(r *http.Request) (string, error) { return r.PathValue("team"), nil })},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		d, err := limits.Allow(context.Background(), "invitations", "team-7")
		fmt.Println(d.Allowed, d.Remaining, err)
	}
	// Output:
	// true 0 <nil>
	// false 0 <nil>
}

// Everything that is wrong with a Config is reported at once.
func ExampleNew() {
	_, err := ratelimit.New(ratelimit.Config{
		Rules: []ratelimit.Rule{
			{Pattern: "POST /login", Window: time.Minute},
		},
		ClientIP: ratelimit.ClientIP{Header: "X-Forwarded-For"},
	})
	fmt.Println(err)
	// Output:
	// ratelimit: Rules[0].Limit: must be from 1 to 1000000, got 0
	// ratelimit: Rules[0].Keys: must be 1 to 4 keys, got 0; say what to count by: ratelimit.IP(), ratelimit.Field(name), ratelimit.Header(name) or ratelimit.Func(f)
	// ratelimit: ClientIP.TrustedProxies: is empty although Header is "X-Forwarded-For"; list the networks of your proxies, because from anybody else the header is a lie
}

// A login form: what is not declared a success is a failure, and five failures
// for one account from one address are enough.
func ExampleLoginRules() {
	limits, err := ratelimit.New(ratelimit.Config{Rules: ratelimit.LoginRules("POST /login")})
	if err != nil {
		fmt.Println(err)
		return
	}
	router := http.NewServeMux()
	router.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("password") != "correct" {
			_, _ = io.WriteString(w, "The e-mail address or the password is not right.") // with status 200, as many do
			return
		}
		ratelimit.Succeed(w)
		_, _ = io.WriteString(w, "Welcome.")
	})
	handler := limits.Middleware(router)
	login := func(email, password string) int {
		form := url.Values{"email": {email}, "password": {password}}
		r := httptest.NewRequest("POST", "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}

	for range 50 {
		login("ben@example.com", "correct") // an office logs in
	}
	for i := range 6 {
		fmt.Print(login("anna@example.com", strconv.Itoa(i)), " ")
	}
	fmt.Println(login("ben@example.com", "correct"))
	// Output: 200 200 200 200 200 429 200
}

// Support unlocks somebody who has typed a wrong password too often.
func ExampleLimiter_Reset() {
	limits, err := ratelimit.New(ratelimit.Config{Rules: []ratelimit.Rule{{
		Name: "login", Pattern: "POST /login", Limit: 1, Window: time.Hour,
		Keys: []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	try := func() {
		d, err := limits.Allow(ctx, "login", "192.0.2.1", "anna@example.com")
		fmt.Println(d.Allowed, err)
	}
	try()
	try()
	fmt.Println(limits.Reset(ctx, "login", "192.0.2.1", "Anna@Example.com"))
	try()
	// Output:
	// true <nil>
	// false <nil>
	// <nil>
	// true <nil>
}

// The counter plugs into httprate.
func ExampleNewCounter() {
	limit := httprate.LimitBy(2, time.Minute, httprate.KeyByEndpoint, httprate.WithLimitCounter(ratelimit.NewCounter()))
	handler := limit(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for range 3 {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", "/contact", nil))
		fmt.Println(w.Code)
	}
	// Output:
	// 204
	// 204
	// 429
}

// behindAProxy sends the requests of five clients through one proxy, and
// returns how many of them were answered.
func behindAProxy(handler http.Handler) (answered int) {
	for i := range 5 {
		r := httptest.NewRequest("POST", "/contact", nil)
		r.RemoteAddr = "10.0.0.7:40000" // the proxy's
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusTooManyRequests {
			answered++
		}
	}
	return answered
}

func contactForm(where ratelimit.ClientIP) (http.Handler, error) {
	limits, err := ratelimit.New(ratelimit.Config{
		Rules:    []ratelimit.Rule{{Pattern: "POST /contact", Limit: 2, Window: time.Minute, Keys: []ratelimit.Key{ratelimit.IP()}}},
		ClientIP: where,
	})
	if err != nil {
		return nil, err
	}
	return limits.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })), nil
}

// Behind a proxy, the proxy is named, and the header that it sets.
func Example_proxy() {
	handler, err := contactForm(ratelimit.ClientIP{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
		Header:         "X-Forwarded-For",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(behindAProxy(handler), "of 5 clients were answered")
	// Output: 5 of 5 clients were answered
}

// Wrong: behind a proxy without TrustedProxies. Every connection is the
// proxy's, so all clients share one count, and one busy client locks out all
// the others. A Logger would have been told so by the first request.
func Example_proxy_incorrect() {
	handler, err := contactForm(ratelimit.ClientIP{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(behindAProxy(handler), "of 5 clients were answered")
	// Output: 2 of 5 clients were answered
}
