package film

import (
	"bufio"
	"compress/lzw"
	"encoding/binary"
	"image"
	"io"
	"math"
	"os"
)

// encodeGIF writes a GIF (GIF89a specification) that plays again and again. Of each frame it has the
// rectangle in which something changed, without the pixels that did not.
func encodeGIF(file *os.File, w *writing) error {
	h, n := newHistogram(), 0
	for ; ; n++ {
		im, err := w.next(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if max(im.W, im.H) > math.MaxUint16 {
			return &SizeError{w.path, im.W, im.H, "a GIF has at most 65535 a side"}
		}
		h.add(im)
	}
	w.Frames = n
	const most = 256
	d := newDither(h.palette(most - 1)) // the last is clear
	g := &gifWriter{Writer: bufio.NewWriterSize(file, 1<<16), w: w.w, h: w.h, clear: uint8(len(d.colours))}
	g.header(d.colours)
	now, before := make([]uint8, g.w*g.h), make([]uint8, g.w*g.h)
	shown := 0.0 // hundredths of a second so far
	for i := range n {
		im, err := w.next(i)
		if err != nil {
			return err
		}
		d.draw(now, im, g.clear)
		next := math.Round(100 * float64(i+1) / w.Rate.Float())
		delay := int(min(max(next-shown, 0), math.MaxUint16))
		shown = next
		if err := g.frame(now, before, i == 0 || h.clear, h.clear, delay); err != nil {
			return err
		}
		now, before = before, now
	}
	g.WriteByte(0x3b)
	return g.Flush()
}

// gifWriter writes the blocks of a GIF.
type gifWriter struct {
	*bufio.Writer
	w, h  int
	clear uint8  // the number of the colour that is
	bits  int    // of the number of a colour
	part  []byte // of the pixels of a frame
}

// header writes what comes before the frames.
func (g *gifWriter) header(colours [][3]uint8) {
	g.bits = 1
	for 1<<g.bits < len(colours)+1 {
		g.bits++
	}
	screen := binary.LittleEndian.AppendUint16([]byte("GIF89a"), uint16(g.w))
	screen = binary.LittleEndian.AppendUint16(screen, uint16(g.h))
	g.Write(append(screen, 0xf0|byte(g.bits-1), 0, 0))
	for i := range 1 << g.bits {
		var c [3]uint8
		if i < len(colours) {
			c = colours[i]
		}
		g.Write(c[:])
	}
	g.WriteString("\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00") // for ever
}

// frame writes a frame of which the one before is shown, if it is not to be whole. After it, its pixels are
// cleared if that is wanted.
func (g *gifWriter) frame(now, before []uint8, whole, clearAfter bool, delay int) error {
	r := image.Rect(0, 0, g.w, g.h)
	if !whole {
		r = g.changed(now, before)
	}
	const leave, restore, transparent = 1 << 2, 2 << 2, 1
	disposal := byte(leave)
	if clearAfter {
		disposal = restore
	}
	control := binary.LittleEndian.AppendUint16([]byte{0x21, 0xf9, 4, disposal | transparent}, uint16(delay))
	g.Write(append(control, g.clear, 0))
	g.WriteByte(0x2c)
	for _, v := range []int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} {
		g.Write(binary.LittleEndian.AppendUint16(nil, uint16(v)))
	}
	g.WriteByte(0) // neither interlaced nor with colours of its own
	size := max(g.bits, 2)
	g.WriteByte(byte(size))
	blocks := &gifBlocks{w: g.Writer}
	z := lzw.NewWriter(blocks, lzw.LSB, size)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		g.part = append(g.part[:0], now[y*g.w+r.Min.X:y*g.w+r.Max.X]...)
		if !whole {
			for x := range g.part {
				if at := y*g.w + r.Min.X + x; now[at] == before[at] {
					g.part[x] = g.clear
				}
			}
		}
		if _, err := z.Write(g.part); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return blocks.end()
}

// changed returns the rectangle outside of which two frames are equal. It has a pixel at least.
func (g *gifWriter) changed(now, before []uint8) image.Rectangle {
	r := image.Rectangle{}
	for y := range g.h {
		a, b := now[y*g.w:][:g.w], before[y*g.w:][:g.w]
		left := 0
		for left < g.w && a[left] == b[left] {
			left++
		}
		if left == g.w {
			continue
		}
		right := g.w
		for a[right-1] == b[right-1] {
			right--
		}
		r = r.Union(image.Rect(left, y, right, y+1))
	}
	if r.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return r
}

// gifBlocks divides data into blocks of at most 255 bytes.
type gifBlocks struct {
	w   *bufio.Writer
	buf [255]byte
	n   int
}

func (b *gifBlocks) Write(p []byte) (int, error) {
	for at := 0; at < len(p); {
		k := copy(b.buf[b.n:], p[at:])
		at += k
		if b.n += k; b.n == len(b.buf) {
			if err := b.flush(); err != nil {
				return at, err
			}
		}
	}
	return len(p), nil
}

func (b *gifBlocks) flush() error {
	b.w.WriteByte(byte(b.n))
	_, err := b.w.Write(b.buf[:b.n])
	b.n = 0
	return err
}

// end writes what is left, and the block that ends the data.
func (b *gifBlocks) end() error {
	if b.n > 0 {
		if err := b.flush(); err != nil {
			return err
		}
	}
	return b.w.WriteByte(0)
}
