package weights

import (
	"errors"
	"fmt"
	"io/fs"

	"oneiro/internal/nearest"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/safetensors"
)

// The errors that a file can cause. Each is one line of text, with a Hint.
type (
	// ReadError reports that the operating system could not open or read a file.
	ReadError = container.ReadError
	// UnsupportedError reports something that is not a file of a known format.
	UnsupportedError = container.UnsupportedError
	// FormatError reports a file that breaks the rules of its format.
	FormatError = container.FormatError
	// TruncatedError reports a file, or a tensor in it, that has fewer bytes than it should.
	TruncatedError = container.TruncatedError
	// ChecksumError reports a tensor, or the directory of a file, whose bytes are not those that were written.
	ChecksumError = container.ChecksumError
	// HalfError reports a number that float16 cannot hold.
	HalfError = safetensors.HalfError
)

// NotFoundError reports a tensor that is not in the file.
type NotFoundError struct {
	File, Tensor string
	Tensors      int      // how many there are
	Nearest      []string // those with a name like it, the nearest first
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s has no tensor %s", container.Clean(e.File), container.Clean(e.Tensor))
}

// Hint names the tensors that may have been meant.
func (e *NotFoundError) Hint() string {
	near := make([]string, len(e.Nearest))
	for i, name := range e.Nearest {
		near[i] = container.Clean(name)
	}
	return nearest.Hint(near,
		fmt.Sprintf("none of its %d tensors has a name like it: the file belongs to another network",
			e.Tensors))
}

// ShapeError reports a tensor that is in the file but does not fit the layer that needs it. It
// nearly always means that the file belongs to another model. Both shapes are in the engine's order:
// kernel height, kernel width, inputs, outputs.
type ShapeError struct {
	File, Tensor string
	Have, Want   []int
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("%s: the shape is %s, the network wants %s", container.In(e.File).Of(e.Tensor),
		container.By(e.Have), container.By(e.Want))
}

// Hint says what is likely to have happened.
func (e *ShapeError) Hint() string { return "the file probably belongs to another network" }

// TypeError reports a tensor of a type that no parameter has, such as a whole number or a Python
// object.
type TypeError struct {
	File, Tensor string
	Have         string
	Advice       string // what to do about it, if there is something special
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("%s: expected floating-point numbers, found %s", container.In(e.File).Of(e.Tensor),
		container.Clean(e.Have))
}

// Hint says what to do.
func (e *TypeError) Hint() string {
	if e.Advice != "" {
		return e.Advice
	}
	return "float8, float16, bfloat16, float32 and float64 are read: convert the array before saving it"
}

// ValueError reports a tensor with numbers that are not finite as float32: Count of them, the first
// at Index, counted in the order of the file.
type ValueError struct {
	File, Tensor string
	Index, Count int64
	Value        float32
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s: expected finite numbers, found %v at index %d (%d of them in all)",
		container.In(e.File).Of(e.Tensor), e.Value, e.Index, e.Count)
}

// Hint says what to do.
func (e *ValueError) Hint() string {
	return "the network was saved with broken numbers; try another copy of it"
}

// WriteError reports that the operating system could not write a file or folder.
type WriteError struct {
	File string
	Err  error
}

func (e *WriteError) Error() string { return (&ReadError{File: e.File, Err: e.Err}).Error() }

func (e *WriteError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *WriteError) Hint() string {
	switch {
	case errors.Is(e.Err, fs.ErrExist):
		return "choose another name, or remove what is there"
	case errors.Is(e.Err, fs.ErrNotExist):
		return "create the folder first"
	case errors.Is(e.Err, fs.ErrPermission):
		return "check the permissions of the folder"
	}
	return "check that there is room on the disk"
}
