//go:build !linux

package servertest

import "syscall"

// endWithParent has no counterpart here: the server ends with the test's
// clean-up only.
func endWithParent() *syscall.SysProcAttr { return nil }
