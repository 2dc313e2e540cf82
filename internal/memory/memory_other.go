//go:build !linux && !darwin

package memory

// Machine returns the bytes of memory that the machine has, or 0 if nobody knows.
func Machine() int64 { return 0 }
