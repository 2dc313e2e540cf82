package render

import (
	"math"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
)

// mask weights the features of a layer by the opacity of the picture, resampled to the layer's size. A second
// moment of the products, as a Gram matrix is, is then one in which each place counts as much as it is opaque.
// The mean weight is 1, so that what is clear does not make moments smaller.
type mask struct {
	input  *autodiff.Node   // 1 x H x W x 1: the square roots of the weights
	values func() []float32 // nil if the picture is all clear
}

// newMask returns a mask for features of a picture.
func newMask(features *autodiff.Node, picture func() *Picture) mask {
	shape := autodiff.Shape{N: 1, H: features.Shape.H, W: features.Shape.W, C: 1}
	return mask{features.Graph().Input("opacity", shape), func() []float32 {
		im := picture()
		weights := make([]float32, shape.Len())
		for i := range weights {
			weights[i] = 1
		}
		if im.Alpha != nil {
			weights = imageio.Resample(im.Alpha, im.W, im.H, 1, shape.W, shape.H, imageio.Bilinear)
		}
		var sum float64
		for _, w := range weights {
			sum += float64(w)
		}
		if !(sum > 0) {
			return nil
		}
		for i, w := range weights {
			weights[i] = float32(math.Sqrt(max(float64(w), 0) * float64(len(weights)) / sum))
		}
		return weights
	}}
}

// times returns the features times the mask.
func (m mask) times(features *autodiff.Node) *autodiff.Node {
	c := features.Shape.C
	ones := make([]float32, c)
	for i := range ones {
		ones[i] = 1
	}
	return autodiff.Mul(features, autodiff.Affine(m.input, c, ones, nil))
}
