package worktree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// List is what is below a folder.
type List struct {
	// Names are paths from the folder on.
	Names []string
	// Tracked says that these are what git tracks, and otherwise every regular
	// file of a folder that is in no work tree.
	Tracked bool
	// Sparse are those of Names that git may have left out of the working tree,
	// in a sparse checkout.
	Sparse map[string]bool
}

// Files lists what is below dir. Git need not be installed where dir is in no
// work tree.
func Files(ctx context.Context, dir string) (List, error) {
	out, err := Git(ctx, dir, Unbound(), "ls-files", "-z", "-t", "--cached", "--", ".")
	switch {
	case err == nil:
		return tracked(entries(out)), nil
	case errors.Is(err, errNoRepository), errors.Is(err, exec.ErrNotFound) && !inRepository(dir):
		names, err := walk(dir)
		return List{Names: names}, err
	default:
		return List{}, err
	}
}

// tracked reads lines of git ls-files -t: a letter, a blank and the name. A file
// that is in conflict is listed up to three times.
func tracked(lines []string) List {
	l := List{Tracked: true, Sparse: map[string]bool{}}
	for _, line := range lines {
		tag, name, _ := strings.Cut(line, " ")
		if tag == "S" {
			l.Sparse[name] = true
		}
		l.Names = append(l.Names, name)
	}
	l.Names = slices.Compact(l.Names)
	return l
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
