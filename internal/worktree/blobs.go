package worktree

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// blobs reads objects from one git process.
type blobs struct {
	ctx    context.Context
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *Limited
}

func openBlobs(ctx context.Context, dir string, env []string) (*blobs, error) {
	b := &blobs{ctx: ctx, cmd: gitCommand(ctx, dir, env, "cat-file", "--batch"), stderr: &Limited{Most: 4 << 10, Drop: true}}
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

// read asks for an object, and reads what the callback leaves of it.
func (b *blobs) read(f stagedFile, read func(name string, size int64, text io.Reader) error) error {
	size, text, err := b.next(f.object)
	if err != nil {
		return fmt.Errorf("%q: %w", f.name, err)
	}
	if err := read(f.name, size, text); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, text); err != nil {
		return err
	}
	_, err = b.out.Discard(1) // the line break after it
	return err
}

// next asks for an object, whose text has to be read to its end.
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
