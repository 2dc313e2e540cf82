package main

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// orthogonal are random parameters for any network, the best random ones that we know: the filters of
// a layer are orthogonal to each other (Saxe et al., arXiv:1312.6120), or, if there are more filters than
// weights in one, the columns are. Their length gives activations the same variance in every layer (He et
// al., arXiv:1502.01852). The weights of a filter that does not read the picture sum to zero: after ReLU
// activations have a large mean, to which all filters would respond alike.
type orthogonal struct{}

// Tensor returns the parameter of that name. There is no error.
func (orthogonal) Tensor(name string, shape ...int) ([]float32, error) {
	if len(shape) == 1 {
		return make([]float32, shape[0]), nil
	}
	reads := 1
	for _, d := range shape[:len(shape)-1] {
		reads *= d
	}
	n := shape[len(shape)-1]
	picture := len(shape) == 4 && shape[2] == 3
	hash := fnv.New64a()
	hash.Write([]byte(name))
	r := rand.New(rand.NewPCG(hash.Sum64(), 1))

	weights := make([][]float64, n) // of each filter
	for i := range weights {
		weights[i] = make([]float64, reads)
		var mean float64
		for k := range weights[i] {
			weights[i][k] = r.NormFloat64()
			mean += weights[i][k] / float64(reads)
		}
		for k := range weights[i] {
			if !picture {
				weights[i][k] -= mean
			}
		}
	}
	if n < reads { // centred filters span one dimension less than they have weights
		orthonormalise(weights)
	} else {
		columns := transposed(weights)
		orthonormalise(columns)
		weights = transposed(columns)
	}
	gain := math.Sqrt2
	if n >= reads {
		gain *= math.Sqrt(float64(n) / float64(reads)) // filters of length √2 on average
	}
	out := make([]float32, reads*n)
	for i, filter := range weights {
		for k, v := range filter {
			out[k*n+i] = float32(gain * v)
		}
	}
	return out, nil
}

// orthonormalise replaces rows by orthonormal ones of the same span (modified Gram-Schmidt). There are at
// most as many rows as columns.
func orthonormalise(rows [][]float64) {
	for i, row := range rows {
		for _, before := range rows[:i] {
			d := dot(row, before)
			for k := range row {
				row[k] -= d * before[k]
			}
		}
		length := math.Sqrt(dot(row, row))
		for k := range row {
			row[k] /= length
		}
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func transposed(m [][]float64) [][]float64 {
	out := make([][]float64, len(m[0]))
	for i := range out {
		out[i] = make([]float64, len(m))
		for j := range m {
			out[i][j] = m[j][i]
		}
	}
	return out
}
