package autodiff

import (
	"fmt"
	"math"
)

// Sum returns the sum of all elements, a scalar.
func Sum(x *Node) *Node { return apply("sum", 1.0, x) }

// Mean returns the mean of all elements, a scalar.
func Mean(x *Node) *Node { return apply("sum", 1/float64(x.Shape.Len()), x) }

// SumRows returns the sum over batch, height and width: a vector over the channels.
func SumRows(x *Node) *Node { return apply("sumRows", nil, x) }

// SquaredError returns scale·Σ(x-target)², a scalar; a nil target stands for zeros.
func SquaredError(x, target *Node, scale float64) *Node {
	if target == nil {
		return apply("squaredError", Factor{Times: scale}, x)
	}
	return apply("squaredError", Factor{Times: scale}, x, target)
}

// RelativeSquaredError returns Σ(x-target)²/Σtarget², a scalar. Only the shape of the constant target
// has to be known before the plan is loaded.
func RelativeSquaredError(x, target *Node) *Node {
	return apply("squaredError", Factor{Times: 1, Per: target.Tensor()}, x, target)
}

// Factor is a number that is known when a plan is loaded: Times, or Times/Σv² over the elements v of
// the constant Per if there is one. For a constant of zeros it is Times, so that nothing is divided by
// 0.
type Factor struct {
	Times float64
	Per   *Tensor
}

// Value returns the number, or NaN if Per has no data yet.
func (f Factor) Value() float64 {
	if f.Per == nil {
		return f.Times
	}
	if f.Per.Data == nil {
		return math.NaN()
	}
	energy := f.Per.Energy
	if energy == 0 {
		for _, v := range f.Per.Data {
			energy += float64(v) * float64(v)
		}
	}
	if energy == 0 {
		return f.Times
	}
	return f.Times * (1 / energy)
}

func (f Factor) times(k float64) Factor { return Factor{f.Times * k, f.Per} }

// MSE returns the mean of (x-target)².
func MSE(x, target *Node) *Node { return SquaredError(x, target, 1/float64(x.Shape.Len())) }

func init() {
	register(
		Op{
			Name: "sum", FLOPs: perInput(1), Partial: sumOfPositions,
			Shape: func(any, []Shape) (Shape, error) { return Scalar, nil },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Fill(Scale(dy, n.Attr.(float64)), n.In[0].Shape)}
			},
		},
		Op{
			Name: "sumRows", FLOPs: perInput(1), Partial: sumOfPositions,
			Shape: func(_ any, in []Shape) (Shape, error) { return Vector(in[0].C), nil },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Fill(dy, n.In[0].Shape)}
			},
		},
		Op{
			Name: "squaredError", FLOPs: perInput(3), Saved: []int{0, 1}, Partial: sumOfPositions,
			Shape: func(attr any, in []Shape) (Shape, error) {
				if _, err := allSame(attr, in); err != nil {
					return Shape{}, err
				}
				return Scalar, nil
			},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				s := n.Attr.(Factor).times(2)
				out := make([]*Node, len(n.In))
				if want(0) {
					out[0] = differenceTimes(n.In, s, dy)
				}
				if len(n.In) == 2 && want(1) {
					out[1] = differenceTimes(n.In, s.times(-1), dy)
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
				s := n.Attr.(Factor).Value()
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
func differenceTimes(xt []*Node, s Factor, dy *Node) *Node {
	return apply("squaredErrorGrad", s, append([]*Node{dy}, xt...)...)
}
