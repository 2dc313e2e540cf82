package film

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"

	"oneiro/internal/imageio"
)

// apngScan is what the chunks of an animated PNG say (Portable Network Graphics Specification, third
// edition, section 11.3.3).
type apngScan struct {
	*scan
	header  []byte // the body of IHDR
	shared  []byte // the chunks that say how the data of every picture is meant
	patches []patch
	frames  uint32 // that acTL promises
}

// sharedChunks are kinds of chunks that count for all pictures.
var sharedChunks = map[string]bool{
	"PLTE": true, "tRNS": true, "iCCP": true, "cICP": true, "sRGB": true, "gAMA": true, "cHRM": true,
}

// maxShared is the longest chunk of those that is kept, and how long all may be.
const maxShared = 16 << 20

// chunks goes through the file, up to the first picture's data if only the beginning is wanted.
func (s *apngScan) chunks(beginning bool) error {
	s.seek(int64(pngSignature))
	var current *patch // whose data comes
	for {
		var head [8]byte
		from := s.at
		if err := s.read(head[:]); err != nil {
			return nil // files without an end are read as far as there is something
		}
		n, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		switch {
		case kind == "IEND" || beginning && kind == "IDAT":
			return nil
		case kind == "IHDR" || kind == "acTL" || kind == "fcTL" || sharedChunks[kind] && s.patches == nil:
			if n > maxShared || int64(len(s.shared))+n > maxShared {
				return fmt.Errorf("its chunk %q has %d bytes", kind, n)
			}
			if n > s.size-s.at {
				return io.ErrUnexpectedEOF
			}
			body := make([]byte, n)
			if err := s.read(body); err != nil {
				return unexpected(err)
			}
			if err := s.chunk(kind, body, &current); err != nil {
				return err
			}
			n = 0
		case (kind == "IDAT" || kind == "fdAT") && current != nil:
			if current.from == 0 {
				current.from = from
			}
			current.to = min(s.at+n+4, s.size)
		}
		if err := s.skip(n + 4); err != nil {
			return nil // reported when that picture is read
		}
	}
}

// chunk takes in a chunk that is read.
func (s *apngScan) chunk(kind string, body []byte, current **patch) error {
	switch kind {
	case "IHDR":
		if len(body) != 13 || s.header != nil {
			return errors.New("its header is wrong")
		}
		s.header = body
	case "acTL":
		if len(body) >= 4 {
			s.frames = binary.BigEndian.Uint32(body)
		}
	case "fcTL":
		if len(body) != 26 || s.header == nil {
			return errors.New("the header of a picture is wrong")
		}
		if len(s.patches) >= maxPatches {
			return errMany
		}
		p, err := s.patch(body)
		if err != nil {
			return err
		}
		s.patches = append(s.patches, p)
		*current = &s.patches[len(s.patches)-1]
	default:
		var chunk bytes.Buffer
		imageio.WriteChunk(&chunk, kind, body)
		s.shared = append(s.shared, chunk.Bytes()...)
	}
	return nil
}

// patch returns what the chunk fcTL says.
func (s *apngScan) patch(body []byte) (p patch, err error) {
	number := func(i int) int64 { return int64(binary.BigEndian.Uint32(body[i:])) }
	w, h, x, y := number(4), number(8), number(12), number(16)
	width, height := s.sides()
	if w < 1 || h < 1 || x+w > width || y+h > height {
		return p, errors.New("a picture lies outside the animation")
	}
	p.place = image.Rect(int(x), int(y), int(x+w), int(y+h))
	num, den := int64(binary.BigEndian.Uint16(body[20:])), int64(binary.BigEndian.Uint16(body[22:]))
	if den == 0 {
		den = 100
	}
	p.delay = (num*second + den/2) / den
	switch body[24] {
	case 1:
		p.disposal = erase
	case 2:
		p.disposal = restore
		if len(s.patches) == 0 { // there is nothing before
			p.disposal = erase
		}
	}
	p.over = body[25] == 1
	return p, nil
}

// sides returns the size of the animation.
func (s *apngScan) sides() (w, h int64) {
	return int64(binary.BigEndian.Uint32(s.header)), int64(binary.BigEndian.Uint32(s.header[4:]))
}

// manyAPNG tells whether a PNG is animated.
func manyAPNG(f *os.File) bool {
	in, err := newScan(f)
	if err != nil {
		return false
	}
	s := &apngScan{scan: in}
	return s.chunks(true) == nil && s.header != nil && s.frames > 1
}

func openAPNG(a *animation, o ReadOptions) (*Clip, error) {
	in, err := newScan(a.file)
	if err != nil {
		return nil, a.damaged(err)
	}
	s := &apngScan{scan: in}
	if err := s.chunks(false); err != nil {
		return nil, a.damaged(err)
	}
	if s.header == nil {
		return nil, a.damaged(errors.New("it does not begin with a header"))
	}
	w, h := s.sides()
	if w < 1 || h < 1 || max(w, h) > 1<<31-1 {
		return nil, a.damaged(errors.New("it has no pixels"))
	}
	a.w, a.h = int(w), int(h)
	a.alpha = s.header[9]&4 != 0 || bytes.Contains(s.shared, []byte("tRNS"))
	for _, p := range s.patches {
		if p.from > 0 {
			a.patches = append(a.patches, p)
			a.alpha = a.alpha || p.disposal == erase
		}
	}
	a.still = func(p *patch) ([]byte, error) { return s.still(p, a.limit) }
	return a.open(o)
}

// still makes a PNG of one picture.
func (s *apngScan) still(p *patch, limit int64) ([]byte, error) {
	n := p.to - p.from
	if n > limit/2 {
		return nil, fmt.Errorf("a picture has %d bytes", n)
	}
	data, err := partOf(s.file, p.from, n)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, len(data)+len(s.shared)+256))
	out.WriteString(pngMagic)
	header := bytes.Clone(s.header)
	binary.BigEndian.PutUint32(header, uint32(p.place.Dx()))
	binary.BigEndian.PutUint32(header[4:], uint32(p.place.Dy()))
	imageio.WriteChunk(out, "IHDR", header)
	out.Write(s.shared)
	for len(data) >= 8 {
		n, kind := int64(binary.BigEndian.Uint32(data)), string(data[4:8])
		body := data[8:min(8+n, int64(len(data)))]
		switch {
		case kind == "IDAT":
			imageio.WriteChunk(out, kind, body)
		case kind == "fdAT" && len(body) > 4:
			imageio.WriteChunk(out, "IDAT", body[4:])
		}
		data = data[min(12+n, int64(len(data))):]
	}
	imageio.WriteChunk(out, "IEND", nil)
	return out.Bytes(), nil
}
