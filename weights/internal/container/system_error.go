//go:build !plan9

package container

import "syscall"

// systemError is an error of the operating system, as opposed to one that package os makes itself.
type systemError = syscall.Errno
