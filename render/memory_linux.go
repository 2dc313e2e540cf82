package render

import "golang.org/x/sys/unix"

// machineMemory returns the bytes of memory that the machine has, or 0 if nobody knows.
func machineMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(uint64(info.Totalram) * uint64(info.Unit))
}
