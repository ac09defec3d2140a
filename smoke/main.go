package smoke

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/launchready/readiness/internal/redact"
)

// The exit statuses of [Main].
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitNoSight = 3
)

// Main is the main function of a service's own check: it reads the flags,
// runs the steps of cfg and prints a table. A program is
//
//	func main() { os.Exit(smoke.Main(smoke.Config{Steps: …})) }
//
// Flags are -url (required unless cfg has a target, which it replaces),
// -release, -within for the settling, -memory for a folder, -note, -timeout for
// each request; -json, -junit and -markdown for files to write the report to;
// -deploy-hook for an address that starts the deploy, and -scan-log for the
// log of the deploy, in which no secret may stand. Each takes the place of
// what cfg says. All credentials come from the environment, under the names
// that cfg gives; -h lists them. Progress goes to standard error: on a
// terminal each step, in a log what takes long. An interrupt stops the run, a
// second one the program.
// The exit status is 0 where every step passed, 1 where one did not, 2 for
// wrong usage, an invalid cfg or a missing environment variable, and 3 where
// nobody was there to be checked.
func Main(cfg Config) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // what does not heed the first interrupt is ended by the second
	name := "smoke"
	if len(os.Args) > 0 {
		name = filepath.Base(os.Args[0])
	}
	var args []string
	if len(os.Args) > 1 {
		args = os.Args[1:]
	}
	return command{name: name, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, terminal: isTerminal(os.Stderr)}.run(ctx, cfg, args)
}

// command is Main without the process around it.
type command struct {
	name           string
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool
}

func (c command) run(ctx context.Context, cfg Config, args []string) int {
	opt, err := c.parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprintf(c.stdout, help+"%s", c.name, environment(cfg)) // it was asked for, and may be paged
		return exitOK
	case err != nil:
		c.complain("%s: %v; see -h\n", c.name, err)
		return exitUsage
	}
	checker, err := opt.checker(cfg, c.stdin)
	if err != nil {
		c.complain("%s\n", err)
		return exitUsage
	}
	files, err := opt.create() // before the run: a report that cannot be kept is found at once
	if err != nil {
		c.complain("%s: %v\n", c.name, err)
		return exitUsage
	}
	report := checker.check(ctx, c.progress)
	if c.terminal {
		c.complain("\r\x1b[K")
	}
	status := exitOK
	switch {
	case report.Err() == nil:
	case !report.Reached && !slices.ContainsFunc(report.Steps, failedHere):
		status = exitNoSight
	default:
		status = exitFailed
	}
	if err := report.WriteTable(c.stdout); err != nil {
		c.complain("%s: the table could not be written: %v\n", c.name, err)
		status = max(status, exitFailed)
	}
	for _, f := range files {
		if err := f.write(report); err != nil {
			c.complain("%s: -%s: %v\n", c.name, f.flag, err)
			status = max(status, exitFailed)
		}
	}
	return status
}

// failedHere reports whether a row failed for which the service need not be
// there.
func failedHere(s StepResult) bool { return s.Outcome == Failed && s.local }

// complain writes to standard error; there is nobody to tell where that fails.
func (c command) complain(format string, args ...any) { _, _ = fmt.Fprintf(c.stderr, format, args...) }

// progress keeps the step in hand on a terminal's last line. A log is told
// only of what takes long.
func (c command) progress(i, n int, t task) {
	switch {
	case c.terminal:
		c.complain("\r\x1b[K%d/%d %s", i+1, n, redact.Cut(cell(t.title), 60))
	case t.wait != "":
		c.complain("%s: %s\n", c.name, cell(t.wait))
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
