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
	"slices"
	"strings"

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
	if opt.discovers() && (opt.init || opt.looksOut()) {
		var errLook error
		cfg, errLook = discover(ctx, cfg)
		p.clear()
		if errors.Is(errLook, readiness.ErrConfig) {
			return fail(stderr, spell(errLook))
		}
		if opt.init {
			return initialize(ctx, opt, cfg, errLook, stdout, stderr)
		}
		assumed = assumption(cfg, errLook)
	}
	launch, err := readiness.New(cfg)
	if err != nil {
		return fail(stderr, spell(err))
	}
	report := launch.Check(ctx)
	p.clear()
	if why := nothing(cfg, report); why != "" {
		return fail(stderr, errors.New("nothing to check: "+why))
	}
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

// nothing says why there was nothing to check, which is no clean result; ""
// where there was something.
func nothing(cfg readiness.Config, report readiness.Report) string {
	wants := func(family string) bool { return len(cfg.Only) == 0 || slices.Contains(cfg.Only, family) }
	switch {
	case cfg.Domain != "" && (wants("dns") || wants("mail") || wants("web")), wants("env") && len(cfg.Env) > 0, len(report.Handover) > 0:
		return ""
	case len(cfg.Only) == 0:
		return "the declaration has neither domain nor env"
	case wants("env") && cfg.Domain != "":
		return "-only env needs variables, and the declaration has none under env"
	case wants("env"):
		return "the declaration has no env, and no domain for the rest"
	default:
		return "-only " + strings.Join(cfg.Only, ",") + " needs a domain, and the declaration has none"
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
		err := report.WriteStyled(&b, readiness.TextStyle{All: opt.all, Color: color, Command: true})
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
