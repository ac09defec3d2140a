package health_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// cloggedLog is a log that blocks once it is clogged, as a pipe does that
// nobody reads any more. A check's loop that writes to it stands still.
type cloggedLog struct {
	zapcore.Core
	clogged atomic.Bool
	free    chan struct{}
}

func newCloggedLog() (*cloggedLog, *zap.Logger, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.InfoLevel)
	l := &cloggedLog{Core: core, free: make(chan struct{})}
	return l, zap.New(l), logs
}

func (l *cloggedLog) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, l)
}

func (l *cloggedLog) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if l.clogged.Load() {
		<-l.free
	}
	return l.Core.Write(e, fields)
}

func TestAResultOlderThanThreeIntervalsIsStale(t *testing.T) {
	t.Parallel()
	for _, required := range []bool{false, true} {
		t.Run(fmt.Sprintf("required %v", required), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log, logger, logs := newCloggedLog()
				var db switchable
				c, stop := start(t, health.Config{Logger: logger, Checks: []health.Check{
					{Name: "db", Func: db.check, Interval: 5 * time.Second, Required: required},
					{Name: "quiet", Func: well, Interval: 5 * time.Second}, // writes nothing: goes on
				}})
				log.clogged.Store(true)
				db.down.Store(true)
				for db.calls.Load() < 2 {
					time.Sleep(time.Second)
					synctest.Wait()
				}
				failed := c.Snapshot().Checks[0].Checked
				time.Sleep(time.Until(failed.Add(15*time.Second - 1)))
				synctest.Wait()
				if s := c.Snapshot().Checks[0]; s.State != health.Degraded || probe(c.ReadyHandler()) != warn {
					t.Errorf("after just less than three intervals: %s, %+v", probe(c.ReadyHandler()), s)
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				want := map[bool]string{false: warn, true: fail}[required]
				s := c.Snapshot()
				if got := probe(c.ReadyHandler()); got != want || s.Checks[0].State != health.Stale || !s.Checks[0].Since.Equal(time.Now()) {
					t.Errorf("after three intervals: %s, %+v", got, s)
				}
				if s.Checks[0].LastError != errDown.Error() || s.Checks[1].State != health.Passing || db.calls.Load() != 2 {
					t.Errorf("%+v after %d calls", s, db.calls.Load())
				}
				if got := query(c.DetailsHandler(), "verbose"); !strings.Contains(got, "[-]db stale since ") || !strings.Contains(got, "stale: the last result is older than three intervals of 5s; before that: "+errDown.Error()) || strings.Contains(got, "; required\n") != required {
					t.Errorf("details: %s", got)
				}
				log.clogged.Store(false)
				close(log.free)
				db.down.Store(false)
				time.Sleep(11 * time.Second)
				synctest.Wait()
				if got := probe(c.ReadyHandler()); got != pass {
					t.Errorf("once the loop goes on: %s", got)
				}
				if logs.FilterField(zap.String("reason", "stale")).FilterField(zap.String("check", "db")).Len() != 1 {
					t.Errorf("the log does not tell once that a result went stale: %v", logs.All())
				}
				stop()
			})
		})
	}
}

func TestNothingGoesStaleWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, logger, _ := newCloggedLog()
		var db switchable
		c, stop := start(t, health.Config{Logger: logger, Checks: []health.Check{{Name: "db", Func: db.check}}})
		log.clogged.Store(true)
		db.down.Store(true)
		time.Sleep(17 * time.Second)
		go c.Drain() // the log holds it up, but not what it does
		synctest.Wait()
		if got := probe(c.ReadyHandler()); got != fail {
			t.Errorf("draining with a clogged log: %s", got)
		}
		time.Sleep(time.Hour)
		s := c.Snapshot()
		if s.State != health.Draining || s.Checks[0].State != health.Degraded || db.calls.Load() != 2 {
			t.Errorf("an hour into draining, without a result: %+v", s)
		}
		close(log.free)
		stop()
		time.Sleep(time.Hour)
		if s := c.Snapshot().Checks[0].State; s == health.Stale {
			t.Errorf("after Run: %s", s)
		}
	})
}

// TestAResultOfADrainingCheckerDoesNotGoStale has the loop stand still only
// after a result that came in while draining.
func TestAResultOfADrainingCheckerDoesNotGoStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, logger, _ := newCloggedLog()
		var db switchable
		c, stop := start(t, health.Config{Logger: logger, Checks: []health.Check{{Name: "db", Func: db.check}}})
		c.Drain()
		log.clogged.Store(true)
		db.down.Store(true)
		time.Sleep(time.Hour)
		if s := c.Snapshot().Checks[0]; s.State != health.Degraded || db.calls.Load() != 2 {
			t.Errorf("%d calls, %+v", db.calls.Load(), s)
		}
		close(log.free)
		stop()
	})
}

// TestOneResultAfterTheOtherGoesStale has a log that blocks as soon as it is
// told of the first.
func TestOneResultAfterTheOtherGoesStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, logger, _ := newCloggedLog()
		var soon, late switchable
		c, stop := start(t, health.Config{Logger: logger, Checks: []health.Check{
			{Name: "soon", Func: soon.check, Interval: 5 * time.Second},
			{Name: "late", Func: late.check, Interval: 60 * time.Second, Required: true},
		}})
		log.clogged.Store(true)
		soon.down.Store(true)
		late.down.Store(true)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if s := c.Snapshot(); probe(c.ReadyHandler()) != warn || s.Checks[0].State != health.Stale || s.Checks[1].State != health.Degraded {
			t.Errorf("%s, %+v", probe(c.ReadyHandler()), s)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if s := c.Snapshot(); probe(c.ReadyHandler()) != fail || s.Checks[1].State != health.Stale {
			t.Errorf("%s, %+v", probe(c.ReadyHandler()), s)
		}
		close(log.free)
		stop()
	})
}

// TestReadersOfAStaleResultWaitForNothing reads while everything that writes
// is stuck.
func TestReadersOfAStaleResultWaitForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, logger, _ := newCloggedLog()
		var db switchable
		c, stop := start(t, health.Config{Logger: logger, Checks: []health.Check{{Name: "db", Func: db.check, Required: true}}})
		log.clogged.Store(true)
		db.down.Store(true)
		time.Sleep(5 * time.Minute)
		began := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if got := probe(c.ReadyHandler()); got != fail {
					t.Error(got)
				}
				_ = query(c.DetailsHandler(), "")
				_ = c.Snapshot()
			})
		}
		wg.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %s", took)
		}
		close(log.free)
		stop()
	})
}

func TestStartupTimeoutLetsASlowCheckNotHoldTheStart(t *testing.T) {
	t.Parallel()
	for _, required := range []bool{false, true} {
		t.Run(fmt.Sprintf("required %v", required), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				slow := func(context.Context) error { time.Sleep(50 * time.Second); return nil }
				c, stop := start(t, health.Config{StartupTimeout: 20 * time.Second, Checks: []health.Check{
					{Name: "slow", Func: slow, Timeout: time.Minute, Interval: time.Minute, Required: required},
					{Name: "ok", Func: well},
				}})
				defer stop()
				time.Sleep(20*time.Second - 1)
				synctest.Wait()
				if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != fail || startup != fail || c.Snapshot().State != health.Starting {
					t.Errorf("before StartupTimeout: ready %s, startup %s", ready, startup)
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				want := map[bool]string{false: warn, true: fail}[required]
				s := c.Snapshot().Checks[0]
				if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != want || startup != pass || s.State != health.Stale || s.Failures != 0 {
					t.Errorf("at StartupTimeout: ready %s, startup %s, %+v", ready, startup, s)
				}
				if got := query(c.DetailsHandler(), "verbose"); !strings.Contains(got, ": no result yet") {
					t.Errorf("details: %s", got)
				}
				time.Sleep(30 * time.Second)
				synctest.Wait()
				if got := probe(c.ReadyHandler()); got != pass {
					t.Errorf("after the result: %s", got)
				}
			})
		})
	}
}

func TestStartupTimeoutIsHalfAMinuteByDefault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "slow", Func: func(context.Context) error { <-release; return nil }, Timeout: time.Minute, Interval: time.Minute},
		}})
		time.Sleep(30*time.Second - 1)
		before := probe(c.StartupHandler())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if after := probe(c.StartupHandler()); before != fail || after != pass {
			t.Errorf("just before 30 s: %s; then: %s", before, after)
		}
		close(release)
		synctest.Wait()
		stop()
	})
}

func TestInitial(t *testing.T) {
	t.Parallel()
	tests := []struct {
		initial        health.State
		required       bool
		ready, startup string
		afterOne       string // failed run
	}{
		{"", true, fail, fail, fail},
		{health.Starting, false, fail, fail, warn},
		{health.Passing, false, pass, pass, warn},
		{health.Passing, true, pass, pass, warn}, // shielded by FailAfter
		{health.Degraded, true, warn, pass, fail},
		{health.Failing, true, fail, pass, fail},
		{health.Failing, false, warn, pass, warn},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s required %v", tt.initial, tt.required), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				slow := func(context.Context) error { time.Sleep(time.Second); return errDown }
				c, err := health.New(health.Config{Checks: []health.Check{{Name: "x", Func: slow, Initial: tt.initial, Required: tt.required}}})
				if err != nil {
					t.Fatal(err)
				}
				if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != fail || startup != fail {
					t.Errorf("before Run: ready %s, startup %s", ready, startup)
				}
				ctx, cancel := context.WithCancel(t.Context())
				ran := make(chan error, 1)
				go func() { ran <- c.Run(ctx) }()
				synctest.Wait()
				if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != tt.ready || startup != tt.startup {
					t.Errorf("before the first result: ready %s, startup %s", ready, startup)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != tt.afterOne || startup != pass {
					t.Errorf("after a failure: ready %s, startup %s", ready, startup)
				}
				cancel()
				if err := <-ran; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestAnInitialStateGoesStaleToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		c, stop := start(t, health.Config{StartupTimeout: time.Second, Checks: []health.Check{{Name: "x", Func: slow, Initial: health.Passing, Required: true}}})
		defer stop()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := probe(c.ReadyHandler()); got != fail || c.Snapshot().Checks[0].State != health.Stale {
			t.Errorf("nobody has looked for a second: %s", got)
		}
	})
}

func TestAReadinessThatDrainsBeforeItStartedKeepsStartupHonest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "x", Func: func(context.Context) error { time.Sleep(time.Second); return nil }}}})
		defer stop()
		c.Drain()
		if got := probe(c.StartupHandler()); got != fail {
			t.Errorf("startup before the first result: %s", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != fail || startup != pass {
			t.Errorf("ready %s, startup %s", ready, startup)
		}
	})
}
