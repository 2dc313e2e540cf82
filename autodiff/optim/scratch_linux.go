package optim

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserveRoom gives a new file so many bytes of the disk. Not every file system can do that without writing
// them.
func reserveRoom(f *os.File, bytes int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, bytes)
		switch {
		case err == unix.EINTR:
			continue
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return fillZeros(f, bytes)
		}
		return err
	}
}
