package smoke_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// runSelf runs tests of this binary in a process of their own.
func runSelf(t *testing.T, pattern string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", pattern, "-test.v")
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
