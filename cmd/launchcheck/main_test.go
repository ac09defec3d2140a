package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	launchcheck "github.com/launchready/readiness/cmd/launchcheck"
)

const site = `{"env": [
	{"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
	{"name": "SESSION_SECRET", "secret": true, "min_length": 32},
	{"name": "PORT", "format": "port", "optional": true},
	{"name": "MODE", "one_of": ["live", "test"]}]}`

const session = "Vq8dL2mZ0rT6yB4nK1sX7wF3hJ9pC5gA"

// env is an environment that nothing is wrong with.
func env(changes ...string) map[string]string {
	vars := map[string]string{"DATABASE_URL": "postgres://app:vq8dl2mz0r@db/app", "SESSION_SECRET": session, "MODE": "live"}
	for i := 0; i < len(changes); i += 2 {
		vars[changes[i]] = changes[i+1]
	}
	return vars
}

// file writes text to a file of the test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(vars map[string]string, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = launchcheck.Run(context.Background(), args, &out, &errs, func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	})
	return status, out.String(), errs.String()
}

func TestRun(t *testing.T) {
	t.Parallel()
	config := file(t, "site.json", site)
	tests := []struct {
		name           string
		vars           map[string]string
		args           []string
		status         int
		stdout, stderr string // a part of each; "" is nothing at all
	}{
		{"clean", env(), nil, 0, "environment: 4 variables checked, nothing found\n", ""},
		{"missing", nil, nil, 1, "3 blockers, 0 high, 0 medium (environment: 4 variables checked)\n", ""},
		{"never", nil, []string{"-fail-on", "never"}, 0, "3 blockers", ""},
		{"high is no blocker", env("SESSION_SECRET", session+"\n"), nil, 0, "HIGH", ""},
		{"high fails on high", env("SESSION_SECRET", session+"\n"), []string{"-fail-on=high"}, 1, "env.whitespace", ""},
		{"high fails on medium", env("SESSION_SECRET", session+"\n"), []string{"-fail-on=medium"}, 1, "env.whitespace", ""},
		{"json", env("PORT", "no"), []string{"-format", "json"}, 1, `"code": "env.format"`, ""},
		{"help", nil, []string{"-h"}, 0, "exit status:", ""},
		{"unknown flag", env(), []string{"-confg", "x"}, 2, "", "-confg"},
		{"bad values at once", env(), []string{"-format", "xml", "-fail-on", "low", "acme.example", "more"}, 2, "", "\"more\": one DOMAIN"},
		{"no file", env(), []string{"-config", "absent.json"}, 2, "", "absent.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := start(tt.vars, append([]string{"-config", config}, tt.args...)...)
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			for _, s := range []struct{ name, got, want string }{{"stdout", stdout, tt.stdout}, {"stderr", stderr, tt.stderr}} {
				if !strings.Contains(s.got, s.want) || s.want == "" && s.got != "" {
					t.Errorf("%s is %q, want %q", s.name, s.got, s.want)
				}
			}
		})
	}
}

func TestUsageErrorsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, _, stderr := start(nil, "-format", "xml", "-fail-on", "low")
	if !strings.Contains(stderr, "-format") || !strings.Contains(stderr, "-fail-on") {
		t.Errorf("got %q", stderr)
	}
	config := file(t, "site.json", `{"env":[{"name":"A","formt":"url"},{"name":"9","min_length":-1}],"domian":"acme.example"}`)
	vars := file(t, ".env", "A=1\nA=2\nnonsense\n")
	status, stdout, stderr := start(nil, "-config", config, "-env-file", vars)
	if status != 2 || stdout != "" {
		t.Errorf("status %d, stdout %q", status, stdout)
	}
	for _, want := range []string{
		`readiness: env[0].formt: unknown key (did you mean "format"?)`, `readiness: env[1].name: must be letters`,
		`readiness: env[1].min_length: must not be negative, got -1`, `readiness: domian: unknown key (did you mean "domain"?)`,
		"line 2: A is set a second time, first on line 1", "line 3: must be NAME=VALUE", config, vars,
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in\n%s", want, stderr)
		}
	}
}

func TestEnvFileIsTheWholeEnvironment(t *testing.T) {
	t.Parallel()
	config := file(t, "site.json", site)
	vars := file(t, ".env", "# live\nexport DATABASE_URL='postgres://app:vq8dl2mz0r@db/app'\nMODE=\"live\" # or test\n")
	status, stdout, _ := start(env(), "-config", config, "-env-file", vars, "-format=json")
	var report struct {
		Version  int
		Counts   map[string]int
		Findings []struct{ Code, Severity, Subject string }
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	// SESSION_SECRET is set in the process, but not in the file.
	if status != 1 || report.Version != 1 || report.Counts["blocker"] != 1 || len(report.Findings) != 1 || report.Findings[0].Subject != "SESSION_SECRET" {
		t.Errorf("status %d, %s", status, stdout)
	}
	if _, ok := report.Counts["unknown"]; !ok {
		t.Error("counts has no unknown")
	}
}

// brokenPipe refuses every write.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestLostOutputIsNoSuccess(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	if status := launchcheck.Run(t.Context(), []string{"-config", file(t, "site.json", `{"env":[{"name":"PATH"}]}`), "-fail-on", "never"}, brokenPipe{}, &stderr, nil); status == 0 {
		t.Error("status 0 although the report was lost")
	}
}

// TestProgram builds the program the way go install does, without go.work, and
// runs it.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "launchcheck.exe") // Windows wants the ending
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	config := file(t, "site.json", site)
	tests := []struct {
		name   string
		env    []string
		args   []string
		status int
		output string
	}{
		{"clean", []string{"DATABASE_URL=postgres://app:vq8dl2mz0r@db/app", "SESSION_SECRET=" + session, "MODE=live"}, nil, 0, "nothing found"},
		{"missing", []string{"MODE=live"}, nil, 1, "not set in this process"},
		{"usage", nil, []string{"-x"}, 2, "launchcheck -h prints the options"},
		{"help", nil, []string{"-h"}, 0, "usage: launchcheck"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), program, append([]string{"-config", config}, tt.args...)...)
			cmd.Env = append([]string{"SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}, tt.env...)
			out, err := cmd.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok || ok && exit.ExitCode() != tt.status || !ok && tt.status != 0 {
				t.Errorf("got %v, want status %d", err, tt.status)
			}
			if !strings.Contains(string(out), tt.output) {
				t.Errorf("%q is not in\n%s", tt.output, out)
			}
		})
	}
}
