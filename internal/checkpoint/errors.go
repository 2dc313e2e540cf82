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
	Of      string // what checkpoints are of: "run"
	Problem string
}

func (e *MismatchError) Error() string {
	return quote.Path(e.File) + " is from another " + e.Of + ": " + e.Problem
}

// Hint says what to do.
func (e *MismatchError) Hint() string {
	return "use the same options and files again or another --output; delete the file to start over"
}
