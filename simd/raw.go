//go:build amd64 || arm64

package simd

import "unsafe"

// Assembly cannot be preempted, so a call ends after some tens of microseconds: vectorChunk floats,
// poolChunk floats of windows.
const (
	vectorChunk = 1 << 15
	poolChunk   = 1 << 17
)

// rawKernels holds the assembly functions of one tier. They check nothing; table wraps them into kernels
// that do. The generated stubs show each one as Go.
type rawKernels struct {
	// gemm[r] computes r rows of a block, for every r up to MR; gemm[0] is nil. narrow does the same
	// for the NR/2 columns on the left of a panel.
	gemm, narrow []rawGemm

	relu                    func(dst, src *float32, n int)
	reluGrad, add, sub, mul func(dst, a, b *float32, n int)
	scale, axpy             func(dst, a *float32, n int, s float32)
	scaledDiff              func(dst, a, b *float32, n int, s float32)

	sum                  func(a *float32, n int) float64
	dot, squaredDistance func(a, b *float32, n int) float64

	// The distances between pixels and rows are counted in bytes: step between two windows, pixel
	// and row in the input, dstPixel in the output.
	maxPool     func(dst, src *float32, out, winH, winW, channels, step, pixel, row, dstPixel int)
	maxPoolGrad func(dx, src, dy *float32, out, winH, winW, channels, step, pixel, row, dstPixel int)
	avgPool     func(dst, src *float32, out, winH, winW, channels, step, pixel, row, dstPixel int, s float32)
	avgPoolGrad func(dx, dy *float32, out, winH, winW, channels, step, pixel, row, dstPixel int, s float32)

	// Distances between rows, pixels and their words in bytes too. upper is 0 or, for all bits, -1.
	positive      func(bits *uint32, src *float32, words, stride, rows, n int)
	mask          func(dst, src *float32, bits *uint32, stride, words, rows, n int)
	maxPoolArgMax func(dst *float32, right, low *uint32, src *float32,
		windows, channels, step, toRight, toDown, pixel, words int)
	maxUnpool func(dst, src *float32, right, low *uint32, upper,
		windows, channels, step, toRight, pixel, words int)

	f43, f63 rawWinograd

	// Of F(4x4, 3x3).
	winogradGradIn     func(dst, src *float32, point, row, pixel, channels, tiles int)
	winogradFilterGrad func(dst, src *float32, stride, point, n, accumulate int)

	adam func(x, m, v, dx *float32, n int,
		beta1, rest1, beta2, rest2, rate, epsilon, biasCorrection1, biasCorrection2 float32)

	lrn      func(scale, sums *float32, n int, alpha, k float32)
	lrnSlope func(scale, slope, sums *float32, n int, alpha, k float32)

	relax func(x, beside, above, below, other, left, right, up, down, cross, b, inverse *float32, n int, omega float32)
}

// table returns the kernels of a tier whose register tile is mr x nr.
func (r rawKernels) table(name string, mr, nr int) *Kernels {
	tile := &registerTile{mr, nr, r.gemm, r.narrow}
	return &Kernels{
		Name: name, MR: mr, NR: nr,
		Gemm:            tile.gemm,
		ReLU:            wrapUnary(r.relu),
		ReLUGrad:        wrapBinary(r.reluGrad),
		Add:             wrapBinary(r.add),
		Sub:             wrapBinary(r.sub),
		Mul:             wrapBinary(r.mul),
		Scale:           wrapScaled(r.scale),
		Axpy:            wrapScaled(r.axpy),
		ScaledDiff:      wrapScaledBinary(r.scaledDiff),
		Sum:             r.wrapSum,
		Dot:             wrapReduce(r.dot),
		SquaredDistance: wrapReduce(r.squaredDistance),
		MaxPool:         r.wrapMaxPool,
		MaxPoolGrad:     r.wrapMaxPoolGrad,
		AvgPool:         r.wrapAvgPool,
		AvgPoolGrad:     r.wrapAvgPoolGrad,
		Positive:        r.wrapPositive,
		Mask:            r.wrapMask,
		MaxPoolArgMax:   r.wrapMaxPoolArgMax,
		MaxUnpool:       r.wrapMaxUnpool,
		F43:             r.f43.kernels(),
		F63:             r.f63.kernels(),

		WinogradGradIn:     r.wrapWinogradGradIn,
		WinogradFilterGrad: r.wrapWinogradFilterGrad,

		Adam: r.wrapAdam,
		LRN:  r.wrapLRN,

		Relax: r.wrapRelax,
	}
}

func wrapUnary(f func(dst, a *float32, n int)) func(dst, a []float32) {
	return func(dst, a []float32) {
		mustHave(a, len(dst))
		raceRead(a[:len(dst)])
		raceWrite(dst)
		for len(dst) > 0 {
			n := min(len(dst), vectorChunk)
			f(&dst[0], &a[0], n)
			dst, a = dst[n:], a[n:]
		}
	}
}

func wrapBinary(f func(dst, a, b *float32, n int)) func(dst, a, b []float32) {
	return func(dst, a, b []float32) {
		mustHave(a, len(dst))
		mustHave(b, len(dst))
		raceRead(a[:len(dst)], b[:len(dst)])
		raceWrite(dst)
		for len(dst) > 0 {
			n := min(len(dst), vectorChunk)
			f(&dst[0], &a[0], &b[0], n)
			dst, a, b = dst[n:], a[n:], b[n:]
		}
	}
}

func wrapScaled(f func(dst, a *float32, n int, s float32)) func(dst, a []float32, s float32) {
	return func(dst, a []float32, s float32) {
		mustHave(a, len(dst))
		raceRead(a[:len(dst)])
		raceWrite(dst)
		for len(dst) > 0 {
			n := min(len(dst), vectorChunk)
			f(&dst[0], &a[0], n, s)
			dst, a = dst[n:], a[n:]
		}
	}
}

func wrapScaledBinary(f func(dst, a, b *float32, n int, s float32)) func(dst, a, b []float32, s float32) {
	return func(dst, a, b []float32, s float32) {
		mustHave(a, len(dst))
		mustHave(b, len(dst))
		raceRead(a[:len(dst)], b[:len(dst)])
		raceWrite(dst)
		for len(dst) > 0 {
			n := min(len(dst), vectorChunk)
			f(&dst[0], &a[0], &b[0], n, s)
			dst, a, b = dst[n:], a[n:], b[n:]
		}
	}
}

func (r rawKernels) wrapSum(a []float32) float64 {
	raceRead(a)
	sum := 0.0
	for len(a) > 0 {
		n := min(len(a), vectorChunk)
		sum += r.sum(&a[0], n)
		a = a[n:]
	}
	return sum
}

func wrapReduce(f func(a, b *float32, n int) float64) func(a, b []float32) float64 {
	return func(a, b []float32) float64 {
		mustHave(b, len(a))
		raceRead(a, b[:len(a)])
		sum := 0.0
		for len(a) > 0 {
			n := min(len(a), vectorChunk)
			sum += f(&a[0], &b[0], n)
			a, b = a[n:], b[n:]
		}
		return sum
	}
}

func (r rawKernels) wrapAdam(x, m, v, g []float32, s AdamStep) {
	mustHave(m, len(x))
	mustHave(v, len(x))
	mustHave(g, len(x))
	raceRead(g[:len(x)])
	raceWrite(x, m[:len(x)], v[:len(x)])
	for len(x) > 0 {
		n := min(len(x), vectorChunk)
		r.adam(&x[0], &m[0], &v[0], &g[0], n, s.Beta1, 1-s.Beta1, s.Beta2, 1-s.Beta2,
			s.LearningRate, s.Epsilon, s.BiasCorrection1, s.BiasCorrection2)
		x, m, v, g = x[n:], m[n:], v[n:], g[n:]
	}
}

func (r rawKernels) wrapLRN(scale, slope, sums []float32, alpha, k float32) {
	checkLRN(scale, slope, sums)
	raceRead(sums[:len(scale)])
	raceWrite(scale)
	if slope == nil {
		for len(scale) > 0 {
			n := min(len(scale), vectorChunk)
			r.lrn(&scale[0], &sums[0], n, alpha, k)
			scale, sums = scale[n:], sums[n:]
		}
		return
	}
	raceWrite(slope[:len(scale)])
	for len(scale) > 0 {
		n := min(len(scale), vectorChunk)
		r.lrnSlope(&scale[0], &slope[0], &sums[0], n, alpha, k)
		scale, slope, sums = scale[n:], slope[n:], sums[n:]
	}
}

func (r rawKernels) wrapRelax(x []float32, e Relaxation) {
	e.check(len(x))
	if len(x) == 0 {
		return
	}
	raceRead(e.Beside[:len(x)+1])
	for _, v := range e.vectors() {
		raceRead((*v)[:len(x)])
	}
	raceWrite(x)
	for {
		n := min(len(x), vectorChunk)
		r.relax(&x[0], &e.Beside[0], &e.Above[0], &e.Below[0], &e.Other[0], &e.Left[0], &e.Right[0], &e.Up[0],
			&e.Down[0], &e.Cross[0], &e.B[0], &e.Inverse[0], n, e.Omega)
		if x = x[n:]; len(x) == 0 {
			return
		}
		e.Beside = e.Beside[n:]
		for _, v := range e.vectors() {
			*v = (*v)[n:]
		}
	}
}

// floatBytes is the size of a float32, wordBytes that of 32 bits.
const (
	floatBytes = int(unsafe.Sizeof(float32(0)))
	wordBytes  = int(unsafe.Sizeof(uint32(0)))
)
