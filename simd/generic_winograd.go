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

// winogradInput returns Bᵀ·d.
func winogradInput(d [6]float32) [6]float32 {
	evenA, oddA := d[4]-winogradB2*d[2], d[3]-winogradB2*d[1]
	evenB, oddB := d[4]-winogradA2*d[2], d[3]-winogradA2*d[1]
	return [6]float32{
		winogradProduct*d[0] + d[4] - winogradSum*d[2],
		evenA + winogradA*oddA,
		evenA - winogradA*oddA,
		evenB + winogradB*oddB,
		evenB - winogradB*oddB,
		winogradProduct*d[1] + d[5] - winogradSum*d[3],
	}
}

// winogradOutput returns Aᵀ·m.
func winogradOutput(m [6]float32) [4]float32 {
	evenA, oddA := m[1]+m[2], m[1]-m[2]
	evenB, oddB := m[3]+m[4], m[3]-m[4]
	return [4]float32{
		m[0] + evenA + evenB,
		winogradA*oddA + winogradB*oddB,
		winogradA2*evenA + winogradB2*evenB,
		m[5] + winogradA3*oddA + winogradB3*oddB,
	}
}

// winogradWeights returns G·g.
func winogradWeights(g [3]float32) [6]float32 {
	const (
		normA = 1 / (2 * winogradA2 * (winogradA2 - winogradB2))
		normB = 1 / (2 * winogradB2 * (winogradB2 - winogradA2))
	)
	evenA, oddA := normA*(g[0]+winogradA2*g[2]), normA*winogradA*g[1]
	evenB, oddB := normB*(g[0]+winogradB2*g[2]), normB*winogradB*g[1]
	return [6]float32{1 / winogradProduct * g[0], evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, g[2]}
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

func genericWinogradOut(dst []float32, row, pixel int, src []float32, point, c, tiles int, bias []float32, relu bool) {
	if !checkWinogradOut(dst, row, pixel, src, point, c, tiles, bias) {
		return
	}
	for i := range tiles * c {
		t, ch := i/c, i%c
		var columns [6][4]float32 // columns[x] is Aᵀ times column x of the products
		for x := range columns {
			at := x*point + i
			columns[x] = winogradOutput([6]float32{
				src[at], src[at+6*point], src[at+12*point], src[at+18*point], src[at+24*point], src[at+30*point]})
		}
		var b float32
		if bias != nil {
			b = bias[ch]
		}
		for y := range 4 {
			r := winogradOutput([6]float32{
				columns[0][y], columns[1][y], columns[2][y], columns[3][y], columns[4][y], columns[5][y]})
			for x, v := range r {
				v += b
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
