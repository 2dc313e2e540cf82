package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// photo is a JPEG of 96 x 80 pixels in blocks of 16 x 16.
func photo(t *testing.T) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 96, 80))
	for y := range 80 {
		for x := range 96 {
			m.SetRGBA(x, y, color.RGBA{uint8(x * 255 / 95), uint8(y * 255 / 79), uint8((x * y) % 256), 255})
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, m, nil); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestAllowTruncated cuts pictures in their middle: without the option that is an error, with it the first rows
// are there and the others clear.
func TestAllowTruncated(t *testing.T) {
	for _, c := range []struct {
		name      string
		data      []byte
		keep      int // bytes
		near      int // rows at the end of what is there that may differ: JPEG's chroma reaches beyond it
		at, until int // how many rows are there
	}{
		{"cut.png", madePNG(40, 60, pngRGB, 8, false), 40 * 60 * 3 / 2, 0, 20, 40},
		{"opacity.png", madePNG(40, 60, pngRGBA, 8, false), 40 * 60 * 4 / 2, 0, 20, 40},
		{"cut.jpg", photo(t), 0, 2, 16, 64},
	} {
		if c.keep == 0 {
			c.keep = len(c.data) * 2 / 3
		}
		cut := c.data[:c.keep:c.keep]
		_, err := Decode(cut, c.name)
		checkError(t, c.name, err)
		if e, ok := errors.AsType[*DataError](err); !ok || !e.Truncated() ||
			!strings.Contains(e.Hint(), "--allow-truncated") {
			t.Errorf("%s: %#v", c.name, err)
		}
		whole := mustDecode(t, c.data)
		got, err := DecodeWith(cut, c.name, ReadOptions{AllowTruncated: true})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.W != whole.W || got.H != whole.H || got.Alpha == nil ||
			!strings.Contains(strings.Join(got.Warnings, " "), "cut short") {
			t.Errorf("%s: %dx%d, %d values of opacity, %q", c.name, got.W, got.H, len(got.Alpha), got.Warnings)
			continue
		}
		rows := 0
		for rows < got.H && (got.Alpha[rows*got.W] > 0 || got.Pix[3*rows*got.W] > 0 || whole.alpha(rows*got.W) == 0) {
			rows++
		}
		if rows < c.at || rows > c.until {
			t.Errorf("%s: %d rows are there", c.name, rows)
		}
		n := (rows - c.near) * got.W
		if maxDiff(t, got.Pix[:3*n], whole.Pix[:3*n]) != 0 {
			t.Errorf("%s: the rows that are there are others", c.name)
		}
		for i := rows * got.W; i < len(got.Alpha); i++ {
			if got.Alpha[i] != 0 {
				t.Fatalf("%s: pixel %d is not clear", c.name, i)
			}
		}
		// A whole picture is the same with the option.
		same, err := DecodeWith(c.data, c.name, ReadOptions{AllowTruncated: true})
		if err != nil || maxDiff(t, same.Pix, whole.Pix) != 0 || maxDiff(t, same.Alpha, whole.Alpha) != 0 ||
			len(same.Warnings) > 0 {
			t.Errorf("%s: the option changes a whole picture: %v", c.name, err)
		}
	}
}

// TestAllowTruncatedInterlaced has coarse pixels where later passes are missing, and a progressive JPEG its
// earlier scans.
func TestAllowTruncatedInterlaced(t *testing.T) {
	data := madePNG(64, 64, pngRGB, 8, true)
	whole := mustDecode(t, data)
	got, err := DecodeWith(data[:len(data)/9], "in", ReadOptions{AllowTruncated: true})
	if err != nil {
		t.Fatal(err)
	}
	for y := 0; y < 64; y += 8 {
		for x := 0; x < 64; x += 8 { // the first pass
			i := 3 * (y*64 + x)
			if got.Pix[i] != whole.Pix[i] || y >= 48 && got.Pix[i+3*64+3] != got.Pix[i] {
				t.Fatalf("pixel %d,%d and its neighbour are %v and %v, want %v", x, y, got.Pix[i],
					got.Pix[i+3*64+3], whole.Pix[i])
			}
		}
	}
	if !strings.Contains(strings.Join(got.Warnings, ""), "cut short") {
		t.Errorf("warnings %q", got.Warnings)
	}

	data = mustReadBytes(t, "testdata/jpegprogressive.jpg")
	whole = mustDecode(t, data)
	got, err = DecodeWith(data[:len(data)*3/4], "in", ReadOptions{AllowTruncated: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := meanDiff(got.Pix, whole.Pix); !(d > 0 && d < 0.05) || len(got.Warnings) != 1 {
		t.Errorf("the earlier scans differ by %v; %q", d, got.Warnings)
	}
}

// TestMaxBytes refuses what would take more memory, names the least that is enough, and keeps to it.
func TestMaxBytes(t *testing.T) {
	const side = 1200
	for name, data := range map[string][]byte{
		"PNG of one bit":     madePNG(side, side, pngGrey, 1, false),
		"PNG of 16 bits":     madePNG(side, side/4, pngRGBA, 16, false),
		"PNG in seven parts": madePNG(side, side, pngGrey, 1, true),
		"JPEG": encoded(t, side, func(w io.Writer,
			m image.Image) error {
			return jpeg.Encode(w, m, nil)
		}),
		"GIF": encoded(t, side, func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }),
		"BMP": encoded(t, side, bmp.Encode),
		"TIFF": encoded(t, side, func(w io.Writer, m image.Image) error {
			return tiff.Encode(w, m, &tiff.Options{Compression: tiff.Deflate})
		}),
	} {
		o := ReadOptions{Fit: Longest(100)}
		in := inMemory(data, name, 1<<30)
		d, kind, err := open(in, &o)
		if err != nil {
			t.Fatal(err)
		}
		need := d.info(kind, in).Bytes(o)
		o.MaxBytes = need - 1
		_, err = DecodeWith(data, name, o)
		checkError(t, name, err)
		if e, ok := errors.AsType[*MemoryError](err); !ok || e.Need != need {
			t.Errorf("%s: %v", name, err)
		}
		o.MaxBytes = need
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		im, err := DecodeWith(data, name, o)
		runtime.ReadMemStats(&after)
		if err != nil || max(im.W, im.H) != 100 {
			t.Fatal(err)
		}
		took := int64(after.TotalAlloc-before.TotalAlloc) + int64(len(data))
		t.Logf("%s: %d kB planned, %d kB taken, %d kB as floats", name, need>>10, took>>10, 12*side*side>>10)
		if took > need {
			t.Errorf("%s: %d bytes were planned, %d taken", name, need, took)
		}
	}
}

// encoded is a grey picture as an encoder writes it.
func encoded(t *testing.T, side int, encode func(io.Writer, image.Image) error) []byte {
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = uint8(i/side + i%side/2)
	}
	var buf bytes.Buffer
	if err := encode(&buf, m); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestLongPictures shows the middle of a picture that is far longer than it is high: no more than that of it is
// computed.
func TestLongPictures(t *testing.T) {
	data := madePNG(20000, 1, pngRGB, 8, false)
	for ratio, width := range map[float64]int{1: 224, 4: 896} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		im, err := DecodeWith(data, "in", ReadOptions{Fit: Middle(224, ratio)})
		runtime.ReadMemStats(&after)
		if err != nil || im.W != width || im.H != 224 {
			t.Fatalf("%v, %+v", err, im)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
			t.Errorf("it took %d kB", took>>10)
		}
	}
}

// TestTIFFBomb has a strip that unpacks to far more than the page has: no more of it is unpacked.
func TestTIFFBomb(t *testing.T) {
	const side = 500
	packed := deflated(make([]byte, 200<<20))
	page := tiffPage{
		tiffWidth: {side}, tiffHeight: {side}, tiffBits: {1}, tiffCompression: {tiffDeflate}, tiffPhotometric: {tiffBlackIsZero},
		tiffStrips: {8}, tiffSamples: {1}, tiffRowsPerStrip: {side}, tiffStripBytes: {uint64(len(packed))},
	}
	data := tiffOf(packed, page)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	im, err := DecodeWith(data, "in", ReadOptions{Fit: Longest(10)})
	runtime.ReadMemStats(&after)
	if err != nil || im.W != 10 {
		t.Fatal(err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("it took %d kB", took>>10)
	}
}

// tiffOf returns a TIFF of pages, with data at place 8.
func tiffOf(data []byte, pages ...tiffPage) []byte {
	le := binary.LittleEndian
	out := append([]byte("II*\x00\x00\x00\x00\x00"), data...)
	at := 4
	for _, p := range pages {
		le.PutUint32(out[at:], uint32(len(out)))
		var tags []int
		for tag := range p {
			tags = append(tags, tag)
		}
		slices.Sort(tags)
		out = le.AppendUint16(out, uint16(len(tags)))
		for _, tag := range tags {
			if out = le.AppendUint16(out, uint16(tag)); tag == tiffICC { // bytes
				out = le.AppendUint32(le.AppendUint16(out, 7), uint32(p[tag][1]))
			} else {
				out = le.AppendUint32(le.AppendUint16(out, 4), 1)
			}
			out = le.AppendUint32(out, uint32(p[tag][0]))
		}
		at = len(out)
		out = le.AppendUint32(out, 0)
	}
	return out
}

// TestTIFFPages chooses among pages: the largest that is no preview and no mask, wherever it is, and refuses
// those of cameras' sensors.
func TestTIFFPages(t *testing.T) {
	page := func(side, subfile, light uint64) tiffPage {
		return tiffPage{
			tiffNewSubfile: {subfile}, tiffWidth: {side}, tiffHeight: {side}, tiffBits: {8}, tiffPhotometric: {light},
			tiffStrips: {8}, tiffSamples: {1}, tiffRowsPerStrip: {side}, tiffStripBytes: {side * side},
		}
	}
	data := make([]byte, 64*64)
	for name, c := range map[string]struct {
		pages    []tiffPage
		side     int
		warnings int
	}{
		"one":               {[]tiffPage{page(9, 0, 1)}, 9, 0},
		"thumbnail first":   {[]tiffPage{page(9, 1, 1), page(20, 0, 1)}, 20, 0},
		"a larger preview":  {[]tiffPage{page(9, 0, 1), page(20, 1, 1)}, 9, 0},
		"a mask":            {[]tiffPage{page(9, 0, 1), page(20, 4, 1)}, 9, 0},
		"nothing but small": {[]tiffPage{page(9, 1, 1), page(20, 1, 1)}, 20, 0},
		"three":             {[]tiffPage{page(9, 0, 1), page(20, 0, 1), page(20, 0, 0)}, 20, 1},
	} {
		im, err := Decode(tiffOf(data, c.pages...), name)
		if err != nil {
			t.Error(err)
			continue
		}
		if im.W != c.side || len(im.Warnings) != c.warnings || im.Pix[0] != 0 {
			t.Errorf("%s: %dx%d, %q", name, im.W, im.H, im.Warnings)
		}
	}
	for name, data := range map[string][]byte{
		"photo.tif": tiffOf(data, page(9, 1, 1), page(20, 0, tiffCFA)),
		"photo.NEF": tiffOf(data, page(9, 0, 1)),
		"photo.dng": tiffOf(data, tiffPage{tiffWidth: {9}, tiffDNGVersion: {1}}),
	} {
		_, err := Decode(data, name)
		checkError(t, name, err)
		if e, ok := errors.AsType[*KindError](err); !ok || e.Kind != cameraRaw {
			t.Errorf("%s: %v", name, err)
		}
	}
}
