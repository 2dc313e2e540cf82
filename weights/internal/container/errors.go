package container

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode"

	"oneiro/internal/quote"
)

// Place is a file, or a tensor in it, that an error is about.
type Place struct{ File, Tensor string }

// In is a file by its path.
func In(file string) Place { return Place{File: file} }

// Of is a tensor of the file, or the file itself if the name is empty.
func (p Place) Of(tensor string) Place { return Place{p.File, tensor} }

// Wrong reports what breaks the rules of the format: what was found, and what is expected.
func (p Place) Wrong(found, want string) error {
	return &FormatError{File: p.File, Tensor: p.Tensor, Have: found, Want: want}
}

// Truncated reports that there are only so many of the bytes that are needed; both are 0 where they are not
// known.
func (p Place) Truncated(have, want int64) error {
	return &TruncatedError{File: p.File, Tensor: p.Tensor, Have: have, Want: want}
}

// Unreadable reports that the operating system could not read.
func (p Place) Unreadable(err error) error {
	return &ReadError{File: p.File, Tensor: p.Tensor, Err: err}
}

func (p Place) String() string {
	if p.Tensor == "" {
		return Clean(p.File)
	}
	return Clean(p.File) + ", tensor " + Clean(p.Tensor)
}

// By writes a shape as 3x3x64.
func By(shape []int) string {
	if len(shape) == 0 {
		return "a single number"
	}
	sizes := make([]string, len(shape))
	for i, n := range shape {
		sizes[i] = strconv.Itoa(n)
	}
	return strings.Join(sizes, "x")
}

// ChecksumError reports a tensor, or the directory of a file, whose bytes are not those that were written.
// Have is empty where the sum that was computed is not known.
type ChecksumError struct {
	File, Tensor string
	Have, Want   string
}

func (e *ChecksumError) Error() string {
	have := e.Have
	if have == "" {
		have = "another"
	}
	return fmt.Sprintf("%s: the checksum is %s, not %s", Place{e.File, e.Tensor}, Clean(have), Clean(e.Want))
}

// Hint says what to do.
func (e *ChecksumError) Hint() string { return "the file was damaged or changed: download it again" }

// TruncatedError reports a file, or a tensor in it, that has fewer bytes than it should: Have and
// Want. Both are 0 where the number is not known.
type TruncatedError struct {
	File, Tensor string
	Have, Want   int64
}

func (e *TruncatedError) Error() string {
	if e.Want == 0 {
		return Place{e.File, e.Tensor}.String() + ": it ends too early"
	}
	return fmt.Sprintf("%s: it ends after %d of %d bytes", Place{e.File, e.Tensor}, e.Have, e.Want)
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
	return fmt.Sprintf("%s: expected %s, found %s", Place{e.File, e.Tensor}, Clean(e.Want), Clean(e.Have))
}

// Hint says what to do.
func (e *FormatError) Hint() string {
	return "the file is damaged, or the program that wrote it has a bug"
}

// UnsupportedError reports something that is not a file of a known format.
type UnsupportedError struct {
	File   string
	Looks  string // what it looks like, such as "a safetensors file"
	Advice string // what to do about this one; empty if there is nothing to say but what is read
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s: expected a file of weights, found %s", Clean(e.File), Clean(e.Looks))
}

// Hint says what to do, or what is read.
func (e *UnsupportedError) Hint() string {
	if e.Advice != "" {
		return e.Advice
	}
	return "supported are files of PyTorch, Caffe, ONNX, TensorFlow, Keras, MATLAB, darknet and NumPy, " +
		"safetensors, and folders of " +
		".npy or raw files"
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
	return fmt.Sprintf("%s: %s", Place{e.File, e.Tensor}, Clean(err.Error()))
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

// Clean makes a text that came from a file fit for one line of a message.
func Clean(s string) string { return quote.Text(s) }

// Printable says whether a text can be shown as it is.
func Printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
