package optim

import (
	"math"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

// pieceLen is the length of the pieces that vectors are worked on in: 256 KiB of each, so that the
// few that an operation reads stay in a core's cache.
const pieceLen = 1 << 16

// processor is the Arithmetic of the processor, on slices like any others.
type processor struct {
	kernels *simd.Kernels
	pool    *parallel.Pool
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

func newProcessor(m Machine) *processor {
	p := &processor{kernels: m.Kernels, pool: m.Pool}
	if p.kernels == nil {
		p.kernels = simd.Best()
	}
	p.task = func(piece, _ int) { p.piece(piece) }
	return p
}

// Vector makes room for the sums over pieces of n elements too, so that no operation has to.
func (p *processor) Vector(n int) []float32 {
	p.reserve(n)
	return make([]float32, n)
}

func (p *processor) reserve(n int) {
	pieces := (n + pieceLen - 1) / pieceLen
	if cap(p.partial) < pieces {
		p.partial = make([]float64, pieces)
	}
	p.partial = p.partial[:pieces]
}

func (p *processor) piece(i int) {
	lo := i * pieceLen
	hi := min(lo+pieceLen, len(p.args.a))
	o := p.args
	for _, s := range []*[]float32{&o.a, &o.b, &o.c, &o.d} {
		if *s != nil {
			*s = (*s)[lo:hi]
		}
	}
	p.partial[i] = p.op(p.kernels, o)
}

// run does an operation piece by piece, and leaves in partial what it returned.
func (p *processor) run(op operation, args operands) {
	p.reserve(len(args.a))
	p.op, p.args = op, args
	if p.pool == nil || len(p.partial) == 1 {
		for i := range p.partial {
			p.piece(i)
		}
	} else {
		p.pool.Run(len(p.partial), p.task)
	}
	p.args = operands{} // keeps nothing of the caller's alive
}

// sumOf runs an operation and adds its parts in order.
func (p *processor) sumOf(op operation, args operands) float64 {
	p.run(op, args)
	var sum float64
	for _, part := range p.partial {
		sum += part
	}
	return sum
}

func (p *processor) Free([]float32)             {}
func (p *processor) Clear(dst []float32)        { clear(dst) }
func (p *processor) Sum(a []float32) float64    { return p.sumOf(sumOp, operands{a: a}) }
func (p *processor) AbsSum(a []float32) float64 { return p.sumOf(absSumOp, operands{a: a}) }
func (p *processor) Dot(a, b []float32) float64 { return p.sumOf(dotOp, operands{a: a, b: b}) }
func (p *processor) Equal(a, b []float32) bool  { return p.sumOf(differOp, operands{a: a, b: b}) == 0 }
func (p *processor) Copy(dst, x []float32)      { p.run(copyOp, operands{a: dst, b: x}) }
func (p *processor) Sub(dst, x, y []float32)    { p.run(subOp, operands{a: dst, b: x, c: y}) }
func (p *processor) Err() error                 { return nil }

func (p *processor) Scale(dst, x []float32, s float32) {
	p.run(scaleOp, operands{a: dst, b: x, s: s})
}

func (p *processor) Axpy(dst, x []float32, s float32) {
	p.run(axpyOp, operands{a: dst, b: x, s: s})
}

func (p *processor) AxpyDot(dst, x []float32, s float32, y []float32) float64 {
	return p.sumOf(axpyDotOp, operands{a: dst, b: x, c: y, s: s})
}

func (p *processor) Clamp(x []float32, lo, hi float32) {
	p.run(clampOp, operands{a: x, s: lo, t: hi})
}

func (p *processor) MaxAbs(a []float32) float64 {
	p.run(maxAbsOp, operands{a: a})
	var most float64
	for _, part := range p.partial {
		most = max(most, part)
	}
	return most
}

func (p *processor) Adam(x, moment, second, grad []float32, s AdamStep) {
	p.run(adamOp, operands{a: x, b: moment, c: second, d: grad, adam: s})
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
