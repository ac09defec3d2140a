package ratelimit_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/httprate"

	"github.com/launchready/readiness/ratelimit"
)

var _ httprate.LimitCounter = (*ratelimit.Counter)(nil)

// What httprate documents holds with the counter plugged in: the limit, the
// headers, the increment of a request, and the sliding window, step by step
// the same as with httprate's own counter.
func TestCounterBehavesAsHttpratesOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key := func(r *http.Request) (string, error) { return r.RemoteAddr, nil }
		ours := httprate.LimitBy(5, time.Minute, key, httprate.WithLimitCounter(ratelimit.NewCounter()))(ok)
		own := httprate.LimitBy(5, time.Minute, key)(ok)
		for step, wait := range []time.Duration{0, 0, 0, 10, 0, 0, 0, 20, 30, 1, 1, 5, 10, 0, 20, 60, 0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 59, 1, 119, 0, 0, 300, 0} {
			time.Sleep(wait * time.Second)
			for _, remote := range []string{anna, ben} {
				increment := func(r *http.Request) {
					if step%7 == 3 {
						*r = *r.WithContext(httprate.WithIncrement(r.Context(), 2))
					}
				}
				got, want := send(ours, "GET", "/", remote, increment), send(own, "GET", "/", remote, increment)
				if got.Code != want.Code {
					t.Fatalf("step %d: %d, httprate's own %d", step, got.Code, want.Code)
				}
				for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Increment", "X-Ratelimit-Reset", "Retry-After"} {
					if g, w := got.Header().Get(name), want.Header().Get(name); g != w {
						t.Errorf("step %d: %s is %q, httprate's own %q", step, name, g, w)
					}
				}
			}
		}
	})
}

func TestCounterCounts(t *testing.T) {
	t.Parallel()
	w0 := time.Date(2030, 1, 1, 0, 0, 17, 0, time.UTC) // windows need not begin on the minute
	w1, w2, w3 := w0.Add(time.Minute), w0.Add(2*time.Minute), w0.Add(3*time.Minute)
	c := ratelimit.NewCounter()
	c.Config(100, time.Minute)
	want := func(what string, at, before time.Time, current, previous int) {
		t.Helper()
		if cur, prev, err := c.Get("k", at, before); cur != current || prev != previous || err != nil {
			t.Errorf("%s: %d and %d, %v; want %d and %d", what, cur, prev, err, current, previous)
		}
	}
	add := func(at time.Time, n int) {
		t.Helper()
		if err := c.IncrementBy("k", at, n); err != nil {
			t.Error(err)
		}
	}
	want("empty", w1, w0, 0, 0)
	if err := c.Increment("k", w0); err != nil {
		t.Error(err)
	}
	add(w0, 4)
	want("first window", w0, w0.Add(-time.Minute), 5, 0)
	want("next window", w1, w0, 0, 5)
	add(w1, 2)
	want("both windows", w1, w0, 2, 5)
	add(w0, 3)
	want("one more that was slow over the end", w1, w0, 2, 8)
	add(w1, -1)
	want("taken back", w1, w0, 1, 8)
	add(w1, -100)
	want("taken back more than there was", w1, w0, 0, 8)
	add(w2, 7)
	want("third window", w2, w1, 7, 0)
	add(w0, 9)
	want("too old to count", w2, w1, 7, 0)
	want("both are over", w3.Add(time.Minute), w3, 0, 0)
	c.Config(100, time.Minute)
	want("the same configuration", w2, w1, 7, 0)
	c.Config(100, time.Hour)
	want("another one", w2, w1, 0, 0)
}

// Where httprate's own counter forgets everybody's window when one request was
// slow over its end, this one forgets nobody's.
func TestCounterForgetsNoWindow(t *testing.T) {
	t.Parallel()
	const workers, each = 256, 50
	c := ratelimit.NewCounter()
	c.Config(1, time.Second)
	w0 := time.Unix(1_000_000, 0)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for j := range each {
				at := w0
				if (i+j)%2 == 0 {
					at = at.Add(time.Second)
				}
				_ = c.IncrementBy("shared", at, 1)
				_ = c.IncrementBy(strconv.Itoa(i), at, 1)
			}
		})
	}
	wg.Wait()
	if cur, prev, _ := c.Get("shared", w0.Add(time.Second), w0); cur != workers*each/2 || prev != workers*each/2 {
		t.Errorf("%d and %d, want %d each", cur, prev, workers*each/2)
	}
	for i := range workers {
		if cur, prev, _ := c.Get(strconv.Itoa(i), w0.Add(time.Second), w0); cur != each/2 || prev != each/2 {
			t.Fatalf("key %d: %d and %d, want %d each", i, cur, prev, each/2)
		}
	}
}

// A flood of keys takes no more memory than the cap, never counts a key too
// low, and does not touch a key that was there before.
func TestCounterIsBounded(t *testing.T) {
	t.Parallel()
	c := ratelimit.NewCounter()
	c.Config(1, time.Second)
	at := time.Unix(1_000_000, 0)
	_ = c.IncrementBy("victim", at, 3)
	for i := range 2 * ratelimit.MaxKeys {
		_ = c.Increment(strconv.Itoa(i), at)
	}
	if n := ratelimit.CounterKeys(c); n > ratelimit.MaxKeys {
		t.Errorf("%d keys are held", n)
	}
	if cur, _, _ := c.Get("victim", at, at.Add(-time.Second)); cur != 3 {
		t.Errorf("the victim's count is %d, want 3", cur)
	}
	for i := range 2 * ratelimit.MaxKeys {
		if cur, _, _ := c.Get(strconv.Itoa(i), at, at.Add(-time.Second)); cur < 1 {
			t.Fatalf("key %d is counted %d times", i, cur)
		}
	}
}
