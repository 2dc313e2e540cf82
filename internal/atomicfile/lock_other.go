//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import (
	"errors"
	"os"
)

// lock fails: this system has no locks that end with their process.
func lock(*os.File) error { return errors.ErrUnsupported }

// renamesOpen says whether an open file can be renamed.
const renamesOpen = false
