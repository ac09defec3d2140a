package smoke_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// A flag that is given and empty is a variable that nobody set: the run would
// leave out what was asked for.
func TestFlagsThatAreGivenAndEmpty(t *testing.T) {
	t.Parallel()
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}}
	for flag := range strings.FieldsSeq("-url -release -memory -json -junit -markdown -deploy-hook -scan-log") {
		var stdout, stderr strings.Builder
		if status := smoke.RunCommand(t.Context(), cfg, []string{flag, ""}, &stdout, &stderr, false); status != 2 || !strings.Contains(stderr.String(), flag+" is given and empty: is a variable not set?") {
			t.Errorf("%s: status %d, %s", flag, status, stderr.String())
		}
	}
	var stdout, stderr strings.Builder
	if status := smoke.RunCommand(t.Context(), cfg, []string{"-note", ""}, &stdout, &stderr, false); status != 0 {
		t.Errorf("no note: status %d, %s", status, stderr.String())
	}
}

func TestTwoReportsInOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "report"), filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}}
	for _, second := range []string{file, link, filepath.Join(dir, ".", "report")} {
		var stdout, stderr strings.Builder
		if status := smoke.RunCommand(t.Context(), cfg, []string{"-json", file, "-junit", second}, &stdout, &stderr, false); status != 2 || !strings.Contains(stderr.String(), "-junit names the file of -json") {
			t.Errorf("%s: status %d, %s", second, status, stderr.String())
		}
	}
}

func TestAddressesInOtherLetters(t *testing.T) {
	t.Parallel()
	home := []smoke.Step{smoke.Page("/")}
	_, err := smoke.New(smoke.Config{URL: "https://bücher.example", Hosts: map[string]string{"api": "https://api.bücher.example"}, Steps: home})
	for _, want := range []string{"smoke: URL: must name the host in its ASCII form, xn--…", `smoke: Hosts["api"]: must name the host in its ASCII form`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := smoke.New(smoke.Config{URL: "https://xn--bcher-kva.example", Steps: home}); err != nil {
		t.Error(err)
	}
}

// A query that a redirect has to lead to is compared, and keeps no value.
func TestAValueInTheQueryOfRedirectsTo(t *testing.T) {
	t.Parallel()
	_, err := smoke.New(smoke.Config{URL: "https://smoke.test", Steps: []smoke.Step{smoke.Page("/a").RedirectsTo("/b?id={id}"), smoke.Page("/c/{id}")}})
	if err == nil || strings.Count(err.Error(), "{id}") < 2 {
		t.Errorf("got %v", err)
	}
}

func TestSecretsOfASparseCheckout(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.txt", "nothing")
	r.write("b.txt", secretToken)
	r.git("add", "-A")
	r.git("commit", "-qm", "first")
	r.git("sparse-checkout", "set", "--no-cone", "/a.txt")
	if _, err := smoke.Secrets(t.Context(), r.dir); err == nil || !strings.Contains(err.Error(), "not looked at for secrets, because a sparse checkout leaves it out: b.txt") {
		t.Errorf("got %v", err)
	}
}
