package protobuf

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
)

// reader returns the values one after the other; odd is the error for a varint that is too large.
func (n Numbers) reader(r io.ReaderAt, odd error) io.Reader {
	all := make([]io.Reader, len(n.pieces))
	for i, piece := range n.pieces {
		if gap := piece.stride - n.Size; gap > 0 {
			values := io.NewSectionReader(r, piece.at, piece.count*piece.stride-gap)
			all[i] = &strided{r: bufio.NewReader(values), size: int(n.Size), gap: int(gap)}
			continue
		}
		all[i] = io.NewSectionReader(r, piece.at, piece.count*max(n.Size, 1))
	}
	joined := io.MultiReader(all...)
	if n.Size == 0 {
		return &varints{r: bufio.NewReader(joined), odd: odd}
	}
	return joined
}

// strided reads size bytes, leaves out gap, and so on.
type strided struct {
	r         *bufio.Reader
	size, gap int
	at        int // how many bytes of a value were read
}

func (s *strided) Read(b []byte) (int, error) {
	if s.at == s.size {
		if n, err := s.r.Discard(s.gap); n < s.gap {
			return 0, err
		}
		s.at = 0
	}
	n, err := s.r.Read(b[:min(len(b), s.size-s.at)])
	s.at += n
	return n, err
}

// varints turns numbers of seven bits a byte into two bytes each, the lower first: that is how float16 stands
// in fields that were made for whole numbers.
type varints struct {
	r     *bufio.Reader
	odd   error // for a number of more than 16 bits
	value [2]byte
	left  int // how many bytes of value are to be read
}

func (s *varints) Read(b []byte) (n int, err error) {
	for ; n < len(b); n++ {
		if s.left == 0 {
			if err := s.next(); err != nil {
				return n, err
			}
		}
		b[n] = s.value[2-s.left]
		s.left--
	}
	return n, nil
}

func (s *varints) next() error {
	var v uint32
	for shift := 0; ; shift += 7 {
		c, err := s.r.ReadByte()
		switch {
		case err == io.EOF && shift > 0:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		case shift > 14:
			return s.odd
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			break
		}
	}
	if v > math.MaxUint16 {
		return s.odd
	}
	binary.LittleEndian.PutUint16(s.value[:], uint16(v))
	s.left = 2
	return nil
}

// repeated reads values of size bytes, and then the last one again and again, up to left bytes in all.
type repeated struct {
	r     io.Reader
	size  int
	left  int64
	value [8]byte
	at    int // in value
	ended bool
}

func (s *repeated) Read(b []byte) (int, error) {
	if !s.ended {
		n, err := s.r.Read(b)
		for _, c := range b[:n] {
			s.value[s.at] = c
			s.at = (s.at + 1) % s.size
		}
		s.left -= int64(n)
		if err != io.EOF {
			return n, err
		}
		s.ended = true
		if n > 0 {
			return n, nil
		}
	}
	if s.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.left))
	for i := range n {
		b[i] = s.value[s.at]
		s.at = (s.at + 1) % s.size
	}
	s.left -= int64(n)
	return n, nil
}
