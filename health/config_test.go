package health_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/health"
)

func well(context.Context) error { return nil }

func TestNewReportsEveryProblem(t *testing.T) {
	t.Parallel()
	c, err := health.New(health.Config{StartupTimeout: 30, Checks: []health.Check{
		{Name: "db", Func: well},
		{},
		{Name: "db", Func: well, Interval: -time.Second, FailAfter: -1},
		{Name: "unit", Func: well, Interval: 15, Timeout: 2},
		{Name: "slow", Func: well, Interval: time.Second, Timeout: time.Minute},
		{Name: "quick", Func: well, Interval: time.Second}, // its time-out is cut to fit
		{Name: "never again", Func: well, Interval: math.MaxInt64, Timeout: time.Hour, Initial: health.Draining},
		{Name: "default", Func: well, Timeout: 16 * time.Second, Initial: "passed"},
	}})
	if c != nil || !errors.Is(err, health.ErrConfig) {
		t.Fatalf("got %v, %v", c, err)
	}
	want := []string{
		"health: StartupTimeout: must be at least 1ms, got 30ns: use 0 for the default of 30s",
		"health: Checks[1].Name: is empty",
		"health: Checks[1].Func: is nil",
		`health: Checks[2].Name: "db" is the name of Checks[0] already`,
		"health: Checks[2].Interval: must be at least 1ms, got -1s",
		"health: Checks[2].FailAfter: must be positive, got -1",
		"health: Checks[3].Interval: must be at least 1ms, got 15ns",
		"health: Checks[3].Timeout: must be at least 1ms, got 2ns",
		"health: Checks[4].Timeout: must not be longer than Interval (1s), got 1m0s",
		"health: Checks[6].Interval: must be at most 8760h0m0s, got 2562047h47m16.854775807s",
		`health: Checks[6].Initial: must be "starting", "passing", "degraded" or "failing", got "draining"`,
		"health: Checks[7].Timeout: must not be longer than Interval (15s), got 16s",
		`health: Checks[7].Initial: must be "starting", "passing", "degraded" or "failing", got "passed"`,
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d:\n%v", len(got), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("problem %d:\n%s\nwant it to begin with\n%s", i, got[i], want[i])
		}
	}
	if one, ok := errors.AsType[*health.ConfigError](err); !ok || one.Path != "StartupTimeout" {
		t.Errorf("the first problem's path: %v", one)
	}
}

func TestStructsForUsersStayOpen(t *testing.T) {
	t.Parallel()
	for _, v := range []any{health.Config{}, health.Check{}, health.ServeConfig{}} {
		if reflect.TypeOf(v).Comparable() {
			t.Errorf("%T is comparable: it lacks its first field", v)
		}
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	c, err := health.New(health.Config{Release: "v1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Snapshot().Release; got != "v1.2.3" {
		t.Errorf("release %q", got)
	}
}
