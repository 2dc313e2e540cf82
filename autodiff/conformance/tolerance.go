package conformance

import "oneiro/autodiff"

// rounding bounds, for each operation, how far an element of a float32 result may lie from the
// oracle's, in units of the result's root mean square or of the element if that is larger. There are
// six kinds: operations that move numbers without computing, operations that round an element once or
// a few times, functions, sums, and convolutions, which a device may compute in a transformed domain
// (Winograd).
var rounding = map[string]float64{
	"input": 0, "const": 0, "reshape": 0, "fill": 0, "concat": 0, "slice": 0, "embed": 0, "pad": 0,
	"roll": 0, "givenGradient": 0, "relu": 0, "reluGrad": 0, "maxPool": 0, "maxPoolGather": 0,
	"subsample": 0, "subsampleGrad": 0,

	"add": once, "sub": once, "mul": once, "div": once, "linear": once, "square": once,
	"squaredErrorGrad": once,

	"exp": functions, "log": functions, "sigmoid": functions, "tanh": functions,

	"sum": sums, "sumRows": sums, "squaredError": sums, "totalVariation": sums, "totalVariationGrad": sums,
	"padGrad": sums, "maxPoolGrad": sums, "avgPool": sums, "avgPoolGrad": sums, "affine": sums,
	"filter": sums, "filterGrad": sums, "gram": sums, "gramGrad": sums,
	"matmul": sums, "histogram": sums, "histogramGrad": places, "transport": sums,

	"conv2d": transforms, "conv2dInputGrad": transforms, "conv2dFilterGrad": transforms,
	"lrn": sums, "lrnGrad": sums, "softmax": sums, "softmaxGrad": sums, "crossEntropy": sums,
	"crossEntropyGrad": sums, "moments": sums, "upsample": sums, "upsampleGrad": sums, "dots": sums, "dotsGrad": sums,
	"batchNorm": sums, "batchNormGrad": sums,
}

const (
	once       = 5e-7
	functions  = 1e-6 // which GPUs approximate to a few units of the last place
	sums       = 3e-6
	transforms = 1e-5
	places     = 1e-5 // of numbers among 32 bins, between which something random is read
)

// tolerances returns how exact the values that n depends on have to be, and gradients along a
// direction: what the least exact operation is allowed.
func tolerances(c Case, nodes ...*autodiff.Node) (value, gradient float64) {
	seen := map[*autodiff.Node]bool{}
	var visit func(n *autodiff.Node)
	visit = func(n *autodiff.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		value = max(value, rounding[n.Op.Name])
		if c.Op == "" || c.Op == n.Op.Name {
			gradient = max(gradient, n.Op.Tolerance)
		}
		for _, in := range n.In {
			visit(in)
		}
	}
	for _, n := range nodes {
		visit(n)
	}
	loose := max(c.Loose, 1)
	return value * loose, gradient * loose
}
