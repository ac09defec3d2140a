//go:build !unix

package smoke

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: there are no process groups.
func ownGroup(*exec.Cmd) {}

// terminate ends the program: there is no way to ask it.
func terminate(p *os.Process) { _ = p.Kill() } // it may have just ended

// killGroup ends the program, if it is still there.
func killGroup(p *os.Process) { _ = p.Kill() }

// interruptSelf ends the test as an interrupt would have.
func interruptSelf() { os.Exit(1) }
