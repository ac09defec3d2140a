package smoke_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	ctx context.Context

	mu     sync.Mutex
	failed []string
	logged []string
}

func record(t *testing.T) *recorder { return &recorder{TB: t, ctx: t.Context()} }

func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Error(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, fmt.Sprint(args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logged = append(r.logged, fmt.Sprintf(format, args...))
}

// one returns the failure, which has to be one.
func (r *recorder) one(t *testing.T) string {
	t.Helper()
	if len(r.failed) != 1 {
		t.Fatalf("%d failures: %q", len(r.failed), r.failed)
	}
	return r.failed[0]
}

// self is the binary of this test.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// service is the environment in which the binary of this test is a program
// that does as mode says, and says no more.
func service(t *testing.T, mode string) map[string]string {
	t.Helper()
	env := map[string]string{"SMOKE_AS_SERVICE": mode}
	if mode != "bare" {
		env["GORACE"] = "atexit_sleep_ms=0" // the race detector waits for a second at the end
		env["GOCOVERDIR"] = t.TempDir()     // nor a complaint where coverage is measured
	}
	return env
}

func TestBoots(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, mode string
		env        map[string]string
		args       []string
	}{
		{"in an empty folder with nothing", "bare", nil, nil},
		{"with an address by a variable", "200", map[string]string{"ADDR": "{addr}"}, nil},
		{"with an address by a flag", "200", nil, []string{"-addr", "{addr}"}},
		{"with an address by parts", "200", nil, []string{"-addr=127.0.0.1:{port}"}},
		{"with a port", "port", map[string]string{"PORT": "{port}"}, nil},
		{"with a home page that redirects", "302", nil, []string{"-addr", "{addr}"}},
		{"without a home page", "404", nil, []string{"-addr", "{addr}"}},
		{"and is not ready at once", "503", nil, []string{"-addr", "{addr}"}},
		{"with the variable that it needs", "variable", map[string]string{"DATABASE_URL": "postgres://db"}, nil},
		{"and works without an address", "idle", nil, nil},
		{"at the second try", "taken", map[string]string{"MARK": "", "ADDR": "{addr}"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := service(t, tt.mode)
			for name, value := range tt.env {
				if name == "MARK" {
					value = filepath.Join(t.TempDir(), "mark")
				}
				env[name] = value
			}
			r := record(t)
			smoke.BootsWithin(r, time.Minute, 200*time.Millisecond, time.Minute, self(t), env, tt.args...)
			if len(r.failed)+len(r.logged) > 0 {
				t.Errorf("%q %q", r.failed, r.logged)
			}
		})
	}
}

func TestBootsFails(t *testing.T) {
	t.Parallel()
	name := regexp.QuoteMeta(filepath.Base(self(t)))
	const took = `[0-9.]+[mµ]?s`
	const addr = `127\.0\.0\.1:\d+`
	onAddr := []string{"-addr", "{addr}"}
	tests := []struct {
		name, mode string
		env        map[string]string
		args       []string
		within     time.Duration // for an answer; 0 is a minute
		verdict    string
		more       string
	}{
		{"reads a local file", "file", nil, nil, 0, name + ` exited with status 1 after ` + took, "hint: a file was not found, and the working folder is new and empty here: is the configuration tied to a local file?\n\nits output:\n    config: open config.json: no such file or directory\n"},
		{"needs a variable", "variable", nil, nil, 0, name + ` exited with status 3 after ` + took, "hint: env does not set DATABASE_URL, and nothing else is inherited\n"},
		{"before it answers", "variable", nil, onAddr, 0, name + ` exited with status 3 after ` + took + `, before it answered GET / on ` + addr, ""},
		{"ends without serving", "exit", nil, onAddr, 0, name + ` exited with status 0 after ` + took + `, before it answered GET / on ` + addr, "\n\nit printed nothing"},
		{"answers 500", "500", nil, onAddr, 500 * time.Millisecond, name + ` answered GET / on ` + addr + ` with 500 Internal Server Error for [0-9]+m?s`, ""},
		{"does not listen", "idle", nil, onAddr, 500 * time.Millisecond, name + ` did not answer GET / on ` + addr + ` within ` + took + `: connection refused`, ""},
		{"does not answer", "mute", nil, onAddr, 500 * time.Millisecond, name + ` did not answer GET / on ` + addr + ` within ` + took + `: it accepts connections and does not answer`, ""},
		{"speaks something else", "noise", map[string]string{"API_TOKEN": "a1b2c3d4e5"}, onAddr, 500 * time.Millisecond, name + ` did not answer GET / on ` + addr + ` within ` + took + `: .*malformed HTTP.*«API_TOKEN».*`, ""},
		{"hangs up", "curt", nil, onAddr, 500 * time.Millisecond, name + ` did not answer GET / on ` + addr + ` within ` + took + `: it closes the connection without an answer`, ""},
		{"kills itself", "killed", nil, nil, 0, name + ` was ended \(signal: killed\) after ` + took, ""},
		{"has a name with a sign", "bare", map[string]string{"A=B": "c"}, nil, 0, `env\["A=B"\] is no variable: the name holds no =, and neither holds a zero byte`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := service(t, tt.mode)
			maps.Copy(env, tt.env)
			verdict := regexp.MustCompile("^" + tt.verdict + "(?:\n|$)")
			// On a busy machine a bound may be over before the program is up.
			var text string
			for within := cmp.Or(tt.within, time.Minute); text == "" || within < 30*time.Second && !verdict.MatchString(text); within *= 2 {
				r := record(t)
				smoke.BootsWithin(r, within, time.Minute, time.Minute, self(t), env, tt.args...)
				text = r.one(t)
			}
			if !verdict.MatchString(text) || !strings.Contains(text, tt.more) {
				t.Errorf("got\n%s\nwant\n%s\n%s", text, tt.verdict, tt.more)
			}
			if strings.Contains(text, "a1b2c3d4e5") {
				t.Errorf("the secret shows in\n%s", text)
			}
		})
	}
}

// Megabytes of output stay outside, and so do the values of env and the
// addresses of people.
func TestBootsShowsTheEndOfTheOutput(t *testing.T) {
	t.Parallel()
	r := record(t)
	env := service(t, "talks")
	maps.Copy(env, map[string]string{"API_TOKEN": "a1b2c3d4e5", "PIN": "97531", "DB": "postgres://market:97531@db.internal"})
	smoke.BootsWithin(r, time.Minute, time.Minute, time.Minute, self(t), env)
	text := r.one(t)
	if len(text) > 5<<10 || !strings.Contains(text, "\n\nthe last 4 KiB of its output:\n    ....") {
		t.Errorf("%d bytes:\n%s", len(text), text)
	}
	if !strings.HasSuffix(text, ". «API_TOKEN»\n    dial postgres://market: «DB» for «e-mail»\n") {
		t.Errorf("got …%s", text[len(text)-200:])
	}
	for _, hidden := range []string{"a1b2c3d4e5", "97531", "first", "seller"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%q shows", hidden)
		}
	}
}

func TestBootsNeedsAProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for binary, want := range map[string]string{
		"":                                       "Boots needs the path of a program",
		"no/such/market":                         "no/such/market does not exist: build it first, with go build -o",
		dir:                                      dir + " cannot be executed: is a directory",
		write("plain", "#!/bin/sh\n", 0o600):     filepath.Join(dir, "plain") + " cannot be executed: permission denied",
		write("other", "\x00 no program", 0o700): filepath.Join(dir, "other") + " cannot be started: exec format error",
		write("script", "#!/no/such/interpreter", 0o700): filepath.Join(dir, "script") + " cannot be started: what it needs to run, an interpreter or a dynamic linker, does not exist here",
	} {
		r := record(t)
		smoke.Boots(r, binary, nil)
		if text := r.one(t); text != want {
			t.Errorf("%q: got\n%s\nwant\n%s", binary, text, want)
		}
	}
}

// Where the test is over, the program is ended at once.
func TestBootsEndsWithTheTest(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-addr", "{addr}"}} {
		r := record(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r.ctx = ctx
		smoke.BootsWithin(r, time.Hour, time.Hour, time.Hour, self(t), service(t, "idle"), args...)
		if text := r.one(t); !strings.Contains(text, " was stopped, because the test was") {
			t.Error(text)
		}
	}
}

// What programs of many kinds say where a file or a variable is missing.
func TestBootsHints(t *testing.T) {
	t.Parallel()
	const file = "a file was not found, and the working folder is new and empty here: is the configuration tied to a local file?"
	unset := func(names string) string { return "env does not set " + names + ", and nothing else is inherited" }
	for output, want := range map[string]string{
		"open .env: no such file or directory":                         file,
		"Error: ENOENT: no such file or directory, open 'config.json'": file,
		"open .env: The system cannot find the file specified.":        file,
		`required environment variable "SESSION_SECRET" is not set`:    unset("SESSION_SECRET"),
		"required key REDIS_URL missing value":                         unset("REDIS_URL"),
		"missing required environment variable: SMTP_URL":              unset("SMTP_URL"),
		"2026/01/02 FATAL PORT must be set, DB_HOST is required":       unset("PORT, DB_HOST"),
		"panic: $HOME is not defined":                                  unset("HOME"),
		`exec: "git": executable file not found in $PATH`:              unset("PATH"),
		"KeyError: 'DATABASE_URL'":                                     unset("DATABASE_URL"),
		"TypeError: process.env.API_KEY is undefined":                  unset("API_KEY"),

		"GIVEN is not set": "",
		"ERROR missing template, HTTP not found, GET required, listening on 80": "",
		"DATABASE_URL is postgres://db":                                         "",
	} {
		if got := strings.Join(smoke.BootHints(map[string]string{"GIVEN": "1"}, output), "\n"); got != want {
			t.Errorf("%s: got %q, want %q", output, got, want)
		}
	}
}

// Where the output was cut in the middle of a value, the rest of it is not
// shown either.
func TestBootsCutsNoValueInTwo(t *testing.T) {
	t.Parallel()
	values := []string{"hunter2hunter2", "other-secret"}
	for text, want := range map[string]string{
		"nter2hunter2 and more": " and more", "cret\nnext": "\nnext", "ret\nnext": "ret\nnext", "nothing": "nothing", "": "", "secret": "",
	} {
		if got := smoke.WithoutHead(text, values); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
