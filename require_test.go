package readiness_test

import (
	"fmt"
	"testing"

	"github.com/launchready/readiness"
)

// recorder is a TB that keeps what is said.
type recorder struct{ lines []string }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func TestRequire(t *testing.T) {
	t.Parallel()
	for severity, want := range map[readiness.Severity]int{readiness.Blocker: 3, readiness.High: 4, readiness.Medium: 5} {
		var r recorder
		mixed(t).Require(&r, severity)
		if len(r.lines) != want {
			t.Errorf("Require(%v) failed %d times, want %d", severity, len(r.lines), want)
		}
		if r.lines[0] != "blocker: PORT: not a port (env.format); fix: set PORT to a whole number from 1 to 65535, such as 8080" {
			t.Errorf("got %q", r.lines[0])
		}
	}
	var _ readiness.TB = t
}
