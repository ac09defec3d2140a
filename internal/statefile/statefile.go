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

// Save writes another file and puts it in the place of the first. It is on
// the disk before it takes that place, so that a machine that stops in
// between keeps the old document or the new one.
func (f File) Save(data []byte) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(f.Dir, "."+f.Name+"-*")
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
