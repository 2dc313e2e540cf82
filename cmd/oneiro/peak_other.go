//go:build !unix

package main

// peakMemory returns the peak resident memory of this process in bytes, or 0 if it is unknown.
func peakMemory() int64 { return 0 }
