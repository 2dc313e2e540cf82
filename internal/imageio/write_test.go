package imageio

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/atomicfile"
	"oneiro/internal/fixture"
)

func mustReadBytes(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// slope is smooth, so that JPEG keeps it, and has values that 8 bits do not hold.
func slope(w, h int, alpha bool) *Image {
	im := New(w, h)
	if alpha {
		im.Alpha = make([]float32, w*h)
	}
	for i := range w * h {
		x, y := float32(i%w)/float32(w), float32(i/w)/float32(h)
		copy(im.Pix[3*i:], []float32{x, y, 1 - x*y})
		if alpha {
			im.Alpha[i] = 1 - y
		}
	}
	return im
}

func TestWriteRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name  string
		depth int
		alpha bool
		limit float64
	}{
		{"a.png", 8, false, 0.5001 / 255},
		{"a.PNG", 8, true, 0.5001 / 255},
		{"a.png", 16, false, 0.5001 / 65535},
		{"a.png", 16, true, 0.5001 / 65535},
		{"a.jpg", 8, false, 5.0 / 255},
		{"a.jpeg", 16, false, 5.0 / 255},
		{"a.tif", 8, false, 0.5001 / 255},
		{"a.TIFF", 8, true, 0.5001 / 255},
		{"a.tif", 16, false, 0.5001 / 65535},
		{"a.tif", 16, true, 0.5001 / 65535},
	} {
		for _, size := range [][2]int{{1, 1}, {111, 69}} {
			want := slope(size[0], size[1], c.alpha)
			want.Depth = c.depth
			path := filepath.Join(t.TempDir(), c.name)
			if err := Write(path, want, Meta{}); err != nil {
				t.Fatal(err)
			}
			got := mustRead(t, path)
			if got.W != want.W || got.H != want.H || c.limit < 1.0/255 && got.Depth != c.depth {
				t.Fatalf("%v: %dx%d depth %d", c, got.W, got.H, got.Depth)
			}
			if d := maxDiff(t, got.Pix, want.Pix); !(d <= c.limit) {
				t.Errorf("%v: colours differ by %g", c, d)
			}
			if size[0] == 1 {
				continue // its alpha is 1, so it comes back opaque
			}
			if d := maxDiff(t, got.Alpha, want.Alpha); !(d <= c.limit) {
				t.Errorf("%v: alpha differs by %g", c, d)
			}
		}
	}
}

func TestWriteClamps(t *testing.T) {
	im := New(2, 1)
	nan := float32(math.NaN())
	copy(im.Pix, []float32{-1, 2, nan, float32(math.Inf(1)), float32(math.Inf(-1)), 0.5})
	for _, depth := range []int{8, 16} {
		im.Depth = depth
		path := filepath.Join(t.TempDir(), "a.png")
		if err := Write(path, im, Meta{}); err != nil {
			t.Fatal(err)
		}
		got := mustRead(t, path)
		half := []float32{8: 128.0 / 255, 16: 32768.0 / 65535}[depth]
		if d := maxDiff(t, got.Pix, []float32{0, 1, 0, 1, 0, half}); d != 0 {
			t.Errorf("depth %d: %v", depth, got.Pix)
		}
	}
}

func TestWriteJPEGOnWhite(t *testing.T) {
	im := New(16, 16)
	im.Alpha = make([]float32, 256) // clear
	path := filepath.Join(t.TempDir(), "a.jpg")
	if err := Write(path, im, Meta{}); err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, path); got.Pix[0] < 0.99 || got.Alpha != nil {
		t.Errorf("a clear pixel became %v", got.Pix[:3])
	}
}

func TestRecipe(t *testing.T) {
	long := strings.Repeat("{\"style\": \"größe 星\"}\n", 10000) // more than one JPEG segment
	for _, name := range []string{"a.png", "a.jpg", "a.tif"} {
		for _, recipe := range []string{"x", "{\"seed\": 1}\n", long} {
			path := filepath.Join(t.TempDir(), name)
			if err := Write(path, slope(5, 4, false), Meta{Recipe: recipe}); err != nil {
				t.Fatal(err)
			}
			got, err := ReadRecipe(path)
			if err != nil || got != recipe {
				t.Errorf("%s: %d bytes came back as %d, %v", name, len(recipe), len(got), err)
			}
			if im := mustRead(t, path); im.W != 5 || im.H != 4 {
				t.Errorf("%s: the picture is %dx%d", name, im.W, im.H)
			}
		}
	}
	// The decoder of the standard library checks sums and order of chunks.
	path := filepath.Join(t.TempDir(), "a.png")
	if err := Write(path, slope(5, 4, false), Meta{Recipe: "r"}); err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(mustReadBytes(t, path))); err != nil {
		t.Error(err)
	}
}

func TestNoRecipe(t *testing.T) {
	for _, path := range []string{"testdata/jpeg420.jpg", "testdata/pngpalette.png", "testdata/webplossy.webp"} {
		_, err := ReadRecipe(path)
		checkError(t, path, err)
		if _, ok := errors.AsType[*NoRecipeError](err); !ok {
			t.Errorf("%s: %v", path, err)
		}
	}
	path := put(t, "a.txt", []byte("text"))
	_, err := ReadRecipe(path)
	if _, ok := errors.AsType[*KindError](err); !ok {
		t.Errorf("%v", err)
	}
}

// TestInserter splits what is written at every place.
func TestInserter(t *testing.T) {
	const text = "abcdefgh"
	for cut := range len(text) + 1 {
		var buf bytes.Buffer
		w := insertAfter(&buf, 3, []byte("XY"))
		for _, part := range []string{text[:cut], text[cut:]} {
			if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatalf("wrote %d of %d, %v", n, len(part), err)
			}
		}
		if buf.String() != "abcXYdefgh" {
			t.Errorf("cut at %d: %s", cut, buf.String())
		}
	}
}

func FuzzReadRecipe(f *testing.F) {
	for _, recipe := range []string{"", "r", strings.Repeat("long", 20000)} {
		im := slope(3, 2, false)
		for _, w := range writers {
			f.Add(written(f, im, w.endings[0], Meta{Recipe: recipe}))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if format, kind := sniff(data); format != nil {
			if recipe, ok := findRecipe(inMemory(data, "fuzz", fuzzBytes), kind); ok && len(recipe) > len(data) {
				t.Error("more recipe than file")
			}
		}
	})
}

// checkUntouched fails unless the folder holds just the one file, with the text old.
func checkUntouched(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || string(mustReadBytes(t, path)) != "old" {
		t.Errorf("something was left or changed: %v, %v", entries, err)
	}
}

func TestOutputErrors(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder.png")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want error // nil for an ExtensionError
	}{
		{filepath.Join(dir, "a.webp"), nil},
		{filepath.Join(dir, "a"), nil},
		{"", nil},
		{filepath.Join(dir, "missing", "a.png"), fs.ErrNotExist},
		{folder, atomicfile.ErrFolder},
	} {
		for name, err := range map[string]error{
			"CheckOutput": CheckOutput(c.path), "Write": Write(c.path, New(1, 1), Meta{}),
		} {
			checkError(t, c.path, err)
			if _, isExt := errors.AsType[*ExtensionError](err); isExt != (c.want == nil) {
				t.Errorf("%s(%q): %#v", name, c.path, err)
			}
			if _, ok := errors.AsType[*atomicfile.Error](err); c.want != nil && (!ok || !errors.Is(err, c.want)) {
				t.Errorf("%s(%q): %#v", name, c.path, err)
			}
		}
	}
	if err := CheckOutput(dir); !errors.Is(err, atomicfile.ErrFolder) { // better than "no extension"
		t.Errorf("CheckOutput of a folder: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestWriteTooWideForJPEG(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jpg")
	err := Write(path, New(65536, 1), Meta{})
	checkError(t, path, err)
	if _, ok := errors.AsType[*SideError](err); !ok || exists(path) {
		t.Errorf("got %#v", err)
	}
	for name, want := range map[string]bool{"a.jpg": false, "a.png": true, "a.tif": true} {
		if err := CheckSize(name, 1, 65536); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Write(path, New(65535, 1), Meta{}); err != nil {
		t.Error(err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	path := filepath.Join(fixture.UnwritableFolder(t), "a.png")
	for _, err := range []error{CheckOutput(path), Write(path, New(1, 1), Meta{})} {
		checkError(t, path, err)
		if _, ok := errors.AsType[*atomicfile.Error](err); !ok || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %#v", err)
		}
	}
}
