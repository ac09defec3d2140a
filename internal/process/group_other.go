//go:build !unix

package process

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

// InterruptSelf ends the test as an interrupt would have.
func InterruptSelf() { os.Exit(1) }
