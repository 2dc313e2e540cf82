package autodiff

// LRNAttr is the parameter of local response normalisation across channels: Size channels centred
// on each one, y = x·(K + Alpha/Size·Σx²)^-Beta (Krizhevsky et al. 2012, section 3.3, with Caffe's
// division of alpha by the size).
type LRNAttr struct {
	Size           int
	Alpha, Beta, K float64
}

// LRN returns x normalised across channels.
func LRN(x *Node, a LRNAttr) *Node { return apply("lrn", a, x) }

func init() {
	register(
		Op{
			Name: "lrn", Local: pixelwise, Shape: sameAsFirst, FLOPs: perInput(8), Saved: []int{0},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("lrnGrad", n.Attr, dy, n.In[0])}
			},
		},
		Op{Name: "lrnGrad", Shape: allSame, FLOPs: perOutput(16)},
	)
}
