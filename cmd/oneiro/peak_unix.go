//go:build unix && !linux

package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// peakMemory returns the most memory that this process had resident, in bytes, or 0 if that is not
// known.
func peakMemory() int64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" { // everyone else counts in KiB
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
