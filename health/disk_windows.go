package health

import (
	"os"
	"syscall"
	"unsafe"
)

const diskSupported = true

func diskSpace(path string) (space, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return space{}, err
	}
	// A file is not enough for this call: it wants the folder.
	var free, total, all uint64
	call := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	if err := call.Find(); err != nil {
		return space{}, err
	}
	ok, _, err := call.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&free)), uintptr(unsafe.Pointer(&total)), uintptr(unsafe.Pointer(&all)))
	if ok == 0 {
		return space{}, os.NewSyscallError("GetDiskFreeSpaceEx", err)
	}
	return space{bytes: free}, nil
}
