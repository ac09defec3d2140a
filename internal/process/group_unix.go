//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup lets a program and what it starts be ended together.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks the program alone, as a platform does; what it started is its
// own to end.
func terminate(p *os.Process) { _ = p.Signal(syscall.SIGTERM) } // it may have just ended

// killGroup ends whatever is left. A group that is not empty keeps its number
// from being given to another.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // nothing may be left

// InterruptSelf does what an interrupt would have done.
func InterruptSelf() { _ = syscall.Kill(os.Getpid(), syscall.SIGINT) }
