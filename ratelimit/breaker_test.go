package ratelimit_test

import (
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// rest finds out for how long the breaker lets its store alone from now on,
// and claims the next try.
func rest(t *testing.T, b *ratelimit.Breaker, now time.Time) time.Duration {
	t.Helper()
	for d := time.Duration(0); d < time.Minute; d += time.Millisecond {
		if b.Try(now.Add(d)) {
			return d
		}
	}
	t.Fatal("never tried again")
	return 0
}

func within(t *testing.T, what string, got, around time.Duration) {
	t.Helper()
	if got < around*3/4 || got > around*5/4+time.Millisecond {
		t.Errorf("%s: rests for %s, want about %s", what, got, around)
	}
}

func TestBreakerOpensWithTheFirstFailure(t *testing.T) {
	t.Parallel()
	var b ratelimit.Breaker
	period, ok := b.Enter()
	if s := b.State(); !ok || s.Breaker != "closed" || s.Outages != 0 {
		t.Fatalf("the zero value: %t, %+v", ok, s)
	}
	if !b.Fail(period, "timeout", noon) {
		t.Error("the first failure did not open it")
	}
	if b.Fail(period, "connection", noon) {
		t.Error("a call of the same moment opened it again")
	}
	if _, ok := b.Enter(); ok {
		t.Error("somebody waits for a store that is down")
	}
	if s := b.State(); s.Breaker != "open" || s.Reason != "timeout" || s.Outages != 1 || !s.Since.Equal(noon) {
		t.Errorf("state %+v", s)
	}
}

// What happened once and is over was no outage.
func TestBreakerForgivesAHiccup(t *testing.T) {
	t.Parallel()
	var b ratelimit.Breaker
	old, _ := b.Enter()
	b.Fail(old, "timeout", noon)
	if !b.Try(noon) {
		t.Fatal("the store is not tried at once")
	}
	if b.State().Breaker != "probing" {
		t.Errorf("state %+v", b.State())
	}
	if b.Try(noon) {
		t.Error("two tries at a time")
	}
	if !b.Tried("", noon.Add(time.Millisecond)) {
		t.Error("one good try did not close it")
	}
	period, ok := b.Enter()
	if !ok || period == old {
		t.Errorf("period %d after %d, %t", period, old, ok)
	}
	if b.Fail(old, "timeout", noon.Add(2*time.Millisecond)) {
		t.Error("a failure from before opened it again")
	}
	if b.Try(noon.Add(time.Hour)) {
		t.Error("a closed breaker tries")
	}
}

func TestBreakerRestsLonger(t *testing.T) {
	t.Parallel()
	var b ratelimit.Breaker
	period, _ := b.Enter()
	now := noon
	b.Fail(period, "timeout", now)
	b.Try(now)
	for _, around := range []time.Duration{100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000} {
		if b.Tried("READONLY", now) {
			t.Fatal("a try that failed closed it")
		}
		d := rest(t, &b, now)
		within(t, "after another failure", d, around*time.Millisecond)
		now = now.Add(d)
	}
	if s := b.State(); s.Reason != "READONLY" {
		t.Errorf("state %+v", s)
	}
	// It takes three in a row.
	for i, result := range []string{"", "", "timeout", "", "", ""} {
		closed := b.Tried(result, now)
		if closed != (i == 5) {
			t.Fatalf("try %d: closed %t", i, closed)
		}
		if !closed {
			now = now.Add(rest(t, &b, now))
		}
	}
	if _, ok := b.Enter(); !ok {
		t.Error("closed, and asks nothing")
	}
}

// A store that fails every few calls is left alone for longer and longer.
func TestBreakerDoesNotFlap(t *testing.T) {
	t.Parallel()
	var b ratelimit.Breaker
	now := noon
	for i, around := range []time.Duration{0, 100, 200, 400, 800} {
		period, ok := b.Enter()
		if !ok || !b.Fail(period, "timeout", now) {
			t.Fatalf("outage %d did not open it", i)
		}
		d := rest(t, &b, now)
		within(t, "outage", d, around*time.Millisecond)
		now = now.Add(d)
		tries := 1
		for ; !b.Tried("", now); tries++ {
			now = now.Add(rest(t, &b, now))
		}
		if want := min(1+2*i, 3); tries != want {
			t.Errorf("outage %d was over after %d tries, want %d", i, tries, want)
		}
		now = now.Add(9 * time.Second)
	}
	// A calm time later it is a hiccup again.
	now = now.Add(2 * time.Second)
	period, _ := b.Enter()
	b.Fail(period, "timeout", now)
	if !b.Try(now) || !b.Tried("", now) {
		t.Error("an old outage is held against the store")
	}
}
