package render

import (
	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// mask holds weights for the positions of a layer: the opacity of the picture, resampled to the layer's size,
// and how much they lie inside a region. In statistics each place then counts as much as it is opaque and
// inside. The mean weight is 1, so that what is clear does not make moments smaller.
type mask struct {
	input  *autodiff.Node   // 1 x H x W x 1
	values func() []float32 // nil if nothing counts
}

// newMask returns a mask for features of a picture. within is the region, nil for all of the picture, and
// opaque returns the picture whose opacity counts; it is nil for one that is opaque.
func newMask(features *autodiff.Node, l *nn.LayerInfo, within *part, opaque func() *Picture) mask {
	shape := autodiff.Shape{N: 1, H: features.Shape.H, W: features.Shape.W, C: 1}
	return mask{features.Graph().Input("weights", shape), func() []float32 {
		weights := make([]float32, shape.Len())
		for i := range weights {
			weights[i] = 1
		}
		if opaque != nil {
			if im := opaque(); im.Alpha != nil {
				weights = imageio.Resample(im.Alpha, im.W, im.H, 1, shape.W, shape.H, imageio.Bilinear)
			}
		}
		if within != nil && !within.whole {
			for i, v := range within.weights(l) {
				weights[i] *= v
			}
		}
		return meanOne(weights)
	}}
}

// meanOne scales weights, in their place, to a mean of 1. It returns nil if nothing counts.
func meanOne(weights []float32) []float32 {
	var sum float64
	for _, w := range weights {
		sum += float64(w)
	}
	if !(sum > 0) {
		return nil
	}
	for i, w := range weights {
		weights[i] = float32(max(float64(w), 0) * float64(len(weights)) / sum)
	}
	return weights
}
