//go:build darwin || freebsd

package optim

import "os"

// reserveRoom gives a new file so many bytes of the disk.
func reserveRoom(f *os.File, bytes int64) error { return fillZeros(f, bytes) }
