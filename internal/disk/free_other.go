//go:build !linux && !darwin && !freebsd && !windows

package disk

import "errors"

// Free returns how many bytes a folder has room for, in files of this user. Where nobody knows, the error is
// errors.ErrUnsupported.
func Free(string) (int64, error) { return 0, errors.ErrUnsupported }
