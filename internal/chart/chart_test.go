package chart

import (
	"math"
	"testing"

	"oneiro/internal/imageio"
)

// has reports whether a column of the picture has pixels close to colour number i, and their mean row.
func has(im *imageio.Image, i, x int) (row float64, found bool) {
	c := colours[i]
	var sum, n float64
	for y := range im.H {
		p := im.Pix[3*(y*im.W+x):][:3]
		d := [3]float32{p[0] - float32(c.R)/255, p[1] - float32(c.G)/255, p[2] - float32(c.B)/255}
		if d[0]*d[0]+d[1]*d[1]+d[2]*d[2] < 0.05 {
			sum, n = sum+float64(y), n+1
		}
	}
	return sum / n, n > 0
}

func TestDraw(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	rising := Line{Name: "rising", Points: []Point{{0, 0}, {1000, 1}}}
	flat := Line{Name: "flat", Points: []Point{{0, 0.5}, {450, 0.5}, {500, nan}, {550, 0.5}, {1000, 0.5}}}
	high := Line{Name: "high", Points: []Point{{0, inf}, {1000, 5}}}
	im := Draw("step", []Line{{Name: "none"}, rising, flat, high})
	if im.W != width || im.H != height {
		t.Fatalf("%dx%d pixels", im.W, im.H)
	}
	left := margin + textWidth("0.0") + gap
	right := width - margin - textWidth("rising") - gap - sample - 2*gap
	top, bottom := float64(margin), float64(height-margin-2*leading)
	at := func(share float64) int { return left + int(share*float64(right-left)) }
	for _, share := range []float64{0.1, 0.33, 0.77} {
		if y, ok := has(im, 1, at(share)); !ok || !(math.Abs(y-(bottom-share*(bottom-top))) <= 1.5) {
			t.Errorf("at %g the rising line is in row %g, %v", share, y, ok)
		}
		if y, ok := has(im, 2, at(share)); !ok || !(math.Abs(y-(top+bottom)/2) <= 1) {
			t.Errorf("at %g the flat line is in row %g, %v", share, y, ok)
		}
		if y, ok := has(im, 3, at(share)); !ok || !(math.Abs(y-top) <= 1) {
			t.Errorf("at %g the high line is in row %g, %v", share, y, ok)
		}
	}
	if y, ok := has(im, 2, at(0.5)); ok {
		t.Errorf("what is not a number is drawn in row %g", y)
	}
	if _, ok := has(im, 3, right+2*gap+sample/2); !ok {
		t.Error("the legend lacks the last line")
	}
}

// TestDrawOdd draws what has no size.
func TestDrawOdd(t *testing.T) {
	for _, lines := range [][]Line{
		nil,
		{{Name: "one", Points: []Point{{0, 0.5}}}},
		{{Name: "same", Points: []Point{{7, 0.5}, {7, 0.5}}}},
		{{Name: "odd", Points: []Point{{math.NaN(), 0}, {math.Inf(1), 0}, {math.Inf(-1), 0.5}, {1, math.Inf(-1)}}}},
	} {
		if im := Draw("step", lines); im.W != width {
			t.Errorf("%v: %d pixels wide", lines, im.W)
		}
	}
}

func TestTick(t *testing.T) {
	for most, want := range map[float64]float64{1: 0.2, 7: 1, 13000: 2000, 500: 100, 999: 100, 3000: 500, 1e6: 200000, 70: 10, 71: 10} {
		if got := tick(most); !(math.Abs(got/want-1) <= 1e-9) {
			t.Errorf("up to %g: %g, want %g", most, got, want)
		}
	}
}
