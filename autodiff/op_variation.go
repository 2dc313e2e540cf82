package autodiff

import "fmt"

// TVAttr is the parameter of totalVariation: whether differences are squared, and the factors of
// the sums of vertical and of horizontal differences.
type TVAttr struct {
	Squared        bool
	ScaleY, ScaleX float64
}

// TotalVariation returns a.ScaleY·Σ|vertical differences| + a.ScaleX·Σ|horizontal differences| of
// neighbouring pixels, or of the differences' squares; a scalar.
func TotalVariation(x *Node, a TVAttr) *Node { return apply("totalVariation", a, x) }

// partialVariation counts the difference of two neighbours to the first of them.
func partialVariation(n *Node, in []*Node, counted func(x *Node) *Node) *Node {
	a, x := n.Attr.(TVAttr), in[0]
	var sum *Node
	for _, d := range []struct {
		kh, kw int
		scale  float64
	}{{2, 1, a.ScaleY}, {1, 2, a.ScaleX}} {
		if d.scale == 0 || x.Shape.H < d.kh || x.Shape.W < d.kw {
			continue
		}
		differences := only(Filter(x, d.kh, d.kw, []float32{-1, 1}, 1), counted)
		var part *Node
		if a.Squared {
			part = SquaredError(differences, nil, d.scale)
		} else {
			part = Scale(Sum(Add(ReLU(differences), ReLU(Scale(differences, -1)))), d.scale)
		}
		if sum != nil {
			part = Add(sum, part)
		}
		sum = part
	}
	return sum
}

func init() {
	register(
		Op{
			Name: "totalVariation", FLOPs: perInput(6), Saved: []int{0}, Partial: partialVariation,
			Kinks: "the L1 form where neighbours are equal: that difference contributes 0",
			Shape: func(any, []Shape) (Shape, error) { return Scalar, nil },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("totalVariationGrad", n.Attr, dy, n.In[0])}
			},
		},
		Op{
			Name: "totalVariationGrad", FLOPs: perOutput(8),
			Shape: func(_ any, in []Shape) (Shape, error) {
				if in[0] != Scalar {
					return Shape{}, fmt.Errorf("want a scalar")
				}
				return in[1], nil
			},
		},
	)
}
