package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
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
// -timeout for each request and -json FILE for the report. Progress goes to
// standard error, and only where that is a terminal. An interrupt stops the
// run. The exit status is 0 where every step passed, 1 where one did not, 2
// for wrong usage, an invalid cfg or a missing environment variable, and 3
// where nobody was there to be checked.
func Main(cfg Config) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	name := "smoke"
	if len(os.Args) > 0 {
		name = filepath.Base(os.Args[0])
	}
	var args []string
	if len(os.Args) > 1 {
		args = os.Args[1:]
	}
	return command{name: name, stdout: os.Stdout, stderr: os.Stderr, terminal: isTerminal(os.Stderr)}.run(ctx, cfg, args)
}

// command is Main without the process around it.
type command struct {
	name           string
	stdout, stderr io.Writer
	terminal       bool
}

func (c command) run(ctx context.Context, cfg Config, args []string) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(c.stderr)
	flags.Usage = func() {
		c.complain("usage: %s -url URL [-timeout 10s] [-json FILE]\n\n"+
			"Checks a running service, step by step, and prints a table.\n"+
			"Exit status: 0 passed, 1 failed, 2 usage, 3 nobody was there.\n", c.name)
		flags.PrintDefaults()
	}
	address := flags.String("url", "", "address of the service, such as https://market.example")
	timeout := flags.Duration("timeout", 0, "time for each request (default 10s)")
	jsonFile := flags.String("json", "", "file to write the report to, as JSON")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	if flags.NArg() > 0 {
		c.complain("%s: unexpected argument %q; see -h\n", c.name, flags.Arg(0))
		return exitUsage
	}
	if *address != "" {
		cfg.URL, cfg.Handler = *address, nil
	} else if cfg.URL == "" && cfg.Handler == nil {
		c.complain("%s: -url is required, such as -url https://market.example\n", c.name)
		return exitUsage
	}
	if *timeout != 0 {
		cfg.Timeout = *timeout
	}
	checker, err := New(cfg)
	if err != nil {
		c.complain("%v\n", err)
		return exitUsage
	}
	var file *os.File
	if *jsonFile != "" { // before the run: a report that cannot be kept is found at once
		if file, err = os.Create(*jsonFile); err != nil {
			c.complain("%s: -json: %v\n", c.name, err)
			return exitUsage
		}
	}
	report := checker.check(ctx, c.progress(len(cfg.Steps)))
	if c.terminal {
		c.complain("\r\x1b[K")
	}
	status := exitOK
	switch {
	case report.Err() == nil:
	case !report.Reached:
		status = exitNoSight
	default:
		status = exitFailed
	}
	if err := report.WriteTable(c.stdout); err != nil {
		c.complain("%s: the table could not be written: %v\n", c.name, err)
		status = max(status, exitFailed)
	}
	if file != nil {
		if err := writeJSON(file, report); err != nil {
			c.complain("%s: -json: %v\n", c.name, err)
			status = max(status, exitFailed)
		}
	}
	return status
}

// complain writes to standard error; there is nobody to tell where that fails.
func (c command) complain(format string, args ...any) { _, _ = fmt.Fprintf(c.stderr, format, args...) }

// progress returns a function that keeps the step in hand on a terminal's
// last line.
func (c command) progress(n int) func(int, string) {
	return func(i int, title string) {
		if c.terminal {
			c.complain("\r\x1b[K%d/%d %s", i+1, n, cut(cell(title), 60))
		}
	}
}

func writeJSON(file *os.File, report Report) error {
	enc := json.NewEncoder(file)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return errors.Join(enc.Encode(report), file.Close())
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
