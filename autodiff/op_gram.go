package autodiff

import "fmt"

// GramAttr says how the sums of a Gram matrix are taken.
type GramAttr struct {
	// Scale is the factor of the sums: 1/n for a mean over n positions.
	Scale float64
	// Cell is the side, in positions, of the cells that sums are taken by (see Block), or 0 for a single
	// cell.
	Cell int
}

// Gram returns Scale·ΣF_p·F_pᵀ for each picture of the batch, F_p being the vector of features at position p:
// the matrix of the inner products of the channels, which is the second moment of the features if Scale
// is 1/(H·W). x is N x H x W x C, the result N x 1 x C x C.
func Gram(x *Node, a GramAttr) *Node { return apply("gram", a, x) }

func init() {
	register(
		Op{
			Name: "gram", Saved: []int{0}, Tolerance: 2e-5,
			Shape: func(attr any, in []Shape) (Shape, error) {
				if a := attr.(GramAttr); a.Cell < 0 {
					return Shape{}, fmt.Errorf("cells of %d positions", a.Cell)
				}
				return Shape{in[0].N, 1, in[0].C, in[0].C}, nil
			},
			FLOPs: func(n *Node) float64 { return 2 * float64(n.In[0].Shape.Len()) * float64(n.Shape.C) },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("gramGrad", n.Attr, n.In[0], dy)}
			},
		},
		Op{
			// Scale·X·(dG + dGᵀ)
			Name: "gramGrad",
			Shape: func(_ any, in []Shape) (Shape, error) {
				if x := in[0]; in[1] != (Shape{x.N, 1, x.C, x.C}) {
					return Shape{}, fmt.Errorf("dG does not fit")
				}
				return in[0], nil
			},
			FLOPs: func(n *Node) float64 { return 2 * float64(n.Shape.Len()) * float64(n.Shape.C) },
		},
	)
}
