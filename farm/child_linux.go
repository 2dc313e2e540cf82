package farm

import (
	"os/exec"
	"syscall"
)

// detach puts a child into a process group of its own, so that Ctrl-C does not reach it, and has the system
// kill it when the worker dies: another worker goes on with its job.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
