package ratelimit_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// Requests with several values of a field lock several keys at once, in any
// order and often in the same shard: none waits for ever, all of a request's
// keys are charged or none, and none beyond its limit.
func TestSeveralKeysAtOnce(t *testing.T) {
	t.Parallel()
	const accounts, limit, workers, each = 24, 200, 32, 300
	l := byField(t, limit, nil)
	var reached [accounts]atomic.Int64
	h := l.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for _, v := range r.URL.Query()["email"] {
			n, _ := strconv.Atoi(v)
			reached[n].Add(1)
		}
	}))
	var all sync.WaitGroup
	for worker := range uint64(workers) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(worker, 7))
			for range each {
				q := url.Values{}
				for _, n := range random.Perm(accounts)[:1+random.IntN(4)] {
					q.Add("email", strconv.Itoa(n))
				}
				send(h, "POST", "/?"+q.Encode(), anna)
			}
		})
	}
	all.Wait()
	for n := range reached {
		d, err := l.Allow(t.Context(), "email", strconv.Itoa(n))
		left := int64(d.Remaining)
		if d.Allowed {
			left++
		}
		if got := reached[n].Load(); err != nil || got+left != limit {
			t.Errorf("account %d: %d requests and %d left of %d, %v", n, got, left, limit, err)
		}
	}
}

// A refund that comes after a reset gives back nothing that it should not.
func TestRefundAfterReset(t *testing.T) {
	t.Parallel()
	l := counting(t, ratelimit.Failures, 5, nil)
	h := l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := l.Reset(r.Context(), "r", "192.0.2.1"); err != nil {
			t.Error(err)
		}
		ratelimit.Succeed(w)
	}))
	do(h, "")
	if got := used(t, l, "r", "192.0.2.1", 5); got != 0 {
		t.Errorf("%d counted", got)
	}
	if d, err := l.Allow(t.Context(), "r", "192.0.2.1"); err != nil || d.Remaining != 3 || d.RetryAfter > 2*time.Hour {
		t.Errorf("%+v, %v", d, err)
	}
}
