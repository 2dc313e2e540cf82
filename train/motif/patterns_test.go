package motif

import (
	"math"
	"testing"
)

// The middle of a cell is the same from everywhere in it, and no other cell has its number.
func TestHexagon(t *testing.T) {
	middles := map[[2]int][2]float64{}
	for y := -3.0; y <= 3; y += 0.07 {
		for x := -3.0; x <= 3; x += 0.07 {
			u, v, i, j := hexagon(x, y)
			if far := max(math.Abs(u), math.Abs(u)/2+math.Abs(v)*0.8660254); far > 0.5+1e-7 {
				t.Fatalf("%g, %g lies outside its cell, at %g, %g from the middle", x, y, u, v)
			}
			m, known := middles[[2]int{i, j}]
			if known && math.Hypot(x-u-m[0], y-v-m[1]) > 1e-9 {
				t.Fatalf("cell %d, %d has its middle at %v and at %g, %g", i, j, m, x-u, y-v)
			}
			middles[[2]int{i, j}] = [2]float64{x - u, y - v}
		}
	}
}
