package cpu

import (
	"math"

	"oneiro/autodiff"
)

// lrnFloats is how many numbers, whole pixels, are normalised at a time: enough for long vectors, few
// enough for the first-level cache.
const lrnFloats = 2048

// lrnScale sets scale to n^-beta and slope, unless it is nil, to n^(-beta-1), n being k + alpha·sums.
func (d *Device) lrnScale(scale, slope, sums []float32, alpha, beta, k float32) {
	if beta == 0.75 { // that of the published networks
		d.simd.LRN(scale, slope, sums, alpha, k)
		return
	}
	for i, s := range sums {
		n := k + alpha*s
		v := float32(math.Pow(float64(n), -float64(beta)))
		scale[i] = v
		if slope != nil {
			slope[i] = v / n
		}
	}
}

// windowSums sets each number of dst to the sum of the src's of before channels before it, its own
// and after after it, as far as the pixel has them. Both hold pixels of c channels.
func (d *Device) windowSums(dst, src []float32, c, before, after int) {
	n := len(src)
	copy(dst, src)
	for i := 1; i <= before && i < n; i++ {
		d.simd.Axpy(dst[i:], src[:n-i], 1)
	}
	for i := 1; i <= after && i < n; i++ {
		d.simd.Axpy(dst[:n-i], src[i:], 1)
	}
	// near the first and last channels the windows have reached into the neighbouring pixels
	for at := 0; at < n; at += c {
		pixel := src[at:][:c]
		for ch := range min(before, c) {
			dst[at+ch] = sum(pixel[:min(ch+after+1, c)])
		}
		for ch := max(c-after, min(before, c)); ch < c; ch++ {
			dst[at+ch] = sum(pixel[max(ch-before, 0):])
		}
	}
}

func sum(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += v
	}
	return s
}

func init() {
	lowerings["lrn"] = lrn
	lowerings["lrnGrad"] = lrnGrad
}

// eachPixels adds a stage that visits the pixels of x in blocks of about lrnFloats numbers.
func (b *builder) eachPixels(x *autodiff.Node, work int, run func(lo, hi, worker int)) {
	c := x.Shape.C
	block := max(lrnFloats/c, 1)
	b.each(x.Shape.Rows(), work*c, func(lo, hi, worker int) {
		for r := lo; r < hi; r += block {
			run(r*c, min(r+block, hi)*c, worker)
		}
	})
}

func lrn(b *builder, s *autodiff.Step) {
	a := s.Attr.(autodiff.LRNAttr)
	x, y := s.In[0], s.Out
	p, d, c := b.program, b.dev, x.Shape.C
	alpha, before := float32(a.Alpha/float64(a.Size)), a.Size/2
	size := max(lrnFloats, c)
	b.needScratch(2 * size)
	b.eachPixels(x, 4, func(lo, hi, worker int) {
		w := p.scratch[worker]
		t, sums := w[:hi-lo], w[size:][:hi-lo]
		src, dst := p.data(x)[lo:hi], p.data(y)[lo:hi]
		d.simd.Mul(t, src, src)
		d.windowSums(sums, t, c, before, a.Size-1-before)
		d.lrnScale(sums, nil, sums, alpha, float32(a.Beta), float32(a.K))
		d.simd.Mul(dst, src, sums)
	})
}

// lrnGrad computes, n being the normaliser, dx = dy·n^-beta - 2·alpha/size·beta·x·Σ dy·x·n^(-beta-1),
// the sum running over the channels in whose window x is.
func lrnGrad(b *builder, s *autodiff.Step) {
	a := s.Attr.(autodiff.LRNAttr)
	dy, x, dx := s.In[0], s.In[1], s.Out
	p, d, c := b.program, b.dev, x.Shape.C
	alpha, before := float32(a.Alpha/float64(a.Size)), a.Size/2
	after := a.Size - 1 - before
	factor := float32(2 * a.Alpha / float64(a.Size) * a.Beta)
	size := max(lrnFloats, c)
	b.needScratch(3 * size)
	b.eachPixels(x, 8, func(lo, hi, worker int) {
		w := p.scratch[worker]
		t, sums, slope := w[:hi-lo], w[size:][:hi-lo], w[2*size:][:hi-lo]
		src, g, dst := p.data(x)[lo:hi], p.data(dy)[lo:hi], p.data(dx)[lo:hi]
		d.simd.Mul(t, src, src)
		d.windowSums(sums, t, c, before, after)
		d.lrnScale(sums, slope, sums, alpha, float32(a.Beta), float32(a.K))
		d.simd.Mul(slope, slope, src)
		d.simd.Mul(slope, slope, g)
		d.windowSums(t, slope, c, after, before) // the transpose of the windows
		d.simd.Mul(dst, g, sums)
		d.simd.Mul(t, t, src)
		d.simd.Axpy(dst, t, -factor)
	})
}
