package loss

import (
	"fmt"

	"oneiro/autodiff"
)

// Gram returns the Gram matrix of a layer's features, divided by their number C·H·W so that its entries do
// not grow with the size of the picture (Gatys et al., arXiv:1508.06576, divide in the loss instead). It is the
// second moment of the features, divided by C.
func Gram(in Inputs, layer string) *autodiff.Node {
	x := in.Layers[layer]
	s := x.Shape
	a := autodiff.GramAttr{Scale: 1 / float64(s.C*s.H*s.W), Cell: in.cell(layer)}
	return autodiff.WeightedGram(x, in.Weights[layer], a).Named("gram " + layer)
}

// Style is the distance of a layer's Gram matrix G from target T, the style image's matrix there, relative
// to the target's own square: |G-T|²/|T|² (Gatys et al., arXiv:1508.06576, equation 4, without the division).
func Style(layer string, weight float64, target *autodiff.Tensor) Term {
	return distance("style", layer, weight, Gram, target, autodiff.RelativeSquaredError)
}

// StyleMean is Style in absolute units, the mean of (G-T)² (neural-style-pt).
func StyleMean(layer string, weight float64, target *autodiff.Tensor) Term {
	return distance("style", layer, weight, Gram, target, autodiff.MSE)
}

// Blend returns the weighted mean of several images' targets of one layer.
func Blend(targets []*autodiff.Tensor, weights []float64) *autodiff.Tensor {
	if len(targets) != len(weights) {
		panic(fmt.Sprintf("loss: %d weights for %d targets", len(weights), len(targets)))
	}
	var total float64
	for _, w := range weights {
		total += w
	}
	first := targets[0]
	out := &autodiff.Tensor{Name: first.Name, Shape: first.Shape, Data: make([]float32, len(first.Data))}
	for k, t := range targets {
		w := float32(weights[k] / total)
		for i, v := range t.Data {
			out.Data[i] += w * v
		}
	}
	return out
}
