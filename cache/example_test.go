package cache_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/launchready/readiness/cache"
)

func Example() {
	pages, err := cache.New(cache.Config{
		Policies: []cache.Policy{
			{Pattern: "GET /listings", Class: cache.ShortCache, TTL: 30 * time.Second, Query: []string{"q", "page"}, Tags: []string{"listings"}},
			{Pattern: "GET /listings/{id}", Class: cache.ShortCache, TTL: time.Minute, Tags: []string{"listing:{id}"}},
			{Pattern: "GET /account/", Class: cache.NoCache},
		},
		Purges: []cache.Purge{
			{Pattern: "POST /listings/{id}", Tags: []string{"listings", "listing:{id}"}},
		},
	})
	if err != nil {
		fmt.Println(err) // every problem at once
		return
	}
	price := 10
	router := http.NewServeMux()
	router.HandleFunc("GET /listings/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "listing %s costs %d", r.PathValue("id"), price)
	})
	router.HandleFunc("POST /listings/{id}", func(w http.ResponseWriter, r *http.Request) {
		price++
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	})
	handler := pages.Middleware(router)

	for _, method := range []string{"GET", "GET", "POST", "GET"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), method, "/listings/7", http.NoBody))
		fmt.Printf("%s %d %q [%s]\n", method, w.Code, w.Body.String(), strings.TrimPrefix(w.Header().Get("Cache-Status"), "readiness; "))
	}
	// Output:
	// GET 200 "listing 7 costs 10" [fwd=miss; stored]
	// GET 200 "listing 7 costs 10" [hit; ttl=59]
	// POST 303 "" []
	// GET 200 "listing 7 costs 11" [fwd=miss; stored]
}

// A cache inside of the router, behind the sessions, sees a page with its
// Set-Cookie and stores nothing; worse, writes that another part of the
// router answers never reach it, and purge nothing. Wrap the whole router.
func ExampleCache_Middleware_incorrect() {
	pages, err := cache.New(cache.Config{
		Policies: []cache.Policy{{Pattern: "GET /news", Class: cache.ShortCache, TTL: time.Minute, Tags: []string{"news"}}},
		Purges:   []cache.Purge{{Pattern: "POST /news", Tags: []string{"news"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	news := "old"
	router := http.NewServeMux()
	router.Handle("GET /news", pages.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, news) })))
	router.HandleFunc("POST /news", func(http.ResponseWriter, *http.Request) { news = "new" }) // beside the cache
	for _, method := range []string{"GET", "POST", "GET"} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), method, "/news", http.NoBody))
		fmt.Printf("%s %q\n", method, w.Body.String())
	}
	// Output:
	// GET "old"
	// POST ""
	// GET "old"
}

func ExampleCache_WriteDecisions() {
	pages, err := cache.New(cache.Config{
		Policies: []cache.Policy{
			{Pattern: "GET /listings", Class: cache.ShortCache, TTL: 30 * time.Second, Query: []string{"q"}, Tags: []string{"listings"}},
			{Pattern: "GET /about", Class: cache.ShortCache, TTL: time.Hour, ExpiryOnly: "changes with a release"},
			{Pattern: "GET /account/", Class: cache.NoCache},
		},
		Purges: []cache.Purge{{Pattern: "POST /listings", Tags: []string{"listings"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := pages.WriteDecisions(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// PATTERN        CLASS       TTL     BROWSER  CDN  BEYOND  KEY             TAGS      REASON
	// GET /listings  ShortCache  30s     -        -    -       host, path, ?q  listings  -
	// GET /about     ShortCache  1h0m0s  -        -    -       host, path      -         changes with a release
	// GET /account/  NoCache     -       -        -    -       -               -         -
	//
	// PATTERN         PURGES
	// POST /listings  listings
}
