package bench

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// noise returns n numbers, uniformly distributed between lo and hi. The same name gives the same numbers.
func noise(name string, n int, lo, hi float64) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), 0))
	data, scale := make([]float32, n), float32(hi-lo)
	for i := range data {
		data[i] = float32(lo) + scale*r.Float32()
	}
	return data
}

// Noise is random parameters for any network: an nn.Params. The variance of weights is 2 over the number of
// inputs of an output, so that activations are as large in deep layers as in the first (He et al.,
// arXiv:1502.01852, equation 10, with a uniform distribution instead of a normal one). Biases are 0.
type Noise struct{}

// Tensor returns the parameter of that name. There is no error.
func (Noise) Tensor(name string, shape ...int) ([]float32, error) {
	n, inputs := 1, 1
	for i, d := range shape {
		n *= d
		if i < len(shape)-1 {
			inputs *= d
		}
	}
	if len(shape) == 1 {
		return make([]float32, n), nil
	}
	a := math.Sqrt(6 / float64(inputs))
	return noise(name, n, -a, a), nil
}
