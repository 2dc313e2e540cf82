package flow

import "math"

// settle takes away what stands alone: near edges of the flow, each pixel takes the vector median of 3x3, the
// flow among them whose distances from the others have the least sum. Sun, Roth and Black found what flows gain
// by a median ("Secrets of Optical Flow Estimation and Their Principles", CVPR 2010). The weights that they
// add, by how alike pixels look, made it worse on the scenes of the tests.
func (e *Estimator) settle(dst *Field, g *grid) {
	copy(e.sharper.U, dst.U)
	copy(e.sharper.V, dst.V)
	src, w, h := e.sharper, dst.W, dst.H
	e.rows(h, w, func(lo, hi int) {
		for y := max(lo, 1); y < min(hi, h-1); y++ {
			for x := 1; x < w-1; x++ {
				if e.edges[(y>>e.finest)*g.w+x>>e.finest] != 0 {
					i := y*w + x
					dst.U[i], dst.V[i] = src.median(i)
				}
			}
		}
	})
}

// median returns the vector median of a pixel, which is not at the border, and its eight neighbours.
func (f *Field) median(i int) (u, v float32) {
	var us, vs, sums [9]float32
	equal := true
	for row := range 3 {
		at := i + (row-1)*f.W - 1
		copy(us[3*row:], f.U[at:at+3])
		copy(vs[3*row:], f.V[at:at+3])
	}
	u, v = us[4], vs[4]
	for k := range us {
		equal = equal && square(us[k]-u, vs[k]-v) < alike
	}
	if equal {
		return u, v
	}
	for k := range us {
		for j := range k {
			d := root(square(us[k]-us[j], vs[k]-vs[j]))
			sums[k], sums[j] = sums[k]+d, sums[j]+d
		}
	}
	least := float32(math.Inf(1))
	for _, k := range [...]int{4, 0, 1, 2, 3, 5, 6, 7, 8} {
		if sums[k] < least {
			least, u, v = sums[k], us[k], vs[k]
		}
	}
	return u, v
}
