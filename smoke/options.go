package smoke

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// options are the flags of [Main].
type options struct {
	name                  string
	url, release, note    string
	memory                string
	json, junit, markdown string
	deployHook, scanLog   string
	timeout, within       time.Duration
}

// parse reads the flags.
func (c command) parse(args []string) (*options, error) {
	o := &options{name: c.name}
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // one line says what is wrong, and -h the rest
	flags.StringVar(&o.url, "url", "", "")
	flags.StringVar(&o.release, "release", "", "")
	flags.StringVar(&o.note, "note", "", "")
	flags.StringVar(&o.memory, "memory", "", "")
	flags.StringVar(&o.json, "json", "", "")
	flags.StringVar(&o.junit, "junit", "", "")
	flags.StringVar(&o.markdown, "markdown", "", "")
	flags.StringVar(&o.deployHook, "deploy-hook", "", "")
	flags.StringVar(&o.scanLog, "scan-log", "", "")
	flags.DurationVar(&o.timeout, "timeout", 0, "")
	flags.DurationVar(&o.within, "within", 0, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, errors.New("unexpected arguments: every value follows its flag") // not repeated: one may be secret
	}
	var empty error
	flags.Visit(func(f *flag.Flag) { // "$LOG" of a shell in which nothing set LOG
		if f.Name != "note" && f.Value.String() == "" && empty == nil {
			empty = fmt.Errorf("-%s is given and empty: is a variable not set?", f.Name)
		}
	})
	return o, empty
}

// help is what -h prints.
const help = `usage: %s -url URL [options]

Checks a running service, step by step, and prints a table. Passwords and
tokens come from the environment, under the names that the program gives them.

  -url URL            address of the service, such as https://market.example
  -release NAME       the release that was deployed: waited for where the
                      program names a health endpoint, and kept in the memory
  -within DURATION    how long that release is waited for, such as 10m (default
                      1m, or 15m with -deploy-hook)
  -memory DIR         folder that keeps what was measured, for the next release
                      to be compared with (the file smoke.json)
  -note TEXT          a line to keep with this run, such as what was done for
                      its speed
  -deploy-hook URL    start the deploy first, with a POST to this address, or to
                      that in the environment variable of this name; it is
                      secret. Needs -release and a health endpoint
  -scan-log FILE      the log of the deploy, - for standard input: no secret may
                      stand in it
  -timeout DURATION   time for each request, such as 5s (default 10s)
  -json FILE          write the report as JSON
  -junit FILE         write it as JUnit XML, for a CI service
  -markdown FILE      write it as Markdown, for a pull request

Exit status: 0 passed, 1 failed, 2 usage, 3 nobody was there.
`

// environment lists the variables that a program needs.
func environment(cfg Config) string {
	var names []string
	for _, s := range slices.Concat(cfg.Steps, cfg.Performance.Endpoints) {
		names = slices.AppendSeq(names, maps.Values(s.form.Secret))
	}
	names = slices.AppendSeq(names, maps.Values(cfg.SecretHeader))
	if cfg.BasicAuth != nil {
		names = append(names, cfg.BasicAuth.Secret)
	}
	names = append(names, cfg.Performance.Live.Secret)
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return !showable(n) })
	if len(names) == 0 {
		return ""
	}
	return "\nEnvironment: " + strings.Join(names, ", ") + ".\n"
}

// checker compiles cfg with what the flags say. Its error is for people.
func (o *options) checker(cfg Config, stdin io.Reader) (*Checker, error) {
	if o.url != "" {
		cfg.URL, cfg.Handler = o.url, nil
	} else if cfg.URL == "" && cfg.Handler == nil {
		return nil, fmt.Errorf("%s: -url is required, such as -url https://market.example", o.name)
	}
	if o.release != "" {
		cfg.Release = o.release
	}
	if o.note != "" {
		cfg.Note = o.note
	}
	if o.memory != "" {
		if info, err := os.Stat(o.memory); err == nil && !info.IsDir() {
			return nil, fmt.Errorf("%s: -memory: %s is no folder", o.name, o.memory)
		}
		if err := folder(o.memory).file().Try(); err != nil {
			return nil, fmt.Errorf("%s: -memory: nothing could be kept there: %w", o.name, err)
		}
		cfg.Memory = Dir(o.memory)
	}
	if o.within != 0 {
		cfg.Settling.Within = o.within
	}
	if o.timeout != 0 {
		cfg.Timeout = o.timeout
	}
	var hook *deployHook
	if o.deployHook != "" {
		var err error
		if hook, err = o.hook(&cfg); err != nil {
			return nil, err
		}
	}
	checker, err := New(cfg)
	if err != nil {
		return nil, err
	}
	if o.scanLog != "" { // first: a log on standard input ends with the deploy
		open := func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }
		if o.scanLog != "-" {
			if _, err := os.Stat(o.scanLog); err != nil {
				return nil, fmt.Errorf("%s: -scan-log: %w", o.name, err)
			}
			open = func() (io.ReadCloser, error) { return os.Open(o.scanLog) }
		}
		checker.first = append(checker.first, scanTask(o.scanLog, open))
	}
	if hook != nil {
		checker.hidden = hook.secrets()
		checker.first = append(checker.first, hook.task())
	}
	return checker, nil
}

// reportFile is a file that the report is written to.
type reportFile struct {
	flag string
	file *os.File
	as   func(Report, io.Writer) error
}

// create makes the files that the flags name.
func (o *options) create() ([]reportFile, error) {
	var files []reportFile
	closeAll := func() {
		for _, made := range files {
			_ = made.file.Close() // nothing was written
		}
	}
	for _, f := range []struct {
		flag, path string
		as         func(Report, io.Writer) error
	}{{"json", o.json, Report.WriteJSON}, {"junit", o.junit, Report.WriteJUnit}, {"markdown", o.markdown, Report.WriteMarkdown}} {
		if strings.TrimSpace(f.path) == "" {
			continue
		}
		file, err := os.Create(f.path)
		if err != nil {
			closeAll()
			return nil, fmt.Errorf("-%s: %w", f.flag, err)
		}
		files = append(files, reportFile{f.flag, file, f.as})
		for _, before := range files[:len(files)-1] {
			if same(before.file, file) {
				closeAll()
				return nil, fmt.Errorf("-%s names the file of -%s", f.flag, before.flag)
			}
		}
	}
	return files, nil
}

// same reports two files that are one, also through a link.
func same(a, b *os.File) bool {
	x, errX := a.Stat()
	y, errY := b.Stat()
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func (f reportFile) write(r Report) error { return errors.Join(f.as(r, f.file), f.file.Close()) }
