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

// loadConfig is a Config with the pages of most tests and values beside them.
func loadConfig() cache.Config {
	return cache.Config{
		Policies: pages(),
		Loads: []cache.LoadPolicy{
			{Name: "listings", Args: []string{"category", "page"}, TTL: time.Minute, Tags: []string{"list", "category:{category}"}},
			{Name: "countries", TTL: time.Hour, ExpiryOnly: "they change with a release"},
		},
		Purges: []cache.Purge{{Pattern: "POST /list", Tags: []string{"list"}}},
	}
}

// listings is the key of a page of listings.
func listings(category, page string) cache.LoadKey {
	return cache.LoadKey{Name: "listings", Args: []string{category, page}}
}

// counting returns a function to load that returns the number of its call, and
// takes that time.
func counting(calls *atomic.Int64, takes time.Duration) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		n := calls.Add(1)
		select {
		case <-time.After(takes):
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// loaded fails unless Load returns want.
func loaded(t *testing.T, c *cache.Cache, key cache.LoadKey, load func(context.Context) (int64, error), want int64) {
	t.Helper()
	if got, err := cache.Load(t.Context(), c, key, load); got != want || err != nil {
		t.Errorf("got %d, %v; want %d", got, err, want)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, loadConfig())
		var calls atomic.Int64
		load := counting(&calls, 10*time.Second)
		loaded(t, c, listings("books", "1"), load, 1)
		loaded(t, c, listings("books", "1"), load, 1)
		loaded(t, c, listings("books", "2"), load, 2)
		loaded(t, c, cache.LoadKey{Name: "countries"}, load, 3)
		time.Sleep(30*time.Second - 1) // the first one has aged while it was made
		loaded(t, c, listings("books", "1"), load, 1)
		time.Sleep(time.Nanosecond)
		loaded(t, c, listings("books", "1"), load, 4)
		loaded(t, c, cache.LoadKey{Name: "countries"}, load, 3)
	})
}

// Values and pages are purged together, by the same names and in the same ways.
func TestLoadSharesTagsWithPages(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	tests := []struct {
		name          string
		purge         func(*cache.Cache, http.Handler) error
		books, others bool // whose values end
	}{
		{"a tag of both", func(c *cache.Cache, _ http.Handler) error { return c.Purge(ctx, "list") }, true, true},
		{"a tag of one value", func(c *cache.Cache, _ http.Handler) error { return c.Purge(ctx, "category:books") }, true, false},
		{"everything", func(c *cache.Cache, _ http.Handler) error { return c.PurgeAll(ctx) }, true, true},
		{"a write", func(_ *cache.Cache, h http.Handler) error {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodPost, "/list", http.NoBody))
			return nil
		}, true, true},
		{"a path", func(c *cache.Cache, _ http.Handler) error { return c.PurgePath(ctx, "/list") }, false, false},
		{"another tag", func(c *cache.Cache, _ http.Handler) error { return c.Purge(ctx, "category:boo") }, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCache(t, loadConfig())
			h := c.Middleware(http.HandlerFunc(path))
			var calls atomic.Int64
			load := counting(&calls, 0)
			loaded(t, c, listings("books", "1"), load, 1)
			loaded(t, c, listings("music", "1"), load, 2)
			request(t.Context(), h, "/list")
			if err := tt.purge(c, h); err != nil {
				t.Fatal(err)
			}
			books, music := int64(1), int64(2)
			if tt.books {
				books = 3
			}
			loaded(t, c, listings("books", "1"), load, books)
			if tt.others {
				music = 4
			}
			loaded(t, c, listings("music", "1"), load, music)
			if hit := strings.HasPrefix(told(request(t.Context(), h, "/list")), "hit"); hit == (tt.name != "a tag of one value" && tt.name != "another tag") {
				t.Errorf("the page is hit: %t", hit)
			}
		})
	}
}

// A value that was read before a purge is not stored after it.
func TestAValueFromBeforeAPurgeIsNotStored(t *testing.T) {
	t.Parallel()
	c := newCache(t, loadConfig())
	var row int64
	load := func(context.Context) (int64, error) {
		read := row
		if row == 0 {
			row = 1
			if err := c.Purge(t.Context(), "list"); err != nil {
				t.Error(err)
			}
		}
		return read, nil
	}
	loaded(t, c, listings("books", "1"), load, 0)
	loaded(t, c, listings("books", "1"), load, 1)
}

func TestLoadIsCoalesced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, loadConfig())
		var calls atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { loaded(t, c, listings("books", "1"), counting(&calls, time.Second), 1) })
		}
		wg.Wait()
		if got := c.Snapshot().Policies[len(pages())]; calls.Load() != 1 || got.Hits != 49 || got.Misses != 1 || got.Pattern != "listings" || got.Class.String() != "Load" {
			t.Errorf("%d calls, counted %+v", calls.Load(), got)
		}
	})
}

// An error is its caller's alone: nothing is stored, and who waited calls his
// own function.
func TestAnErrorOfLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, loadConfig())
		var calls atomic.Int64
		mine := errors.New("mine")
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				got, err := cache.Load(t.Context(), c, listings("books", "1"), func(context.Context) (int64, error) {
					n := calls.Add(1)
					time.Sleep(time.Second)
					return n, fmt.Errorf("%d: %w", n, mine)
				})
				if got != 0 || !errors.Is(err, mine) {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		wg.Wait()
		if calls.Load() != 20 {
			t.Errorf("%d calls", calls.Load())
		}
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 21)
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 21)
	})
}

func TestAPanicOfLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, loadConfig())
		var calls, panics atomic.Int64
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				defer func() {
					if recover() == "mine" {
						panics.Add(1)
					}
				}()
				_, _ = cache.Load(t.Context(), c, listings("books", "1"), func(context.Context) (int64, error) {
					calls.Add(1)
					time.Sleep(time.Second)
					panic("mine")
				})
			})
		}
		wg.Wait()
		if calls.Load() != 10 || panics.Load() != 10 {
			t.Errorf("%d calls, %d panics", calls.Load(), panics.Load())
		}
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 11)
	})
}

// A caller's ctx ends its own wait; the leader's ends its own call, and one of
// those who wait goes on.
func TestTheContextOfALoad(t *testing.T) {
	t.Parallel()
	for _, leader := range []bool{false, true} {
		t.Run(fmt.Sprint("leader ", leader), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCache(t, loadConfig())
				begin := time.Now()
				var calls atomic.Int64
				var wg sync.WaitGroup
				for i := range 5 {
					wg.Go(func() {
						ctx, want, took := t.Context(), error(nil), 3*time.Second
						if i > 0 {
							time.Sleep(time.Millisecond) // the first one leads
						}
						if leader {
							took = 4 * time.Second // the second one begins when the first has ended
						}
						if leader == (i == 0) && i < 2 {
							short, cancel := context.WithDeadline(ctx, begin.Add(time.Second))
							defer cancel()
							ctx, want, took = short, context.DeadlineExceeded, time.Second
						}
						_, err := cache.Load(ctx, c, listings("books", "1"), counting(&calls, 3*time.Second))
						if !errors.Is(err, want) || time.Since(begin) != took {
							t.Errorf("%d: %v after %s; want %v after %s", i, err, time.Since(begin), want, took)
						}
					})
				}
				wg.Wait()
				if want := map[bool]int64{false: 1, true: 2}[leader]; calls.Load() != want {
					t.Errorf("%d calls, want %d", calls.Load(), want)
				}
			})
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var calls atomic.Int64
	if _, err := cache.Load(ended, newCache(t, loadConfig()), listings("a", "b"), counting(&calls, 0)); !errors.Is(err, context.Canceled) || calls.Load() != 0 {
		t.Errorf("a ctx that has ended: %v, %d calls", err, calls.Load())
	}
}

func TestTheWaitOfALoadIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, loadConfig())
		var calls atomic.Int64
		var wg sync.WaitGroup
		wg.Go(func() { loaded(t, c, listings("books", "1"), counting(&calls, time.Hour), 1) })
		synctest.Wait()
		begin := time.Now()
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 2)
		if took := time.Since(begin); took != cache.WaitAtMost {
			t.Errorf("it took %s", took)
		}
		wg.Wait()
	})
}

func TestASoftPurgeOfAValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, loadConfig())
		var calls atomic.Int64
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 1)
		if err := c.SoftPurge(t.Context(), "category:books"); err != nil {
			t.Fatal(err)
		}
		got := make([]int64, 20)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				begin := time.Now()
				got[i], _ = cache.Load(t.Context(), c, listings("books", "1"), counting(&calls, time.Second))
				if waited := time.Since(begin); (waited == 0) != (got[i] == 1) {
					t.Errorf("%d after %s", got[i], waited)
				}
			})
		}
		wg.Wait()
		if calls.Load() != 2 {
			t.Errorf("%d calls, %v", calls.Load(), got)
		}
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 2)
		if got := c.Snapshot().Policies[len(pages())]; got.Stale != 19 {
			t.Errorf("counted %+v", got)
		}
		// And never beyond its time.
		time.Sleep(time.Minute - time.Second - 1)
		if err := c.SoftPurge(t.Context(), "category:books"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		loaded(t, c, listings("books", "1"), counting(&calls, 0), 3)
	})
}

// Types that a mistake, or another release, could take for one another.
type (
	price   struct{ Amount int }
	renamed struct{ Total int }
	tagged  struct {
		Amount int `json:"amount"`
	}
	wider   struct{ Amount int64 }
	nested  struct{ Price price }
	pointed struct{ Price *price }
	another price
	tree    struct {
		Value    int
		Children []*tree
	}
)

// keep loads a T with the text of its type, and reports whether the function
// ran.
func keep[T any](t *testing.T, c *cache.Cache) (ran bool) {
	t.Helper()
	if _, err := cache.Load(t.Context(), c, listings("a", "b"), func(context.Context) (v T, err error) { ran = true; return v, nil }); err != nil {
		t.Errorf("%T: %v", *new(T), err)
	}
	return ran
}

func TestAValueIsOfOneType(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.InfoLevel)
	cfg := loadConfig()
	cfg.Logger = zap.New(core)
	c := newCache(t, cfg)
	here := func() []bool {
		type price struct{ Amount, Tax int } // hides the other one
		return []bool{keep[price](t, c), keep[[]price](t, c), keep[map[string]price](t, c)}
	}
	elsewhere := func() bool {
		type price struct{ Amount, Tax int }
		return keep[price](t, c)
	}
	for round := range 3 {
		list := append(here(),
			keep[price](t, c), keep[renamed](t, c), keep[tagged](t, c), keep[wider](t, c), keep[nested](t, c), keep[pointed](t, c), keep[another](t, c),
			keep[tree](t, c), keep[*tree](t, c), keep[[]tree](t, c), keep[[2]tree](t, c), keep[[3]tree](t, c), keep[map[int]int](t, c), keep[map[int8]int](t, c),
			keep[int](t, c), keep[int64](t, c), keep[string](t, c), keep[[]byte](t, c), keep[any](t, c), keep[struct{ A int }](t, c), keep[struct {
				A int `json:",omitempty"`
			}](t, c))
		for i, ran := range list {
			if ran != (round == 0) {
				t.Errorf("round %d, type %d: the function ran: %t", round, i, ran)
			}
		}
		if !elsewhere() {
			t.Error("a value of a type of that name in another function was taken for it")
		}
	}
	if n := logs.FilterMessageSnippet("two types of one name").Len(); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

// Each caller may do with its value what it likes.
func TestAValueIsItsCallersOwn(t *testing.T) {
	t.Parallel()
	type value struct {
		List []int
		Map  map[string]*int
	}
	c := newCache(t, loadConfig())
	one := 1
	original := value{[]int{1, 2}, map[string]*int{"a": &one}}
	for range 3 {
		v, err := cache.Load(t.Context(), c, listings("a", "b"), func(context.Context) (value, error) { return original, nil })
		if err != nil || fmt.Sprint(v.List) != "[1 2]" || len(v.Map) != 1 || *v.Map["a"] != 1 {
			t.Errorf("got %v, %v", v, err)
		}
		v.List[0], *v.Map["a"] = 7, 7
		delete(v.Map, "a")
	}
	if original.List[0] != 1 || one != 1 {
		t.Error("a caller has changed what the function returned")
	}
}

// What JSON drops is missed at once, not first where a value comes from the
// store.
func TestWhatJSONDropsIsDroppedAtOnce(t *testing.T) {
	t.Parallel()
	type value struct {
		Kept, hidden int
		Skipped      int `json:"-"`
		At           time.Time
	}
	c := newCache(t, loadConfig())
	for range 2 {
		v, err := cache.Load(t.Context(), c, listings("a", "b"), func(context.Context) (value, error) {
			return value{1, 2, 3, time.Now()}, nil // with a monotonic clock
		})
		if err != nil || v.Kept != 1 || v.hidden != 0 || v.Skipped != 0 || v.At != v.At.Round(0) {
			t.Errorf("got %+v, %v", v, err)
		}
	}
}

func TestLoadOfWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	c := newCache(t, loadConfig())
	for range 2 {
		if _, err := cache.Load(t.Context(), c, listings("a", "b"), func(context.Context) (chan int, error) { return make(chan int), nil }); err == nil || !strings.Contains(err.Error(), `cache: Load "listings": chan int cannot be kept as JSON`) {
			t.Errorf("a channel: %v", err)
		}
		if v, err := cache.Load(t.Context(), c, listings("a", "b"), func(context.Context) (io.Reader, error) { return strings.NewReader("x"), nil }); v != nil || err == nil || !strings.Contains(err.Error(), "does not read its own JSON") {
			t.Errorf("an interface: %v", err)
		}
	}
}

// What is too large to keep is returned all the same.
func TestALargeValueIsNotStored(t *testing.T) {
	t.Parallel()
	cfg := loadConfig()
	cfg.MaxBody = 12 // with the quotes
	c := newCache(t, cfg)
	for length, stored := range map[int]bool{10: true, 11: false} {
		calls := 0
		for range 2 {
			v, err := cache.Load(t.Context(), c, listings("a", fmt.Sprint(length)), func(context.Context) (string, error) {
				calls++
				return strings.Repeat("x", length), nil
			})
			if len(v) != length || err != nil {
				t.Errorf("got %q, %v", v, err)
			}
		}
		if stored != (calls == 1) {
			t.Errorf("%d bytes: %d calls", length, calls)
		}
	}
}

func TestLoadKeys(t *testing.T) {
	t.Parallel()
	c := newCache(t, loadConfig())
	var calls atomic.Int64
	load := counting(&calls, 0)
	keys := [][2]string{{"a", "bc"}, {"ab", "c"}, {"", "abc"}, {"abc", ""}, {"a,b", "c"}, {"a", "b,c"}, {"\x01a", "b"}, {"a\x01b", ""}, {"A", "bc"}, {"", ""}, {strings.Repeat("x", 127), ""}, {strings.Repeat("x", 128), ""}}
	for round := range 2 {
		for i, key := range keys {
			loaded(t, c, listings(key[0], key[1]), load, int64(i+1))
		}
		if round == 1 && calls.Load() != int64(len(keys)) {
			t.Errorf("%d calls for %d keys", calls.Load(), len(keys))
		}
	}
	for range 2 { // too long for a key: called each time
		before := calls.Load()
		loaded(t, c, listings(strings.Repeat("x", 5000), ""), load, before+1)
	}
	tests := []struct {
		key  cache.LoadKey
		want string
	}{
		{cache.LoadKey{Name: "listing"}, `cache: Load "listing": no LoadPolicy of Config.Loads has that Name`},
		{cache.LoadKey{}, `cache: Load "": no LoadPolicy of Config.Loads has that Name`},
		{cache.LoadKey{Name: "listings", Args: []string{"a"}}, `cache: Load "listings": Args must be ["category" "page"], got 1`},
		{cache.LoadKey{Name: "listings", Args: []string{"a", "b", "c"}}, `cache: Load "listings": Args must be ["category" "page"], got 3`},
		{cache.LoadKey{Name: "countries", Args: []string{"a"}}, `cache: Load "countries": Args must be [], got 1`},
	}
	for _, tt := range tests {
		before := calls.Load()
		if _, err := cache.Load(t.Context(), c, tt.key, load); err == nil || err.Error() != tt.want || calls.Load() != before {
			t.Errorf("%+v: %v, %d calls", tt.key, err, calls.Load()-before)
		}
	}
}

// FuzzLoadKey: two calls share a value only where all their Args are the same.
func FuzzLoadKey(f *testing.F) {
	f.Add("a", "bc", "ab", "c")
	f.Add("", "\x01a", "\x00", "a")
	f.Add("a", "a", "a", "a")
	f.Fuzz(func(t *testing.T, a, b, x, y string) {
		c, err := cache.New(loadConfig())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, key := range [][2]string{{a, b}, {x, y}} {
				got, err := cache.Load(t.Context(), c, listings(key[0], key[1]), func(context.Context) (string, error) { return fmt.Sprintf("%q", key), nil })
				if want := fmt.Sprintf("%q", key); got != want || err != nil {
					t.Fatalf("got the value of %s, want that of %s (%v)", got, want, err)
				}
			}
		}
	})
}

// A store that fails makes nothing worse than no cache: functions and handlers
// run, each for its own caller, and nothing is held back.
func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := cache.NewFaulty()
		core, logs := observer.New(zap.InfoLevel)
		var purged int
		cfg := loadConfig()
		cfg.Store, cfg.Logger, cfg.OnPurge = store, zap.New(core), func(cache.Purged) { purged++ }
		c := newCache(t, cfg)
		h := c.Middleware(http.HandlerFunc(path))
		var calls atomic.Int64
		load := counting(&calls, 0)
		loaded(t, c, listings("a", "b"), load, 1)
		loaded(t, c, listings("soft", ""), load, 2)
		store.Broken.Store(true)
		loaded(t, c, listings("a", "b"), load, 3)
		loaded(t, c, listings("a", "b"), load, 4)
		expect(t, request(t.Context(), h, "/list"), "/list", "fwd=miss; detail=store")
		if err := c.Purge(t.Context(), "list"); err == nil || purged != 1 {
			t.Errorf("Purge: %v, the hook was told %d times", err, purged)
		}
		// A store that breaks while the function runs has the value all the same.
		store.Broken.Store(false)
		loaded(t, c, listings("c", "d"), func(context.Context) (int64, error) { store.Broken.Store(true); return 7, nil }, 7)
		store.Broken.Store(false)
		loaded(t, c, listings("a", "b"), load, 1)
		loaded(t, c, listings("c", "d"), load, 5)
		expect(t, request(t.Context(), h, "/list"), "/list", "fwd=miss; stored")
		if n := c.Snapshot().StoreFailures; n != 5 {
			t.Errorf("%d failures counted", n)
		}
		if n := logs.FilterMessageSnippet("the store fails").Len(); n != 1 || strings.Contains(fmt.Sprint(logs.All()), "secret") {
			t.Errorf("logged %v", logs.All())
		}
	})
}

// Many callers at once, for the race detector: each gets a value of the key it
// asked for, however purges and errors come in between.
func TestLoadUnderLoad(t *testing.T) {
	t.Parallel()
	c := newCache(t, loadConfig())
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 200 {
				key := fmt.Sprint((i + n) % 5)
				got, err := cache.Load(t.Context(), c, listings(key, ""), func(context.Context) ([]string, error) {
					if n%7 == 0 {
						return nil, io.ErrUnexpectedEOF
					}
					return []string{key}, nil
				})
				switch {
				case err != nil && !errors.Is(err, io.ErrUnexpectedEOF), err == nil && (len(got) != 1 || got[0] != key):
					t.Errorf("got %q, %v", got, err)
				case err == nil:
					got[0] = "changed"
				}
				if n%20 == 0 {
					_ = c.Purge(t.Context(), "list")
				}
				if n%30 == 0 {
					_ = c.SoftPurge(t.Context(), "category:"+key)
				}
			}
		})
	}
	wg.Wait()
}
