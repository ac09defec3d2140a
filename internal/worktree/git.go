package worktree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// maxGitOutput is how much of git's output is read: the names of a
	// million files.
	maxGitOutput = 64 << 20
	// Grace is how long a process that was told to end may keep its output open.
	Grace = 5 * time.Second
)

var (
	errNoRepository = errors.New("not in a git work tree")
	errMuchOutput   = errors.New("more output than is read")
)

// boundPlaces are the variables that tie git to one repository, as it sets
// them for its hooks.
var boundPlaces = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE"}

// Unbound is the environment in which git looks for the repository of the
// folder that it is asked about, and for no other.
func Unbound() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(boundPlaces, name)
	})
}

// Bound is the environment of the hook that runs this, for git in another
// folder: what is relative to the folder of the hook is made absolute.
func Bound() []string {
	env := os.Environ()
	for i, v := range env {
		name, value, _ := strings.Cut(v, "=")
		if value != "" && slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}, name) {
			if abs, err := filepath.Abs(value); err == nil {
				env[i] = name + "=" + abs
			}
		}
	}
	return env
}

// gitCommand is git in a folder, with messages in English.
func gitCommand(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "--no-replace-objects"}, args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, append(slices.Clip(env), "LC_ALL=C"), Grace
	return cmd
}

// Git runs git in dir with an environment, [Unbound] or [Bound], and returns
// what it prints, up to 64 MiB.
func Git(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	cmd := gitCommand(ctx, dir, env, args...)
	stdout, stderr := Limited{Most: maxGitOutput}, Limited{Most: 4 << 10, Drop: true}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, gitError(ctx, args[0], err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// gitError words a failure of git with the first line of what it said.
func gitError(ctx context.Context, what string, err error, stderr []byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if bytes.Contains(stderr, []byte("not a git repository")) || bytes.Contains(stderr, []byte("must be run in a work tree")) {
		return errNoRepository
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(string(stderr)), "\n"); line != "" {
		return fmt.Errorf("git %s: %w: %.300q", what, err, line)
	}
	return fmt.Errorf("git %s: %w", what, err)
}

// Top returns the folder at the top of a work tree.
func Top(ctx context.Context, dir string, env []string) (string, error) {
	out, err := Git(ctx, dir, env, "rev-parse", "--show-toplevel")
	return strings.TrimSuffix(string(out), "\n"), err
}

// entries splits output that ends every entry with a byte 0.
func entries(out []byte) []string {
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
