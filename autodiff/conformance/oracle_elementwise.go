package conformance

import (
	"math"

	"oneiro/autodiff"
)

func init() {
	oracle["add"] = pairs(func(a, b float64) float64 { return a + b })
	oracle["sub"] = pairs(func(a, b float64) float64 { return a - b })
	oracle["mul"] = pairs(func(a, b float64) float64 { return a * b })
	oracle["div"] = pairs(func(a, b float64) float64 { return a / b })
	oracle["square"] = singles(func(x float64) float64 { return x * x })
	oracle["relu"] = singles(func(x float64) float64 { return math.Max(x, 0) })
	oracle["exp"] = singles(math.Exp)
	oracle["log"] = singles(math.Log)
	oracle["sigmoid"] = singles(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) })
	oracle["tanh"] = singles(math.Tanh)
	oracle["reluGrad"] = pairs(func(dy, y float64) float64 {
		if y > 0 {
			return dy
		}
		return 0
	})
	oracle["linear"] = func(n *autodiff.Node, in []array, out array) {
		l := n.Attr.(autodiff.Linear)
		for i, x := range in[0].v {
			out.v[i] = float64(l.Scale)*x + float64(l.Offset)
		}
	}
	oracle["fill"] = func(_ *autodiff.Node, in []array, out array) {
		for i := range out.v {
			out.v[i] = repeated(in[0], i)
		}
	}
	oracle["reshape"] = func(_ *autodiff.Node, in []array, out array) { copy(out.v, in[0].v) }
	oracle["givenGradient"] = oracle["reshape"]
}

func singles(f func(x float64) float64) func(*autodiff.Node, []array, array) {
	return func(_ *autodiff.Node, in []array, out array) {
		for i, x := range in[0].v {
			out.v[i] = f(x)
		}
	}
}

func pairs(f func(a, b float64) float64) func(*autodiff.Node, []array, array) {
	return func(_ *autodiff.Node, in []array, out array) {
		for i, a := range in[0].v {
			out.v[i] = f(a, repeated(in[1], i))
		}
	}
}

// repeated returns element i of a value that x is repeated to: a scalar is everywhere, a vector over
// the channels at each position, and a value of the full shape is itself.
func repeated(x array, i int) float64 { return x.v[i%len(x.v)] }
