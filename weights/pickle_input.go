package weights

import "io"

// pickleInput reads a pickle that lies in a file, up to the byte end. It never reads more of the
// file than its buffer holds.
type pickleInput struct {
	file     string // the path for messages
	r        io.ReaderAt
	pos, end int64
	buffer   [4096]byte
	from, to int64 // what is in the buffer
}

// next returns the next n bytes, at most as many as the buffer has, which are good until it is
// called again.
func (in *pickleInput) next(n int) ([]byte, error) {
	if int64(n) > in.end-in.pos {
		return nil, &TruncatedError{File: in.file}
	}
	if in.pos < in.from || in.pos+int64(n) > in.to {
		size := min(int64(len(in.buffer)), in.end-in.pos)
		if got, err := in.r.ReadAt(in.buffer[:size], in.pos); int64(got) < size {
			e := &entry{file: in.file}
			return nil, e.failed(err, 0, 0)
		}
		in.from, in.to = in.pos, in.pos+size
	}
	at := in.pos - in.from
	in.pos += int64(n)
	return in.buffer[at : at+int64(n)], nil
}

func (in *pickleInput) skip(n uint64) error {
	if n > uint64(in.end-in.pos) {
		return &TruncatedError{File: in.file}
	}
	in.pos += int64(n)
	return nil
}
