package optim

import (
	"math"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

// pieceLen is the length of the pieces that vectors are cut into: 256 KiB of each vector, so that the
// few that an operation reads stay in a core's cache.
const pieceLen = 1 << 16

// host is the Backend of the processor. Its vectors are ordinary slices.
type host struct {
	kernels *simd.Kernels
	pool    *parallel.Pool
	partial []float64 // what the operation returned for each piece

	// The operation in progress. These are fields, and task is built once, so that nothing escapes
	// to the heap when work is handed to the pool.
	op   operation
	args operands
	task func(piece, worker int)

	grid     gridOperation
	gridTask func(piece, worker int)
	buffers  [][]float32 // a row, for each worker

	release func(part []float32) // if there is one, called with what a piece of an operation is done with
}

// operands are the vectors and numbers of an operation; those that it does not use stay zero.
type operands struct {
	a, b, c, d []float32
	s, t       float32
	adam       simd.AdamStep
}

// operation works on one piece of its operands and returns that piece's part of a sum.
type operation func(k *simd.Kernels, o operands) float64

// NewHost returns the Backend of the processor, whose vectors are ordinary slices: any slice will do as
// an operand. nil kernels stand for simd.Best. The pool shares the work between threads; without one the
// caller does it alone.
func NewHost(kernels *simd.Kernels, pool *parallel.Pool) Backend { return newHost(kernels, pool) }

func newHost(kernels *simd.Kernels, pool *parallel.Pool) *host {
	if kernels == nil {
		kernels = simd.Best()
	}
	h := &host{kernels: kernels, pool: pool}
	h.task = func(piece, _ int) { h.piece(piece) }
	h.gridTask = h.gridPiece
	return h
}

// Vector makes room for the sums over pieces of n elements too, so that no operation has to.
func (h *host) Vector(n int) []float32 {
	h.reserve(n)
	return make([]float32, n)
}

func (h *host) reserve(n int) {
	pieces := (n + pieceLen - 1) / pieceLen
	if cap(h.partial) < pieces {
		h.partial = make([]float64, pieces)
	}
	h.partial = h.partial[:pieces]
}

func (h *host) piece(i int) {
	lo := i * pieceLen
	hi := min(lo+pieceLen, len(h.args.a))
	o := h.args
	for _, s := range []*[]float32{&o.a, &o.b, &o.c, &o.d} {
		if *s != nil {
			*s = (*s)[lo:hi]
		}
	}
	h.partial[i] = h.op(h.kernels, o)
	if h.release != nil {
		for _, v := range [][]float32{o.a, o.b, o.c, o.d} {
			h.release(v)
		}
	}
}

// run does an operation piece by piece, and leaves in partial what it returned.
func (h *host) run(op operation, args operands) {
	h.reserve(len(args.a))
	h.op, h.args = op, args
	if h.pool == nil || len(h.partial) == 1 {
		for i := range h.partial {
			h.piece(i)
		}
	} else {
		h.pool.Run(len(h.partial), h.task)
	}
	h.args = operands{} // keeps nothing of the caller's alive
}

// sumOf runs an operation and adds its parts in order.
func (h *host) sumOf(op operation, args operands) float64 {
	h.run(op, args)
	var sum float64
	for _, part := range h.partial {
		sum += part
	}
	return sum
}

func (h *host) Sum(a []float32) float64    { return h.sumOf(sumOp, operands{a: a}) }
func (h *host) AbsSum(a []float32) float64 { return h.sumOf(absSumOp, operands{a: a}) }
func (h *host) Dot(a, b []float32) float64 { return h.sumOf(dotOp, operands{a: a, b: b}) }
func (h *host) Equal(a, b []float32) bool  { return h.sumOf(differOp, operands{a: a, b: b}) == 0 }
func (h *host) Copy(dst, x []float32)      { h.run(copyOp, operands{a: dst, b: x}) }
func (h *host) Sub(dst, x, y []float32)    { h.run(subOp, operands{a: dst, b: x, c: y}) }
func (h *host) Err() error                 { return nil }

func (h *host) Scale(dst, x []float32, s float32) {
	h.run(scaleOp, operands{a: dst, b: x, s: s})
}

func (h *host) Axpy(dst, x []float32, s float32) {
	h.run(axpyOp, operands{a: dst, b: x, s: s})
}

func (h *host) AxpyDot(dst, x []float32, s float32, y []float32) float64 {
	return h.sumOf(axpyDotOp, operands{a: dst, b: x, c: y, s: s})
}

func (h *host) Clamp(x []float32, lo, hi float32) {
	h.run(clampOp, operands{a: x, s: lo, t: hi})
}

func (h *host) MaxAbs(a []float32) float64 {
	h.run(maxAbsOp, operands{a: a})
	var most float64
	for _, part := range h.partial {
		most = max(most, part)
	}
	return most
}

func (h *host) Adam(x, moment, second, grad []float32, s AdamStep) {
	h.run(adamOp, operands{a: x, b: moment, c: second, d: grad, adam: s})
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
