package cache_test

import (
	"fmt"
	"math/rand/v2"
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

// Many clients at once, for the race detector: a handler that marks some of
// its answers private, at its whim, and in the middle of purges. Whoever gets
// a private answer gets his own.
func TestAPrivateBodyIsNeverSharedUnderLoad(t *testing.T) {
	t.Parallel()
	for _, class := range []cache.Class{cache.ShortCache, cache.Revalidate, cache.Follow} {
		for _, run := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Run %t", class, run), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := cache.Policy{Pattern: "GET /page/{id}", Class: class, Tags: []string{"page"}}
					switch class {
					case cache.ShortCache:
						p.TTL = 3 * time.Second
					case cache.Revalidate:
						p.TTL, p.StaleWhileRevalidate, p.StaleIfError = time.Second, 5*time.Second, time.Minute
					}
					c := newCache(t, cache.Config{Policies: []cache.Policy{p}})
					if run {
						running(t, c)
					}
					var runs, whims atomic.Uint64
					h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						runs.Add(1)
						whim := whims.Add(1)
						time.Sleep(time.Duration(whim%7) * 100 * time.Millisecond)
						body := "everybody's"
						switch whim % 5 {
						case 0:
							w.Header().Set("Cache-Control", "private")
							body = r.Header.Get("X-User")
						case 1:
							w.Header().Set("Set-Cookie", "user="+r.Header.Get("X-User"))
							body = r.Header.Get("X-User")
						case 2:
							w.Header().Set("Cache-Control", "max-age=1, stale-while-revalidate=5")
						case 3:
							w.WriteHeader(http.StatusInternalServerError)
							body = r.Header.Get("X-User")
						}
						if whim%2 == 0 {
							_ = http.NewResponseController(w).Flush()
						}
						_, _ = fmt.Fprint(w, body)
					}))
					var wg sync.WaitGroup
					for i := range 40 {
						wg.Go(func() {
							user := fmt.Sprint("user ", i)
							random := rand.New(rand.NewPCG(uint64(i), 2))
							for range 50 {
								w := request(t.Context(), h, fmt.Sprintf("/page/%d", random.IntN(3)), "X-User: "+user)
								if body := w.Body.String(); body != user && body != "everybody's" {
									t.Errorf("%s got the page of %s (%s)", user, body, told(w))
								}
								if cookie := w.Header().Get("Set-Cookie"); cookie != "" && cookie != "user="+user {
									t.Errorf("%s got the cookie %s (%s)", user, cookie, told(w))
								}
								time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
								switch random.IntN(40) {
								case 0:
									_ = c.Purge(t.Context(), "page")
								case 1:
									_ = c.SoftPurge(t.Context(), "page")
								}
							}
						})
					}
					wg.Wait()
					if n := runs.Load(); n == 0 || n >= 2000 {
						t.Errorf("the handler ran %d times for 2000 requests", n)
					}
				})
			})
		}
	}
}

// While a key is known not to be storable, nobody waits for another's run; and
// then it is tried once more.
func TestAKeyThatIsNotStorableIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for _, soft := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			private := true
			var calls atomic.Int64
			c := newCache(t, cache.Config{})
			h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n := calls.Add(1)
				time.Sleep(time.Second)
				if private {
					w.Header().Set("Cache-Control", "private")
				}
				_, _ = fmt.Fprint(w, n)
			}))
			if soft { // and what was stored before does not change that
				private = false
				request(t.Context(), h, "/list")
				private = true
				if err := c.Purge(t.Context(), "list"); err != nil {
					t.Fatal(err)
				}
			}
			request(t.Context(), h, "/list")
			ran := calls.Load()
			// The last of these begins just before the ten seconds are over.
			for _, wait := range []time.Duration{0, cache.AloneFor - time.Second - 1} {
				time.Sleep(wait)
				begin := time.Now()
				bodies := map[string]bool{}
				for _, w := range together(10, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/list") }) {
					bodies[w.Body.String()] = true
				}
				if took := time.Since(begin); took != time.Second || len(bodies) != 10 {
					t.Errorf("%d bodies after %s", len(bodies), took)
				}
			}
			if n := calls.Load() - ran; n != 20 {
				t.Errorf("%d calls for 20 requests", n)
			}
			private = false
			time.Sleep(cache.AloneFor)
			ran = calls.Load()
			collapsed := 0
			for _, w := range together(10, func(int) *httptest.ResponseRecorder { return request(t.Context(), h, "/list") }) {
				if strings.Contains(told(w), "collapsed") {
					collapsed++
				}
			}
			if calls.Load()-ran != 1 || collapsed != 9 {
				t.Errorf("%d calls, %d collapsed", calls.Load()-ran, collapsed)
			}
		})
	}
}
