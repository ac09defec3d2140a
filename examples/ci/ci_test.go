package ci_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what the tests need to know of github.yml; actionlint, in the
// gate, knows the rest.
type workflow struct {
	On   map[string]any    `yaml:"on"`
	Env  map[string]string `yaml:"env"`
	Jobs map[string]struct {
		Steps []struct {
			Name string            `yaml:"name"`
			Uses string            `yaml:"uses"`
			With map[string]string `yaml:"with"`
			Env  map[string]string `yaml:"env"`
			Run  string            `yaml:"run"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

func read(t *testing.T) workflow {
	t.Helper()
	data, err := os.ReadFile("github.yml")
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// script returns the commands of a step, and what its action is given.
func (w workflow) step(t *testing.T, job, name string) (run string, with map[string]string) {
	t.Helper()
	for _, s := range w.Jobs[job].Steps {
		if s.Name == name || strings.HasPrefix(s.Uses, name+"@") {
			return s.Run, s.With
		}
	}
	t.Fatalf("the job %s has no step %s", job, name)
	return "", nil
}

// bash runs a script of the workflow as GitHub does, at the root of the
// repository.
func bash(t *testing.T, script string, env ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestWhenItRuns(t *testing.T) {
	t.Parallel()
	w := read(t)
	for _, event := range []string{"schedule", "push", "pull_request", "deployment_status", "workflow_dispatch"} {
		if _, found := w.On[event]; !found {
			t.Errorf("it does not run on %s", event)
		}
	}
	if _, with := w.step(t, "secrets", "actions/checkout"); with["fetch-depth"] != "0" {
		t.Errorf("the scan sees the history cut: fetch-depth is %q", with["fetch-depth"])
	}
	_, restored := w.step(t, "postdeploy", "actions/cache/restore")
	_, saved := w.step(t, "postdeploy", "actions/cache/save")
	run, _ := w.step(t, "postdeploy", "postdeploy")
	if restored["path"] != saved["path"] || restored["key"] != saved["key"] || !strings.Contains(run, "-memory "+saved["path"]+" ") {
		t.Errorf("the memory is not what is kept: %v, %v in\n%s", restored, saved, run)
	}
}

// The postdeploy step leaves its report and its memory where the next steps
// look for them, also of a red run, which it stays.
func TestThePostdeployStep(t *testing.T) {
	t.Parallel()
	site := http.NewServeMux()
	site.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"status":"ok","release":"v7"}`)
	})
	srv := httptest.NewServer(site)
	defer srv.Close()
	w := read(t)
	run, _ := w.step(t, "postdeploy", "postdeploy")
	dir := t.TempDir()
	for name, file := range map[string]string{".readiness": "memory", "smoke.xml": "smoke.xml", "smoke.md": "smoke.md"} {
		run = strings.ReplaceAll(run, name, filepath.Join(dir, file)) // the checkout stays as it is
	}
	summary := filepath.Join(dir, "summary.md")
	out, err := bash(t, run, "RUNNER_TEMP="+dir, "URL="+srv.URL, "RELEASE=v7", "POSTDEPLOY="+w.Env["POSTDEPLOY"], "GITHUB_STEP_SUMMARY="+summary)
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		t.Fatalf("%v, want status 1\n%s", err, out)
	}
	for file, want := range map[string]string{
		"summary.md": "### Smoke check FAILED", "smoke.xml": `<testsuite name="smoke ` + srv.URL + ` v7"`, "memory/smoke.json": `"release":"v7"`,
	} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v, no %q in\n%s", file, err, want, data)
		}
	}
}

// The commands of the other steps know their flags.
func TestTheOtherSteps(t *testing.T) {
	t.Parallel()
	w := read(t)
	run, _ := w.step(t, "launchcheck", "launchcheck")
	run = strings.Replace(run, "go tool launchcheck", "go run ./cmd/launchcheck", 1) // which is a tool of those who import it
	summary := filepath.Join(t.TempDir(), "summary.md")
	out, err := bash(t, strings.Replace(run, "site.json", summary+".json", 1), "GITHUB_STEP_SUMMARY="+summary)
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 || !strings.Contains(out, "exit status 2") || strings.Contains(out, "flag") {
		t.Errorf("%v without a site.json\n%s", err, out)
	}
	run, _ = w.step(t, "secrets", "secrets")
	if !strings.Contains(run, "TestSecrets") {
		t.Errorf("the scan runs another test: %s", run)
	}
	out, err = bash(t, strings.Replace(run, "-count=1 -v -run", "-count=1 -list", 1), "SECRETS="+w.Env["SECRETS"])
	if err != nil || !strings.Contains(out, "TestSecrets") {
		t.Errorf("%v\n%s", err, out)
	}
}
