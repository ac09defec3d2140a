package smoke

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/process"
	"github.com/launchready/readiness/internal/redact"
)

// bootBounds are how long [Boots] waits, for what.
type bootBounds struct {
	answer time.Duration // for an answer at the address
	alive  time.Duration // without an address: still running then has booted
	stop   time.Duration // for the end after SIGTERM
}

// Boots starts a program as a platform does and fails t where it does not
// come up: in a folder that is new and empty, with the variables of env and no
// other, not even PATH or HOME, and with args. A configuration that is tied to
// a file or a variable of the machine it was written on shows here, and not in
// production. The path of the program is relative to the folder of the test;
// build it first.
//
// {addr} in args and in the values of env stands for a free address of this
// machine, such as 127.0.0.1:24680, and {port} for its port. Where one is
// used, the program has booted when it answers GET / there with any status
// below 500, for which it has 30 seconds. Where none is used, it has booted
// when it exits with status 0, or still runs after 3 seconds; an address is
// the better check, because many a program takes longer to fail.
//
// A failure is one line that says what happened, then what the likely reason
// is, and the last 4 KiB of the output. There «NAME» stands in place of a
// value of env, if it has 8 bytes, or 4 where the name says that it opens
// something, such as DB_PASS. The same holds for the password in an address or
// in another text with which a database is opened, for what has such a name in
// a value of JSON, and for each line of a value of several.
//
// When Boots returns, the program has ended: it gets SIGTERM, and 10 seconds
// later SIGKILL. What it leaves behind in its process group is killed too. On
// Windows, which has neither, it is killed, and what it started is not;
// SYSTEMROOT is added there, without which nothing starts. Where t.Context()
// ends or the test is interrupted, the program is ended and t fails. Boots
// never calls t.FailNow, and is safe for concurrent use.
func Boots(t testing.TB, binary string, env map[string]string, args ...string) {
	t.Helper()
	boots(t, bootBounds{answer: 30 * time.Second, alive: 3 * time.Second, stop: 10 * time.Second}, binary, env, args)
}

func boots(t testing.TB, bounds bootBounds, binary string, env map[string]string, args []string) {
	t.Helper()
	// An interrupt would end the test and leave the program behind, which is
	// out of the terminal's reach in a process group of its own.
	ctx, restore := t.Context(), func() {}
	if !signal.Ignored(os.Interrupt) { // as in the background of a shell
		ctx, restore = signal.NotifyContext(ctx, os.Interrupt)
	}
	defer restore()
	for try := 1; ; try++ {
		b := newBoot(binary, env, bounds)
		verdict := b.run(ctx, t, binary, args)
		if verdict != "" && try < 3 && b.portTaken() {
			continue // somebody was faster: no fault of the program
		}
		if b.killed {
			t.Logf("%s did not end within %s of SIGTERM and was killed", b.name, bounds.stop)
		}
		if verdict != "" {
			t.Error(b.report(verdict))
		}
		break
	}
	if t.Context().Err() == nil && ctx.Err() != nil {
		restore()
		process.InterruptSelf()
	}
}

// boot is one start of a program.
type boot struct {
	name    string // of the program, for people
	env     map[string]string
	bounds  bootBounds
	address string       // that it is to listen on, "" for none
	claim   net.Listener // what keeps others from that address
	started bool         // so that it may have printed something
	output  process.Tail
	hide    redact.Redactor // of the values of env
	killed  bool            // it had to be
}

func newBoot(binary string, env map[string]string, bounds bootBounds) *boot {
	return &boot{name: filepath.Base(binary), env: env, bounds: bounds}
}

// run starts the program, looks at it and ends it. It returns what is wrong,
// "" for nothing.
func (b *boot) run(ctx context.Context, t testing.TB, binary string, args []string) string {
	t.Helper()
	path, problem := program(binary)
	if problem != "" {
		return problem
	}
	vars, args, problem := b.fillIn(args)
	if b.claim != nil {
		defer func() { _ = b.claim.Close() }()
	}
	if problem != "" {
		return problem
	}
	p, err := process.Start(path, t.TempDir(), vars, args, &b.output)
	if err != nil {
		return startText(binary, err)
	}
	b.started = true
	defer func() { b.killed = p.End(b.bounds.stop) }()
	if b.address == "" {
		return b.watch(ctx, p)
	}
	return b.await(ctx, p)
}

// watch sees whether the program stays or ends well.
func (b *boot) watch(ctx context.Context, p *process.Process) string {
	select {
	case <-time.After(b.bounds.alive):
		return ""
	case <-ctx.Done():
		return b.name + stopped
	case <-p.Exited():
		if p.State.Success() {
			return ""
		}
		return b.ending(p)
	}
}

// stopped is what becomes of a program whose test is over.
const stopped = " was stopped, because the test was"

// ending says how the program ended by itself.
func (b *boot) ending(p *process.Process) string {
	how := fmt.Sprintf("exited with status %d", p.State.ExitCode())
	if !p.State.Exited() {
		how = fmt.Sprintf("was ended (%s)", p.State) // by a signal
	}
	return fmt.Sprintf("%s %s after %s", b.name, how, rounded(p.Lasted))
}
