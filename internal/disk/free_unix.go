//go:build linux || darwin || freebsd

package disk

import "golang.org/x/sys/unix"

// Free returns how many bytes a folder has room for, in files of this user. Where nobody knows, the error is
// errors.ErrUnsupported.
func Free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
