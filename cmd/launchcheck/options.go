package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/launchready/readiness"
)

const (
	formatText = "text"
	formatJSON = "json"
)

// help is what -h prints.
const help = `launchcheck checks what a service needs to be launched.

usage: launchcheck [-config site.json] [-env-file FILE] [-format text|json]
                   [-fail-on blocker|high|medium|never]

  -config FILE     the declaration (default site.json)
  -env-file FILE   check the NAME=VALUE lines of FILE, and nothing but them,
                   instead of the environment of this process
  -format FORMAT   text (default) or json
  -fail-on LEVEL   exit 1 at a finding of this severity or above: blocker
                   (default), high, medium, or never
  -h               print this

site.json declares the environment variables that the service reads:

  {"env": [
    {"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
    {"name": "SESSION_SECRET", "secret": true, "min_length": 32},
    {"name": "PORT", "format": "port", "optional": true},
    {"name": "MODE", "one_of": ["live", "test"]},
    {"name": "STRIPE_KEY", "prefix": "sk_live_", "secret": true}]}

The formats are url, port, duration, bool and email. The value of a secret is
never printed.

exit status:
  0  nothing at or above -fail-on
  1  findings at or above -fail-on
  2  the command line, site.json or FILE is wrong (every problem is listed)
`

// options is the command line.
type options struct {
	config, envFile, format string
	failOn                  threshold
}

// threshold is the value of -fail-on; 0 is never.
type threshold readiness.Severity

// reached reports whether r has a finding at or above t.
func (t threshold) reached(r readiness.Report) bool {
	return t != 0 && len(r.At(readiness.Severity(t))) > 0
}

// parse reads the command line and reports all of its problems; the error is
// flag.ErrHelp where help was asked for.
func parse(args []string) (options, error) {
	var opt options
	flags := flag.NewFlagSet("launchcheck", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.StringVar(&opt.config, "config", "site.json", "")
	flags.StringVar(&opt.envFile, "env-file", "", "")
	flags.StringVar(&opt.format, "format", formatText, "")
	failOn := flags.String("fail-on", "blocker", "")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	var problems []error
	if flags.NArg() > 0 {
		problems = append(problems, fmt.Errorf("%q: no argument is expected behind the options", flags.Arg(0)))
	}
	if opt.format != formatText && opt.format != formatJSON {
		problems = append(problems, fmt.Errorf("-format: must be text or json, got %q", opt.format))
	}
	if *failOn != "never" {
		var s readiness.Severity
		if err := s.UnmarshalText([]byte(*failOn)); err != nil {
			problems = append(problems, fmt.Errorf("-fail-on: must be blocker, high, medium or never, got %q", *failOn))
		}
		opt.failOn = threshold(s)
	}
	return opt, errors.Join(problems...)
}
