package loss

import "oneiro/autodiff"

// Content measures how far a layer's features are from target, those of the content image there
// (Gatys et al., arXiv:1508.06576, equation 1), relative to the target's own size: |F-T|²/|T|².
func Content(layer string, weight float64, target *autodiff.Tensor) Term {
	return content(layer, weight, func(x *autodiff.Node) *autodiff.Node {
		return autodiff.RelativeSquaredError(x, x.Graph().Const(target))
	})
}

// ContentMean is Content in absolute units, the mean of (F-T)² (neural-style-pt).
func ContentMean(layer string, weight float64, target *autodiff.Tensor) Term {
	return content(layer, weight, func(x *autodiff.Node) *autodiff.Node { return autodiff.MSE(x, x.Graph().Const(target)) })
}

func content(layer string, weight float64, distance func(x *autodiff.Node) *autodiff.Node) Term {
	return Term{
		Name: "content/" + layer, Weight: weight, Layer: layer,
		Build: func(in Inputs) *autodiff.Node { return distance(in.Layers[layer]) },
	}
}
