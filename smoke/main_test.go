package smoke_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	s := newSite(inInput)
	s.secure = false
	srv := httptest.NewServer(s.handler())
	t.Cleanup(srv.Close) // after the subtests
	gone := httptest.NewServer(nil)
	gone.Close()

	home := []smoke.Step{smoke.Page("/")}
	tests := []struct {
		name           string
		cfg            smoke.Config
		args           []string
		status         int
		stdout, stderr string
	}{
		{"passed", smoke.Config{Steps: marketSteps()}, []string{"-url", srv.URL}, 0, "12 ok, 0 failed, 0 skipped", ""},
		{"address of the config", smoke.Config{URL: srv.URL, Steps: home}, nil, 0, "1 ok", ""},
		{"handler of the config", smoke.Config{Handler: s.handler(), Steps: home}, nil, 0, "in-process handler: 1 ok", ""},
		{"address instead of the handler", smoke.Config{Handler: s.handler(), Steps: home}, []string{"-url", srv.URL}, 0, srv.URL + ": 1 ok", ""},
		{"failed", smoke.Config{Steps: []smoke.Step{smoke.Page("/nothing").Owner("web")}}, []string{"-url", srv.URL}, 1, "owner: web", ""},
		{"no address", smoke.Config{Steps: home}, nil, 2, "", "postdeploy: -url is required"},
		{"bad address", smoke.Config{Steps: home}, []string{"-url", "localhost"}, 2, "", "smoke: URL: must be http"},
		{"bad flag", smoke.Config{Steps: home}, []string{"-u"}, 2, "", "flag provided but not defined: -u"},
		{"bad timeout", smoke.Config{Steps: home}, []string{"-url", srv.URL, "-timeout", "-1s"}, 2, "", "smoke: Timeout: must not be negative"},
		{"argument", smoke.Config{Steps: home}, []string{srv.URL}, 2, "", "unexpected argument"},
		{"no variable", smoke.Config{Steps: []smoke.Step{smoke.Login{Path: "/login", Secret: map[string]string{"password": "NO_SUCH"}}.Step()}}, []string{"-url", srv.URL}, 2, "", "the environment variable NO_SUCH is not set"},
		{"no folder", smoke.Config{Steps: home}, []string{"-url", srv.URL, "-json", "/no/such/folder/report.json"}, 2, "", "postdeploy: -json: open"},
		{"nobody there", smoke.Config{Steps: home}, []string{"-url", gone.URL}, 3, "connection refused", ""},
		{"help", smoke.Config{Steps: home}, []string{"-h"}, 0, "Exit status: 0 passed, 1 failed, 2 usage, 3 nobody was there.", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.LookupEnv = credentials
			var stdout, stderr strings.Builder
			status := smoke.RunCommand(t.Context(), tt.cfg, tt.args, &stdout, &stderr, false)
			if status != tt.status || !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("status %d, want %d\n%s\n%s", status, tt.status, stdout.String(), stderr.String())
			}
			if tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("unexpected: %s", stderr.String())
			}
		})
	}
}

func TestCommandWritesTheReport(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	var stdout, stderr strings.Builder
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/"), smoke.Page("/nothing")}}
	if status := smoke.RunCommand(t.Context(), cfg, []string{"-json", file}, &stdout, &stderr, true); status != 1 {
		t.Fatalf("status %d\n%s", status, stderr.String())
	}
	if !strings.Contains(stderr.String(), "2/2 GET /nothing") {
		t.Errorf("no progress for a terminal: %q", stderr.String())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		OK    bool
		Steps []struct{ Name, Outcome string }
	}
	if err := json.Unmarshal(data, &got); err != nil || got.OK || len(got.Steps) != 2 || got.Steps[1].Outcome != "failed" {
		t.Errorf("%v in\n%s", err, data)
	}
	if status := smoke.RunCommand(t.Context(), cfg, nil, brokenWriter{}, &stderr, false); status != 1 {
		t.Errorf("a table that nobody can read: status %d", status)
	}
}

// The flags take the place of what the program says, and each file is
// written.
func TestCommandKeepsAndCompares(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := smoke.Config{
		Handler: newSite(inInput).handler(), Release: "v0", Note: "of the program", Steps: []smoke.Step{smoke.Page("/")},
		Performance: smoke.Performance{N: 10, Endpoints: []smoke.Step{smoke.Page("/")}},
	}
	var stdout, stderr strings.Builder
	for _, release := range []string{"v1", "v2"} {
		args := []string{
			"-release", release, "-note", "of " + release, "-memory", filepath.Join(dir, "memory"),
			"-json", filepath.Join(dir, "r.json"), "-junit", filepath.Join(dir, "r.xml"), "-markdown", filepath.Join(dir, "r.md"),
		}
		if status := smoke.RunCommand(t.Context(), cfg, args, &stdout, &stderr, false); status != 0 || stderr.Len() > 0 {
			t.Fatalf("status %d\n%s%s", status, stdout.String(), stderr.String())
		}
	}
	if out := stdout.String(); !strings.Contains(out, "in-process handler v2: 2 ok") || !strings.Contains(out, "(v1)") || !strings.Contains(out, "): of v1\n    v2 (") {
		t.Error(out)
	}
	for file, want := range map[string]string{
		"memory/smoke.json": `"note":"of v1"`, "r.json": `"release": "v2"`, "r.xml": `<testsuite name="smoke in-process handler v2" tests="2" failures="0"`, "r.md": "### Smoke check passed",
	} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v, no %q in\n%s", file, err, want, data)
		}
	}
	for _, flag := range []string{"-junit", "-markdown"} {
		if status := smoke.RunCommand(t.Context(), cfg, []string{flag, "/no/such/folder/file"}, &stdout, &stderr, false); status != 2 || !strings.Contains(stderr.String(), "postdeploy: "+flag+": open") {
			t.Errorf("%s: status %d\n%s", flag, status, stderr.String())
		}
	}
}

func TestMainReadsTheProcess(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(newSite(inInput).handler())
	defer srv.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-url", srv.URL)
	cmd.Env = append(os.Environ(), "SMOKE_AS_MAIN=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "1 ok, 0 failed") {
		t.Errorf("%v\n%s", err, out)
	}
}
