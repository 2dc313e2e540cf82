package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// product is one call of Gemm, with everything that it may not touch guarded.
type product struct {
	m, n, k          int
	transposed       bool
	gapA, gapC       int // floats between the rows of A (its columns, if transposed) and of C
	scatter          int // 2 if A has gaps between its elements too, else 1
	accumulate, relu bool
	biased           bool
	offset           int
	ahead            int // floats to fetch
	fill             func() float32
}

func (p product) String() string {
	return fmt.Sprintf("%+v", struct {
		m, n, k, gapA, gapC, scatter, offset, ahead int
		transposed, accumulate, biased, relu        bool
	}{p.m, p.n, p.k, p.gapA, p.gapC, p.scatter, p.offset, p.ahead, p.transposed, p.accumulate, p.biased, p.relu})
}

// size returns the floats from the first to the last of rows x columns elements.
func size(rows, columns, rowStride, columnStride int) int {
	if rows == 0 || columns == 0 {
		return 0
	}
	return (rows-1)*rowStride + (columns-1)*columnStride + 1
}

// run multiplies and compares; tol(k, sum of absolute values) is the permitted error.
func (p product) run(t *testing.T, kern *Kernels, tol func(size float64) float64) {
	t.Helper()
	ars, aks := p.k*p.scatter+p.gapA, p.scatter
	if p.transposed {
		ars, aks = p.scatter, p.m*p.scatter+p.gapA
	}
	a := guard(size(p.m, p.k, ars, aks), p.offset)
	a.owned = func(i int) bool {
		if p.transposed {
			return i%aks < p.m*p.scatter && i%aks%p.scatter == 0
		}
		return i%ars < p.k*p.scatter && i%ars%p.scatter == 0
	}
	if p.k == 0 {
		a.owned = nil
	}
	a.fill(p.fill)
	b := guard(p.k*p.n, 0).fill(p.fill)
	packed := guard(kern.PackedSize(p.k, p.n), (p.offset*3)%17)
	kern.PackB(packed.v, b.v, p.k, p.n, p.n, 1)
	ldc := p.n + p.gapC
	c := guard(size(p.m, p.n, ldc, 1), (p.offset*5+1)%17)
	c.owned = func(i int) bool { return i%ldc < p.n }
	if p.accumulate {
		c.fill(p.fill) // otherwise NaN, which must not get into the result
	}
	bias := guard(p.n, (p.offset*7+2)%17).fill(p.fill)
	biasArg := bias.v
	if !p.biased {
		biasArg = nil
	}
	before := slices.Clone(c.v)

	kern.Gemm(Gemm{
		M: p.m, N: p.n, K: p.k, A: a.v, ARowStride: ars, AColStride: aks, B: packed.v, C: c.v, LDC: ldc,
		Accumulate: p.accumulate, Bias: biasArg, ReLU: p.relu, Ahead: make([]float32, p.ahead),
	})

	for _, g := range []*guarded{a, packed, c, bias} {
		g.check(t, p.String())
	}
	for i := range p.m {
		for j := range p.n {
			want, total := 0.0, 0.0
			add := func(x float64) { want, total = want+x, total+math.Abs(x) }
			for q := range p.k {
				add(float64(a.v[i*ars+q*aks]) * float64(b.v[q*p.n+j]))
			}
			if p.accumulate {
				add(float64(before[i*ldc+j]))
			}
			if p.biased {
				add(float64(bias.v[j]))
			}
			if p.relu {
				want = math.Max(want, 0)
			}
			if got := c.v[i*ldc+j]; !near(got, want, tol(total)) {
				t.Fatalf("%v: C[%d][%d] = %v, want %v within %v", p, i, j, got, want, tol(total))
			}
		}
	}
}

func exact(float64) float64 { return 0 }

// testGemmAhead multiplies matrices of some sizes, fetching less and more than there are steps.
func testGemmAhead(t *testing.T, kern *Kernels) {
	fill := integers(newRand(), 8)
	for _, m := range []int{0, 1, kern.MR, 3*kern.MR + 1} {
		for _, n := range []int{0, 1, kern.NR, 2*kern.NR + 3} {
			for _, k := range []int{0, 1, 7, 64} {
				for _, ahead := range []int{1, 16, 1000, 100000} {
					p := product{m: m, n: n, k: k, scatter: 1, ahead: ahead, fill: fill}
					p.biased, p.relu = m%2 == 0, n%2 == 0
					p.run(t, kern, exact)
				}
			}
		}
	}
}

// testGemm goes through all sizes around the register tile with every combination of options, on
// integers, whose products are exact.
func testGemm(t *testing.T, kern *Kernels) {
	r := newRand()
	fill := integers(r, 8)
	count := 0
	for m := range 2*kern.MR + 2 {
		for n := range 2*kern.NR + 2 {
			if n > 3 && n < kern.NR-1 && (n+m)%3 > 0 && n != kern.NR/2 && n != kern.NR/2+1 {
				continue
			}
			for _, k := range []int{0, 1, 2, 3, 7, 18} {
				count++
				p := product{m: m, n: n, k: k, scatter: 1, offset: count % 17, fill: fill}
				options := r.IntN(64)
				p.accumulate, p.biased, p.relu = options&1 != 0, options&2 != 0, options&4 != 0
				p.transposed = options&8 != 0
				p.gapA, p.gapC = 3*(options>>4&1), 5*(options>>5&1)
				if count%7 == 0 {
					p.scatter = 2
				}
				p.run(t, kern, exact)
			}
		}
	}
	for options := range 32 {
		p := product{m: kern.MR + 1, n: kern.NR + 3, k: 5, scatter: 1, fill: fill,
			accumulate: options&1 != 0, biased: options&2 != 0, relu: options&4 != 0,
			transposed: options&8 != 0, gapC: options >> 4 * 17}
		p.run(t, kern, exact)
	}
	t.Run("long", func(t *testing.T) {
		// More rows and a longer sum than one call to assembly takes.
		p := product{m: 211, n: 3, scatter: 1, fill: integers(r, 2)}
		p.k, p.biased, p.relu = 4200, true, true
		p.run(t, kern, exact)
		p.k, p.biased, p.relu, p.accumulate, p.transposed = 2049, false, false, true, true
		p.run(t, kern, exact)
	})
	t.Run("real", func(t *testing.T) {
		// The textbook bound on a sum of k+2 terms (Higham, Accuracy and Stability, 3.1).
		for _, k := range []int{1, 9, 27, 300} {
			p := product{m: 23, n: 37, k: k, scatter: 1, biased: true, accumulate: true, fill: normals(r, false)}
			p.run(t, kern, func(size float64) float64 { return float64(k+2) * ulp * size })
		}
	})
	t.Run("special", func(t *testing.T) { testGemmSpecial(t, kern) })
	t.Run("ahead", func(t *testing.T) { testGemmAhead(t, kern) })
}

// NaN and infinities spoil the row they are in and no other, also where B is padded with zeros.
func testGemmSpecial(t *testing.T, kern *Kernels) {
	m, n, k := kern.MR+1, kern.NR+1, 4
	b := make([]float32, k*n)
	for i := range b {
		b[i] = 1
	}
	packed := make([]float32, kern.PackedSize(k, n))
	kern.PackB(packed, b, k, n, n, 1)
	for _, x := range specials[:3] {
		for row := range m {
			for _, relu := range []bool{false, true} {
				a := make([]float32, m*k)
				a[row*k+row%k] = x
				c := make([]float32, m*n)
				kern.Gemm(Gemm{M: m, N: n, K: k, A: a, ARowStride: k, AColStride: 1, B: packed, C: c, LDC: n, ReLU: relu})
				for i, got := range c {
					want := float32(0)
					if i/n == row && !(relu && x < 0) {
						want = x
					}
					if !same(got, want) {
						t.Fatalf("%v in row %d, relu %v: C[%d][%d] = %v, want %v", x, row, relu, i/n, i%n, got, want)
					}
				}
			}
		}
	}
}

func TestPackB(t *testing.T) {
	r := newRand()
	for _, kern := range Available() {
		for _, n := range []int{0, 1, kern.NR - 1, kern.NR, kern.NR + 1, 3 * kern.NR} {
			for _, k := range []int{0, 1, 5} {
				for _, strides := range [][2]int{{n, 1}, {n + 3, 1}, {1, k}, {1, k + 2}, {2 * n, 2}} {
					src := guard(size(k, n, strides[0], strides[1]), 0).fill(integers(r, 100))
					dst := guard(kern.PackedSize(k, n), 0)
					kern.PackB(dst.v, src.v, k, n, strides[0], strides[1])
					dst.check(t, "PackB")
					for i, got := range dst.v {
						panel, p, j := i/(kern.NR*k), i/kern.NR%k, i%kern.NR
						want := float32(0)
						if col := panel*kern.NR + j; col < n {
							want = src.v[p*strides[0]+col*strides[1]]
						}
						if got != want {
							t.Fatalf("%s: %dx%d, strides %v: [%d] = %v, want %v", kern.Name, k, n, strides, i, got, want)
						}
					}
				}
			}
		}
	}
}

// FuzzGemm looks for sizes and strides at which a tier differs from exact arithmetic.
func FuzzGemm(f *testing.F) {
	f.Add(uint8(13), uint8(33), uint16(20), uint8(7), uint8(0), uint8(0), uint64(1))
	f.Add(uint8(12), uint8(16), uint16(2049), uint8(9), uint8(1), uint8(3), uint64(2))
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, options, gapA, gapC uint8, seed uint64) {
		p := product{m: int(m % 40), n: int(n % 100), k: int(k % 2200), scatter: 1 + int(options>>4&1),
			accumulate: options&1 != 0, biased: options&2 != 0, relu: options&4 != 0, transposed: options&8 != 0,
			gapA: int(gapA), gapC: int(gapC), offset: int(seed % 17)}
		for _, kern := range Available() {
			r := newRand()
			p.fill = integers(r, 1+int(seed%8))
			p.run(t, kern, exact)
		}
	})
}
