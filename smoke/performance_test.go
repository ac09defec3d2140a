package smoke_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

// paced answers each call of /slow after the next of a list of durations, the
// last of it for ever. The warm-ups take the first.
type paced struct {
	calls atomic.Int64
	took  func(call int64) time.Duration
	fails func(call int64) bool
}

func (p *paced) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/slow" {
		_, _ = fmt.Fprint(w, "Listings")
		return
	}
	n := p.calls.Add(1)
	time.Sleep(p.took(n))
	if p.fails != nil && p.fails(n) {
		http.Error(w, "no", http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprint(w, "found")
}

// slowOnes are the calls that take a second: so many after the warm-ups.
func slowOnes(slow int64, fast time.Duration) func(int64) time.Duration {
	return func(n int64) time.Duration {
		if n > 3 && n <= 3+slow {
			return time.Second
		}
		return fast
	}
}

// kept is a memory in the process.
type kept struct {
	mu   sync.Mutex
	data []byte
}

func (k *kept) memory() smoke.Memory {
	return smoke.MemoryFuncs{
		LoadFunc: func(context.Context) ([]byte, error) {
			k.mu.Lock()
			defer k.mu.Unlock()
			return k.data, nil
		},
		SaveFunc: func(_ context.Context, data []byte) error {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.data = append([]byte{}, data...)
			return nil
		},
	}
}

func measured(h http.Handler, release string, m smoke.Memory, p smoke.Performance) smoke.Config {
	if p.Endpoints == nil {
		p.Endpoints = []smoke.Step{smoke.Page("/slow").Owner("search")}
	}
	return smoke.Config{Handler: h, Release: release, Memory: m, Steps: []smoke.Step{smoke.Page("/")}, Performance: p}
}

func TestOver800IsClaimedFromFiveOfForty(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		slow  int64
		p     smoke.Performance
		calls int64
		want  string
	}{
		{"none", 0, smoke.Performance{}, 43, ""},
		{"four of forty", 4, smoke.Performance{}, 43, ""},
		{"five of forty", 5, smoke.Performance{}, 43, "5 of 40 calls took longer than 800ms: p50 100ms, p95 1s, n=40"},
		{"three of twenty", 3, smoke.Performance{N: 20}, 23, ""},
		{"four of twenty", 4, smoke.Performance{N: 20}, 23, "4 of 20 calls took longer than 800ms"},
		{"nine of a hundred", 9, smoke.Performance{N: 100}, 103, ""},
		{"ten of a hundred", 10, smoke.Performance{N: 100}, 103, "10 of 100 calls took longer"},
		{"another bound", 40, smoke.Performance{SlowerThan: time.Second}, 43, ""},
		{"just beyond another bound", 5, smoke.Performance{SlowerThan: time.Second - 1}, 43, "5 of 40 calls took longer than 999.999999ms"},
		{"all, and certain after half a minute", 1000, smoke.Performance{}, 3 + 30, "30 of 30 calls took longer than 800ms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &paced{took: slowOnes(tt.slow, 100*time.Millisecond)}
				r := checkConfig(t, measured(h, "", nil, tt.p))
				if n := h.calls.Load(); n != tt.calls {
					t.Errorf("called %d times, want %d", n, tt.calls)
				}
				if tt.want == "" {
					if err := r.Err(); err != nil {
						t.Error(err)
					}
					return
				}
				got := failed(t, r, tt.want)
				if got.Name != "p95 of GET /slow" || got.Owner != "search" || !strings.Contains(got.Detail, "time: 1s = connection reused + first byte 1s") {
					t.Errorf("%s (%s)\n%s", got.Name, got.Owner, got.Detail)
				}
			})
		})
	}
}

func TestSlowerThanTheReleaseBefore(t *testing.T) {
	t.Parallel()
	constant := func(d time.Duration) func(int64) time.Duration { return func(int64) time.Duration { return d } }
	tests := []struct {
		name   string
		before time.Duration
		took   func(int64) time.Duration
		calls  int64
		want   string
	}{
		{"the same", 100 * time.Millisecond, constant(100 * time.Millisecond), 43, ""},
		{"half a second more, once", 100 * time.Millisecond, func(n int64) time.Duration {
			if n <= 43 {
				return 600 * time.Millisecond
			}
			return 100 * time.Millisecond
		}, 86, ""},
		{"half a second more, twice", 100 * time.Millisecond, constant(600 * time.Millisecond), 86, "p95 grew from 100ms (v1) to 600ms, measured twice"},
		{"a half more, which is 40 ms", 80 * time.Millisecond, constant(120 * time.Millisecond), 43, ""},
		{"60 ms more, which is a tenth", 600 * time.Millisecond, constant(660 * time.Millisecond), 43, ""},
		{"a quarter and 50 ms exactly", 200 * time.Millisecond, constant(250 * time.Millisecond), 43, ""},
		{"a little more than both", 200 * time.Millisecond, constant(251 * time.Millisecond), 86, "p95 grew from 200ms (v1) to 251ms"},
		{"faster", 600 * time.Millisecond, constant(100 * time.Millisecond), 43, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var k kept
				if err := checkConfig(t, measured(&paced{took: constant(tt.before)}, "v1", k.memory(), smoke.Performance{})).Err(); err != nil {
					t.Fatal(err)
				}
				h := &paced{took: tt.took}
				r := checkConfig(t, measured(h, "v2", k.memory(), smoke.Performance{}))
				if n := h.calls.Load(); n != tt.calls {
					t.Errorf("called %d times, want %d", n, tt.calls)
				}
				if f := r.Figures[0]; f.Before != tt.before || f.BeforeRelease != "v1" || f.N != 40 {
					t.Errorf("compared with %s of %s, n=%d", f.Before, f.BeforeRelease, f.N)
				}
				if tt.want == "" {
					if err := r.Err(); err != nil {
						t.Error(err)
					}
					return
				}
				failed(t, r, tt.want)
				if r.LastGreen == nil || r.LastGreen.Release != "v1" {
					t.Errorf("last green: %+v", r.LastGreen)
				}
			})
		})
	}
}

// A growth is red with the release that brought it, and accepted by the next;
// a release is not compared with itself.
func TestWhatAReleaseIsComparedWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		check := func(release string, took time.Duration) smoke.Report {
			return checkConfig(t, measured(&paced{took: func(int64) time.Duration { return took }}, release, k.memory(), smoke.Performance{}))
		}
		first := check("v1", 100*time.Millisecond)
		if first.Figures[0].Before != 0 || len(first.Info) != 1 || !strings.Contains(first.Info[0], "no earlier release of in-process handler is known yet") {
			t.Errorf("the first release: %+v, %q", first.Figures[0], first.Info)
		}
		if again := check("v1", 300*time.Millisecond); again.Err() != nil || again.Figures[0].Before != 0 {
			t.Errorf("compared with itself: %+v", again.Figures[0])
		}
		check("v1", 100*time.Millisecond)
		if red := check("v2", 400*time.Millisecond); red.Err() == nil {
			t.Error("v2 passed")
		}
		if again := check("v2", 400*time.Millisecond); again.Err() == nil || again.Figures[0].BeforeRelease != "v1" || again.LastGreen.Release != "v1" {
			t.Errorf("v2 was accepted by itself: %+v", again.Figures[0])
		}
		if accepted := check("v3", 400*time.Millisecond); accepted.Err() != nil || accepted.Figures[0].BeforeRelease != "v2" {
			t.Errorf("v3 was measured by %s: %v", accepted.Figures[0].BeforeRelease, accepted.Err())
		}
		if none := check("", 100*time.Millisecond); none.Figures[0].BeforeRelease != "v3" || none.Err() != nil {
			t.Errorf("a run without a release was measured by %q", none.Figures[0].BeforeRelease)
		}
	})
}

// What is certain with the first calls is not measured away.
func TestTooSlowIsNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		if err := checkConfig(t, measured(&paced{took: quick}, "v1", k.memory(), smoke.Performance{})).Err(); err != nil {
			t.Fatal(err)
		}
		h := &paced{took: func(n int64) time.Duration {
			if n <= 43 {
				return time.Second
			}
			return 10 * time.Millisecond
		}}
		got := failed(t, checkConfig(t, measured(h, "v2", k.memory(), smoke.Performance{})), "calls took longer than 800ms")
		if !strings.Contains(got.Detail, "also: p95 grew from 10ms (v1) to 1s\n") {
			t.Errorf("the growth is told as what it is:\n%s", got.Detail)
		}
	})
}

// Many endpoints are given the time that they need.
func TestManyEndpointsFitIntoTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var endpoints []smoke.Step
		for i := range 25 {
			endpoints = append(endpoints, smoke.Page("/slow").Named(fmt.Sprintf("search %d", i)))
		}
		h := &paced{took: func(int64) time.Duration { return 300 * time.Millisecond }}
		if err := checkConfig(t, measured(h, "", nil, smoke.Performance{Endpoints: endpoints})).Err(); err != nil {
			t.Error(err)
		}
	})
}

func TestCallsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &paced{took: func(int64) time.Duration { return time.Millisecond }, fails: func(n int64) bool { return n == 20 }}
		got := failed(t, checkConfig(t, measured(h, "", nil, smoke.Performance{})), "1 of 40 calls failed, the first: GET /slow answered 500 Internal Server Error, expected 200")
		if !strings.Contains(got.Detail, "< 500 Internal Server Error") {
			t.Errorf("the failed call is not shown:\n%s", got.Detail)
		}
		h = &paced{took: func(int64) time.Duration { return time.Millisecond }, fails: func(int64) bool { return true }}
		failed(t, checkConfig(t, measured(h, "", nil, smoke.Performance{})), "3 of 3 calls failed")
		if n := h.calls.Load(); n != 3 {
			t.Errorf("called %d times", n)
		}
		hang := &paced{took: func(int64) time.Duration { return time.Hour }}
		r := checkConfig(t, measured(hang, "", nil, smoke.Performance{}))
		failed(t, r, "1 of 1 calls failed, the first: GET /slow: no answer within 10s") // one says it
		if r.Duration > 15*time.Second {
			t.Errorf("took %s", r.Duration)
		}
		time.Sleep(time.Hour) // the handler ends
	})
}

// What was not measured to its end is not green.
func TestAMeasurementThatTheEndOfTheRunCutsShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := measured(&paced{took: func(int64) time.Duration { return 300 * time.Millisecond }}, "", nil, smoke.Performance{})
		cfg.RunTimeout = 5 * time.Second
		r := checkConfig(t, cfg)
		if s := r.Steps[1]; s.Outcome != smoke.Skipped || s.Verdict != "the time of the run is over (RunTimeout 5s) after 13 calls" || r.Err() == nil {
			t.Errorf("%s %q", s.Outcome, s.Verdict)
		}
		if f := r.Figures[0]; f.N != 13 || f.Failed != 0 {
			t.Errorf("%+v", f)
		}
		time.Sleep(time.Second) // the handler ends
	})
}

func TestEndpointsInSessionsAndWithValues(t *testing.T) {
	t.Parallel()
	h := newSite(inInput).handler()
	cfg := smoke.Config{Handler: h, Steps: []smoke.Step{
		login(seller).Step().As("seller"),
		smoke.Form{Path: "/listings/new", Fields: map[string]string{"title": "Measured {run}"}}.Step().As("seller").RedirectsTo("/listings/{listing}"),
	}}
	cfg.Performance = smoke.Performance{N: 10, Endpoints: []smoke.Step{
		smoke.Page("/account").As("seller").Contains(seller),
		smoke.Page("/listings/{listing}").Contains("Measured {run}"),
		smoke.JSON("/api/health", "status"),
		smoke.Form{Path: "/listings/new", Fields: map[string]string{"title": "Measured too"}}.Step().As("seller").Writes(),
		smoke.Do("health, by hand", func(s *smoke.Session) error {
			_, err := s.Get("/api/health")
			return err
		}).Writes(),
	}}
	r := checkConfig(t, cfg)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range r.Figures {
		names = append(names, f.Name)
		if f.N != 10 || f.P50 <= 0 || f.P95 < f.P50 {
			t.Errorf("%+v", f)
		}
	}
	if got := strings.Join(names, "; "); got != "GET /account as seller; GET /listings/{listing}; GET /api/health; form /listings/new as seller; health, by hand" {
		t.Error(got)
	}
	cfg.Steps = cfg.Steps[:1]
	if _, err := smoke.New(cfg); err == nil || !strings.Contains(err.Error(), "Performance.Endpoints[1]: GET /listings/{listing}: {listing} is set by no earlier step") {
		t.Errorf("got %v", err)
	}
}

// One failure is told once: who could not sign in is not measured either.
func TestNobodyIsMeasuredWhoIsNotSignedIn(t *testing.T) {
	t.Parallel()
	wrong := login(seller)
	wrong.Secret = map[string]string{"password": "WRONG_PASSWORD"}
	r := checkConfig(t, smoke.Config{
		Handler: newSite(inInput).handler(), Steps: []smoke.Step{wrong.Step().As("seller")},
		Performance: smoke.Performance{N: 10, Endpoints: []smoke.Step{smoke.Page("/account").As("seller"), smoke.Page("/")}},
	})
	if s := r.Steps[1]; s.Outcome != smoke.Skipped || s.Verdict != "nobody is signed in: see the step login /login" {
		t.Errorf("%s %q", s.Outcome, s.Verdict)
	}
	if s := r.Steps[2]; s.Outcome != smoke.OK {
		t.Errorf("%s %q", s.Outcome, s.Verdict)
	}
}

func TestPerformanceIsChecked(t *testing.T) {
	t.Parallel()
	one := []smoke.Step{smoke.Page("/")}
	tests := []struct {
		name string
		p    smoke.Performance
		want string
	}{
		{"few calls", smoke.Performance{N: 9, Endpoints: one}, "smoke: Performance.N: must be 0, for 40, or from 10 to 1000: fewer calls say nothing of a 95th percentile, got 9"},
		{"a negative bound", smoke.Performance{SlowerThan: -1, Endpoints: one}, "smoke: Performance.SlowerThan: must not be negative, got -1ns"},
		{"a form", smoke.Performance{Endpoints: []smoke.Step{smoke.Form{Path: "/f"}.Step()}}, "smoke: Performance.Endpoints[0]: form /f: is done again and again: mark it with Writes if that is meant"},
		{"a login", smoke.Performance{Endpoints: []smoke.Step{login(seller).Step()}}, "smoke: Performance.Endpoints[0]: login /login: use Page or JSON"},
		{"a value", smoke.Performance{Endpoints: []smoke.Step{smoke.Page("/").Keep("id", "(a)")}}, "smoke: Performance.Endpoints[0]: GET /: Keep, RedirectsTo with a {value} and Links are for Steps"},
		{"twice", smoke.Performance{Endpoints: []smoke.Step{smoke.Page("/"), smoke.Page("/").Owner("x")}}, "smoke: Performance.Endpoints[1]: GET /: stands here twice: tell them apart with Named"},
		{"no such host", smoke.Performance{Endpoints: []smoke.Step{smoke.Page("/").On("api")}}, `smoke: Performance.Endpoints[0]: GET /: On("api"): no such host in Hosts`},
		{"no users", smoke.Performance{Endpoints: one, Load: smoke.Load{For: time.Second}}, "smoke: Performance.Load.Users: must be from 1 to 200, got 0"},
		{"too many users", smoke.Performance{Endpoints: one, Load: smoke.Load{Users: 201}}, "smoke: Performance.Load.Users: must be from 1 to 200, got 201"},
		{"a load on nothing", smoke.Performance{Load: smoke.Load{Users: 3}}, "smoke: Performance.Load: name what is called in Performance.Endpoints"},
		{"a live snapshot from nowhere", smoke.Performance{Live: smoke.Live{Secret: "SMOKE_PASSWORD"}}, "smoke: Performance.Live.Path: name where the snapshot is served, such as /metrics/snapshot"},
		{"a live snapshot without a token", smoke.Performance{Live: smoke.Live{Path: "/metrics/snapshot"}}, "smoke: Performance.Live.Secret: name the environment variable that holds the value"},
		{"a live snapshot elsewhere", smoke.Performance{Live: smoke.Live{Path: "//x/y", Secret: "SMOKE_PASSWORD", Host: "ops"}}, `smoke: Performance.Live.Path: must begin with one slash and hold no fragment and no {value}, got "//x/y"
smoke: Performance.Live.Host: no such host in Hosts: "ops"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := smoke.New(smoke.Config{Handler: text(""), Steps: one, Performance: tt.p, LookupEnv: credentials}); err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
	_, err := smoke.New(smoke.Config{URL: "https://market.example", Steps: one, Performance: smoke.Performance{Endpoints: one, Load: smoke.Load{Users: 30}}})
	if err == nil || !strings.Contains(err.Error(), "smoke: Performance.Load.OnURL: a load on a URL is refused") {
		t.Errorf("got %v", err)
	}
	_, err = smoke.New(smoke.Config{Handler: text(""), Steps: one, Memory: smoke.MemoryFuncs{}, Release: strings.Repeat("v", 101), Note: strings.Repeat("n", 301)})
	if err == nil || err.Error() != `smoke: Release: must be at most 100 bytes, got 101
smoke: Note: must be at most 300 bytes, got 301: the rest belongs into the description of the change
smoke: Memory: MemoryFuncs needs both LoadFunc and SaveFunc` {
		t.Errorf("got %v", err)
	}
}

// The first requirement is the exact one; the others are the binomial test at
// one in twenty.
func TestHowManySlowCallsAClaimTakes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{40: 5, 20: 4, 60: 7, 100: 10, 600: 40} {
		if got := smoke.SlowNeeded(n); got != want {
			t.Errorf("%d of %d, want %d", got, n, want)
		}
	}
}
