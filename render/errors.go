package render

import (
	"context"
	"errors"
	"fmt"
	"math"

	"oneiro/internal/quote"
	"oneiro/nn"
)

// MemoryError reports a run that needs more memory than it may take or than there is.
type MemoryError struct {
	Need, Have int64 // bytes
	GPU        bool  // it is a GPU's memory
	Budget     bool  // Have is Engine.Memory, and Need the least that would do
	Reading    bool  // it is reading pictures that needs it
	Disk       bool  // with the optimiser's state on the disk
	W, H       int   // of the canvas that needs it, 0 if it does not matter
	Tiles      error // why the canvas is not computed on tiles, if that was tried
	// WithScratch is how many bytes of the disk would do instead, in a folder for Engine.Scratch; 0 if that
	// would not.
	WithScratch int64
}

func (e *MemoryError) Error() string {
	s := "this needs"
	switch {
	case e.Reading:
		s = "reading the pictures needs"
	case e.W > 0:
		s = fmt.Sprintf("%dx%d pixels need", e.W, e.H)
	}
	s += " " + quote.MemoryUp(e.Need) + " of memory, and "
	switch {
	case e.Budget:
		return s + "only " + quote.Memory(e.Have) + " are allowed"
	case e.GPU:
		return s + "the GPU has " + quote.Memory(e.Have)
	}
	return s + "there are " + quote.Memory(e.Have)
}

// TileError reports an objective that cannot be computed on tiles.
type TileError struct{ Err error }

func (e *TileError) Error() string { return "tile: " + e.Err.Error() }

// Unwrap returns what cannot be computed.
func (e *TileError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *TileError) Hint() string {
	return "leave the picture whole, and choose a smaller size if it does not fit"
}

// SmallPictureError reports a picture that is too small for the network, as it is or as it is resized for a
// run.
type SmallPictureError struct {
	Role  Role
	Index int    // among the pictures of the role
	Name  string // what the picture is called, if that is known
	Size  Size
	// Option is what makes it so small, empty if the picture itself is.
	Option string
	// Least is the least value of size at which it is large enough, 0 if it does not depend on that.
	Least int
	Err   *nn.TooSmallError
}

func (e *SmallPictureError) Error() string {
	name := "the picture"
	switch {
	case e.Name != "":
		name = quote.Path(e.Name)
	case e.Role == RoleStyle:
		name = fmt.Sprintf("style picture %d", e.Index+1)
	}
	if e.Option != "" {
		return fmt.Sprintf("%s becomes %v pixels with this %s, which is too small for layer %s of %s",
			name, e.Size, e.Option, e.Err.Layer, e.Err.Network)
	}
	return fmt.Sprintf("%s has %v pixels, which is too small for layer %s of %s", name, e.Size, e.Err.Layer,
		e.Err.Network)
}

func (e *SmallPictureError) Unwrap() error { return e.Err }

// Hint says what would be large enough.
func (e *SmallPictureError) Hint() string {
	switch {
	case e.Least > 0:
		return fmt.Sprintf("choose a size of at least %d, or earlier layers", e.Least)
	case e.Option != "":
		return fmt.Sprintf("choose a larger %s, or earlier layers", e.Option)
	}
	return fmt.Sprintf("use a picture of at least %dx%d pixels, or earlier layers", e.Err.MinWidth, e.Err.MinHeight)
}

// seen is a picture that a network is to see, and the size at which it sees it.
type seen struct {
	role    Role
	index   int
	picture *Picture
	size    Size
	option  string // what the size follows from, empty for the picture's own
}

// check returns a *SmallPictureError if a network cannot see the picture at that size.
func (s seen) check(net *nn.Network) error {
	_, err := net.Shapes(s.size.H, s.size.W, 3)
	small, ok := errors.AsType[*nn.TooSmallError](err)
	if !ok {
		return err
	}
	e := &SmallPictureError{Role: s.role, Index: s.index, Size: s.size, Option: s.option, Err: small}
	if s.option == "size" {
		shorter := float64(min(s.picture.W, s.picture.H)) / float64(max(s.picture.W, s.picture.H))
		e.Least = int(math.Ceil(float64(max(small.MinWidth, small.MinHeight)) / shorter))
	}
	return e
}

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
