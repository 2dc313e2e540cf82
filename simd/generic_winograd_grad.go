package simd

import "fmt"

// The gradient of Y = Aᵀ·[(G·g·Gᵀ) ∘ (Bᵀ·d·B)]·A (generic_winograd.go) with respect to the filter g is
//
//	Gᵀ·[(A·dY·Aᵀ) ∘ (Bᵀ·d·B)]·G
//
// summed over tiles before the transform with G: a product of matrices for each of the 36 points. It is the
// paper's method for the gradient of the weights (section 4.2, with F(3x3, 2x2)), but with F(4x4, 3x3)
// transposed, so that d is transformed as in the forward pass and the points are as accurate.

// The one-dimensional transforms are like those of generic_winograd.go.

// gradInput43 sets r = A·y.
func gradInput43(r []float32, to int, y []float32, from int) {
	y0, y1, y2, y3 := y[0], y[from], y[2*from], y[3*from]
	evenA, oddA := y0+f43A2*y2, f43A*(y1+f43A2*y3)
	evenB, oddB := y0+f43B2*y2, f43B*(y1+f43B2*y3)
	r[0] = y0
	r[to], r[2*to] = evenA+oddA, evenA-oddA
	r[3*to], r[4*to] = evenB+oddB, evenB-oddB
	r[5*to] = y3
}

// filterGradient43 sets g = Gᵀ·m.
func filterGradient43(g []float32, to int, m []float32, from int) {
	m1, m2, m3, m4 := m[from], m[2*from], m[3*from], m[4*from]
	evenA, oddA := m1+m2, m1-m2
	evenB, oddB := m3+m4, m3-m4
	g[0] = 1/f43Product*m[0] + f43NormA*evenA + f43NormB*evenB
	g[to] = f43NormA*f43A*oddA + f43NormB*f43B*oddB
	g[2*to] = m[5*from] + f43NormA*f43A2*evenA + f43NormB*f43B2*evenB
}

func genericWinogradGradIn(dst, src []float32, l Tiles) {
	if !l.checkGradIn(dst, src) {
		return
	}
	for t := range l.Tiles {
		for ch := range l.Channels {
			var m [6 * 4]float32 // A·dY
			for x := range 4 {
				gradInput43(m[x:], 4, src[(4*t+x)*l.Pixel+ch:], l.Row)
			}
			for y := range 6 {
				gradInput43(dst[6*y*l.Point+t*l.Channels+ch:], l.Point, m[4*y:], 1)
			}
		}
	}
}

func genericWinogradFilterGrad(dst []float32, stride int, src []float32, point, n int, accumulate bool) {
	if !checkWinogradFilterGrad(dst, stride, src, point, n) {
		return
	}
	for f := range n {
		var m [3 * 6]float32 // Gᵀ·m
		for x := range 6 {
			filterGradient43(m[x:], 6, src[x*point+f:], 6*point)
		}
		for y := range 3 {
			var line [3]float32
			filterGradient43(line[:], 1, m[6*y:], 1)
			for x, g := range line {
				at := &dst[(3*y+x)*stride+f]
				if accumulate {
					g += *at
				}
				*at = g
			}
		}
	}
}

// checkWinogradFilterGrad reports whether there is something to do. It panics unless every element that
// the kernel touches lies inside its slice.
func checkWinogradFilterGrad(dst []float32, stride int, src []float32, point, n int) bool {
	if stride < n || point < 0 || n < 0 {
		panic(fmt.Sprintf("simd: gradients of %d Winograd filters with strides %d and %d", n, stride, point))
	}
	if n == 0 {
		return false
	}
	mustHave(dst, 8*stride+n)
	mustHave(src, 35*point+n)
	return true
}
