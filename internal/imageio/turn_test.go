package imageio

import (
	"math"
	"slices"
	"testing"
)

// TestTurned turns by quarters, which move pixels, and by other angles and back.
func TestTurned(t *testing.T) {
	im := New(3, 2)
	for i := range im.Pix {
		im.Pix[i] = float32(i) / 20
	}
	pixel := func(im *Image, x, y int) []float32 { return im.Pix[3*(y*im.W+x):][:3] }
	right, down, left := im.Turned(90), im.Turned(180), im.Turned(-90)
	if right.W != 2 || right.H != 3 || down.W != 3 || left.H != 3 || right.Alpha != nil {
		t.Fatalf("%dx%d, %dx%d and %dx%d, opacity %v", right.W, right.H, down.W, down.H, left.W, left.H, right.Alpha)
	}
	for y := range 2 {
		for x := range 3 {
			want := pixel(im, x, y)
			for what, got := range map[string][]float32{
				"90": pixel(right, 1-y, x), "180": pixel(down, 2-x, 1-y), "-90": pixel(left, y, 2-x),
			} {
				if !slices.Equal(got, want) {
					t.Errorf("turned by %s, pixel %d,%d is %v, want %v", what, x, y, got, want)
				}
			}
		}
	}

	smooth := New(40, 30)
	for y := range 30 {
		for x := range 40 {
			copy(pixel(smooth, x, y), []float32{float32(x) / 40, float32(y) / 30, 0.5})
		}
	}
	turned := smooth.Turned(30)
	if w, h := TurnedSize(40, 30, 30); turned.W != w || turned.H != h || w != 50 || h != 46 {
		t.Errorf("%dx%d pixels, %dx%d were said", turned.W, turned.H, w, h)
	}
	var area float64
	for _, a := range turned.Alpha {
		area += float64(a)
	}
	if math.Abs(area-1200) > 60 {
		t.Errorf("%v pixels are opaque, want 1200", area)
	}
	back := turned.Turned(-30)
	dx, dy := (back.W-40)/2, (back.H-30)/2
	for y := 3; y < 27; y++ {
		for x := 3; x < 37; x++ {
			for c, v := range pixel(back, x+dx, y+dy) {
				if want := pixel(smooth, x, y)[c]; math.Abs(float64(v-want)) > 0.03 {
					t.Fatalf("turned and back, pixel %d,%d is %v, want %v", x, y, v, want)
				}
			}
		}
	}
}
