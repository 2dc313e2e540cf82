package simd

// Winograd convolution F(4x4, 3x3) (Lavin and Gray, arXiv:1509.09308) computes a tile of 4x4 outputs
// Y from 6x6 inputs d and a 3x3 filter g as
//
//	Y = Aᵀ·[(G·g·Gᵀ) ∘ (Bᵀ·d·B)]·A
//
// The matrices are those of Toom and Cook for the points 0, ±a, ±b and infinity, a = 5/8 and b = 3/2:
//
//	     ⎡a²b²   0   -a²-b²    0     1  0⎤      ⎡1   0  0 ⎤ / a²b²
//	     ⎢ 0   -ab²   -b²      a     1  0⎥      ⎢1   a  a²⎥ / 2a²(a²-b²)       ⎡1  1  1   1  1   0⎤
//	Bᵀ = ⎢ 0    ab²   -b²     -a     1  0⎥  G = ⎢1  -a  a²⎥ / 2a²(a²-b²)  Aᵀ = ⎢0  a  -a  b  -b  0⎥
//	     ⎢ 0   -a²b   -a²      b     1  0⎥      ⎢1   b  b²⎥ / 2b²(b²-a²)       ⎢0  a² a²  b² b²  0⎥
//	     ⎢ 0    a²b   -a²     -b     1  0⎥      ⎢1  -b  b²⎥ / 2b²(b²-a²)       ⎣0  a³ -a³ b³ -b³ 1⎦
//	     ⎣ 0   a²b²    0    -a²-b²   0  1⎦      ⎣0   0  1 ⎦
//
// Bᵀ and Aᵀ are exact in binary; what is not is in G. The usual points 0, ±1, ±2 have more than twice
// the rounding error, 3.8e-6 of the output's rms rather than 1.7e-6 for 512 channels; 0, ±1, 1/2, -2
// (Barabasz et al., arXiv:1803.10986) have 2.4e-6, and take more operations, as only two of their
// points are opposite to each other.
const (
	winogradA = 5.0 / 8
	winogradB = 3.0 / 2

	winogradA2      = winogradA * winogradA
	winogradB2      = winogradB * winogradB
	winogradA3      = winogradA2 * winogradA
	winogradB3      = winogradB2 * winogradB
	winogradSum     = winogradA2 + winogradB2
	winogradProduct = winogradA2 * winogradB2
)

// The transforms take numbers one by one, as the compiler keeps no arrays in registers.

// winogradInput returns Bᵀ·d.
func winogradInput(d0, d1, d2, d3, d4, d5 float32) (r0, r1, r2, r3, r4, r5 float32) {
	evenA, oddA := d4-winogradB2*d2, winogradA*(d3-winogradB2*d1)
	evenB, oddB := d4-winogradA2*d2, winogradB*(d3-winogradA2*d1)
	r0 = winogradProduct*d0 + d4 - winogradSum*d2
	r5 = winogradProduct*d1 + d5 - winogradSum*d3
	return r0, evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, r5
}

// winogradOutput returns Aᵀ·m.
func winogradOutput(m0, m1, m2, m3, m4, m5 float32) (y0, y1, y2, y3 float32) {
	evenA, oddA := m1+m2, m1-m2
	evenB, oddB := m3+m4, m3-m4
	y0 = m0 + evenA + evenB
	y1 = winogradA*oddA + winogradB*oddB
	y2 = winogradA2*evenA + winogradB2*evenB
	y3 = m5 + winogradA3*oddA + winogradB3*oddB
	return
}

// winogradWeights returns G·g.
func winogradWeights(g0, g1, g2 float32) (r0, r1, r2, r3, r4, r5 float32) {
	const (
		normA = 1 / (2 * winogradA2 * (winogradA2 - winogradB2))
		normB = 1 / (2 * winogradB2 * (winogradB2 - winogradA2))
	)
	evenA, oddA := normA*(g0+winogradA2*g2), normA*winogradA*g1
	evenB, oddB := normB*(g0+winogradB2*g2), normB*winogradB*g1
	return 1 / winogradProduct * g0, evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, g2
}

func genericWinogradIn(dst []float32, point int, src []float32, row, c, tiles int) {
	if !checkWinogradIn(dst, point, src, row, c, tiles) {
		return
	}
	for t := range tiles {
		for ch := range c {
			var m [6][6]float32 // Bᵀ·d
			for x := range 6 {
				at := src[(4*t+x)*c+ch:]
				m[0][x], m[1][x], m[2][x], m[3][x], m[4][x], m[5][x] =
					winogradInput(at[0], at[row], at[2*row], at[3*row], at[4*row], at[5*row])
			}
			for y := range m {
				r, at := &m[y], dst[6*y*point+t*c+ch:]
				at[0], at[point], at[2*point], at[3*point], at[4*point], at[5*point] =
					winogradInput(r[0], r[1], r[2], r[3], r[4], r[5])
			}
		}
	}
}

func genericWinogradOut(dst []float32, row, pixel int, src []float32, point, c, tiles int, bias []float32, relu bool) {
	if !checkWinogradOut(dst, row, pixel, src, point, c, tiles, bias) {
		return
	}
	for t := range tiles {
		for ch := range c {
			var m [4][6]float32 // Aᵀ·m
			for x := range 6 {
				at := src[x*point+t*c+ch:]
				m[0][x], m[1][x], m[2][x], m[3][x] =
					winogradOutput(at[0], at[6*point], at[12*point], at[18*point], at[24*point], at[30*point])
			}
			var b float32
			if bias != nil {
				b = bias[ch]
			}
			for y := range m {
				r, at := &m[y], dst[y*row+4*t*pixel+ch:]
				y0, y1, y2, y3 := winogradOutput(r[0], r[1], r[2], r[3], r[4], r[5])
				at[0], at[pixel], at[2*pixel], at[3*pixel] = clamp(y0+b, relu), clamp(y1+b, relu), clamp(y2+b, relu), clamp(y3+b, relu)
			}
		}
	}
}

func clamp(x float32, relu bool) float32 {
	if relu && x < 0 {
		return 0
	}
	return x
}

func genericWinogradFilter(dst []float32, point int, g []float32, stride, n int) {
	if !checkWinogradFilter(dst, point, g, stride, n) {
		return
	}
	for f := range n {
		var m [6][3]float32 // G·g
		for x := range 3 {
			at := g[x*stride+f:]
			m[0][x], m[1][x], m[2][x], m[3][x], m[4][x], m[5][x] = winogradWeights(at[0], at[3*stride], at[6*stride])
		}
		for y := range m {
			r, at := &m[y], dst[6*y*point+f:]
			at[0], at[point], at[2*point], at[3*point], at[4*point], at[5*point] = winogradWeights(r[0], r[1], r[2])
		}
	}
}
