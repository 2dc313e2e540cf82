package imageio

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pngChunk returns a chunk of a PNG, with a wrong checksum if it is to be bad.
func pngChunk(kind string, body []byte, bad bool) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	sum := crc32.ChecksumIEEE(out[4:])
	if bad {
		sum ^= 1
	}
	return binary.BigEndian.AppendUint32(out, sum)
}

func deflated(data []byte) []byte {
	var buf bytes.Buffer
	z := zlib.NewWriter(&buf)
	z.Write(data)
	z.Close()
	return buf.Bytes()
}

// madePNG returns a PNG of random samples with random filters, of any colour type, and perhaps with chunks
// before its data.
func madePNG(w, h int, colour byte, depth int, interlaced bool, extra ...[]byte) []byte {
	r := rand.New(rand.NewPCG(uint64(w*h), uint64(colour)<<8|uint64(depth)))
	header := binary.BigEndian.AppendUint32(nil, uint32(w))
	header = binary.BigEndian.AppendUint32(header, uint32(h))
	header = append(header, byte(depth), colour, 0, 0, 0)
	passes := adam7[:]
	if header[12] = 1; !interlaced {
		header[12] = 0
		passes = passes[:1]
		passes = slices.Clone(passes)
		passes[0].dx, passes[0].dy = 1, 1
	}
	var data []byte
	for _, p := range passes {
		columns := (w - p.x + p.dx - 1) / p.dx
		if columns < 1 {
			continue
		}
		for y := p.y; y < h; y += p.dy {
			data = append(data, byte(r.IntN(5)))
			for range (columns*pngSamples[colour]*depth + 7) / 8 {
				data = append(data, byte(r.Uint32()))
			}
		}
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	out = append(out, pngChunk("IHDR", header, false)...)
	for _, e := range extra {
		out = append(out, e...)
	}
	packed := deflated(data)
	half := len(packed) / 2
	out = append(out, pngChunk("IDAT", packed[:half], false)...)
	out = append(out, pngChunk("IDAT", packed[half:], false)...)
	return append(out, pngChunk("IEND", nil, false)...)
}

// TestPNGLikeThePackage compares the decoder with package image/png: all colour types and depths, all filters,
// interlaced and not, with and without a clear colour, and sizes with odd ends.
func TestPNGLikeThePackage(t *testing.T) {
	palette := make([]byte, 3*16)
	for i := range palette {
		palette[i] = byte(i * 37)
	}
	for _, c := range []struct {
		colour byte
		depths []int
		clear  []byte // tRNS
	}{
		{pngGrey, []int{1, 2, 4, 8, 16}, []byte{0, 1}},
		{pngRGB, []int{8, 16}, []byte{0, 1, 0, 2, 0, 3}},
		{pngPalette, []int{1, 2, 4}, []byte{0, 128, 255}},
		{pngGreyAlpha, []int{8, 16}, nil},
		{pngRGBA, []int{8, 16}, nil},
	} {
		for _, depth := range c.depths {
			for _, interlaced := range []bool{false, true} {
				for _, size := range [][2]int{{1, 1}, {3, 2}, {9, 13}, {33, 17}} {
					for _, clear := range []bool{false, true} {
						var extra [][]byte
						if c.colour == pngPalette {
							extra = append(extra, pngChunk("PLTE", palette[:3<<depth], false))
						}
						if clear && c.clear != nil {
							extra = append(extra, pngChunk("tRNS", c.clear[:min(len(c.clear), 1<<depth)], false))
							if c.colour == pngGrey {
								extra[len(extra)-1] = pngChunk("tRNS", c.clear, false)
							}
						}
						data := madePNG(size[0], size[1], c.colour, depth, interlaced, extra...)
						name := fmt.Sprintf("colour %d, depth %d, %v, interlaced %v, clear %v", c.colour,
							depth, size, interlaced, clear)
						comparePNG(t, name, data)
					}
				}
			}
		}
	}
}

func comparePNG(t *testing.T, name string, data []byte) {
	t.Helper()
	want, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: package png: %v", name, err)
	}
	got, err := Decode(data, name)
	if err != nil {
		t.Fatal(err)
	}
	size := want.Bounds().Size()
	if got.W != size.X || got.H != size.Y || len(got.Warnings) > 0 {
		t.Fatalf("%s: %dx%d, %v", name, got.W, got.H, got.Warnings)
	}
	at := pixelFunc(want)
	for i := range got.W * got.H {
		c := at(i%got.W, i/got.W)
		have := [4]float32{got.Pix[3*i], got.Pix[3*i+1], got.Pix[3*i+2], got.alpha(i)}
		if have != [4]float32{float32(c.R) / 65535, float32(c.G) / 65535, float32(c.B) / 65535, float32(c.A) / 65535} {
			t.Fatalf("%s: pixel %d is %v, package png has %v", name, i, have, c)
		}
	}
}

// TestFitIsShow reads fixtures of all kinds at other sizes, in part, and in all orientations: bit for bit what
// the whole picture is when it is resampled.
func TestFitIsShow(t *testing.T) {
	files := []string{
		"jpeg420.jpg", "jpeg422.jpg", "pnggreyalpha.png", "pngpalette.png", "pnggrey16.png", "webplossyalpha.webp",
		"tiffplanaralpha.tif", "animatedgif.gif", "bmp24.bmp",
	}
	fits := map[string]Fit{
		"smaller": Longest(11), "larger": Longest(50), "same": Longest(0), "squeezed": To(37, 5), "wider": To(60, 23),
		"middle": Middle(9, 1), "long middle": Middle(16, 1.25),
	}
	for _, file := range files {
		data := mustReadBytes(t, "testdata/"+file)
		for o := 1; o <= 8; o++ {
			whole := mustDecode(t, data)
			turned := oriented(whole, o)
			for name, fit := range fits {
				for filterName, filter := range filters {
					d, _, err := open(inMemory(data, file, 1<<30), &ReadOptions{})
					if err != nil {
						t.Fatal(err)
					}
					d.turn = turnOf(o)
					got, err := d.image(&ReadOptions{Fit: fit, Filter: filter})
					if err != nil {
						t.Fatal(err)
					}
					want := Show(turned, fit(turned.W, turned.H), filter)
					if got.W != want.W || got.H != want.H || !slices.Equal(got.Pix, want.Pix) ||
						!slices.Equal(got.Alpha, want.Alpha) {
						t.Fatalf("%s, orientation %d, %s, %s: not the same", file, o, name, filterName)
					}
				}
			}
		}
	}
}

func mustDecode(t *testing.T, data []byte) *Image {
	t.Helper()
	im, err := Decode(data, "in")
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// TestHiddenColours changes what is under clear pixels, which must not matter once a picture is resampled or
// laid on something.
func TestHiddenColours(t *testing.T) {
	var got [2][]*Image
	for k := range got {
		im := slope(40, 30, true)
		for i := range im.Alpha {
			if im.Alpha[i] = 1; (i%40-20)*(i%40-20)+(i/40-15)*(i/40-15) > 100 {
				im.Alpha[i] = 0
				im.Pix[3*i+k] = float32(k)
			}
		}
		for _, f := range filters {
			got[k] = append(got[k], Resize(im, 17, 21, f))
		}
		got[k] = append(got[k], im.OnWhite(), im.Filled())
	}
	for i := range got[0] {
		if i >= len(filters) && maxDiff(t, got[0][i].Pix, got[1][i].Pix) != 0 {
			t.Errorf("result %d depends on what is hidden", i)
		}
	}
	for _, f := range filters {
		a, b := hiddenDisc(0), hiddenDisc(1)
		if maxDiff(t, Resize(a, 17, 21, f).Pix, Resize(b, 17, 21, f).Pix) != 0 {
			t.Errorf("filter %v: the result depends on what is hidden", f)
		}
		// A red disc stays red to its edge.
		for i, a := range Resize(a, 17, 21, f).Alpha {
			if c := Resize(hiddenDisc(0), 17, 21, f).Pix[3*i:]; a > 0 && (c[0] < 0.999 || c[1] > 0.001) {
				t.Fatalf("filter %v: pixel %d, opacity %v, is %v", f, i, a, c[:3])
			}
		}
	}
}

// hiddenDisc is a red disc on clear pixels of some grey.
func hiddenDisc(grey float32) *Image {
	im := New(40, 30)
	im.Alpha = make([]float32, 40*30)
	for i := range im.Alpha {
		x, y := i%40-20, i/40-15
		if x*x+y*y < 100 {
			im.Alpha[i], im.Pix[3*i] = 1, 1
		} else {
			copy(im.Pix[3*i:], []float32{grey, grey, grey})
		}
	}
	return im
}

// TestFilled has the surroundings of a red half red, and of red and blue ones something in between.
func TestFilled(t *testing.T) {
	im := New(32, 8)
	im.Alpha = make([]float32, 32*8)
	for i := range im.Alpha {
		switch x := i % 32; {
		case x < 8:
			im.Alpha[i], im.Pix[3*i] = 1, 1
		case x >= 24:
			im.Alpha[i], im.Pix[3*i+2] = 1, 1
		default:
			im.Pix[3*i+1] = 1 // hidden green
		}
	}
	out := im.Filled()
	for x := range 32 {
		c := out.Pix[3*(4*32+x):][:3]
		if math := c[0] + c[2]; c[1] != 0 || math < 0.999 || math > 1.001 || x > 0 &&
			c[0] > out.Pix[3*(4*32+x-1)]+1e-6 {
			t.Errorf("column %d is %v", x, c)
		}
	}
	if out.Alpha != nil || out.Pix[3*(4*32+9)] < 0.7 || out.Pix[3*(4*32+22)] > 0.3 {
		t.Errorf("beside red and blue there are %v and %v of red", out.Pix[3*(4*32+9)], out.Pix[3*(4*32+22)])
	}
}

// TestRefused has the reason for what cannot be read.
func TestRefused(t *testing.T) {
	for file, why := range map[string]string{
		"refusedfloat.tif": "floating-point", "refusedfax.tif": "two-dimensional fax",
	} {
		_, err := Read("testdata/" + file)
		checkError(t, "testdata/"+file, err)
		if e, ok := errors.AsType[*KindError](err); !ok || e.Kind != "TIFF" || !strings.Contains(e.Why, why) {
			t.Errorf("%s: %v", file, err)
		}
	}
	xcode := slices.Insert(madePNG(4, 4, pngRGB, 8, false), pngSignature,
		pngChunk("CgBI", []byte("\x50\x00\x20\x02"), false)...)
	_, err := Decode(xcode, "icon.png")
	checkError(t, "icon.png", err)
	if e, ok := errors.AsType[*KindError](err); !ok || e.Kind != iphonePNG || !strings.Contains(e.Hint(), "pngcrush") {
		t.Errorf("CgBI: %v", err)
	}
}

// TestWarnings has what is left out of pictures, and the same pixels as without it.
func TestWarnings(t *testing.T) {
	p3 := pngChunk("iCCP", append([]byte("P3\x00\x00"), deflated(testProfile(p3Primaries, 2.2))...), false)
	srgb := pngChunk("iCCP", append([]byte("sRGB\x00\x00"), deflated(srgbProfile)...), false)
	bad := func(chunk []byte) []byte {
		chunk = bytes.Clone(chunk)
		chunk[len(chunk)-1] ^= 1
		return chunk
	}
	plain := func(extra ...[]byte) []byte { return madePNG(9, 7, pngRGB, 8, false, extra...) }
	jpg := mustReadBytes(t, "testdata/jpeg420.jpg")
	noise := make([]byte, 5000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	cmyk := mustReadBytes(t, "testdata/jpegcmyk.jpg")
	adobe := bytes.Index(cmyk, []byte("\xff\xee"))
	noAdobe := slices.Delete(bytes.Clone(cmyk), adobe, adobe+2+int(cmyk[adobe+3]))
	webp := mustReadBytes(t, "testdata/webplossyalpha.webp")
	for _, c := range []struct {
		name        string
		data, clean []byte
		want        string // "" for no warning, converted for other colours
	}{
		{"a profile", plain(p3), plain(), converted},
		{"sRGB's profile", plain(srgb), plain(), ""},
		{"a profile with a wrong checksum", plain(bad(p3)), plain(), `chunk "iCCP" has a wrong checksum`},
		{"text with a wrong checksum", plain(bad(pngChunk("tEXt", []byte("Comment\x00hello"), false))), plain(),
			`chunk "tEXt" has a wrong checksum`},
		{"no end", plain()[:len(plain())-12], plain(), "it has no end"},
		{"a wide colour space", plain(pngChunk("cICP", []byte{9, 16, 0, 1}, false)), plain(),
			"BT.2020 PQ, is not known"},
		{"sRGB by numbers", plain(pngChunk("cICP", []byte{1, 13, 0, 1}, false)), plain(), ""},
		{"linear light", plain(pngChunk("gAMA", []byte{0, 1, 0x86, 0xa0}, false)), plain(),
			converted},
		{"sRGB's gamma", plain(pngChunk("gAMA", []byte{0, 0, 0xb1, 0x8f}, false)), plain(), ""},
		{"Adobe RGB by EXIF", withEXIF(jpg, adobeRGB()), jpg, converted},
		{"an animation", plain(pngChunk("acTL", []byte{0, 0, 0, 7, 0, 0, 0, 0}, false)), plain(),
			"the first picture of 7"},
		{"JPEG without an end marker", jpg[:len(jpg)-2], jpg, "the end marker is missing"},
		{"a trailer in its place", slices.Concat(jpg[:len(jpg)-2],
			[]byte("\x00\x00\xe1\x08\x0b\x00\x00\x00SEFH"), noise, []byte("SEFT")),
			jpg, "something other than an end marker"},
		{"a film behind it", slices.Concat(jpg, []byte("\x00\x00\x00\x18ftypmp42"), noise), jpg, ""},
		{"CMYK without Adobe's segment", noAdobe, cmyk, "how its CMYK is meant"},
		{"a profile in a JPEG", withProfile(jpg, testProfile(p3Primaries, 2.2)), jpg,
			converted},
		{"sRGB's in a JPEG", withProfile(jpg, srgbProfile), jpg, ""},
		{"half a profile in a JPEG", withProfile(jpg, srgbProfile[:len(srgbProfile)/2]), jpg, "is damaged"},
		{"one of CMYK", withProfile(jpg, bytes.Replace(srgbProfile, []byte("RGB "), []byte("CMYK"), 1)), jpg,
			"is of another kind of colours"},
		{"P3 by numbers", plain(pngChunk("cICP", []byte{12, 13, 0, 1}, false)), plain(), converted},
		{"numbers before a profile", plain(p3, pngChunk("cICP", []byte{1, 13, 0, 1}, false)), plain(), ""},
		{"a profile before sRGB", plain(pngChunk("sRGB", []byte{0}, false), p3), plain(), converted},
		{"sRGB before a gamma", plain(pngChunk("gAMA", []byte{0, 1, 0x86, 0xa0}, false),
			pngChunk("sRGB", []byte{0}, false)), plain(), ""},
		{"other primaries", plain(pngChunk("gAMA", []byte{0, 0, 0xb1, 0x8f}, false), chromaticities(0.21)), plain(),
			converted},
		{"sRGB's primaries", plain(pngChunk("gAMA", []byte{0, 0, 0xb1, 0x8f}, false), chromaticities(0.30)), plain(), ""},
		{"primaries without a gamma", plain(chromaticities(0.21)), plain(), ""},
		{"impossible primaries", plain(pngChunk("gAMA", []byte{0, 1, 0x86, 0xa0}, false),
			pngChunk("cHRM", make([]byte, 32), false)), plain(), "is not known"},
		{"a profile in a TIFF", profiledTIFF(true), profiledTIFF(false), converted},
		{"a profile in a WebP", profiledWebP(webp), webp, converted},
		{"another tone curve", withProfile(jpg, testProfile(srgbPrimaries, 1.0)), jpg,
			converted},
	} {
		got, err := Decode(c.data, c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		want := mustDecode(t, c.clean)
		if c.want == converted {
			ignored, err := DecodeWith(c.data, c.name, ReadOptions{IgnoreProfile: true})
			if err != nil {
				t.Fatal(err)
			}
			if maxDiff(t, got.Pix, want.Pix) < 0.01 || maxDiff(t, ignored.Pix, want.Pix) != 0 || got.Profile == nil {
				t.Errorf("%s: no other colours, or not the same without its profile", c.name)
			}
			c.want = ""
		} else if maxDiff(t, got.Pix, want.Pix) != 0 || got.Profile != nil {
			t.Errorf("%s: other pixels", c.name)
		}
		warnings := strings.Join(got.Warnings, "; ")
		if c.want == "" && warnings != "" || !strings.Contains(warnings, c.want) {
			t.Errorf("%s: warnings %q, want %q", c.name, warnings, c.want)
		}
	}
}

// converted stands for colours that are converted.
const converted = "converted"

// chromaticities is the chunk cHRM of sRGB, but for x of green.
func chromaticities(green float64) []byte {
	var body []byte
	for _, v := range []float64{0.3127, 0.3290, 0.64, 0.33, green, 0.60, 0.15, 0.06} {
		body = binary.BigEndian.AppendUint32(body, uint32(math.Round(v*100_000)))
	}
	return pngChunk("cHRM", body, false)
}

// profiledTIFF is a grey TIFF, perhaps with a profile.
func profiledTIFF(with bool) []byte {
	icc := testProfile(p3Primaries, 2.2)
	page := tiffPage{
		tiffWidth: {9}, tiffHeight: {7}, tiffBits: {8}, tiffPhotometric: {tiffBlackIsZero}, tiffStrips: {8},
		tiffStripBytes: {63},
	}
	if with {
		page[tiffICC] = []uint64{8, uint64(len(icc))}
	}
	return tiffOf(icc, page)
}

// profiledWebP puts a profile behind the chunk VP8X, which a file must have.
func profiledWebP(file []byte) []byte {
	icc := testProfile(p3Primaries, 2.2)
	const head = webpHeader + 8 + 10
	out := bytes.Clone(file[:head])
	out[webpHeader+8] |= 1 << 5
	out = append(out, "ICCP"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(icc)))
	out = append(append(out, icc...), make([]byte, len(icc)%2)...)
	out = append(out, file[head:]...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// TestGIFFrame has a first picture that does not fill the screen: what it leaves out is clear.
func TestGIFFrame(t *testing.T) {
	m := image.NewPaletted(image.Rect(2, 3, 6, 5), color.Palette{color.White, color.Black})
	var buf bytes.Buffer
	err := gif.EncodeAll(&buf, &gif.GIF{
		Image: []*image.Paletted{m, m}, Delay: []int{1, 1},
		Config: image.Config{ColorModel: m.Palette, Width: 9, Height: 7},
	})
	if err != nil {
		t.Fatal(err)
	}
	im := mustDecode(t, buf.Bytes())
	if im.W != 9 || im.H != 7 || len(im.Warnings) != 1 {
		t.Fatalf("%dx%d, %q", im.W, im.H, im.Warnings)
	}
	for i, a := range im.Alpha {
		want := float32(0)
		if image.Pt(i%9, i/9).In(m.Rect) {
			want = 1
		}
		if a != want || im.Pix[3*i] != want {
			t.Errorf("pixel %d,%d is %v, opacity %v", i%9, i/9, im.Pix[3*i], a)
		}
	}
}

// adobeRGB is EXIF with nothing but the index that cameras write for Adobe RGB.
func adobeRGB() []byte {
	be := binary.BigEndian
	out := be.AppendUint32([]byte("MM\x00*"), 8)
	directory := func(tag, kind uint16, n uint32, value []byte) {
		out = be.AppendUint16(out, 1)
		out = be.AppendUint16(be.AppendUint16(out, tag), kind)
		out = append(be.AppendUint32(out, n), value...)
		out = be.AppendUint32(out, 0)
	}
	directory(0x8769, 4, 1, []byte{0, 0, 0, 26}) // ExifOffset
	directory(0xa005, 4, 1, []byte{0, 0, 0, 44}) // InteropOffset
	directory(1, 2, 4, []byte("R03\x00"))
	return out
}

// withEXIF puts EXIF into a JPEG.
func withEXIF(jpg, exif []byte) []byte {
	out := append(bytes.Clone(jpg[:2]), 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(exif)))
	out = append(append(out, "Exif\x00\x00"...), exif...)
	return append(out, jpg[2:]...)
}

// srgbPrimaries are sRGB's, adapted to D50, as profiles have them.
var srgbPrimaries = [3][3]float64{{0.4361, 0.2225, 0.0139}, {0.3851, 0.7169, 0.0971}, {0.1431, 0.0606, 0.7139}}

// p3Primaries are those of Display P3.
var p3Primaries = [3][3]float64{{0.5151, 0.2412, -0.0011}, {0.2920, 0.6922, 0.0419}, {0.1571, 0.0666, 0.7841}}

// testProfile returns an ICC profile called "test" with primaries and a gamma.
func testProfile(primaries [3][3]float64, gamma float64) []byte {
	var data []byte
	tags := map[string][2]int{}
	add := func(name string, body []byte) {
		tags[name] = [2]int{len(data), len(body)}
		data = append(data, body...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	add("desc", append(binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), 5), "test\x00"...))
	for i, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		body := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range primaries[i] {
			body = binary.BigEndian.AppendUint32(body, uint32(int32(v*65536)))
		}
		add(name, body)
		curve := append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), byte(int(gamma*256)>>8), byte(int(gamma*256)))
		add(strings.Replace(name, "XYZ", "TRC", 1), curve)
	}
	out := make([]byte, 128, 1024)
	copy(out[16:], "RGB ")
	out = binary.BigEndian.AppendUint32(out, uint32(len(tags)))
	for name, at := range tags {
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, uint32(132+12*len(tags)+at[0]))
		out = binary.BigEndian.AppendUint32(out, uint32(at[1]))
	}
	return append(out, data...)
}

// withProfile puts a profile into a JPEG, in two segments.
func withProfile(jpg, profile []byte) []byte {
	out := bytes.Clone(jpg[:2])
	half := len(profile) / 2
	for i, part := range [][]byte{profile[:half], profile[half:]} {
		out = append(out, 0xff, 0xe2)
		out = binary.BigEndian.AppendUint16(out, uint16(2+14+len(part)))
		out = append(out, "ICC_PROFILE\x00"...)
		out = append(out, byte(i+1), 2)
		out = append(out, part...)
	}
	return append(out, jpg[2:]...)
}
