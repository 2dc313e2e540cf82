package loss

import (
	"fmt"

	"oneiro/autodiff"
)

// Gram returns the Gram matrix of a layer's features, divided by their number c·h·w so that its
// entries do not grow with the size of the picture (Gatys et al., arXiv:1508.06576, divide in the
// loss instead).
func Gram(features *autodiff.Node) *autodiff.Node {
	s := features.Shape
	return autodiff.Gram(features, 1/float64(s.C*s.H*s.W))
}

// Style measures how far the Gram matrix of a layer is from target, that of the style image there
// (Gatys et al., arXiv:1508.06576, equation 4), relative to the target's own size: |G-T|²/|T|².
func Style(layer string, weight float64, target *autodiff.Tensor) Term {
	return style(layer, weight, func(gram *autodiff.Node) *autodiff.Node {
		return autodiff.RelativeSquaredError(gram, gram.Graph().Const(target))
	})
}

// StyleMean is Style in absolute units, the mean of (G-T)² (neural-style-pt).
func StyleMean(layer string, weight float64, target *autodiff.Tensor) Term {
	return style(layer, weight, func(gram *autodiff.Node) *autodiff.Node { return autodiff.MSE(gram, gram.Graph().Const(target)) })
}

func style(layer string, weight float64, distance func(gram *autodiff.Node) *autodiff.Node) Term {
	return Term{
		Name: "style/" + layer, Weight: weight, Layer: layer,
		Build: func(in Inputs) *autodiff.Node {
			gram := Gram(in.Layers[layer]).Named("gram " + layer)
			return distance(gram)
		},
	}
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
	out := &autodiff.Tensor{Name: targets[0].Name, Shape: targets[0].Shape, Data: make([]float32, len(targets[0].Data))}
	for k, t := range targets {
		w := float32(weights[k] / total)
		for i, v := range t.Data {
			out.Data[i] += w * v
		}
	}
	return out
}
