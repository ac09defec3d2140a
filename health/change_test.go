package health_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// heard collects what OnChange is told.
type heard struct {
	mu   sync.Mutex
	list []health.Change
}

func (h *heard) hook(_ context.Context, c health.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, c)
}

func (h *heard) changes() []health.Change {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.list)
}

func TestOnChangeIsToldEveryChangeInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var h heard
		var db switchable
		c, stop := start(t, health.Config{OnChange: h.hook, Checks: []health.Check{
			{Name: "db", Func: db.check, Required: true, FailAfter: 2, Interval: 10 * time.Second},
		}})
		db.down.Store(true)
		time.Sleep(time.Minute)
		db.down.Store(false)
		time.Sleep(12 * time.Second)
		synctest.Wait()
		since := c.Snapshot().Since
		stop()
		var got []string
		var last time.Time
		for _, one := range h.changes() {
			got = append(got, fmt.Sprintf("%s: %s -> %s %v %q", one.Check, one.From, one.To, one.Required, one.Error))
			if one.At.Before(last) {
				t.Errorf("%+v stands before its time", one)
			}
			last = one.At
			if one.Check == "" && one.To == health.Passing && one.From == health.Failing && !one.At.Equal(since) {
				t.Errorf("the recovery was at %s, told was %s", since, one.At)
			}
		}
		text := fmt.Sprintf("%q", errDown.Error())
		want := []string{
			`: not running -> starting false ""`,
			`db: starting -> passing true ""`, `: starting -> passing false ""`,
			`db: passing -> degraded true ` + text, `: passing -> degraded false ""`,
			`db: degraded -> failing true ` + text, `: degraded -> failing false ""`,
			`db: failing -> passing true ""`, `: failing -> passing false ""`,
			`: passing -> draining false ""`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestOnChangeIsToldOfStaleResults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var h heard
		log, logger, _ := newCloggedLog()
		var db switchable
		_, stop := start(t, health.Config{OnChange: h.hook, Logger: logger, Checks: []health.Check{{Name: "db", Func: db.check}}})
		log.clogged.Store(true)
		db.down.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if all := h.changes(); !slices.ContainsFunc(all, func(c health.Change) bool { return c.To == health.Stale && c.Error == errDown.Error() }) {
			t.Errorf("%+v", all)
		}
		close(log.free)
		stop()
	})
}

// TestAHangingHookHoldsNothingUp hangs in OnChange for ever, and ignores its
// context at that.
func TestAHangingHookHoldsNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.WarnLevel)
		release := make(chan struct{})
		var calls int
		var flapping switchable
		c, stop := start(t, health.Config{
			Logger: zap.New(core),
			Checks: []health.Check{{Name: "db", Interval: time.Second, FailAfter: 1, Func: func(ctx context.Context) error {
				flapping.down.Store(!flapping.down.Load())
				return flapping.check(ctx)
			}}},
			OnChange: func(context.Context, health.Change) { calls++; <-release },
		})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := flapping.calls.Load(); n < 250 || c.Snapshot().Checks[0].State == health.Stale {
			t.Errorf("%d runs, %+v", n, c.Snapshot())
		}
		if logs.FilterMessage("health: OnChange is too slow, a change was not told to it").Len() == 0 {
			t.Error("changes were dropped without a warning")
		}
		began := time.Now()
		stop()
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("Run needed %s to end", took)
		}
		if logs.FilterMessage("health: OnChange did not return when its context ended").Len() != 1 {
			t.Error("the hook that was left behind is not in the log")
		}
		close(release)
		synctest.Wait()
		if calls != 1 {
			t.Errorf("%d calls: no new one may begin after Run", calls)
		}
	})
}

func TestTheHooksContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took []time.Duration
		_, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Func: well}}, OnChange: func(ctx context.Context, _ health.Change) {
			began := time.Now()
			<-ctx.Done()
			took = append(took, time.Since(began))
		}})
		time.Sleep(30*time.Second + 1) // not running -> starting; starting -> passing, twice
		stop()                         // and draining, which gets five seconds
		if want := []time.Duration{10 * time.Second, 10 * time.Second, 10 * time.Second, 5 * time.Second}; !slices.Equal(took, want) {
			t.Errorf("got %v, want %v", took, want)
		}
	})
}

func TestAHookThatPanicsIsCalledAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.ErrorLevel)
		var calls int
		_, stop := start(t, health.Config{Logger: zap.New(core), OnChange: func(context.Context, health.Change) {
			calls++
			panic(errDown)
		}})
		stop()
		if calls != 2 || logs.Len() != 2 || // running, and draining
			strings.Contains(fmt.Sprint(logs.All()), "hunter2") {
			t.Errorf("%d calls, %v", calls, logs.All())
		}
		if stack := fmt.Sprint(logs.All()[0].ContextMap()["stack"]); !strings.Contains(stack, "change_test.go") {
			t.Errorf("no stack: %s", stack)
		}
	})
}
