package render

import (
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/nn"
)

// literal emits the picture from a convolution of what a layer sees, with random weights, by one fully
// connected layer whose output is the whole picture. It has as many weights as the convolution's result has
// numbers, times those of the picture, so that it suits small pictures only, and weights are those of one
// size.
type literal struct{ canvas *CanvasOptions }

const (
	literalCodes = 8       // channels of the convolution
	literalMost  = 1 << 22 // weights of the fully connected layer: 16 MiB, of which L-BFGS keeps 40 copies
)

func (l literal) reads(net *nn.Network) string { return l.canvas.headLayer(net) }

// weights returns how many weights the fully connected layer has for a size.
func (l literal) weights(net *nn.Network, size Size) int64 {
	info := layerInfos(net, size)[l.reads(net)]
	return int64(info.H*info.W*literalCodes) * int64(size.values())
}

func (l literal) parameters(s Stage) []parameter {
	info := layerInfos(s.Model.Network, s.Size)[l.reads(s.Network)]
	return []parameter{
		{"conv.weight", autodiff.Shape{N: 3, H: 3, W: info.C, C: literalCodes}},
		{"conv.bias", autodiff.Vector(literalCodes)},
		{"picture.weight", autodiff.Matrix(info.H*info.W*literalCodes, s.Size.values())},
		{"picture.bias", autodiff.Vector(3)},
	}
}

func (l literal) build(s Stage, params []*autodiff.Node) (*autodiff.Node, []fixed) {
	info := layerInfos(s.Model.Network, s.Size)[l.reads(s.Network)]
	seen := params[0].Graph().Input("features", autodiff.Shape{N: 1, H: info.H, W: info.W, C: info.C})
	code := leaky(autodiff.Conv2D(seen, params[0], params[1], autodiff.Conv{Pad: autodiff.Same(3, 3)}))
	code = autodiff.Reshape(code, autodiff.Matrix(1, code.Shape.Len()))
	picture := autodiff.MatMul(code, params[2])
	picture = autodiff.Reshape(picture, autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 3})
	picture = autodiff.Sigmoid(autodiff.Add(picture, params[3]))
	return picture, []fixed{{seen, func(features []float32) []float32 { return features }}}
}

func (l literal) begin(s Stage, random *rand.Rand, params [][]float32) {
	all := l.parameters(s)
	gaussian(random, params[0], math.Sqrt(2/float64(9*all[0].shape.W)))
	gaussian(random, params[2], math.Sqrt(1/float64(all[2].shape.Rows())))
}
