//go:build unix && !linux

package subprocess

import (
	"os/exec"
	"syscall"
)

// Detach puts a child into a process group of its own, so that Ctrl-C does not reach it.
func Detach(cmd *exec.Cmd, _ bool) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
