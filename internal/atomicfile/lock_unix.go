//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"os"
	"syscall"
)

// lock locks a file or a folder until it is closed, or its process ends. The error is errLocked if somebody
// else has locked it, and another one if it cannot be locked, as on some network drives.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		return errLocked
	}
	return err
}

// renamesOpen says whether an open file can be renamed.
const renamesOpen = true
