package mat

import (
	"bufio"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"oneiro/weights/internal/container"
)

// The types of data elements that matter here ("MAT-File Format", table 1-1).
const (
	miINT8       = 1
	miUINT8      = 2
	miUINT16     = 4
	miINT32      = 5
	miUINT32     = 6
	miMATRIX     = 14
	miCOMPRESSED = 15
	miUTF8       = 16
	miUTF16      = 17
)

// The classes of arrays that matter here (table 1-3).
const (
	mxEmpty  = 0 // none of MATLAB's: an element without bytes, which stands for an empty array
	mxCELL   = 1
	mxSTRUCT = 2
	mxCHAR   = 4
	mxDOUBLE = 6
	mxSINGLE = 7
	mxUINT64 = 15 // the last class of numbers
)

// variable is the place of a variable in its file.
type variable struct {
	container.Place
	r          io.ReaderAt
	at, end    int64 // of the element's bytes in the file
	compressed bool
	limit      int64 // what a stream's offsets stay below
}

// variableAt reads the tag of the variable at an offset of a file of size bytes. What is compressed may
// inflate to so many bytes more than is fair.
func variableAt(path string, r io.ReaderAt, at, size, more int64) (variable, error) {
	v := variable{Place: container.In(path), r: r, at: at, end: at + 8}
	if size-at < 8 {
		return v, container.In(path).Truncated(size, at+8)
	}
	tag := make([]byte, 8)
	if _, err := r.ReadAt(tag, at); err != nil {
		return v, container.In(path).Unreadable(err)
	}
	kind, length := binary.LittleEndian.Uint32(tag), int64(binary.LittleEndian.Uint32(tag[4:]))
	v.end += length
	switch {
	case kind != miMATRIX && kind != miCOMPRESSED:
		return v, container.In(path).Wrong(fmt.Sprintf("the type %d", kind), "a variable (type 14 or 15)")
	case length > size-at-8:
		return v, container.In(path).Truncated(size, v.end)
	}
	if v.limit = v.end; kind == miCOMPRESSED {
		v.compressed, v.at = true, at+8
		v.limit = v.fair() + more
	}
	return v, nil
}

// fair is how many bytes are expected of a compressed variable at most. Trained numbers deflate by a tenth;
// what grows a hundredfold is there to keep the reader busy.
func (v *variable) fair() int64 { return 20 * (v.end - v.at) }

// stream starts to read the variable.
func (v *variable) stream() (*stream, error) {
	section := io.NewSectionReader(v.r, v.at, v.end-v.at)
	if !v.compressed {
		return &stream{Place: v.Place, r: section, pos: v.at}, nil
	}
	s := &stream{Place: v.Place}
	z, err := zlib.NewReader(bufio.NewReaderSize(section, 64<<10))
	if err != nil {
		return nil, s.failed(err)
	}
	s.r = z
	return s, nil
}

// stream reads a variable from its beginning to its end.
type stream struct {
	container.Place
	r    io.Reader
	pos  int64 // in the file, or in the inflated bytes
	word [8]byte
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.pos += int64(n)
	return n, s.failed(err)
}

// failed turns what the inflater says into an error of this package, but for the end.
func (s *stream) failed(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return s.Truncated(0, 0)
	case errors.As(err, &corrupt), errors.Is(err, zlib.ErrHeader), errors.Is(err, zlib.ErrDictionary):
		return s.Wrong("damaged data", "a zlib stream")
	case errors.Is(err, zlib.ErrChecksum):
		return s.Wrong("numbers that do not sum up to it", "the checksum of a zlib stream")
	}
	return s.Unreadable(err)
}

// fill reads all of p.
func (s *stream) fill(p []byte) error {
	_, err := io.ReadFull(s, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return s.Truncated(0, 0)
	}
	return err
}

// skip goes n bytes ahead.
func (s *stream) skip(n int64) error {
	if seeker, ok := s.r.(io.Seeker); ok {
		s.pos += n
		_, err := seeker.Seek(n, io.SeekCurrent)
		return err
	}
	_, err := io.CopyN(io.Discard, s, n)
	if err == io.EOF {
		return s.Truncated(0, 0)
	}
	return err
}
