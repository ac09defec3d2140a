package servertest

import "syscall"

// endWithParent makes the kernel kill the server when the test process dies
// without running its clean-up (a panic, a time-out), so that no run leaves
// a process behind.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
