package smoke_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// fakeGitleaks puts a program of that name first into PATH, which writes a
// report and how it was called.
func fakeGitleaks(t *testing.T, report, more string) (called string) {
	t.Helper()
	dir := t.TempDir()
	called = filepath.Join(dir, "called")
	writeFile(t, dir, "report", report)
	script := fmt.Sprintf("#!/bin/sh\necho \"$PWD $*\" >'%s'\nfor last; do case $before in --report-path) report=$last; cat '%s' >\"$last\";; esac; before=$last; done\n%s\n", called, filepath.Join(dir, "report"), more)
	writeFile(t, dir, "gitleaks", script)
	if err := os.Chmod(filepath.Join(dir, "gitleaks"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("SMOKE_GITLEAKS", "1")
	return called
}

func gitleaks(t *testing.T, dir string) *fakeTest {
	t.Helper()
	tb := newFakeTest(t)
	tb.run(func() { smoke.Gitleaks(tb, dir) })
	return tb
}

func TestGitleaksIsAskedFor(t *testing.T) {
	t.Setenv("SMOKE_GITLEAKS", "")
	tb := gitleaks(t, t.TempDir())
	if !strings.Contains(tb.skipped, "SMOKE_GITLEAKS") || len(tb.errors) != 0 {
		t.Errorf("%q %q", tb.skipped, tb.errors)
	}
}

func TestGitleaksReport(t *testing.T) {
	r := newRepository(t)
	r.commit("a.txt", "x")
	finding := `{"RuleID":"github-pat","File":"a.txt","StartLine":3,"Commit":"0123456789abcdef0123","Fingerprint":"0123:a.txt:github-pat:3","Secret":"` + secretToken + `","Match":"` + secretToken + `"}`
	tests := []struct {
		name, report, more string
		want               []string // of each error; none: clean
	}{
		{"clean", "[]", "", nil},
		{"a finding", "[" + finding + "]", "", []string{"a.txt:3 in commit 0123456789ab: github-pat (fingerprint 0123:a.txt:github-pat:3)"}},
		{"many", "[" + strings.Repeat(finding+",", 52) + finding + "]", "", append(make([]string, 50), "and 3 more secrets")},
		{"it failed", "[]", "echo cannot >&2; exit 1", []string{"exit status 1\ncannot"}},
		{"git failed", "[]", "echo '1:47PM ERR [git] fatal: unable to read' >&2", []string{"could not read all of it"}},
		{"a warning", "[]", "echo '1:47PM WRN slow' >&2", nil},
		{"no report", "", "rm \"$report\"", []string{"has written no report"}},
		{"half a report", "[{", "", []string{"cannot be read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			called := fakeGitleaks(t, tt.report, tt.more)
			tb := gitleaks(t, r.dir)
			if len(tb.errors) != len(tt.want) {
				t.Fatalf("%q", tb.errors)
			}
			for i, want := range tt.want {
				if !strings.Contains(tb.errors[i], want) || strings.Contains(tb.errors[i], secretToken[:8]) {
					t.Errorf("%q, want %q", tb.errors[i], want)
				}
			}
			text, err := os.ReadFile(called)
			if err != nil || !strings.Contains(string(text), " git --") || !strings.Contains(string(text), " --redact ") {
				t.Errorf("called with %q, %v", text, err)
			}
		})
	}
}

func TestGitleaksNeedsTheWholeHistory(t *testing.T) {
	fakeGitleaks(t, "[]", "")
	r := newRepository(t)
	if tb := gitleaks(t, r.dir); len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "the repository has no commit") {
		t.Errorf("%q", tb.errors)
	}
	r.commit("a.txt", "1")
	r.commit("a.txt", "2")
	clone := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", "--depth", "1", "file://"+r.dir, clone)
	if tb := gitleaks(t, clone); len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "this clone is shallow") || !strings.Contains(tb.errors[0], "fetch-depth: 0") {
		t.Errorf("%q", tb.errors)
	}
	repository{t, clone}.git("fetch", "-q", "--unshallow")
	if tb := gitleaks(t, clone); len(tb.errors) != 0 {
		t.Errorf("%q", tb.errors)
	}
	if tb := gitleaks(t, t.TempDir()); len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "not in a git work tree") {
		t.Errorf("%q", tb.errors)
	}
}

// TestGitleaksByGoRun has a go in PATH that tells how it was called.
func TestGitleaksByGoRun(t *testing.T) {
	r := newRepository(t)
	r.commit("a.txt", "x")
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(git, filepath.Join(dir, "git")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SMOKE_GITLEAKS", "1")
	t.Setenv("PATH", dir)
	t.Setenv("GOFLAGS", "-mod=vendor -modfile=x.mod -trimpath")
	if tb := gitleaks(t, r.dir); len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "neither gitleaks nor go is in PATH") {
		t.Errorf("%q", tb.errors)
	}
	writeFile(t, dir, "go", "#!/bin/sh\necho \"$GOWORK $GOFLAGS $*\" >&2\nexit 1\n")
	if err := os.Chmod(filepath.Join(dir, "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	tb := gitleaks(t, r.dir)
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "off -trimpath run github.com/zricethezav/gitleaks/v8@v8.30.1 git --") {
		t.Errorf("%q", tb.errors)
	}
}

// TestRealGitleaks looks for a secret that is only in the history. It takes
// long, and so it has to be asked for, like Gitleaks itself.
func TestRealGitleaks(t *testing.T) {
	if os.Getenv("SMOKE_GITLEAKS") == "" {
		t.Skip("SMOKE_GITLEAKS is not set")
	}
	r := newRepository(t)
	r.commit("go.mod", "module acme.example/app\n\ngo 1.26\n")
	if tb := gitleaks(t, r.dir); len(tb.errors) != 0 {
		t.Fatalf("%q", tb.errors)
	}
	r.commit("a.txt", "token = "+secretToken+"\n")
	r.commit("a.txt", "x\n")
	tb := gitleaks(t, r.dir)
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "a.txt:1 in commit ") || strings.Contains(tb.errors[0], secretToken[4:12]) {
		t.Errorf("%q", tb.errors)
	}
	if status := r.git("status", "--porcelain"); status != "" {
		t.Errorf("it left %q", status)
	}
}
