package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// secret is put together when the test runs, so that none stands in a file.
var secret = "gh" + "p_" + "9fK2mQx7RtB4vNcW8" + "zLhJ3sYdPa6UeG1TrX5"

// tools is a folder with a go that builds the hook's program in no time: it was
// built once. In a work tree with a file does-not-compile it fails.
var tools string

const fakeGo = `#!/bin/sh
case $1 in
env) echo ;;
build)
	if [ -e does-not-compile ]; then
		echo 'syntax error' >&2
		exit 1
	fi
	cp "$(dirname "$0")/precommit" "$4"
	;;
esac
`

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "precommit")
	if err == nil {
		tools = dir
		var out []byte
		if out, err = exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "precommit"), ".").CombinedOutput(); err != nil {
			_, _ = os.Stderr.Write(out)
		}
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "go"), []byte(fakeGo), 0o700)
	}
	status := 1
	if err == nil {
		status = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// repository is a git work tree with the hook in place.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	r := repository{t, t.TempDir()}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"}, {"config", "user.email", "dev@acme.example"}, {"config", "user.name", "Dev"}, {"config", "commit.gpgsign", "false"},
	} {
		r.git(args...)
	}
	hook, err := os.ReadFile("pre-commit")
	if err != nil {
		r.Fatal(err)
	}
	r.write(".git/hooks/pre-commit", string(hook))
	if err := os.Chmod(filepath.Join(r.dir, ".git/hooks/pre-commit"), 0o755); err != nil {
		r.Fatal(err)
	}
	return r
}

// environment is that of a shell, also where this test runs in a hook.
func environment(more ...string) []string {
	env := []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			env = append(env, v)
		}
	}
	return append(env, more...)
}

func (r repository) try(args ...string) (string, error) {
	cmd := exec.CommandContext(r.Context(), "git", args...)
	cmd.Dir, cmd.Env = r.dir, environment("PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (r repository) git(args ...string) {
	r.Helper()
	if out, err := r.try(args...); err != nil {
		r.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func (r repository) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		r.Fatal(err)
	}
}

func (r repository) remove(name string) {
	r.Helper()
	if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
		r.Fatal(err)
	}
}

func TestHook(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		do     func(r repository)
		commit []string // the arguments of git commit
		want   string   // what it says where the commit is blocked
	}{
		{"a secret that is staged", func(r repository) { r.write("b.txt", "\n"+secret); r.git("add", "-A") }, nil, "b.txt:2: github-token: ghp_… (fingerprint github-token:b.txt:"},
		{"nothing to find", func(r repository) { r.write("b.txt", "x"); r.git("add", "-A") }, nil, ""},
		{"only in the working tree", func(r repository) {
			r.write("a.txt", "changed")
			r.git("add", "-A")
			r.write("a.txt", secret)
			r.write("untracked.txt", secret)
		}, nil, ""},
		{"removed from the working tree", func(r repository) { r.write("b.txt", secret); r.git("add", "-A"); r.remove("b.txt") }, nil, "b.txt:1: "},
		{"commit -a", func(r repository) { r.write("a.txt", secret) }, []string{"-a"}, "a.txt:1: "},
		{"commit FILE", func(r repository) { r.write("a.txt", secret) }, []string{"--", "a.txt"}, "a.txt:1: "},
		{"commit of another FILE", func(r repository) { r.write("a.txt", secret); r.write("c.txt", "changed") }, []string{"--", "c.txt"}, ""},
		{"a file that is deleted", func(r repository) { r.git("rm", "-q", "a.txt") }, nil, ""},
		{"a file that is renamed", func(r repository) { r.git("mv", "a.txt", "d.txt") }, nil, ""},
		{"a file that is renamed and gets one", func(r repository) {
			r.git("mv", "a.txt", "d.txt")
			r.write("d.txt", secret)
			r.git("add", "-A")
		}, nil, "d.txt:1: "},
		{"allowed", func(r repository) { r.write("b.txt", secret+" readiness:allow"); r.git("add", "-A") }, nil, ""},
		{"a file too large to look at", func(r repository) {
			r.write("b.sql", strings.Repeat("insert into x;\n", 1<<20))
			r.git("add", "-A")
		}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			r.write("a.txt", "one")
			r.write("c.txt", "two")
			r.git("add", "-A")
			r.git("commit", "-q", "-m", "first") // without a HEAD before
			tt.do(r)
			r.commit(tt.commit, tt.want)
		})
	}
	t.Run("the first commit", func(t *testing.T) {
		t.Parallel()
		r := newRepository(t)
		r.write("a.txt", secret)
		r.git("add", "-A")
		r.commit(nil, "a.txt:1: ")
	})
	t.Run("in a folder, of a second work tree", func(t *testing.T) {
		t.Parallel()
		r := newRepository(t)
		r.write("below/a.txt", "x")
		r.git("add", "-A")
		r.git("commit", "-q", "-m", "first")
		second := filepath.Join(t.TempDir(), "second")
		r.git("worktree", "add", "-q", second)
		r.dir = filepath.Join(second, "below")
		r.write("a.txt", secret)
		r.commit([]string{"-a"}, "below/a.txt:1: ")
	})
}

// commit asserts that a commit is made, or is blocked with want and without
// the secret.
func (r repository) commit(args []string, want string) {
	r.Helper()
	before, _ := r.try("rev-list", "--all", "--count")
	out, err := r.try(append([]string{"commit", "-q", "-m", "second"}, args...)...)
	after, _ := r.try("rev-list", "--all", "--count")
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		r.Fatal(err)
	case want == "" && (err != nil || before == after):
		r.Errorf("not committed: %v\n%s", err, out)
	case want != "" && (err == nil || before != after):
		r.Errorf("committed\n%s", out)
	case want != "" && (!strings.Contains(out, want) || !strings.Contains(out, "Not committed: ")):
		r.Errorf("no %q in\n%s", want, out)
	}
	if strings.Contains(out, secret[:8]) {
		r.Errorf("the secret is shown:\n%s", out)
	}
}

// TestHookAsItIs runs the file word by word: from the top of this repository,
// as git does, with the variables that lead it to another one.
func TestHookAsItIs(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.txt", secret)
	r.git("add", "-A")
	hook, err := filepath.Abs("pre-commit")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), hook)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = environment("GIT_DIR="+filepath.Join(r.dir, ".git"), "GIT_WORK_TREE="+r.dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(out), "a.txt:1: github-token: ghp_…") || strings.Contains(string(out), secret[:8]) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestHookWhereNothingBuilds is about work that does not compile yet: it neither
// lets a secret pass nor stands in the way of another commit.
func TestHookWhereNothingBuilds(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.txt", "nothing secret")
	r.write("does-not-compile", "")
	r.git("add", "a.txt")
	if out, err := r.try("commit", "-qm", "first"); err == nil || !strings.Contains(out, "syntax error\nNot committed: the program that looks for secrets does not build") {
		t.Errorf("nothing was built: %v\n%s", err, out)
	}
	if err := os.Remove(filepath.Join(r.dir, "does-not-compile")); err != nil {
		t.Fatal(err)
	}
	r.git("commit", "-qm", "first")
	r.write("does-not-compile", "")
	r.write("b.txt", secret)
	r.git("add", "b.txt")
	if out, err := r.try("commit", "-qm", "second"); err == nil || !strings.Contains(out, "the one built last looks.\nb.txt:1: github-token") {
		t.Errorf("a secret: %v\n%s", err, out)
	}
	r.write("b.txt", "nothing")
	r.git("add", "b.txt")
	r.git("commit", "-qm", "second")
}
