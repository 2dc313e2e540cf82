package loss

import "oneiro/autodiff"

// distance is the term kind/layer: scale times the squared distance of a statistic of the layer's features
// from target.
func distance(
	kind, layer string, weight float64, statistic func(features *autodiff.Node) *autodiff.Node,
	target *autodiff.Tensor, scale float64,
) Term {
	return Term{
		Name: kind + "/" + layer, Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			x := statistic(in.Layers[layer])
			return autodiff.SquaredError(x, x.Graph().Const(target), scale)
		},
	}
}

// relative is the scale of a distance relative to the target's own square, mean that of a mean over its
// elements. A target of zeros has a relative scale of 1.
func relative(target *autodiff.Tensor) float64 {
	var sum float64
	for _, v := range target.Data {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return 1
	}
	return 1 / sum
}

func mean(target *autodiff.Tensor) float64 { return 1 / float64(target.Shape.Len()) }
