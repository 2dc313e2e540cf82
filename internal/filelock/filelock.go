// Package filelock keeps two runs of the program from writing the same files. A lock is a file that the system
// holds for the process: when that ends, however it ends, the lock is free again, and a file left behind does
// no harm. Systems without such locks (Plan 9, Solaris, AIX) do without.
package filelock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"oneiro/internal/quote"
)

// errHeld means that another process has the lock.
var errHeld = errors.New("the lock is held")

// HeldError reports a lock that another process has.
type HeldError struct {
	Path    string
	Process string // its number, or empty if that is not known
}

func (e *HeldError) Error() string {
	process := "another process"
	if e.Process != "" {
		process = "process " + e.Process
	}
	return fmt.Sprintf("%s is at work on these files: it has the lock %s", process, quote.Path(e.Path))
}

// Hint says what to do.
func (e *HeldError) Hint() string { return "wait until it ends, or choose another --output" }

// Take makes the file at path and locks it. Calling release removes it. The error is a *HeldError or that of
// the system, if the file cannot be made.
func Take(path string) (release func(), err error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, err
		}
		if err := lock(f); err != nil {
			defer f.Close()
			return nil, &HeldError{path, holder(f)}
		}
		// The last holder may have removed the file since it was opened: then the lock is on no file.
		opened, err := f.Stat()
		if now, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(opened, now) {
			if err = f.Truncate(0); err == nil {
				_, err = fmt.Fprintln(f, os.Getpid())
			}
			if err != nil {
				f.Close()
				return nil, err
			}
			return func() { give(f) }, nil
		}
		f.Close()
	}
}

// holder returns the number of the process that has the lock, if it can be read.
func holder(f *os.File) string {
	text, _ := io.ReadAll(io.LimitReader(f, 20))
	number := strings.TrimSpace(string(text))
	if strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}
