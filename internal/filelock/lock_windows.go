package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks an open file until it is closed, by a byte far beyond its end, so that the rest can be read. The
// error is errHeld; a file system without locks has none.
func lock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return nil
}

// give removes a locked file, which has to be closed for that.
func give(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}
