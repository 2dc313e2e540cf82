package loss

import (
	"strconv"
	"strings"

	"oneiro/autodiff"
)

// Dream objectives are maximised: give them negative weights.

// L2 is half the mean square of a layer (Mordvintsev et al. 2015 maximise half the sum, whose
// gradient is the features themselves).
func L2(layer string, weight float64) Term {
	return Term{Name: "l2/" + layer, Weight: weight, Layer: layer, Build: func(in Inputs) *autodiff.Node {
		x := in.Layers[layer]
		return autodiff.SquaredError(x, nil, 0.5/float64(x.Shape.Len()))
	}}
}

// Mean is the mean of a layer.
func Mean(layer string, weight float64) Term {
	return Term{Name: "mean/" + layer, Weight: weight, Layer: layer, Build: func(in Inputs) *autodiff.Node {
		return autodiff.Mean(in.Layers[layer])
	}}
}

// Channels is the mean of the chosen channels of a layer (Olah et al. 2017 call one of them a
// channel objective). Each must be below the layer's number of channels.
func Channels(layer string, weight float64, channels ...int) Term {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = strconv.Itoa(c)
	}
	return Term{
		Name: "channel/" + layer + ":" + strings.Join(names, ","), Weight: weight, Layer: layer,
		Build: func(in Inputs) *autodiff.Node {
			x := in.Layers[layer]
			chosen := &autodiff.Tensor{Name: "chosen channels", Shape: autodiff.Vector(x.Shape.C), Data: make([]float32, x.Shape.C)}
			for _, c := range channels {
				chosen.Data[c] = float32(x.Shape.C) / float32(len(channels))
			}
			return autodiff.Mean(autodiff.Mul(x, x.Graph().Const(chosen)))
		},
	}
}

// Peak is the largest value that a channel of a layer has anywhere.
func Peak(layer string, weight float64, channel int) Term {
	return Term{
		Name: "peak/" + layer + ":" + strconv.Itoa(channel), Weight: weight, Layer: layer,
		Build: func(in Inputs) *autodiff.Node {
			x := in.Layers[layer]
			everywhere := autodiff.Pool{KH: x.Shape.H, KW: x.Shape.W, StrideH: 1, StrideW: 1}
			return autodiff.Mean(autodiff.MaxPool(autodiff.Slice(x, channel, channel+1), everywhere))
		},
	}
}

// Class is the logit of one class, the mean of it if the classifier has several positions. layer
// must be the classifier's, before the softmax: probabilities can rise by lowering the others.
func Class(layer string, weight float64, class int) Term {
	return Term{
		Name: "class/" + strconv.Itoa(class), Weight: weight, Layer: layer,
		Build: func(in Inputs) *autodiff.Node {
			return autodiff.Mean(autodiff.Slice(in.Layers[layer], class, class+1))
		},
	}
}

// Entropy is the cross entropy of one class: minus the logarithm of the probability that the network gives
// it, the mean over positions if the classifier has several. layer must be the classifier's, before the
// softmax. It falls as the class stands out from all others, and is nearly 0 when it does.
func Entropy(layer string, weight float64, class int) Term {
	return Term{
		Name: "entropy/" + strconv.Itoa(class), Weight: weight, Layer: layer,
		Build: func(in Inputs) *autodiff.Node {
			logits := in.Layers[layer]
			s := logits.Shape
			labels := &autodiff.Tensor{Name: "class", Shape: autodiff.Shape{N: s.N, H: s.H, W: s.W, C: 1}, Data: make([]float32, s.Rows())}
			for i := range labels.Data {
				labels.Data[i] = float32(class)
			}
			return autodiff.CrossEntropy(logits, logits.Graph().Const(labels), 0)
		},
	}
}
