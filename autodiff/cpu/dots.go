package cpu

import "oneiro/autodiff"

func init() {
	lowerings["dots"] = dots
	lowerings["dotsGrad"] = dotsGrad
}

// dots computes y (N,H,W,2), given x and t (N,H,W,C).
func dots(b *builder, s *autodiff.Step) {
	x, t, y := s.In[0], s.In[1], s.Out
	p, d, c := b.program, b.dev, x.Shape.C
	b.each(x.Shape.Rows(), c, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			v := p.data(x)[r*c:][:c]
			p.data(y)[2*r] = float32(d.simd.Dot(v, p.data(t)[r*c:][:c]))
			p.data(y)[2*r+1] = float32(d.simd.Dot(v, v))
		}
	})
}

// dotsGrad computes dx (N,H,W,C), given dy (N,H,W,2), x and t (N,H,W,C).
func dotsGrad(b *builder, s *autodiff.Step) {
	dy, x, t, dx := s.In[0], s.In[1], s.In[2], s.Out
	p, d, c := b.program, b.dev, x.Shape.C
	b.each(x.Shape.Rows(), c, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			dst, g := p.data(dx)[r*c:][:c], p.data(dy)[2*r:][:2]
			d.simd.Scale(dst, p.data(t)[r*c:][:c], g[0])
			d.simd.Axpy(dst, p.data(x)[r*c:][:c], 2*g[1])
		}
	})
}
