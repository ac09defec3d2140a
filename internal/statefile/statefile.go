// Package statefile keeps one small document in a file of a folder, so that
// what one run knows reaches the next.
package statefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is one document in a folder, which is made where it is missing. It is
// safe for concurrent use, also by several processes: the last Save wins, and
// nobody reads half of one.
type File struct {
	Dir, Name string
	// Max is the most that Load reads, in bytes, and one byte more, by which a
	// reader sees that it was too long.
	Max int64
}

// Path is where the document lies.
func (f File) Path() string { return filepath.Join(f.Dir, f.Name) }

// Load returns what was saved last: nothing, and no error, where nothing was.
func (f File) Load() ([]byte, error) {
	file, err := os.Open(f.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read: nothing to lose
	return io.ReadAll(io.LimitReader(file, f.Max+1))
}

// Try reports whether Save could write, as far as can be known: it makes the
// folder, and a file in it that it takes away again.
func (f File) Try() error {
	file, err := f.create()
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// create makes the folder, and a file for the next document.
func (f File) create() (*os.File, error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(f.Dir, "."+f.Name+"-*")
}

// Save writes another file and puts it in the place of the first. It is on
// the disk before it takes that place, so that a machine that stops in
// between keeps the old document or the new one.
func (f File) Save(data []byte) error {
	file, err := f.create()
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), f.Path())
	}
	if err != nil {
		_ = os.Remove(file.Name()) // it may be gone; the error says more
	}
	return err
}
