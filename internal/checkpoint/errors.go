package checkpoint

import (
	"fmt"

	"oneiro/internal/quote"
)

// DamagedError reports a checkpoint whose content is not what was written.
type DamagedError struct{ File, Problem string }

func (e *DamagedError) Error() string { return quote.Path(e.File) + " is damaged: " + e.Problem }

// Hint says what to do.
func (e *DamagedError) Hint() string {
	return "restore the file from a copy, or delete it to start over; and check the disk"
}

// ForeignError reports a file that is no checkpoint.
type ForeignError struct{ File string }

func (e *ForeignError) Error() string { return quote.Path(e.File) + " is not a checkpoint of oneiro" }

// Hint says what to do.
func (e *ForeignError) Hint() string {
	return "name the file beside the picture that ends in .checkpoint; " +
		"oneiro train goes on when its command is given again"
}

// VersionError reports a checkpoint in a version that this program does not read.
type VersionError struct {
	File, Version string
	Known         int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s is a checkpoint of version %s, and this program reads version %d",
		quote.Path(e.File), quote.Text(e.Version), e.Known)
}

// Hint says what to do.
func (e *VersionError) Hint() string {
	return "go on with the version of oneiro that wrote it, or delete the file to start over"
}

// MismatchError reports a checkpoint of something else than is to go on.
type MismatchError struct {
	File    string
	Of      string // what it is of: "run" or "training"
	Problem string
	Fix     string // what to do; empty for what always helps
}

func (e *MismatchError) Error() string {
	return quote.Path(e.File) + " is from another " + e.Of + ": " + e.Problem
}

// Hint says what to do.
func (e *MismatchError) Hint() string {
	if e.Fix != "" {
		return e.Fix
	}
	return "use the same options and files again or another --output; delete the file to start over"
}
