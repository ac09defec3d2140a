package smoke

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"
)

// Test runs every step of cfg as a subtest of its own, in order, and fails t
// where cfg is wrong. Where -run picks some of the subtests, the others are
// still run, silently, because a step needs what those before it did. A step
// that is skipped without any failure before it fails its subtest: a check
// that looks at nothing is no success. What [Config.Performance] names is
// measured after the steps, its Load not with -short; Config.Memory is kept as
// by [Checker.Check].
func Test(t *testing.T, cfg Config) {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := c.start(t.Context())
	defer r.end()
	report := Report{Started: time.Now()}
	r.recall()
	broken := false
	for _, task := range r.tasks() {
		if task.long && testing.Short() {
			continue
		}
		picked := false
		t.Run(task.title, func(t *testing.T) {
			t.Helper()
			picked = true
			results := task.run()
			report.Steps = append(report.Steps, results...)
			if len(results) == 1 {
				tell(t, c.owned(results[0]), broken)
				return
			}
			for _, result := range results {
				t.Run(result.title(), func(t *testing.T) {
					t.Helper()
					tell(t, c.owned(result), broken)
				})
			}
		})
		if !picked {
			report.Steps = append(report.Steps, task.run()...)
		}
		broken = slices.ContainsFunc(report.Steps, func(s StepResult) bool { return s.Outcome == Failed })
	}
	report = r.finish(report)
	for _, text := range report.Warnings {
		t.Log("warning: " + text)
	}
	for _, text := range report.Info {
		t.Log("information: " + text)
	}
	if report.LastGreen != nil {
		t.Log("last green: " + report.LastGreen.summary())
	}
}

// owned is a result that names somebody, if anybody is named.
func (c *Checker) owned(result StepResult) StepResult {
	result.Owner = cmp.Or(result.Owner, c.owner)
	return result
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
