package film

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"

	"oneiro/internal/imageio"
)

// pngMagic begins a PNG, and pngSignature is its length.
const (
	pngMagic     = "\x89PNG\r\n\x1a\n"
	pngSignature = len(pngMagic)
)

// encodeAPNG writes an animated PNG (Portable Network Graphics Specification, third edition, section
// 11.3.3): a PNG whose picture is the first frame, with 8 bits in a sample. It plays again and again.
// Pixels are clear only if the Film's Info says that they may be.
func encodeAPNG(file *os.File, w *writing) error {
	a := &apngWriter{out: bufio.NewWriterSize(file, 1<<16), writing: w}
	for i := 0; ; i++ {
		im, err := w.next(i)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := a.frame(im); err != nil {
			return err
		}
	}
	imageio.WriteChunk(a.out, "IEND", nil)
	if err := a.out.Flush(); err != nil {
		return err
	}
	if w.Frames >= 0 {
		return nil
	}
	control := new(bytes.Buffer)
	imageio.WriteChunk(control, "acTL", a.control())
	_, err := file.WriteAt(control.Bytes(), a.controlAt)
	return err
}

// apngWriter writes frames as chunks.
type apngWriter struct {
	*writing
	out       *bufio.Writer
	frames    int
	sequence  uint32
	controlAt int64 // where the number of frames is
}

// frame writes a frame as the chunks that a PNG of it has.
func (a *apngWriter) frame(im *imageio.Image) error {
	plain := *im
	plain.Depth = 8
	meta := a.Meta
	if meta.KeepAlpha = a.Alpha; !a.Alpha {
		plain.Alpha = nil
	}
	if a.frames++; a.frames > 1 {
		meta.Recipe = ""
	}
	var png bytes.Buffer
	if err := imageio.WritePNG(&png, &plain, meta); err != nil {
		return err
	}
	data := png.Bytes()
	if a.frames == 1 {
		a.out.Write(data[:pngSignature])
	}
	at, begun := int64(pngSignature), false
	for rest := data[pngSignature:]; len(rest) > 0; {
		n := 12 + int(binary.BigEndian.Uint32(rest))
		kind, body := string(rest[4:8]), rest[8:n-4]
		if kind == "IDAT" && !begun {
			begun = true
			if a.frames == 1 {
				a.controlAt = at
				imageio.WriteChunk(a.out, "acTL", a.control())
			}
			imageio.WriteChunk(a.out, "fcTL", a.frameControl(im))
		}
		switch {
		case kind == "IEND":
		case a.frames == 1:
			a.out.Write(rest[:n])
		case kind == "IDAT":
			imageio.WriteChunk(a.out, "fdAT", append(a.number(), body...))
		}
		rest = rest[n:]
		at += int64(n)
	}
	return nil // the writer keeps errors until it is flushed
}

// control says how many frames there are.
func (a *apngWriter) control() []byte {
	frames := max(a.Frames, a.frames)
	const forEver = 0
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(frames)), forEver)
}

func (a *apngWriter) number() []byte {
	a.sequence++
	return binary.BigEndian.AppendUint32(nil, a.sequence-1)
}

func (a *apngWriter) frameControl(im *imageio.Image) []byte {
	control := a.number()
	for _, v := range []int{im.W, im.H, 0, 0} { // the frame covers all
		control = binary.BigEndian.AppendUint32(control, uint32(v))
	}
	num, den := a.Rate.Den, a.Rate.Num // of a second
	if max(num, den) > math.MaxUint16 {
		num, den = int(min(math.Round(1000/a.Rate.Float()), math.MaxUint16)), 1000
	}
	control = binary.BigEndian.AppendUint16(control, uint16(num))
	control = binary.BigEndian.AppendUint16(control, uint16(den))
	const keep, replace = 0, 0
	return append(control, keep, replace)
}
