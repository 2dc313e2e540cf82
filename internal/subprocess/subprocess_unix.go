//go:build unix

package subprocess

import (
	"io"
	"os/exec"
	"syscall"
)

// Terminate asks a child to end: it writes a checkpoint. stdout is the pipe that the child reports to.
func Terminate(cmd *exec.Cmd, stdout io.Closer) { cmd.Process.Signal(syscall.SIGTERM) }
