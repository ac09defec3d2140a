package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness"
)

const (
	formatText     = "text"
	formatJSON     = "json"
	formatMarkdown = "markdown"
)

// options is the command line.
type options struct {
	domain, config, envFile, format, cacert string
	configNamed, init, all, allowPrivate    bool
	resolvers, connectTo, only              []string
	timeout                                 time.Duration
	failOn                                  threshold
}

// discovers reports whether the declaration comes from looking around, and
// not from a file.
func (o options) discovers() bool { return o.init || o.domain != "" && !o.configNamed }

// looksOut reports whether anything beyond the environment is asked for.
func (o options) looksOut() bool {
	return len(o.only) == 0 || slices.ContainsFunc(o.only, func(family string) bool { return family != "env" })
}

// threshold is the value of -fail-on; 0 is never.
type threshold readiness.Severity

// reached reports whether r has a finding at or above t.
func (t threshold) reached(r readiness.Report) bool {
	return t != 0 && len(r.At(readiness.Severity(t))) > 0
}

// parse reads the command line and reports its problems, all but those behind
// an option that is none; the error is flag.ErrHelp where help was asked for.
func parse(args []string) (options, error) {
	var opt options
	flags := flag.NewFlagSet("launchcheck", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.StringVar(&opt.config, "config", "site.json", "")
	flags.BoolVar(&opt.init, "init", false, "")
	flags.StringVar(&opt.envFile, "env-file", "", "")
	flags.StringVar(&opt.format, "format", formatText, "")
	flags.BoolVar(&opt.all, "all", false, "")
	flags.BoolVar(&opt.allowPrivate, "allow-private", false, "")
	flags.StringVar(&opt.cacert, "cacert", "", "")
	opt.timeout = 10 * time.Second
	flags.Func("timeout", "", func(s string) error {
		d, err := time.ParseDuration(s)
		if _, errNumber := strconv.ParseFloat(s, 64); err != nil && errNumber == nil {
			return fmt.Errorf("a number needs its unit: write %ss", s)
		}
		if err != nil {
			return errors.New("must be a duration such as 10s")
		}
		opt.timeout = d
		return nil
	})
	more := func(list *[]string) func(string) error {
		return func(s string) error {
			*list = append(*list, s)
			return nil
		}
	}
	flags.Func("resolver", "", more(&opt.resolvers))
	flags.Func("connect-to", "", more(&opt.connectTo))
	flags.Func("only", "", func(s string) error {
		for name := range strings.SplitSeq(s, ",") {
			opt.only = append(opt.only, strings.TrimSpace(name))
		}
		return nil
	})
	failOn := flags.String("fail-on", "blocker", "")
	var rest []string
	for left := args; ; { // an option may stand behind DOMAIN
		if err := flags.Parse(left); err != nil {
			return options{}, err
		}
		if left = flags.Args(); len(left) == 0 {
			break
		}
		rest, left = append(rest, left[0]), left[1:]
	}
	flags.Visit(func(f *flag.Flag) { opt.configNamed = opt.configNamed || f.Name == "config" })
	var problems []error
	if len(rest) > 1 {
		problems = append(problems, fmt.Errorf("%q: one DOMAIN is checked at a time", rest[1]))
	}
	if len(rest) > 0 {
		opt.domain = rest[0]
	}
	if opt.init && opt.domain == "" {
		problems = append(problems, errors.New("-init: needs the DOMAIN to look at"))
	}
	if opt.timeout <= 0 {
		problems = append(problems, fmt.Errorf("-timeout: must be positive, got %v", opt.timeout))
		opt.timeout = 0
	}
	if opt.format != formatText && opt.format != formatJSON && opt.format != formatMarkdown {
		problems = append(problems, fmt.Errorf("-format: must be text, json or markdown, got %q", opt.format))
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
