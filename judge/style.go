package judge

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// moments are mean and second moment of the features of a layer, and the root of their covariance.
type moments struct {
	mean   []float64
	second *mat.SymDense
	half   *mat.Dense // square root of the covariance, once root was called
}

func newMoments(mean, second []float32) *moments {
	c := len(mean)
	m := &moments{mean: make([]float64, c), second: mat.NewSymDense(c, nil)}
	for i, v := range mean {
		m.mean[i] = float64(v)
		for k := i; k < c; k++ {
			m.second.SetSym(i, k, float64(second[i*c+k]))
		}
	}
	return m
}

// plus returns m, or nothing if it is nil, plus weight times other: the moments of a mixture.
func (m *moments) plus(other *moments, weight float64) *moments {
	c := len(other.mean)
	sum := &moments{mean: make([]float64, c), second: mat.NewSymDense(c, nil)}
	sum.second.ScaleSym(weight, other.second)
	for i, v := range other.mean {
		sum.mean[i] = weight * v
	}
	if m != nil {
		sum.second.AddSym(sum.second, m.second)
		for i, v := range m.mean {
			sum.mean[i] += v
		}
	}
	return sum
}

// covariance returns the second moment about the mean.
func (m *moments) covariance() *mat.SymDense {
	s := mat.NewSymDense(len(m.mean), nil)
	s.SymRankOne(m.second, -1, mat.NewVecDense(len(m.mean), m.mean))
	return s
}

// root computes the square root of the covariance.
func (m *moments) root() {
	var e mat.EigenSym
	if !e.Factorize(m.covariance(), true) {
		panic("judge: a covariance has no eigenvalues")
	}
	values := e.Values(nil)
	var vectors, scaled mat.Dense
	e.VectorsTo(&vectors)
	scaled.Apply(func(_, k int, v float64) float64 { return v * math.Sqrt(math.Max(values[k], 0)) }, &vectors)
	m.half = new(mat.Dense)
	m.half.Mul(&scaled, vectors.T())
}

// symmetric returns the symmetric part of a matrix.
func symmetric(a *mat.Dense) *mat.SymDense {
	c, _ := a.Dims()
	s := mat.NewSymDense(c, nil)
	for i := range c {
		for k := i; k < c; k++ {
			s.SetSym(i, k, (a.At(i, k)+a.At(k, i))/2)
		}
	}
	return s
}

// distance returns the 2-Wasserstein distance between normal distributions with these moments and the
// target's, divided by the root of the target's mean square: 0 if they are equal, 1 if all features are 0
// (Olkin and Pukelsheim 1982; Heitz et al. and style-transfer-pytorch use it as a loss). root was called
// on the target.
func (m *moments) distance(target *moments) float64 {
	own, theirs := m.covariance(), target.covariance()
	var left, product mat.Dense
	left.Mul(target.half, mat.DenseCopyOf(own)) // which takes a third of the time of a symmetric one
	product.Mul(&left, target.half)
	var e mat.EigenSym
	if !e.Factorize(symmetric(&product), false) {
		panic("judge: a covariance has no eigenvalues")
	}
	square := mat.Trace(own) + mat.Trace(theirs)
	for _, v := range e.Values(nil) {
		square -= 2 * math.Sqrt(math.Max(v, 0))
	}
	for i, v := range m.mean {
		d := v - target.mean[i]
		square += d * d
	}
	size := mat.Trace(target.second)
	if size == 0 {
		return 0 // a layer that sees nothing in the style
	}
	return math.Sqrt(math.Max(square, 0) / size)
}

// styleDistance returns the mean distance over layers, and that of each.
func styleDistance(own, target []*moments) (mean float64, layers []float64) {
	for i, m := range own {
		d := m.distance(target[i])
		layers = append(layers, d)
		mean += d / float64(len(own))
	}
	return mean, layers
}
