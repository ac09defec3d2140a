package worktree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Staged reads what the next commit adds or changes, files and symbolic links,
// as it is staged. Of each it gives read the path from the top of the work tree,
// the size, and the text, of which read may leave a rest. The first error of
// read ends it. env is [Bound] in a hook of git.
func Staged(ctx context.Context, dir string, env []string, read func(name string, size int64, text io.Reader) error) (err error) {
	files, err := stagedFiles(ctx, dir, env)
	if err != nil || len(files) == 0 {
		return err
	}
	blobs, err := openBlobs(ctx, dir, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.close(err)) }()
	for _, f := range files {
		if err := blobs.read(f, read); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil { // what follows can no longer be told apart
			return err
		}
	}
	return nil
}

type stagedFile struct{ object, name string }

func stagedFiles(ctx context.Context, dir string, env []string) (files []stagedFile, err error) {
	out, err := Git(ctx, dir, env, "diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--no-ext-diff", "--diff-filter=d", "--")
	if err != nil {
		return nil, err
	}
	list := entries(out) // ":100644 100644 OLD NEW M", then the name
	for i := 0; i+1 < len(list); i += 2 {
		fields := strings.Fields(list[i])
		if len(fields) != 5 {
			return nil, fmt.Errorf("git diff said %.100q", list[i])
		}
		if mode, object := fields[1], fields[3]; (strings.HasPrefix(mode, "100") || mode == "120000") && strings.Trim(object, "0") != "" {
			files = append(files, stagedFile{object, list[i+1]})
		}
	}
	return files, nil
}
