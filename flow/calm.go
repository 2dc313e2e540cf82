package flow

import "oneiro/internal/parallel"

const (
	// calmEnergy is the mean square of the gradient of luma above which a place counts as one with structure: an
	// eighth of it is that of noise with a deviation of 3 of 255.
	calmEnergy = 1e-3
	// calmLittle is how little structure there may be within a width for its flow to count half.
	calmLittle = 0.02
	// calmCost is by how much luma may differ more, in the mean over 5x5 pixels, where an averaged flow is
	// taken; at twice as much none of it is.
	calmCost = 0.005
)

// Calm changes a flow between two pictures, of which it gets the luma, to that of the structure around, where
// that explains them as well. In even places flows follow noise: what is moved along with them would be
// stirred.
func Calm(f *Field, from, to []float32, pool *parallel.Pool) {
	w, h := f.W, f.H
	around := f.around(structure(from, w, h, pool))
	own, other := make([]float32, w*h), make([]float32, w*h)
	difference(own, from, to, f, pool)
	difference(other, from, to, around, pool)
	for i, d := range own {
		t := min(max((d+2*calmCost-other[i])/calmCost, 0), 1)
		if t > 0 {
			f.U[i] += t * (around.U[i] - f.U[i])
			f.V[i] += t * (around.V[i] - f.V[i])
		}
	}
}

// calmWidths are how far flows are averaged, as shares of the longer side: the nearest structure counts most.
var calmWidths = []float64{0.3, 0.1, 0.03}

// around returns the flow averaged over what is around each place, with weights.
func (f *Field) around(weights []float32) *Field {
	w, h := f.W, f.H
	out, mean, share := NewField(w, h), NewField(w, h), make([]float32, w*h)
	for k, width := range calmWidths {
		copy(share, weights)
		for i, s := range weights {
			mean.U[i], mean.V[i] = s*f.U[i], s*f.V[i]
		}
		radius := max(int(width*float64(max(w, h))/2), 1)
		for _, plane := range [][]float32{share, mean.U, mean.V} {
			for range 2 {
				boxes(plane, w, h, radius)
			}
		}
		for i, s := range share {
			part := s / (s + calmLittle)
			if k == 0 {
				part = 1
			}
			out.U[i] += part * (mean.U[i]/s - out.U[i])
			out.V[i] += part * (mean.V[i]/s - out.V[i])
		}
	}
	return out
}

// structure returns how much each place has of what a flow can be told by, 0..1, but never 0.
func structure(luma []float32, w, h int, pool *parallel.Pool) []float32 {
	energy := make([]float32, w*h)
	cut(pool, h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			above, below := max(y-1, 0)*w, min(y+1, h-1)*w
			for x := range w {
				i := y*w + x
				gx := (luma[y*w+min(x+1, w-1)] - luma[y*w+max(x-1, 0)]) / 2
				gy := (luma[below+x] - luma[above+x]) / 2
				energy[i] = gx*gx + gy*gy
			}
		}
	})
	boxes(energy, w, h, matchAround)
	const least = 1e-4
	for i, e := range energy {
		e /= calmEnergy
		energy[i] = max(e*e/(1+e*e), least)
	}
	return energy
}

// boxes averages a plane over squares, as far as they are inside, in its place.
func boxes(plane []float32, w, h, radius int) {
	line := make([]float32, max(w, h))
	for y := range h {
		average(plane[y*w:], 1, line[:w], radius)
	}
	for x := range w {
		average(plane[x:], w, line[:h], radius)
	}
}

// average averages numbers that are a stride apart, in their place. line is room for as many as there are.
func average(x []float32, stride int, line []float32, radius int) {
	n := len(line)
	for i := range line {
		line[i] = x[i*stride]
	}
	var sum float64
	for i := range min(radius, n) {
		sum += float64(line[i])
	}
	for i := range line {
		if k := i + radius; k < n {
			sum += float64(line[k])
		}
		if k := i - radius - 1; k >= 0 {
			sum -= float64(line[k])
		}
		x[i*stride] = float32(sum / float64(min(i+radius, n-1)-max(i-radius, 0)+1))
	}
}
