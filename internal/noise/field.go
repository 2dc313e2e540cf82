package noise

import "math"

// Field is a random function of the plane, fixed by its number. The built-in network was trained on
// pictures made of it, so its bits must not change.
type Field uint32

// hash returns a random number for a point of the integer grid.
func (n Field) hash(ix, iy int) uint32 {
	// a sum: with ^ the fields would be symmetric about the origin, as -a^-b is a^b for odd a and b
	h := uint32(n) + uint32(ix)*0x9e3779b1 + uint32(iy)*0x85ebca77
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return h ^ h>>15
}

// Grid returns a number in 0..1 for a point of the integer grid, independent of its neighbours.
func (n Field) Grid(ix, iy int) float64 { return float64(n.hash(ix, iy)) / (1 << 32) }

// At returns smooth noise in -1..1 with features of about a unit.
func (n Field) At(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	u, v := Ease(x-fx), Ease(y-fy)
	top := Lerp(n.Grid(ix, iy), n.Grid(ix+1, iy), u)
	bottom := Lerp(n.Grid(ix, iy+1), n.Grid(ix+1, iy+1), u)
	return 2*Lerp(top, bottom, v) - 1
}

// Fractal returns the sum of octaves of At, each twice as fine and half as strong, in about -1..1.
func (n Field) Fractal(x, y float64, octaves int) float64 {
	sum, weight := 0.0, 0.6
	for o := range octaves {
		sum += weight * (n+Field(o)*0x61c88647).At(x, y)
		// the rotation hides the grid
		x, y, weight = 1.6*x-1.2*y+3.7, 1.2*x+1.6*y-1.9, weight/2
	}
	return sum
}

// Cell is a place in a Worley diagram of scattered points, one to a unit square: the distances of the
// nearest and the second nearest, and the position and random number of the nearest.
type Cell struct{ Near, Next, X, Y, Random float64 }

// Cells divides the plane into Voronoi cells of points on a grid (jitter 0) or anywhere in its squares
// (jitter 1). Next-Near is about twice the distance to the border of the cell.
func (n Field) Cells(x, y, jitter float64) Cell {
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

// Spot is one of points scattered one to a unit square: the offset from it, and its random number.
type Spot struct{ X, Y, Random float64 }

// Spots returns the scattered points around (x, y): all within a unit, and some further away.
func (n Field) Spots(x, y float64) (spots [9]Spot) {
	fx, fy := math.Floor(x), math.Floor(y)
	for i := range spots {
		cx, cy := fx+float64(i%3-1), fy+float64(i/3-1)
		h := n.hash(int(cx), int(cy))
		spots[i] = Spot{
			x - cx - float64(h&0xffff)/0x10000, y - cy - float64(h>>16)/0x10000,
			float64((h*0x9e3779b1)>>8) / (1 << 24),
		}
	}
	return spots
}
