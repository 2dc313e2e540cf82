package optim

import (
	"fmt"
	"math"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

// pieceLen is the length of the pieces that vectors are worked on in: 256 KiB of each, so that the
// few that an operation reads stay in a core's cache.
const pieceLen = 1 << 16

// vectors does arithmetic on vectors of n elements.
type vectors struct {
	kernels *simd.Kernels
	pool    *parallel.Pool
	n       int
	partial []float64 // what the operation returned for each piece

	// The operation in progress. They are fields, and task is built once, so that nothing escapes
	// to the heap when work is handed to the pool.
	op   operation
	args operands
	task func(piece, worker int)
}

// operands are the vectors and numbers of an operation; those that it does not use stay zero.
type operands struct {
	a, b, c, d []float32
	s, t       float32
	adam       simd.AdamStep
}

// operation works on one piece of its operands and returns that piece's part of a sum.
type operation func(k *simd.Kernels, o operands) float64

func (v *vectors) init(n int, m Machine) {
	v.kernels, v.pool = m.Kernels, m.Pool
	if v.kernels == nil {
		v.kernels = simd.Best()
	}
	v.task = func(piece, _ int) { v.piece(piece) }
	v.resize(n)
}

func (v *vectors) resize(n int) {
	if n < 1 {
		panic(fmt.Sprintf("optim: vectors of %d elements", n))
	}
	v.n = n
	v.partial = make([]float64, (n+pieceLen-1)/pieceLen)
}

func (v *vectors) mustFit(x []float32) {
	if len(x) != v.n {
		panic(fmt.Sprintf("optim: x has %d elements, the optimiser is for %d", len(x), v.n))
	}
}

func (v *vectors) piece(i int) {
	lo := i * pieceLen
	hi := min(lo+pieceLen, v.n)
	o := v.args
	for _, s := range []*[]float32{&o.a, &o.b, &o.c, &o.d} {
		if *s != nil {
			*s = (*s)[lo:hi]
		}
	}
	v.partial[i] = v.op(v.kernels, o)
}

// run does an operation piece by piece, and leaves in partial what it returned.
func (v *vectors) run(op operation, args operands) {
	v.op, v.args = op, args
	if v.pool == nil || len(v.partial) == 1 {
		for i := range v.partial {
			v.piece(i)
		}
	} else {
		v.pool.Run(len(v.partial), v.task)
	}
	v.args = operands{} // keeps nothing of the caller's alive
}

// sumOf runs an operation and adds its parts in order.
func (v *vectors) sumOf(op operation, args operands) float64 {
	v.run(op, args)
	var sum float64
	for _, p := range v.partial {
		sum += p
	}
	return sum
}

func (v *vectors) sum(a []float32) float64    { return v.sumOf(sumOp, operands{a: a}) }
func (v *vectors) absSum(a []float32) float64 { return v.sumOf(absSumOp, operands{a: a}) }
func (v *vectors) dot(a, b []float32) float64 { return v.sumOf(dotOp, operands{a: a, b: b}) }

// scale sets dst = s·x.
func (v *vectors) scale(dst, x []float32, s float64) {
	v.run(scaleOp, operands{a: dst, b: x, s: float32(s)})
}

// sub sets dst = x - y.
func (v *vectors) sub(dst, x, y []float32) { v.run(subOp, operands{a: dst, b: x, c: y}) }

func (v *vectors) copy(dst, x []float32) { v.run(copyOp, operands{a: dst, b: x}) }

// axpy adds s·x to dst.
func (v *vectors) axpy(dst, x []float32, s float64) {
	v.run(axpyOp, operands{a: dst, b: x, s: float32(s)})
}

// axpyDot adds s·x to dst and returns dst·y, reading dst from memory once.
func (v *vectors) axpyDot(dst, x []float32, s float64, y []float32) float64 {
	return v.sumOf(axpyDotOp, operands{a: dst, b: x, c: y, s: float32(s)})
}

// clamp limits x to r, if r limits anything.
func (v *vectors) clamp(x []float32, r Range) {
	if r.limits() {
		v.run(clampOp, operands{a: x, s: r.Lo, t: r.Hi})
	}
}

// maxAbs returns the largest magnitude in a.
func (v *vectors) maxAbs(a []float32) float64 {
	v.run(maxAbsOp, operands{a: a})
	var m float64
	for _, p := range v.partial {
		m = max(m, p)
	}
	return m
}

// equal tells whether a and b hold the same values.
func (v *vectors) equal(a, b []float32) bool {
	return v.sumOf(differOp, operands{a: a, b: b}) == 0
}

func sumOp(k *simd.Kernels, o operands) float64   { return k.Sum(o.a) }
func dotOp(k *simd.Kernels, o operands) float64   { return k.Dot(o.a, o.b) }
func scaleOp(k *simd.Kernels, o operands) float64 { k.Scale(o.a, o.b, o.s); return 0 }
func subOp(k *simd.Kernels, o operands) float64   { k.Sub(o.a, o.b, o.c); return 0 }
func copyOp(_ *simd.Kernels, o operands) float64  { copy(o.a, o.b); return 0 }
func axpyOp(k *simd.Kernels, o operands) float64  { k.Axpy(o.a, o.b, o.s); return 0 }
func adamOp(k *simd.Kernels, o operands) float64  { k.Adam(o.a, o.b, o.c, o.d, o.adam); return 0 }

func axpyDotOp(k *simd.Kernels, o operands) float64 {
	k.Axpy(o.a, o.b, o.s)
	return k.Dot(o.a, o.c)
}

func absSumOp(_ *simd.Kernels, o operands) float64 {
	var even, odd float64 // two sums, because one waits for the addition before it
	a := o.a
	for ; len(a) >= 2; a = a[2:] {
		even += math.Abs(float64(a[0]))
		odd += math.Abs(float64(a[1]))
	}
	if len(a) == 1 {
		even += math.Abs(float64(a[0]))
	}
	return even + odd
}

func maxAbsOp(_ *simd.Kernels, o operands) float64 {
	var m float32
	for _, x := range o.a {
		if x < 0 {
			x = -x
		}
		if x > m {
			m = x
		}
	}
	return float64(m)
}

func clampOp(_ *simd.Kernels, o operands) float64 {
	for i, x := range o.a {
		if x < o.s {
			o.a[i] = o.s
		} else if x > o.t {
			o.a[i] = o.t
		}
	}
	return 0
}

func differOp(_ *simd.Kernels, o operands) float64 {
	for i, x := range o.a {
		if x != o.b[i] {
			return 1
		}
	}
	return 0
}

// evaluate calls eval and returns its error, or one that says what is not finite.
func (v *vectors) evaluate(eval Evaluate, x, grad []float32) (float64, error) {
	loss, err := eval(x, grad)
	if err != nil {
		return loss, err
	}
	if !finite(loss) {
		return loss, &NonFiniteError{What: "loss", Index: -1, Value: loss, Loss: loss}
	}
	// A float64 sum of finite float32 values cannot overflow, and one of others is never finite.
	if !finite(v.sum(grad)) {
		return loss, nonFinite("gradient", grad, loss)
	}
	return loss, nil
}
