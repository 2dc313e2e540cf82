package noise

import "math"

// Relief is a random function of the plane with derivatives, for terrain that is lit, fixed by its number.
// The built-in sample pictures are made of it, so its bits must not change.
type Relief uint32

// Grid returns the value at a point of the integer grid, 0 to 1: its hash (the finaliser of MurmurHash3).
func (n Relief) Grid(x, y int32) float64 {
	h := uint32(x)*0x8da6b343 ^ uint32(y)*0xd8163841 ^ uint32(n)*0x9e3779b9
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	h ^= h >> 16
	return float64(h) * (1.0 / (1 << 32))
}

// Slope returns value noise, 0 to 1, and its derivatives. It is interpolated by a polynomial of degree
// five, so that the second derivatives are continuous: light would show their steps.
func (n Relief) Slope(x, y float64) (v, dx, dy float64) {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int32(fx), int32(fy)
	x, y = x-fx, y-fy
	u, w := x*x*x*(x*(x*6-15)+10), y*y*y*(y*(y*6-15)+10)
	du, dw := 30*x*x*(x*(x-2)+1), 30*y*y*(y*(y-2)+1)
	a, b := n.Grid(ix, iy), n.Grid(ix+1, iy)
	c, d := n.Grid(ix, iy+1), n.Grid(ix+1, iy+1)
	k1, k2, k3 := b-a, c-a, a-b-c+d
	return a + k1*u + k2*w + k3*u*w, du * (k1 + k3*w), dw * (k2 + k3*u)
}

// At returns value noise, 0 to 1.
func (n Relief) At(x, y float64) float64 {
	v, _, _ := n.Slope(x, y)
	return v
}

// Fractal returns fractal noise, 0 to 1 with a mean of one half: octaves of twice the frequency and half
// the height each, each rotated so that the lattice does not show.
func (n Relief) Fractal(x, y float64, octaves int) float64 {
	sum, height, total := 0.0, 0.5, 0.0
	for i := range octaves {
		sum += height * (n+Relief(i)).At(x, y)
		total += height
		height /= 2
		x, y = 1.6*x-1.2*y+17.3, 1.2*x+1.6*y-9.1
	}
	return sum / total
}

// Eroded is Fractal with less detail on steep ground, as if by erosion (Quilez, "Value noise
// derivatives").
func (n Relief) Eroded(x, y float64, octaves int) float64 {
	sum, height := 0.0, 0.5
	sx, sy := 0.0, 0.0
	for i := range octaves {
		v, dx, dy := (n + Relief(i)).Slope(x, y)
		sx, sy = sx+dx, sy+dy
		sum += height * v / (1 + sx*sx + sy*sy)
		height /= 2
		x, y = 1.6*x-1.2*y+17.3, 1.2*x+1.6*y-9.1
	}
	return sum
}
