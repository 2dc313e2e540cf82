package conformance

import (
	"math"
	"math/rand/v2"

	. "oneiro/autodiff"
)

func histogramCases() []Case {
	var list []Case
	for _, s := range []struct {
		x    Shape
		bins int
	}{
		{shape(1, 1, 1, 1), 1},
		{shape(1, 4, 5, 3), 8},
		{shape(2, 5, 7, 33), 16},
		{shape(1, 70, 45, 20), 32}, // several pieces
		{shape(1, 1, 2, 70), 7},    // as many positions as a grid has rows
		{shape(1, 9, 8, 5), MaxBins},
	} {
		name, a := s.x.String(), HistogramAttr{Bins: s.bins, Scale: 1 / float64(s.x.H*s.x.W)}
		add := func(kind string, build func(b *builder) *Node) {
			list = append(list, one("histogram", name+kind, build), gradOf("histogramGrad", name+kind, 0, build))
		}
		grid := func(b *builder) *Node { return b.fixed(Matrix(2, s.x.C), someGrid(s.bins)) }
		features := func(b *builder) *Node { return b.inputOf(s.x, insideBins(s.bins)) }
		add("", func(b *builder) *Node { return Histogram(features(b), grid(b), nil, a) })
		add(", weighted", func(b *builder) *Node {
			return Histogram(features(b), grid(b), b.fixed(shape(s.x.N, s.x.H, s.x.W, 1), someWeights), a)
		})
		d := Matrix(s.bins, s.x.C)
		list = append(list,
			one("transport", name, func(b *builder) *Node {
				return Transport(b.fixed(d, fallingNumbers), b.fixed(d, fallingNumbers), grid(b))
			}),
			one("transport", name+", empty bins", func(b *builder) *Node {
				return Transport(b.fixed(d, inSteps(fallingNumbers)), b.fixed(d, fallingNumbers), grid(b))
			}),
			one("transport", name+", both in halves", func(b *builder) *Node {
				return Transport(b.fixed(d, inHalves), b.fixed(d, inHalves), grid(b))
			}))
	}
	return list
}

// someGrid is the same every time. With many bins they are wide, so that differences tell slopes.
func someGrid(bins int) generator {
	return func(_ *rand.Rand, s Shape) []float32 {
		return fill(s, func(i int) float64 {
			if i < s.C {
				return float64(i%3) / 4
			}
			return (1 + float64(i%2)/2) * min(1, 8/float64(bins))
		})
	}
}

// insideBins are numbers of which none lies half-way between two rows of a histogram with someGrid, where its
// slope has a corner. Of many bins they lie in the middle: farther out float32 has fewer digits.
func insideBins(bins int) generator {
	return func(r *rand.Rand, s Shape) []float32 {
		grid := someGrid(bins)(nil, Matrix(2, s.C))
		first, last := 1, bins-1
		if bins > 32 {
			first, last = bins/2-3, bins/2+3
		}
		return fill(s, func(i int) float64 {
			j := float64(first) - 0.4 + 0.8*r.Float64()
			if last > first {
				j += float64(r.IntN(last - first + 1))
			}
			if bins == 1 {
				j = 0.1 + 0.3*r.Float64()
			}
			z := 2*j/float64(bins) - 1
			c := i % s.C
			return float64(grid[c]) + z/(1-math.Abs(z))/float64(grid[s.C+c])
		})
	}
}

// fallingNumbers fall from row to row, from below 1 to above 0.
func fallingNumbers(r *rand.Rand, s Shape) []float32 {
	out := make([]float32, s.Len())
	for c := range s.C {
		steps := make([]float64, s.Rows()+1)
		var sum float64
		for i := range steps {
			z := 4*float64(i)/float64(len(steps)) - 2
			steps[i] = (0.05 + r.Float64()) * math.Exp(-z*z)
			sum += steps[i]
		}
		above := 1.0
		for k := range s.Rows() {
			above -= steps[k] / sum
			out[k*s.C+c] = float32(above)
		}
	}
	return out
}

// inSteps gives each second row, and each in the lower half, the numbers of the one before.
func inSteps(g generator) generator {
	return func(r *rand.Rand, s Shape) []float32 {
		out := g(r, s)
		for k := 1; k < s.Rows(); k++ {
			if k%2 == 1 || k > s.Rows()/2 {
				copy(out[k*s.C:][:s.C], out[(k-1)*s.C:])
			}
		}
		return out
	}
}

// inHalves are distributions of which one half lies near the beginning and one near the end, with nothing
// between.
func inHalves(r *rand.Rand, s Shape) []float32 {
	out := make([]float32, s.Len())
	for c := range s.C {
		first, last := r.IntN(s.Rows()/4+1), s.Rows()-1-r.IntN(s.Rows()/4+1)
		for k := range s.Rows() {
			switch {
			case k < first:
				out[k*s.C+c] = 1
			case k < last:
				out[k*s.C+c] = 0.5
			}
		}
	}
	return out
}
