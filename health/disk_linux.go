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
	// Blocks are counted in fragments, which FUSE and some network file
	// systems make smaller than what is best to transfer at once (Bsize).
	unit := s.Frsize
	if unit == 0 {
		unit = s.Bsize
	}
	// Some file systems count no files.
	return space{bytes: s.Bavail * uint64(unit), noFiles: s.Files > 0 && s.Ffree == 0}, nil
}
