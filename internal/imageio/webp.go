package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/webp"
)

// webpChunk is a chunk of a WebP (RFC 9649).
type webpChunk struct {
	kind string
	body []byte
}

// webpChunks returns the chunks that data consists of. The last one may be cut short.
func webpChunks(data []byte) []webpChunk {
	var all []webpChunk
	for len(data) >= 8 {
		n := min(uint64(binary.LittleEndian.Uint32(data[4:])), uint64(len(data)-8))
		all = append(all, webpChunk{string(data[:4]), data[8 : 8+n]})
		data = data[min(8+n+n%2, uint64(len(data))):]
	}
	return all
}

func find(chunks []webpChunk, kind string) []byte {
	for _, c := range chunks {
		if c.kind == kind {
			return c.body
		}
	}
	return nil
}

const webpHeader = 12

// The flags of the chunk VP8X.
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
)

// openWebP reads the header, and of an animation the first picture's.
func openWebP(data []byte, o *ReadOptions) (*decoder, error) {
	chunks := webpChunks(data[webpHeader:])
	d := &decoder{depth: 8, warnings: new(warnings)}
	d.profile.icc = find(chunks, "ICCP")
	whole := data
	var at image.Point
	head := find(chunks, "VP8X")
	if len(head) >= 10 && head[0]&webpAnimated != 0 {
		frame := find(chunks, "ANMF")
		if len(frame) < 16 {
			return nil, io.ErrUnexpectedEOF
		}
		d.w, d.h = uint24(head[4:])+1, uint24(head[7:])+1
		at = image.Pt(2*uint24(frame), 2*uint24(frame[3:]))
		d.alpha = true
		whole = stillWebP(webpChunks(frame[16:]), uint24(frame[6:]), uint24(frame[9:]))
		n := 0
		for _, c := range chunks {
			if c.kind == "ANMF" {
				n++
			}
		}
		if n > 1 {
			d.warn("it is animated: the first picture of %d is read", n)
		}
	}
	c, err := webp.DecodeConfig(bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	size := image.Pt(c.Width, c.Height)
	place := image.Rectangle{Min: at, Max: at.Add(size)}
	if d.w == 0 {
		d.w, d.h = size.X, size.Y
		d.alpha = c.ColorModel != color.YCbCrModel
	}
	if !place.In(image.Rect(0, 0, d.w, d.h)) {
		return nil, errors.New("its first picture lies outside it")
	}
	d.bytes = 2 * int64(c.Width+16) * int64(c.Height+16) // luma and chroma
	if c.ColorModel != color.YCbCrModel || find(webpChunks(whole[webpHeader:]), "VP8L") != nil {
		d.bytes *= 6 // 4 bytes for a pixel, three times while they are transformed
	}
	d.start = func() (rowFunc, func() error, error) {
		m, err := webp.Decode(bytes.NewReader(whole))
		if err != nil {
			return nil, nil, err
		}
		if m.Bounds().Size() != size {
			return nil, nil, errors.New("its headers contradict each other")
		}
		return placed(imageRows(m, true), place), nil, nil
	}
	return d, nil
}

// stillWebP makes a file of the chunks of a frame, whose width and height are one more than w1 and h1.
func stillWebP(chunks []webpChunk, w1, h1 int) []byte {
	body := []byte("WEBP")
	add := func(kind string, data []byte) {
		body = append(body, kind...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
		body = append(body, data...)
		if len(data)%2 == 1 {
			body = append(body, 0)
		}
	}
	if alpha := find(chunks, "ALPH"); alpha != nil {
		head := []byte{webpAlpha, 0, 0, 0, byte(w1), byte(w1 >> 8), byte(w1 >> 16), byte(h1), byte(h1 >> 8),
			byte(h1 >> 16)}
		add("VP8X", head)
		add("ALPH", alpha)
	}
	for _, c := range chunks {
		if c.kind == "VP8 " || c.kind == "VP8L" {
			add(c.kind, c.body)
		}
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
	return append(out, body...)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// placed returns the rows of a larger picture, clear but for what lies at a place.
func placed(rows rowFunc, place image.Rectangle) rowFunc {
	return func(y int, pix, alpha []float32) error {
		if alpha == nil || place.Dx()*3 == len(pix) && place.Min == (image.Point{}) && y < place.Max.Y {
			return rows(y, pix, alpha)
		}
		clear(pix)
		clear(alpha)
		if y < place.Min.Y || y >= place.Max.Y {
			return nil
		}
		x, w := place.Min.X, place.Dx()
		return rows(y-place.Min.Y, pix[3*x:3*(x+w)], alpha[x:x+w])
	}
}
