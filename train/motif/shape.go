package motif

import (
	"math"

	"oneiro/internal/noise"
)

// Functions that shaders are built from.

// frac returns the fractional part of x, in 0..1 for negative x too.
func frac(x float64) float64 { return x - math.Floor(x) }

// zigzag is a triangle wave of period 1: 1 at whole numbers, 0 halfway.
func zigzag(x float64) float64 { return math.Abs(2*frac(x) - 1) }

// parity returns 0 for even and 1 for odd whole numbers.
func parity(x float64) float64 { return x - 2*math.Floor(x/2) }

func turn(x, y, angle float64) (float64, float64) {
	s, c := math.Sincos(angle)
	return c*x - s*y, s*x + c*y
}

// polar returns the distance from the origin and the angle in -π..π.
func polar(x, y float64) (r, angle float64) { return math.Hypot(x, y), math.Atan2(y, x) }

// sector folds the plane into one of n equal sectors, around the positive x axis, and returns which it was.
func sector(x, y float64, n int) (fx, fy float64, which int) {
	r, a := polar(x, y)
	w := 2 * math.Pi / float64(n)
	k := math.Round(a / w)
	s, c := math.Sincos(a - k*w)
	return r * c, r * s, ((int(k) % n) + n) % n
}

// segment returns the distance of (x, y) from the segment from (ax, ay) to (bx, by), and the position of the
// nearest point along it, 0..1.
func segment(x, y, ax, ay, bx, by float64) (distance, along float64) {
	dx, dy := bx-ax, by-ay
	t := noise.Clamp(((x-ax)*dx + (y-ay)*dy) / (dx*dx + dy*dy))
	return math.Hypot(x-ax-t*dx, y-ay-t*dy), t
}

// dome returns the height of a half-ellipsoid at t of its radius, 0..1.
func dome(t float64) float64 { return math.Sqrt(max(0, 1-t*t)) }

// blade returns the width of a petal or leaf at t of its length, 0..1: widest (1) at belly, with a round tip
// and base (round 1) or pointed ones (round 0).
func blade(t, belly, round float64) float64 {
	if t < belly {
		t = 1 - t/belly
	} else {
		t = (t - belly) / (1 - belly)
	}
	return noise.Lerp(noise.Ease(1-noise.Clamp(t)), dome(t), round)
}
