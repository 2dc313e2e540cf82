package film

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"os"
)

// gifScan goes through the blocks of a GIF (GIF89a specification).
type gifScan struct {
	in     *bufio.Reader
	at     int64
	screen [13]byte
	global []byte // table of colours, or nil

	// What the last graphic control extension said, which is for the next picture.
	control [4]byte
}

func newGIFScan(in io.Reader) (*gifScan, error) {
	s := &gifScan{in: bufio.NewReader(in)}
	if err := s.read(s.screen[:]); err != nil {
		return nil, err
	}
	s.global = make([]byte, gifTable(s.screen[10]))
	return s, s.read(s.global)
}

// gifTable returns the length of the table of colours that flags announce.
func gifTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func (s *gifScan) read(p []byte) error {
	n, err := io.ReadFull(s.in, p)
	s.at += int64(n)
	return unexpected(err)
}

func (s *gifScan) byte() (byte, error) {
	b, err := s.in.ReadByte()
	if err != nil {
		return 0, unexpected(err)
	}
	s.at++
	return b, nil
}

func (s *gifScan) discard(n int) error {
	got, err := s.in.Discard(n)
	s.at += int64(got)
	return unexpected(err)
}

// blocks passes over blocks of data.
func (s *gifScan) blocks() error {
	for {
		n, err := s.byte()
		if err != nil || n == 0 {
			return err
		}
		if err := s.discard(int(n)); err != nil {
			return err
		}
	}
}

// next returns the next picture, or io.EOF. One that is cut short is returned with the error.
func (s *gifScan) next() (*patch, error) {
	for {
		kind, err := s.byte()
		if err != nil || kind == 0x3b { // files without an end are common
			return nil, io.EOF
		}
		switch kind {
		case 0x21:
			if err := s.extension(); err != nil {
				return nil, io.EOF
			}
		case 0x2c:
			return s.picture()
		case 0: // between blocks, some programs leave what ends data
		default:
			return nil, io.EOF // what follows is no GIF
		}
	}
}

func (s *gifScan) extension() error {
	label, err := s.byte()
	if err != nil {
		return err
	}
	if label != 0xf9 {
		return s.blocks()
	}
	n, err := s.byte()
	if err != nil || n == 0 {
		return err
	}
	if n == 4 {
		if err := s.read(s.control[:]); err != nil {
			return err
		}
	} else if err := s.discard(int(n)); err != nil {
		return err
	}
	return s.blocks()
}

func (s *gifScan) picture() (*patch, error) {
	p := &patch{from: s.at - 1, over: true, extra: noneClear}
	var d [9]byte
	if err := s.read(d[:]); err != nil {
		return nil, err
	}
	number := func(i int) int { return int(binary.LittleEndian.Uint16(d[i:])) }
	p.place = image.Rect(number(0), number(2), number(0)+number(4), number(2)+number(6))
	p.delay = centisecond * int64(binary.LittleEndian.Uint16(s.control[1:]))
	switch s.control[0] >> 2 & 7 {
	case 2:
		p.disposal = erase
	case 3:
		p.disposal = restore
	}
	if s.control[0]&1 != 0 {
		p.extra = uint16(s.control[3])
	}
	s.control = [4]byte{}
	err := s.discard(gifTable(d[8]) + 1) // and the code size
	if err == nil {
		err = s.blocks()
	}
	p.to = s.at
	return p, err
}

// noneClear is the extra of a patch of a GIF in which no colour is clear; else it is the number of that
// colour.
const noneClear = 0x100

// manyGIF tells whether there are several pictures.
func manyGIF(f *os.File) bool {
	s, err := newGIFScan(io.NewSectionReader(f, 0, 1<<62))
	for range 2 {
		if err == nil {
			_, err = s.next()
		}
	}
	return err == nil
}

func openGIF(a *animation, o ReadOptions) (*Clip, error) {
	s, err := newGIFScan(io.NewSectionReader(a.file, 0, 1<<62))
	if err != nil {
		return nil, a.damaged(err)
	}
	for {
		p, err := s.next()
		if err == io.EOF {
			break
		}
		if p != nil && !p.place.Empty() {
			a.alpha = a.alpha || p.extra != noneClear || p.disposal == erase
			a.patches = append(a.patches, *p)
		}
		if err != nil {
			break // reported when that picture is read
		}
		if len(a.patches) > maxPatches {
			return nil, a.damaged(errMany)
		}
	}
	a.w = int(binary.LittleEndian.Uint16(s.screen[6:]))
	a.h = int(binary.LittleEndian.Uint16(s.screen[8:]))
	if a.w == 0 || a.h == 0 { // which some programs leave out
		for _, p := range a.patches {
			a.w, a.h = max(a.w, p.place.Max.X), max(a.h, p.place.Max.Y)
		}
	}
	a.still = func(p *patch) ([]byte, error) { return s.still(a.file, p, a.limit) }
	return a.open(o)
}

// still makes a GIF of one picture.
func (s *gifScan) still(f io.ReaderAt, p *patch, limit int64) ([]byte, error) {
	n := p.to - p.from
	if n > limit || n < 10 {
		return nil, errors.New("a picture has a wrong length")
	}
	out := append([]byte{}, s.screen[:]...)
	binary.LittleEndian.PutUint16(out[6:], uint16(p.place.Dx()))
	binary.LittleEndian.PutUint16(out[8:], uint16(p.place.Dy()))
	out = append(out, s.global...)
	if p.extra != noneClear {
		out = append(out, 0x21, 0xf9, 4, 1, 0, 0, byte(p.extra), 0)
	}
	at := len(out)
	out = append(out, make([]byte, n+1)...)
	if _, err := f.ReadAt(out[at:len(out)-1], p.from); err != nil {
		return nil, unexpected(err)
	}
	clear(out[at+1 : at+5]) // it lies at 0, 0
	out[len(out)-1] = 0x3b
	return out, nil
}
