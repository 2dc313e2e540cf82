package flow

import (
	"math"

	"oneiro/internal/parallel"
)

// The mean difference of luma up to which a place looks the same, and from which on it does not; and how far
// around a pixel it is looked at.
const (
	matchAll, matchNone = 0.02, 0.05
	matchAround         = 2
)

// Match sets dst to how far each pixel looks like the place of the other picture that its flow leads to, H x W,
// 0..1, from the luma of both, 0..1: by the mean difference over 5x5 pixels, and 0 where it leads out of the
// picture. In even places, such as a sky with noise, flows there and back need not agree, and nobody can tell:
// there it says more than Reliability.
func Match(dst, from, to []float32, f *Field, pool *parallel.Pool) {
	difference(dst, from, to, f, pool)
	for i, d := range dst {
		t := min(max((matchNone-d)/(matchNone-matchAll), 0), 1)
		dst[i] = t * t * (3 - 2*t)
	}
}

// difference sets dst to the mean difference over 5x5 pixels between each place and that its flow leads to, or
// to +Inf if that is outside.
func difference(dst, from, to []float32, f *Field, pool *parallel.Pool) {
	w, h := f.W, f.H
	moved := make([]float32, w*h)
	Warp(moved, to, 1, f, pool)
	cut(pool, h, w, func(lo, hi int) {
		for i := lo * w; i < hi*w; i++ {
			moved[i] = float32(math.Abs(float64(from[i] - moved[i])))
		}
	})
	cut(pool, h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			for x := range w {
				i := y*w + x
				px, py := float32(x)+f.U[i], float32(y)+f.V[i]
				if !(px >= -0.5 && py >= -0.5 && px <= float32(w)-0.5 && py <= float32(h)-0.5) {
					dst[i] = float32(math.Inf(1))
					continue
				}
				var sum float32
				n := 0
				for b := max(y-matchAround, 0); b <= min(y+matchAround, h-1); b++ {
					for a := max(x-matchAround, 0); a <= min(x+matchAround, w-1); a++ {
						sum += moved[b*w+a]
						n++
					}
				}
				dst[i] = sum / float32(n)
			}
		}
	})
}
