package smoke

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/launchready/readiness/internal/secretscan"
)

// maxFile is the size from which a file is not scanned.
const maxFile = 10 << 20

// textScan looks at one text after the other.
type textScan struct {
	scanner  secretscan.Scanner
	ignored  secretscan.Ignored
	leaks    []Leak
	texts    int
	unread   []string
	binary   []string // those of unread with a byte 0
	sparse   []string // those of unread that are not there
	problems []error
}

// file looks at a file of the folder. One that is gone from the working tree,
// or is no regular file, is none; one that a sparse checkout leaves out is not
// looked at.
func (s *textScan) file(root *os.Root, name string, sparse bool) {
	local := filepath.FromSlash(name)
	info, err := root.Lstat(local)
	if sparse && errors.Is(err, fs.ErrNotExist) {
		s.unread, s.sparse = append(s.unread, name), append(s.sparse, name)
		return
	}
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return
	}
	if err == nil {
		var f *os.File
		if f, err = root.Open(local); err == nil {
			err = s.text(name, info.Size(), f)
			_ = f.Close()
		}
	}
	if err != nil {
		s.problems = append(s.problems, fmt.Errorf("%s: %w", shownFile(name), err))
	}
}

// text looks at one text of a known size, if it is a text.
func (s *textScan) text(name string, size int64, r io.Reader) error {
	head := make([]byte, secretscan.HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	switch head = head[:n]; {
	case secretscan.Binary(head):
		if namedText(name) {
			s.unread, s.binary = append(s.unread, name), append(s.binary, name)
		}
		return nil
	case size > maxFile:
		s.unread = append(s.unread, name)
		return nil
	}
	s.texts++
	found, err := s.scanner.Scan(name, io.MultiReader(bytes.NewReader(head), r))
	s.leaks = append(s.leaks, asLeaks(found, s.ignored)...)
	return err
}

// err says what was not looked at.
func (s *textScan) err() error {
	switch {
	case s.problems != nil:
		return fmt.Errorf("smoke: secrets: %w", errors.Join(s.problems...))
	case s.unread != nil:
		return &UnreadError{Files: s.unread, binary: s.binary, sparse: s.sparse}
	default:
		return nil
	}
}
