//go:build !linux

package atomicfile

import (
	"errors"
	"os"
)

// openUnnamed returns nil: this system has no files without a name.
func openUnnamed(string) *os.File { return nil }

func link(*os.File, string) error { return errors.ErrUnsupported }
