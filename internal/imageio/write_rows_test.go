package imageio

import (
	"bytes"
	"image/png"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/image/tiff"
)

// written returns the file that Write makes, of the format of an ending.
func written(t testing.TB, im *Image, ending string, meta Meta) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a"+ending)
	if err := Write(path, im, meta); err != nil {
		t.Fatal(err)
	}
	return mustReadBytes(t, path)
}

// speckled returns a picture that is even in some places and noisy in others, so that every filter of PNG has
// its rows, with some clear pixels if there is to be alpha.
func speckled(w, h, depth int, alpha bool) *Image {
	random := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	im := slope(w, h, false)
	im.Depth = depth
	for i := range im.Pix {
		if y := i / 3 / w; y%5 == 0 || y%5 == 1 && i%2 == 0 {
			im.Pix[i] = random.Float32()
		} else if y%5 == 3 {
			im.Pix[i] = 0.5
		}
	}
	if alpha {
		im.Alpha = make([]float32, w*h)
		for i := range im.Alpha {
			im.Alpha[i] = float32(random.IntN(3)) / 2
		}
	}
	return im
}

// TestPNGOfImagePNG compares with what package image/png writes, byte by byte, but for the chunk sRGB.
func TestPNGOfImagePNG(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 40}, {57, 1}, {131, 60}, {4000, 11}} {
		for _, depth := range []int{8, 16} {
			for _, alpha := range []bool{false, true} {
				im := speckled(size[0], size[1], depth, alpha)
				var got, want bytes.Buffer
				if err := WritePNG(&got, im, Meta{}); err != nil {
					t.Fatal(err)
				}
				if err := png.Encode(&want, im.Image()); err != nil {
					t.Fatal(err)
				}
				plain := bytes.Replace(got.Bytes(), pngChunk("sRGB", []byte{0}, false), nil, 1)
				if len(plain) != got.Len()-13 || !bytes.Equal(plain, want.Bytes()) {
					t.Errorf("%v, depth %d, alpha %v: %d bytes, want %d others", size, depth, alpha, got.Len(), want.Len())
				}
			}
		}
	}
}

// memoryFile is a seekable.
type memoryFile struct{ bytes.Buffer }

func (f *memoryFile) WriteAt(p []byte, at int64) (int, error) { return copy(f.Bytes()[at:], p), nil }

// TestTIFF reads what is written with another decoder, as far as it can, and with ours: all samples have to be
// those of a PNG.
func TestTIFF(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 50}, {131, 60}, {20_000, 8}} { // the last has several strips
		for _, depth := range []int{8, 16} {
			for _, alpha := range []bool{false, true} {
				im := speckled(size[0], size[1], depth, alpha)
				want, err := png.Decode(bytes.NewReader(written(t, im, ".png", Meta{})))
				if err != nil {
					t.Fatal(err)
				}
				for name, layout := range map[string]tiffLayout{"classic": classicTIFF, "big": bigTIFF} {
					f := new(memoryFile)
					if err := writeTIFF(im, f, layout); err != nil {
						t.Fatal(err)
					}
					if name == "classic" {
						m, err := tiff.Decode(bytes.NewReader(f.Bytes()))
						if err != nil {
							t.Fatal(err)
						}
						checkSame(t, FromImage(m), FromImage(want))
					}
					got, err := Decode(f.Bytes(), "a.tif")
					if err != nil {
						t.Fatal(err)
					}
					checkSame(t, got, FromImage(want))
					if recipe, ok := findTIFF(inMemory(f.Bytes(), "a.tif", 1<<30)); !ok || recipe != "r" {
						t.Errorf("the recipe is %q", recipe)
					}
				}
			}
		}
	}
}

// TestTIFFLayout wants a BigTIFF where 32 bits may be too few.
func TestTIFFLayout(t *testing.T) {
	for _, c := range []struct {
		w, h, depth int
		big         bool
	}{
		{12_000, 8700, 16, false}, {26_000, 26_000, 16, false}, {27_000, 27_000, 16, true}, {37_000, 37_000, 8, false},
		{38_000, 38_000, 8, true}, {100_000, 100_000, 16, true},
	} {
		s := newSamples(&Image{W: c.w, H: c.h, Depth: c.depth}, nil)
		if got := s.layout(Meta{}); (got.offset == 8) != c.big {
			t.Errorf("%+v: offsets of %d bytes", c, got.offset)
		}
	}
}

func checkSame(t *testing.T, got, want *Image) {
	t.Helper()
	if got.W != want.W || got.H != want.H || got.Depth != want.Depth || len(got.Warnings) > 0 ||
		!slices.Equal(got.Pix, want.Pix) || !slices.Equal(got.Alpha, want.Alpha) {
		t.Errorf("%dx%d, depth %d, %v is not %dx%d, depth %d", got.W, got.H, got.Depth, got.Warnings, want.W, want.H,
			want.Depth)
	}
}

// TestWritingTakesRows wants the memory that writing takes to depend on the length of a row alone.
func TestWritingTakesRows(t *testing.T) {
	for _, w := range writers {
		for _, depth := range []int{8, 16} {
			var taken [2]uint64
			for i, h := range []int{100, 700} {
				im := speckled(500, h, depth, true)
				f := &discard{}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if err := w.encode(f, im, Meta{}); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				taken[i] = after.TotalAlloc - before.TotalAlloc
			}
			if most := taken[0] + 1<<20; taken[1] > most { // a copy has at least 1.2 MB more
				t.Errorf("%s, depth %d: %d bytes for 100 rows, %d for 700", w.kind, depth, taken[0], taken[1])
			}
		}
	}
}

// discard is a seekable that keeps nothing.
type discard struct{}

func (discard) Write(p []byte) (int, error)            { return io.Discard.Write(p) }
func (discard) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

func writeTIFF(im *Image, f seekable, layout tiffLayout) error {
	s := newSamples(im, nil)
	return s.writeTIFF(f, layout, Meta{Recipe: "r"})
}
