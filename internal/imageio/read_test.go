package imageio

import (
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReadFixtures compares every fixture with what Pillow made of it. Lossless kinds must agree
// exactly; JPEG and WebP decoders may round differently, by levels of 1/255.
func TestReadFixtures(t *testing.T) {
	levels := map[string]float64{".jpg": 2.6, ".webp": 2.6} // of 255
	exact := map[string]bool{"webplossless": true, "animated": true}
	truths, err := filepath.Glob("testdata/truth/*.png")
	if err != nil || len(truths) < 32 {
		t.Fatalf("%d fixtures, %v", len(truths), err)
	}
	for _, truth := range truths {
		name := strings.TrimSuffix(filepath.Base(truth), ".png")
		t.Run(name, func(t *testing.T) {
			files, _ := filepath.Glob("testdata/" + name + ".*")
			if len(files) != 1 {
				t.Fatalf("files %v", files)
			}
			got, want := mustRead(t, files[0]), mustRead(t, truth)
			limit := levels[filepath.Ext(files[0])]/255 + 1e-6
			switch {
			case strings.HasPrefix(name, "tiffjpeg"):
				limit = levels[".jpg"]/255 + 1e-6
			case exact[name]:
				limit = 1e-6
			case name == "tiffcmyk": // Pillow rounds the product of two bytes another way
				limit = 1.01 / 255
			}
			if got.W != want.W || got.H != want.H || got.Depth != want.Depth {
				t.Fatalf("%dx%d depth %d, want %dx%d depth %d", got.W, got.H, got.Depth, want.W, want.H, want.Depth)
			}
			if filepath.Ext(files[0]) == ".gif" { // whose decoder forgets the colours of clear pixels
				got, want = got.OnWhite(), want.OnWhite()
				got.Alpha, want.Alpha = nil, nil
			}
			if d := maxDiff(t, got.Pix, want.Pix); !(d <= limit) {
				t.Errorf("colours differ by %.2f levels, limit %.2f", d*255, limit*255)
			}
			if d := maxDiff(t, got.Alpha, want.Alpha); !(d <= 1e-6) {
				t.Errorf("alpha differs by %.2f levels", d*255)
			}
			t.Logf("mean %.3f levels", 255*meanDiff(got.Pix, want.Pix))
		})
	}
}

func mustRead(t *testing.T, path string) *Image {
	t.Helper()
	im, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	im.check("test")
	for _, values := range [][]float32{im.Pix, im.Alpha} {
		for i, v := range values {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%s: value %d is %v", path, i, v)
			}
		}
	}
	return im
}

func maxDiff(t *testing.T, a, b []float32) float64 {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d values, want %d", len(a), len(b))
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i]))) // max keeps NaN
	}
	return worst
}

func meanDiff(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(len(a))
}

// TestFromImage turns images of package image into pictures and back.
func TestFromImage(t *testing.T) {
	r := image.Rect(3, 5, 3+7, 5+4) // which does not begin at 0, 0
	clear8, opaque8, deep := image.NewNRGBA(r), image.NewRGBA(r), image.NewNRGBA64(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := uint8(31*x + 57*y)
			clear8.SetNRGBA(x, y, color.NRGBA{v, v + 40, v + 80, uint8(30 * x)})
			opaque8.SetRGBA(x, y, color.RGBA{v, v + 40, v + 80, 255})
			deep.SetNRGBA64(x, y, color.NRGBA64{uint16(v) * 251, 7, 65535, uint16(x) * 999})
		}
	}
	for _, c := range []struct {
		m     image.Image
		depth int
		alpha bool
	}{{clear8, 8, true}, {opaque8, 8, false}, {deep, 16, true}} {
		im := FromImage(c.m)
		if im.W != 7 || im.H != 4 || im.Depth != c.depth || (im.Alpha != nil) != c.alpha {
			t.Errorf("%T: %dx%d, %d bits, opacity %v", c.m, im.W, im.H, im.Depth, im.Alpha != nil)
		}
		back := im.Image()
		for y := range im.H {
			for x := range im.W {
				want := color.NRGBA64Model.Convert(c.m.At(r.Min.X+x, r.Min.Y+y))
				if got := color.NRGBA64Model.Convert(back.At(x, y)); got != want {
					t.Fatalf("%T: at %d, %d %v, want %v", c.m, x, y, got, want)
				}
			}
		}
	}
}

// TestFromOtherImage takes a type that has nothing but what image.Image asks for.
func TestFromOtherImage(t *testing.T) {
	type bare struct{ image.Image }
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	m.Pix[4] = 51
	if im := FromImage(bare{m}); im.W != 3 || im.H != 2 || im.Pix[3*4] != 0.2 || im.Alpha != nil {
		t.Errorf("%+v", im)
	}
}

// TestReadFile checks that an open file, wherever it stands, gives what its path does, and stays open.
func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	im := New(9, 7)
	for i := range im.Pix {
		im.Pix[i] = float32(i%256) / 255
	}
	if err := Write(path, im, Meta{Recipe: `{"a":1}`}); err != nil {
		t.Fatal(err)
	}
	want, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		if got, err := ReadFile(f, "named", ReadOptions{}); err != nil || !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("ReadFile: %v", err)
		}
		if info, err := StatFile(f, "named"); err != nil || info.W != 9 || info.H != 7 || info.Kind != "PNG" {
			t.Errorf("StatFile: %+v, %v", info, err)
		}
		if text, err := RecipeFile(f, "named"); err != nil || text != `{"a":1}` {
			t.Errorf("RecipeFile: %q, %v", text, err)
		}
	}
	if err := os.WriteFile(path, []byte("no picture, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(f, "named", ReadOptions{}); err == nil || !strings.Contains(err.Error(), "named") {
		t.Errorf("the error is %v", err)
	}
}
