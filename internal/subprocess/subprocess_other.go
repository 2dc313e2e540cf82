//go:build !unix

package subprocess

import (
	"io"
	"os/exec"
)

// Detach does nothing where there are no signals.
func Detach(cmd *exec.Cmd, _ bool) {}

// Terminate closes the pipe that a child reports to. Its next report fails, upon which it writes a checkpoint
// and ends.
func Terminate(_ *exec.Cmd, stdout io.Closer) { stdout.Close() }
