package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

func matmulCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }

	for _, s := range []struct{ m, k, n int }{
		{1, 1, 1}, {3, 5, 7}, {16, 16, 16}, {33, 17, 31}, {1, 130, 40}, {100, 3, 1}, {5, 1200, 33}, {130, 20, 65},
	} {
		for _, t := range []MatMulAttr{
			{}, {TransposeB: true}, {TransposeA: true}, {TransposeA: true, TransposeB: true},
		} {
			add(one("matmul", fmt.Sprintf("%dx%dx%d %v", s.m, s.k, s.n, t), func(b *builder) *Node {
				x, y := Matrix(s.m, s.k), Matrix(s.k, s.n)
				if t.TransposeA {
					x = Matrix(s.k, s.m)
				}
				if t.TransposeB {
					y = Matrix(s.n, s.k)
				}
				return product(b.input(x), b.paramOf(y, normalNumbers), t)
			}))
		}
	}
	add(
		one("matmul", "keeps the rows' shape", func(b *builder) *Node {
			return MatMul(b.input(shape(2, 3, 5, 7)), b.param(Matrix(7, 4)))
		}),
		one("matmul", "dense", func(b *builder) *Node {
			return Dense(b.input(shape(3, 1, 1, 20)), b.param(Matrix(20, 10)), b.param(Vector(10)))
		}),
		one("matmul", "by itself", func(b *builder) *Node {
			x := b.input(Matrix(9, 9))
			return MatMul(x, x)
		}),
		one("matmul", "constant first", func(b *builder) *Node {
			return MatMul(b.param(Matrix(6, 5)), b.input(Matrix(5, 8)))
		}),
	)
	return list
}

// product returns op(a)·op(b) for any transpositions: those that no public function makes are the
// gradients of others.
func product(a, b *Node, t MatMulAttr) *Node {
	// the first operand's gradient of a product with these transpositions is tb(b)·dyᵀ, or dy·b
	op := MatMul(a.Graph().Input("", Scalar), a.Graph().Input("", Scalar)).Op
	fake := func(first, second *Node, attr MatMulAttr) *Node {
		return &Node{Op: op, Attr: attr, In: []*Node{first, second}}
	}
	switch t {
	case MatMulAttr{}:
		return MatMul(a, b)
	case MatMulAttr{TransposeB: true}: // dx of x·b
		x := a.Graph().Input("", Matrix(a.Shape.Rows(), b.Shape.Rows()))
		return op.Grad(fake(x, b, MatMulAttr{}), a, only(0))[0]
	case MatMulAttr{TransposeA: true}: // dw of a·w
		w := a.Graph().Input("", Matrix(a.Shape.C, b.Shape.C))
		return op.Grad(fake(a, w, MatMulAttr{}), b, only(1))[1]
	default: // dx of xᵀ·aᵀ
		x := a.Graph().Input("", Matrix(a.Shape.C, b.Shape.Rows()))
		return op.Grad(fake(x, a, MatMulAttr{TransposeA: true, TransposeB: true}), b, only(0))[0]
	}
}

func only(i int) func(int) bool { return func(k int) bool { return k == i } }

func all(int) bool { return true }
