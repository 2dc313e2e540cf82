package autodiff

import "fmt"

// Softmax returns exp(x)/Σexp(x) over the channels.
func Softmax(x *Node) *Node { return apply("softmax", nil, x) }

// CrossEntropy returns the mean over all rows of -Σ t·log softmax(logits), where t is 1 for the label
// and 0 for the others, with the share smoothing of it spread evenly over all classes (Szegedy et
// al., arXiv:1512.00567, section 7). labels has one column and as many rows as logits; its numbers are
// class indices. There is no gradient for labels.
func CrossEntropy(logits, labels *Node, smoothing float64) *Node {
	return apply("crossEntropy", smoothing, logits, labels)
}

func init() {
	register(
		Op{
			Name: "softmax", Local: pixelwise, Shape: sameAsFirst, FLOPs: perInput(4), SavedOut: true,
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("softmaxGrad", nil, dy, n)}
			},
		},
		Op{Name: "softmaxGrad", Shape: allSame, FLOPs: perOutput(4)},
		Op{
			Name: "crossEntropy", FLOPs: perInput(4), Saved: []int{0, 1},
			Shape: func(_ any, in []Shape) (Shape, error) {
				if in[1].C != 1 || in[1].Rows() != in[0].Rows() {
					return Shape{}, fmt.Errorf("want one label for each row")
				}
				return Scalar, nil
			},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("crossEntropyGrad", n.Attr, dy, n.In[0], n.In[1]), nil}
			},
		},
		Op{
			Name: "crossEntropyGrad", FLOPs: perOutput(4),
			Shape: func(_ any, in []Shape) (Shape, error) { return in[1], nil },
		},
	)
}
