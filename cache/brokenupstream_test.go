package cache_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/launchready/readiness/cache"
)

// A refresh through a ReverseProxy whose upstream breaks off must not store
// the first half.
func TestABrokenUpstreamIsNotStoredByARefresh(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("CDN-Cache-Control", "max-age=60, stale-while-revalidate=3600")
		_, _ = io.WriteString(w, "first half, ")
		_ = http.NewResponseController(w).Flush()
		if broken.Load() {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "second half")
	}))
	upstream.Config.ErrorLog = quiet()
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ErrorLog: quiet()}
	s := newSite(t, cache.Config{Policies: []cache.Policy{{Pattern: "/", Class: cache.Follow, Tags: []string{"all"}}}}, proxy.ServeHTTP)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.cache.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	s.get("/a")
	broken.Store(true)
	if err := s.cache.SoftPurge(t.Context(), "all"); err != nil {
		t.Fatal(err)
	}
	for range 50 { // each is answered with the stale page, and has it made anew
		got := s.get("/a")
		if got.body != "first half, second half" {
			t.Fatalf("got %q, %s", got.body, got.says())
		}
	}
}
