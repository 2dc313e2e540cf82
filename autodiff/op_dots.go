package autodiff

import "fmt"

// Dots returns two numbers at each position: x·t, the sum of products over the channels, and x·x. They add up
// over layers: cosines of vectors that are made of several layers need no vector as a whole.
func Dots(x, t *Node) *Node { return apply("dots", nil, x, t) }

// Cosines returns the cosine of the angle between two vectors at each position, N x H x W x 1, given dots, the
// sum of their Dots, where the second vectors have the length 1. The square of the first one's length gets
// epsilon more, so that a vector of zeros has the cosine 0.
func Cosines(dots *Node, epsilon float64) *Node {
	inverse := Exp(Scale(Log(ScaleOffset(Slice(dots, 1, 2), 1, epsilon)), -0.5))
	return Mul(Slice(dots, 0, 1), inverse)
}

func init() {
	register(
		Op{
			Name: "dots", Local: pixelwise, FLOPs: perInput(4), Saved: []int{0, 1},
			Shape: func(attr any, in []Shape) (Shape, error) {
				s, err := allSame(attr, in)
				s.C = 2
				return s, err
			},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				out := make([]*Node, 2)
				x, t := n.In[0], n.In[1]
				if want(0) {
					out[0] = apply("dotsGrad", nil, dy, x, t)
				}
				if want(1) {
					ones := make([]float32, x.Shape.C)
					for i := range ones {
						ones[i] = 1
					}
					out[1] = Mul(Affine(Slice(dy, 0, 1), x.Shape.C, ones, nil), x)
				}
				return out
			},
		},
		Op{
			// dy[0]·t + 2·dy[1]·x at each position
			Name: "dotsGrad", FLOPs: perOutput(4),
			Shape: func(_ any, in []Shape) (Shape, error) {
				dy, x, t := in[0], in[1], in[2]
				if dy.C != 2 || x != t || dy.Rows() != x.Rows() {
					return Shape{}, fmt.Errorf("want two numbers at each position of equal shapes")
				}
				return x, nil
			},
		},
	)
}
