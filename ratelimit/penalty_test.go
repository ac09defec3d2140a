package ratelimit_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

func punished(tb testing.TB, limit int, window time.Duration, p ratelimit.Penalty) *ratelimit.Limiter {
	return mustNew(tb, ratelimit.Config{Rules: []ratelimit.Rule{
		{Name: "r", Limit: limit, Window: window, Keys: []ratelimit.Key{ratelimit.IP()}, Penalty: p},
	}})
}

// Each denial after the first two doubles the delay, up to the longest one;
// knocking during a delay changes nothing.
func TestDelaysGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := punished(t, 1, time.Second, ratelimit.Penalty{After: 2, First: time.Minute, Factor: 3, Max: 10 * time.Minute})
		allow(t, l, "192.0.2.1")
		if d := allow(t, l, "192.0.2.1"); d.Allowed || d.RetryAfter != 2*time.Second {
			t.Fatalf("the first denial is the window's own: %+v", d)
		}
		for i, want := range []time.Duration{time.Minute, 3 * time.Minute, 9 * time.Minute, 10 * time.Minute, 10 * time.Minute} {
			d := allow(t, l, "192.0.2.1")
			if d.Allowed || d.RetryAfter != want {
				t.Fatalf("round %d: %+v, want a delay of %s", i, d, want)
			}
			for left := want; left > 0; left -= want / 4 {
				if again := allow(t, l, "192.0.2.1"); again.Allowed || again.RetryAfter != left {
					t.Fatalf("round %d: knocking with %s left gave %+v", i, left, again)
				}
				if other := allow(t, l, "192.0.2.2"); left == want && !other.Allowed {
					t.Fatal("another key is refused too")
				}
				time.Sleep(want / 4)
			}
			if d := allow(t, l, "192.0.2.1"); !d.Allowed {
				t.Fatalf("round %d ends with %+v", i, d)
			}
		}
	})
}

// The count is forgotten when the last delay has been over for as long as it
// lasted, and not before.
func TestDenialsAreForgotten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rest time.Duration
		want time.Duration
	}{
		{name: "just before", rest: time.Minute - time.Millisecond, want: 2 * time.Minute},
		{name: "then", rest: time.Minute, want: time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := punished(t, 1, time.Second, ratelimit.Penalty{First: time.Minute})
				allow(t, l, "192.0.2.1")
				time.Sleep(allow(t, l, "192.0.2.1").RetryAfter + tt.rest)
				allow(t, l, "192.0.2.1")
				if d := allow(t, l, "192.0.2.1"); d.Allowed || d.RetryAfter != tt.want {
					t.Errorf("%+v, want a delay of %s", d, tt.want)
				}
			})
		})
	}
}

// A denial by one rule raises no other rule's penalty count.
func TestADenialIsTheRulesOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := mustNew(t, ratelimit.Config{Rules: []ratelimit.Rule{
			{Name: "tight", Pattern: "/x", Limit: 1, Window: time.Second, Keys: []ratelimit.Key{ratelimit.IP()}},
			{Name: "loose", Limit: 3, Window: time.Second, Keys: []ratelimit.Key{ratelimit.IP()}, Penalty: ratelimit.Penalty{First: time.Hour}},
		}})
		h := l.Middleware(ok)
		for range 50 {
			send(h, "GET", "/x", anna)
		}
		for i := range 2 {
			if w := send(h, "GET", "/y", anna); w.Code != http.StatusNoContent {
				t.Errorf("request %d: %d", i, w.Code)
			}
		}
		if w := send(h, "GET", "/y", anna); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "3600" {
			t.Errorf("its own denial: %d %v", w.Code, w.Header())
		}
	})
}

// The rule by account alone refuses nobody for longer than a minute, whatever
// an attacker does, and slows him to a few guesses a minute.
func TestAnAccountIsNeverLockedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		never := func(*http.Request) bool { return false }
		l := mustNew(t, ratelimit.Config{Rules: ratelimit.AccountRules("POST /login", never)})
		rule := l.Rules()[0].Name
		guesses, begin := 0, time.Now()
		for time.Since(begin) < 24*time.Hour {
			d, err := l.Allow(t.Context(), rule, "victim@example.com")
			if err != nil {
				t.Fatal(err)
			}
			if d.Allowed {
				guesses++
				continue
			}
			if d.RetryAfter > time.Minute {
				t.Fatalf("refused for %s", d.RetryAfter)
			}
			time.Sleep(d.RetryAfter)
		}
		if guesses > 24*60*6 {
			t.Errorf("%d guesses in a day", guesses)
		}
	})
}
