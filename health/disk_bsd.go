//go:build darwin || freebsd || dragonfly

package health

import (
	"os"
	"syscall"
)

const diskSupported = true

func diskSpace(path string) (space, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return space{}, os.NewSyscallError("statfs", err)
	}
	// The fields' types differ from system to system, and FreeBSD's count goes
	// below zero once only root may write. Some file systems count no files.
	return space{bytes: uint64(max(int64(s.Bavail), 0)) * uint64(s.Bsize), noFiles: s.Files > 0 && s.Ffree == 0}, nil
}
