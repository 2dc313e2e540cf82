package loss

import "oneiro/autodiff"

// Content is the distance of a layer's features F from target T, the content image's features there,
// relative to the target's own square: |F-T|²/|T|² (Gatys et al., arXiv:1508.06576, equation 1, without the
// division).
func Content(layer string, weight float64, target *autodiff.Tensor) Term {
	return distance("content", layer, weight, features, target, autodiff.RelativeSquaredError)
}

// ContentMean is Content in absolute units, the mean of (F-T)² (neural-style-pt).
func ContentMean(layer string, weight float64, target *autodiff.Tensor) Term {
	return distance("content", layer, weight, features, target, autodiff.MSE)
}

func features(in Inputs, layer string) *autodiff.Node { return in.Layers[layer] }
