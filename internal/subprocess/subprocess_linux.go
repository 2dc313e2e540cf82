package subprocess

import (
	"os/exec"
	"syscall"
)

// Detach puts a child into a process group of its own, so that Ctrl-C does not reach it, and has it ended when
// its parent dies: by SIGTERM, or if kill is set by SIGKILL. Only Linux does the latter.
func Detach(cmd *exec.Cmd, kill bool) {
	death := syscall.SIGTERM
	if kill {
		death = syscall.SIGKILL
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
}
