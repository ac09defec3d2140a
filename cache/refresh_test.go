package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/cache"
)

// running runs the Cache until the test has ended.
func running(t *testing.T, c *cache.Cache) {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := c.Run(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(wg.Wait)
	synctest.Wait()
}

// withValue returns a context that has a value under key.
func withValue(ctx context.Context, key any) context.Context {
	return context.WithValue(ctx, key, "of the request")
}

// while is a Config whose pages are fresh for a minute and stale for an hour.
func while() cache.Config {
	return revalidated(func(p *cache.Policy) { p.StaleWhileRevalidate = time.Hour })
}

func TestRunRefreshesInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := newCache(t, while())
		running(t, c)
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n := calls.Add(1)
			time.Sleep(10 * time.Second)
			_, _ = fmt.Fprint(w, n)
		}))
		request(t.Context(), h, "/page/1")
		time.Sleep(2 * time.Minute)
		begin := time.Now()
		for _, w := range together(50, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/page/1") }) {
			expect(t, w, "1", "hit; ttl=-70; detail=stale-while-revalidate")
			if w.Header().Get("Age") != "130" {
				t.Errorf("Age %s", w.Header().Get("Age"))
			}
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("somebody has waited %s", took)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		expect(t, request(t.Context(), h, "/page/1"), "2", "hit; ttl=50")
		if calls.Load() != 2 {
			t.Errorf("%d calls", calls.Load())
		}
		if got := c.Snapshot().Policies[0]; got.Stale != 50 || got.Misses != 1 || got.Hits != 1 {
			t.Errorf("counted %+v", got)
		}
	})
}

// After the time for which it may be served stale, somebody has to wait; and
// he waits for the run that is under way.
func TestAPageIsNotServedStaleForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := newCache(t, revalidated(func(p *cache.Policy) { p.StaleWhileRevalidate, p.StaleIfError = time.Minute, time.Hour }))
		running(t, c)
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n := calls.Add(1)
			time.Sleep(4 * time.Second)
			_, _ = fmt.Fprint(w, n)
		}))
		begin := time.Now()
		request(t.Context(), h, "/page/1")
		time.Sleep(time.Until(begin.Add(2*time.Minute - 1)))
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; ttl=-60; detail=stale-while-revalidate")
		time.Sleep(time.Nanosecond)
		expect(t, request(t.Context(), h, "/page/1"), "2", "fwd=stale; collapsed")
		if took := time.Since(begin); took != 2*time.Minute-1+4*time.Second {
			t.Errorf("at %s", took)
		}
		time.Sleep(2 * time.Minute)
		expect(t, request(t.Context(), h, "/page/1"), "3", "fwd=stale; stored")
	})
}

// What the handler of a refresh is asked is the client's request and nothing
// that belongs to the client's own time.
func TestTheRequestOfARefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		type seen struct {
			method, uri, host, pattern string
			header                     http.Header
			value                      any
			left                       time.Duration
			err                        error // of its context, after the client has gone
			body                       string
		}
		var list []seen
		c := newCache(t, revalidated(func(p *cache.Policy) {
			p.StaleWhileRevalidate, p.SharedDespiteCookies = time.Hour, "a test"
		}))
		running(t, c)
		router := http.NewServeMux()
		router.HandleFunc("GET /page/{id}", func(w http.ResponseWriter, r *http.Request) {
			s := seen{method: r.Method, uri: r.RequestURI, host: r.Host, pattern: r.Pattern, header: r.Header.Clone(), value: r.Context().Value(key{})}
			if deadline, ok := r.Context().Deadline(); ok {
				s.left = time.Until(deadline)
			}
			body, err := io.ReadAll(r.Body)
			s.body = fmt.Sprint(string(body), err)
			time.Sleep(time.Second)
			s.err = r.Context().Err()
			if list = append(list, s); len(list) > 1 {
				w.Header().Set("X-Outer", "changed")
			}
			_, _ = io.WriteString(w, "page")
		})
		h := c.Middleware(router)
		request(t.Context(), h, "/page/1", "Accept-Language: de")
		time.Sleep(2 * time.Minute)
		ctx, cancel := context.WithCancel(withValue(t.Context(), key{}))
		r := httptest.NewRequestWithContext(ctx, http.MethodHead, "/page/1", http.NoBody)
		r.Header.Set("Accept-Language", "de")
		r.Header.Set("If-None-Match", `"x"`)
		r.Header.Set("Range", "bytes=0-0")
		r.Header.Set("Cookie", "a=1")
		w := httptest.NewRecorder()
		w.Header().Set("X-Outer", "1")
		h.ServeHTTP(w, r)
		cancel() // the client has gone
		r.Header.Set("Accept-Language", "changed by the server, which is done with it")
		if w.Header().Get("X-Outer") != "1" {
			t.Errorf("the refresh writes into the client's header: %v", w.Header())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(list) != 2 {
			t.Fatalf("the handler ran %d times", len(list))
		}
		got := list[1]
		if got.method != http.MethodGet || got.uri != "/page/1" || got.host != "example.com" || got.pattern != "GET /page/{id}" || got.body != "<nil>" {
			t.Errorf("got %+v", got)
		}
		if h := got.header; h.Get("Accept-Language") != "de" || h.Get("Cookie") != "a=1" || h.Get("If-None-Match")+h.Get("Range") != "" {
			t.Errorf("its header: %v", h)
		}
		if got.value != nil || got.err != nil || got.left != 30*time.Second {
			t.Errorf("its context: value %v, error %v, %s left", got.value, got.err, got.left)
		}
		expect(t, request(t.Context(), h, "/page/1"), "page", "hit; ttl=58")
	})
}

// A refresh ends with its own deadline, and what it has made by then is not
// known to be whole.
func TestARefreshHasADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := newCache(t, while())
		running(t, c)
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := calls.Add(1)
			_, _ = fmt.Fprint(w, n)
			if n == 2 {
				<-r.Context().Done()
			}
		}))
		request(t.Context(), h, "/page/1")
		time.Sleep(2 * time.Minute)
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; ttl=-60")
		time.Sleep(30*time.Second - 1)
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; ttl=-90")
		if calls.Load() != 2 {
			t.Errorf("%d calls while one is under way", calls.Load())
		}
		time.Sleep(2 * time.Nanosecond)
		expect(t, request(t.Context(), h, "/page/1"), "1", "hit; ttl=-91") // and the next one begins
		synctest.Wait()
		expect(t, request(t.Context(), h, "/page/1"), "3", "hit; ttl=60")
	})
}

// A flood of stale pages does not become a flood of runs; who finds no room is
// answered, and his page is made anew later.
func TestRefreshesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const pages, bound = 80, 64
		var running64 atomic.Int64
		var most atomic.Int64
		c := newCache(t, while())
		running(t, c)
		first := true
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !first {
				if n := running64.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(10 * time.Second)
				running64.Add(-1)
				_, _ = io.WriteString(w, "new")
				return
			}
			_, _ = io.WriteString(w, "old")
		}))
		all := func() (bodies map[string]int) {
			bodies = map[string]int{}
			for i := range pages {
				bodies[request(t.Context(), h, fmt.Sprintf("/page/%d", i)).Body.String()]++
				synctest.Wait()
			}
			return bodies
		}
		all()
		first = false
		time.Sleep(2 * time.Minute)
		begin := time.Now()
		if got := all(); got["old"] != pages || time.Since(begin) != 0 {
			t.Errorf("got %v after %s", got, time.Since(begin))
		}
		if most.Load() != bound {
			t.Errorf("%d at once", most.Load())
		}
		time.Sleep(11 * time.Second)
		if got := all(); got["new"] != bound || got["old"] != pages-bound {
			t.Errorf("then: %v", got)
		}
		time.Sleep(11 * time.Second)
		if got := all(); got["new"] != pages {
			t.Errorf("at last: %v", got)
		}
	})
}

// A panic in the background ends neither the process nor the stale page, and
// the log says what is most often behind it.
func TestAPanicInARefreshKeepsTheStalePage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type router struct{}
		core, logs := observer.New(zap.InfoLevel)
		cfg := while()
		cfg.Logger = zap.New(core)
		c := newCache(t, cfg)
		running(t, c)
		var calls atomic.Int64
		inner := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			_, _ = io.WriteString(w, "half of ")
			_, _ = io.WriteString(w, r.Context().Value(router{}).(string)) // as a router does whose context is gone
		}))
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner.ServeHTTP(w, r.WithContext(withValue(r.Context(), router{})))
		})
		for range 3 {
			expect(t, request(t.Context(), h, "/page/1"), "half of of the request", "")
			time.Sleep(61 * time.Second)
		}
		if calls.Load() != 3 {
			t.Errorf("%d calls", calls.Load())
		}
		found := logs.FilterMessageSnippet("must wrap the router").All()
		if len(found) != 2 || found[0].Level != zap.WarnLevel {
			t.Errorf("logged %v", logs.All())
		}
		if logs.FilterMessageSnippet("of the request").Len() > 0 || len(found) > 0 && strings.Contains(fmt.Sprint(found[0].ContextMap()), "interface conversion") {
			t.Errorf("the log holds the panic's text: %v", logs.All())
		}
	})
}

// Without Run nothing is made in the background: one of the requests does it,
// and the others do not wait for it.
func TestARefreshWithoutRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.InfoLevel)
		cfg := while()
		cfg.Logger = zap.New(core)
		c := newCache(t, cfg)
		var calls atomic.Int64
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n := calls.Add(1)
			time.Sleep(10 * time.Second)
			_, _ = fmt.Fprint(w, n)
		}))
		request(t.Context(), h, "/page/1")
		for round := 1; round <= 3; round++ {
			time.Sleep(2 * time.Minute)
			begin := time.Now()
			got := map[string]int{}
			for _, w := range together(50, func(int) *httptest.ResponseRecorder {
				w := request(t.Context(), h, "/page/1")
				if stale := strings.Contains(told(w), "stale-while-revalidate"); stale != (time.Since(begin) == 0) {
					t.Errorf("%s after %s", told(w), time.Since(begin))
				}
				return w
			}) {
				got[w.Body.String()]++
			}
			if got[fmt.Sprint(round)] != 49 || got[fmt.Sprint(round+1)] != 1 {
				t.Errorf("round %d: %v", round, got)
			}
		}
		if calls.Load() != 4 {
			t.Errorf("%d calls", calls.Load())
		}
		if n := logs.FilterMessageSnippet("Run is not running").Len(); n != 3 {
			t.Errorf("%d warnings in three rounds", n)
		}
		// HEAD makes no page, and does not say that somebody else does.
		time.Sleep(2 * time.Minute)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/page/1", http.NoBody)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		expect(t, w, "", "hit; ttl=-70; detail=stale-while-revalidate")
		expect(t, request(t.Context(), h, "/page/1"), "5", "fwd=stale; stored")
	})
}

func TestTheWarningOfAMissingRunComesOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.InfoLevel)
		cfg := revalidated(func(p *cache.Policy) { p.TTL, p.StaleWhileRevalidate = time.Millisecond, time.Hour })
		cfg.Logger = zap.New(core)
		h := newCache(t, cfg).Middleware(http.HandlerFunc(path))
		for range 120 { // two minutes
			request(t.Context(), h, "/page/1")
			time.Sleep(time.Second)
		}
		if n := logs.FilterMessageSnippet("Run is not running").Len(); n < 2 || n > 3 {
			t.Errorf("%d warnings in two minutes", n)
		}
	})
}

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, while())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		synctest.Wait()
		if err := c.Run(ctx); err == nil || !strings.HasPrefix(err.Error(), "cache: Run ") {
			t.Errorf("a second Run: %v", err)
		}
		var ended atomic.Bool
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Slow") != "" {
				<-r.Context().Done()
				if !errors.Is(r.Context().Err(), context.Canceled) {
					t.Errorf("its context: %v", r.Context().Err())
				}
				time.Sleep(3 * time.Second) // it cleans up
				ended.Store(true)
			}
			_, _ = io.WriteString(w, "page")
		}))
		request(t.Context(), h, "/page/1")
		time.Sleep(2 * time.Minute)
		expect(t, request(t.Context(), h, "/page/1", "X-Slow: 1"), "page", "hit; ttl=-60")
		synctest.Wait()
		begin := time.Now()
		cancel()
		if err := <-done; err != nil || !ended.Load() || time.Since(begin) != 3*time.Second {
			t.Errorf("Run ended with %v after %s; the refresh had ended: %t", err, time.Since(begin), ended.Load())
		}
		if err := c.Run(t.Context()); err == nil {
			t.Error("Run after its end is no error")
		}
		// Afterwards as without Run: a request makes the page anew.
		expect(t, request(t.Context(), h, "/page/1"), "page", "fwd=stale; stored")
	})
}

// Without a bubble, for goleak in TestMain: whatever Run has begun ends with it.
func TestRunLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := newCache(t, revalidated(func(p *cache.Policy) { p.TTL, p.StaleWhileRevalidate = time.Millisecond, time.Hour }))
	ctx, cancel := context.WithCancel(t.Context())
	h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-First") == "" {
			cancel() // a refresh, or a run of the request where the other one has ended
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, "page")
	}))
	request(ctx, h, "/page/1", "X-First: 1")
	request(ctx, h, "/page/2", "X-First: 1")
	var wg sync.WaitGroup
	wg.Go(func() { _ = c.Run(ctx) })
	for ctx.Err() == nil {
		request(ctx, h, "/page/1")
		request(ctx, h, "/page/2")
	}
	wg.Wait()
}

func TestRunOfAContextThatHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newCache(t, while())
	if err := c.Run(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Run(ctx); err == nil {
		t.Error("a second Run is no error")
	}
}
