package imageio

import (
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"strings"
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
	tiffDescription  = 270
	tiffStrips       = 273
	tiffOrientation  = 274
	tiffSamples      = 277
	tiffRowsPerStrip = 278
	tiffStripBytes   = 279
	tiffPlanar       = 284
	tiffT4Options    = 292
	tiffPredictor    = 317
	tiffColourMap    = 320
	tiffTileWidth    = 322
	tiffTileHeight   = 323
	tiffTiles        = 324
	tiffTileBytes    = 325
	tiffSubIFDs      = 330
	tiffExtra        = 338
	tiffSampleFormat = 339
	tiffJPEGTables   = 347
	tiffICC          = 34675
	tiffDNGVersion   = 50706
)

// Kinds of colour.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffCMYK        = 5
	tiffYCbCr       = 6
	tiffCFA         = 32803 // a sensor's mosaic
	tiffLinearRaw   = 34892
)

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
	in    *input
	order binary.ByteOrder
	big   bool
	taken int64 // bytes of values that were read
}

// newTIFFReader returns a reader and where the first directory is.
func newTIFFReader(in *input) (*tiffReader, uint64, error) {
	data, err := in.part(0, 16)
	if err != nil {
		return nil, 0, err
	}
	t := &tiffReader{in: in, order: binary.LittleEndian}
	if data[0] == 'M' {
		t.order = binary.BigEndian
	}
	if t.big = t.order.Uint16(data[2:]) == 43; t.big {
		return t, t.order.Uint64(data[8:]), nil
	}
	return t, uint64(t.order.Uint32(data[4:])), nil
}

// tiffSizes are the lengths of types in bytes; those of other types are not read.
var tiffSizes = map[uint16]uint64{1: 1, tiffASCII: 1, tiffShort: 2, tiffLong: 4, 7: 1, 13: 4, tiffLong8: 8, 18: 8}

// page reads the directory at a place, and returns where the next one is.
func (t *tiffReader) page(at uint64) (p tiffPage, next uint64, err error) {
	count, entry, inline := uint64(2), uint64(12), uint64(4)
	if t.big {
		count, entry, inline = 8, 20, 8
	}
	size := uint64(t.in.Size())
	head, err := t.in.part(int64(at), int64(count))
	if err != nil {
		return nil, 0, err
	}
	n := t.uint(head, count)
	at += count
	if n > min(size/entry, maxTIFFEntries) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	directory, err := t.in.part(int64(at), int64(n*entry+inline))
	if err != nil {
		return nil, 0, err
	}
	p = tiffPage{}
	for e := directory; len(e) > int(inline); e = e[entry:] {
		if err := t.entry(p, at, e, inline); err != nil {
			return nil, 0, err
		}
		at += entry
	}
	return p, t.uint(directory[n*entry:], inline), nil
}

// entry reads an entry of a directory, which is at a place, and its values.
func (t *tiffReader) entry(p tiffPage, at uint64, e []byte, inline uint64) error {
	tag, kind := int(t.order.Uint16(e)), t.order.Uint16(e[2:])
	bytes, values := tiffSizes[kind], t.uint(e[4:], inline)
	isText := kind == tiffASCII
	if bytes == 0 || isText != (tag == tiffDescription) {
		return nil
	}
	from, size := at+4+inline, uint64(t.in.Size())
	if values > size/bytes || bytes*values > inline {
		from = t.uint(e[4+inline:], inline)
	}
	if values > size/bytes || from > size-bytes*values {
		if tag <= tiffSampleFormat && tag != tiffSubIFDs {
			return io.ErrUnexpectedEOF
		}
		return nil
	}
	if tag == tiffICC || isText { // where it is, and how long
		p[tag] = []uint64{from, bytes * values}
		return nil
	}
	n := min(values, maxTIFFValues)
	if t.taken += 8 * int64(n); t.taken > t.in.limit/2 { // many pages may point to the same values
		return &MemoryError{t.in.path, 2 * t.taken, t.in.limit}
	}
	data, err := t.in.part(int64(from), int64(n*bytes))
	if err != nil {
		return err
	}
	list := make([]uint64, 0, n)
	for ; len(data) > 0; data = data[bytes:] {
		list = append(list, t.uint(data, bytes))
	}
	p[tag] = list
	return nil
}

// maxTIFFEntries is the most entries that a directory may have.
const maxTIFFEntries = 1<<16 - 1

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
	case ".3fr", ".arw", ".cr2", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc", ".mef", ".mos",
		".nef", ".nrw", ".pef", ".ptx", ".raw", ".rwl", ".sr2", ".srf", ".srw":
		return true
	}
	return false
}

// openTIFF reads the directories and chooses a page.
func openTIFF(in *input, _ *ReadOptions) (*decoder, error) {
	t, at, err := newTIFFReader(in)
	if err != nil {
		return nil, err
	}
	d := &decoder{depth: 8, warnings: new(warnings)}
	pages, raw, err := t.pages(at, d.warnings)
	if err != nil {
		return nil, err
	}
	canon, err := in.part(8, 2)
	if err != nil {
		return nil, err
	}
	if raw || string(canon) == "CR" && !t.big {
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
		if d.profile.icc, err = in.part(int64(icc[0]), int64(min(icc[1], maxProfile))); err != nil {
			return nil, err
		}
	}
	if o := p.first(tiffOrientation, 1); o >= 1 && o <= 8 {
		d.turn = turnOf(int(o))
	}
	rows, err := newTIFFRows(t, p, d)
	if err != nil {
		return nil, err
	}
	d.start = func() (rowFunc, func() error, error) { return rows.row, nil, nil }
	return d, nil
}
