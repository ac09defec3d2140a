//go:build unix

package process_test

import (
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, script string, output io.Writer) *process.Process {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sh is not installed")
	}
	p, err := process.Start(shell, t.TempDir(), []string{"NAME=value"}, []string{"-c", script}, output)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAProgramEndsByItself(t *testing.T) {
	t.Parallel()
	var out process.Tail
	p := start(t, `echo "$NAME"; echo "$HOME" >&2; exit 7`, &out)
	<-p.Exited()
	if killed := p.End(time.Minute); killed || !p.Over() || p.State.ExitCode() != 7 || p.Lasted <= 0 {
		t.Errorf("killed: %t, %v after %s", killed, p.State, p.Lasted)
	}
	if got := out.String(); got != "value\n\n" || out.Cut() {
		t.Errorf("printed %q", got)
	}
}

// Who heeds SIGTERM is not killed, and who does not is; a child that holds the
// output goes with either.
func TestAProgramIsEnded(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]bool{
		`trap 'echo bye; exit 0' TERM; sleep 600 & echo up; wait`:      false,
		`trap '' TERM; echo up; while :; do sleep 600 & wait $!; done`: true,
	} {
		var out process.Tail
		p := start(t, script, &out)
		for !strings.Contains(out.String(), "up") {
			time.Sleep(time.Millisecond) // until it can be asked
		}
		patience := time.Minute
		if want {
			patience = 50 * time.Millisecond
		}
		if killed := p.End(patience); killed != want || strings.Contains(out.String(), "bye") == want {
			t.Errorf("%s: killed: %t, %q", script, killed, out.String())
		}
	}
}

func TestWhatCannotStart(t *testing.T) {
	t.Parallel()
	if _, err := process.Start("/nowhere/program", t.TempDir(), nil, nil, io.Discard); err == nil {
		t.Error("it started")
	}
}

func TestTailIsBounded(t *testing.T) {
	t.Parallel()
	var out process.Tail
	line := strings.Repeat("x", 999) + "\n"
	for range 1000 {
		_, _ = io.WriteString(&out, line) // never fails
	}
	_, _ = io.WriteString(&out, "end")
	if got := out.String(); len(got) > 128<<10 || !strings.HasSuffix(got, "\nend") || !out.Cut() {
		t.Errorf("%d bytes are kept, cut: %t", len(got), out.Cut())
	}
}
