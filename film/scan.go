package film

import (
	"bufio"
	"io"
	"os"
)

// scan goes through a file from its beginning to its end, and passes over what does not matter without
// reading it.
type scan struct {
	file *os.File
	in   *bufio.Reader
	at   int64 // the next byte
	size int64
}

func newScan(f *os.File) (*scan, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s := &scan{file: f, size: info.Size()}
	s.in = bufio.NewReaderSize(nil, 1<<13)
	s.seek(0)
	return s, nil
}

// seek goes on at another place.
func (s *scan) seek(at int64) {
	s.at = at
	s.in.Reset(io.NewSectionReader(s.file, at, max(s.size-at, 0)))
}

// read fills p. The error is io.EOF if the file has ended, and io.ErrUnexpectedEOF if it ends in between.
func (s *scan) read(p []byte) error {
	n, err := io.ReadFull(s.in, p)
	s.at += int64(n)
	return err
}

// skip passes over n bytes. The error is io.ErrUnexpectedEOF if there are fewer.
func (s *scan) skip(n int64) error {
	switch {
	case n > s.size-s.at:
		s.seek(s.size)
		return io.ErrUnexpectedEOF
	case n > int64(s.in.Buffered()):
		s.seek(s.at + n)
		return nil
	}
	s.in.Discard(int(n))
	s.at += n
	return nil
}

// partOf returns n bytes of a file.
func partOf(f io.ReaderAt, from, n int64) ([]byte, error) {
	data := make([]byte, n)
	got, err := f.ReadAt(data, from)
	if int64(got) == n {
		return data, nil
	}
	return nil, unexpected(err)
}
