package loss

import "oneiro/autodiff"

// distance is the term kind/layer: the distance of a statistic of the layer's features from target.
func distance(
	kind, layer string, weight float64, statistic func(in Inputs, layer string) *autodiff.Node,
	target *autodiff.Tensor, between func(x, target *autodiff.Node) *autodiff.Node,
) Term {
	return Term{
		Name: kind + "/" + layer, Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			x := statistic(in, layer)
			return between(x, x.Graph().Const(target))
		},
	}
}
