package loss

import (
	"strconv"
	"strings"

	"oneiro/autodiff"
)

// Terms for dreams are maximised: give them negative weights.

// L2 is half the mean square of a layer's features (Mordvintsev et al. 2015 maximise half the sum of
// squares, whose gradient is the features themselves).
func L2(layer string, weight float64) Term {
	return Term{Name: "l2/" + layer, Weight: weight, Build: func(in Inputs) *autodiff.Node {
		x := in.Layers[layer]
		if in.Weights[layer] != nil {
			return autodiff.Scale(autodiff.Mean(in.weighed(layer, autodiff.Square(x))), 0.5)
		}
		return autodiff.SquaredError(x, nil, 0.5/float64(x.Shape.Len()))
	}}
}

// Channels is the mean of the chosen channels of a layer, each below the layer's number of channels. With
// one channel it is the channel objective of Olah et al. 2017.
func Channels(layer string, weight float64, channels ...int) Term {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = strconv.Itoa(c)
	}
	return Term{
		Name: "channel/" + layer + ":" + strings.Join(names, ","), Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			x := in.Layers[layer]
			c := x.Shape.C
			chosen := &autodiff.Tensor{Name: "chosen channels", Shape: autodiff.Vector(c), Data: make([]float32, c)}
			for _, channel := range channels {
				chosen.Data[channel] = float32(c) / float32(len(channels))
			}
			return autodiff.Mean(in.weighed(layer, autodiff.Mul(x, x.Graph().Const(chosen))))
		},
	}
}

// Peak is the largest value of a channel of a layer over all positions.
func Peak(layer string, weight float64, channel int) Term {
	return Term{
		Name: "peak/" + layer + ":" + strconv.Itoa(channel), Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			x := in.Layers[layer]
			everywhere := autodiff.Pool{KH: x.Shape.H, KW: x.Shape.W, StrideH: 1, StrideW: 1}
			return autodiff.Mean(autodiff.MaxPool(autodiff.Slice(x, channel, channel+1), everywhere))
		},
	}
}

// Class is the logit of one class, averaged over positions if the classifier has several. layer must be
// the classifier, before the softmax: a probability can also rise because the other logits fall.
func Class(layer string, weight float64, class int) Term {
	return Term{
		Name: "class/" + strconv.Itoa(class), Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			return autodiff.Mean(autodiff.Slice(in.Layers[layer], class, class+1))
		},
	}
}

// Entropy is the cross entropy of one class: minus the logarithm of its probability, averaged over
// positions if the classifier has several. layer must be the classifier, before the softmax. It falls to
// nearly 0 as the class stands out from all others.
func Entropy(layer string, weight float64, class int) Term {
	return Term{
		Name: "entropy/" + strconv.Itoa(class), Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			logits := in.Layers[layer]
			s := logits.Shape
			labels := &autodiff.Tensor{
				Name: "class", Shape: autodiff.Shape{N: s.N, H: s.H, W: s.W, C: 1}, Data: make([]float32, s.Rows()),
			}
			for i := range labels.Data {
				labels.Data[i] = float32(class)
			}
			return autodiff.CrossEntropy(logits, logits.Graph().Const(labels), 0)
		},
	}
}
