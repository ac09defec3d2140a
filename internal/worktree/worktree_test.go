package worktree_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/internal/worktree"
)

// repository returns a new one with the given files in the working tree.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	args = append([]string{"-c", "user.name=a", "-c", "user.email=a@market.example"}, args...)
	if _, err := worktree.Git(t.Context(), dir, worktree.Unbound(), args...); err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{"a.txt": "a", "below/b c.txt": "b", "-n": "c", "line\nbreak": "d", "untracked": "e"})
	git(t, dir, "add", "--", "a.txt", "below", "-n", "line\nbreak")
	for from, want := range map[string][]string{".": {"-n", "a.txt", "below/b c.txt", "line\nbreak"}, "below": {"b c.txt"}} {
		got, err := worktree.Files(t.Context(), filepath.Join(dir, from))
		if err != nil || !got.Tracked || !slices.Equal(got.Names, want) || len(got.Sparse) > 0 {
			t.Errorf("%s: %+v, %v", from, got, err)
		}
	}
	plain := t.TempDir()
	write(t, plain, "x/y", "z")
	write(t, plain, ".git/config", "no repository") // git says so
	if got, err := worktree.Files(t.Context(), plain); err != nil || got.Tracked || !slices.Equal(got.Names, []string{"x/y"}) {
		t.Errorf("a folder: %+v, %v", got, err)
	}
	if _, err := worktree.Files(t.Context(), filepath.Join(plain, "none")); err == nil {
		t.Error("a folder that does not exist has files")
	}
}

func TestFilesOfASparseCheckout(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{"a": "1", "b": "2"})
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "first")
	git(t, dir, "sparse-checkout", "set", "--no-cone", "/a")
	got, err := worktree.Files(t.Context(), dir)
	if err != nil || !slices.Equal(got.Names, []string{"a", "b"}) || got.Sparse["a"] || !got.Sparse["b"] {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestStaged(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{"kept": "1", "changed": "2", "gone": "3"})
	staged := func(read func(name, text string) error) error {
		return worktree.Staged(t.Context(), dir, worktree.Unbound(), func(name string, size int64, text io.Reader) error {
			all, err := io.ReadAll(io.LimitReader(text, 3)) // the rest is left
			if err == nil && size >= 3 != (len(all) == 3) {
				t.Errorf("%s has %d bytes, %d were read", name, size, len(all))
			}
			return errors.Join(err, read(name, string(all)))
		})
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "first")
	if err := staged(func(name, _ string) error { t.Errorf("%s is staged", name); return nil }); err != nil {
		t.Error(err)
	}
	write(t, dir, "changed", strings.Repeat("abc", 100_000))
	write(t, dir, "new\nfile", "n")
	git(t, dir, "rm", "-q", "gone")
	git(t, dir, "add", ".")
	write(t, dir, "changed", "not staged")
	var got []string
	if err := staged(func(name, text string) error { got = append(got, name+"="+text); return nil }); err != nil || !slices.Equal(got, []string{"changed=abc", "new\nfile=n"}) {
		t.Errorf("got %q, %v", got, err)
	}
	enough := errors.New("enough")
	if err := staged(func(string, string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	if err := worktree.Staged(t.Context(), t.TempDir(), worktree.Unbound(), nil); err == nil {
		t.Error("something is staged outside a work tree")
	}
}

func TestTheContextEndsIt(t *testing.T) {
	t.Parallel()
	dir := repository(t, nil)
	ctx, cancel := context.WithCancelCause(t.Context())
	over := errors.New("over")
	cancel(over)
	if _, err := worktree.Git(ctx, dir, worktree.Unbound(), "status"); !errors.Is(err, over) {
		t.Errorf("got %v", err)
	}
}

func TestLimited(t *testing.T) {
	t.Parallel()
	hard, soft := worktree.Limited{Most: 4}, worktree.Limited{Most: 4, Drop: true}
	if _, err := io.WriteString(&hard, "12345"); err == nil {
		t.Error("too much is no error")
	}
	if _, err := io.Copy(&hard, iotest.OneByteReader(strings.NewReader("12345"))); err == nil || hard.String() != "1234" {
		t.Errorf("as exec.Cmd writes it: kept %q, %v", hard.String(), err)
	}
	for range 2 {
		if n, err := io.WriteString(&soft, "123"); n != 3 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if got := soft.String(); got != "1231" {
		t.Errorf("kept %q", got)
	}
}

func TestUnbound(t *testing.T) {
	t.Setenv("GIT_DIR", "elsewhere")
	if slices.Contains(worktree.Unbound(), "GIT_DIR=elsewhere") {
		t.Error("git is bound to a repository")
	}
	if abs, err := filepath.Abs("elsewhere"); err != nil || !slices.Contains(worktree.Bound(), "GIT_DIR="+abs) {
		t.Errorf("the hook's repository is not kept, %v", err)
	}
}
