package motif

import (
	"math"
	"testing"
)

// From wherever one looks, a spot that lies within a unit is among those seen, at the same place.
func TestSpots(t *testing.T) {
	n := newRNG(3, 0).noise()
	type place struct{ x, y float64 }
	strewn := map[float64]place{} // by their random numbers
	for j := -4; j <= 4; j++ {
		for i := -4; i <= 4; i++ {
			s := n.spots(float64(i)+0.5, float64(j)+0.5)[4]
			strewn[s.random] = place{float64(i) + 0.5 - s.x, float64(j) + 0.5 - s.y}
		}
	}
	if len(strewn) != 81 {
		t.Fatalf("%d of 81 spots have numbers of their own", len(strewn))
	}
	for y := -2.0; y <= 2; y += 0.19 {
		for x := -2.0; x <= 2; x += 0.19 {
			seen := map[float64]bool{}
			for _, s := range n.spots(x, y) {
				seen[s.random] = true
				if p := strewn[s.random]; math.Hypot(x-s.x-p.x, y-s.y-p.y) > 1e-9 {
					t.Fatalf("from %g, %g a spot of %v lies at %g, %g", x, y, p, x-s.x, y-s.y)
				}
			}
			for random, p := range strewn {
				if math.Hypot(x-p.x, y-p.y) < 1 && !seen[random] {
					t.Fatalf("from %g, %g the spot at %v is not seen", x, y, p)
				}
			}
		}
	}
}

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
