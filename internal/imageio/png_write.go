package imageio

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
)

// encodePNG writes a PNG. Its bytes are those of package image/png, which needs the whole picture in its own
// types, or is slow, and a chunk that says what the colours mean.
func encodePNG(w io.Writer, im *Image, meta Meta) error {
	s := newSamples(im, meta.Profile)
	if meta.KeepAlpha {
		s.n = 4
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := writePNGHead(out, &s, meta); err != nil {
		return err
	}
	if err := writePNGData(pngData{out}, &s); err != nil {
		return err
	}
	WriteChunk(out, "IEND", nil)
	return out.Flush() // which has the error of every write before
}

// writePNGHead writes what comes before the pixels.
func writePNGHead(out *bufio.Writer, s *samples, meta Meta) error {
	out.WriteString(pngMagic)
	header := binary.BigEndian.AppendUint32(nil, uint32(s.W))
	header = binary.BigEndian.AppendUint32(header, uint32(s.H))
	colour := byte(pngRGB)
	if s.n == 4 {
		colour = pngRGBA
	}
	WriteChunk(out, "IHDR", append(header, byte(8*s.bytes), colour, 0, 0, 0))
	if p := meta.Profile; p != nil {
		if err := writeICC(out, p); err != nil {
			return err
		}
	} else {
		const perceptual = 0
		WriteChunk(out, "sRGB", []byte{perceptual})
	}
	if meta.Recipe != "" {
		return WriteChunk(out, "iTXt", []byte(iTXtHead+meta.Recipe))
	}
	return nil
}

// writePNGData writes the pixels, compressed, in pieces that become chunks.
func writePNGData(chunks io.Writer, s *samples) error {
	data := bufio.NewWriterSize(chunks, 1<<15)
	z := zlib.NewWriter(data)
	f := newPNGFilter(s.rowBytes(), s.pixelBytes())
	for y := range s.H {
		s.row(y, f.row())
		if _, err := z.Write(f.best()); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return data.Flush()
}

// writeICC writes a colour profile: a name, the kind of compression, and the profile.
func writeICC(out io.Writer, p *Profile) error {
	body := bytes.NewBufferString("profile\x00\x00")
	z := zlib.NewWriter(body)
	z.Write(p.Data())
	if err := z.Close(); err != nil {
		return err
	}
	return WriteChunk(out, "iCCP", body.Bytes())
}

// WriteChunk writes a chunk of a PNG: the length of its body, its kind, its body and a checksum.
func WriteChunk(w io.Writer, kind string, body []byte) error {
	head := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	sum := crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, body)
	for _, part := range [][]byte{head, body, binary.BigEndian.AppendUint32(nil, sum)} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// pngData writes each buffer as a chunk of data.
type pngData struct{ w io.Writer }

func (d pngData) Write(p []byte) (int, error) {
	if err := WriteChunk(d.w, "IDAT", p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pngFilter turns the samples of a row into differences from its neighbours (PNG specification, section 9). Of
// the five kinds it takes the one whose bytes, as signed numbers, have the least sum of magnitudes (section
// 12.7), and tries the likeliest first, to give up early on the others.
type pngFilter struct {
	n       int       // how far a byte is from the one on its left
	kinds   [5][]byte // a row filtered in each way, with the kind before it; the first has the samples
	before  []byte    // the row before, likewise
	started bool
}

func newPNGFilter(rowBytes, pixelBytes int) *pngFilter {
	f := &pngFilter{n: pixelBytes, before: make([]byte, 1+rowBytes)}
	for kind := range f.kinds {
		f.kinds[kind] = make([]byte, 1+rowBytes)
		f.kinds[kind][0] = byte(kind)
	}
	return f
}

// row returns where the samples of the next row go.
func (f *pngFilter) row() []byte {
	if f.started {
		f.kinds[0], f.before = f.before, f.kinds[0]
	}
	f.started = true
	return f.kinds[0][1:]
}

// best returns the row, filtered.
func (f *pngFilter) best() []byte {
	row, up, n := f.kinds[0][1:], f.before[1:], f.n
	up = up[:len(row)]
	least, best := math.MaxInt, 0
	for _, kind := range [5]int{2, 4, 0, 1, 3} {
		sum, out := 0, f.kinds[kind][1:][:len(row)]
		switch kind {
		case 0:
			for i := 0; i < len(row) && sum < least; i++ {
				sum += magnitude(row[i])
			}
		case 1:
			for i := range n {
				out[i] = row[i]
				sum += magnitude(out[i])
			}
			for i := n; i < len(row) && sum < least; i++ {
				out[i] = row[i] - row[i-n]
				sum += magnitude(out[i])
			}
		case 2:
			for i := range row {
				out[i] = row[i] - up[i]
				sum += magnitude(out[i])
			}
		case 3:
			for i := range n {
				out[i] = row[i] - up[i]/2
				sum += magnitude(out[i])
			}
			for i := n; i < len(row) && sum < least; i++ {
				out[i] = row[i] - byte((int(row[i-n])+int(up[i]))/2)
				sum += magnitude(out[i])
			}
		case 4:
			for i := range n {
				out[i] = row[i] - up[i]
				sum += magnitude(out[i])
			}
			for i := n; i < len(row) && sum < least; i++ {
				out[i] = row[i] - paeth(int(row[i-n]), int(up[i]), int(up[i-n]))
				sum += magnitude(out[i])
			}
		}
		if sum < least {
			least, best = sum, kind
		}
	}
	return f.kinds[best]
}

// magnitude returns that of a byte as a signed number.
func magnitude(b byte) int {
	v := int(int8(b))
	return max(v, -v)
}
