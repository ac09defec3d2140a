package smoke

import (
	"fmt"
	"testing"
)

// Test runs every step of cfg as a subtest of its own, in order, and fails t
// where cfg is wrong. Where -run picks some of the subtests, the others are
// still run, silently, because a step needs what those before it did. A step
// that is skipped without any failure before it fails its subtest: a check
// that looks at nothing is no success.
func Test(t *testing.T, cfg Config) {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := c.start(t.Context())
	defer r.end()
	broken := false
	if c.settling.Path != "" {
		result := r.settle()
		t.Run(result.Name, func(t *testing.T) { tell(t, result, false) })
		broken = result.Outcome == Failed
	}
	for _, s := range c.steps {
		picked := false
		title := s.title()
		if s.session != "" {
			title += " as " + s.session
		}
		t.Run(title, func(t *testing.T) {
			picked = true
			result := r.step(s)
			tell(t, result, broken)
			broken = broken || result.Outcome == Failed
		})
		if !picked {
			broken = r.step(s).Outcome == Failed || broken
		}
	}
}

// tell gives a result to its subtest.
func tell(t testing.TB, result StepResult, broken bool) {
	t.Helper()
	owner := ""
	if result.Owner != "" {
		owner = fmt.Sprintf(" (owner: %s)", result.Owner)
	}
	for _, text := range result.Warnings {
		t.Log("warning: " + text)
	}
	for _, text := range result.Info {
		t.Log("information: " + text)
	}
	switch {
	case result.Outcome == Failed:
		t.Errorf("%s%s\n\n%s", result.Verdict, owner, result.Detail)
	case result.Outcome == Skipped && broken:
		t.Skip(result.Verdict)
	case result.Outcome == Skipped:
		t.Errorf("not run: %s%s", result.Verdict, owner)
	case result.Verdict != "":
		t.Log(result.Verdict)
	}
}
