//go:build unix

package farm

import (
	"io"
	"os/exec"
	"syscall"
)

// terminate asks a child to end: it writes a checkpoint.
func terminate(cmd *exec.Cmd, _ io.Closer) { cmd.Process.Signal(syscall.SIGTERM) }
