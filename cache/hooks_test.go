package cache_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/cache"
)

func TestOnPurge(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	send := func(method, target string, headers ...string) func(*site) error {
		return func(s *site) error {
			s.do(method, target, headers...)
			return nil
		}
	}
	tests := []struct {
		name  string
		purge func(*site) error
		want  []string // what the hook is told, printed
	}{
		{"Purge", func(s *site) error { return s.cache.Purge(ctx, "list", "page:7") }, []string{"tags [list page:7]"}},
		{"SoftPurge", func(s *site) error { return s.cache.SoftPurge(ctx, "list") }, []string{"soft tags [list]"}},
		{"PurgePath", func(s *site) error { return s.cache.PurgePath(ctx, "/page/7") }, []string{"paths [/page/7]"}},
		{"PurgeAll", func(s *site) error { return s.cache.PurgeAll(ctx) }, []string{"all"}},
		{"Purge of nothing", func(s *site) error { return s.cache.Purge(ctx) }, nil},
		{"a rule and its own path", send("POST", "/list", "X-Do: 200"), []string{"tags [list] paths [/list]", "tags [list] paths [/list]"}},
		{"a rule with a wildcard", send("POST", "/page/7", "X-Do: 204"), []string{"tags [list page:7] paths [/page/7]", "tags [list page:7] paths [/page/7]"}},
		{"two rules with one tag", send("PUT", "/both/a,b", "X-Do: 200"), []string{"tags [list page:a,b]", "tags [list page:a,b]"}},
		{"its own path", send("DELETE", "/dir/a", "X-Do: 200"), []string{"paths [/dir/a]", "paths [/dir/a]"}},
		{"a Location", send("POST", "/other"), []string{"paths [/list]", "paths [/list]"}},
		{"a group", send("POST", "/groups"), nil},
		{"nothing of ours", send("POST", "/other", "X-Do: 200"), nil},
		{"a refusal", send("POST", "/list", "X-Do: 403"), nil},
		{"a failure", send("POST", "/list", "X-Do: 500"), nil},
		{"a panic", send("POST", "/list", "X-Do: panic"), nil},
		{"a read", send("GET", "/list"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var told []string
			cfg := shopConfig()
			cfg.Purges = append(cfg.Purges, cache.Purge{Pattern: "PUT /both/{id}", Tags: []string{"list", "page:{id}"}}, cache.Purge{Pattern: "/both/", Tags: []string{"list"}})
			cfg.OnPurge = func(p cache.Purged) {
				var parts []string
				if p.Soft {
					parts = append(parts, "soft")
				}
				if p.All {
					parts = append(parts, "all")
				}
				slices.Sort(p.Tags)
				if len(p.Tags) > 0 {
					parts = append(parts, fmt.Sprint("tags ", p.Tags))
				}
				if len(p.Paths) > 0 {
					parts = append(parts, fmt.Sprint("paths ", p.Paths))
				}
				mu.Lock()
				defer mu.Unlock()
				told = append(told, strings.Join(parts, " "))
				// They are the hook's to change.
				clear(p.Tags)
				clear(p.Paths)
			}
			var sh shop
			s := newSite(t, cfg, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/groups" {
					w.Header().Set("Cache-Group-Invalidation", `"a"`)
					return
				}
				sh.ServeHTTP(w, r)
			})
			if err := tt.purge(s); err != nil {
				t.Fatal(err)
			}
			s.server.Close() // the last purge of a write follows its answer
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(told, tt.want) {
				t.Errorf("told %q, want %q", told, tt.want)
			}
		})
	}
}

// The hook is told before the purge returns, of exactly what was given; the
// caller's slice stays the caller's.
func TestOnPurgeLeavesTheCallersTags(t *testing.T) {
	t.Parallel()
	calls := 0
	cfg := cache.Config{OnPurge: func(p cache.Purged) { calls++; p.Tags[0] = "changed" }}
	tags := []string{"list"}
	if err := newCache(t, cfg).Purge(t.Context(), tags...); err != nil || calls != 1 || tags[0] != "list" {
		t.Errorf("%v, %d calls, %q", err, calls, tags)
	}
}

func TestSendTags(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, own, want string }{
		{"its tags", "/page/7", "", "list,page:7"},
		{"with the handler's own", "/page/7", "mine, list", "mine, list,page:7"},
		{"escaped", "/page/a%2Cb%20%25%C3%A9", "", "list,page:a%2Cb%20%25%C3%A9"},
		{"of its own case", "/page/LIST", "", "list,page:LIST"},
	}
	for _, class := range []cache.Class{cache.ShortCache, cache.Follow} {
		for _, tt := range tests {
			for _, how := range []string{"whole", "flushed", "too large"} {
				t.Run(fmt.Sprint(class, ", ", tt.name, ", ", how), func(t *testing.T) {
					t.Parallel()
					p := cache.Policy{Pattern: "GET /page/{id}", Class: class, Tags: []string{"list", "page:{id}"}}
					if class == cache.ShortCache {
						p.TTL, p.CDNTTL = time.Minute, time.Hour
					}
					s := newSite(t, cache.Config{Policies: []cache.Policy{p}, SendTags: true, MaxBody: 10}, func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Cache-Control", "max-age=60")
						if tt.own != "" {
							w.Header().Set("Cache-Tag", tt.own)
						}
						switch _, _ = io.WriteString(w, "page"); how {
						case "flushed":
							_ = http.NewResponseController(w).Flush()
						case "too large":
							_, _ = io.WriteString(w, strings.Repeat("x", 10))
						}
					})
					want := tt.want
					if how == "too large" && class == cache.ShortCache {
						want = tt.own // no cache may keep it
					}
					for range 2 {
						if got := strings.Join(s.get(tt.target).header["Cache-Tag"], "|"); got != want {
							t.Errorf("Cache-Tag %q, want %q", got, want)
						}
					}
				})
			}
		}
	}
	s := newSite(t, cache.Config{}, path)
	for range 2 {
		if got := s.get("/page/7"); got.header["Cache-Tag"] != nil {
			t.Errorf("without SendTags: %q", got.header["Cache-Tag"])
		}
	}
}

// A tag comes back from its text by percent-decoding, and is one item of a
// list of visible characters.
func FuzzTagText(f *testing.F) {
	for _, seed := range []string{"list", "page:7", "a,b", "100%", "%2C", "Z\u00fcrich", "a b", "\x00\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		text := cache.TagText(tag)
		if back, err := url.PathUnescape(text); err != nil || back != tag {
			t.Errorf("%q became %q, which is %q (%v)", tag, text, back, err)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' }) {
			t.Errorf("%q became %q", tag, text)
		}
	})
}

// The hook is called as often as the snapshot counts, whatever happens.
func TestOnResultEqualsTheSnapshot(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			counted := map[string]int{}
			cfg := cache.Config{
				Policies: append(pages(),
					cache.Policy{Pattern: "GET /re/{id}", Class: cache.Revalidate, TTL: time.Second, StaleWhileRevalidate: 5 * time.Second, StaleIfError: time.Minute, Tags: []string{"re"}},
					cache.Policy{Pattern: "GET /version/{id}", Class: cache.Revalidate, TTL: time.Second, Version: func(*http.Request) (string, error) { return "a", nil }, Tags: []string{"re"}},
					cache.Policy{Pattern: "GET /follow/{id}", Class: cache.Follow, Tags: []string{"re"}},
					cache.Policy{Pattern: "GET /asset/", Class: cache.Immutable}),
				Loads: []cache.LoadPolicy{{Name: "value", Args: []string{"id"}, TTL: 3 * time.Second, Tags: []string{"re"}}},
				OnResult: func(r cache.Result) {
					if strings.ContainsAny(r.Detail, " ;,") {
						t.Errorf("the detail %q", r.Detail)
					}
					mu.Lock()
					defer mu.Unlock()
					counted[r.Pattern+" "+r.Outcome.String()]++
				},
			}
			c := newCache(t, cfg)
			if seed%2 == 0 {
				running(t, c)
			}
			h := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Second / 2)
				switch r.Header.Get("X-Do") {
				case "fail":
					w.WriteHeader(http.StatusServiceUnavailable)
				case "private":
					w.Header().Set("Cache-Control", "private")
				case "panic":
					panic("as handlers do")
				case "follow":
					w.Header().Set("Cache-Control", "max-age=1, stale-while-revalidate=3")
				}
				_, _ = io.WriteString(w, "page")
			}))
			paths := []string{"/list", "/page/1", "/page/2", "/account/", "/re/1", "/re/2", "/version/1", "/follow/1", "/asset/1", "//list", "/list?x=1", "/unknown"}
			headers := []string{"X-Do: fail", "X-Do: private", "X-Do: panic", "X-Do: follow", "Cookie: a=1", "Cache-Control: no-cache", "Cache-Control: only-if-cached", "Range: bytes=0-0", "Accept: a", "Accept: b"}
			methods := []string{"GET", "GET", "GET", "GET", "HEAD", "POST"}
			asked, undecided := 0, 0
			for range 60 {
				var wg sync.WaitGroup
				for range random.IntN(6) {
					target, header, method := paths[random.IntN(len(paths))], headers[random.IntN(len(headers))], methods[random.IntN(len(methods))]
					if random.IntN(8) == 0 {
						asked++
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(1000))*time.Millisecond)
						defer cancel()
						wg.Go(func() {
							_, _ = cache.Load(ctx, c, cache.LoadKey{Name: "value", Args: []string{target}}, func(context.Context) (int, error) {
								time.Sleep(time.Second / 2)
								return 1, nil
							})
						})
						continue
					}
					if asked++; method == "POST" && target != "/account/" || target == "/unknown" {
						undecided++
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(3000))*time.Millisecond)
					defer cancel()
					wg.Go(func() {
						defer func() { _ = recover() }()
						r := httptest.NewRequestWithContext(ctx, method, target, http.NoBody)
						name, value, _ := strings.Cut(header, ": ")
						r.Header.Set(name, value)
						h.ServeHTTP(httptest.NewRecorder(), r)
					})
				}
				if random.IntN(10) == 0 {
					_ = c.SoftPurge(t.Context(), "re", "list")
				}
				if random.IntN(2) == 0 {
					wg.Wait()
					time.Sleep(time.Duration(random.IntN(4000)) * time.Millisecond)
				}
				defer wg.Wait()
			}
			time.Sleep(time.Minute)
			mu.Lock()
			defer mu.Unlock()
			total := 0
			for _, p := range c.Snapshot().Policies {
				for outcome, n := range map[string]uint64{"hit": p.Hits, "stale": p.Stale, "miss": p.Misses, "pass": p.Passes} {
					total += int(n)
					if got := counted[p.Pattern+" "+outcome]; got != int(n) {
						t.Errorf("seed %d: %s: %d times %s, the hook was told %d times", seed, p.Pattern, n, outcome, got)
					}
				}
			}
			if total != asked-undecided {
				t.Errorf("seed %d: %d requests, %d of them undecided, and %d counted", seed, asked, undecided, total)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	for o, want := range map[cache.Outcome]string{0: "unknown", cache.Hit: "hit", cache.Stale: "stale", cache.Miss: "miss", cache.Pass: "pass", 9: "unknown"} {
		if o.String() != want {
			t.Errorf("%d prints as %q", o, o)
		}
	}
}

func TestStatusName(t *testing.T) {
	t.Parallel()
	type step struct{ headers, says string } // says without the name
	steps := []step{
		{"Accept: a", "fwd=miss; stored"},
		{"Accept: a", "hit; ttl="},
		{"If-None-Match: *", "hit; ttl="},
		{"Cookie: a=1", "fwd=bypass; detail=cookie"},
		{"Cache-Control: no-store, only-if-cached\nX-Forwarded-Host: other", "fwd=bypass; detail=only-if-cached"},
	}
	for name, cfg := range map[string]cache.Config{"readiness; ": {}, "edge-1; ": {StatusName: "edge-1"}, "": {HideStatus: true}} {
		for _, class := range []cache.Class{cache.ShortCache, cache.Follow} {
			t.Run(fmt.Sprint(class, ", ", name), func(t *testing.T) {
				t.Parallel()
				p := cache.Policy{Pattern: "GET /page", Class: class, ExpiryOnly: "a test"}
				if class == cache.ShortCache {
					p.TTL = time.Minute
				}
				cfg := cfg // of this subtest
				cfg.Policies = []cache.Policy{p}
				h := newCache(t, cfg).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=60") }))
				for _, s := range steps {
					if strings.Contains(s.says, "only-if-cached") && class != cache.Follow {
						continue
					}
					w := request(t.Context(), h, "/page", strings.Split(s.headers, "\n")...)
					got := strings.Join(w.Header()["Cache-Status"], "|")
					if name == "" && got != "" || name != "" && !strings.HasPrefix(got, name+s.says) {
						t.Errorf("%s: Cache-Status %q, want %q", s.headers, got, name+s.says)
					}
				}
			})
		}
	}
}

// The line of a cache that is nearer to the handler stays, and comes first (RFC
// 9211, section 2).
func TestStatusIsAList(t *testing.T) {
	t.Parallel()
	inner := newCache(t, cache.Config{StatusName: "inner"})
	outer := newCache(t, cache.Config{StatusName: "outer"})
	h := outer.Middleware(inner.Middleware(http.HandlerFunc(path)))
	for _, step := range []struct{ header, want string }{
		{"Accept: a", "inner; fwd=miss; stored|outer; fwd=miss; detail=no-cache"},
		{"Accept: a", "inner; hit; ttl=59|outer; fwd=miss; detail=no-cache"},
		{"Cookie: a=1", "inner; fwd=bypass; detail=cookie|outer; fwd=bypass; detail=cookie"},
	} {
		w := request(t.Context(), h, "/list", step.header)
		if got := strings.Join(w.Header()["Cache-Status"], "|"); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}

func TestHideStatusOnASharedStore(t *testing.T) {
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
func TestAPanicOfHookAndHandlerHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	var fail atomic.Bool
	fail.Store(true)
	s := newSite(t, cache.Config{OnResult: func(cache.Result) {
		if fail.Load() {
			panic("hook")
		}
	}}, func(w http.ResponseWriter, r *http.Request) {
		if fail.Load() {
			panic("handler")
		}
		path(w, r)
	})
	s.get("/list")
	fail.Store(false)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if got := s.with(ctx, "GET", "/list", nil); got.err != nil {
		t.Error(got.err)
	}
}
