package noise

import (
	"math"
	"testing"
)

// TestSpots looks from many places: every spot within a unit has to be found, at the same place.
func TestSpots(t *testing.T) {
	n := Field(3)
	type place struct{ x, y float64 }
	scattered := map[float64]place{} // by their random numbers
	for j := -4; j <= 4; j++ {
		for i := -4; i <= 4; i++ {
			s := n.Spots(float64(i)+0.5, float64(j)+0.5)[4]
			scattered[s.Random] = place{float64(i) + 0.5 - s.X, float64(j) + 0.5 - s.Y}
		}
	}
	if len(scattered) != 81 {
		t.Fatalf("%d of 81 spots have numbers of their own", len(scattered))
	}
	for y := -2.0; y <= 2; y += 0.19 {
		for x := -2.0; x <= 2; x += 0.19 {
			seen := map[float64]bool{}
			for _, s := range n.Spots(x, y) {
				seen[s.Random] = true
				if p := scattered[s.Random]; math.Hypot(x-s.X-p.x, y-s.Y-p.y) > 1e-9 {
					t.Fatalf("from %g, %g a spot of %v lies at %g, %g", x, y, p, x-s.X, y-s.Y)
				}
			}
			for random, p := range scattered {
				if math.Hypot(x-p.x, y-p.y) < 1 && !seen[random] {
					t.Fatalf("from %g, %g the spot at %v is not seen", x, y, p)
				}
			}
		}
	}
}

// TestSlope compares the derivatives with differences.
func TestSlope(t *testing.T) {
	const h = 1e-5
	n := Relief(7)
	for i := range 200 {
		x, y := 0.137*float64(i)-9, 0.211*float64(i)-17
		_, dx, dy := n.Slope(x, y)
		if want := (n.At(x+h, y) - n.At(x-h, y)) / (2 * h); !(math.Abs(dx-want) <= 1e-6) {
			t.Errorf("at %g, %g: the derivative along x is %g, want %g", x, y, dx, want)
		}
		if want := (n.At(x, y+h) - n.At(x, y-h)) / (2 * h); !(math.Abs(dy-want) <= 1e-6) {
			t.Errorf("at %g, %g: the derivative along y is %g, want %g", x, y, dy, want)
		}
	}
}

// TestRange takes values all over the plane: they stay in their range and use most of it.
func TestRange(t *testing.T) {
	for name, c := range map[string]struct {
		at     func(x, y float64) float64
		lo, hi float64
	}{
		"Field":         {Field(1).At, -1, 1},
		"Field.Grid":    {func(x, y float64) float64 { return Field(1).Grid(int(x*9), int(y*9)) }, 0, 1},
		"Relief":        {Relief(1).At, 0, 1},
		"Relief.Grid":   {func(x, y float64) float64 { return Relief(1).Grid(int32(x*9), int32(y*9)) }, 0, 1},
		"Field.Fractal": {func(x, y float64) float64 { return Field(1).Fractal(x, y, 4) }, -1.2, 1.2},
		"Relief fbm":    {func(x, y float64) float64 { return Relief(1).Fractal(x, y, 4) }, 0, 1},
	} {
		least, most, sum, n := math.Inf(1), math.Inf(-1), 0.0, 0.0
		for y := -20.0; y < 20; y += 0.31 {
			for x := -20.0; x < 20; x += 0.31 {
				v := c.at(x, y)
				least, most, sum, n = min(least, v), max(most, v), sum+v, n+1
			}
		}
		width := c.hi - c.lo
		if !(least >= c.lo && most <= c.hi && most-least > 0.6*width && math.Abs(sum/n-(c.lo+c.hi)/2) < 0.05*width) {
			t.Errorf("%s: from %g to %g with a mean of %g", name, least, most, sum/n)
		}
	}
}
