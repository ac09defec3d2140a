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

// A listing is behind many pages, each of which shows one user's name: the
// pages cannot be shared, and the listing can. It ends by the same tags.
func ExampleLoad() {
	type listing struct {
		Title string
		Price int
	}
	pages, err := cache.New(cache.Config{
		Loads: []cache.LoadPolicy{
			{Name: "listings of a category", Args: []string{"category"}, TTL: time.Minute, Tags: []string{"category:{category}"}},
		},
		Purges: []cache.Purge{{Pattern: "POST /categories/{category}", Tags: []string{"category:{category}"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	books := []listing{{"A map", 10}}
	list := func(ctx context.Context, category string) ([]listing, error) {
		key := cache.LoadKey{Name: "listings of a category", Args: []string{category}}
		return cache.Load(ctx, pages, key, func(context.Context) ([]listing, error) {
			fmt.Println("the database is asked for", category)
			return books, nil
		})
	}
	router := http.NewServeMux()
	router.HandleFunc("GET /categories/{category}", func(w http.ResponseWriter, r *http.Request) {
		found, err := list(r.Context(), r.PathValue("category"))
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, "Hello %s! %v", r.Header.Get("X-User"), found)
	})
	router.HandleFunc("POST /categories/{category}", func(http.ResponseWriter, *http.Request) {
		books = append(books, listing{"A globe", 30})
	})
	handler := pages.Middleware(router) // the write passes through it, and purges

	for _, method := range []string{"GET", "GET", "POST", "GET"} {
		r := httptest.NewRequestWithContext(context.Background(), method, "/categories/books", http.NoBody)
		r.Header.Set("X-User", "Anna")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%s %q\n", method, w.Body)
	}
	// Output:
	// the database is asked for books
	// GET "Hello Anna! [{A map 10}]"
	// GET "Hello Anna! [{A map 10}]"
	// POST ""
	// the database is asked for books
	// GET "Hello Anna! [{A map 10} {A globe 30}]"
}

// After a soft purge one run of the handler makes the page anew, and who asks
// meanwhile gets the old one at once. Under Run it is made in the background;
// here, where Run is not running, the first of the requests does it.
func ExampleCache_SoftPurge() {
	pages, err := cache.New(cache.Config{
		Policies: []cache.Policy{{Pattern: "GET /rates", Class: cache.ShortCache, TTL: time.Hour, Tags: []string{"rates"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	rate, entered, leave := 1, make(chan struct{}), make(chan struct{})
	handler := pages.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if rate > 1 {
			close(entered)
			<-leave // an expensive page
		}
		_, _ = fmt.Fprintf(w, "rate %d", rate)
	}))
	get := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/rates", http.NoBody))
		return w
	}
	fmt.Println(get().Body)

	rate = 2
	if err := pages.SoftPurge(context.Background(), "rates"); err != nil {
		fmt.Println(err)
		return
	}
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- get() }()
	<-entered
	fmt.Println(get().Body, "for who does not wait")
	close(leave)
	fmt.Println((<-first).Body, "for who has made it anew")
	fmt.Println(get().Body, "for everybody after that")
	// Output:
	// rate 1
	// rate 1 for who does not wait
	// rate 2 for who has made it anew
	// rate 2 for everybody after that
}
