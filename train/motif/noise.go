package motif

import "math"

// Noise is a random field over the plane.
type Noise uint32

// hash returns a random number for a point of the integer grid.
func (n Noise) hash(ix, iy int) uint32 {
	// a sum: with ^ the fields would be symmetric about the origin, as -a^-b is a^b for odd a and b
	h := uint32(n) + uint32(ix)*0x9e3779b1 + uint32(iy)*0x85ebca77
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return h ^ h>>15
}

// Grid returns a number in 0..1 for a point of the integer grid, independent of its neighbours.
func (n Noise) Grid(ix, iy int) float64 { return float64(n.hash(ix, iy)) / (1 << 32) }

// At returns smooth noise in -1..1 with features of about a unit.
func (n Noise) At(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	u, v := ease(x-fx), ease(y-fy)
	top := mix(n.Grid(ix, iy), n.Grid(ix+1, iy), u)
	bottom := mix(n.Grid(ix, iy+1), n.Grid(ix+1, iy+1), u)
	return 2*mix(top, bottom, v) - 1
}

// Fractal returns the sum of octaves of At, each twice as fine and half as strong, in about -1..1.
func (n Noise) Fractal(x, y float64, octaves int) float64 {
	sum, weight := 0.0, 0.6
	for o := range octaves {
		sum += weight * (n+Noise(o)*0x61c88647).At(x, y)
		// the turn hides the grid
		x, y, weight = 1.6*x-1.2*y+3.7, 1.2*x+1.6*y-1.9, weight/2
	}
	return sum
}

// Cell is the answer of Cells: the distances to the nearest and the second nearest of points strewn
// one to a unit square, and where the nearest lies and what its random number is.
type Cell struct{ Near, Next, X, Y, Random float64 }

// Cells divides the plane into cells about points that lie on the grid (jitter 0) or anywhere in
// their square (jitter 1). Next-Near is about twice the distance to the border of the cell.
func (n Noise) Cells(x, y, jitter float64) Cell {
	c := Cell{Near: 9, Next: 9}
	fx, fy := math.Floor(x), math.Floor(y)
	for dy := -1.0; dy <= 1; dy++ {
		for dx := -1.0; dx <= 1; dx++ {
			h := n.hash(int(fx+dx), int(fy+dy))
			px := fx + dx + 0.5 + jitter*(float64(h&0xffff)/0x10000-0.5)
			py := fy + dy + 0.5 + jitter*(float64(h>>16)/0x10000-0.5)
			d := (px-x)*(px-x) + (py-y)*(py-y)
			if d < c.Near {
				c = Cell{d, c.Near, px, py, float64((h*0x9e3779b1)>>8) / (1 << 24)}
			} else if d < c.Next {
				c.Next = d
			}
		}
	}
	c.Near, c.Next = math.Sqrt(c.Near), math.Sqrt(c.Next)
	return c
}

// Spot is where a point of the plane lies from one of points strewn one to a unit square, in x and
// y, and the random number of that one.
type Spot struct{ X, Y, Random float64 }

// Spots returns the strewn points about (x, y), all that lie within a unit and some that lie further.
func (n Noise) Spots(x, y float64) (spots [9]Spot) {
	fx, fy := math.Floor(x), math.Floor(y)
	for i := range spots {
		cx, cy := fx+float64(i%3-1), fy+float64(i/3-1)
		h := n.hash(int(cx), int(cy))
		spots[i] = Spot{x - cx - float64(h&0xffff)/0x10000, y - cy - float64(h>>16)/0x10000, float64((h*0x9e3779b1)>>8) / (1 << 24)}
	}
	return spots
}

// Waves is a sum of plane waves of one length in many directions: blots and stripes of one width, as
// on the skin of animals.
type Waves [12]struct{ kx, ky, phase float64 }

// NewWaves draws waves of length 1.
func NewWaves(r *Rand) *Waves {
	w := new(Waves)
	for i := range w {
		a := math.Pi * (float64(i) + r.Between(0, 1)) / float64(len(w))
		k := 2 * math.Pi * r.Between(0.85, 1.15)
		w[i].kx, w[i].ky, w[i].phase = k*math.Cos(a), k*math.Sin(a), r.Angle()
	}
	return w
}

// At returns the field, of mean 0 and standard deviation 1.
func (w *Waves) At(x, y float64) float64 {
	sum := 0.0
	for _, p := range w {
		sum += math.Cos(p.kx*x + p.ky*y + p.phase)
	}
	return sum * math.Sqrt(2/float64(len(w)))
}
