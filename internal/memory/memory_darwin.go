package memory

import "golang.org/x/sys/unix"

// Machine returns the bytes of memory that the machine has, or 0 if nobody knows.
func Machine() int64 {
	bytes, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(bytes)
}
