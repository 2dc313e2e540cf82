package autodiff

import "fmt"

// Given is a gradient that is known: that with respect to By is Gradient, a value of the same shape.
type Given struct{ By, Gradient *Node }

// GivenGradient returns value, a scalar, with known gradients instead of those that follow from how it was
// computed: an iteration need not be differentiated step by step. All other gradients are 0.
func GivenGradient(value *Node, all ...Given) *Node {
	in := []*Node{value}
	for _, g := range all {
		in = append(in, g.By, g.Gradient)
	}
	return apply("givenGradient", nil, in...)
}

func init() {
	register(Op{
		Name: "givenGradient", View: true, FLOPs: noFLOPs, Saved: []int{2, 4},
		Shape: func(_ any, in []Shape) (Shape, error) {
			for i := 2; i < len(in); i += 2 {
				if in[i] != in[i-1] {
					return Shape{}, fmt.Errorf("a gradient of shape %v by %v", in[i], in[i-1])
				}
			}
			if in[0] != Scalar || len(in)%2 == 0 {
				return Shape{}, fmt.Errorf("want a scalar, and gradients")
			}
			return Scalar, nil
		},
		Grad: func(n, dy *Node, want func(int) bool) []*Node {
			out := make([]*Node, len(n.In))
			for i := 1; i < len(n.In); i += 2 {
				if want(i) {
					out[i] = Mul(n.In[i+1], dy)
				}
			}
			return out
		},
	})
}
