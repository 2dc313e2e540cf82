package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

// binOf returns where a number lies among the bins, from 0 to their number, and how fast that changes with it.
func binOf(x, m, v, half float32) (j, slope float32) {
	z := (x - m) * v
	d := 1 + max(z, -z)
	return half * (1 + z/d), half * v / (d * d)
}

// splitBin returns the bin, and how far in it a number lies, from 0 to 1. NaN counts as being in the first.
func splitBin(j float32, bins int) (k int, part float32) {
	k = int(j)
	if k >= bins || k < 0 || j != j {
		k = min(max(k, 0), bins-1)
	}
	return k, j - float32(k)
}

// histogramRows is how many positions a piece of a histogram has at least.
const histogramRows = 1024

// histogram lets each number share its weight out to the two borders of its bin, in float64, and adds up what
// lies at and above each border.
func histogram(b *builder, s *autodiff.Step) {
	x, y, a := s.In[0], s.Out, s.Attr.(autodiff.HistogramAttr)
	p, c, half := b.program, x.Shape.C, float32(a.Bins)/2
	rows, n := x.Shape.H*x.Shape.W, (a.Bins+1)*c
	pieces := min(max(rows/histogramRows, 1), rowPieces)
	b.needPartial(pieces * n)
	for image := range x.Shape.N {
		b.stage(pieces, func(piece, _ int) {
			lo, hi := parallel.Split(rows, pieces, piece)
			sums := p.partial[piece*n:][:n]
			clear(sums)
			grid := p.data(s.In[1])
			m, v := grid[:c], grid[c:2*c]
			var weights []float32
			if len(s.In) > 2 {
				weights = p.data(s.In[2])[image*rows:]
			}
			all := p.data(x)[image*rows*c:]
			for r := lo; r < hi; r++ {
				w := float64(weight(weights, r))
				if w == 0 {
					continue
				}
				for i, f := range all[r*c:][:c] {
					j, _ := binOf(f, m[i], v[i], half)
					k, part := splitBin(j, a.Bins)
					up := w * float64(part)
					sums[k*c+i] += w - up
					sums[(k+1)*c+i] += up
				}
			}
		})
		b.each(c, a.Bins*pieces, func(lo, hi, _ int) {
			to := p.data(y)[image*a.Bins*c:]
			for i := lo; i < hi; i++ {
				var above float64
				for k := a.Bins - 1; k >= 0; k-- {
					for q := range pieces {
						above += p.partial[q*n+(k+1)*c+i]
					}
					to[k*c+i] = float32(a.Scale * above)
				}
			}
		})
	}
}

func histogramGrad(b *builder, s *autodiff.Step) {
	x, y, a := s.In[0], s.Out, s.Attr.(autodiff.HistogramAttr)
	p, c, half, scale := b.program, x.Shape.C, float32(a.Bins)/2, float32(a.Scale)
	rows := x.Shape.H * x.Shape.W
	b.each(x.Shape.Rows(), c, func(lo, hi, _ int) {
		grid := p.data(s.In[2])
		m, v := grid[:c], grid[c:2*c]
		var weights []float32
		if len(s.In) > 3 {
			weights = p.data(s.In[3])
		}
		for r := lo; r < hi; r++ {
			w := scale * weight(weights, r)
			dy := p.data(s.In[1])[r/rows*a.Bins*c:]
			from, to := p.data(x)[r*c:][:c], p.data(y)[r*c:][:c]
			for i, f := range from {
				j, slope := binOf(f, m[i], v[i], half)
				k, _ := splitBin(j, a.Bins)
				to[i] = w * dy[k*c+i] * slope
			}
		}
	})
}

func transport(b *builder, s *autodiff.Step) {
	x, y := s.In[0].Shape, s.Out
	p, bins, c := b.program, x.W, x.C
	b.each(c, 8*bins, func(lo, hi, _ int) {
		from, target, v, to := p.data(s.In[0]), p.data(s.In[1]), p.data(s.In[2])[c:], p.data(y)
		for i := lo; i < hi; i++ {
			t := transportOf{from[i:], target[i:], bins, c}
			perSquare := 1 / (float64(v[i]) * float64(v[i]))
			d := t.run(func(k int, slope float64) { to[k*c+i] = float32(slope * perSquare) })
			to[bins*c+i] = float32(d * perSquare)
		}
	})
}

// transportOf compares two distributions, numbers that lie stride apart, in units of the grid.
type transportOf struct {
	x, target    []float32
	bins, stride int
}

// border returns where bin b begins, b running from 0 to bins+1. The numbers of a distribution belong to the
// borders between; beyond the outer ones there is next to nothing.
func (t *transportOf) border(b int) float64 {
	switch b {
	case 0:
		return float64(-2 * t.bins)
	case t.bins + 1:
		return float64(2 * t.bins)
	}
	s := float64(2*b-1)/float64(t.bins) - 1
	return s / (1 - max(s, -s))
}

// below returns the share of what lies below a border, which is not less than at the one before.
func (t *transportOf) below(of []float32, b int, before float64) float64 {
	switch b {
	case 0:
		return 0
	case t.bins + 1:
		return 1
	}
	return max(before, min(1-float64(of[(b-1)*t.stride]), 1))
}

// run returns the squared distance, and sets its slope with respect to each number of x. A bin of x maps to an
// interval of the target's: piece by piece, each within one bin of the target.
func (t *transportOf) run(set func(k int, slope float64)) (distance float64) {
	b, y0, y1 := 0, t.border(0), t.border(1) // bin of the target
	u0, u1 := 0.0, t.below(t.target, 1, 0)
	at := func(u float64) float64 { // in bin b
		if u1 <= u0 {
			return y0
		}
		return y0 + (y1-y0)*min(max((u-u0)/(u1-u0), 0), 1)
	}
	u, left := 0.0, t.border(0)
	var before float64
	for i := range t.bins + 1 {
		right, end := t.border(i+1), t.below(t.x, i+1, u)
		width, first, mass := right-left, u, end-u
		var rising, falling float64 // integrals of 2(x-T(x)), weighted
		for x := left; ; {
			for u1 <= u && b < t.bins && end > u {
				b, u0, y0 = b+1, u1, y1
				y1, u1 = t.border(b+1), t.below(t.target, b+1, u0)
			}
			to, next := end, right
			if mass > 0 && u1 < end && b < t.bins {
				to = u1
				next = left + width*(to-first)/mass
			}
			d0, d1 := x-at(u), next-at(to)
			if mass > 0 {
				distance += (to - u) * (d0*d0 + d0*d1 + d1*d1) / 3
			}
			w0, w1, dx := (x-left)/width, (next-left)/width, (next-x)/3
			rising += dx * (w0*(2*d0+d1) + w1*(d0+2*d1))
			falling += dx * ((1-w0)*(2*d0+d1) + (1-w1)*(d0+2*d1))
			if x, u = next, to; !(u < end) { // NaN, too
				break
			}
		}
		if i > 0 {
			set(i-1, before+falling)
		}
		left, before = right, rising
	}
	return distance
}

func init() {
	lowerings["histogram"] = histogram
	lowerings["histogramGrad"] = histogramGrad
	lowerings["transport"] = transport
}
