package film

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// codings are those of Y4M.
func codings() (all []Coding) {
	for _, chroma := range []Chroma{C444, C422, C420JPEG, C420MPEG2, C420PALDV, Mono} {
		for _, r := range []Range{Limited, Full} {
			for _, depth := range []int{8, 10} {
				for _, m := range []Matrix{BT601, BT709} {
					if depth > 8 && (chroma == C420JPEG || chroma == C420PALDV) {
						continue // which Y4M cannot say
					}
					all = append(all, Coding{Matrix: m, Range: r, Chroma: chroma, Depth: depth})
				}
			}
		}
	}
	return all
}

// TestY4MTwice writes what was read: it has the same bytes, whatever the chroma, as long as sRGB has the
// colours.
func TestY4MTwice(t *testing.T) {
	for _, c := range codings() {
		for _, size := range [][2]int{{40, 30}, {41, 31}, {1, 1}, {2, 2}, {3, 1}} {
			w, h := size[0], size[1]
			p := newPlanes(c, w, h)
			var file bytes.Buffer
			header := y4mHeader{w: w, h: h, rate: Rational{30000, 1001}, aspect: Rational{8, 9}, coding: c}
			fmt.Fprintln(&file, header)
			random := rand.New(rand.NewPCG(1, 2))
			unit := 1 << (c.Depth - 8)
			for range 3 {
				file.WriteString("FRAME\n")
				for i := range w*h + 2*p.cw*p.ch {
					v := 90*unit + random.IntN(76*unit)
					if i >= w*h {
						v = 118*unit + random.IntN(20*unit)
					}
					file.WriteByte(byte(v))
					if c.Depth > 8 {
						file.WriteByte(byte(v >> 8))
					}
				}
			}
			clip, err := Read(bytes.NewReader(file.Bytes()), "a", ReadOptions{Matrix: c.Matrix})
			if err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			film := Film{Info: clip.Info(), Frames: -1}
			if err := Encode(&again, film, WriteOptions{Coding: Coding{Matrix: c.Matrix, Chroma: c.Chroma, Depth: c.Depth}}, clip.Frame); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again.Bytes(), file.Bytes()) {
				t.Errorf("%v, %v: the file is another, of %d bytes", header, c.Matrix, again.Len())
			}
		}
	}
}

// TestY4MColours writes a test card and reads it: colours are off by no more than samples are rounded, and
// the colours of television's bars by no more than one of 255 values.
func TestY4MColours(t *testing.T) {
	for _, c := range codings() {
		if c.Chroma == Mono {
			continue
		}
		path := write(t, "a.y4m", Film{Frames: 2}, WriteOptions{Coding: c},
			of(2, func(k int) *imageio.Image { return card(160, 96, k) }))
		luma, chroma := 255.0, 255.0
		if c.Range == Limited {
			luma, chroma = 219, 224
		}
		steps := 1.772 // of blue for one of Cb
		if c.Matrix == BT709 {
			steps = 1.8556
		}
		limit := 0.5*255/luma + 0.5*255/chroma*steps
		if c.Depth == 10 {
			limit /= 4
		}
		clip := mustOpen(t, path, ReadOptions{Matrix: c.Matrix})
		for k, got := range all(t, clip) {
			if d := offInside(t, got, card(160, 96, k), 0); !(d <= limit+1e-3) {
				t.Errorf("%v: frame %d is %v off, which may be %v", c, k, d, limit)
			}
		}
		if d := offInside(t, mustFrame(t, clip, 0), card(160, 96, 0), len(bars)); !(d < 1.5) { // rounded to 8 bits
			t.Errorf("%v: bars are %v off", c, d)
		}
	}
}

// middles returns the colours in the middles of the patches of a card.
func middles(im *imageio.Image) *imageio.Image {
	out := &imageio.Image{W: im.W / 16, H: im.H / 16}
	for y := 8; y < im.H; y += 16 {
		for x := 8; x < im.W; x += 16 {
			out.Pix = append(out.Pix, im.Pix[3*(y*im.W+x):][:3]...)
		}
	}
	return out
}

// offInside returns how far colours are off in the middles of the first patches of a card, in 255ths; of
// all if first is 0.
func offInside(t testing.TB, got, want *imageio.Image, first int) float64 {
	t.Helper()
	a, b := middles(got), middles(want)
	if first > 0 {
		a.Pix, b.Pix = a.Pix[:3*first], b.Pix[:3*first]
	}
	return off(t, a, b)
}

func TestY4MHeaders(t *testing.T) {
	for line, want := range map[string]string{
		"YUV4MPEG2 W8 H4":                          "YUV4MPEG2 W8 H4 F0:0 Ip A0:0 C420jpeg XCOLORRANGE=LIMITED",
		"YUV4MPEG2 W8 H4 F25:1 C420":               "YUV4MPEG2 W8 H4 F25:1 Ip A0:0 C420jpeg XCOLORRANGE=LIMITED",
		"YUV4MPEG2 H4 W8 A1:1 C420paldv Xabc":      "YUV4MPEG2 W8 H4 F0:0 Ip A1:1 C420paldv XCOLORRANGE=LIMITED",
		"YUV4MPEG2 W8 H4 C422p10 XCOLORRANGE=FULL": "YUV4MPEG2 W8 H4 F0:0 Ip A0:0 C422p10 XCOLORRANGE=FULL",
		"YUV4MPEG2 W8 H4 Cmono12":                  "YUV4MPEG2 W8 H4 F0:0 Ip A0:0 Cmono12 XCOLORRANGE=LIMITED",
		"YUV4MPEG2 W8 H4 C420p10 XYSCSS=420P10":    "YUV4MPEG2 W8 H4 F0:0 Ip A0:0 C420p10 XCOLORRANGE=LIMITED",
		"YUV4MPEG2 W8 H4 C411":                     "YUV4MPEG2 W8 H4 F0:0 Ip A0:0 C411 XCOLORRANGE=LIMITED",
		"YUV4MPEG2 W8":                             "no width or height",
		"YUV4MPEG2 W8 H4 C444alpha":                "444alpha",
		"YUV4MPEG2 W8 H4 C420p99":                  "420p99",
		"YUV4MPEG2 W-8 H4":                         "-8",
		"YUV4MPEG2 W99999999999999999999 H4":       "a side of",
		"YUV4MPEG2 W8 H4 F1:99999999999999999999":  "the ratio",
		"YUV4MPEG3 W8 H4":                          "begin with",
		"":                                         "begin with",
	} {
		got, err := parseY4M(line)
		text := got.String()
		if err != nil {
			text = err.Error()
		}
		if !strings.Contains(text, want) {
			t.Errorf("%q: %q", line, text)
		}
	}
}

// TestY4MDamaged cuts a file everywhere.
func TestY4MDamaged(t *testing.T) {
	path := write(t, "a.y4m", Film{Frames: 2}, WriteOptions{Coding: Coding{Chroma: C420JPEG}},
		of(2, func(k int) *imageio.Image { return card(6, 4, k) }))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for n := range data {
		short := filepath.Join(t.TempDir(), "short.y4m")
		if err := os.WriteFile(short, data[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		for _, skip := range []int{0, 1} {
			c, err := Open(short, ReadOptions{})
			if err == nil {
				for i := skip; err == nil && i < 9; i++ {
					_, err = c.Frame(i)
				}
				c.Close()
			}
			switch {
			case err == nil:
				t.Fatalf("%d bytes: frames without end", n)
			case err.Error() == "EOF":
				whole++
			default:
				checkError(t, short, err)
			}
		}
	}
	if whole != 4 { // cut before the first and before the second frame
		t.Errorf("%d cuts were not noticed", whole)
	}
	huge := filepath.Join(t.TempDir(), "huge.y4m")
	if err := os.WriteFile(huge, []byte("YUV4MPEG2 W60000 H60000 F25:1\nFRAME\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = Open(huge, ReadOptions{})
	if _, ok := errors.AsType[*imageio.MemoryError](err); !ok {
		t.Errorf("%v", err)
	}
}
