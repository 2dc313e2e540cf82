package cpu

import (
	"math"

	"oneiro/autodiff"
)

func init() {
	lowerings["moments"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		p, c, rows := b.program, x.Shape.C, x.Shape.Rows()
		b.rowSums(rows, 2*c, func(lo, hi int, sum []float64) {
			all, mean, square := p.data(x), sum[:c], sum[c:]
			for r := lo; r < hi; r++ {
				for i, v := range all[r*c:][:c] {
					mean[i] += float64(v)
					square[i] += float64(v) * float64(v)
				}
			}
		}, func(total []float64) {
			out := p.data(y)
			for i := range c {
				mean := total[i] / float64(rows)
				out[i], out[c+i] = float32(mean), float32(max(total[c+i]/float64(rows)-mean*mean, 0))
			}
		})
	}
	lowerings["batchNorm"] = func(b *builder, s *autodiff.Step) {
		x, moments, y := s.In[0], s.In[1], s.Out
		p, c, epsilon := b.program, x.Shape.C, s.Attr.(float64)
		factors := b.needSpare(c)
		b.stage(1, func(_, _ int) { inverse(factors(), p.data(moments)[c:], epsilon) })
		b.each(x.Shape.Rows(), 2*c, func(lo, hi, _ int) {
			mean, factor := p.data(moments)[:c], factors()[:c]
			from, to := p.data(x), p.data(y)
			for r := lo; r < hi; r++ {
				dst := to[r*c:][:c]
				for i, v := range from[r*c:][:c] {
					dst[i] = (v - mean[i]) * factor[i]
				}
			}
		})
	}
	lowerings["batchNormGrad"] = func(b *builder, s *autodiff.Step) {
		dy, y, moments, dx := s.In[0], s.In[1], s.In[2], s.Out
		p, c, rows, epsilon := b.program, y.Shape.C, y.Shape.Rows(), s.Attr.(float64)
		spare := b.needSpare(3 * c)
		b.rowSums(rows, 2*c, func(lo, hi int, sum []float64) {
			sums, products := sum[:c], sum[c:]
			grads, values := p.data(dy), p.data(y)
			for r := lo; r < hi; r++ {
				v := values[r*c:][:c]
				for i, g := range grads[r*c:][:c] {
					sums[i] += float64(g)
					products[i] += float64(g) * float64(v[i])
				}
			}
		}, func(total []float64) {
			for i, v := range total {
				spare()[i] = float32(v / float64(rows))
			}
			inverse(spare()[2*c:], p.data(moments)[c:], epsilon)
		})
		b.each(rows, 4*c, func(lo, hi, _ int) {
			sums, products, factor := spare()[:c], spare()[c:][:c], spare()[2*c:][:c]
			grads, values, to := p.data(dy), p.data(y), p.data(dx)
			for r := lo; r < hi; r++ {
				v, dst := values[r*c:][:c], to[r*c:][:c]
				for i, g := range grads[r*c:][:c] {
					dst[i] = (g - sums[i] - v[i]*products[i]) * factor[i]
				}
			}
		})
	}
}

// inverse writes 1/√(variance + epsilon) to dst.
func inverse(dst, variance []float32, epsilon float64) {
	for i, v := range variance {
		dst[i] = float32(1 / math.Sqrt(float64(v)+epsilon))
	}
}
