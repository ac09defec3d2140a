package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/launchready/readiness"
)

// The exit statuses.
const (
	exitOK    = 0 // nothing at or above -fail-on
	exitFound = 1
	exitUsage = 2 // the command line or a file is wrong
	exitBlind = 3 // could not look
)

const hint = "launchcheck -h prints the options"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr, nil)
	stop()
	os.Exit(status)
}

// run is the command. lookup is the environment, nil that of the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, lookup func(string) (string, bool)) int {
	opt, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return show(stdout, stderr, help)
	}
	if err != nil && opt.config == "" { // what follows a wrong option is anyone's guess
		return fail(stderr, fmt.Errorf("%w\n%s", err, hint))
	}
	p := newProgress(stderr)
	cfg, errOpen := open(opt, lookup)
	cfg.Progress = p.show()
	if err := errors.Join(err, errOpen); err != nil {
		return fail(stderr, fmt.Errorf("%w\n%s", err, hint))
	}
	assumed := ""
	if opt.discovers() {
		var errLook error
		cfg, errLook = discover(ctx, cfg)
		p.clear()
		if errors.Is(errLook, readiness.ErrConfig) {
			return fail(stderr, spell(errLook))
		}
		if opt.init {
			return initialize(opt, cfg, errLook, stdout, stderr)
		}
		assumed = assumption(cfg, errLook)
	}
	launch, err := readiness.New(cfg)
	if err != nil {
		return fail(stderr, spell(err))
	}
	report := launch.Check(ctx)
	p.clear()
	if opt.format != formatText { // the output is for a program, or a file
		_, _ = io.WriteString(stderr, assumed) // what was assumed is no result
		assumed = ""
	}
	text, err := render(report, opt, terminal(stdout) && os.Getenv("NO_COLOR") == "")
	if err != nil {
		return fail(stderr, err)
	}
	if status := show(stdout, stderr, assumed+text); status != exitOK {
		return status
	}
	switch {
	case opt.failOn == 0:
		return exitOK
	case report.Blind():
		return exitBlind
	case opt.failOn.reached(report):
		return exitFound
	default:
		return exitOK
	}
}

// render returns the report in the format that was asked for.
func render(report readiness.Report, opt options, color bool) (string, error) {
	var b bytes.Buffer
	switch opt.format {
	case formatJSON:
		data, err := json.MarshalIndent(report, "", "  ")
		return string(data) + "\n", err
	case formatMarkdown:
		err := report.WriteMarkdown(&b)
		return b.String(), err
	default:
		err := report.WriteStyled(&b, readiness.TextStyle{All: opt.all, Color: color})
		return b.String(), err
	}
}

// show writes the result, which must arrive: a report that was lost is no
// clean one.
func show(stdout, stderr io.Writer, text string) int {
	if _, err := io.WriteString(stdout, text); err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

func fail(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintf(stderr, "launchcheck: %v\n", err) // nowhere left to report to
	return exitUsage
}
