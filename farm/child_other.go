//go:build !unix

package farm

import (
	"io"
	"os/exec"
)

// detach does nothing where there are no signals.
func detach(*exec.Cmd) {}

// terminate closes the pipe that a child reports to. Its next report fails, upon which it writes a checkpoint
// and ends.
func terminate(_ *exec.Cmd, stdout io.Closer) { stdout.Close() }
