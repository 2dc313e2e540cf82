package nn

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// BuiltinParams returns the parameters of Builtin, made when they are asked for: random filters,
// orthogonal to each other, and no biases. Random filters carry style: Ustyuzhaninov et al.
// (arXiv:1606.00021) make textures with one layer of them, He et al. ("A Powerful Generative Model
// Using Random Weights for the Deep Image Representation", NIPS 2016) style pictures with a random
// VGG. They are the same on every machine, bit by bit.
//
// Two choices make them better at it than plain random numbers. From conv1_2 on, the weights of a
// filter add up to zero: what ReLU leaves is positive everywhere, and filters that answer to that
// common part all say the same (measured over photographs and paintings, the Gram matrix of relu4_1
// then has an effective rank of 9 rather than 2). And each layer is scaled by builtinGain.
func BuiltinParams() Params { return builtinParams{} }

type builtinParams struct{}

// builtinSeed chose no better filters than another would have.
const builtinSeed = 1508_06576

// builtinGain scales the filters of each convolution, which have length 1 before (conv1_1: together
// keep the length of what they read), such that over photographs and paintings of 256 pixels the
// root mean square of the activation behind it is 25·sqrt(channels). A Gram matrix divided by
// channels, height and width is then as large at every layer, and activations have the magnitude of
// VGG-19's, so that weights of losses found with one suit the other.
var builtinGain = map[string]float64{
	"conv1_1": 3.29, "conv1_2": 2.15, "conv2_1": 2.65, "conv2_2": 1.67,
	"conv3_1": 2.21, "conv3_2": 1.7, "conv4_1": 2.17, "conv4_2": 1.69, "conv5_1": 2.33,
}

// Tensor returns a parameter of Builtin. The error is a DescriptionError: there is no such one, or
// its shape is another.
func (builtinParams) Tensor(name string, shape ...int) ([]float32, error) {
	net := Builtin()
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(specs, func(s TensorSpec) bool { return s.Name == name })
	if i < 0 {
		return nil, &DescriptionError{net.Name, "", fmt.Sprintf("there is no parameter %q", name)}
	}
	if !slices.Equal(specs[i].Shape, shape) {
		return nil, &DescriptionError{net.Name, specs[i].Layer, fmt.Sprintf("%s has shape %v, not %v", name, specs[i].Shape, shape)}
	}
	if strings.HasSuffix(name, ".bias") {
		return make([]float32, shape[0]), nil
	}
	layer := specs[i].Layer
	reads, out := shape[0]*shape[1]*shape[2], shape[3]
	filters := randomFilters(layer, out, reads, layer != "conv1_1")
	weights := make([]float32, reads*out)
	for o, f := range filters {
		for r, v := range f {
			weights[r*out+o] = float32(v * builtinGain[layer])
		}
	}
	return weights, nil
}

// randomFilters returns n filters of that many weights. If they can be, they are orthonormal;
// otherwise the weights are, each seen as a vector over the filters.
func randomFilters(layer string, n, weights int, zeroMean bool) [][]float64 {
	hash := fnv.New64a()
	hash.Write([]byte(layer))
	random := rand.NewPCG(builtinSeed, hash.Sum64())
	filters := matrix(n, weights)
	for _, f := range filters {
		for i := range f {
			f[i] = bell(random)
		}
		if zeroMean {
			mean := sum(f) / float64(weights)
			for i := range f {
				f[i] -= mean
			}
		}
	}
	if n <= weights {
		orthonormalise(filters)
		return filters
	}
	columns := matrix(weights, n)
	transpose(columns, filters)
	orthonormalise(columns)
	transpose(filters, columns)
	return filters
}

// bell returns a random number with a nearly normal distribution: the sum of 12 that are uniform. It
// is a whole number, so that no machine rounds it differently.
func bell(random *rand.PCG) float64 {
	total := 0
	for range 3 {
		for bits := random.Uint64(); bits != 0; bits >>= 16 {
			total += int(bits & 0xffff)
		}
	}
	return float64(total - 6*0xffff)
}

// orthonormalise replaces rows, no more than they are long, by orthonormal ones of the same span
// (modified Gram-Schmidt). The conversions around products keep a compiler from fusing them with
// sums, which it does on some machines and not on others.
func orthonormalise(rows [][]float64) {
	for i, row := range rows {
		for _, before := range rows[:i] {
			d := dot(row, before)
			for k := range row {
				row[k] -= float64(d * before[k])
			}
		}
		length := math.Sqrt(dot(row, row))
		for k := range row {
			row[k] /= length
		}
	}
}

func dot(a, b []float64) float64 {
	var s float64
	for i := range a {
		s += float64(a[i] * b[i])
	}
	return s
}

func sum(a []float64) (s float64) {
	for _, v := range a {
		s += v
	}
	return s
}

func matrix(rows, columns int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, columns)
	}
	return m
}

func transpose(dst, src [][]float64) {
	for i := range dst {
		for j := range dst[i] {
			dst[i][j] = src[j][i]
		}
	}
}
