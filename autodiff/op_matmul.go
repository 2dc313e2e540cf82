package autodiff

import "fmt"

// MatMulAttr is the parameter of a matrix product: which operands are transposed.
type MatMulAttr struct{ TransposeA, TransposeB bool }

// MatMul returns the matrix product a·b of values seen as matrices (N·H·W rows, C columns). The
// result keeps a's N, H and W, so that a dense layer or a 1x1 convolution is MatMul(x, w).
func MatMul(a, b *Node) *Node { return apply("matmul", MatMulAttr{}, a, b) }

// MatMulT returns the matrix product of a and the transpose of b: products of the rows of both.
func MatMulT(a, b *Node) *Node { return matmul(a, b, false, true) }

// Dense returns MatMul(x, w) + b: x has N·H·W rows of inputs, w is inputs x outputs, b a vector or nil.
func Dense(x, w, b *Node) *Node {
	y := MatMul(x, w)
	if b != nil {
		y = Add(y, b)
	}
	return y
}

func matmul(a, b *Node, ta, tb bool) *Node { return apply("matmul", MatMulAttr{ta, tb}, a, b) }

func init() {
	register(
		Op{
			Name: "matmul", Saved: []int{0, 1}, Tolerance: 2e-5, Whole: []int{1},
			Local: func(n *Node) (down, across Taps, ok bool) {
				return samePosition, samePosition, !n.Attr.(MatMulAttr).TransposeA
			},
			Shape: func(attr any, in []Shape) (Shape, error) {
				t := attr.(MatMulAttr)
				m, k := in[0].Rows(), in[0].C
				y := in[0]
				if t.TransposeA {
					m, k = k, m
					y = Matrix(m, 1)
				}
				kb, n := in[1].Rows(), in[1].C
				if t.TransposeB {
					kb, n = n, kb
				}
				if k != kb {
					return Shape{}, fmt.Errorf("inner sizes %d and %d differ", k, kb)
				}
				y.C = n
				return y, nil
			},
			FLOPs: func(n *Node) float64 {
				k := n.In[0].Shape.C
				if n.Attr.(MatMulAttr).TransposeA {
					k = n.In[0].Shape.Rows()
				}
				return 2 * float64(n.Shape.Len()) * float64(k)
			},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				t, a, b := n.Attr.(MatMulAttr), n.In[0], n.In[1]
				out := make([]*Node, 2)
				if want(0) {
					if t.TransposeA {
						out[0] = matmul(b, dy, t.TransposeB, true)
					} else {
						out[0] = matmul(dy, b, false, !t.TransposeB)
					}
					out[0] = Reshape(out[0], a.Shape)
				}
				if want(1) {
					if t.TransposeB {
						out[1] = matmul(dy, a, true, t.TransposeA)
					} else {
						out[1] = matmul(a, dy, !t.TransposeA, false)
					}
					out[1] = Reshape(out[1], b.Shape)
				}
				return out
			},
		},
	)
}
