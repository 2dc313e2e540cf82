package autodiff

import "fmt"

// Linear is the parameter of the linear operation: y = Scale·x + Offset.
type Linear struct{ Scale, Offset float32 }

// Add returns a + b. b may have a's shape, be a vector over a's channels, or be a scalar.
func Add(a, b *Node) *Node { return apply("add", nil, a, b) }

// Sub returns a - b, with b as for Add.
func Sub(a, b *Node) *Node { return apply("sub", nil, a, b) }

// Mul returns the product element by element, with b as for Add.
func Mul(a, b *Node) *Node { return apply("mul", nil, a, b) }

// Div returns the quotient element by element, with b as for Add.
func Div(a, b *Node) *Node { return apply("div", nil, a, b) }

// Scale returns s·x.
func Scale(x *Node, s float64) *Node { return apply("linear", Linear{float32(s), 0}, x) }

// ScaleOffset returns s·x + o.
func ScaleOffset(x *Node, s, o float64) *Node {
	return apply("linear", Linear{float32(s), float32(o)}, x)
}

// Square returns x².
func Square(x *Node) *Node { return apply("square", nil, x) }

// ReLU returns max(x, 0).
func ReLU(x *Node) *Node { return apply("relu", nil, x) }

// Exp returns e to the power of x.
func Exp(x *Node) *Node { return apply("exp", nil, x) }

// Log returns the natural logarithm of x: -Inf at 0 and NaN below it.
func Log(x *Node) *Node { return apply("log", nil, x) }

// Sigmoid returns 1/(1 + exp(-x)).
func Sigmoid(x *Node) *Node { return apply("sigmoid", nil, x) }

// Tanh returns the hyperbolic tangent of x.
func Tanh(x *Node) *Node { return apply("tanh", nil, x) }

func reluGrad(dy, y *Node) *Node { return apply("reluGrad", nil, dy, y) }

// Fill returns a value of the given shape whose elements are all those of x: a scalar, or a vector
// repeated at every position.
func Fill(x *Node, s Shape) *Node {
	if x.Shape == s {
		return x
	}
	return apply("fill", s, x)
}

// Reshape returns x under another shape with as many elements; nothing moves.
func Reshape(x *Node, s Shape) *Node {
	if x.Shape == s {
		return x
	}
	return apply("reshape", s, x)
}

func broadcast(_ any, in []Shape) (Shape, error) {
	a, b := in[0], in[1]
	if b == a || b == Vector(a.C) || b == Scalar {
		return a, nil
	}
	return Shape{}, fmt.Errorf("%v is neither %v nor a vector of %d nor a scalar", b, a, a.C)
}

// reduceLike sums dy to the shape that an operand had before it was broadcast.
func reduceLike(dy *Node, s Shape) *Node {
	switch {
	case dy.Shape == s:
		return dy
	case s == Scalar:
		return Sum(dy)
	default:
		return SumRows(dy)
	}
}

func init() {
	register(
		Op{
			Name: "add", Local: pixelwise, Shape: broadcast, InPlace: []int{0, 1},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				out := []*Node{dy, nil}
				if want(1) {
					out[1] = reduceLike(dy, n.In[1].Shape)
				}
				return out
			},
		},
		Op{
			Name: "sub", Local: pixelwise, Shape: broadcast, InPlace: []int{0, 1},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				out := []*Node{dy, nil}
				if want(1) {
					out[1] = Scale(reduceLike(dy, n.In[1].Shape), -1)
				}
				return out
			},
		},
		Op{
			Name: "mul", Local: pixelwise, Shape: broadcast, InPlace: []int{0, 1}, Saved: []int{0, 1},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				out := make([]*Node, 2)
				a, b := n.In[0], n.In[1]
				if want(0) {
					out[0] = Mul(dy, b)
				}
				if want(1) {
					out[1] = reduceLike(Mul(dy, a), b.Shape)
				}
				return out
			},
		},
		Op{
			Name: "div", Local: pixelwise, Shape: broadcast, InPlace: []int{0}, Saved: []int{1}, SavedOut: true,
			Tolerance: 2e-5, Kinks: "none where the denominator is not 0",
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				out := make([]*Node, 2)
				b := n.In[1]
				if want(0) {
					out[0] = Div(dy, b)
				}
				if want(1) {
					out[1] = Scale(reduceLike(Mul(Div(dy, b), n), b.Shape), -1)
				}
				return out
			},
		},
		linearOp(Op{Name: "linear", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}},
			func(n, dy *Node) *Node { return Scale(dy, float64(n.Attr.(Linear).Scale)) }),
		Op{
			Name: "square", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}, Saved: []int{0},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Scale(Mul(dy, n.In[0]), 2)}
			},
		},
		Op{
			Name: "exp", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}, SavedOut: true,
			Grad: func(n, dy *Node, _ func(int) bool) []*Node { return []*Node{Mul(dy, n)} },
		},
		Op{
			Name: "log", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}, Saved: []int{0},
			Kinks: "none where x is above 0",
			Grad:  func(n, dy *Node, _ func(int) bool) []*Node { return []*Node{Div(dy, n.In[0])} },
		},
		Op{
			Name: "sigmoid", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}, SavedOut: true,
			Grad: func(n, dy *Node, _ func(int) bool) []*Node { // y·(1 - y)
				return []*Node{Mul(dy, Mul(n, ScaleOffset(n, -1, 1)))}
			},
		},
		Op{
			Name: "tanh", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}, SavedOut: true,
			Grad: func(n, dy *Node, _ func(int) bool) []*Node { // 1 - y²
				return []*Node{Mul(dy, ScaleOffset(Square(n), -1, 1))}
			},
		},
		Op{
			Name: "relu", Local: pixelwise, Shape: sameAsFirst, InPlace: []int{0}, SavedOut: true,
			Kinks: "at 0, where the gradient is 0",
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{reluGrad(dy, n)}
			},
		},
		Op{
			Name: "reluGrad", Shape: allSame, InPlace: []int{0, 1}, Saved: []int{1},
			Kinks: "where y is 0",
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{reluGrad(dy, n.In[1]), nil}
			},
		},
		Op{
			Name:  "fill",
			FLOPs: noFLOPs,
			Shape: func(attr any, in []Shape) (Shape, error) {
				s := attr.(Shape)
				if in[0] != Scalar && in[0] != Vector(s.C) {
					return Shape{}, fmt.Errorf("%v is neither a scalar nor a vector of %d", in[0], s.C)
				}
				return s, nil
			},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{reduceLike(dy, n.In[0].Shape)}
			},
		},
		Op{
			Name: "reshape", View: true, FLOPs: noFLOPs,
			Shape: func(attr any, in []Shape) (Shape, error) {
				s := attr.(Shape)
				if s.Len() != in[0].Len() {
					return Shape{}, fmt.Errorf("%d elements do not fit into %v", in[0].Len(), s)
				}
				return s, nil
			},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Reshape(dy, n.In[0].Shape)}
			},
		},
	)
}
