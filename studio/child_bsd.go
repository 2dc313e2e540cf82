//go:build unix && !linux

package studio

import (
	"os/exec"
	"syscall"
)

// detach gives a child a group of its own, so that Ctrl-C is not for it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
