package readiness_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness"
)

type custom = readiness.Custom

// finds is a check that finds the same thing every time.
func finds(severity readiness.Severity) func(context.Context) ([]readiness.Finding, error) {
	return func(context.Context) ([]readiness.Finding, error) {
		return []readiness.Finding{{Code: "own.code", Subject: "thing", Severity: severity, Title: "is wrong", Fix: "mend it"}}, nil
	}
}

func newChecker(t testing.TB, cfg readiness.Config) *readiness.Checker {
	t.Helper()
	launch, err := readiness.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return launch
}

func codes(found []readiness.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, f.Code+" "+f.Subject)
	}
	return all
}

func TestCustomChecks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, began := make(chan struct{}), time.Now()
		defer close(hang)
		r := newChecker(t, readiness.Config{Custom: []custom{
			{Name: "own", Func: finds(readiness.Blocker)},
			{Name: "bare", Func: func(context.Context) ([]readiness.Finding, error) { return make([]readiness.Finding, 1), nil }},
			{Name: "fails", Func: func(context.Context) ([]readiness.Finding, error) { return nil, errors.New("password hunter2") }},
			{Name: "panics", Func: func(context.Context) ([]readiness.Finding, error) { panic("password hunter2") }},
			{Name: "hangs", Func: func(context.Context) ([]readiness.Finding, error) { <-hang; return make([]readiness.Finding, 1), nil }},
			{Name: "waits", Func: func(ctx context.Context) ([]readiness.Finding, error) { <-ctx.Done(); return nil, ctx.Err() }},
		}, Timeout: 3 * time.Second}).Check(t.Context())
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("a check that hangs made it %v", took)
		}
		if got, want := codes(r.Findings), []string{"own.code thing", "custom.bare bare"}; !slices.Equal(got, want) {
			t.Errorf("findings %q, want %q", got, want)
		}
		if f := r.Findings[1]; f.Severity != readiness.Medium || f.Title != "a risk that the check bare found" {
			t.Errorf("a bare finding became %+v", f)
		}
		want := []string{"custom.failed fails", "custom.failed hangs", "custom.failed panics", "custom.failed waits"}
		if got := codes(r.Unknown); !slices.Equal(got, want) {
			t.Errorf("unknown %q, want %q", got, want)
		}
		text, err := r.MarshalJSON()
		if err != nil || strings.Contains(string(text)+r.String(), "hunter2") {
			t.Errorf("%v, the text of an error is shown: %s", err, text)
		}
		if err := r.Err(); err != nil {
			t.Errorf("a check of one's own stops the service unasked: %v", err)
		}
	})
}

func TestStopOnNeedsTwoAnswers(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	once := func(ctx context.Context) ([]readiness.Finding, error) {
		if calls.Add(1) > 1 {
			return nil, nil
		}
		return finds(readiness.Blocker)(ctx)
	}
	tests := []struct {
		name    string
		cfg     readiness.Config
		stopped bool
		took    time.Duration
	}{
		{"not asked", readiness.Config{Custom: []custom{{Name: "own", Func: finds(readiness.Blocker)}}}, false, 0},
		{"twice", readiness.Config{StopOn: readiness.Blocker, Custom: []custom{{Name: "own", Func: finds(readiness.Blocker)}}}, true, time.Second},
		{"once", readiness.Config{StopOn: readiness.Blocker, Custom: []custom{{Name: "own", Func: once}}}, false, time.Second},
		{"below", readiness.Config{StopOn: readiness.Blocker, Custom: []custom{{Name: "own", Func: finds(readiness.High)}}}, false, 0},
		{"high", readiness.Config{StopOn: readiness.High, Custom: []custom{{Name: "own", Func: finds(readiness.High)}}}, true, time.Second},
		{"no time left", readiness.Config{StopOn: readiness.High, Timeout: 500 * time.Millisecond, Custom: []custom{{Name: "own", Func: finds(readiness.High)}}}, false, 500 * time.Millisecond},
		{"environment", readiness.Config{Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: lookup(nil)}, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := newChecker(t, tt.cfg).Check(t.Context()).Err()
				if took := time.Since(began); (err != nil) != tt.stopped || took != tt.took {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

func TestOnlyLeavesTheRestOut(t *testing.T) {
	t.Parallel()
	r := newChecker(t, readiness.Config{
		Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: lookup(nil), Only: []string{"env"}, Domain: "acme.example",
		Custom: []custom{{Name: "own", Func: finds(readiness.Blocker)}},
	}).Check(t.Context())
	if got := codes(r.Findings); !slices.Equal(got, []string{"env.missing A"}) || len(r.Handover) > 0 || r.Blind() {
		t.Errorf("got %q, %v", got, r.Handover)
	}
}

func TestCheckSurvivesFunctionsThatPanic(t *testing.T) {
	t.Parallel()
	r := newChecker(t, readiness.Config{
		Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: func(string) (string, bool) { panic("no") }, Progress: func(int, time.Duration) { panic("no") },
		Custom: []custom{{Name: "own", Func: finds(readiness.High)}},
	}).Check(t.Context())
	if got, want := codes(r.Unknown), []string{"check.failed environment"}; !slices.Equal(got, want) || len(r.Findings) != 1 {
		t.Errorf("unknown %q, findings %v", got, r.Findings)
	}
}

// TestRun holds that Run logs changes alone, and does not take what it could
// not look at for a change.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.InfoLevel)
		var runs atomic.Int32
		launch := newChecker(t, readiness.Config{Interval: time.Minute, Logger: zap.New(core), Custom: []custom{{Name: "own", Func: func(ctx context.Context) ([]readiness.Finding, error) {
			switch runs.Add(1) {
			case 1, 2, 5:
				return finds(readiness.High)(ctx)
			case 3:
				return nil, errors.New("cannot look")
			default:
				return nil, nil
			}
		}}}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- launch.Run(ctx) }()
		synctest.Wait()
		if err := launch.Run(ctx); err == nil {
			t.Error("a second Run was accepted")
		}
		time.Sleep(6 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
		var got []string
		for _, e := range logs.All() {
			got = append(got, e.Message)
		}
		if want := []string{"readiness: finding", "readiness: resolved", "readiness: finding", "readiness: resolved"}; !slices.Equal(got, want) {
			t.Errorf("after %d runs the log is %q, want %q", runs.Load(), got, want)
		}
	})
}

// TestDeadResolverIsBlind holds that where no name server answers, the check
// ends at its deadline, finds nothing, and does not pass for clean.
func TestDeadResolverIsBlind(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	var progress atomic.Int32
	began := time.Now()
	r := newChecker(t, readiness.Config{
		Domain: "acme.example", Resolvers: []string{silent.LocalAddr().String()}, Timeout: 300 * time.Millisecond, Only: []string{"dns", "mail", "web"},
		Progress: func(_ int, left time.Duration) { progress.Add(1) },
	}).Check(t.Context())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if len(r.Findings) > 0 || !r.Blind() || len(r.Unknown) == 0 {
		t.Errorf("blind: %v, got %v", r.Blind(), r)
	}
	if progress.Load() == 0 {
		t.Error("Progress was not called")
	}
	failures := &recorder{}
	r.Require(failures, readiness.Blocker)
	if len(failures.lines) != 1 || !strings.Contains(failures.lines[0], "could not look") {
		t.Errorf("Require says %q", failures.lines)
	}
}

// TestCheckEndsInTimeWhateverHangs holds Timeout against functions of the
// user's that never return.
func TestCheckEndsInTimeWhateverHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		var calls atomic.Int32
		launch := newChecker(t, readiness.Config{
			Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: func(string) (string, bool) { <-hang; return "", false },
			Progress: func(int, time.Duration) { calls.Add(1); <-hang }, Timeout: 3 * time.Second, StopOn: readiness.Blocker,
			Custom: []custom{{Name: "own", Func: finds(readiness.High)}},
			Accept: []readiness.Acceptance{{Code: "env.missing", Until: "2999-12-31", Reason: "later"}},
		})
		for range 2 {
			began := time.Now()
			r := launch.Check(t.Context())
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("it took %v", took)
			}
			if got, want := codes(r.Unknown), []string{"check.timeout environment"}; !slices.Equal(got, want) || len(r.Findings) != 1 || len(r.Accepted) > 0 {
				t.Errorf("unknown %q, findings %v, accepted %v", got, r.Findings, r.Accepted)
			}
			if strings.Contains(r.String(), "1 variable") {
				t.Errorf("it says that the environment was checked: %s", r)
			}
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls of Progress in flight", n)
		}
	})
}

// TestProgressThatHangsHoldsNothingUp holds that it costs a moment, and not
// the rest of Timeout.
func TestProgressThatHangsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		began := time.Now()
		newChecker(t, readiness.Config{Progress: func(int, time.Duration) { <-hang }, Custom: []custom{{Name: "own", Func: func(context.Context) ([]readiness.Finding, error) {
			time.Sleep(time.Second)
			return nil, nil
		}}}}).Check(t.Context())
		if took := time.Since(began); took > 1100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

// TestCustomFindingsAreEscaped holds that what a check of one's own copies
// from elsewhere rules neither a terminal nor a log.
func TestCustomFindingsAreEscaped(t *testing.T) {
	t.Parallel()
	const evil = "a\x1b[31m\nBLOCKER\u202e\u0085\xff"
	core, logs := observer.New(zap.InfoLevel)
	r := newChecker(t, readiness.Config{Logger: zap.New(core), Custom: []custom{{Name: "own", Func: func(context.Context) ([]readiness.Finding, error) {
		return []readiness.Finding{{Subject: evil, Title: evil + "ü", Detail: evil + " ana@acme.example", Evidence: []string{evil}, Fix: evil, Code: "own." + evil}}, nil
	}}}}).Check(t.Context())
	const want = `a\x1b[31m\nBLOCKER\u202e\u0085\xff`
	f := r.Findings[0]
	if f.Subject != want || f.Title != want+"ü" || f.Evidence[0] != want || f.Fix != want || f.Code != "own."+want || strings.Contains(f.Detail, "ana@") {
		t.Errorf("got %+v", f)
	}
	var all, markdown strings.Builder
	if err := errors.Join(r.WriteStyled(&all, readiness.TextStyle{All: true}), r.WriteMarkdown(&markdown)); err != nil {
		t.Fatal(err)
	}
	text, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{all.String(), markdown.String(), string(text)}
	for _, e := range logs.All() {
		for _, v := range e.ContextMap() {
			parts = append(parts, fmt.Sprint(v))
		}
	}
	shown := strings.Join(parts, "\n")
	if strings.ContainsAny(shown, "\x1b\u202e\u0085") || strings.Contains(shown, "\nBLOCKER") {
		t.Errorf("shown raw: %q", shown)
	}
}

func BenchmarkCheck(b *testing.B) {
	launch := newChecker(b, readiness.Config{
		Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: lookup(map[string]string{"A": "x"}),
		Custom: []custom{{Name: "own", Func: finds(readiness.High)}},
	})
	b.ReportAllocs()
	for b.Loop() {
		launch.Check(b.Context())
	}
}
