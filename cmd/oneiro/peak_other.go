//go:build !unix

package main

// peakMemory returns the most memory that this process had resident, in bytes, or 0 if that is not
// known.
func peakMemory() int64 { return 0 }
