package imageio

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"slices"
)

// tiffLayout is what differs between TIFF and BigTIFF (TIFF 6.0, section 2; libtiff, "The BigTIFF File
// Format").
type tiffLayout struct {
	header        []byte // up to the offset of the directory, which is known last
	offset, count int    // bytes of an offset, and of the number of entries of a directory
	long          uint16 // the type of an offset
}

// The lower byte comes first: Pillow reads no other BigTIFF.
var (
	classicTIFF = tiffLayout{[]byte("II*\x00"), 4, 2, tiffLong}
	bigTIFF     = tiffLayout{[]byte("II+\x00\x08\x00\x00\x00"), 8, 8, tiffLong8}
)

// The types of values that are written.
const (
	tiffASCII     = 2
	tiffShort     = 3
	tiffLong      = 4
	tiffUndefined = 7
	tiffLong8     = 16
)

// tiffStrip is about how many bytes of samples a strip has.
const tiffStrip = 1 << 20

// encodeTIFF writes a TIFF, or a BigTIFF if offsets may not fit in 32 bits: strips of differences (predictor
// 2), deflated, and the directory after them. The opacity is not multiplied into the colours.
func encodeTIFF(f seekable, im *Image, meta Meta) error {
	s := newSamples(im, meta.Profile)
	return s.writeTIFF(f, s.layout(meta), meta)
}

// layout returns the layout that is sure to hold a picture: what does not compress becomes a little longer.
func (s samples) layout(meta Meta) tiffLayout {
	pixels := int64(s.rowBytes()) * int64(s.H)
	if pixels+pixels>>10+int64(len(meta.Recipe)+len(meta.icc()))+1<<20 > math.MaxUint32 {
		return bigTIFF
	}
	return classicTIFF
}

// writeTIFF writes a TIFF of a layout.
func (s samples) writeTIFF(f seekable, layout tiffLayout, meta Meta) error {
	out := &tiffWriter{Writer: bufio.NewWriterSize(f, 1<<16), tiffLayout: layout}
	out.write(layout.header)
	out.write(make([]byte, layout.offset))
	rows := max(tiffStrip/s.rowBytes(), 1)
	offsets, sizes, err := out.strips(&s, rows)
	if err != nil {
		return err
	}
	if out.at%2 == 1 { // as every value, a directory begins at an even offset
		out.write([]byte{0})
	}
	directory := out.at
	page := []tiffEntry{
		{tiffWidth, tiffLong, []uint64{uint64(s.W)}},
		{tiffHeight, tiffLong, []uint64{uint64(s.H)}},
		{tiffBits, tiffShort, slices.Repeat([]uint64{uint64(8 * s.bytes)}, s.n)},
		{tiffCompression, tiffShort, []uint64{tiffDeflate}},
		{tiffPhotometric, tiffShort, []uint64{tiffRGB}},
		{tiffDescription, tiffASCII, tiffRecipe(meta.Recipe)},
		{tiffStrips, layout.long, offsets},
		{tiffSamples, tiffShort, []uint64{uint64(s.n)}},
		{tiffRowsPerStrip, tiffLong, []uint64{uint64(rows)}},
		{tiffStripBytes, layout.long, sizes},
		{tiffPlanar, tiffShort, []uint64{1}},
		{tiffPredictor, tiffShort, []uint64{2}},
	}
	if s.n == 4 {
		const notMultiplied = 2
		page = append(page, tiffEntry{tiffExtra, tiffShort, []uint64{notMultiplied}})
	}
	page = append(page, tiffEntry{tiffICC, tiffUndefined, bytesAsValues(meta.icc())})
	out.directory(slices.DeleteFunc(page, func(e tiffEntry) bool { return len(e.values) == 0 }))
	if err := out.Flush(); err != nil { // which has the error of every write before
		return err
	}
	_, err = f.WriteAt(out.number(uint64(directory), layout.offset), int64(len(layout.header)))
	return err
}

// tiffWriter writes the parts of a TIFF and knows where it is.
type tiffWriter struct {
	*bufio.Writer
	tiffLayout
	at int64
}

// write writes bytes. The error is also that of every later call, and of Flush.
func (t *tiffWriter) write(p []byte) error {
	n, err := t.Write(p)
	t.at += int64(n)
	return err
}

// number returns a number of so many bytes.
func (t *tiffWriter) number(v uint64, bytes int) []byte {
	return binary.LittleEndian.AppendUint64(nil, v)[:bytes]
}

// strips writes strips of so many rows, and returns where they are and how long.
func (t *tiffWriter) strips(s *samples, rows int) (offsets, sizes []uint64, err error) {
	var strip bytes.Buffer
	strip.Grow(rows * s.rowBytes())
	z := zlib.NewWriter(&strip)
	line := make([]byte, s.rowBytes())
	for y := 0; y < s.H; {
		for range min(rows, s.H-y) {
			s.row(y, line)
			s.subtract(line)
			if _, err := z.Write(line); err != nil {
				return nil, nil, err
			}
			y++
		}
		if err := z.Close(); err != nil {
			return nil, nil, err
		}
		offsets, sizes = append(offsets, uint64(t.at)), append(sizes, uint64(strip.Len()))
		if err := t.write(strip.Bytes()); err != nil {
			return nil, nil, err
		}
		strip.Reset()
		z.Reset(&strip)
	}
	return offsets, sizes, nil
}

// subtract turns the samples of a row into differences from those on the left (TIFF 6.0, section 14), with the
// lower byte first.
func (s samples) subtract(line []byte) {
	n := s.pixelBytes()
	if s.bytes == 1 {
		for i := len(line) - 1; i >= n; i-- {
			line[i] -= line[i-n]
		}
		return
	}
	for i := len(line) - 2; i >= 0; i -= 2 {
		d := binary.BigEndian.Uint16(line[i:])
		if i >= n {
			d -= binary.BigEndian.Uint16(line[i-n:])
		}
		binary.LittleEndian.PutUint16(line[i:], d)
	}
}

// tiffEntry is an entry of a directory.
type tiffEntry struct {
	tag, kind uint16
	values    []uint64
}

// directory writes a directory, the last one, whose entries are in the order of their tags. Values that do not
// fit into an entry follow.
func (t *tiffWriter) directory(entries []tiffEntry) {
	var long []byte
	rest := uint64(t.at) + uint64(t.count) + uint64(len(entries)*(4+2*t.offset)) + uint64(t.offset)
	t.write(t.number(uint64(len(entries)), t.count))
	for _, e := range entries {
		var values []byte
		for _, v := range e.values {
			values = append(values, t.number(v, int(tiffSizes[e.kind]))...)
		}
		t.write(t.number(uint64(e.tag), 2))
		t.write(t.number(uint64(e.kind), 2))
		t.write(t.number(uint64(len(e.values)), t.offset))
		if len(values) <= t.offset {
			t.write(append(values, make([]byte, t.offset-len(values))...))
			continue
		}
		t.write(t.number(rest+uint64(len(long)), t.offset))
		if long = append(long, values...); len(long)%2 == 1 {
			long = append(long, 0)
		}
	}
	t.write(make([]byte, t.offset)) // there is no other directory
	t.write(long)
}
