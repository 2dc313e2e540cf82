//go:build !linux

package render

// machineMemory returns the bytes of memory that the machine has, or 0 if nobody knows.
func machineMemory() int64 { return 0 }
