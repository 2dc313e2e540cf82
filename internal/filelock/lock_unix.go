//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// lock locks an open file until it is closed. The error is errHeld; a file system without locks has none.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return nil
}

// give removes a locked file, before anyone else can lock it.
func give(f *os.File) {
	os.Remove(f.Name())
	f.Close()
}
