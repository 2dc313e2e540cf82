package loss

import "oneiro/autodiff"

// Temporal is how far the picture is from target, what the frames of a film before have become by now, where
// that is known: the mean over pixels and channels of c·(x - target)², colours in 0..1 (Ruder, Dosovitskiy and
// Brox, arXiv:1604.08610, equation 7). Both constants are H x W x 3: root is √c, c being from 0, where nothing
// is known, to 1, and target is √c times the colours.
func Temporal(weight float64, target, root *autodiff.Tensor) Term {
	return Term{Name: "temporal", Weight: weight, Build: func(in Inputs) *autodiff.Node {
		g := in.Image.Graph()
		return autodiff.MSE(autodiff.Mul(in.Image, g.Const(root)), g.Const(target))
	}}
}
