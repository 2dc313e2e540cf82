package disk

import "golang.org/x/sys/windows"

// Free returns how many bytes a folder has room for, in files of this user. Where nobody knows, the error is
// errors.ErrUnsupported.
func Free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(free), nil
}
