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
	return space{bytes: uint64(max(s.F_bavail, 0)) * uint64(s.F_bsize), noFiles: s.F_files > 0 && s.F_ffree == 0}, nil
}
