//go:build amd64 || arm64

package simd

import "unsafe"

// rawGemm computes blocks·r rows of C, r being the rows of the function, by columns of one panel.
// Strides are in floats. c[i][j] for j < columns is the product, plus what was there if flags has
// rawAccumulate, plus bias[j] if bias is not nil, with negative values 0 if flags has rawReLU. On the way
// it may fetch memory from ahead on, step bytes further at each of the blocks·k steps.
type rawGemm func(blocks, k int, a *float32, ars, aks int, b, c *float32, ldc int,
	bias *float32, flags, columns int, ahead *float32, step int)

const (
	rawAccumulate = 1 << iota
	rawReLU
)

// A call to assembly does at most gemmDepth·gemmRows·NR multiplications, a fifth of a millisecond.
const (
	gemmDepth = 2048
	gemmRows  = 192
)

// wrapGemm is Kernels.GemmAhead for a register tile of mr x nr.
func (r rawKernels) wrapGemm(mr, nr, m, n, k int, a []float32, ars, aks int, b, c []float32, ldc int,
	accumulate bool, bias []float32, relu bool, ahead []float32) {
	checkGemm(nr, m, n, k, a, ars, aks, b, c, ldc, bias)
	if m == 0 || n == 0 {
		return
	}
	if raceEnabled {
		raceGemm(m, n, k, a, ars, aks, b[:(n+nr-1)/nr*nr*k], c, ldc, bias)
	}
	next, step, done := at(b, 0), 0, 0
	if len(ahead) > 0 && k > 0 { // the last step gets to the end of it
		next, step = &ahead[0], floatBytes*len(ahead)/((m+mr-1)/mr*((n+nr-1)/nr)*k)
	}
	advance := func(steps int) { // never beyond the last float
		if step > 0 {
			done += steps * step
			next = &ahead[min(done/floatBytes, len(ahead)-1)]
		}
	}
	if k == 0 {
		ars, aks = 0, 0 // or pointers would leave a, which may be empty
	}
	for p := 0; ; p += gemmDepth {
		depth := min(gemmDepth, k-p)
		last := p+depth == k
		flags := 0
		if accumulate || p > 0 {
			flags |= rawAccumulate
		}
		if relu && last {
			flags |= rawReLU
		}
		for j := 0; j < n; j += nr {
			var panelBias *float32
			if bias != nil && last {
				panelBias = &bias[j]
			}
			kernels, w := r.gemm, min(nr, n-j)
			if w <= nr/2 {
				kernels = r.narrow
			}
			panel := at(b, j*k+p*nr)
			for i := 0; i < m; i += gemmRows {
				rows := min(gemmRows, m-i)
				// Blocks of even height, 11+11 rows rather than 12+10: some are one row taller than the rest.
				blocks := (rows + mr - 1) / mr
				height, taller := rows/blocks, rows%blocks
				if taller > 0 {
					kernels[height+1](taller, depth, at(a, i*ars+p*aks), ars, aks, panel, at(c, i*ldc+j), ldc,
						panelBias, flags, w, next, step)
					advance(taller * depth)
				}
				rest := i + taller*(height+1)
				kernels[height](blocks-taller, depth, at(a, rest*ars+p*aks), ars, aks, panel, at(c, rest*ldc+j), ldc,
					panelBias, flags, w, next, step)
				advance((blocks - taller) * depth)
			}
		}
		if last {
			return
		}
	}
}

// at returns &v[i] without looking: checkGemm has.
func at(v []float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(v)), floatBytes*i))
}

// raceGemm marks single columns of A only if it has to, and no column of C beyond n: the gaps may
// belong to somebody else.
func raceGemm(m, n, k int, a []float32, ars, aks int, b, c []float32, ldc int, bias []float32) {
	raceRead(b)
	if bias != nil {
		raceRead(bias[:n])
	}
	for i := range m {
		raceWrite(c[i*ldc : i*ldc+n])
		if k > 0 && aks == 1 {
			raceRead(a[i*ars : i*ars+k])
		}
	}
	for p := range k {
		if aks != 1 && ars == 1 {
			raceRead(a[p*aks : p*aks+m])
		}
		for i := 0; aks != 1 && ars != 1 && i < m; i++ {
			raceRead(a[i*ars+p*aks:][:1])
		}
	}
}
