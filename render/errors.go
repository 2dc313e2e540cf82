package render

import (
	"context"
	"fmt"
)

// MemoryError reports a run that needs more memory than it may take or than there is.
type MemoryError struct {
	Need, Have int64 // bytes
	GPU        bool  // it is a GPU's memory
	Budget     bool  // Have is Engine.Memory, and Need the least that would do
	Reading    bool  // it is reading pictures that needs it
	W, H       int   // of the canvas that needs it, 0 if that is no matter
}

func (e *MemoryError) Error() string {
	s := fmt.Sprintf("this needs %d MiB of memory, and ", mebibytes(e.Need))
	switch {
	case e.Reading:
		s = fmt.Sprintf("reading the pictures needs %d MiB of memory, and ", mebibytes(e.Need))
	case e.W > 0:
		s = fmt.Sprintf("%dx%d pixels need %d MiB of memory, and ", e.W, e.H, mebibytes(e.Need))
	}
	switch {
	case e.Budget:
		return s + fmt.Sprintf("only %d MiB are allowed", e.Have>>20)
	case e.GPU:
		return s + fmt.Sprintf("the GPU has %d MiB", e.Have>>20)
	}
	return s + fmt.Sprintf("there are %d MiB", e.Have>>20)
}

func mebibytes(n int64) int64 { return (n + 1<<20 - 1) >> 20 }

// DeviceError reports a device that failed in the middle of a run. What there was of the picture is in the
// memory of the process.
type DeviceError struct{ Err error }

func (e *DeviceError) Error() string { return "the device failed: " + e.Err.Error() }

// Unwrap returns what the device said.
func (e *DeviceError) Unwrap() error { return e.Err }

// deviceError makes a *DeviceError of what a device returned, unless the run was cancelled.
func deviceError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return &DeviceError{err}
}
