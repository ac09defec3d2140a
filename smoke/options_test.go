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

func TestAMemoryThatCannotBeWrittenIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := smoke.Config{Handler: newSite(inInput).handler(), Steps: []smoke.Step{smoke.Page("/")}}
	var stdout, stderr strings.Builder
	if status := smoke.RunCommand(t.Context(), cfg, []string{"-memory", filepath.Join(file, "below")}, &stdout, &stderr, false); status != 2 || !strings.Contains(stderr.String(), "-memory: nothing could be kept there: ") {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}
