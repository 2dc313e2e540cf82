package autodiff

import "fmt"

// Sum returns the sum of all elements, a scalar.
func Sum(x *Node) *Node { return apply("sum", 1.0, x) }

// Mean returns the mean of all elements, a scalar.
func Mean(x *Node) *Node { return apply("sum", 1/float64(x.Shape.Len()), x) }

// SumRows returns the sum over batch, height and width: a vector over the channels.
func SumRows(x *Node) *Node { return apply("sumRows", nil, x) }

// SquaredError returns scale·Σ(x-target)², a scalar; a nil target stands for zeros.
func SquaredError(x, target *Node, scale float64) *Node {
	if target == nil {
		return apply("squaredError", scale, x)
	}
	return apply("squaredError", scale, x, target)
}

// MSE returns the mean of (x-target)².
func MSE(x, target *Node) *Node { return SquaredError(x, target, 1/float64(x.Shape.Len())) }

func init() {
	register(
		Op{
			Name: "sum", FLOPs: perInput(1),
			Shape: func(any, []Shape) (Shape, error) { return Scalar, nil },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Fill(Scale(dy, n.Attr.(float64)), n.In[0].Shape)}
			},
		},
		Op{
			Name: "sumRows", FLOPs: perInput(1),
			Shape: func(_ any, in []Shape) (Shape, error) { return Vector(in[0].C), nil },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Fill(dy, n.In[0].Shape)}
			},
		},
		Op{
			Name: "squaredError", FLOPs: perInput(3), Saved: []int{0, 1},
			Shape: func(attr any, in []Shape) (Shape, error) {
				if _, err := allSame(attr, in); err != nil {
					return Shape{}, err
				}
				return Scalar, nil
			},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				s := 2 * n.Attr.(float64)
				out := make([]*Node, len(n.In))
				if want(0) {
					out[0] = differenceTimes(n.In, s, dy)
				}
				if len(n.In) == 2 && want(1) {
					out[1] = differenceTimes(n.In, -s, dy)
				}
				return out
			},
		},
		Op{
			Name: "squaredErrorGrad", FLOPs: perOutput(2), InPlace: []int{1, 2},
			Shape: func(_ any, in []Shape) (Shape, error) {
				if in[0] != Scalar || len(in) == 3 && in[1] != in[2] {
					return Shape{}, fmt.Errorf("want a scalar and equal shapes")
				}
				return in[1], nil
			},
			Saved: []int{0, 1, 2},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				s := n.Attr.(float64)
				out := make([]*Node, len(n.In))
				if want(0) {
					diff := n.In[1]
					if len(n.In) == 3 {
						diff = Sub(diff, n.In[2])
					}
					out[0] = apply("sum", s, Mul(dy, diff))
				}
				if want(1) {
					out[1] = Scale(Mul(dy, n.In[0]), s)
				}
				if len(n.In) == 3 && want(2) {
					out[2] = Scale(Mul(dy, n.In[0]), -s)
				}
				return out
			},
		},
	)
}

// differenceTimes returns s·dy·(x-target) for the scalar dy.
func differenceTimes(xt []*Node, s float64, dy *Node) *Node {
	return apply("squaredErrorGrad", s, append([]*Node{dy}, xt...)...)
}
