package motif

import "math"

// noise is a random field over the plane.
type noise uint32

// hash returns a random number for a point of the integer grid.
func (n noise) hash(ix, iy int) uint32 {
	// a sum: with ^ the fields would be symmetric about the origin, as -a^-b is a^b for odd a and b
	h := uint32(n) + uint32(ix)*0x9e3779b1 + uint32(iy)*0x85ebca77
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return h ^ h>>15
}

// grid returns a number in 0..1 for a point of the integer grid, independent of its neighbours.
func (n noise) grid(ix, iy int) float64 { return float64(n.hash(ix, iy)) / (1 << 32) }

// at returns smooth noise in -1..1 with features of about a unit.
func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	u, v := ease(x-fx), ease(y-fy)
	top := mix(n.grid(ix, iy), n.grid(ix+1, iy), u)
	bottom := mix(n.grid(ix, iy+1), n.grid(ix+1, iy+1), u)
	return 2*mix(top, bottom, v) - 1
}

// fractal returns the sum of octaves of at, each twice as fine and half as strong, in about -1..1.
func (n noise) fractal(x, y float64, octaves int) float64 {
	sum, weight := 0.0, 0.6
	for o := range octaves {
		sum += weight * (n+noise(o)*0x61c88647).at(x, y)
		// the rotation hides the grid
		x, y, weight = 1.6*x-1.2*y+3.7, 1.2*x+1.6*y-1.9, weight/2
	}
	return sum
}

// cell is a place in a Worley diagram of scattered points, one to a unit square: the distances of the
// nearest and the second nearest, and the position and random number of the nearest.
type cell struct{ near, next, x, y, random float64 }

// cells divides the plane into Voronoi cells of points on a grid (jitter 0) or anywhere in its squares
// (jitter 1). next-near is about twice the distance to the border of the cell.
func (n noise) cells(x, y, jitter float64) cell {
	c := cell{near: 9, next: 9}
	fx, fy := math.Floor(x), math.Floor(y)
	for dy := -1.0; dy <= 1; dy++ {
		for dx := -1.0; dx <= 1; dx++ {
			h := n.hash(int(fx+dx), int(fy+dy))
			px := fx + dx + 0.5 + jitter*(float64(h&0xffff)/0x10000-0.5)
			py := fy + dy + 0.5 + jitter*(float64(h>>16)/0x10000-0.5)
			d := (px-x)*(px-x) + (py-y)*(py-y)
			if d < c.near {
				c = cell{d, c.near, px, py, float64((h*0x9e3779b1)>>8) / (1 << 24)}
			} else if d < c.next {
				c.next = d
			}
		}
	}
	c.near, c.next = math.Sqrt(c.near), math.Sqrt(c.next)
	return c
}

// spot is one of points scattered one to a unit square: the offset from it, and its random number.
type spot struct{ x, y, random float64 }

// spots returns the scattered points around (x, y): all within a unit, and some further away.
func (n noise) spots(x, y float64) (spots [9]spot) {
	fx, fy := math.Floor(x), math.Floor(y)
	for i := range spots {
		cx, cy := fx+float64(i%3-1), fy+float64(i/3-1)
		h := n.hash(int(cx), int(cy))
		spots[i] = spot{x - cx - float64(h&0xffff)/0x10000, y - cy - float64(h>>16)/0x10000,
			float64((h*0x9e3779b1)>>8) / (1 << 24)}
	}
	return spots
}

// planeWaves is a sum of plane waves of about one length in many directions: spots and stripes of one width,
// as on the skins of animals.
type planeWaves [12]struct{ kx, ky, phase float64 }

// newPlaneWaves draws waves of length 1.
func newPlaneWaves(r *rng) *planeWaves {
	w := new(planeWaves)
	for i := range w {
		a := math.Pi * (float64(i) + r.between(0, 1)) / float64(len(w))
		k := 2 * math.Pi * r.between(0.85, 1.15)
		w[i].kx, w[i].ky, w[i].phase = k*math.Cos(a), k*math.Sin(a), r.angle()
	}
	return w
}

// at returns the field, of mean 0 and standard deviation 1.
func (w *planeWaves) at(x, y float64) float64 {
	sum := 0.0
	for _, p := range w {
		sum += math.Cos(p.kx*x + p.ky*y + p.phase)
	}
	return sum * math.Sqrt(2/float64(len(w)))
}
