//go:build unix && !linux

package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// peakMemory returns the peak resident memory of this process in bytes, or 0 if it is unknown.
func peakMemory() int64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" { // other systems count in KiB
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
