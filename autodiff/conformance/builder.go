package conformance

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
)

// builder makes a case's graph and the numbers that go into it.
type builder struct {
	graph *autodiff.Graph

	rng    *rand.Rand
	leaves []*leaf
	frozen bool // parameters are constants
}

// leaf is an input of a case, or a constant.
type leaf struct {
	node   *autodiff.Node
	data   []float32
	other  []float32 // different numbers of the same kind
	moves  bool      // the gradient with respect to it is checked
	poison bool      // NaN is a value that it can have
}

// generator makes the numbers of an input.
type generator func(r *rand.Rand, s autodiff.Shape) []float32

func newBuilder(seed uint64, frozen bool) *builder {
	return &builder{graph: autodiff.NewGraph(), rng: rand.New(rand.NewPCG(seed, 0)), frozen: frozen}
}

// seedOf returns the seed of a case: a hash of its name.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// input adds an input of normally distributed numbers.
func (b *builder) input(s autodiff.Shape) *autodiff.Node { return b.inputOf(s, normalNumbers) }

// inputOf adds an input of numbers of a kind.
func (b *builder) inputOf(s autodiff.Shape, g generator) *autodiff.Node {
	return b.leaf(s, g, false, leaf{moves: true, poison: true})
}

// param adds what is an input in one variant of the case and a constant in the other.
func (b *builder) param(s autodiff.Shape) *autodiff.Node { return b.paramOf(s, normalNumbers) }

// paramOf is param with numbers of a kind.
func (b *builder) paramOf(s autodiff.Shape, g generator) *autodiff.Node {
	return b.leaf(s, g, b.frozen, leaf{moves: true, poison: true})
}

// fixed adds an input that nothing is differentiated by: labels, shifts, cotangents.
func (b *builder) fixed(s autodiff.Shape, g generator) *autodiff.Node {
	return b.leaf(s, g, false, leaf{})
}

func (b *builder) leaf(s autodiff.Shape, g generator, constant bool, l leaf) *autodiff.Node {
	l.data, l.other = g(b.rng, s), g(b.rng, s)
	if constant {
		l.node = b.graph.Const(&autodiff.Tensor{Name: "constant", Shape: s, Data: l.data})
	} else {
		l.node = b.graph.Input("input", s)
	}
	b.leaves = append(b.leaves, &l)
	return l.node
}

// normalNumbers have the mean 0 and the variance 1.
func normalNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return r.NormFloat64() })
}

// fanNumbers are normal, scaled so that a convolution keeps the variance.
func fanNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	scale := math.Sqrt(2 / float64(s.N*s.H*s.W))
	return fill(s, func(int) float64 { return scale * r.NormFloat64() })
}

// nonZeroNumbers lie between 0.5 and 2 away from 0.
func nonZeroNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 {
		v := 0.5 + 1.5*r.Float64()
		if r.IntN(2) == 0 {
			v = -v
		}
		return v
	})
}

// positiveNumbers lie between 0.5 and 2.
func positiveNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return 0.5 + 1.5*r.Float64() })
}

// distinctNumbers differ from each other by at least 1/64 and are centred on 0.
func distinctNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	order := r.Perm(s.Len())
	return fill(s, func(i int) float64 { return float64(order[i]-s.Len()/2)/64 + 1.0/256 })
}

// negativeNumbers are distinctNumbers, all of them negative.
func negativeNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	out := distinctNumbers(r, s)
	for i := range out {
		out[i] -= float32(s.Len()/64 + 1)
	}
	return out
}

// tiedNumbers are small whole numbers, many of them equal and many 0.
func tiedNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return float64(r.IntN(5) - 2) })
}

// farNumbers lie around 256, where a careless exponential overflows; float32 holds them exactly.
func farNumbers(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return 256 + float64(r.IntN(2000)-1000)/256 })
}

// labelsBelow are class indices below n, the first and the last among them if there is room.
func labelsBelow(n int) generator {
	return func(r *rand.Rand, s autodiff.Shape) []float32 {
		return fill(s, func(i int) float64 {
			switch i {
			case 0:
				return 0
			case 1:
				return float64(n - 1)
			}
			return float64(r.IntN(n))
		})
	}
}

// exactly gives these numbers, negated for the second set.
func exactly(v ...float32) generator {
	f := float32(1)
	return func(*rand.Rand, autodiff.Shape) []float32 {
		out := make([]float32, len(v))
		for i := range v {
			out[i] = f * v[i]
		}
		f = -f
		return out
	}
}

// times gives the numbers of another generator, multiplied by f.
func times(f float32, g generator) generator {
	return func(r *rand.Rand, s autodiff.Shape) []float32 {
		out := g(r, s)
		for i := range out {
			out[i] *= f
		}
		return out
	}
}

func fill(s autodiff.Shape, f func(i int) float64) []float32 {
	out := make([]float32, s.Len())
	for i := range out {
		out[i] = float32(f(i))
	}
	return out
}
