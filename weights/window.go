package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// window reads small pieces of a file from near places, a few kilobytes at once. It counts them, which bounds the
// time that a file can take: whoever reads a directory asks for a piece for each thing in it.
type window struct {
	path  string
	r     io.ReaderAt
	size  int64 // of the file
	from  int64 // where in the file have begins
	have  []byte
	steps int // how many more pieces are read
}

const (
	windowSize = 4096
	mostSteps  = 1 << 21
)

// mostEntries bounds what a directory can make of a few bytes each. The largest networks have some thousand tensors.
const mostEntries = 1 << 16

// mostAxes is how many dimensions a tensor may have: TensorFlow allows 254, HDF5 and NumPy 32.
const mostAxes = 32

func newWindow(path string, r io.ReaderAt, size int64) *window {
	return &window{path: path, r: r, size: size, steps: mostSteps}
}

func (w *window) wrong(tensor, have, want string) error {
	return &FormatError{w.path, tensor, have, want}
}

// read returns n bytes from offset at on, which stay as they are until the next call. The errors are
// TruncatedError, FormatError and ReadError.
func (w *window) read(at, n int64) ([]byte, error) {
	switch {
	case at < 0 || n < 0 || at > w.size || n > w.size-at:
		return nil, &TruncatedError{w.path, "", w.size, max(at, 0) + max(n, 0)}
	case w.steps == 0:
		return nil, w.wrong("", "more", fmt.Sprintf("a directory of at most %d pieces", mostSteps))
	}
	w.steps--
	if at >= w.from && n <= w.from+int64(len(w.have))-at {
		return w.have[at-w.from:][:n], nil
	}
	if n > windowSize {
		b := make([]byte, n)
		return b, w.fill(b, at)
	}
	if w.have == nil {
		w.have = make([]byte, windowSize)
	}
	w.from, w.have = at, w.have[:min(windowSize, w.size-at)]
	if err := w.fill(w.have, at); err != nil {
		w.have = w.have[:0]
		return nil, err
	}
	return w.have[:n], nil
}

// fill reads b from the file.
func (w *window) fill(b []byte, at int64) error {
	switch n, err := w.r.ReadAt(b, at); {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF):
		return &TruncatedError{w.path, "", at + int64(n), w.size} // it was longer when it was opened
	default:
		return &ReadError{w.path, "", err}
	}
}

// extent is a part of a file.
type extent struct{ at, length int64 }

func (e extent) end() int64 { return e.at + e.length }

// cursor walks over a part of a file and never leaves it.
type cursor struct {
	*window
	what    string // the part, for messages
	at, end int64
}

func (w *window) cursor(what string, part extent) *cursor {
	return &cursor{w, what, part.at, part.end()}
}

// skip passes over n bytes.
func (c *cursor) skip(n uint64) (extent, error) {
	if n > uint64(c.end-c.at) {
		return extent{}, c.wrong("", fmt.Sprintf("%d bytes where %d are left", n, c.end-c.at), "a length inside "+c.what)
	}
	part := extent{c.at, int64(n)}
	c.at += part.length
	return part, nil
}

// bytes reads n bytes, which stay as they are until the next call of any method.
func (c *cursor) bytes(n uint64) ([]byte, error) {
	part, err := c.skip(n)
	if err != nil {
		return nil, err
	}
	return c.read(part.at, part.length)
}

// uvarint reads a number of seven bits a byte, the lowest first.
func (c *cursor) uvarint() (uint64, error) {
	b, err := c.read(c.at, min(binary.MaxVarintLen64, c.end-c.at))
	if err != nil {
		return 0, err
	}
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, c.wrong("", "another", "a number inside "+c.what)
	}
	c.at += int64(n)
	return v, nil
}
