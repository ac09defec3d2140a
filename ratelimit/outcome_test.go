package ratelimit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/ratelimit"
)

// script is what a handler does: "succeed", "fail", "panic" or a status.
func scripted(w http.ResponseWriter, r *http.Request) {
	for step := range strings.FieldsSeq(r.Header.Get("Do")) {
		switch step {
		case "succeed":
			ratelimit.Succeed(w)
		case "fail":
			ratelimit.Fail(w)
		case "panic":
			panic(http.ErrAbortHandler)
		case "wrapped":
			ratelimit.Succeed(unwrapper{w})
		case "hidden":
			ratelimit.Succeed(struct{ http.ResponseWriter }{w})
		case "401":
			w.WriteHeader(http.StatusUnauthorized)
		case "200":
			w.WriteHeader(http.StatusOK)
		}
	}
}

type unwrapper struct{ http.ResponseWriter }

func (u unwrapper) Unwrap() http.ResponseWriter { return u.ResponseWriter }

func do(h http.Handler, what string) (code int) {
	defer func() {
		if recover() != nil {
			code = -1
		}
	}()
	return send(h, "POST", "/", anna, func(r *http.Request) { r.Header.Set("Do", what) }).Code
}

func counting(tb testing.TB, count ratelimit.Count, limit int, edit func(*ratelimit.Rule)) *ratelimit.Limiter {
	rule := ratelimit.Rule{Name: "r", Limit: limit, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}, Count: count}
	if edit != nil {
		edit(&rule)
	}
	return mustNew(tb, ratelimit.Config{Rules: []ratelimit.Rule{rule}})
}

func used(tb testing.TB, l *ratelimit.Limiter, rule, key string, limit int) int {
	tb.Helper()
	d, err := l.Allow(tb.Context(), rule, key)
	if err != nil {
		tb.Fatal(err)
	}
	if !d.Allowed {
		return limit
	}
	return limit - d.Remaining - 1
}

func TestWhatIsASuccess(t *testing.T) {
	t.Parallel()
	listed := func(r *ratelimit.Rule) { r.SuccessStatus = []int{200} }
	for _, tt := range []struct {
		name, do string
		edit     func(*ratelimit.Rule)
		counted  int
	}{
		{name: "silence is none", do: "", counted: 1},
		{name: "a status is none", do: "200", counted: 1},
		{name: "declared", do: "succeed"},
		{name: "declared, with a bad status", do: "succeed 401"},
		{name: "declared after the answer", do: "200 succeed"},
		{name: "declared through a wrapped writer", do: "wrapped"},
		{name: "a writer that hides the declaration", do: "hidden", counted: 1},
		{name: "the last declaration counts", do: "succeed fail", counted: 1},
		{name: "and the other way round", do: "fail succeed"},
		{name: "panic", do: "panic", counted: 1},
		{name: "panic after a success", do: "succeed panic", counted: 1},
		{name: "listed status", do: "200", edit: listed},
		{name: "listed status, implicit", do: "", edit: listed},
		{name: "other status", do: "401", edit: listed, counted: 1},
		{name: "listed status, declared a failure", do: "fail 200", edit: listed, counted: 1},
		{name: "other status, declared a success", do: "succeed 401", edit: listed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := counting(t, ratelimit.Failures, 10, tt.edit)
			do(l.Middleware(http.HandlerFunc(scripted)), tt.do)
			if got := used(t, l, "r", "192.0.2.1", 10); got != tt.counted {
				t.Errorf("%d counted, want %d", got, tt.counted)
			}
		})
	}
}

func TestAnOfficeLogsIn(t *testing.T) {
	t.Parallel()
	h := counting(t, ratelimit.Failures, 3, nil).Middleware(http.HandlerFunc(scripted))
	for i := range 100 {
		if code := do(h, "succeed"); code != 200 {
			t.Fatalf("login %d: %d", i, code)
		}
	}
	for i, want := range []int{200, 200, 200, 429, 429} {
		if code := do(h, ""); code != want {
			t.Errorf("failure %d: %d, want %d", i, code, want)
		}
	}
	if code := do(h, "succeed"); code != 429 {
		t.Errorf("a login after the failures: %d", code)
	}
}

// A hundred guesses at once are a hundred guesses: what is in flight counts.
func TestGuessesAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		reached := 0
		h := counting(t, ratelimit.Failures, 5, nil).Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			reached++
			mu.Unlock()
			time.Sleep(time.Second)
		}))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { do(h, "") })
		}
		wg.Wait()
		if reached != 5 {
			t.Errorf("%d guesses reached the handler, want 5", reached)
		}
	})
}

// A success that took long is given back to the window that it was counted
// in, and never to another one.
func TestARefundFindsItsWindow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		takes time.Duration
		want  int
	}{
		{name: "the same", takes: time.Second, want: 3},
		{name: "the previous", takes: time.Hour, want: 3},
		{name: "one long ago", takes: 5 * time.Hour, want: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := counting(t, ratelimit.Failures, 10, nil)
				failing := l.Middleware(http.HandlerFunc(scripted))
				for range 3 {
					do(failing, "")
				}
				slow := l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					time.Sleep(tt.takes)
					ratelimit.Succeed(w)
				}))
				do(slow, "")
				if got := used(t, l, "r", "192.0.2.1", 10); got != tt.want {
					t.Errorf("%d counted, want %d", got, tt.want)
				}
			})
		})
	}
}

func TestResetOnSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := counting(t, ratelimit.ResetOnSuccess, 3, func(r *ratelimit.Rule) {
			r.Keys = []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")}
			r.Penalty = ratelimit.Penalty{After: 5, First: time.Minute}
		})
		h := l.Middleware(http.HandlerFunc(scripted))
		login := func(email, what string) int {
			return send(h, "POST", "/?email="+email, anna, func(r *http.Request) { r.Header.Set("Do", what) }).Code
		}
		for i, step := range []struct {
			email, do string
			want      int
		}{
			{"a", "", 200},
			{"a", "", 200},
			{"a", "succeed", 200},
			{"b", "", 200},
			{"b", "", 200},
			{"a", "", 200},
			{"a", "", 200},
			{"a", "", 200},
			{"a", "", 429},
			{"b", "", 200},
			{"b", "", 429},
		} {
			if code := login(step.email, step.do); code != step.want {
				t.Errorf("step %d: %d, want %d", i, code, step.want)
			}
		}
	})
}

// A handler inside two limiters tells both.
func TestNestedLimiters(t *testing.T) {
	t.Parallel()
	outer, inner := counting(t, ratelimit.Failures, 5, nil), counting(t, ratelimit.Failures, 5, nil)
	do(outer.Middleware(inner.Middleware(http.HandlerFunc(scripted))), "succeed")
	for _, l := range []*ratelimit.Limiter{outer, inner} {
		if got := used(t, l, "r", "192.0.2.1", 5); got != 0 {
			t.Errorf("%d counted, want none", got)
		}
	}
}

// Whoever forgets Succeed is told by the first denial, and only by that.
func TestAForgottenSucceedIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		count ratelimit.Count
		first string
		want  int
	}{
		{name: "forgotten", count: ratelimit.Failures, want: 1},
		{name: "not forgotten", count: ratelimit.Failures, first: "succeed"},
		{name: "not needed", count: ratelimit.All},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.WarnLevel)
			l := mustNew(t, ratelimit.Config{Logger: zap.New(core), Rules: []ratelimit.Rule{
				{Name: "r", Limit: 2, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP()}, Count: tt.count},
			}})
			h := l.Middleware(http.HandlerFunc(scripted))
			do(h, tt.first)
			for range 5 {
				do(h, "")
			}
			got := logs.FilterMessageSnippet("ratelimit.Succeed(w)").All()
			if len(got) != tt.want || len(got) > 0 && got[0].ContextMap()["rule"] != "r" {
				t.Errorf("logged %v", logs.All())
			}
		})
	}
}

// Outside every limiter a declaration does nothing.
func TestSucceedWithoutALimiter(t *testing.T) {
	t.Parallel()
	ratelimit.Succeed(httptest.NewRecorder())
	ratelimit.Fail(httptest.NewRecorder())
}
