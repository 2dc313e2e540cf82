package simd

// Two rows of four columns are as much as the compiler keeps in sixteen registers: 8.5 GFLOP/s where
// a tile of 4x4 spills and reaches 5.7.
const (
	genericMR = 2
	genericNR = 4
)

func genericGemm(m, n, k int, a []float32, ars, aks int, b, c []float32, ldc int,
	accumulate bool, bias []float32, relu bool) {
	checkGemm(genericNR, m, n, k, a, ars, aks, b, c, ldc, bias)
	for j := 0; j < n; j += genericNR {
		w := min(genericNR, n-j)
		panel := b[j*k : (j+genericNR)*k]
		var tileBias []float32
		if bias != nil {
			tileBias = bias[j : j+w]
		}
		for i := 0; i < m; i += genericMR {
			// Of an odd last row the tile computes a second copy.
			r := min(1, m-1-i)
			top, bottom := genericTile(a, i*ars, (i+r)*ars, aks, panel)
			finishRow(c[i*ldc+j:i*ldc+j+w], top, accumulate, tileBias, relu)
			if r > 0 {
				finishRow(c[(i+1)*ldc+j:(i+1)*ldc+j+w], bottom, accumulate, tileBias, relu)
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

func finishRow(c []float32, sum [genericNR]float32, accumulate bool, bias []float32, clamp bool) {
	for j := range c {
		v := sum[j]
		if accumulate {
			v += c[j]
		}
		if bias != nil {
			v += bias[j]
		}
		if clamp {
			v = relu(v)
		}
		c[j] = v
	}
}
