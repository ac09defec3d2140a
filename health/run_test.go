package health_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

var errDown = errors.New("dial 10.0.3.7: password hunter2 refused")

// switchable is a dependency whose health the test decides.
type switchable struct {
	down  atomic.Bool
	calls atomic.Int64
}

func (s *switchable) check(context.Context) error {
	s.calls.Add(1)
	if s.down.Load() {
		return errDown
	}
	return nil
}

func TestChecksRunAtOnceAndThenAtTheirInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var db switchable
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Func: db.check}}})
		defer stop()
		if got := probe(c.ReadyHandler()); got != pass || db.calls.Load() != 1 {
			t.Fatalf("after start: %s with %d calls", got, db.calls.Load())
		}
		began := time.Now()
		time.Sleep(15*time.Second - 1)
		synctest.Wait()
		if got := db.calls.Load(); got != 1 {
			t.Errorf("%d calls within one interval", got)
		}
		time.Sleep(10*time.Minute - 15*time.Second + 1)
		if got := db.calls.Load(); got < 37 || got > 41 { // every 15 to 16.5 s
			t.Errorf("%d calls in ten minutes", got)
		}
		if s := c.Snapshot(); !s.Since.Equal(began) || !s.Checks[0].Since.Equal(began) || s.Checks[0].Checked.Equal(began) {
			t.Errorf("nothing has changed since %s: %+v", began, s)
		}
	})
}

func TestRequiredClosesReadinessAfterFailAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var db switchable
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Func: db.check, Required: true}}})
		defer stop()
		db.down.Store(true)
		var got []string
		for range 4 {
			time.Sleep(16500 * time.Millisecond)
			synctest.Wait()
			s := c.Snapshot()
			got = append(got, fmt.Sprintf("%s %s", probe(c.ReadyHandler()), s.State))
		}
		want := []string{warn + " degraded", warn + " degraded", fail + " failing", fail + " failing"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		s := c.Snapshot().Checks[0]
		if s.Failures < 4 || s.LastError != errDown.Error() || s.Name != "db" || !s.Required {
			t.Errorf("snapshot %+v", s)
		}
		db.down.Store(false)
		time.Sleep(16500 * time.Millisecond)
		synctest.Wait()
		s = c.Snapshot().Checks[0]
		if got := probe(c.ReadyHandler()); got != pass || s.Failures != 0 || s.State != health.Passing || s.LastError == "" {
			t.Errorf("recovered: %s, %+v", got, s)
		}
	})
}

func TestRequiredThatNeverPassedIsNotShielded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var db switchable
		db.down.Store(true)
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Func: db.check, Required: true}}})
		defer stop()
		if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != fail || startup != pass {
			t.Errorf("ready %s, startup %s", ready, startup)
		}
	})
}

func TestOptionalOnlyDegrades(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mail, db switchable
		mail.down.Store(true)
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "mail", Func: mail.check, FailAfter: 1},
			{Name: "db", Func: db.check, Required: true},
		}})
		defer stop()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		s := c.Snapshot()
		if got := probe(c.ReadyHandler()); got != warn || s.State != health.Degraded || s.Checks[0].State != health.Failing {
			t.Errorf("%s, %+v", got, s)
		}
	})
}

func TestStartingIsBoundedByTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "ok", Func: well},
			{Name: "hangs", Func: func(context.Context) error { <-release; return nil }, Timeout: 3 * time.Second},
		}})
		if ready, startup, s := probe(c.ReadyHandler()), probe(c.StartupHandler()), c.Snapshot().State; ready != fail || startup != fail || s != health.Starting {
			t.Errorf("while starting: ready %s, startup %s, %s", ready, startup, s)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != warn || startup != pass {
			t.Errorf("after the time-out: ready %s, startup %s", ready, startup)
		}
		close(release)
		stop()
	})
}

func TestAHangingCheckRunsOnceAndCountsEachInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls, now, most atomic.Int64
		hang := make(chan error)
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Required: true, Func: func(context.Context) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			if calls.Add(1) == 2 {
				return <-hang // ignores its context
			}
			return nil
		}}}})
		time.Sleep(16500*time.Millisecond + 2*time.Second)
		synctest.Wait()
		if s := c.Snapshot(); s.State != health.Degraded || s.Checks[0].LastError != "timed out after 2s" {
			t.Errorf("after the time-out: %+v", s)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		s := c.Snapshot()
		if s.State != health.Failing || s.Checks[0].Failures < 4 || calls.Load() != 2 || s.Checks[0].Duration < 45*time.Second {
			t.Errorf("after a minute: %+v, %d calls", s, calls.Load())
		}
		failures := s.Checks[0].Failures
		hang <- errDown
		synctest.Wait()
		if s := c.Snapshot().Checks[0]; s.Failures != failures || s.LastError != "timed out after 2s: "+errDown.Error() {
			t.Errorf("after it returned: %+v", s)
		}
		time.Sleep(16500 * time.Millisecond)
		synctest.Wait()
		if got := probe(c.ReadyHandler()); got != pass || most.Load() != 1 {
			t.Errorf("recovered: %s; at most %d at once", got, most.Load())
		}
		stop()
	})
}

func TestATimeoutKeepsTheRealError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "wrapped", Func: func(ctx context.Context) error {
				<-ctx.Done()
				return fmt.Errorf("reading the banner: %w", ctx.Err())
			}},
			{Name: "bare", Func: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		}})
		defer stop()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		checks := c.Snapshot().Checks
		if got := checks[0].LastError; got != "timed out after 2s: reading the banner: context deadline exceeded" {
			t.Errorf("wrapped: %q", got)
		}
		if got := checks[1].LastError; got != "timed out after 2s" {
			t.Errorf("bare: %q", got)
		}
		if checks[0].Failures != 1 || checks[1].Failures != 1 {
			t.Errorf("one run counted twice: %+v", checks)
		}
	})
}

type panickyError struct{}

func (*panickyError) Error() string { panic("in Error") }

func TestAPanicIsAFailure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(context.Context) error
		want string
	}{
		{"panic", func(context.Context) error { panic("boom") }, "panic: boom"},
		{"nil dereference", func(context.Context) error { var p *int; *p = 1; return nil }, "panic: runtime error: invalid memory address or nil pointer dereference"},
		{"Goexit", func(context.Context) error { runtime.Goexit(); return nil }, "the check ended its goroutine"},
		{"an error that panics", func(context.Context) error { return &panickyError{} }, "panic: in Error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, stop := start(t, health.Config{Checks: []health.Check{{Name: "x", Func: tt.run}}})
				defer stop()
				s := c.Snapshot().Checks[0]
				if s.LastError != tt.want || s.State != health.Degraded || probe(c.ReadyHandler()) != warn {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestTheLogTellsChangesAndNoErrorText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.DebugLevel)
		var db switchable
		c, stop := start(t, health.Config{Logger: zap.New(core), Checks: []health.Check{
			{Name: "db", Func: db.check},
			{Name: "bad", Func: func(context.Context) error { panic(errDown) }},
		}})
		db.down.Store(true)
		time.Sleep(5 * time.Minute)
		db.down.Store(false)
		time.Sleep(time.Minute)
		stop()
		if got := c.Snapshot().Checks[0].State; got != health.Passing {
			t.Fatalf("state %s", got)
		}
		failed := logs.FilterMessage("health check failed").FilterField(zap.String("check", "db")).All()
		if len(failed) != 2 || failed[0].ContextMap()["state"] != "degraded" || failed[1].ContextMap()["state"] != "failing" {
			t.Errorf("changes of db: %v", failed)
		}
		if n := logs.FilterMessage("health check passes again").Len(); n != 1 {
			t.Errorf("%d recoveries", n)
		}
		panics := logs.FilterField(zap.String("reason", "panic")).All()
		if len(panics) == 0 || !strings.Contains(fmt.Sprint(panics[0].ContextMap()["stack"]), "run_test.go") {
			t.Errorf("no stack for a panic: %v", panics)
		}
		for _, e := range logs.All() {
			if text := fmt.Sprint(e.Message, e.ContextMap()); strings.Contains(text, "hunter2") {
				t.Errorf("an error's text in the log: %s", text)
			}
		}
	})
}

func TestRunEndsAndReadinessWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		core, logs := observer.New(zapcore.WarnLevel)
		c, stop := start(t, health.Config{Logger: zap.New(core), Checks: []health.Check{
			{Name: "heeds", Func: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, Timeout: 5 * time.Second},
			{Name: "ignores", Func: func(context.Context) error { <-release; return nil }, Timeout: 10 * time.Second},
		}})
		if err := c.Run(t.Context()); err == nil {
			t.Error("a second Run is no error")
		}
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took != 9*time.Second {
			t.Errorf("Run returned after %s, want what was left of the time-out", took)
		}
		left := logs.FilterMessage("health check did not return when its context ended").All()
		if len(left) != 1 || left[0].ContextMap()["check"] != "ignores" {
			t.Errorf("left behind: %v", left)
		}
		if got := probe(c.ReadyHandler()); got != fail || c.Snapshot().State != health.Draining {
			t.Errorf("after Run: %s, %s", got, c.Snapshot().State)
		}
		close(release)
	})
}

func TestARunCutShortIsNoResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "slow", Func: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		}})
		stop()
		if s := c.Snapshot().Checks[0]; s.Failures != 0 || s.State != health.Starting {
			t.Errorf("%+v", s)
		}
	})
}

func TestNoChecksPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{})
		defer stop()
		if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != pass || startup != pass {
			t.Errorf("ready %s, startup %s", ready, startup)
		}
	})
}

// A machine that is too busy to look in time finds both: the run's answer and
// the end of its time.
func TestARunThatReturnedIsNotBlamed(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	close(stop)
	for range 100 {
		done := make(chan int, 1)
		if _, returned := health.Await(done, stop); returned {
			t.Fatal("nothing has returned")
		}
		done <- 7
		if found, returned := health.Await(done, stop); !returned || found != 7 {
			t.Fatal("the answer was there")
		}
	}
}
