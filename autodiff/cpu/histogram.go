package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

// binOf returns the whole number that is nearest to where x lies among the bins, how far x lies above it,
// from -1/2 to 1/2, and how fast that changes with x. half is half the number of bins; NaN lies at 0.
func binOf(x, m, v float32, half float32) (n int, above, slope float32) {
	z := (x - m) * v
	d := 1 + max(z, -z)
	t := half * (z / d) // from the middle, where there are more digits
	n = int(t + half + 0.5)
	if n < 0 || n > int(2*half) || t != t {
		n = min(max(n, 0), int(2*half))
	}
	return n, t - (float32(n) - half), half * v / (d * d)
}

// histogramRows is how many positions a piece of a histogram has at least.
const histogramRows = 1024

// histogram lets each number share its weight out to the three whole numbers that are nearest to it, in
// float64, and adds up what lies above each row. What lies below the first or above the last counts as lying
// there.
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
					n, d, _ := binOf(f, m[i], v[i], half)
					down, up := w*float64((0.5-d)*(0.5-d)/2), w*float64((0.5+d)*(0.5+d)/2)
					sums[n*c+i] += w - down - up
					sums[max(n-1, 0)*c+i] += down
					sums[min(n+1, a.Bins)*c+i] += up
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
				n, d, slope := binOf(f, m[i], v[i], half) // between rows n-1 and n
				var sum float32
				if n > 0 {
					sum = (0.5 - d) * dy[(n-1)*c+i]
				}
				if n < a.Bins {
					sum += (0.5 + d) * dy[n*c+i]
				}
				to[i] = w * sum * slope
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

// leastShare is the share below which there is nothing.
const leastShare = 1e-6

// below returns the share of what lies below a border, which is not less than at the one before.
func (t *transportOf) below(of []float32, b int, before float64) float64 {
	switch b {
	case 0:
		return 0
	case t.bins + 1:
		return 1
	}
	switch u := 1 - float64(of[(b-1)*t.stride]); {
	case u < leastShare:
		return before
	case u > 1-leastShare:
		return 1
	default:
		return max(before, u)
	}
}

// run returns the squared distance, and sets its slope with respect to each number of x. A bin of x maps to an
// interval of the target's: piece by piece, each within one bin of the target.
func (t *transportOf) run(set func(k int, slope float64)) (distance float64) {
	b := t.first()
	u, left := 0.0, t.border(0)
	var before float64
	for i := range t.bins + 1 {
		right, end := t.border(i+1), t.below(t.x, i+1, u)
		from, first, mass := left, u, end-u
		var rising, falling float64 // integrals of 2(x-T(x)), weighted
		add := func(to, d0, d1 float64) {
			w0, w1, dx := (from-left)/(right-left), (to-left)/(right-left), (to-from)/3
			rising += dx * (w0*(2*d0+d1) + w1*(d0+2*d1))
			falling += dx * ((1-w0)*(2*d0+d1) + (1-w1)*(d0+2*d1))
			from = to
		}
		if mass < leastShare {
			lo := b.at(u)
			hi := lo
			if b.u1-u < leastShare && u < 1-leastShare {
				next := b
				for next.u1-u < leastShare && next.n < t.bins {
					t.next(&next)
				}
				hi = next.y0
			}
			add(right, left-min(max(left, lo), hi), right-min(max(right, lo), hi))
		} else {
			for u < end {
				for b.u1 <= u && b.n < t.bins {
					t.next(&b)
				}
				to, end := right, end
				if b.u1 < end && b.n < t.bins {
					to, end = left+(right-left)*(b.u1-first)/mass, b.u1
				}
				d0, d1 := from-b.at(u), to-b.at(end)
				distance += (end - u) * (d0*d0 + d0*d1 + d1*d1) / 3
				add(to, d0, d1)
				u = end
			}
		}
		if i > 0 {
			set(i-1, before+falling)
		}
		u, left, before = end, right, rising
	}
	return distance
}

// targetBin is bin n of the target: shares u0 to u1, which are spread between y0 and y1.
type targetBin struct {
	n              int
	u0, u1, y0, y1 float64
}

func (b *targetBin) at(u float64) float64 {
	if b.u1 <= b.u0 {
		return b.y0
	}
	return b.y0 + (b.y1-b.y0)*min(max((u-b.u0)/(b.u1-b.u0), 0), 1)
}

// next goes on to the next bin.
func (t *transportOf) next(b *targetBin) {
	b.n, b.u0, b.y0 = b.n+1, b.u1, b.y1
	b.y1, b.u1 = t.border(b.n+1), t.below(t.target, b.n+1, b.u0)
}

// first returns the first bin of the target that is not empty.
func (t *transportOf) first() targetBin {
	b := targetBin{0, 0, t.below(t.target, 1, 0), t.border(0), t.border(1)}
	for b.u1 <= 0 && b.n < t.bins {
		t.next(&b)
	}
	return b
}

func init() {
	lowerings["histogram"] = histogram
	lowerings["histogramGrad"] = histogramGrad
	lowerings["transport"] = transport
}
