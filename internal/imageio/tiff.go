package imageio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"strings"

	"golang.org/x/image/tiff"
)

// The tags of TIFF that matter here (TIFF 6.0).
const (
	tiffNewSubfile   = 254
	tiffSubfile      = 255
	tiffWidth        = 256
	tiffHeight       = 257
	tiffBits         = 258
	tiffCompression  = 259
	tiffPhotometric  = 262
	tiffFillOrder    = 266
	tiffStrips       = 273
	tiffOrientation  = 274
	tiffSamples      = 277
	tiffRowsPerStrip = 278
	tiffStripBytes   = 279
	tiffPlanar       = 284
	tiffT4Options    = 292
	tiffPredictor    = 317
	tiffPalette      = 320
	tiffTileWidth    = 322
	tiffTileHeight   = 323
	tiffTiles        = 324
	tiffTileBytes    = 325
	tiffSubIFDs      = 330
	tiffExtra        = 338
	tiffSampleFormat = 339
	tiffICC          = 34675
	tiffDNGVersion   = 50706
)

// Kinds of colour.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffCMYK        = 5
	tiffCFA         = 32803 // a sensor's mosaic
	tiffLinearRaw   = 34892
)

// tiffCompressions names those that are not 1 (none), 3 and 4 (fax), 5 (LZW), 8 and 32946 (Deflate) or 32773
// (PackBits).
var tiffCompressions = map[uint64]string{
	2: "CCITT RLE", 6: "old JPEG", 7: "JPEG", 9: "JBIG", 10: "JBIG", 32809: "ThunderScan", 34661: "JBIG", 34676: "LogLuv",
	34677: "LogLuv", 34712: "JPEG 2000", 34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL",
}

// tiffPage is a directory: the integers of each tag.
type tiffPage map[int][]uint64

// first returns the first value of a tag, or another if there is none.
func (p tiffPage) first(tag int, otherwise uint64) uint64 {
	if v := p[tag]; len(v) > 0 {
		return v[0]
	}
	return otherwise
}

func (p tiffPage) pixels() uint64 {
	return min(p.first(tiffWidth, 0), 1<<31) * min(p.first(tiffHeight, 0), 1<<31)
}

// reduced tells whether the page is a preview or a mask of another one.
func (p tiffPage) reduced() bool {
	return p.first(tiffNewSubfile, 0)&(1|4) != 0 || p.first(tiffSubfile, 1) == 2
}

// raw tells whether the page, or one below it, is of a camera's sensor.
func (p tiffPage) raw() bool {
	light := p.first(tiffPhotometric, 0)
	return light == tiffCFA || light == tiffLinearRaw || p[tiffDNGVersion] != nil
}

// tiffReader reads the directories of a TIFF or BigTIFF.
type tiffReader struct {
	data  []byte
	order binary.ByteOrder
	big   bool
}

// newTIFFReader returns a reader and where the first directory is.
func newTIFFReader(data []byte) (*tiffReader, uint64, error) {
	if len(data) < 16 {
		return nil, 0, io.ErrUnexpectedEOF
	}
	t := &tiffReader{data: data, order: binary.LittleEndian}
	if data[0] == 'M' {
		t.order = binary.BigEndian
	}
	if t.big = t.order.Uint16(data[2:]) == 43; t.big {
		return t, t.order.Uint64(data[8:]), nil
	}
	return t, uint64(t.order.Uint32(data[4:])), nil
}

// tiffSizes are the lengths of types in bytes; those of other types are not read.
var tiffSizes = map[uint16]uint64{1: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8}

// page reads the directory at a place, and returns where the next one is.
func (t *tiffReader) page(at uint64) (p tiffPage, next uint64, err error) {
	count, entry, inline := uint64(2), uint64(12), uint64(4)
	if t.big {
		count, entry, inline = 8, 20, 8
	}
	if at+count > uint64(len(t.data)) || at+count < at {
		return nil, 0, io.ErrUnexpectedEOF
	}
	n := t.uint(t.data[at:], count)
	at += count
	if n > uint64(len(t.data))/entry || at+n*entry+inline > uint64(len(t.data)) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	p = tiffPage{}
	for range n {
		e := t.data[at:]
		tag, size := int(t.order.Uint16(e)), tiffSizes[t.order.Uint16(e[2:])]
		values := t.uint(e[4:], inline)
		from := at + 4 + inline
		if size*values > inline {
			from = t.uint(e[4+inline:], inline)
		}
		if at += entry; size == 0 {
			continue
		}
		if values > uint64(len(t.data))/size || from > uint64(len(t.data))-size*values {
			if tag <= tiffSampleFormat && tag != tiffSubIFDs {
				return nil, 0, io.ErrUnexpectedEOF
			}
			continue
		}
		list := make([]uint64, 0, min(values, maxTIFFValues))
		if tag == tiffICC { // where it is, and how long
			list = append(list, from, size*values)
			values = 0
		}
		for i := range min(values, maxTIFFValues) {
			list = append(list, t.uint(t.data[from+i*size:], size))
		}
		p[tag] = list
	}
	return p, t.uint(t.data[at:], inline), nil
}

// maxTIFFValues is the most values of a tag that are read: offsets of strips or tiles.
const maxTIFFValues = 1 << 20

// uint reads an unsigned integer of size bytes.
func (t *tiffReader) uint(b []byte, size uint64) uint64 {
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(t.order.Uint16(b))
	case 4:
		return uint64(t.order.Uint32(b))
	}
	return t.order.Uint64(b)
}

// maxTIFFPages is the most directories that are looked at.
const maxTIFFPages = 1000

// pages reads the directories in their order. What they have below them only matters if it is raw.
func (t *tiffReader) pages(at uint64, w *warnings) (pages []tiffPage, raw bool, err error) {
	seen := map[uint64]bool{}
	for at != 0 && !seen[at] && len(pages) < maxTIFFPages {
		seen[at] = true
		p, next, err := t.page(at)
		if err != nil {
			if len(pages) == 0 {
				return nil, false, err
			}
			w.warn("its list of pages ends in nothing after page %d", len(pages))
			break
		}
		raw = raw || p.raw()
		for _, below := range p[tiffSubIFDs] {
			if len(seen) < maxTIFFPages && !seen[below] {
				seen[below] = true
				sub, _, err := t.page(below)
				raw = raw || err == nil && sub.raw()
			}
		}
		pages, at = append(pages, p), next
	}
	if len(pages) == 0 {
		return nil, false, errors.New("it has no pages")
	}
	return pages, raw, nil
}

// largest returns the number of the largest page that is not reduced, and how many there are that are not.
func largest(pages []tiffPage) (best, full int) {
	better := func(p, q tiffPage) bool {
		if p.reduced() != q.reduced() {
			return q.reduced()
		}
		return p.pixels() > q.pixels()
	}
	for i, p := range pages {
		if better(p, pages[best]) {
			best = i
		}
		if !p.reduced() {
			full++
		}
	}
	return best, full
}

// cameraRaw is the kind of files with what a camera's sensor has measured.
const cameraRaw = "a camera's raw file"

// rawExtension tells whether a TIFF is a raw file by its name: the pages of some are only previews.
func rawExtension(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".3fr", ".arw", ".cr2", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".nef", ".nrw",
		".pef", ".ptx", ".raw", ".rwl", ".sr2", ".srf", ".srw":
		return true
	}
	return false
}

// openTIFF reads the directories and chooses a page.
func openTIFF(data []byte, _ *ReadOptions) (*decoder, error) {
	t, at, err := newTIFFReader(data)
	if err != nil {
		return nil, err
	}
	d := &decoder{depth: 8, warnings: new(warnings)}
	pages, raw, err := t.pages(at, d.warnings)
	if err != nil {
		return nil, err
	}
	if raw || string(data[8:10]) == "CR" && !t.big {
		return nil, &KindError{Kind: cameraRaw}
	}
	best, full := largest(pages)
	p := pages[best]
	if w, h := p.first(tiffWidth, 0), p.first(tiffHeight, 0); w < 1 || h < 1 || w > 1<<31-1 || h > 1<<31-1 {
		return nil, errors.New("it has no pixels")
	}
	d.w, d.h = int(p.first(tiffWidth, 0)), int(p.first(tiffHeight, 0))
	if full > 1 {
		d.warn("it has %d pages: page %d is read", full, best+1)
	}
	if icc := p[tiffICC]; len(icc) == 2 {
		d.profile.icc = data[icc[0]:][:min(icc[1], maxProfile)]
	}
	if o := p.first(tiffOrientation, 1); o >= 1 && o <= 8 {
		d.turn = turnOf(int(o))
	}
	planes, err := t.planes(p, d)
	if err != nil {
		return nil, err
	}
	if t.cutShort(p, tiffStrips, tiffStripBytes) || t.cutShort(p, tiffTiles, tiffTileBytes) {
		return nil, io.ErrUnexpectedEOF
	}
	d.start = func() (rowFunc, func() error, error) {
		rows, err := t.rows(p, planes, d)
		return rows, nil, err
	}
	return d, nil
}

// cutShort tells whether strips or tiles lie beyond the end of the file.
func (t *tiffReader) cutShort(p tiffPage, at, size int) bool {
	for i, from := range p[at] {
		if i < len(p[size]) && (from > uint64(len(t.data)) || p[size][i] > uint64(len(t.data))-from) {
			return true
		}
	}
	return false
}

// planes returns what package tiff has to be shown of a page: the page, or one of grey for each plane of it. It
// sets what d has of colours and memory.
func (t *tiffReader) planes(p tiffPage, d *decoder) ([]tiffPage, error) {
	compression, light := p.first(tiffCompression, 1), p.first(tiffPhotometric, tiffBlackIsZero)
	samples, bits := p.first(tiffSamples, max(uint64(len(p[tiffBits])), 1)), p.first(tiffBits, 1)
	switch compression {
	case 0, 1, 3, 4, 5, 8, 32946, 32773:
	default:
		if name := tiffCompressions[compression]; name != "" {
			return nil, unsupported("its compression is " + name)
		}
		return nil, unsupported(fmt.Sprintf("its compression is number %d", compression))
	}
	switch {
	case p.first(tiffSampleFormat, 1) == 3:
		return nil, unsupported(fmt.Sprintf("its samples are floating-point numbers of %d bits", bits))
	case p.first(tiffSampleFormat, 1) == 2:
		return nil, unsupported("its samples are signed")
	case bits > 16:
		return nil, unsupported(fmt.Sprintf("its samples have %d bits", bits))
	case compression == 3 && p.first(tiffT4Options, 0)&1 != 0:
		return nil, unsupported("its compression is two-dimensional fax group 3")
	case light == tiffCMYK && (samples != 4 || bits != 8):
		return nil, unsupported("it is CMYK of other than 4 samples of 8 bits")
	case light > 3 && light != tiffCMYK:
		return nil, unsupported(fmt.Sprintf("its colours are of kind %d", light))
	}
	if bits == 16 {
		d.depth = 16
	}
	page := tiffPage{}
	for tag, v := range p {
		page[tag] = v
	}
	extra := p.first(tiffExtra, 0)
	switch {
	case light == tiffCMYK:
		if d.profile.isNone() {
			d.warn("it is CMYK without a colour profile: colours may be off")
		}
		page[tiffPhotometric], page[tiffExtra] = []uint64{tiffRGB}, []uint64{2}
	case light == tiffRGB && samples == 4 && extra == 0: // a sample of no meaning
		page[tiffExtra] = []uint64{2}
	case light == tiffRGB && samples == 4:
		d.alpha = true
	case light == tiffBlackIsZero && (compression == 3 || compression == 4):
		page[tiffPhotometric] = []uint64{tiffWhiteIsZero} // see rows
	}
	bytes := int64(samples) * int64(max(bits, 8)) / 8 // of a pixel
	if samples == 3 {
		bytes += int64(max(bits, 8)) / 8
	}
	planar := samples > 1 && p.first(tiffPlanar, 1) == 2
	if compression <= 1 && p[tiffTileWidth] == nil && !planar {
		page.splitStrips(d, uint64(d.w)*samples*bits)
	}
	strip := int64(min(page.first(tiffRowsPerStrip, 1<<32), uint64(d.h)))
	if p[tiffTileWidth] != nil {
		strip = int64(min(p.first(tiffTileHeight, 0), 1<<16))
	}
	d.bytes = int64(d.w)*int64(d.h)*bytes + 3*strip*int64(d.w)*bytes
	d.bytes += d.bytes / 2 // what package tiff leaves behind
	if !planar {
		return []tiffPage{page}, nil
	}
	if light != tiffRGB || bits != 8 && bits != 16 || samples > 4 {
		return nil, unsupported("its samples lie in separate planes")
	}
	at, size := tiffStrips, tiffStripBytes
	if p[tiffTileWidth] != nil {
		at, size = tiffTiles, tiffTileBytes
	}
	n := len(p[at]) / int(samples)
	if n < 1 || len(p[size]) < n*int(samples) {
		return nil, errors.New("it has too few strips")
	}
	var planes []tiffPage
	for k := range int(samples) {
		plane := tiffPage{}
		for tag, v := range page {
			plane[tag] = v
		}
		plane[tiffPhotometric], plane[tiffSamples], plane[tiffBits] = []uint64{tiffBlackIsZero}, []uint64{1}, []uint64{bits}
		plane[at], plane[size] = p[at][k*n:(k+1)*n], p[size][k*n:(k+1)*n]
		delete(plane, tiffExtra)
		planes = append(planes, plane)
	}
	return planes, nil
}

// splitStrips makes strips of a few rows of those of a page that is not compressed, since package tiff copies
// whole strips. A row has so many bits.
func (p tiffPage) splitStrips(d *decoder, rowBits uint64) {
	const rows = 16
	row, height := (rowBits+7)/8, uint64(d.h)
	per := min(p.first(tiffRowsPerStrip, height), height)
	if per <= rows {
		return
	}
	var offsets, sizes []uint64
	for y := uint64(0); y < height; y += rows {
		k := int(y / per)
		if per%rows != 0 && per < height || k >= len(p[tiffStrips]) || k >= len(p[tiffStripBytes]) {
			return
		}
		at, n := y%per*row, min(rows, height-y)*row
		if at+n > p[tiffStripBytes][k] {
			return
		}
		offsets, sizes = append(offsets, p[tiffStrips][k]+at), append(sizes, n)
	}
	p[tiffStrips], p[tiffStripBytes], p[tiffRowsPerStrip] = offsets, sizes, []uint64{rows}
}

// rows decodes a page.
func (t *tiffReader) rows(p tiffPage, planes []tiffPage, d *decoder) (rowFunc, error) {
	var images []image.Image
	for _, plane := range planes {
		m, err := tiff.Decode(t.file(plane))
		if err != nil {
			return nil, err
		}
		if err := d.sameSize(m); err != nil {
			return nil, err
		}
		images = append(images, m)
	}
	if len(images) > 1 {
		return planeRows(images, p.first(tiffExtra, 0) == 1), nil
	}
	m := images[0]
	fax := p.first(tiffCompression, 1) == 3 || p.first(tiffCompression, 1) == 4
	switch grey, isGrey := m.(*image.Gray); {
	case p.first(tiffPhotometric, 0) == tiffCMYK:
		if four, ok := m.(*image.NRGBA); ok {
			m = &image.CMYK{Pix: four.Pix, Stride: four.Stride, Rect: four.Rect}
		}
	case isGrey && fax && p.first(tiffPhotometric, tiffBlackIsZero) == tiffBlackIsZero:
		// To libtiff, and so to everyone else, runs of white are bits of 0, whatever 0 means; package tiff takes
		// them for white.
		for i := range grey.Pix {
			grey.Pix[i] ^= 0xff
		}
	}
	return imageRows(m, false), nil
}

// planeRows returns the rows of a picture of one grey image for red, for green, for blue, and perhaps for
// opacity, by which the colours may be multiplied.
func planeRows(planes []image.Image, multiplied bool) rowFunc {
	var scratch []float32
	var rows []rowFunc
	for _, m := range planes {
		rows = append(rows, imageRows(m, false))
	}
	return func(y int, pix, alpha []float32) error {
		if scratch == nil {
			scratch = make([]float32, len(pix))
		}
		for k, row := range rows {
			if err := row(y, scratch, nil); err != nil {
				return err
			}
			for x := range len(pix) / 3 {
				switch {
				case k < 3:
					pix[3*x+k] = scratch[3*x]
				case alpha != nil:
					alpha[x] = scratch[3*x]
				}
			}
		}
		if multiplied && alpha != nil {
			for x, a := range alpha {
				for k := 3 * x; a > 0 && k < 3*x+3; k++ {
					pix[k] = clamp(pix[k] / a)
				}
			}
		}
		return nil
	}
}

// file returns a TIFF with nothing but a page: the same data with another header and, after its end, another
// directory.
func (t *tiffReader) file(p tiffPage) io.Reader {
	head := []byte("II*\x00")
	order := binary.AppendByteOrder(binary.LittleEndian)
	if t.order == binary.ByteOrder(binary.BigEndian) {
		head, order = []byte("MM\x00*"), binary.BigEndian
	}
	base := uint32(len(t.data))
	head = order.AppendUint32(head, base)
	tags := make([]int, 0, len(p))
	for _, tag := range []int{tiffWidth, tiffHeight, tiffBits, tiffCompression, tiffPhotometric, tiffFillOrder, tiffStrips,
		tiffSamples, tiffRowsPerStrip, tiffStripBytes, tiffPredictor, tiffPalette, tiffTileWidth, tiffTileHeight,
		tiffTiles, tiffTileBytes, tiffExtra} {
		if len(p[tag]) > 0 {
			tags = append(tags, tag)
		}
	}
	directory := order.AppendUint16(nil, uint16(len(tags)))
	var values []byte
	after := base + 2 + 12*uint32(len(tags)) + 4
	for _, tag := range tags {
		const long = 4
		directory = order.AppendUint16(directory, uint16(tag))
		directory = order.AppendUint16(directory, long)
		directory = order.AppendUint32(directory, uint32(len(p[tag])))
		if len(p[tag]) == 1 {
			directory = order.AppendUint32(directory, uint32(p[tag][0]))
			continue
		}
		directory = order.AppendUint32(directory, after+uint32(len(values)))
		for _, v := range p[tag] {
			values = order.AppendUint32(values, uint32(v))
		}
	}
	directory = order.AppendUint32(directory, 0)
	return io.NewSectionReader(joined{head, t.data[len(head):], append(directory, values...)}, 0, 1<<62)
}

// joined reads several pieces as one.
type joined [][]byte

func (j joined) ReadAt(p []byte, at int64) (n int, err error) {
	for _, piece := range j {
		if at < int64(len(piece)) {
			k := copy(p[n:], piece[at:])
			n += k
			at += int64(k)
		}
		if at -= int64(len(piece)); n == len(p) {
			return n, nil
		}
	}
	return n, io.EOF
}
