package pickle

import (
	"io"

	"oneiro/weights/internal/container"
)

// Input reads a pickle that is in a file, up to the byte end. It never reads more of the
// file than its buffer holds.
type Input struct {
	container.Place
	Pos, End int64
	r        io.ReaderAt
	buffer   [4096]byte
	from, to int64 // what is in the buffer
}

// NewInput reads the bytes of a file from pos to end.
func NewInput(path string, r io.ReaderAt, pos, end int64) *Input {
	return &Input{Place: container.In(path), Pos: pos, End: end, r: r}
}

// Next returns the next n bytes, at most as many as the buffer has, which are good until it is
// called again.
func (in *Input) Next(n int) ([]byte, error) {
	if int64(n) > in.End-in.Pos {
		return nil, in.Truncated(0, 0)
	}
	if in.Pos < in.from || in.Pos+int64(n) > in.to {
		size := min(int64(len(in.buffer)), in.End-in.Pos)
		if got, err := in.r.ReadAt(in.buffer[:size], in.Pos); int64(got) < size {
			e := &container.Tensor{File: in.File}
			return nil, e.Failed(err, 0, 0)
		}
		in.from, in.to = in.Pos, in.Pos+size
	}
	at := in.Pos - in.from
	in.Pos += int64(n)
	return in.buffer[at : at+int64(n)], nil
}

func (in *Input) skip(n uint64) error {
	if n > uint64(in.End-in.Pos) {
		return in.Truncated(0, 0)
	}
	in.Pos += int64(n)
	return nil
}
