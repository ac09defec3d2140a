package routers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/cache"
)

// In r.Use the cache stands inside of chi's router, whose parameters are in the
// context of the request. The context of a page that is made anew in the
// background is empty, since that of a request must not be used when the
// request is over: chi finds nothing there and panics. The stale page is kept,
// for as long as it may be served, and the log says what to do.
func Example_cacheInsideTheRouter_incorrect() {
	s := newShop()
	router := chi.NewRouter()
	router.Use(s.pages.Middleware) // incorrect
	router.Get("/listings/{id}", s.listing)

	fmt.Println(get(router))
	stop := s.changes()
	defer stop()
	fmt.Println(get(router))
	for s.logs.Len() == 0 {
		runtime.Gosched()
	}
	message, _, _ := strings.Cut(s.logs.All()[0].Message, ";")
	fmt.Println("log:", message)
	fmt.Println(get(router))
	// Output:
	// listing 7 costs 10
	// listing 7 costs 10, while it is made anew
	// log: cache: a handler panics while its page is made anew
	// listing 7 costs 10, while it is made anew
}

// The cache wraps the router: what is made anew passes through the whole of it.
func Example_cacheAroundTheRouter() {
	s := newShop()
	router := chi.NewRouter()
	router.Get("/listings/{id}", s.listing)
	handler := s.pages.Middleware(router)

	fmt.Println(get(handler))
	stop := s.changes()
	defer stop()
	answer := get(handler)
	fmt.Println(answer)
	for strings.Contains(answer, "anew") {
		answer = get(handler)
	}
	fmt.Println(answer)
	// Output:
	// listing 7 costs 10
	// listing 7 costs 10, while it is made anew
	// listing 7 costs 20
}

// staleShop has one listing, whose page is cached.
type staleShop struct {
	pages *cache.Cache
	logs  *observer.ObservedLogs
	mu    sync.Mutex
	price int
}

func newShop() *staleShop {
	core, logs := observer.New(zap.WarnLevel)
	pages, err := cache.New(cache.Config{
		Policies: []cache.Policy{{Pattern: "GET /listings/{id}", Class: cache.ShortCache, TTL: time.Hour, Tags: []string{"listings"}}},
		Logger:   zap.New(core),
	})
	if err != nil {
		panic(err)
	}
	return &staleShop{pages: pages, logs: logs, price: 10}
}

func (s *staleShop) listing(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = fmt.Fprintf(w, "listing %s costs %d", chi.URLParam(r, "id"), s.price)
}

// changes runs the cache, and makes the page stale. What it returns ends that.
func (s *staleShop) changes() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	begun := &noticed{Context: ctx, waited: make(chan struct{})}
	var running sync.WaitGroup
	running.Go(func() { _ = s.pages.Run(begun) })
	<-begun.waited
	s.mu.Lock()
	s.price = 20
	s.mu.Unlock()
	if err := s.pages.SoftPurge(ctx, "listings"); err != nil {
		panic(err)
	}
	return func() { cancel(); running.Wait() }
}

// noticed is a context that tells when somebody first waits for its end: then
// Run is running.
type noticed struct {
	context.Context
	once   sync.Once
	waited chan struct{}
}

func (n *noticed) Done() <-chan struct{} {
	n.once.Do(func() { close(n.waited) })
	return n.Context.Done()
}

// get returns the page, and what Cache-Status says of its age.
func get(h http.Handler) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/listings/7", http.NoBody))
	text := w.Body.String()
	if strings.Contains(w.Header().Get("Cache-Status"), "soft-purge") {
		text += ", while it is made anew"
	}
	return text
}
