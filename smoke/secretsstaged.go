package smoke

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
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
	env := bound()
	top, err := topOf(ctx, dir, env)
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
	staged, err := stagedFiles(ctx, dir, env)
	if err != nil || len(staged) == 0 {
		return s, err
	}
	blobs, err := openBlobs(ctx, dir, env)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, blobs.close(err)) }()
	for _, f := range staged {
		size, text, err := blobs.next(f.object)
		if err == nil {
			err = s.text(f.name, size, text)
		}
		if err == nil {
			err = blobs.skip(text)
		}
		if ctx.Err() != nil {
			return s, context.Cause(ctx)
		}
		if err != nil { // what follows can no longer be told apart
			return s, fmt.Errorf("%s: %w", shownFile(f.name), err)
		}
	}
	return s, nil
}

// stagedFile is a file or a symbolic link that the commit adds or changes.
type stagedFile struct{ object, name string }

func stagedFiles(ctx context.Context, dir string, env []string) (files []stagedFile, err error) {
	out, err := git(ctx, dir, env, "diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--no-ext-diff", "--diff-filter=d", "--")
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

// blobs reads objects from one git process.
type blobs struct {
	ctx    context.Context
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *limited
}

func openBlobs(ctx context.Context, dir string, env []string) (*blobs, error) {
	b := &blobs{ctx: ctx, cmd: gitCommand(ctx, dir, env, "cat-file", "--batch"), stderr: &limited{most: 4 << 10, drop: true}}
	b.cmd.Stderr = b.stderr
	var err error
	if b.in, err = b.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.out = bufio.NewReaderSize(out, 64<<10)
	return b, b.cmd.Start()
}

// next asks for an object. Its text has to be given to skip before the next
// one is asked for.
func (b *blobs) next(object string) (size int64, text io.Reader, err error) {
	if _, err := fmt.Fprintln(b.in, object); err != nil {
		return 0, nil, err
	}
	line, err := b.out.ReadString('\n')
	if err != nil {
		return 0, nil, err
	}
	var name, kind string
	if n, err := fmt.Sscan(line, &name, &kind, &size); n != 3 || kind != "blob" {
		return 0, nil, fmt.Errorf("git cat-file said %.100q: %w", strings.TrimSpace(line), err)
	}
	return size, io.LimitReader(b.out, size), nil
}

// skip reads what is left of an object.
func (b *blobs) skip(text io.Reader) error {
	if _, err := io.Copy(io.Discard, text); err != nil {
		return err
	}
	_, err := b.out.Discard(1) // the line break after it
	return err
}

// close ends the process: after a failure it may be in the middle of an
// object, and then it is killed.
func (b *blobs) close(failed error) error {
	_ = b.in.Close()
	if failed != nil {
		_ = b.cmd.Process.Kill()
		_ = b.cmd.Wait()
		return nil
	}
	if err := b.cmd.Wait(); err != nil {
		return gitError(b.ctx, "cat-file", err, b.stderr.Bytes())
	}
	return nil
}
