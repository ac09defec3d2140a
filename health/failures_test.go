package health_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
	"go.uber.org/goleak"
)

// The twelve ways in which health endpoints are known to harm what they are
// to protect, one test each.

// 1. Each time-out leaves a goroutine behind. Not parallel: it looks at all
// goroutines of the process. The dependency is a real server that hangs.
func TestFailure1TimeoutsLeaveNoGoroutine(t *testing.T) {
	hang := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-hang:
		}
	}))
	before := goleak.IgnoreCurrent()
	address := strings.TrimPrefix(srv.URL, "http://")
	var timeouts atomic.Int64
	enough := make(chan struct{})
	counted := func(ask func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			err := ask(ctx)
			if err != nil && timeouts.Add(1) == 100 {
				close(enough)
			}
			return err
		}
	}
	c, err := health.New(health.Config{Checks: []health.Check{
		{Name: "http", Func: counted(health.HTTP(srv.URL)), Interval: 4 * time.Millisecond, Timeout: 2 * time.Millisecond},
		{Name: "tcp", Func: health.TCP(address), Interval: 4 * time.Millisecond},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	<-enough
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	close(hang)
	srv.Close()
	goleak.VerifyNone(t, before)
}

// The same with a dependency that cannot be told to stop: it holds one
// goroutine, and a hundred intervals that pass meanwhile hold no more.
func TestFailure1And3AHangingDependencyHoldsOneGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls, inside atomic.Int64
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Interval: time.Second, Func: func(context.Context) error {
			calls.Add(1)
			defer inside.Add(-1)
			inside.Add(1)
			<-release
			return nil
		}}}})
		time.Sleep(111 * time.Second)
		synctest.Wait()
		s := c.Snapshot().Checks[0]
		if s.Failures < 100 || calls.Load() != 1 || inside.Load() != 1 || s.Stuck != 1 || !s.Hanging || s.State != health.Failing {
			t.Errorf("%d calls, %d inside, %+v", calls.Load(), inside.Load(), s)
		}
		close(release)
		synctest.Wait()
		if s := c.Snapshot().Checks[0]; s.Hanging || s.Stuck != 1 {
			t.Errorf("after it returned: %+v", s)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s := c.Snapshot().Checks[0]; s.State != health.Passing || s.Stuck != 1 {
			t.Errorf("after the next run: %+v", s)
		}
		stop() // the bubble fails if a goroutine stays
	})
}

// A run that returns when its context ends is a time-out, and not stuck.
func TestATimeoutThatHeedsItsContextIsNotStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "heeds", Interval: time.Second, Func: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			{Name: "late", Interval: time.Second, Timeout: 500 * time.Millisecond, Func: func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(99 * time.Millisecond)
				return ctx.Err()
			}},
			{Name: "stuck", Interval: time.Second, Timeout: 500 * time.Millisecond, Func: func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(101 * time.Millisecond)
				return ctx.Err()
			}},
		}})
		time.Sleep(10*time.Second + 700*time.Millisecond)
		synctest.Wait()
		stop()
		time.Sleep(time.Second) // the last run may be stuck
		for i, want := range []int{0, 0, 10} {
			if s := c.Snapshot().Checks[i]; s.Stuck < want-1 || s.Stuck > want+1 || want == 0 && s.Stuck > 0 || s.Failures < 5 {
				t.Errorf("%s: %+v", s.Name, s)
			}
		}
	})
}

// 2. A check is not told that its time is up.
func TestFailure2TheContextEndsAtTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		var cause error
		_, stop := start(t, health.Config{Checks: []health.Check{{Name: "x", Timeout: 3 * time.Second, Func: func(ctx context.Context) error {
			began := time.Now()
			<-ctx.Done()
			took, cause = time.Since(began), ctx.Err()
			return cause
		}}}})
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if took != 3*time.Second || !errors.Is(cause, context.DeadlineExceeded) {
			t.Errorf("%v after %s", cause, took)
		}
		stop()
	})
}

// 4. A prober that hangs up spoils the result for everybody. 5. A slow
// dependency delays every probe: here a thousand ask all the while, with
// contexts that have ended, and the clock does not move for one of them.
func TestFailure4And5ProbesNeitherSpoilNorWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls, last atomic.Int64
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "slow", Interval: time.Second, Required: true, Func: func(ctx context.Context) error {
			if now := time.Now().UnixNano(); calls.Add(1) > 1 && now-last.Swap(now) < int64(time.Second) {
				t.Error("called twice within an interval")
			} else {
				last.Store(now)
			}
			select {
			case <-time.After(100 * time.Millisecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}}})
		defer stop()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		handlers := []http.Handler{c.LiveHandler(), c.ReadyHandler(), c.StartupHandler(), c.DetailsHandler()}
		// Before the first result, at rest, and in the middle of a run.
		for _, wait := range []time.Duration{50 * time.Millisecond, 500 * time.Millisecond, 0} {
			time.Sleep(wait)
			if wait == 0 {
				for n := calls.Load(); calls.Load() == n; {
					time.Sleep(time.Millisecond)
				}
			}
			synctest.Wait()
			began, before := time.Now(), calls.Load()
			var wg sync.WaitGroup
			var statuses [4][600]atomic.Int64
			for range 1000 {
				for i, h := range handlers {
					wg.Go(func() {
						w := httptest.NewRecorder()
						h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody).WithContext(gone))
						statuses[i][w.Code].Add(1)
					})
				}
			}
			wg.Wait()
			if took := time.Since(began); took != 0 || calls.Load() != before {
				t.Errorf("the probes took %s and caused %d calls", took, calls.Load()-before)
			}
			want := http.StatusOK
			if wait == 50*time.Millisecond { // no result yet
				want = http.StatusServiceUnavailable
			}
			if statuses[0][200].Load() != 1000 || statuses[1][want].Load() != 1000 || statuses[2][want].Load() != 1000 || statuses[3][want].Load() != 1000 {
				t.Errorf("not all were answered %d", want)
			}
		}
		time.Sleep(10 * time.Second)
		if s := c.Snapshot().Checks[0]; s.LastError != "" || calls.Load() > 13 {
			t.Errorf("%d calls within 12 s, %+v", calls.Load(), s)
		}
	})
}

// 6. Strangers read addresses and account names.
func TestFailure6ThePublicReadsOneWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, stop := start(t, health.Config{Release: "hunter2", Checks: []health.Check{
			{Name: "hunter2", Func: func(context.Context) error { return errDown }, Required: true},
			{Name: "panics", Func: func(context.Context) error { panic("hunter2") }},
		}})
		defer stop()
		for _, h := range []http.Handler{c.LiveHandler(), c.ReadyHandler(), c.StartupHandler()} {
			for _, method := range []string{"GET", "HEAD", "POST", "hunter2"} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(method, "/?verbose&exclude=panics", http.NoBody))
				if strings.Contains(fmt.Sprint(w.Header(), w.Body), "hunter2") || strings.Contains(w.Body.String(), "panics") {
					t.Errorf("%s: %v %s", method, w.Header(), w.Body)
				}
			}
		}
	})
}

// 7. A failing dependency restarts the fleet.
func TestFailure7NothingMakesLivenessFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "down", Func: func(context.Context) error { return errDown }, Required: true, FailAfter: 1},
			{Name: "hangs", Func: func(context.Context) error { <-release; return nil }, Required: true},
			{Name: "panics", Func: func(context.Context) error { panic("x") }, Required: true},
		}})
		time.Sleep(time.Hour)
		if live, ready := probe(c.LiveHandler()), probe(c.ReadyHandler()); live != pass || ready != fail {
			t.Errorf("live %s, ready %s", live, ready)
		}
		c.Drain()
		if live := probe(c.LiveHandler()); live != pass {
			t.Errorf("while draining: %s", live)
		}
		close(release)
		stop()
	})
}

// 8. One check that hangs keeps a fresh replica out for ever.
func TestFailure8AHangingCheckDoesNotKeepAReplicaOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "hangs", Func: func(context.Context) error { <-release; return nil }},
			{Name: "ok", Func: well, Required: true},
		}})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if ready, startup := probe(c.ReadyHandler()), probe(c.StartupHandler()); ready != warn || startup != pass {
			t.Errorf("ready %s, startup %s", ready, startup)
		}
		close(release)
		stop()
	})
}

// 9. A asks B, which asks A: one probe becomes an avalanche, or nobody ever
// gets ready. Here both require the other, by its liveness as the doc says,
// and look at the other's readiness, which only degrades them.
func TestFailure9CirclesEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var both [2]*health.Checker
		var calls atomic.Int64
		ask := func(peer int, handler func(*health.Checker) http.Handler) func(context.Context) error {
			return func(context.Context) error {
				calls.Add(1)
				if got := probe(handler(both[peer])); !strings.HasPrefix(got, "OK") {
					return errors.New(got)
				}
				return nil
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range both {
			c, err := health.New(health.Config{Checks: []health.Check{
				{Name: "peer", Func: ask(1-i, (*health.Checker).LiveHandler), Required: true, Interval: 10 * time.Second},
				{Name: "peer's readiness", Func: ask(1-i, (*health.Checker).ReadyHandler), Interval: 10 * time.Second},
			}})
			if err != nil {
				t.Fatal(err)
			}
			both[i] = c
		}
		for _, c := range both {
			wg.Go(func() { _ = c.Run(ctx) })
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		before := calls.Load()
		for range 100 {
			if a, b := probe(both[0].ReadyHandler()), probe(both[1].ReadyHandler()); a != pass || b != pass {
				t.Fatalf("after a minute: %s and %s", a, b)
			}
		}
		if n := calls.Load(); n != before || n > 4*7 {
			t.Errorf("%d calls, %d of them by probes", n, n-before)
		}
		cancel()
		wg.Wait()
	})
}

// 10. "timed out" hides that the password was wrong.
func TestFailure10ATimeoutKeepsTheCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c, stop := start(t, health.Config{Checks: []health.Check{{Name: "db", Func: func(ctx context.Context) error {
			switch calls.Add(1) {
			case 1:
				return errDown
			case 2:
				<-ctx.Done()
				return ctx.Err()
			case 3:
				<-ctx.Done()
				return fmt.Errorf("reading the banner: %w", os.ErrDeadlineExceeded)
			default:
				<-ctx.Done()
				return errors.New("too many connections")
			}
		}}}})
		defer stop()
		for i, want := range []struct{ last, cause string }{
			{errDown.Error(), errDown.Error()},
			{"timed out after 2s", errDown.Error()},
			{"timed out after 2s: reading the banner: i/o timeout", errDown.Error()},
			{"timed out after 2s: too many connections", "too many connections"},
		} {
			for calls.Load() < int64(i+1) {
				time.Sleep(time.Second)
				synctest.Wait()
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if s := c.Snapshot().Checks[0]; s.LastError != want.last || s.Cause != want.cause || s.LastErrorAt.IsZero() {
				t.Errorf("run %d: %+v", i+1, s)
			}
		}
	})
}

// 11. One shared dependency takes every replica out at the same moment.
func TestFailure11ABlipTakesNobodyOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared switchable
		c, stop := start(t, health.Config{Checks: []health.Check{
			{Name: "shared", Func: shared.check},
			{Name: "shared and required", Func: shared.check, Required: true},
		}})
		defer stop()
		for range 100 { // one failure at a time
			shared.down.Store(true)
			time.Sleep(17 * time.Second)
			if got := probe(c.ReadyHandler()); got != warn {
				t.Fatalf("got %s", got)
			}
			shared.down.Store(false)
			time.Sleep(17 * time.Second)
		}
	})
}

// 12. The memory statistics of the runtime stop the world at every probe.
func TestFailure12NoProbeReadsMemoryStatistics(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, costly := range []string{"ReadMemStats", "runtime/metrics", "NumGoroutine", "ReadGCStats"} {
			if strings.Contains(string(source), costly) {
				t.Errorf("%s uses %s", name, costly)
			}
		}
	}
}
