package cpu

import (
	"math"

	"oneiro/autodiff"
)

// binary lowers an operation whose second operand may be broadcast, being a scalar or a vector over the
// channels: same works on ranges, one on numbers.
func binary(same func(d *Device, dst, a, b []float32), one func(a, b float32) float32) lowering {
	return func(b *builder, s *autodiff.Step) {
		x, w, y := s.In[0], s.In[1], s.Out
		p, d := b.program, b.dev
		n, c := y.Shape.Len(), y.Shape.C
		switch {
		case w.Shape == y.Shape:
			b.each(n, 1, func(lo, hi, _ int) {
				same(d, p.data(y)[lo:hi], p.data(x)[lo:hi], p.data(w)[lo:hi])
			})
		case w.Shape == autodiff.Scalar:
			b.each(n, 1, func(lo, hi, _ int) {
				v := p.data(w)[0]
				dst := p.data(y)[lo:hi]
				for i, a := range p.data(x)[lo:hi] {
					dst[i] = one(a, v)
				}
			})
		default:
			b.each(n/c, c, func(lo, hi, _ int) {
				u, v, dst := p.data(x), p.data(w), p.data(y)
				for r := lo; r < hi; r++ {
					same(d, dst[r*c:][:c], u[r*c:][:c], v)
				}
			})
		}
	}
}

// unary lowers an operation that works element by element on operands of one shape.
func unary(f func(d *Device, s *autodiff.Step, dst []float32, in [2][]float32)) lowering {
	return func(b *builder, s *autodiff.Step) {
		p, d := b.program, b.dev
		b.each(s.Out.Shape.Len(), 1, func(lo, hi, _ int) {
			var in [2][]float32
			for i, n := range s.In {
				in[i] = p.data(n)[lo:hi]
			}
			f(d, s, p.data(s.Out)[lo:hi], in)
		})
	}
}

// function lowers a function of one number, computed in float64: no network has one in every pixel.
func function(f func(float64) float64) lowering {
	return unary(func(_ *Device, _ *autodiff.Step, dst []float32, in [2][]float32) {
		for i, x := range in[0] {
			dst[i] = float32(f(float64(x)))
		}
	})
}

func init() {
	lowerings["add"] = binary(
		func(d *Device, dst, a, b []float32) { d.simd.Add(dst, a, b) },
		func(a, b float32) float32 { return a + b })
	lowerings["sub"] = binary(
		func(d *Device, dst, a, b []float32) { d.simd.Sub(dst, a, b) },
		func(a, b float32) float32 { return a - b })
	lowerings["mul"] = binary(
		func(d *Device, dst, a, b []float32) { d.simd.Mul(dst, a, b) },
		func(a, b float32) float32 { return a * b })
	lowerings["div"] = binary(
		func(_ *Device, dst, a, b []float32) {
			for i, v := range a {
				dst[i] = v / b[i]
			}
		},
		func(a, b float32) float32 { return a / b })

	lowerings["relu"] = unary(func(d *Device, _ *autodiff.Step, dst []float32, in [2][]float32) {
		d.simd.ReLU(dst, in[0])
	})
	lowerings["reluGrad"] = unary(func(d *Device, _ *autodiff.Step, dst []float32, in [2][]float32) {
		d.simd.ReLUGrad(dst, in[0], in[1])
	})
	lowerings["square"] = unary(func(d *Device, _ *autodiff.Step, dst []float32, in [2][]float32) {
		d.simd.Mul(dst, in[0], in[0])
	})
	lowerings["exp"] = function(math.Exp)
	lowerings["log"] = function(math.Log)
	lowerings["sigmoid"] = function(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) })
	lowerings["tanh"] = function(math.Tanh)
	lowerings["linear"] = unary(func(d *Device, s *autodiff.Step, dst []float32, in [2][]float32) {
		a := s.Attr.(autodiff.Linear)
		if a.Offset == 0 {
			d.simd.Scale(dst, in[0], a.Scale)
			return
		}
		for i, v := range in[0] {
			dst[i] = a.Scale*v + a.Offset
		}
	})
	lowerings["fill"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		p := b.program
		c := y.Shape.C
		b.each(y.Shape.Rows(), c, func(lo, hi, _ int) {
			v, dst := p.data(x), p.data(y)[lo*c:hi*c]
			if len(v) == 1 {
				for i := range dst {
					dst[i] = v[0]
				}
				return
			}
			for len(dst) > 0 {
				copy(dst, v)
				dst = dst[c:]
			}
		})
	}
	lowerings["reshape"] = func(*builder, *autodiff.Step) {}       // a view
	lowerings["givenGradient"] = func(*builder, *autodiff.Step) {} // a view
}
