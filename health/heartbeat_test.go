package health_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
)

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		check, beat := health.Heartbeat("mail worker", time.Minute)
		if check.Name != "mail worker" || check.Required || check.Interval != 15*time.Second {
			t.Errorf("%+v", check)
		}
		time.Sleep(time.Hour) // the program prepares: nobody has looked yet
		c, stop := start(t, health.Config{Checks: []health.Check{check}})
		defer stop()
		state := func() health.CheckSnapshot { synctest.Wait(); return c.Snapshot().Checks[0] }
		if s := state(); s.State != health.Passing {
			t.Errorf("no beat yet, and none due: %+v", s)
		}
		time.Sleep(50 * time.Second)
		if s := state(); s.State != health.Passing {
			t.Errorf("before the first beat is due: %+v", s)
		}
		time.Sleep(27 * time.Second) // within, one look, and its jitter
		if s := state(); s.State != health.Failing || s.Failures == 0 || probe(c.ReadyHandler()) != warn || probe(c.LiveHandler()) != pass {
			t.Errorf("the worker never began: %s, %+v", probe(c.ReadyHandler()), s)
		}
		for range 10 {
			beat(nil)
			time.Sleep(50 * time.Second)
		}
		if s := state(); s.State != health.Passing {
			t.Errorf("a beat every 50 s: %+v", s)
		}
		beat(errDown)
		time.Sleep(17 * time.Second)
		if s := state(); s.State != health.Failing || s.LastError != errDown.Error() {
			t.Errorf("a round that went wrong: %+v", s)
		}
		beat(nil)
		time.Sleep(17 * time.Second)
		if s := state(); s.State != health.Passing {
			t.Errorf("a round that went well after it: %+v", s)
		}
		time.Sleep(time.Hour)
		if s := state(); s.State != health.Failing || probe(c.ReadyHandler()) != warn {
			t.Errorf("the worker stands still: %+v", s)
		}
	})
}

func TestHeartbeatSaysForHowLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		check, beat := health.Heartbeat("job", 10*time.Second)
		ask := func() string { return text(check.Func(t.Context())) }
		for _, tt := range []struct {
			wait time.Duration
			want string
		}{
			{0, ""},
			{10 * time.Second, ""},
			{1, "no beat yet, 10s after the start"},
			{5 * time.Second, "no beat yet, 15s after the start"},
		} {
			time.Sleep(tt.wait)
			if got := ask(); got != tt.want {
				t.Errorf("after %s more: %q, want %q", tt.wait, got, tt.want)
			}
		}
		beat(nil)
		time.Sleep(10 * time.Second)
		if got := ask(); got != "" {
			t.Errorf("just within: %q", got)
		}
		time.Sleep(10 * time.Second)
		if got := ask(); got != "no beat for 20s, which is longer than 10s" {
			t.Errorf("got %q", got)
		}
	})
}

func TestHeartbeatLooksOftenEnough(t *testing.T) {
	t.Parallel()
	for within, want := range map[time.Duration]time.Duration{
		2 * time.Millisecond: time.Millisecond, time.Second: 500 * time.Millisecond, 30 * time.Second: 15 * time.Second, 24 * time.Hour: 15 * time.Second,
	} {
		check, _ := health.Heartbeat("x", within)
		if _, err := health.New(health.Config{Checks: []health.Check{check}}); err != nil || check.Interval != want {
			t.Errorf("%s: %s, %v", within, check.Interval, err)
		}
	}
}
