package simd

// Winograd convolution F(4x4, 3x3) (Lavin and Gray, arXiv:1509.09308) computes a tile of 4x4 outputs
// Y from 6x6 inputs d and a 3x3 filter g as
//
//	Y = Aᵀ·[(G·g·Gᵀ) ∘ (Bᵀ·d·B)]·A
//
// The matrices are those of Toom and Cook for the points 0, 1, -1, 1/2, -2 and infinity, which round
// to half the error of the usual 0, ±1, ±2 and infinity (Barabasz et al., arXiv:1803.10986):
//
//	     ⎡ 1 -3/2 -2   3/2  1  0 ⎤       ⎡   1      0      0   ⎤
//	     ⎢ 0  -1  1/2  5/2  1  0 ⎥       ⎢  1/3    1/3    1/3  ⎥       ⎡ 1  1  1   1   1  0 ⎤
//	Bᵀ = ⎢ 0   1 -5/2  1/2  1  0 ⎥   G = ⎢ -1/3    1/3   -1/3  ⎥  Aᵀ = ⎢ 0  1 -1  1/2 -2  0 ⎥
//	     ⎢ 0  -2  -1    2   1  0 ⎥       ⎢-16/15  -8/15  -4/15 ⎥       ⎢ 0  1  1  1/4  4  0 ⎥
//	     ⎢ 0  1/2 -1  -1/2  1  0 ⎥       ⎢  1/15  -2/15   4/15 ⎥       ⎣ 0  1 -1  1/8 -8  1 ⎦
//	     ⎣ 0   1 -3/2 -2   3/2 1 ⎦       ⎣   0      0      1   ⎦
//
// Every fraction that is not exact in binary is in G: filters are transformed rarely.

// winogradInput returns Bᵀ·d.
func winogradInput(d [6]float32) [6]float32 {
	u, w := d[4]-d[2], d[3]-d[1]
	q0 := d[2] - d[0] + 1.5*d[1]
	q1 := w + 1.5*d[2]
	q2 := u + 1.5*d[3]
	q3 := d[5] - d[3] + 1.5*d[4]
	return [6]float32{q2 - q0, q2 + q1, q2 - q1, u + 2*w, u - 0.5*w, q3 - q1}
}

// winogradOutput returns Aᵀ·m.
func winogradOutput(m [6]float32) [4]float32 {
	sum, diff := m[1]+m[2], m[1]-m[2]
	return [4]float32{
		m[0] + sum + (m[3] + m[4]),
		diff + 0.5*m[3] - 2*m[4],
		sum + 0.25*m[3] + 4*m[4],
		diff + m[5] + 0.125*m[3] - 8*m[4],
	}
}

// winogradWeights returns G·g.
func winogradWeights(g [3]float32) [6]float32 {
	const third, fifteenth = 1.0 / 3, 1.0 / 15
	outer := g[0] + g[2]
	return [6]float32{
		g[0],
		third * (outer + g[1]),
		third * (g[1] - outer),
		-16 * fifteenth * (g[0] + 0.5*g[1] + 0.25*g[2]),
		fifteenth * (g[0] - 2*g[1] + 4*g[2]),
		g[2],
	}
}

func genericWinogradIn(dst []float32, point int, src []float32, row, c, tiles int) {
	if !checkWinogradIn(dst, point, src, row, c, tiles) {
		return
	}
	for i := range tiles * c {
		t, ch := i/c, i%c
		var columns [6][6]float32 // columns[x] is Bᵀ times column x of the tile
		for x := range columns {
			at := (4*t+x)*c + ch
			columns[x] = winogradInput([6]float32{
				src[at], src[at+row], src[at+2*row], src[at+3*row], src[at+4*row], src[at+5*row]})
		}
		for y := range 6 {
			r := winogradInput([6]float32{
				columns[0][y], columns[1][y], columns[2][y], columns[3][y], columns[4][y], columns[5][y]})
			for x, v := range r {
				dst[(6*y+x)*point+i] = v
			}
		}
	}
}

// The bias is added to element (1, 1), which Aᵀ and A add to every output.
func genericWinogradOut(dst []float32, row, pixel int, src []float32, point, c, tiles int, bias []float32, relu bool) {
	if !checkWinogradOut(dst, row, pixel, src, point, c, tiles, bias) {
		return
	}
	for i := range tiles * c {
		t, ch := i/c, i%c
		var columns [6][4]float32 // columns[x] is Aᵀ times column x of the products
		for x := range columns {
			at := x*point + i
			m := [6]float32{src[at], src[at+6*point], src[at+12*point], src[at+18*point], src[at+24*point], src[at+30*point]}
			if x == 1 && bias != nil {
				m[1] += bias[ch]
			}
			columns[x] = winogradOutput(m)
		}
		for y := range 4 {
			r := winogradOutput([6]float32{
				columns[0][y], columns[1][y], columns[2][y], columns[3][y], columns[4][y], columns[5][y]})
			for x, v := range r {
				if relu && v < 0 {
					v = 0
				}
				dst[y*row+(4*t+x)*pixel+ch] = v
			}
		}
	}
}

func genericWinogradFilter(dst []float32, point int, g []float32, stride, n int) {
	if !checkWinogradFilter(dst, point, g, stride, n) {
		return
	}
	for i := range n {
		var columns [3][6]float32 // columns[x] is G times column x of the filter
		for x := range columns {
			columns[x] = winogradWeights([3]float32{g[x*stride+i], g[(3+x)*stride+i], g[(6+x)*stride+i]})
		}
		for y := range 6 {
			for x, v := range winogradWeights([3]float32{columns[0][y], columns[1][y], columns[2][y]}) {
				dst[(6*y+x)*point+i] = v
			}
		}
	}
}
