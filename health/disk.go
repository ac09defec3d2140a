package health

import (
	"context"
	"errors"
	"fmt"
)

// DiskFree returns the Func of a [Check] that fails where fewer than bytes are
// free for this account on the file system of path, a folder, or where it has
// no room for one more file. Where path is empty or bytes is 0, or the operating
// system is none of Linux, macOS, FreeBSD, DragonFly, OpenBSD and Windows, the
// result is nil, and [New] reports it.
//
// A network file system whose server is gone holds a run for as long as it
// likes; it is then counted as stuck, and not started again.
func DiskFree(path string, bytes uint64) func(context.Context) error {
	if path == "" || bytes == 0 || !diskSupported {
		return nil
	}
	return func(context.Context) error {
		free, err := diskSpace(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if free.bytes < bytes {
			return fmt.Errorf("%s: %s free, %s wanted", path, megabytes(free.bytes), megabytes(bytes))
		}
		if free.noFiles {
			return fmt.Errorf("%s: %w", path, errNoFiles)
		}
		return nil
	}
}

var errNoFiles = errors.New("the file system has room for no more files (inodes)")

// space is what a file system has left for this account.
type space struct {
	bytes   uint64
	noFiles bool
}

func megabytes(n uint64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
