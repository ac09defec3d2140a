package cache_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
)

func TestCDNAndAudience(t *testing.T) {
	t.Parallel()
	_, err := cache.New(cache.Config{Policies: []cache.Policy{{
		Pattern: "/", Class: cache.ShortCache, TTL: time.Minute, CDNTTL: time.Hour, ExpiryOnly: "x", SharedDespiteCookies: "audience",
		Audience: func(r *http.Request) (string, bool) { k, e := r.Cookie("s"); return k.Value, e == nil },
	}}})
	if err == nil || !strings.Contains(err.Error(), "CDNTTL") {
		t.Errorf("got %v", err)
	}
}

func TestUnderscores(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, path)
	s.get("/list", "X_Forwarded_Host: evil.example")
	if got := s.get("/list", "X_Forwarded_Host: other.example"); strings.HasPrefix(got.says(), "hit") {
		t.Errorf("got %s", got.says())
	}
}

func TestHideStatusShared(t *testing.T) {
	t.Parallel()
	store := cache.NewFaulty()
	shown := newSite(t, cache.Config{Store: store}, path)
	hidden := newSite(t, cache.Config{Store: store, HideStatus: true}, path)
	shown.get("/list", "Host: x")
	shown.get("/list", "Host: x")
	if got := hidden.get("/list", "Host: x"); got.header.Get("Cache-Status") != "" {
		t.Errorf("got %q", got.header)
	}
}

// The hook panics where the handler panics too.
func TestResultHookAndHandlerPanic(t *testing.T) {
	t.Parallel()
	fail := true
	s := newSite(t, cache.Config{OnResult: func(cache.Result) {
		if fail {
			panic("hook")
		}
	}}, func(w http.ResponseWriter, r *http.Request) {
		if fail {
			panic("handler")
		}
		path(w, r)
	})
	s.get("/list")
	fail = false
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if got := s.with(ctx, "GET", "/list", nil); got.err != nil {
		t.Error(got.err)
	}
}

func BenchmarkAloneFull(b *testing.B) {
	c, err := cache.New(cache.Config{Policies: []cache.Policy{{Pattern: "/", Class: cache.ShortCache, TTL: time.Minute, ExpiryOnly: "x"}}})
	if err != nil {
		b.Fatal(err)
	}
	h := c.Middleware(http.NotFoundHandler())
	i := 0
	one := func() {
		i++
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/"+strings.Repeat("x", i%97)+string(rune('a'+i%26))+time.Duration(i).String(), nil))
	}
	b.Run("first4000", func(b *testing.B) {
		for range b.N {
			one()
		}
	})
	b.Run("full", func(b *testing.B) {
		for range 5000 {
			one()
		}
		for b.Loop() {
			one()
		}
	})
}
