package conformance

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
)

// Builder makes a case's graph and the numbers that go into it.
type Builder struct {
	Graph *autodiff.Graph

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

// Generator makes the numbers of an input.
type Generator func(r *rand.Rand, s autodiff.Shape) []float32

func newBuilder(seed uint64, frozen bool) *Builder {
	return &Builder{Graph: autodiff.NewGraph(), rng: rand.New(rand.NewPCG(seed, 0)), frozen: frozen}
}

// seedOf returns the seed of a case: a hash of its name.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// Input adds an input of normally distributed numbers.
func (b *Builder) Input(s autodiff.Shape) *autodiff.Node { return b.InputOf(s, Normal) }

// InputOf adds an input of numbers of a kind.
func (b *Builder) InputOf(s autodiff.Shape, g Generator) *autodiff.Node {
	return b.leaf(s, g, false, leaf{moves: true, poison: true})
}

// Param adds what is an input in one variant of the case and a constant in the other.
func (b *Builder) Param(s autodiff.Shape) *autodiff.Node { return b.ParamOf(s, Normal) }

// ParamOf is Param with numbers of a kind.
func (b *Builder) ParamOf(s autodiff.Shape, g Generator) *autodiff.Node {
	return b.leaf(s, g, b.frozen, leaf{moves: true, poison: true})
}

// Fixed adds an input that nothing is differentiated by: labels, shifts, cotangents.
func (b *Builder) Fixed(s autodiff.Shape, g Generator) *autodiff.Node {
	return b.leaf(s, g, false, leaf{})
}

func (b *Builder) leaf(s autodiff.Shape, g Generator, constant bool, l leaf) *autodiff.Node {
	l.data, l.other = g(b.rng, s), g(b.rng, s)
	if constant {
		l.node = b.Graph.Const(&autodiff.Tensor{Name: "constant", Shape: s, Data: l.data})
	} else {
		l.node = b.Graph.Input("input", s)
	}
	b.leaves = append(b.leaves, &l)
	return l.node
}

// Normal numbers have the mean 0 and the variance 1.
func Normal(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return r.NormFloat64() })
}

// Fan numbers are normal, scaled so that a convolution keeps the variance.
func Fan(r *rand.Rand, s autodiff.Shape) []float32 {
	scale := math.Sqrt(2 / float64(s.N*s.H*s.W))
	return fill(s, func(int) float64 { return scale * r.NormFloat64() })
}

// NonZero numbers lie between 0.5 and 2 away from 0.
func NonZero(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 {
		v := 0.5 + 1.5*r.Float64()
		if r.IntN(2) == 0 {
			v = -v
		}
		return v
	})
}

// Positive numbers lie between 0.5 and 2.
func Positive(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return 0.5 + 1.5*r.Float64() })
}

// Distinct numbers differ from each other by at least 1/64 and are centred on 0.
func Distinct(r *rand.Rand, s autodiff.Shape) []float32 {
	order := r.Perm(s.Len())
	return fill(s, func(i int) float64 { return float64(order[i]-s.Len()/2)/64 + 1.0/256 })
}

// Below are Distinct numbers, all of them negative.
func Below(r *rand.Rand, s autodiff.Shape) []float32 {
	out := Distinct(r, s)
	for i := range out {
		out[i] -= float32(s.Len()/64 + 1)
	}
	return out
}

// Ties are small whole numbers, many of them equal and many 0.
func Ties(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return float64(r.IntN(5) - 2) })
}

// Counts are whole numbers from 0 to 2.
func Counts(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return float64(r.IntN(3)) })
}

// Far numbers lie around 256, where a careless exponential overflows; float32 holds them exactly.
func Far(r *rand.Rand, s autodiff.Shape) []float32 {
	return fill(s, func(int) float64 { return 256 + float64(r.IntN(2000)-1000)/256 })
}

// Labels are class indices below n, the first and the last among them if there is room.
func Labels(n int) Generator {
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

// Exactly gives these numbers, negated for the second set.
func Exactly(v ...float32) Generator {
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

// Times gives the numbers of another generator, multiplied by f.
func Times(f float32, g Generator) Generator {
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
