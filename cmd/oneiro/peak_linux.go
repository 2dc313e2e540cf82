package main

import (
	"bufio"
	"fmt"
	"os"
)

// peakMemory returns the peak resident memory of this process in bytes, or 0 if it is unknown. getrusage
// would include the process that started this one: Linux keeps the maximum across exec.
func peakMemory() int64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}
