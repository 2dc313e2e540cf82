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

// registerTile is the Gemm of a tier with a register tile of mr x nr.
type registerTile struct {
	mr, nr       int
	full, narrow []rawGemm // as in rawKernels
}

// gemm is Kernels.Gemm.
func (t *registerTile) gemm(g Gemm) {
	if !g.check(t.nr) {
		return
	}
	if raceEnabled {
		g.race(t.nr)
	}
	if g.K == 0 {
		g.ARowStride, g.AColStride = 0, 0 // or pointers would leave A, which may be empty
	}
	ahead := t.ahead(&g)
	for p := 0; ; p += gemmDepth {
		depth := min(gemmDepth, g.K-p)
		last := p+depth == g.K
		flags := 0
		if g.Accumulate || p > 0 {
			flags |= rawAccumulate
		}
		if g.ReLU && last {
			flags |= rawReLU
		}
		for j := 0; j < g.N; j += t.nr {
			var bias *float32
			if g.Bias != nil && last {
				bias = &g.Bias[j]
			}
			kernels, columns := t.full, min(t.nr, g.N-j)
			if columns <= t.nr/2 {
				kernels = t.narrow
			}
			panel := at(g.B, j*g.K+p*t.nr)
			for i := 0; i < g.M; i += gemmRows {
				rows := min(gemmRows, g.M-i)
				// Blocks of even height, 11+11 rows rather than 12+10: some are one row taller than the rest.
				blocks := (rows + t.mr - 1) / t.mr
				height, taller := rows/blocks, rows%blocks
				if taller > 0 {
					kernels[height+1](taller, depth, g.a(i, p), g.ARowStride, g.AColStride, panel, g.c(i, j), g.LDC,
						bias, flags, columns, ahead.next, ahead.step)
					ahead.advance(taller * depth)
				}
				i := i + taller*(height+1)
				kernels[height](blocks-taller, depth, g.a(i, p), g.ARowStride, g.AColStride, panel, g.c(i, j), g.LDC,
					bias, flags, columns, ahead.next, ahead.step)
				ahead.advance((blocks - taller) * depth)
			}
		}
		if last {
			return
		}
	}
}

func (g *Gemm) a(i, p int) *float32 { return at(g.A, i*g.ARowStride+p*g.AColStride) }
func (g *Gemm) c(i, j int) *float32 { return at(g.C, i*g.LDC+j) }

// at returns &v[i] without looking: Gemm.check has.
func at(v []float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(v)), floatBytes*i))
}

// prefetch spreads the fetching of a vector over the steps of a product.
type prefetch struct {
	v    []float32
	next *float32
	step int // bytes; 0 if there is nothing to fetch
	done int // bytes
}

// ahead returns the prefetch of g.Ahead, which the last step takes to its end.
func (t *registerTile) ahead(g *Gemm) prefetch {
	if len(g.Ahead) == 0 || g.K == 0 {
		return prefetch{next: at(g.B, 0)}
	}
	steps := (g.M + t.mr - 1) / t.mr * ((g.N + t.nr - 1) / t.nr) * g.K
	return prefetch{v: g.Ahead, next: &g.Ahead[0], step: floatBytes * len(g.Ahead) / steps}
}

// advance moves on by so many steps, but never beyond the last float.
func (f *prefetch) advance(steps int) {
	if f.step > 0 {
		f.done += steps * f.step
		f.next = &f.v[min(f.done/floatBytes, len(f.v)-1)]
	}
}

// race marks single columns of A only if it has to, and no column of C beyond N: the gaps may belong to
// somebody else.
func (g *Gemm) race(nr int) {
	raceRead(g.B[:(g.N+nr-1)/nr*nr*g.K])
	if g.Bias != nil {
		raceRead(g.Bias[:g.N])
	}
	for i := range g.M {
		raceWrite(g.C[i*g.LDC:][:g.N])
		if g.K > 0 && g.AColStride == 1 {
			raceRead(g.A[i*g.ARowStride:][:g.K])
		}
	}
	for p := range g.K {
		if g.AColStride != 1 && g.ARowStride == 1 {
			raceRead(g.A[p*g.AColStride:][:g.M])
		}
		for i := 0; g.AColStride != 1 && g.ARowStride != 1 && i < g.M; i++ {
			raceRead(g.A[i*g.ARowStride+p*g.AColStride:][:1])
		}
	}
}
