package cache_test

import (
	"context"
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

	"github.com/launchready/readiness/cache"
)

// request sends a GET through h without a server, for tests in a bubble.
func request(ctx context.Context, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// together sends n requests at once and returns their answers.
func together(n int, send func(i int) *httptest.ResponseRecorder) []*httptest.ResponseRecorder {
	answers := make([]*httptest.ResponseRecorder, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { answers[i] = send(i) })
	}
	wg.Wait()
	return answers
}

func TestConcurrentMissesRunTheHandlerOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		var calls atomic.Int64
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			<-time.After(time.Second)
			_, _ = io.WriteString(w, "page")
		}))
		answers := together(50, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/list") })
		collapsed := 0
		for _, w := range answers {
			if w.Body.String() != "page" || w.Header().Get("Etag") == "" {
				t.Errorf("got %q %v", w.Body, w.Header())
			}
			if w.Header().Get("Cache-Status") == "readiness; fwd=miss; collapsed" {
				collapsed++
			}
		}
		if calls.Load() != 1 || collapsed != 49 {
			t.Errorf("%d calls, %d collapsed", calls.Load(), collapsed)
		}
		if got := c.Snapshot().Policies[0]; got.Hits != 49 || got.Misses != 1 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestAPrivateAnswerIsNeverShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-time.After(time.Second)
			w.Header().Set("Cache-Control", "private")
			_, _ = io.WriteString(w, r.Header.Get("X-User"))
		}))
		send := func(i int) *httptest.ResponseRecorder {
			return request(t.Context(), h, "/list", fmt.Sprintf("X-User: %d", i))
		}
		check := func(want time.Duration) {
			t.Helper()
			begin := time.Now()
			for i, w := range together(50, send) {
				if w.Body.String() != fmt.Sprint(i) {
					t.Errorf("user %d got the page of %s", i, w.Body)
				}
			}
			if took := time.Since(begin); took != want {
				t.Errorf("took %s, want %s", took, want)
			}
		}
		check(2 * time.Second) // one runs, the others find that it cannot be shared
		check(time.Second)     // and then nobody waits for another one
		<-time.After(cache.AloneFor)
		check(2 * time.Second)
	})
}

func TestAnEarlyVerdictEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "a=b")
			w.WriteHeader(200) // known from here on
			<-time.After(3 * time.Second)
		}))
		begin := time.Now()
		together(10, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/list") })
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestAWaitersContextEndsItsWaitOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(4 * time.Second)
			_, _ = io.WriteString(w, "page")
		}))
		begin := time.Now()
		together(3, func(i int) *httptest.ResponseRecorder {
			ctx := t.Context()
			if i == 2 {
				<-time.After(time.Second) // so that it waits and does not lead
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				w := request(short, h, "/list")
				if w.Code != http.StatusServiceUnavailable || time.Since(begin) != 2*time.Second {
					t.Errorf("got %d after %s", w.Code, time.Since(begin))
				}
				return w
			}
			w := request(ctx, h, "/list")
			if w.Body.String() != "page" || time.Since(begin) != 4*time.Second {
				t.Errorf("got %q after %s", w.Body, time.Since(begin))
			}
			return w
		})
	})
}

func TestAWaitIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		var calls atomic.Int64
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) == 1 {
				<-time.After(time.Hour)
			}
			_, _ = io.WriteString(w, "page")
		}))
		begin := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { request(t.Context(), h, "/list") })
		synctest.Wait()
		if w := request(t.Context(), h, "/list"); w.Body.String() != "page" || time.Since(begin) != cache.WaitAtMost {
			t.Errorf("got %q after %s", w.Body, time.Since(begin))
		}
		wg.Wait()
	})
}

// A leader that fails for reasons of its own says nothing about the page: one
// of those who waited leads next, and the others wait for it. After any other
// failure each runs its own handler.
func TestALeaderThatFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		calls int64
		fail  func(w http.ResponseWriter, cancel func())
	}{
		{"loses its client", 2, func(_ http.ResponseWriter, cancel func()) { cancel() }},
		{"panics as it loses its client", 2, func(_ http.ResponseWriter, cancel func()) { cancel(); panic(http.ErrAbortHandler) }},
		{"is told that its client has the page", 2, func(w http.ResponseWriter, _ func()) { w.WriteHeader(http.StatusNotModified) }},
		{"panics", 21, func(http.ResponseWriter, func()) { panic(http.ErrAbortHandler) }},
		{"fails", 21, func(w http.ResponseWriter, _ func()) { w.WriteHeader(http.StatusInternalServerError) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCache(t, cache.Config{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var calls atomic.Int64
				h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					n := calls.Add(1)
					<-time.After(time.Second)
					if n == 1 {
						tt.fail(w, cancel)
					}
					_, _ = io.WriteString(w, "page")
				}))
				var wg sync.WaitGroup
				wg.Go(func() {
					defer func() { _ = recover() }()
					request(ctx, h, "/list")
				})
				synctest.Wait()
				for _, w := range together(20, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/list") }) {
					if w.Body.String() != "page" {
						t.Errorf("got %q", w.Body)
					}
				}
				wg.Wait()
				if calls.Load() != tt.calls {
					t.Errorf("%d calls", calls.Load())
				}
			})
		})
	}
}

// watched is a context that counts how often somebody waits for its end, and
// ends where that goes on and on.
type watched struct {
	context.Context
	cancel context.CancelFunc
	waits  atomic.Int64
}

func (w *watched) Done() <-chan struct{} {
	if w.waits.Add(1) > 20 {
		w.cancel()
	}
	return w.Context.Done()
}

// deaf is the writer of a client that no longer reads.
type deaf struct{ *httptest.ResponseRecorder }

func (deaf) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// The leader's verdict is known, but its handler goes on: whoever waits, and
// whoever comes now, neither waits for that nor asks in a loop.
func TestALeaderThatFailsAndGoesOn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		fail func(w http.ResponseWriter, cancel func())
	}{
		{"not modified", func(w http.ResponseWriter, _ func()) { w.WriteHeader(http.StatusNotModified) }},
		{"client gone", func(w http.ResponseWriter, cancel func()) { cancel(); w.WriteHeader(http.StatusInternalServerError) }},
		{"write error", func(w http.ResponseWriter, _ func()) {
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "page")
		}},
	}
	for _, tt := range tests {
		for when, after := range map[string]time.Duration{"before": 0, "after": 2 * time.Second} {
			t.Run(tt.name+", asked "+when, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := newCache(t, cache.Config{})
					leader, cancel := context.WithCancel(t.Context())
					defer cancel()
					var calls atomic.Int64
					h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						if calls.Add(1) > 1 {
							_, _ = io.WriteString(w, "page")
							return
						}
						<-time.After(time.Second)
						tt.fail(w, cancel)
						<-time.After(time.Minute)
					}))
					var wg sync.WaitGroup
					wg.Go(func() {
						r := httptest.NewRequestWithContext(leader, http.MethodGet, "/list", http.NoBody)
						r.Header.Set("If-None-Match", `"old"`)
						h.ServeHTTP(deaf{httptest.NewRecorder()}, r)
					})
					synctest.Wait()
					begin := time.Now()
					<-time.After(after)
					ctx, end := context.WithCancel(t.Context())
					defer end()
					waiter := &watched{Context: ctx, cancel: end}
					w := request(waiter, h, "/list")
					if w.Body.String() != "page" || time.Since(begin) != max(after, time.Second) {
						t.Errorf("got %d %q after %s", w.Code, w.Body, time.Since(begin))
					}
					if n := waiter.waits.Load(); n > 3 {
						t.Errorf("it waited %d times", n)
					}
					wg.Wait()
				})
			})
		}
	}
}

// Who asks after a purge is not handed the page that was begun before it.
func TestNobodyWaitsForAPageFromBeforeAPurge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		var data atomic.Int64
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			read := data.Load()
			<-time.After(time.Second)
			_, _ = fmt.Fprint(w, read)
		}))
		var wg sync.WaitGroup
		wg.Go(func() { request(t.Context(), h, "/list") })
		synctest.Wait()
		data.Store(1)
		if err := c.Purge(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
		for range 2 { // made anew, and then the stored page
			if w := request(t.Context(), h, "/list"); w.Body.String() != "1" {
				t.Errorf("got %s", w.Body)
			}
			wg.Wait()
		}
	})
}

func TestTTL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, cache.Config{})
		var calls int
		h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			<-time.After(10 * time.Second) // the page ages while it is made
			_, _ = fmt.Fprint(w, calls)
		}))
		steps := []struct {
			wait          time.Duration
			body, says, a string
		}{
			{0, "1", "readiness; fwd=miss; stored", ""},
			{0, "1", "readiness; hit; ttl=50", "10"},
			{0, "1", "readiness; hit; ttl=50", "10"},
			{20500 * time.Millisecond, "1", "readiness; hit; ttl=29", "30"},
			{29499 * time.Millisecond, "1", "readiness; hit; ttl=0", "59"},
			{time.Millisecond, "2", "readiness; fwd=miss; stored", ""},
		}
		for i, step := range steps {
			<-time.After(step.wait)
			w := request(t.Context(), h, "/list")
			if w.Body.String() != step.body || w.Header().Get("Cache-Status") != step.says || w.Header().Get("Age") != step.a {
				t.Errorf("step %d: got %s %v", i, w.Body, w.Header())
			}
		}
	})
}

// A page that took longer than its TTL to make is old when it is made.
func TestASlowPageIsNotStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newCache(t, cache.Config{}).Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-time.After(time.Minute) }))
		for range 2 {
			if w := request(t.Context(), h, "/list"); w.Header().Get("Cache-Status") != "readiness; fwd=miss" {
				t.Errorf("got %v", w.Header())
			}
		}
	})
}
