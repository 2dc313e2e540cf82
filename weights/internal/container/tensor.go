package container

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Tensor is a tensor as a container found it. Its shape has been checked: every size is positive and
// the bytes that they ask for are there, or the container says otherwise when it is opened.
type Tensor struct {
	Name    string
	Shape   []int  // as the file has it
	Layout  Layout // the meaning of each number in Shape
	Fortran bool   // the first index varies fastest, rather than the last
	Turned  bool   // kernels are turned by 180 degrees, as Theano's convolutions turn them back
	DType   DType
	SHA256  string // of the bytes, in hexadecimal; empty if the file has none
	CRC32   string // of the container's own check, for messages
	File    string // the path for messages

	// Open returns the tensor's bytes. A reader that finds them to be damaged when it reaches their
	// end says so in place of io.EOF.
	Open func() (io.ReadCloser, error)
}

// Place is where the tensor is, for errors.
func (t *Tensor) Place() Place { return Place{t.File, t.Name} }

// Count returns how many numbers the tensor has, or 0 if its shape is not possible.
func (t *Tensor) Count() int64 {
	n, _ := Product(t.Shape)
	return n
}

// Bytes returns how many bytes its numbers take in the file, or 0 if its shape is not possible.
func (t *Tensor) Bytes() int64 { return t.Count() * int64(t.DType.Size) }

// Locate sets the tensor's bytes to those of the file r, of fileSize bytes, from offset on. The errors are
// FormatError, for a shape that no file could hold, and TruncatedError.
func (t *Tensor) Locate(r io.ReaderAt, fileSize, offset int64) error {
	if _, ok := Product(t.Shape); !ok {
		return t.BadShape()
	}
	n := t.Bytes()
	if offset < 0 || offset > fileSize || n > fileSize-offset {
		return t.Place().Truncated(fileSize, max(offset, 0)+n)
	}
	t.Open = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, offset, n)), nil }
	return nil
}

// Fill checks that the tensor takes exactly so many bytes.
func (t *Tensor) Fill(have int64) error {
	_, ok := Product(t.Shape)
	want := t.Bytes()
	switch {
	case !ok:
		return t.BadShape()
	case have < want:
		return t.Place().Truncated(have, want)
	case have > want:
		return t.Place().Wrong(fmt.Sprintf("%d bytes", have), fmt.Sprintf("%d bytes", want))
	}
	return nil
}

// BadShape reports a shape that is not possible.
func (t *Tensor) BadShape() error {
	return t.Place().Wrong("the shape "+By(t.Shape), "sizes above 0 that a file can hold")
}

// NoBytes opens a tensor that is not read.
func NoBytes() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }

// Failed turns what a reader said after have of want bytes into an error of this package.
func (t *Tensor) Failed(err error, have, want int64) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return t.Place().Truncated(have, want)
	case errors.Is(err, zip.ErrChecksum):
		return &ChecksumError{t.File, t.Name, "", t.CRC32}
	case errors.As(err, &corrupt), errors.Is(err, zip.ErrFormat):
		return t.Place().Wrong("damaged data", "a member of a zip archive")
	case errors.Is(err, zip.ErrAlgorithm):
		return t.Place().Wrong("another method", "stored or deflated data")
	}
	var own interface{ Hint() string }
	if errors.As(err, &own) {
		return err
	}
	return t.Place().Unreadable(err)
}
