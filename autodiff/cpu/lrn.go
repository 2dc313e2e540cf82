package cpu

import (
	"math"

	"oneiro/autodiff"
)

// power returns s^-beta; the betas of published networks need no more than square roots.
func power(beta float64) func(s float32) float32 {
	switch beta {
	case 0.75:
		return func(s float32) float32 {
			r := sqrt32(s)
			return 1 / (r * sqrt32(r))
		}
	case 0.5:
		return func(s float32) float32 { return 1 / sqrt32(s) }
	}
	return func(s float32) float32 { return float32(math.Pow(float64(s), -beta)) }
}

// windowSums sets dst[i] to the sum of the size elements of src centred on i, fewer at the ends. For
// an even size the window has one element more before i than after it.
func windowSums(dst, src []float32, size int) {
	before := size / 2
	after := size - 1 - before
	for i := range dst {
		var sum float32
		for _, v := range src[max(i-before, 0):min(i+after+1, len(src))] {
			sum += v
		}
		dst[i] = sum
	}
}

func init() {
	kernels["lrn"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.LRNAttr)
		x, y := s.In[0], s.Node
		p, d := b.program, b.dev
		c, pow := x.Shape.C, power(a.Beta)
		alpha, k := float32(a.Alpha/float64(a.Size)), float32(a.K)
		b.needScratch(2 * c)
		b.each(x.Shape.Rows(), 8*c, func(lo, hi, worker int) {
			squares, sums := p.scratch[worker][:c], p.scratch[worker][c:2*c]
			for r := lo; r < hi; r++ {
				src, dst := p.data(x)[r*c:][:c], p.data(y)[r*c:][:c]
				d.simd.Mul(squares, src, src)
				windowSums(sums, squares, a.Size)
				for i, v := range src {
					dst[i] = v * pow(k+alpha*sums[i])
				}
			}
		})
	}
	// With s the normaliser, dx = dy·s^-beta - 2·alpha/n·beta·x·Σ dy·x·s^(-beta-1), the sum running
	// over the channels whose window x is in.
	kernels["lrnGrad"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.LRNAttr)
		dy, x, dx := s.In[0], s.In[1], s.Node
		p, d := b.program, b.dev
		c, pow := x.Shape.C, power(a.Beta)
		alpha, k := float32(a.Alpha/float64(a.Size)), float32(a.K)
		factor := float32(2 * a.Alpha / float64(a.Size) * a.Beta)
		b.needScratch(3 * c)
		b.each(x.Shape.Rows(), 16*c, func(lo, hi, worker int) {
			w := p.scratch[worker]
			t, sums, scale := w[:c], w[c:2*c], w[2*c:3*c]
			for r := lo; r < hi; r++ {
				src, g, dst := p.data(x)[r*c:][:c], p.data(dy)[r*c:][:c], p.data(dx)[r*c:][:c]
				d.simd.Mul(t, src, src)
				windowSums(sums, t, a.Size)
				for i, v := range src {
					norm := k + alpha*sums[i]
					scale[i] = pow(norm)
					t[i] = g[i] * v * scale[i] / norm
				}
				mirrorSums(sums, t, a.Size)
				for i, v := range src {
					dst[i] = g[i]*scale[i] - factor*v*sums[i]
				}
			}
		})
	}
}

// mirrorSums is the transpose of windowSums.
func mirrorSums(dst, src []float32, size int) {
	after := size / 2
	before := size - 1 - after
	for i := range dst {
		var sum float32
		for _, v := range src[max(i-before, 0):min(i+after+1, len(src))] {
			sum += v
		}
		dst[i] = sum
	}
}
