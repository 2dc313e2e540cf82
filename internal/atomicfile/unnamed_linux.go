package atomicfile

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openUnnamed makes a file without a name in a folder, of which nothing is left if the program is killed.
// It returns nil where that, or naming it later, is not possible.
func openUnnamed(folder string) *os.File {
	f, err := os.OpenFile(folder, os.O_WRONLY|unix.O_TMPFILE, 0o666)
	if err != nil {
		return nil
	}
	if _, err := os.Stat(byNumber(f)); err != nil {
		f.Close()
		return nil
	}
	return f
}

// link gives a file without a name one.
func link(f *os.File, name string) error {
	return unix.Linkat(unix.AT_FDCWD, byNumber(f), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
}

// byNumber returns a path of an open file that needs no name of its own.
func byNumber(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }
