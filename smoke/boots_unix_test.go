//go:build unix

package smoke_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

func TestBootsKillsWhatDoesNotStop(t *testing.T) {
	t.Parallel()
	r := record(t)
	smoke.BootsWithin(r, time.Minute, time.Minute, 50*time.Millisecond, self(t), service(t, "deaf server"), "-addr", "{addr}")
	if len(r.failed) > 0 || len(r.logged) != 1 || !strings.HasSuffix(r.logged[0], " did not end within 50ms of SIGTERM and was killed") {
		t.Errorf("%q %q", r.failed, r.logged)
	}
}

// told is where a process connects to while it lives: came is closed when it
// has connected, gone when it has ended.
func told(t *testing.T) (addr string, came, gone chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came, gone = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		c, err := l.Accept()
		if err != nil {
			return
		}
		close(came)
		_, _ = io.Copy(io.Discard, c) // it sends nothing
		_ = c.Close()
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-gone
	})
	return l.Addr().String(), came, gone
}

// A child that ignores the end of its parent is ended with it, also where it
// keeps the output open.
func TestBootsLeavesNoChild(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{"parent": "", "orphans": " exited with status 4 after "} {
		addr, _, _ := told(t) // it waits for the end at the end of the test
		env := service(t, mode)
		env["TELL"] = addr
		r := record(t)
		smoke.BootsWithin(r, time.Minute, time.Minute, time.Minute, self(t), env, "-addr", "{addr}")
		switch {
		case want == "" && len(r.failed) > 0:
			t.Error(r.failed)
		case want != "" && !strings.Contains(r.one(t), want):
			t.Error(r.failed)
		}
	}
}

// TestHelperBoots waits for a program for longer than anybody would.
func TestHelperBoots(t *testing.T) {
	tell := os.Getenv("SMOKE_TELL")
	if tell == "" {
		t.Skip("run by other tests")
	}
	env := service(t, "tells")
	env["TELL"] = tell
	smoke.BootsWithin(t, time.Hour, time.Hour, time.Minute, self(t), env)
}

// An interrupt of the test ends the program first, and then the test.
func TestBootsIsInterrupted(t *testing.T) {
	t.Parallel()
	if signal.Ignored(os.Interrupt) {
		t.Skip("interrupts are ignored here")
	}
	addr, came, gone := told(t)
	cmd := exec.CommandContext(t.Context(), self(t), "-test.run", "^TestHelperBoots$")
	cmd.Env = append(os.Environ(), "SMOKE_TELL="+addr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-came
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-gone
	err := cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("the test ended with %v", err)
	}
}
