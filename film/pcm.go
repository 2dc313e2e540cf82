package film

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"oneiro/internal/imageio"
)

// pcm is sound without compression.
type pcm struct {
	io.Reader        // of samples
	format    []byte // a WAVEFORMATEX without its length
	rate      int    // of samples of all channels
	block     int    // bytes of those
	skip      func(n int64) error
	close     func() error
}

// errNoPCM says that the sound of a file is compressed, or that there is none.
var errNoPCM = errors.New("it has no sound without compression")

// newPCM returns sound of a format.
func newPCM(format []byte) (*pcm, error) {
	if len(format) < 16 {
		return nil, errNoPCM
	}
	const integer, float, extensible = 1, 3, 0xfffe
	tag := binary.LittleEndian.Uint16(format)
	if tag == extensible && len(format) >= 26 {
		tag = binary.LittleEndian.Uint16(format[24:])
	}
	p := &pcm{format: format, rate: int(binary.LittleEndian.Uint32(format[4:]))}
	p.block = int(binary.LittleEndian.Uint16(format[12:]))
	if tag != integer && tag != float || p.rate < 1 || p.block < 1 {
		return nil, errNoPCM
	}
	return p, nil
}

// openPCM returns the sound of a WAV or an AVI. The error is errNoPCM if that is compressed, or the file
// neither.
func openPCM(path string) (*pcm, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	var head [12]byte
	if _, err := f.ReadAt(head[:], 0); err != nil && err != io.EOF {
		f.Close()
		return nil, fileError(path, err)
	}
	var p *pcm
	switch {
	case imageio.Matches(head[:], "RIFF????WAVE"):
		p, err = wavOf(f)
	case imageio.Matches(head[:], "RIFF????AVI "):
		p, err = aviSound(f)
	default:
		err = errNoPCM
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	p.close = f.Close
	return p, nil
}

// wavOf returns the sound of a WAV.
func wavOf(f *os.File) (*pcm, error) {
	in, err := newScan(f)
	if err != nil {
		return nil, err
	}
	in.seek(12)
	var p *pcm
	for {
		var head [8]byte
		if err := in.read(head[:]); err != nil {
			return nil, errNoPCM
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "fmt ":
			if n > maxFormat {
				return nil, fmt.Errorf("its format has %d bytes", n)
			}
			format := make([]byte, n)
			if err := in.read(format); err != nil {
				return nil, unexpected(err)
			}
			if p, err = newPCM(format); err != nil {
				return nil, err
			}
			n = 0
		case "data":
			if p == nil {
				return nil, errNoPCM
			}
			part := io.NewSectionReader(f, in.at, min(n, in.size-in.at))
			p.Reader = part
			p.skip = func(n int64) error { _, err := part.Seek(n, io.SeekCurrent); return err }
			return p, nil
		}
		if in.skip(n+n%2) != nil {
			return nil, errNoPCM
		}
	}
}

// wavStream returns the sound of a WAV that comes from a program, which does not say how long it is.
func wavStream(in io.Reader) (*pcm, error) {
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || !imageio.Matches(head[:], "RIFF????WAVE") {
		return nil, errNoPCM
	}
	var p *pcm
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return nil, unexpected(err)
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) == "data" {
			if p == nil {
				return nil, errNoPCM
			}
			p.Reader = in
			return p, nil
		}
		if n > maxFormat {
			return nil, errNoPCM
		}
		body := make([]byte, n+n%2)
		if _, err := io.ReadFull(in, body); err != nil {
			return nil, unexpected(err)
		}
		if string(head[:4]) == "fmt " {
			var err error
			if p, err = newPCM(body[:n]); err != nil {
				return nil, err
			}
		}
	}
}

// aviSound returns the sound of an AVI.
func aviSound(f *os.File) (*pcm, error) {
	a, err := newAVI(f, false)
	if err != nil {
		return nil, err
	}
	if a.audio < 0 {
		return nil, errNoPCM
	}
	p, err := newPCM(a.streams[a.audio].format)
	if err != nil {
		return nil, err
	}
	pieces := &pieces{in: f, rest: a.sound}
	p.Reader, p.skip = pieces, pieces.skip
	return p, nil
}

// pieces reads pieces of a file one after the other.
type pieces struct {
	in   io.ReaderAt
	rest []aviChunk
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.rest) > 0 && p.rest[0].size == 0 {
		p.rest = p.rest[1:]
	}
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	c := &p.rest[0]
	n, err := p.in.ReadAt(b[:min(len(b), int(c.size))], c.at)
	c.at += int64(n)
	c.size -= uint32(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (p *pieces) skip(n int64) error {
	for len(p.rest) > 0 && n > 0 {
		c := &p.rest[0]
		k := min(n, int64(c.size))
		c.at += k
		c.size -= uint32(k)
		if n -= k; c.size == 0 {
			p.rest = p.rest[1:]
		}
	}
	return nil
}
