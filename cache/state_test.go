package cache_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/internal/respond"
)

func TestDecisions(t *testing.T) {
	t.Parallel()
	c := newCache(t, cache.Config{Policies: []cache.Policy{
		{Pattern: "/a", Class: cache.ShortCache, TTL: time.Second, Query: []string{"q"}, DropOtherQuery: true, Vary: []string{"accept-language"}, ExpiryOnly: "why", SharedDespiteCookies: "none is read"},
		{Pattern: "/b", Class: cache.NoCache},
		{Pattern: "/c/{id}", Class: cache.ShortCache, TTL: time.Minute, Tags: []string{"c:{id}"}},
	}})
	want := []cache.Decision{
		{Pattern: "/a", Class: cache.ShortCache, TTL: time.Second, Key: "host, path, ?q, Accept-Language, other arguments dropped", Reason: "why; shared despite cookies: none is read"},
		{Pattern: "/b", Class: cache.NoCache},
		{Pattern: "/c/{id}", Class: cache.ShortCache, TTL: time.Minute, Key: "host, path", Tags: []string{"c:{id}"}},
	}
	if got := c.Decisions(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if err := c.WriteDecisions(failing{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestSnapshot(t *testing.T) {
	t.Parallel()
	s := newSite(t, cache.Config{}, path)
	s.get("/list")
	s.get("/list")
	s.get("/list")
	s.get("/list", "Cookie: a=b")
	s.get("/page/1")
	s.get("/account/")
	s.get("/elsewhere")
	got := s.cache.Snapshot().Policies
	want := map[string][3]uint64{"GET /list": {2, 1, 1}, "GET /page/{id}": {0, 1, 0}, "GET /account/": {0, 0, 1}}
	for _, p := range got {
		if w := want[p.Pattern]; w != [3]uint64{p.Hits, p.Misses, p.Passes} {
			t.Errorf("%+v, want %v", p, w)
		}
	}
}

// A hit never reaches the router, and still has the route's name.
func TestAHitNamesItsRoute(t *testing.T) {
	t.Parallel()
	h := newCache(t, cache.Config{}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if respond.Find(w) == nil {
			t.Error("the handler does not find the recorder")
		}
	}))
	for _, want := range []string{"", "/page/{id}"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/page/1", http.NoBody)
		w, rec := respond.Wrap(httptest.NewRecorder(), r, respond.Hooks{})
		h.ServeHTTP(w, r)
		if rec.Route() != want || rec.Status() != 200 {
			t.Errorf("got %q, %d", rec.Route(), rec.Status())
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	c := newCache(t, cache.Config{MaxBytes: bound})
	h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 10<<10))
	}))
	for i := range 1000 {
		request(t.Context(), h, fmt.Sprintf("/list?q=%d", i))
		if held := cache.Weight(c); held > bound {
			t.Fatalf("after %d pages %d bytes are held", i+1, held)
		}
	}
	if held := cache.Weight(c); held < bound/2 {
		t.Errorf("only %d bytes are held", held)
	}
}

// Two caches of one process share nothing.
func TestCachesShareNothing(t *testing.T) {
	t.Parallel()
	a, b := newSite(t, cache.Config{}, path), newSite(t, cache.Config{}, path)
	a.get("/list", "Host: h")
	b.get("/list", "Host: h")
	a.expectCalls(1)
	b.expectCalls(1)
}
