package weights

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode"

	"oneiro/internal/nearest"
)

// NotFoundError reports a tensor that is not in the file.
type NotFoundError struct {
	File, Tensor string
	Tensors      int      // how many there are
	Nearest      []string // those with a name like it, the nearest first
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s has no tensor %s", clean(e.File), clean(e.Tensor))
}

// Hint names the tensors that may have been meant.
func (e *NotFoundError) Hint() string {
	near := make([]string, len(e.Nearest))
	for i, name := range e.Nearest {
		near[i] = clean(name)
	}
	return nearest.Hint(near,
		fmt.Sprintf("none of its %d tensors has a name like it: the file belongs to another network", e.Tensors))
}

// ShapeError reports a tensor that is in the file but does not fit the layer that asked for it. It
// nearly always means that the file belongs to another model. Both shapes are in the engine's order:
// kernel height, kernel width, inputs, outputs.
type ShapeError struct {
	File, Tensor string
	Have, Want   []int
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("%s, tensor %s: the shape is %s, the network wants %s",
		clean(e.File), clean(e.Tensor), by(e.Have), by(e.Want))
}

// Hint says what is likely to have happened.
func (e *ShapeError) Hint() string { return "the file probably belongs to another network" }

func by(shape []int) string {
	if len(shape) == 0 {
		return "a single number"
	}
	sizes := make([]string, len(shape))
	for i, n := range shape {
		sizes[i] = strconv.Itoa(n)
	}
	return strings.Join(sizes, "x")
}

// ChecksumError reports a tensor, or the directory of a file, whose bytes are not those that were written. Have is empty where
// the sum that was computed is not known.
type ChecksumError struct {
	File, Tensor string
	Have, Want   string
}

func (e *ChecksumError) Error() string {
	have := e.Have
	if have == "" {
		have = "another"
	}
	return fmt.Sprintf("%s: the checksum is %s, not %s", at(e.File, e.Tensor), clean(have), clean(e.Want))
}

// Hint says what to do.
func (e *ChecksumError) Hint() string { return "the file was damaged or changed: fetch it again" }

// TruncatedError reports a file, or a tensor in it, that has fewer bytes than it should: Have and
// Want. Both are 0 where the number is not known.
type TruncatedError struct {
	File, Tensor string
	Have, Want   int64
}

func (e *TruncatedError) Error() string {
	if e.Want == 0 {
		return at(e.File, e.Tensor) + ": it ends too early"
	}
	return fmt.Sprintf("%s: it ends after %d of %d bytes", at(e.File, e.Tensor), e.Have, e.Want)
}

// Hint says what to do.
func (e *TruncatedError) Hint() string {
	return "the download or the copy was probably cut short: fetch it again"
}

// FormatError reports a file that breaks the rules of its format.
type FormatError struct {
	File, Tensor string
	Have, Want   string // what was found, and what should be there
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s", at(e.File, e.Tensor), clean(e.Want), clean(e.Have))
}

// Hint says what to do.
func (e *FormatError) Hint() string {
	return "the file is damaged, or the program that wrote it is at fault"
}

// TypeError reports a tensor of a type that no parameter has, such as a whole number or a Python
// object.
type TypeError struct {
	File, Tensor string
	Have         string
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("%s: expected floating-point numbers, found %s", at(e.File, e.Tensor), clean(e.Have))
}

// Hint says what to do.
func (e *TypeError) Hint() string {
	return "float16, float32 and float64 are read: convert the array before it is saved"
}

// ValueError reports a tensor with numbers that are not finite as float32: Count of them, the first
// at Index, counted in the order of the file.
type ValueError struct {
	File, Tensor string
	Index, Count int64
	Value        float32
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s, tensor %s: expected finite numbers, found %v at index %d (%d such in all)",
		clean(e.File), clean(e.Tensor), e.Value, e.Index, e.Count)
}

// Hint says what to do.
func (e *ValueError) Hint() string {
	return "the network was saved with broken numbers; another copy of it may be sound"
}

// UnsupportedError reports something that is not a file of a known format.
type UnsupportedError struct {
	File   string
	Looks  string // what it looks like, such as "a safetensors file"
	Advice string // what to do about this one; empty if there is nothing to say but what is read
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s: expected a file of weights, found %s", clean(e.File), clean(e.Looks))
}

// Hint says what to do, or what is read.
func (e *UnsupportedError) Hint() string {
	if e.Advice != "" {
		return e.Advice
	}
	return "read are files of PyTorch, Caffe, ONNX, TensorFlow, Keras, MATLAB, darknet and NumPy, safetensors, and folders of .npy or raw files"
}

// ReadError reports that the operating system could not open or read a file.
type ReadError struct {
	File, Tensor string
	Err          error
}

func (e *ReadError) Error() string {
	err := e.Err
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		err = pathError.Err // which says the path again
	}
	return fmt.Sprintf("%s: %s", at(e.File, e.Tensor), clean(err.Error()))
}

func (e *ReadError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *ReadError) Hint() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return "check the path"
	case errors.Is(e.Err, fs.ErrPermission):
		return "check the permissions of the file"
	case errors.Is(e.Err, fs.ErrClosed):
		return "the file was closed before the tensor was read"
	}
	return "check the disk"
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
		return "make the folder that it shall lie in"
	case errors.Is(e.Err, fs.ErrPermission):
		return "check the permissions of the folder"
	}
	return "check that there is room on the disk"
}

func at(file, tensor string) string {
	if tensor == "" {
		return clean(file)
	}
	return clean(file) + ", tensor " + clean(tensor)
}

// clean makes a text that came from a file fit for one line of a message.
func clean(s string) string {
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
