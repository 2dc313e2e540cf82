package autodiff

// BatchNorm returns (x - mean)/√(variance + epsilon), with the mean and the variance of each channel over
// batch, height and width (Ioffe and Szegedy, arXiv:1502.03167, without their scale and shift). moments
// holds these: a row of means and a row of variances.
func BatchNorm(x *Node, epsilon float64) (y, moments *Node) {
	moments = apply("moments", nil, x)
	return apply("batchNorm", epsilon, x, moments), moments
}

func init() {
	register(
		// The gradient through the moments is part of batchNorm's. Other uses of them have none.
		Op{
			Name: "moments", FLOPs: perInput(3),
			Shape: func(_ any, in []Shape) (Shape, error) { return Matrix(2, in[0].C), nil },
		},
		Op{
			Name: "batchNorm", FLOPs: perOutput(2), Saved: []int{1}, SavedOut: true, InPlace: []int{0},
			Shape: sameAsFirst,
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("batchNormGrad", n.Attr, dy, n, n.In[1]), nil}
			},
		},
		// (dy - mean(dy) - y·mean(dy·y))/√(variance + epsilon)
		Op{Name: "batchNormGrad", FLOPs: perOutput(8), Shape: sameAsFirst},
	)
}
