package render

import (
	"oneiro/autodiff"
	"oneiro/internal/imageio"
)

// mask holds weights for the positions of a layer: the opacity of the picture, resampled to the layer's size.
// In statistics each place then counts as much as it is opaque. The mean weight is 1, so that what is clear
// does not make moments smaller.
type mask struct {
	input  *autodiff.Node   // 1 x H x W x 1
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
			weights[i] = float32(max(float64(w), 0) * float64(len(weights)) / sum)
		}
		return weights
	}}
}
