package conformance

import (
	"math"
	"slices"

	"oneiro/autodiff"
)

func init() {
	bin := func(bins int, grid array, c int, x float64) (j, slope float64) {
		m, v := grid.at(0, 0, 0, c), grid.at(0, 0, 1, c)
		d := 1 + math.Abs((x-m)*v)
		return float64(bins) / 2 * (1 + (x-m)*v/d), float64(bins) / 2 * v / (d * d)
	}
	oracle["histogram"] = func(n *autodiff.Node, in []array, out array) {
		a := n.Attr.(autodiff.HistogramAttr)
		in[0].each(func(b, y, x, c int) {
			j, _ := bin(a.Bins, in[1], c, in[0].at(b, y, x, c))
			w := a.Scale * weight(in[2:], b, y, x)
			for k := range a.Bins {
				out.add(b, 0, k, c, w*step(j-float64(k)))
			}
		})
	}
	oracle["histogramGrad"] = func(n *autodiff.Node, in []array, out array) {
		a := n.Attr.(autodiff.HistogramAttr)
		in[0].each(func(b, y, x, c int) {
			j, slope := bin(a.Bins, in[2], c, in[0].at(b, y, x, c))
			w := a.Scale * weight(in[3:], b, y, x) * slope
			for k := range a.Bins {
				out.add(b, y, x, c, w*in[1].at(b, 0, k, c)*max(0, 1-math.Abs(j-float64(k)-0.5)))
			}
		})
	}
	oracle["transport"] = func(n *autodiff.Node, in []array, out array) {
		bins := in[0].W
		for c := range in[0].C {
			borders := []float64{-2 * float64(bins)}
			x, target := []float64{0}, []float64{0}
			for k := range bins { // where j is k + 1/2
				s := (2*float64(k)+1)/float64(bins) - 1
				borders = append(borders, s/(1-math.Abs(s)))
				x = append(x, share(1-in[0].at(0, 0, k, c), x[k]))
				target = append(target, share(1-in[1].at(0, 0, k, c), target[k]))
			}
			borders, x, target = append(borders, 2*float64(bins)), append(x, 1), append(target, 1)
			v := in[2].at(0, 0, 1, c)
			d := transported(borders, x, target, func(bin int, rising, falling float64) {
				if bin < bins {
					out.add(0, 0, bin, c, rising/(v*v))
				}
				if bin > 0 {
					out.add(0, 0, bin-1, c, falling/(v*v))
				}
			})
			out.add(0, 0, bins, c, d/(v*v))
		}
	}
}

// transported returns the squared distance of two distributions, whose functions at the borders of bins are x
// and y. Of each bin it tells the integrals of the derivative of Kantorovich's potential, 2(x-T(x)), times what
// rises from 0 to 1 in the bin, and times what falls.
func transported(borders, x, y []float64, integrals func(bin int, rising, falling float64)) (distance float64) {
	between := func(a, b, t float64) float64 { return a + (b-a)*t }
	for bin := range len(x) - 1 {
		cuts := []float64{x[bin], x[bin+1]}
		for _, u := range y {
			if x[bin] < u && u < x[bin+1] {
				cuts = append(cuts, u)
			}
		}
		slices.Sort(cuts)
		left, right := borders[bin], borders[bin+1]
		var rising, falling float64
		if x[bin+1]-x[bin] < leastShare {
			lo, hi := quantilesAround(borders, y, x[bin])
			d := func(at float64) float64 { return at - min(max(at, lo), hi) }
			d0, d1, width := d(left), d(right), right-left // and linear between
			integrals(bin, width*(d0+2*d1)/3, width*(2*d0+d1)/3)
			continue
		}
		for i := range len(cuts) - 1 {
			u0, u1 := cuts[i], cuts[i+1]
			place0 := between(left, right, (u0-x[bin])/(x[bin+1]-x[bin]))
			place1 := between(left, right, (u1-x[bin])/(x[bin+1]-x[bin]))
			to := 0 // the target's bin for the piece
			for to+2 < len(y) && y[to+1] < (u0+u1)/2 {
				to++
			}
			target := func(u float64) float64 {
				return between(borders[to], borders[to+1], (u-y[to])/(y[to+1]-y[to]))
			}
			const steps = 3 // Simpson's rule is exact for what is cubic
			for s := range steps {
				weight := [steps]float64{1. / 6, 4. / 6, 1. / 6}[s]
				at := between(place0, place1, float64(s)/2)
				d := at - target(between(u0, u1, float64(s)/2))
				distance += weight * (u1 - u0) * d * d
				t, dx := (at-left)/(right-left), place1-place0
				rising += weight * dx * 2 * d * t
				falling += weight * dx * 2 * d * (1 - t)
			}
		}
		integrals(bin, rising, falling)
	}
	return distance
}

// step rises from 0 at -1/2 to 1 at 3/2; its slope is a triangle.
func step(t float64) float64 {
	switch {
	case t <= -0.5:
		return 0
	case t <= 0.5:
		return (t + 0.5) * (t + 0.5) / 2
	case t <= 1.5:
		return 1 - (1.5-t)*(1.5-t)/2
	}
	return 1
}

// leastShare is the share below which there is nothing.
const leastShare = 1e-6

// share returns a share that is not less than the one before.
func share(u, before float64) float64 {
	switch {
	case u < leastShare:
		return before
	case u > 1-leastShare:
		return 1
	}
	return max(u, before)
}

// quantilesAround returns the quantiles of a distribution just below and above u, which differ where no
// numbers lie between; at the ends, the least or the largest number.
func quantilesAround(borders, y []float64, u float64) (lo, hi float64) {
	last := 0 // bin that is not empty and begins below u
	for b := range len(y) - 1 {
		if y[b+1] > y[b] && (y[b] < u || y[b] == 0) {
			last = b
		}
	}
	lo = borders[last] + (borders[last+1]-borders[last])*min((u-y[last])/(y[last+1]-y[last]), 1)
	hi = lo
	if y[last+1]-u < leastShare && u < 1-leastShare {
		for b := last + 1; b < len(y)-1; b++ {
			if y[b+1]-u >= leastShare {
				return lo, borders[b]
			}
		}
	}
	return lo, hi
}
