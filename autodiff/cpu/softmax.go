package cpu

import (
	"math"
	"slices"

	"oneiro/autodiff"
)

// softmax writes exp(x)/Σexp(x) to dst.
func softmax(dst, x []float32) {
	top := float64(slices.Max(x))
	var sum float64
	for i, v := range x {
		e := math.Exp(float64(v) - top)
		dst[i] = float32(e)
		sum += e
	}
	for i := range dst {
		dst[i] = float32(float64(dst[i]) / sum)
	}
}

func init() {
	lowerings["softmax"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		p, c := b.program, x.Shape.C
		b.each(x.Shape.Rows(), 8*c, func(lo, hi, _ int) {
			for r := lo; r < hi; r++ {
				softmax(p.data(y)[r*c:][:c], p.data(x)[r*c:][:c])
			}
		})
	}
	lowerings["softmaxGrad"] = func(b *builder, s *autodiff.Step) {
		dy, y, dx := s.In[0], s.In[1], s.Out
		p, d, c := b.program, b.dev, y.Shape.C
		b.each(y.Shape.Rows(), c, func(lo, hi, _ int) {
			for r := lo; r < hi; r++ {
				g, v, dst := p.data(dy)[r*c:][:c], p.data(y)[r*c:][:c], p.data(dx)[r*c:][:c]
				mean := float32(d.simd.Dot(g, v))
				for i := range dst {
					dst[i] = v[i] * (g[i] - mean)
				}
			}
		})
	}
	lowerings["crossEntropy"] = func(b *builder, s *autodiff.Step) {
		x, labels, y := s.In[0], s.In[1], s.Out
		p, c, rows := b.program, x.Shape.C, x.Shape.Rows()
		smoothing := s.Out.Attr.(float64)
		b.reduce(rows, 8*c, func(lo, hi int) float64 {
			var sum float64
			for r := lo; r < hi; r++ {
				logits := p.data(x)[r*c:][:c]
				top := float64(slices.Max(logits))
				var total, mean float64
				for _, v := range logits {
					total += math.Exp(float64(v) - top)
					mean += float64(v) / float64(c)
				}
				aim := (1-smoothing)*float64(logits[int(p.data(labels)[r])]) + smoothing*mean
				sum += top + math.Log(total) - aim
			}
			return sum
		}, func(total float64) { p.data(y)[0] = float32(total / float64(rows)) })
	}
	lowerings["crossEntropyGrad"] = func(b *builder, s *autodiff.Step) {
		dy, x, labels, dx := s.In[0], s.In[1], s.In[2], s.Out
		p, d, c, rows := b.program, b.dev, x.Shape.C, x.Shape.Rows()
		smoothing := s.Out.Attr.(float64)
		b.each(rows, 8*c, func(lo, hi, _ int) {
			scale := p.data(dy)[0] / float32(rows)
			each := float32(smoothing / float64(c))
			for r := lo; r < hi; r++ {
				dst := p.data(dx)[r*c:][:c]
				softmax(dst, p.data(x)[r*c:][:c])
				for i := range dst {
					dst[i] -= each
				}
				dst[int(p.data(labels)[r])] -= float32(1 - smoothing)
				d.simd.Scale(dst, dst, scale)
			}
		})
	}
}
