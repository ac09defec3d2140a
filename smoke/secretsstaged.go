package smoke

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/launchready/readiness/internal/worktree"
)

// StagedSecrets looks for secrets in what git commit would commit: the content
// of every added or changed file as it is staged, not as it is in the working
// tree. dir is a folder of the work tree; the whole commit is looked at, with
// paths from the top of the work tree and the .readinessignore that lies
// there. Of a symbolic link, git commits where it points to, and so that is
// looked at.
//
// It is made for a pre-commit hook: the variables that git sets for one are
// kept, so that git commit -a and git commit FILE, which commit from an index
// of their own, are looked at as well. Nothing staged is no leak and no error.
// The error is as with [Secrets].
func StagedSecrets(ctx context.Context, dir string) ([]Leak, error) {
	s, err := stagedSecrets(ctx, dir)
	if err != nil {
		return s.leaks, fmt.Errorf("smoke: staged secrets: %w", err)
	}
	return s.leaks, s.err()
}

func stagedSecrets(ctx context.Context, dir string) (s *textScan, err error) {
	s = &textScan{}
	env := worktree.Bound()
	top, err := worktree.Top(ctx, dir, env)
	if err != nil {
		return s, err
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return s, err
	}
	defer func() { _ = root.Close() }()
	if s.ignored, err = readIgnored(root); err != nil {
		return s, err
	}
	err = worktree.Staged(ctx, dir, env, func(name string, size int64, text io.Reader) error {
		if err := s.text(name, size, text); err != nil {
			return fmt.Errorf("%s: %w", shownFile(name), err)
		}
		return nil
	})
	return s, err
}
