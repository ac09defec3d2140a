package ratelimit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

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
