package loss

import "oneiro/autodiff"

// Same is how far a picture is from another one: the mean squared difference of their colours, white being 1.
// target is that other picture, H x W x 3 in 0..1.
func Same(weight float64, target *autodiff.Tensor) Term {
	return Term{Name: "same", Weight: weight, Build: func(in Inputs) *autodiff.Node {
		return autodiff.MSE(in.Image, in.Image.Graph().Const(target))
	}}
}
