package smoke_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// Where these tests run in a hook of git, its variables must not lead them to
// the repository of the hook.
func init() {
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_PREFIX"} {
		_ = os.Unsetenv(name)
	}
}

// repository is a git work tree of a test.
type repository struct {
	testing.TB
	dir string
}

func newRepository(t testing.TB) repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	r := repository{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	r.git("config", "user.email", "dev@acme.example")
	r.git("config", "user.name", "Dev")
	r.git("config", "commit.gpgsign", "false")
	r.git("config", "core.hooksPath", "hooks")
	return r
}

func (r repository) git(args ...string) string {
	r.Helper()
	cmd := exec.CommandContext(r.Context(), "git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_CONFIG_COUNT=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (r repository) write(name, text string) { writeFile(r, r.dir, name, text) }

func (r repository) commit(name, text string) {
	r.write(name, text)
	r.git("add", "-A")
	r.git("commit", "-q", "-m", name)
}

func writeFile(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// places lists leaks as "file:line rule".
func places(leaks []smoke.Leak) string {
	var list []string
	for _, l := range leaks {
		list = append(list, fmt.Sprintf("%s:%d %s", l.File, l.Line, l.Rule))
	}
	return strings.Join(list, ", ")
}

func TestSecretsOfAWorkTree(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write(".gitignore", ".env\n")
	r.write(".env", secretToken)
	r.write("a/tracked.yml", "x: 1\ntoken: "+secretToken+"\n")
	r.write("a/ name with\n\"quotes\" \xff.txt", secretURL)
	r.write("changed.txt", "harmless")
	r.write("deleted.txt", secretToken)
	r.write("image.png", "\x89PNG\x00"+secretToken)
	if err := os.Symlink(filepath.Join(r.dir, ".env"), filepath.Join(r.dir, "link")); err != nil {
		t.Fatal(err)
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "first")
	r.write("changed.txt", "\n"+secretToken) // as it is in the working tree
	r.write("untracked.txt", secretToken)
	if err := os.Remove(filepath.Join(r.dir, "deleted.txt")); err != nil {
		t.Fatal(err)
	}
	leaks, err := smoke.Secrets(t.Context(), r.dir)
	if want := "a/ name with\n\"quotes\" \xff.txt:1 connection-password, a/tracked.yml:2 github-token, changed.txt:2 github-token"; err != nil || places(leaks) != want {
		t.Errorf("%q, %v, want %q", places(leaks), err, want)
	}
	leaks, err = smoke.Secrets(t.Context(), filepath.Join(r.dir, "a"))
	if want := " name with\n\"quotes\" \xff.txt:1 connection-password, tracked.yml:2 github-token"; err != nil || places(leaks) != want {
		t.Errorf("below: %q, %v", places(leaks), err)
	}
}

func TestSecretsOfAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, dir, ".env", secretToken)
	writeFile(t, dir, "a/b/c.txt", secretURL)
	writeFile(t, dir, "a/.git/config", secretToken)
	outside := t.TempDir()
	writeFile(t, outside, "x.txt", secretToken)
	for link, target := range map[string]string{"link": filepath.Join(outside, "x.txt"), "folder": outside} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(t.TempDir(), "to the folder")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, link} {
		leaks, err := smoke.Secrets(t.Context(), d)
		if err != nil || places(leaks) != ".env:1 github-token, a/b/c.txt:1 connection-password" {
			t.Errorf("%q, %v", places(leaks), err)
		}
	}
}

func TestSecretsIgnored(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("a.txt", secretToken+"\n"+secretURL+"\n")
	leaks, err := smoke.Secrets(t.Context(), r.dir)
	if err != nil || len(leaks) != 2 {
		t.Fatal(leaks, err)
	}
	r.write(".readinessignore", "# of the test account\n"+leaks[0].Fingerprint+"\n")
	r.write("a.txt", "\n\n"+secretToken+"\n"+secretURL+" # readiness:allow\n") // the lines have moved
	if leaks, err := smoke.Secrets(t.Context(), r.dir); err != nil || len(leaks) != 0 {
		t.Error(leaks, err)
	}
	r.git("mv", "a.txt", "b.txt")
	if leaks, err := smoke.Secrets(t.Context(), r.dir); err != nil || places(leaks) != "b.txt:3 github-token" {
		t.Error(leaks, err)
	}
	r.write(".readinessignore", "b.txt\n")
	if leaks, err := smoke.Secrets(t.Context(), r.dir); err == nil || len(leaks) != 0 || !strings.Contains(err.Error(), ".readinessignore: line 1: ") {
		t.Error(leaks, err)
	}
}

func TestSecretsThatCannotBeLookedFor(t *testing.T) {
	t.Parallel()
	if _, err := smoke.Secrets(t.Context(), filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := smoke.Secrets(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "nothing was read") {
		t.Errorf("empty folder: %v", err)
	}
	r := newRepository(t)
	r.write("untracked.txt", "x")
	if _, err := smoke.Secrets(t.Context(), r.dir); err == nil || !strings.Contains(err.Error(), "nothing was read: what git tracks in ") {
		t.Errorf("nothing tracked: %v", err)
	}
	r.commit("a.txt", secretToken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := smoke.Secrets(ctx, r.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := smoke.StagedSecrets(ctx, r.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("staged, cancelled: %v", err)
	}
	if _, err := smoke.StagedSecrets(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "not in a git work tree") {
		t.Errorf("staged, no work tree: %v", err)
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(filepath.Join(r.dir, "a.txt"), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := smoke.Secrets(t.Context(), r.dir); !errors.Is(err, os.ErrPermission) {
			t.Errorf("unreadable: %v", err)
		}
	}
}

func TestSecretsOfLargeFiles(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.txt", secretToken)
	r.write("large.sql", strings.Repeat("insert into x;\n", 1<<20))
	r.write("large.bin", "\x00"+strings.Repeat("insert into x;\n", 1<<20))
	r.git("add", "-A")
	for name, look := range map[string]func(context.Context, string) ([]smoke.Leak, error){"tracked": smoke.Secrets, "staged": smoke.StagedSecrets} {
		leaks, err := look(t.Context(), r.dir)
		var unread *smoke.UnreadError
		if !errors.As(err, &unread) || strings.Join(unread.Files, " ") != "large.sql" || places(leaks) != "a.txt:1 github-token" {
			t.Errorf("%s: %v, %v", name, leaks, err)
		}
	}
	tb := newFakeTest(t)
	tb.run(func() { smoke.NoSecrets(tb, r.dir) })
	if logged := strings.Join(tb.logs, "\n"); len(tb.errors) != 1 || strings.Count(logged, "larger than 10 MB: large.sql") != 1 {
		t.Errorf("%q %q", tb.errors, tb.logs)
	}
}

func TestNoSecrets(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("a.txt", "harmless\n")
	tb := newFakeTest(t)
	if tb.run(func() { smoke.NoSecrets(tb, r.dir) }); len(tb.errors) != 0 {
		t.Errorf("%q", tb.errors)
	}
	r.commit("b.txt", strings.Repeat(secretToken+"\n", 60))
	if tb.run(func() { smoke.NoSecrets(tb, r.dir) }); len(tb.errors) != 51 || tb.errors[50] != "and 10 more secrets" {
		t.Errorf("%d: %q", len(tb.errors), tb.errors[len(tb.errors)-1])
	}
	for _, text := range tb.errors[:50] {
		if strings.Contains(text, secretToken[:8]) || !strings.HasPrefix(text, "b.txt:") {
			t.Error(text)
		}
	}
	if advice := strings.Join(tb.logs, "\n"); strings.Count(advice, "readiness:allow") != 1 || !strings.Contains(advice, ".readinessignore") {
		t.Error(advice)
	}
	tb = newFakeTest(t)
	if tb.run(func() { smoke.NoSecrets(tb, filepath.Join(r.dir, "nothing")) }); len(tb.errors) != 1 {
		t.Errorf("%q", tb.errors)
	}
}

// fakeTest is a test whose outcome is looked at.
type fakeTest struct {
	testing.TB
	errors, logs []string
	skipped      string
}

func newFakeTest(t testing.TB) *fakeTest { return &fakeTest{TB: t} }

// run calls f as a test would.
func (r *fakeTest) run(f func()) {
	var wg sync.WaitGroup
	wg.Go(f) // Goexit ends it where f ends early
	wg.Wait()
}

func (r *fakeTest) Helper()           {}
func (r *fakeTest) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }

func (r *fakeTest) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *fakeTest) Log(args ...any) { r.logs = append(r.logs, fmt.Sprint(args...)) }

func (r *fakeTest) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func (r *fakeTest) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *fakeTest) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
