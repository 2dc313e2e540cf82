package autodiff

import "fmt"

// GramAttr says how the sums of a Gram matrix are taken.
type GramAttr struct {
	// Scale is the factor of the sums: 1/n for a mean over n positions, or over weights whose sum is n.
	Scale float64
	// Cell is the side, in positions, of the cells that sums are taken by (see Block), or 0 for a single
	// cell.
	Cell int
	// Mean adds a row to the matrix: Scale·Σw_p·F_p, the mean. Statistics sets it.
	Mean bool
}

// rows returns how many rows the result has for c channels.
func (a GramAttr) rows(c int) int {
	if a.Mean {
		return c + 1
	}
	return c
}

// Gram returns Scale·ΣF_p·F_pᵀ for each picture of the batch, F_p being the vector of features at position p:
// the matrix of the inner products of the channels, which is the second moment of the features if Scale
// is 1/(H·W). x is N x H x W x C, the result N x 1 x C x C.
func Gram(x *Node, a GramAttr) *Node { return WeightedGram(x, nil, a) }

// WeightedGram returns Scale·Σw_p·F_p·F_pᵀ, in which each position counts as much as its weight says. weights
// is N x H x W x 1, or nil if all are 1. They are no variables: their gradient is taken to be 0.
func WeightedGram(x, weights *Node, a GramAttr) *Node {
	a.Mean = false
	return gram(x, weights, a)
}

// MeanAndGram returns Scale·Σw_p·F_p, N x 1 x 1 x C, and WeightedGram, N x 1 x C x C: the mean and the second
// moment of the features if Scale is 1/Σw_p. Both are one value, and their gradients are one operation.
func MeanAndGram(x, weights *Node, a GramAttr) (mean, second *Node) {
	return SplitStatistics(Statistics(x, weights, a))
}

// Statistics returns the two parts of MeanAndGram as the one value that they are, N x 1 x (C+1) x C: the mean
// is the last row.
func Statistics(x, weights *Node, a GramAttr) *Node {
	a.Mean = true
	return gram(x, weights, a)
}

// SplitStatistics returns the parts of a value that Statistics returned.
func SplitStatistics(both *Node) (mean, second *Node) {
	n, c := both.Shape.N, both.Shape.C
	row := Reshape(both, Shape{n, 1, 1, (c + 1) * c})
	return Slice(row, c*c, (c+1)*c), Reshape(Slice(row, 0, c*c), Shape{n, 1, c, c})
}

func gram(x, weights *Node, a GramAttr) *Node {
	if weights == nil {
		return apply("gram", a, x)
	}
	return apply("gram", a, x, weights)
}

// checkWeights returns an error if there are weights that do not fit features of shape x.
func checkWeights(x Shape, weights []Shape) error {
	if len(weights) > 0 && weights[0] != (Shape{x.N, x.H, x.W, 1}) {
		return fmt.Errorf("weights of shape %v do not fit", weights[0])
	}
	return nil
}

// partialGram weights positions that do not count with 0.
func partialGram(n *Node, in []*Node, counted func(x *Node) *Node) *Node {
	weights := counted(in[0])
	if len(in) == 2 {
		weights = Mul(in[1], weights)
	}
	return apply("gram", n.Attr, in[0], weights)
}

func init() {
	register(
		Op{
			Name: "gram", Saved: []int{0, 1}, Tolerance: 2e-5, Partial: partialGram,
			Shape: func(attr any, in []Shape) (Shape, error) {
				a, x := attr.(GramAttr), in[0]
				if a.Cell < 0 {
					return Shape{}, fmt.Errorf("cells of %d positions", a.Cell)
				}
				return Shape{x.N, 1, a.rows(x.C), x.C}, checkWeights(x, in[1:])
			},
			FLOPs: func(n *Node) float64 { return 2 * float64(n.In[0].Shape.Len()) * float64(n.Shape.W) },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				dx := apply("gramGrad", n.Attr, append([]*Node{n.In[0], dy}, n.In[1:]...)...)
				return append([]*Node{dx}, make([]*Node, len(n.In)-1)...)
			},
		},
		Op{
			// F_p·A + b times Scale·w_p, A being dG + dGᵀ without the row that b is, if there is one
			Name: "gramGrad",
			Shape: func(attr any, in []Shape) (Shape, error) {
				x := in[0]
				if in[1] != (Shape{x.N, 1, attr.(GramAttr).rows(x.C), x.C}) {
					return Shape{}, fmt.Errorf("dG does not fit")
				}
				return x, checkWeights(x, in[2:])
			},
			FLOPs: func(n *Node) float64 { return 2 * float64(n.Shape.Len()) * float64(n.In[1].Shape.W) },
		},
	)
}
