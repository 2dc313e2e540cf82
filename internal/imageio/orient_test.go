package imageio

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/tiff"
)

// exif returns a TIFF header and a directory with nothing but the orientation.
func exif(order binary.AppendByteOrder, orientation int) []byte {
	out := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM")
	}
	out = order.AppendUint16(out, 42)
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 1)      // entries
	out = order.AppendUint16(out, 0x0112) // Orientation
	out = order.AppendUint16(out, 3)      // SHORT
	out = order.AppendUint32(out, 1)
	out = order.AppendUint16(out, uint16(orientation))
	out = order.AppendUint16(out, 0)
	return order.AppendUint32(out, 0)
}

// corners is what the file has in its corners; 48 x 32, in blocks that survive JPEG.
func corners() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for y := range 32 {
		for x := range 48 {
			c := color.RGBA{255, 0, 0, 255} // top left
			switch {
			case x >= 24 && y < 16:
				c = color.RGBA{0, 255, 0, 255} // top right
			case x < 24 && y >= 16:
				c = color.RGBA{0, 0, 255, 255} // bottom left
			case x >= 24:
				c = color.RGBA{255, 255, 255, 255} // bottom right
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func withOrientation(t testing.TB, o int) []byte {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, corners(), nil); err != nil {
		t.Fatal(err)
	}
	order := binary.AppendByteOrder(binary.BigEndian)
	if o%2 == 0 {
		order = binary.LittleEndian
	}
	app1 := append([]byte("Exif\x00\x00"), exif(order, o)...)
	out := []byte{0xff, 0xd8, 0xff, 0xe1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(app1)+2))
	out = append(out, app1...)
	return append(out, buf.Bytes()[2:]...)
}

// upright says which corners of the file, R G B W as above, are seen in the corners of the upright
// picture: top left, top right, bottom left, bottom right (EXIF 2.32, table 6).
var upright = [9]string{1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB"}

func seen(im *Image) string {
	var s []byte
	for _, p := range [4][2]int{{4, 4}, {im.W - 5, 4}, {4, im.H - 5}, {im.W - 5, im.H - 5}} {
		c := im.Pix[3*(p[1]*im.W+p[0]):]
		switch r, g, b := c[0] > 0.5, c[1] > 0.5, c[2] > 0.5; {
		case r && g && b:
			s = append(s, 'W')
		case r && !g && !b:
			s = append(s, 'R')
		case g && !r && !b:
			s = append(s, 'G')
		case b && !r && !g:
			s = append(s, 'B')
		default:
			s = append(s, '?')
		}
	}
	return string(s)
}

func checkUpright(t *testing.T, data []byte, o int) {
	t.Helper()
	im, err := Decode(data, "in")
	if err != nil {
		t.Fatal(err)
	}
	w, h := 48, 32
	if o >= 5 {
		w, h = h, w
	}
	if im.W != w || im.H != h || seen(im) != upright[o] {
		t.Errorf("orientation %d: %dx%d %s, want %dx%d %s", o, im.W, im.H, seen(im), w, h, upright[o])
	}
}

func TestOrientationJPEG(t *testing.T) {
	for o := 1; o <= 8; o++ {
		checkUpright(t, withOrientation(t, o), o)
	}
}

func TestOrientationPNG(t *testing.T) {
	var buf bytes.Buffer
	if err := png.Encode(&buf, corners()); err != nil {
		t.Fatal(err)
	}
	for o := 1; o <= 8; o++ {
		body := append([]byte("eXIf"), exif(binary.BigEndian, o)...)
		const pngHeader = pngSignature + 12 + 13 // with IHDR
		out := bytes.Clone(buf.Bytes()[:pngHeader])
		out = binary.BigEndian.AppendUint32(out, uint32(len(body)-4))
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
		checkUpright(t, append(out, buf.Bytes()[pngHeader:]...), o)
	}
}

// TestOrientationTIFF turns another tag of an encoded file into the orientation.
func TestOrientationTIFF(t *testing.T) {
	var buf bytes.Buffer
	if err := tiff.Encode(&buf, corners(), nil); err != nil {
		t.Fatal(err)
	}
	data := buf.Bytes()
	order := binary.LittleEndian
	directory := order.Uint32(data[4:])
	entries := data[directory+2:]
	const stripOffsets, orientation = 273, 274
	for i := range int(order.Uint16(data[directory:])) {
		entry := entries[12*i:]
		if order.Uint16(entry) != stripOffsets {
			continue
		}
		// The next tag is 277, SamplesPerPixel, which the decoder does not need.
		next := entry[12:]
		order.PutUint16(next, orientation)
		for o := 1; o <= 8; o++ {
			order.PutUint16(next[8:], uint16(o))
			checkUpright(t, data, o)
		}
		return
	}
	t.Fatal("no StripOffsets in the file")
}

// TestOrientationWebP appends an EXIF chunk to a file that has VP8X, and so room for one.
func TestOrientationWebP(t *testing.T) {
	plain := mustReadBytes(t, "testdata/webplossyalpha.webp")
	want, err := Decode(plain, "in")
	if err != nil {
		t.Fatal(err)
	}
	want = oriented(want, 6)
	for _, mark := range []string{"", "Exif\x00\x00"} {
		data := bytes.Clone(plain)
		data[20] |= 1 << 3 // the flag for EXIF in VP8X
		body := append([]byte(mark), exif(binary.LittleEndian, 6)...)
		data = append(data, "EXIF"...)
		data = binary.LittleEndian.AppendUint32(data, uint32(len(body)))
		data = append(data, body...)
		binary.LittleEndian.PutUint32(data[4:], uint32(len(data)-8))
		got, err := Decode(data, "in")
		if err != nil {
			t.Fatal(err)
		}
		if got.W != want.W || maxDiff(t, got.Pix, want.Pix) != 0 || maxDiff(t, got.Alpha, want.Alpha) != 0 {
			t.Errorf("%dx%d is not the plain file turned, %dx%d", got.W, got.H, want.W, want.H)
		}
	}
}

// TestOrientationOdd sees to it that nonsense in the metadata costs nothing but the orientation.
func TestOrientationOdd(t *testing.T) {
	for _, o := range []int{0, 9, 65535} {
		data := withOrientation(t, o)
		if im, err := Decode(data, "in"); err != nil || seen(im) != upright[1] {
			t.Errorf("orientation %d: %v", o, err)
		}
	}
	data := withOrientation(t, 6)
	for i := 6; i < 38; i++ { // what is in the APP1 segment
		bad := bytes.Clone(data)
		bad[i] ^= 0xff
		if _, err := Decode(bad, "in"); err != nil {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// oriented returns a picture as an orientation says, pixel by pixel.
func oriented(im *Image, o int) *Image {
	t := turnOf(o)
	w, h := t.size(im.W, im.H)
	out := New(w, h)
	out.Depth = im.Depth
	if im.Alpha != nil {
		out.Alpha = make([]float32, w*h)
	}
	for y := range h {
		for x := range w {
			sx, sy := x, y
			if t.swap {
				sx, sy = y, x
			}
			if t.mirrorX {
				sx = im.W - 1 - sx
			}
			if t.mirrorY {
				sy = im.H - 1 - sy
			}
			from, to := sy*im.W+sx, y*w+x
			copy(out.Pix[3*to:3*to+3], im.Pix[3*from:])
			if im.Alpha != nil {
				out.Alpha[to] = im.Alpha[from]
			}
		}
	}
	return out
}
