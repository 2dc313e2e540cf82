package render

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// marks are what patches of a picture are made of, as a logistic function is given it: their mean colour, and
// patches of which each is a mixture. They are the principal components of many patches, each as long as its
// share in them deviates, the largest first.
type marks struct {
	mean  [3]float32
	basis [][]float32 // each w x h x 3
}

// patchesRead is about how many patches of a picture are looked at.
const patchesRead = 4000

// logit returns what a logistic function makes v of, which is brought to edge..1-edge before.
func logit(v float32) float64 {
	const edge = 0.02
	p := min(max(float64(v), edge), 1-edge)
	return math.Log(p / (1 - p))
}

// newMarks returns n marks of w x h pixels of a picture of a size. If there are fewer, the others are 0.
func newMarks(pix []float32, size Size, w, h, n int) *marks {
	values := make([]float64, len(pix))
	var mean [3]float64
	for i, v := range pix {
		values[i] = logit(v)
		mean[i%3] += values[i] * 3 / float64(len(pix))
	}
	for i := range values {
		values[i] -= mean[i%3]
	}
	m := &marks{basis: make([][]float32, n)}
	for k, v := range mean {
		m.mean[k] = float32(v)
	}
	length := w * h * 3
	covariance, count := patchCovariance(values, size, w, h)
	var eigen mat.EigenSym
	ok := count > 0 && eigen.Factorize(mat.NewSymDense(length, covariance), true)
	var vectors mat.Dense
	var variances []float64
	if ok {
		eigen.VectorsTo(&vectors)
		variances = eigen.Values(nil) // the largest last
	}
	for k := range m.basis {
		m.basis[k] = make([]float32, length)
		if !ok || k >= length {
			continue
		}
		column := length - 1 - k
		deviation := math.Sqrt(max(variances[column], 0))
		for i := range m.basis[k] {
			m.basis[k][i] = float32(deviation * vectors.At(i, column))
		}
	}
	return m
}

// patchCovariance returns the mean square of the patches of a picture, a matrix, and of how many.
func patchCovariance(values []float64, size Size, w, h int) (matrix []float64, count int) {
	length := w * h * 3
	matrix = make([]float64, length*length)
	step := max(1, int(math.Sqrt(float64(size.W*size.H)/patchesRead)))
	patch := make([]float64, 0, length)
	for y := 0; y+h <= size.H; y += step {
		for x := 0; x+w <= size.W; x += step {
			patch = patch[:0]
			for r := range h {
				at := 3 * ((y+r)*size.W + x)
				patch = append(patch, values[at:at+3*w]...)
			}
			for i, a := range patch {
				row := matrix[i*length:]
				for j, b := range patch[:i+1] {
					row[j] += a * b
				}
			}
			count++
		}
	}
	for i := range length {
		for j := range i + 1 {
			matrix[i*length+j] /= float64(max(count, 1))
			matrix[j*length+i] = matrix[i*length+j]
		}
	}
	return matrix, count
}
