package judge

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// grid is the number of places, across and down, whose features are compared with one another.
const grid = 32

// features are those of a layer, h x w x c.
type features struct {
	h, w, c int
	values  []float32
}

// nearby is the distance between places, in steps of the grid, up to which they look alike in any picture.
const nearby = 3

// similarity is how much pairs of places look like each other: the cosines of their features about the
// mean, for all pairs that are further apart than nearby.
type similarity []float64

// similarity compares the features at grid x grid places that are spread evenly over the picture. Between
// positions of the layer they are interpolated.
func (f *features) similarity() similarity {
	const n = grid * grid
	x := mat.NewDense(n, f.c, nil)
	mean := make([]float64, f.c)
	for gy := range grid {
		y0, y1, fy := between(gy, f.h)
		for gx := range grid {
			x0, x1, fx := between(gx, f.w)
			row := x.RawRowView(gy*grid + gx)
			for k := range row {
				value := func(y, x int) float64 { return float64(f.values[(y*f.w+x)*f.c+k]) }
				row[k] = (1-fy)*((1-fx)*value(y0, x0)+fx*value(y0, x1)) +
					fy*((1-fx)*value(y1, x0)+fx*value(y1, x1))
				mean[k] += row[k] / n
			}
		}
	}
	for i := range n {
		row := x.RawRowView(i)
		floats.Sub(row, mean)
		if size := floats.Norm(row, 2); size > 0 {
			floats.Scale(1/size, row)
		}
	}
	var cosines mat.SymDense
	cosines.SymOuterK(1, x)
	s := make(similarity, 0, n*n/2)
	for i := range n {
		for k := range i {
			if max(i/grid-k/grid, i%grid-k%grid, k%grid-i%grid) > nearby {
				s = append(s, cosines.At(i, k))
			}
		}
	}
	return s
}

// between returns the two of n positions that place i of the grid lies between, and how far it is from
// the first to the second.
func between(i, n int) (first, second int, part float64) {
	at := (float64(i)+0.5)/grid*float64(n) - 0.5
	at = math.Min(math.Max(at, 0), float64(n-1))
	first = int(at)
	return first, min(first+1, n-1), at - float64(first)
}

// contentDistance returns, in the mean over layers, 1 minus the correlation of the similarities of all
// pairs of places: 0 if the same places look alike, 1 if there is no relation (after Kolkin et al.,
// STROTSS, 2019, section 3.2, who take differences).
func contentDistance(own []*features, target []similarity) float64 {
	var sum float64
	for i, f := range own {
		sum += 1 - correlation(f.similarity(), target[i])
	}
	return sum / float64(len(own))
}

// correlation returns Pearson's correlation, 0 if one of the two does not vary.
func correlation(a, b []float64) float64 {
	var meanA, meanB float64
	for i := range a {
		meanA += a[i] / float64(len(a))
		meanB += b[i] / float64(len(a))
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-meanA, b[i]-meanB
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
