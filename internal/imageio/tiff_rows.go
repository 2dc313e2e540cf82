package imageio

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"slices"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// Compressions of TIFF that can be read.
const (
	tiffNone     = 1
	tiffFax3     = 3
	tiffFax4     = 4
	tiffLZW      = 5
	tiffDeflate  = 8
	tiffDeflate2 = 32946
	tiffJPEG     = 7
	tiffPackBits = 32773
)

// tiffRead lists the compressions that can be read.
var tiffRead = []uint64{
	tiffNone, tiffFax3, tiffFax4, tiffLZW, tiffJPEG, tiffDeflate, tiffDeflate2, tiffPackBits,
}

// tiffCompressions names compressions that cannot be read.
var tiffCompressions = map[uint64]string{
	2: "CCITT RLE", 6: "old JPEG", 9: "JBIG", 10: "JBIG", 32809: "ThunderScan", 34661: "JBIG", 34676: "LogLuv",
	34677: "LogLuv", 34712: "JPEG 2000", 34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL",
}

// tiffColours are the kinds of colour that can be read, and the number of their samples.
var tiffColours = map[uint64]int{tiffWhiteIsZero: 1, tiffBlackIsZero: 1, tiffRGB: 3, tiffPalette: 1, tiffCMYK: 4}

// tiffRows decodes a page row by row. Package tiff of golang.org/x/image reads fewer kinds, takes planes for
// damage, and needs the whole page in memory.
type tiffRows struct {
	*tiffReader
	page                   tiffPage
	w, h                   int
	light, compression     uint64
	bits, samples, colours int // of a sample, of a pixel, and of these those that are not extra
	alpha                  int // which sample is the opacity, or -1
	multiplied             bool
	luma                   bool // JPEG data are luma and chroma
	planes                 int  // that lie one after the other: 1, or one for each sample
	blockW, blockH         int  // of a strip or tile
	across, down           int  // tiles
	offsets, sizes         []uint64
	tiled, differences     bool            // differences of samples are stored
	files                  []*bufio.Reader // of each plane: the strip or tile as it is in the file
	strips                 []io.Reader     // of each plane, in the middle of a strip
	lines                  [][]byte        // of each plane: a row, or a row of tiles
	values                 []float32       // of the samples of a row
	mapMost                float32         // what stands for white in the palette
}

// newTIFFRows checks whether a page can be read, and sets what d has of colours and memory.
func newTIFFRows(t *tiffReader, p tiffPage, d *decoder) (*tiffRows, error) {
	r := &tiffRows{tiffReader: t, page: p, w: d.w, h: d.h, alpha: -1, planes: 1}
	r.light, r.compression = p.first(tiffPhotometric, tiffBlackIsZero), max(p.first(tiffCompression, tiffNone),
		tiffNone)
	if r.luma = r.light == tiffYCbCr && r.compression == tiffJPEG; r.luma { // which package jpeg converts
		r.light = tiffRGB
	}
	bits := p.first(tiffBits, 1)
	switch {
	case tiffCompressions[r.compression] != "":
		return nil, unsupported("its compression is " + tiffCompressions[r.compression])
	case !slices.Contains(tiffRead, r.compression):
		return nil, unsupported(fmt.Sprintf("its compression is number %d", r.compression))
	case r.compression == tiffFax3 && p.first(tiffT4Options, 0)&1 != 0:
		return nil, unsupported("its compression is two-dimensional fax group 3")
	case p.first(tiffSampleFormat, 1) == 3:
		const text = "its samples are floating-point numbers of %d bits, whose range it does not say"
		return nil, unsupported(fmt.Sprintf(text, bits))
	case p.first(tiffSampleFormat, 1) == 2:
		return nil, unsupported("its samples are signed")
	case !slices.Contains([]uint64{1, 2, 4, 8, 16}, bits):
		return nil, unsupported(fmt.Sprintf("its samples have %d bits", bits))
	case tiffColours[r.light] == 0:
		return nil, unsupported(fmt.Sprintf("its colours are of kind %d", r.light))
	case r.compression == tiffJPEG && (bits != 8 || r.light == tiffCMYK || r.light == tiffPalette):
		return nil, unsupported("its JPEG data are of an unusual kind of colour")
	}
	r.bits, r.colours = int(bits), tiffColours[r.light]
	samples := p.first(tiffSamples, max(uint64(len(p[tiffBits])), 1))
	if r.samples = max(int(min(samples, 1<<16)), r.colours); r.samples > 8 {
		return nil, unsupported(fmt.Sprintf("its pixels have %d samples", samples))
	}
	for _, b := range p[tiffBits] {
		if b != bits {
			return nil, unsupported("its samples have different numbers of bits")
		}
	}
	for i, kind := range p[tiffExtra] {
		if at := r.colours + i; r.alpha < 0 && at < r.samples && (kind == 1 || kind == 2) {
			r.alpha, r.multiplied = at, kind == 1
		}
	}
	if d.alpha = r.alpha >= 0; r.bits == 16 {
		d.depth = 16
	}
	if r.light == tiffPalette && (len(p[tiffColourMap]) < 3<<r.bits || r.bits > 8) {
		return nil, errors.New("its palette is too short")
	}
	r.mapMost = 0xff00 // many writers shift bytes
	for _, v := range p[tiffColourMap] {
		if v&0xff != 0 {
			r.mapMost = 0xffff
		}
	}
	if r.light == tiffCMYK && d.profile.isNone() {
		d.warn("it is CMYK without a colour profile: colours may be off")
	}
	switch p.first(tiffPredictor, 1) {
	case 1:
	case 2:
		if r.differences = true; r.bits < 8 {
			return nil, unsupported(fmt.Sprintf("differences of samples of %d bits", r.bits))
		}
	default:
		return nil, unsupported("its differences are of an unknown kind")
	}
	if p.first(tiffPlanar, 1) == 2 {
		r.planes = r.samples
	}
	if err := r.blocks(); err != nil {
		return nil, err
	}
	if r.compression == tiffJPEG { // package jpeg's planes, and the bytes of them
		d.bytes += product(8, int64(r.blockW), int64(r.blockH)) + 1<<20
		largest := uint64(0)
		for _, size := range r.sizes {
			largest = max(largest, min(size, uint64(r.in.Size())))
		}
		d.bytes += 2 * int64(largest) // the file's bytes, and with the tables before them
	}
	d.bytes += 2*int64(r.planes)*int64(r.lineBytes()) + 4*int64(r.samples)*int64(r.w) + int64(r.planes)<<17
	d.bytes += r.taken
	return r, nil
}

// blocks reads how the page is cut into strips or tiles.
func (r *tiffRows) blocks() error {
	p, most := r.page, uint64(1)<<16
	r.blockW, r.blockH, r.across = r.w, int(min(p.first(tiffRowsPerStrip, uint64(r.h)), uint64(r.h))), 1
	r.offsets, r.sizes = p[tiffStrips], p[tiffStripBytes]
	if p[tiffTileWidth] != nil || p[tiffTiles] != nil {
		r.tiled = true
		r.blockW, r.blockH = int(min(p.first(tiffTileWidth, 0), most)), int(min(p.first(tiffTileHeight, 0), most))
		r.offsets, r.sizes = p[tiffTiles], p[tiffTileBytes]
	}
	if r.blockW < 1 || r.blockH < 1 || r.tiled && r.blockW*r.bits%8 != 0 {
		return errors.New("its strips or tiles have no size")
	}
	if r.tiled {
		r.across = (r.w + r.blockW - 1) / r.blockW
		if r.blockW > r.w+1024 || r.blockH > r.h+1024 {
			return errors.New("its tiles are far larger than the picture")
		}
	}
	r.down = (r.h + r.blockH - 1) / r.blockH
	n := r.across * r.down * r.planes
	if len(r.sizes) == 0 && len(r.offsets) >= n && r.compression == tiffNone { // as old writers leave them out
		r.sizes = slices.Repeat([]uint64{uint64(r.in.Size())}, n)
	}
	if len(r.offsets) < n || len(r.sizes) < n {
		return errors.New("it has too few strips or tiles")
	}
	return nil
}

// rowBytes is the length of a row of w pixels of a plane.
func (r *tiffRows) rowBytes(w int) int { return (w*r.samples/r.planes*r.bits + 7) / 8 }

// lineBytes is how much of a plane is in memory: a row, or a row of tiles.
func (r *tiffRows) lineBytes() int {
	if r.tiled {
		return r.rowBytes(r.blockW) * r.across * r.blockH
	}
	return r.rowBytes(r.w)
}

// jpeg decodes a strip or tile that is a JPEG, whose tables may be those of the page (Adobe, "TIFF Technical
// Note 2", 1995).
func (r *tiffRows) jpeg(data []byte, h int) (io.Reader, error) {
	transform := adobePlain
	if r.luma {
		transform = adobeYCC
	}
	whole := append([]byte("\xff\xd8"), adobeSegment(transform)...)
	if tables := r.page[tiffJPEGTables]; len(tables) > 4 {
		for _, b := range tables[2 : len(tables)-2] {
			whole = append(whole, byte(b))
		}
	}
	whole = append(whole, data[min(2, len(data)):]...)
	c, err := jpeg.DecodeConfig(bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	n := r.samples / r.planes
	if c.Width < r.blockW || c.Height < h || c.Width > r.blockW+64 || c.Height > r.blockH+64 || n != 1 && n != 3 {
		return nil, errors.New("its strips or tiles have another size than it says")
	}
	m, err := jpeg.Decode(bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	row, pix, out := imageRows(m, false), make([]float32, 3*c.Width), make([]byte, 0, r.blockW*h*n)
	for y := range h {
		row(y, pix, nil)
		for i := range r.blockW * n {
			out = append(out, to8(pix[i*3/n]))
		}
	}
	return bytes.NewReader(out), nil
}

// block returns a reader of strip or tile i, of a plane, which has h rows.
func (r *tiffRows) block(i, plane, h int) (io.Reader, error) {
	size := uint64(r.in.Size())
	from := min(r.offsets[i], size)
	n := min(r.sizes[i], size-from)
	file := r.files[plane]
	file.Reset(io.NewSectionReader(r.in, int64(from), int64(n)))
	switch r.compression {
	case tiffFax3, tiffFax4:
		kind, order := ccitt.Group3, ccitt.MSB
		if r.compression == tiffFax4 {
			kind = ccitt.Group4
		}
		if r.page.first(tiffFillOrder, 1) == 2 {
			order = ccitt.LSB
		}
		// White runs are 0 bits whatever 0 means: libtiff does it this way, and everyone follows it.
		return ccitt.NewReader(file, order, kind, r.blockW, h, &ccitt.Options{Invert: true}), nil
	case tiffLZW:
		return lzw.NewReader(file, lzw.MSB, 8), nil
	case tiffDeflate, tiffDeflate2:
		return zlib.NewReader(file)
	case tiffJPEG:
		data, err := r.in.part(int64(from), int64(n))
		if err != nil {
			return nil, err
		}
		return r.jpeg(data, h)
	case tiffPackBits:
		return &packBits{in: file}, nil
	}
	return file, nil
}

// packBits unpacks bytes and runs of one byte (TIFF 6.0, section 9).
type packBits struct {
	in   io.ByteReader
	run  int  // bytes to go of a run, negative ones of bytes as they are
	same byte // that the run is of
}

func (p *packBits) Read(out []byte) (n int, err error) {
	for n < len(out) {
		if p.run > 0 {
			out[n] = p.same
			p.run--
			n++
			continue
		}
		b, err := p.in.ReadByte()
		if err != nil {
			return n, err
		}
		if p.run < 0 {
			out[n] = b
			p.run++
			n++
			continue
		}
		switch count := int(int8(b)); {
		case count >= 0:
			p.run = -count - 1
		case count != -128:
			if p.same, err = p.in.ReadByte(); err != nil {
				return n, err
			}
			p.run = 1 - count
		}
	}
	return n, nil
}

// row is a rowFunc.
func (r *tiffRows) row(y int, pix, alpha []float32) error {
	if r.lines == nil {
		r.strips, r.lines = make([]io.Reader, r.planes), make([][]byte, r.planes)
		for k := range r.lines {
			r.lines[k] = make([]byte, r.lineBytes())
			r.files = append(r.files, bufio.NewReaderSize(nil, inputBuffer))
		}
		r.values = make([]float32, r.samples*r.w)
	}
	for k := range r.planes {
		if err := r.readRow(k, y); err != nil {
			return err
		}
	}
	r.colour(pix, alpha)
	return nil
}

// readRow reads the samples that a plane has in a row.
func (r *tiffRows) readRow(plane, y int) error {
	line, first := r.lines[plane], plane*r.across*r.down+y/r.blockH*r.across
	n := r.samples / r.planes
	if !r.tiled {
		if y%r.blockH == 0 {
			var err error
			if r.strips[plane], err = r.block(first, plane, min(r.blockH, r.h-y)); err != nil {
				return err
			}
		}
		if _, err := io.ReadFull(r.strips[plane], line); err != nil {
			return err
		}
		r.undo(line)
		r.spread(line, plane, 0, r.w*n)
		return nil
	}
	row := r.rowBytes(r.blockW)
	tile := row * r.blockH
	if y%r.blockH == 0 {
		for i := range r.across {
			in, err := r.block(first+i, plane, r.blockH)
			if err != nil {
				return err
			}
			if _, err := io.ReadFull(in, line[i*tile:][:tile]); err != nil {
				return err
			}
			for at := i * tile; at < (i+1)*tile; at += row {
				r.undo(line[at:][:row])
			}
		}
	}
	for i := range r.across {
		w := min(r.blockW, r.w-i*r.blockW)
		r.spread(line[i*tile+y%r.blockH*row:][:row], plane, i*r.blockW*n, w*n)
	}
	return nil
}

// undo turns differences into samples.
func (r *tiffRows) undo(line []byte) {
	n := r.samples / r.planes
	switch {
	case !r.differences:
	case r.bits == 8:
		for i := n; i < len(line); i++ {
			line[i] += line[i-n]
		}
	default:
		for i := 2 * n; i+1 < len(line); i += 2 {
			r.order.PutUint16(line[i:], r.order.Uint16(line[i:])+r.order.Uint16(line[i-2*n:]))
		}
	}
}

// spread converts count samples of a plane to values from one on.
func (r *tiffRows) spread(line []byte, plane, from, count int) {
	most := float32(uint32(1)<<r.bits - 1)
	if r.light == tiffPalette {
		most = 1
	}
	step := r.planes // from one sample of a plane to the next
	to := r.values[from*step+plane:]
	for i := range count {
		var v float32
		switch r.bits {
		case 8:
			v = float32(line[i])
		case 16:
			v = float32(r.order.Uint16(line[2*i:]))
		default:
			v = float32(sample(line, i, r.bits))
		}
		to[i*step] = v / most
	}
}

// colour converts the values of a row.
func (r *tiffRows) colour(pix, alpha []float32) {
	for x := range r.w {
		v, to, a := r.values[x*r.samples:][:r.samples], pix[3*x:][:3], float32(1)
		switch r.light {
		case tiffWhiteIsZero:
			to[0], to[1], to[2] = 1-v[0], 1-v[0], 1-v[0]
		case tiffBlackIsZero:
			to[0], to[1], to[2] = v[0], v[0], v[0]
		case tiffRGB:
			copy(to, v)
		case tiffPalette:
			entry := r.page[tiffColourMap][int(v[0]):]
			for k := range to {
				to[k] = clamp(float32(entry[k<<r.bits]) / r.mapMost)
			}
		case tiffCMYK:
			for k := range to {
				to[k] = (1 - v[k]) * (1 - v[3])
			}
		}
		if alpha == nil {
			continue
		}
		if r.alpha >= 0 {
			a = v[r.alpha]
		}
		if alpha[x] = a; r.multiplied && a > 0 {
			for k := range to {
				to[k] = clamp(to[k] / a)
			}
		}
	}
}
