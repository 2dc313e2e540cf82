package main

import (
	"bufio"
	"fmt"
	"os"
)

// peakMemory returns the most memory that this process had resident, in bytes, or 0 if that is not
// known. getrusage would count the process that started it too: Linux keeps the maximum across exec.
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
