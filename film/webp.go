package film

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
)

// webpHeader is how long what begins a WebP (RFC 9649) is.
const webpHeader = 12

// The flags of the chunk VP8X, and of a frame.
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
	webpICC      = 1 << 5
	webpNoBlend  = 1 << 1
	webpDispose  = 1 << 0
)

// webpFrameHead is how long what begins a frame is.
const webpFrameHead = 16

// webpScan is what the chunks of an animated WebP say.
type webpScan struct {
	*scan
	w, h     int
	animated bool
	profile  []byte
	patches  []patch
}

// chunks goes through the file, up to the second frame if only the beginning is wanted.
func (s *webpScan) chunks(beginning bool) error {
	s.seek(webpHeader)
	for {
		var head [8]byte
		if s.read(head[:]) != nil {
			return nil // reported when a frame is read that is cut short
		}
		n, from := int64(binary.LittleEndian.Uint32(head[4:])), s.at
		keep := int64(0)
		switch string(head[:4]) {
		case "VP8X":
			keep = 10
		case "ICCP":
			if keep = n; n > maxShared {
				return fmt.Errorf("its profile has %d bytes", n)
			}
		case "ANMF":
			keep = webpFrameHead
		}
		if keep > n || keep > s.size-s.at {
			return io.ErrUnexpectedEOF
		}
		body := make([]byte, keep)
		if err := s.read(body); err != nil && keep > 0 {
			return unexpected(err)
		}
		switch string(head[:4]) {
		case "VP8X":
			s.animated = body[0]&webpAnimated != 0
			s.w, s.h = uint24(body[4:])+1, uint24(body[7:])+1
		case "ICCP":
			s.profile = body
		case "ANMF":
			p := webpPatch(body)
			if !p.place.In(image.Rect(0, 0, s.w, s.h)) {
				return errors.New("a picture lies outside the animation")
			}
			p.from, p.to = from+webpFrameHead, min(from+n, s.size)
			if s.patches = append(s.patches, p); len(s.patches) > maxPatches {
				return errMany
			}
		}
		if beginning && len(s.patches) > 1 || s.skip(n+n%2-keep) != nil {
			return nil
		}
	}
}

// webpPatch returns what the head of a frame says.
func webpPatch(head []byte) patch {
	x, y := 2*uint24(head), 2*uint24(head[3:])
	p := patch{
		place: image.Rect(x, y, x+uint24(head[6:])+1, y+uint24(head[9:])+1),
		delay: int64(uint24(head[12:])) * 1000,
		over:  head[15]&webpNoBlend == 0,
	}
	if head[15]&webpDispose != 0 {
		p.disposal = erase
	}
	return p
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// manyWebP tells whether a WebP is animated.
func manyWebP(f *os.File) bool {
	in, err := newScan(f)
	if err != nil {
		return false
	}
	s := &webpScan{scan: in}
	return s.chunks(true) == nil && s.animated && len(s.patches) > 1
}

func openWebP(a *animation, o ReadOptions) (*Clip, error) {
	in, err := newScan(a.file)
	if err != nil {
		return nil, a.damaged(err)
	}
	s := &webpScan{scan: in}
	if err := s.chunks(false); err != nil {
		return nil, a.damaged(err)
	}
	a.w, a.h, a.patches, a.alpha = s.w, s.h, s.patches, true
	a.still = func(p *patch) ([]byte, error) { return s.still(p, a.limit) }
	return a.open(o)
}

// still makes a WebP of one picture.
func (s *webpScan) still(p *patch, limit int64) ([]byte, error) {
	n := p.to - p.from
	if n > limit/2 || n < 0 {
		return nil, fmt.Errorf("a picture has %d bytes", n)
	}
	data, err := partOf(s.file, p.from, n)
	if err != nil {
		return nil, err
	}
	var alpha, colours []byte
	for rest := data; len(rest) >= 8; {
		n := int64(binary.LittleEndian.Uint32(rest[4:]))
		whole := rest[:min(8+n+n%2, int64(len(rest)))]
		switch string(rest[:4]) {
		case "ALPH":
			alpha = whole
		case "VP8 ", "VP8L":
			colours = whole
		}
		rest = rest[len(whole):]
	}
	if colours == nil {
		return nil, io.ErrUnexpectedEOF
	}
	out := []byte("RIFF....WEBPVP8X\x0a\x00\x00\x00")
	var head [10]byte
	if alpha != nil || string(colours[:4]) == "VP8L" { // which may have some
		head[0] |= webpAlpha
	}
	if s.profile != nil {
		head[0] |= webpICC
	}
	put24(head[4:], p.place.Dx()-1)
	put24(head[7:], p.place.Dy()-1)
	out = append(out, head[:]...)
	if s.profile != nil {
		out = binary.LittleEndian.AppendUint32(append(out, "ICCP"...), uint32(len(s.profile)))
		out = append(out, s.profile...)
		out = append(out, make([]byte, len(s.profile)%2)...)
	}
	out = append(append(out, alpha...), colours...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

func put24(b []byte, v int) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }
