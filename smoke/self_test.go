package smoke_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

// runSelf runs tests of this binary in a process of their own.
func runSelf(t *testing.T, pattern string, env ...string) string {
	t.Helper()
	args := []string{"-test.run", pattern, "-test.v"}
	if slices.Contains(env, "SMOKE_SHORT=1") {
		args = append(args, "-test.short")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return string(out)
}

// TestHelperMarket is what a user's test looks like; the tests of Test run it.
func TestHelperMarket(t *testing.T) {
	if os.Getenv("SMOKE_HELPER") == "" {
		t.Skip("run by other tests")
	}
	smoke.Test(t, smoke.Config{Handler: newSite(inInput).handler(), Steps: marketSteps(), LookupEnv: credentials})
}

// TestHelperBroken has a step that fails, one that needs it and one that does
// not.
func TestHelperBroken(t *testing.T) {
	if os.Getenv("SMOKE_HELPER") == "" {
		t.Skip("run by other tests")
	}
	smoke.Test(t, smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{
		smoke.Page("/nothing").Keep("id", `(\d+)`).Owner("web"),
		smoke.Page("/listings/{id}"),
		smoke.Page("/"),
	}})
}

// TestHelperUnset skips without a failure before.
func TestHelperUnset(t *testing.T) {
	if os.Getenv("SMOKE_HELPER") == "" {
		t.Skip("run by other tests")
	}
	smoke.Test(t, smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{
		smoke.Do("find", func(*smoke.Session) error { return nil }),
		smoke.Page("/listings/{id}"),
	}})
}

// TestHelperMeasured measures and remembers.
func TestHelperMeasured(t *testing.T) {
	if os.Getenv("SMOKE_HELPER") == "" {
		t.Skip("run by other tests")
	}
	smoke.Test(t, smoke.Config{
		Handler: newSite(inInput).handler(), Release: "v2", Memory: smoke.Dir(os.Getenv("SMOKE_HELPER")),
		Steps: []smoke.Step{smoke.Page("/")},
		Performance: smoke.Performance{
			N: 10, Endpoints: []smoke.Step{smoke.Page("/"), smoke.Page("/nothing").Owner("web")},
			Load: smoke.Load{Users: 2, For: 100 * time.Millisecond, Pause: time.Millisecond},
		},
	})
}

func TestMeasuredSubtests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	green := `{"version":1,"runs":[{"release":"v1","target":"in-process handler","started":"2026-11-26T10:30:00Z","ok":true}]}`
	if err := os.WriteFile(filepath.Join(dir, "smoke.json"), []byte(green), 0o600); err != nil {
		t.Fatal(err)
	}
	const whole, quick = "TestHelperMeasured/load_of_2_users_for_100ms", "--- PASS: TestHelperMeasured/p95_of_GET_/ "
	out := runSelf(t, "^TestHelperMeasured$", "SMOKE_HELPER="+dir)
	for _, want := range []string{
		quick, "--- FAIL: TestHelperMeasured/p95_of_GET_/nothing", "3 of 3 calls failed, the first: GET /nothing answered 404 Not Found, expected 200 (owner: web)",
		"--- PASS: " + whole + "/p95_of_GET_/,_2_users_every_1ms", "--- FAIL: " + whole + "/p95_of_GET_/nothing,_2_users_every_1ms", "last green: v1, checked 2026-11-26 10:30 UTC",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out = runSelf(t, "^TestHelperMeasured$", "SMOKE_HELPER="+dir, "SMOKE_SHORT=1")
	if strings.Contains(out, whole) || !strings.Contains(out, quick) {
		t.Errorf("the load with -short:\n%s", out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "smoke.json"))
	if err != nil || strings.Count(string(data), `"release":"v2"`) != 2 {
		t.Errorf("%v in %s", err, data)
	}
}

func TestSubtests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, run string
		want      []string
	}{
		{"broken", "^TestHelperBroken$", []string{
			"--- FAIL: TestHelperBroken/GET_/nothing", "GET /nothing answered 404 Not Found, expected 200 (owner: web)", "> GET https://smoke.test/nothing",
			"--- SKIP: TestHelperBroken/GET_/listings/{id}", "needs the value {id}", "--- PASS: TestHelperBroken/GET_/",
		}},
		{"unset", "^TestHelperUnset$", []string{"--- FAIL: TestHelperUnset/GET_/listings/{id}", "not run: needs the value {id}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := runSelf(t, tt.run, "SMOKE_HELPER=1")
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}
