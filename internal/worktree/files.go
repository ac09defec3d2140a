package worktree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Files lists what git tracks below dir, with paths from there on, or, where
// dir is in no work tree, every regular file of the folder. tracked says which
// of the two it is. Git need not be installed for the second.
func Files(ctx context.Context, dir string) (names []string, tracked bool, err error) {
	out, err := Git(ctx, dir, Unbound(), "ls-files", "-z", "--cached", "--", ".")
	switch {
	case err == nil: // a file that is in conflict is listed up to three times
		return slices.Compact(entries(out)), true, nil
	case errors.Is(err, errNoRepository), errors.Is(err, exec.ErrNotFound) && !inRepository(dir):
		names, err = walk(dir)
		return names, false, err
	default:
		return nil, false, err
	}
}

// inRepository reports whether dir looks like a part of a git work tree.
func inRepository(dir string) bool {
	at, err := filepath.Abs(dir)
	for err == nil {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return true
		}
		parent := filepath.Dir(at)
		if parent == at {
			break
		}
		at = parent
	}
	return false
}

// walk lists the regular files of a folder.
func walk(dir string) (names []string, err error) {
	top, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git" && d.IsDir():
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		name, err := filepath.Rel(top, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, err
}
