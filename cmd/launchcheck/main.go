package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/envfile"
)

// The exit statuses.
const (
	exitOK    = 0 // nothing at or above -fail-on
	exitFound = 1
	exitUsage = 2 // the command line or a file is wrong
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, nil))
}

// run is the command. lookup is the environment, nil that of the process.
func run(args []string, stdout, stderr io.Writer, lookup func(string) (string, bool)) int {
	opt, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return show(stdout, stderr, help)
	}
	if err != nil {
		return fail(stderr, fmt.Errorf("%w\nlaunchcheck -h prints the options", err))
	}
	launch, err := open(opt, lookup)
	if err != nil {
		return fail(stderr, err)
	}
	report := launch.CheckEnv()
	text := report.String()
	if opt.format == formatJSON {
		data, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return fail(stderr, err)
		}
		text = string(data) + "\n"
	}
	if status := show(stdout, stderr, text); status != exitOK {
		return status
	}
	if opt.failOn.reached(report) {
		return exitFound
	}
	return exitOK
}

// open reads the files that opt names, and reports the problems of both.
func open(opt options, lookup func(string) (string, bool)) (*readiness.Checker, error) {
	cfg, errConfig := readFile(opt.config, readiness.Load)
	cfg.LookupEnv = lookup
	var errEnv error
	if opt.envFile != "" {
		var vars map[string]string
		vars, errEnv = readFile(opt.envFile, envfile.Parse)
		cfg.LookupEnv = func(name string) (string, bool) {
			value, ok := vars[name]
			return value, ok
		}
	}
	if err := errors.Join(errConfig, errEnv); err != nil {
		return nil, err
	}
	return readiness.New(cfg)
}

// readFile opens the file at path and reads it with read, whose error gets the
// path in front.
func readFile[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	f, err := os.Open(path)
	if err != nil {
		return none, err // it names the path
	}
	v, err := read(f)
	_ = f.Close() // only read: nothing to lose
	if err != nil {
		return none, fmt.Errorf("%s:\n%w", path, err)
	}
	return v, nil
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
