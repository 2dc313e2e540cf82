package imageio

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

var filters = map[string]Filter{"Bilinear": Bilinear, "Bicubic": Bicubic, "Lanczos3": Lanczos3}

func TestResampleLikePillow(t *testing.T) {
	var golden struct {
		W, H  int
		Pix   []float32
		Cases []struct {
			Filter string
			W, H   int
			Pix    []float32
		}
	}
	data, err := os.ReadFile("testdata/resize.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil || len(golden.Cases) != 15 {
		t.Fatalf("%d cases, %v", len(golden.Cases), err)
	}
	for _, c := range golden.Cases {
		got := Resample(golden.Pix, golden.W, golden.H, 3, c.W, c.H, filters[c.Filter])
		if d := maxDiff(t, got, c.Pix); !(d <= 1e-5) { // the fixture has five digits
			t.Errorf("%s to %dx%d: differs by %g", c.Filter, c.W, c.H, d)
		}
	}
}

func TestResampleKeepsSize(t *testing.T) {
	src := []float32{1, 2, 3, 4, 5, 6}
	got := Resample(src, 3, 2, 1, 3, 2, Lanczos3)
	if maxDiff(t, got, src) != 0 {
		t.Errorf("got %v", got)
	}
	got[0] = 7
	if src[0] != 1 {
		t.Error("the result shares memory with its source")
	}
}

func TestResize(t *testing.T) {
	im := New(8, 4)
	im.Depth = 16
	im.Alpha = make([]float32, 8*4)
	for i := range im.Alpha {
		if i%8 >= 4 { // the right half is white and opaque
			im.Alpha[i] = 1
			copy(im.Pix[3*i:], []float32{1, 1, 1})
		}
	}
	for name, f := range filters {
		for _, size := range [][2]int{{16, 9}, {3, 3}, {1, 1}, {8, 4}} {
			out := Resize(im, size[0], size[1], f)
			out.check(name)
			if out.W != size[0] || out.H != size[1] || out.Depth != 16 || out.Alpha == nil {
				t.Fatalf("%s: %dx%d depth %d", name, out.W, out.H, out.Depth)
			}
			for i, a := range out.Alpha {
				want := float32(0) // nothing but white is seen, however little
				if a > 0 {
					want = 1
				}
				if !(a >= 0 && a <= 1) || math.Abs(float64(out.Pix[3*i]-want)) > 1e-6 && size != [2]int{8, 4} {
					t.Fatalf("%s %v: pixel %d: %v, alpha %v", name, size, i, out.Pix[3*i:3*i+3], a)
				}
			}
		}
	}
	if out := Resize(New(3, 3), 2, 2, Bilinear); out.Alpha != nil {
		t.Error("an opaque image got alpha")
	}
}

func TestFitSize(t *testing.T) {
	for _, c := range [][5]int{ // w, h, longer, w2, h2
		{1024, 768, 512, 512, 384},
		{768, 1024, 512, 384, 512},
		{1000, 667, 512, 512, 342}, // 341.504
		{49, 49, 512, 512, 512},
		{412, 309, 512, 512, 384},
		{309, 412, 512, 384, 512},
		{3, 2, 3, 3, 2},
		{4, 1, 2, 2, 1}, // halves are rounded up
		{1023, 1023, 512, 512, 512},
		{5, 3, 1000, 1000, 600},
		{10000, 3, 100, 100, 1},
		{3, 10000, 100, 1, 100},
		{1, 1, 1, 1, 1},
	} {
		if w, h := FitSize(c[0], c[1], c[2]); w != c[3] || h != c[4] {
			t.Errorf("FitSize(%d, %d, %d) = %d, %d, want %d, %d", c[0], c[1], c[2], w, h, c[3], c[4])
		}
	}
}

// TestFitSizeTruncated has the sizes of Python's int(512 / max(w, h) * x).
func TestFitSizeTruncated(t *testing.T) {
	for _, c := range [][4]int{ // w, h, w2, h2
		{49, 49, 511, 511}, {412, 309, 511, 383}, {512, 512, 512, 512}, {1000, 667, 512, 341}, {10000, 3, 512, 1},
	} {
		if w, h := FitSizeTruncated(c[0], c[1], 512); w != c[2] || h != c[3] {
			t.Errorf("FitSizeTruncated(%d, %d, 512) = %d, %d, want %d, %d", c[0], c[1], w, h, c[2], c[3])
		}
	}
}

// TestShowRows compares with the picture in memory.
func TestShowRows(t *testing.T) {
	im := speckled(40, 30, 8, false)
	row := func(y int, pix []float32) { copy(pix, im.Pix[3*im.W*y:]) }
	for _, v := range []View{{W: 40, H: 30}, {W: 17, H: 30}, {W: 90, H: 61}} {
		if got, want := ShowRows(40, 30, row, v, Bicubic), Show(im, v, Bicubic); !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("%v: another picture", v)
		}
	}
}
