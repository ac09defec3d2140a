package smoke_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/smoke"
)

// busy takes longer the more requests are in it at once.
type busy struct {
	inside, most, calls atomic.Int64
	alone, each         time.Duration
	fails               func(call int64) bool
}

func (b *busy) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	n := b.inside.Add(1)
	defer b.inside.Add(-1)
	for {
		most := b.most.Load()
		if n <= most || b.most.CompareAndSwap(most, n) {
			break
		}
	}
	time.Sleep(b.alone + time.Duration(n-1)*b.each)
	if call := b.calls.Add(1); b.fails != nil && b.fails(call) {
		http.Error(w, "no", http.StatusTooManyRequests)
		return
	}
	_, _ = fmt.Fprint(w, "Listings")
}

func underLoad(h http.Handler, m smoke.Memory, release string, l smoke.Load) smoke.Config {
	return smoke.Config{
		Handler: h, Memory: m, Release: release, Steps: []smoke.Step{smoke.Page("/")},
		Performance: smoke.Performance{Load: l, Endpoints: []smoke.Step{smoke.Page("/"), smoke.Page("/b").Owner("web")}},
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &busy{alone: 10 * time.Millisecond}
		r := checkConfig(t, underLoad(h, nil, "", smoke.Load{Users: 30}))
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		// Thirty people with a second in between are thirty requests a second.
		if n := h.calls.Load() - 1 - 2*43; n < 480 || n > 660 {
			t.Errorf("%d calls under load", n)
		}
		if len(r.Figures) != 4 || r.Figures[2].Name != "GET /, 30 users" || r.Figures[2].Source != smoke.UnderLoad || r.Figures[2].N < 200 || r.Figures[2].P95 != 10*time.Millisecond {
			t.Errorf("%+v", r.Figures)
		}
		if took := r.Duration; took < 20*time.Second || took > 22*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// What is quick alone and slow among many is found by the load only.
func TestSlowUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &busy{alone: 300 * time.Millisecond, each: 200 * time.Millisecond}
		r := checkConfig(t, underLoad(h, nil, "", smoke.Load{Users: 20, For: 10 * time.Second, Pause: 100 * time.Millisecond}))
		last := failed(t, r, "calls took longer than 800ms")
		if last.Name != "p95 of GET /b, 20 users every 100ms" || last.Owner != "web" {
			t.Errorf("%+v", last)
		}
		for _, s := range r.Steps[:3] {
			if s.Outcome != smoke.OK {
				t.Errorf("%s: %s", s.Name, s.Verdict)
			}
		}
		if most := h.most.Load(); most > 20 {
			t.Errorf("%d at once", most)
		}
	})
}

func TestErrorsUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &busy{alone: time.Millisecond, fails: func(n int64) bool { return n == 200 || n == 300 }}
		r := checkConfig(t, underLoad(h, nil, "", smoke.Load{Users: 10, For: 20 * time.Second}))
		var told []string
		for _, s := range r.Steps {
			if s.Outcome == smoke.Failed {
				told = append(told, s.Verdict)
			}
		}
		text := strings.Join(told, "; ")
		if !strings.Contains(text, "calls failed, the first: GET /") || !strings.Contains(text, "answered 429 Too Many Requests, expected 200; a limit counts all these calls as one visitor's") {
			t.Error(text)
		}
	})
}

func TestSlowerUnderLoadThanBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		l := smoke.Load{Users: 10, For: 5 * time.Second, Pause: 20 * time.Millisecond}
		if err := checkConfig(t, underLoad(&busy{alone: 10 * time.Millisecond}, k.memory(), "v1", l)).Err(); err != nil {
			t.Fatal(err)
		}
		h := &busy{alone: 10 * time.Millisecond, each: 40 * time.Millisecond}
		failed(t, checkConfig(t, underLoad(h, k.memory(), "v2", l)), "p95 grew from 10ms (v1) to")
		// The next load is another: it is not compared with that one.
		l.Users = 11
		if err := checkConfig(t, underLoad(h, k.memory(), "v2", l)).Err(); err != nil {
			t.Error(err)
		}
	})
}

// What failed under the first load stays failed, although another endpoint is
// measured once more.
func TestTheSecondLoadForgetsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k kept
		l := smoke.Load{Users: 4, For: 2 * time.Second, Pause: 100 * time.Millisecond}
		if err := checkConfig(t, underLoad(&busy{alone: time.Millisecond}, k.memory(), "v1", l)).Err(); err != nil {
			t.Fatal(err)
		}
		var calls atomic.Int64
		var began atomic.Pointer[time.Time]
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) > 1+2*43 { // the step, and the calls one after the other
				now := time.Now()
				began.CompareAndSwap(nil, &now)
			}
			if at := began.Load(); at != nil && time.Since(*at) < time.Second {
				if r.URL.Path == "/" {
					http.Error(w, "no", http.StatusInternalServerError)
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
			_, _ = fmt.Fprint(w, "Listings")
		})
		r := checkConfig(t, underLoad(h, k.memory(), "v2", l))
		for _, s := range r.Steps {
			if s.Name == "p95 of GET /, 4 users every 100ms" {
				if s.Outcome != smoke.Failed || !strings.Contains(s.Verdict, "calls failed, the first: GET / answered 500") {
					t.Errorf("%s %s", s.Outcome, s.Verdict)
				}
			} else if s.Outcome != smoke.OK {
				t.Errorf("%s: %s %s", s.Name, s.Outcome, s.Verdict)
			}
		}
		if n := calls.Load(); n < 1+2*43+100 { // two loads of some 70 requests
			t.Errorf("%d calls: the load was not repeated", n)
		}
	})
}

// An endpoint that the load never came to is not green.
func TestALoadThatCallsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := checkConfig(t, underLoad(&busy{}, nil, "", smoke.Load{Users: 1, For: 10 * time.Millisecond, Pause: time.Hour}))
		if last := r.Steps[len(r.Steps)-1]; last.Outcome != smoke.Skipped || last.Verdict != "nobody has called it: give the Load more time or users" || r.Err() == nil {
			t.Errorf("%+v", last)
		}
	})
}

func TestAnErrorPageUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if calls++; calls > 20 {
				_, _ = fmt.Fprint(w, "<html><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></html>")
				return
			}
			_, _ = fmt.Fprint(w, "<h1>Listings</h1>")
		})
		cfg := smoke.Config{Handler: h, Steps: []smoke.Step{smoke.Page("/")}, Performance: smoke.Performance{Endpoints: []smoke.Step{smoke.Page("/")}}}
		failed(t, checkConfig(t, cfg), "calls failed, the first: GET / answered 200 OK with an error page")
		calls = 0
		cfg.Performance.Endpoints[0] = cfg.Performance.Endpoints[0].Allow(smoke.ErrorPage, "the page is about them")
		if err := checkConfig(t, cfg).Err(); err != nil {
			t.Error(err)
		}
	})
}

func TestALoadEndsWithTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := underLoad(&busy{alone: 10 * time.Millisecond}, nil, "", smoke.Load{Users: 5, For: time.Hour})
		cfg.RunTimeout = 30 * time.Second
		r := checkConfig(t, cfg)
		if r.Duration > 31*time.Second {
			t.Errorf("took %s", r.Duration)
		}
		for _, f := range r.Figures {
			if f.Failed > 0 {
				t.Errorf("a call that the end of the run cut short counts as failed: %+v", f)
			}
		}
		time.Sleep(time.Second) // the handler ends
	})
}

// Over real sockets, with the race detector, in one jar.
func TestLoadOverSockets(t *testing.T) {
	t.Parallel()
	s := newSite(inInput)
	s.secure = false
	srv := httptest.NewServer(s.handler())
	defer srv.Close()
	r := checkConfig(t, smoke.Config{
		URL: srv.URL, Steps: []smoke.Step{login(seller).Step().As("seller")},
		Performance: smoke.Performance{
			N: 10, Load: smoke.Load{Users: 8, For: 300 * time.Millisecond, Pause: time.Millisecond, OnURL: true},
			Endpoints: []smoke.Step{smoke.Page("/account").As("seller").Contains(seller), smoke.JSON("/api/health", "status")},
		},
	})
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if n := r.Figures[2].N + r.Figures[3].N; n < 20 {
		t.Errorf("%d calls", n)
	}
}
