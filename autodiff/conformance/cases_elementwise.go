package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

// lengths are shapes whose sizes lie around the widths of vectors, and one that several threads share.
var lengths = []Shape{shape(1, 1, 1, 1), shape(1, 1, 1, 7), shape(1, 3, 5, 1), shape(1, 4, 4, 1),
	shape(2, 3, 3, 5), shape(3, 7, 5, 33), shape(1, 37, 41, 16)}

func elementwiseCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }

	binary := map[string]func(a, b *Node) *Node{"add": Add, "sub": Sub, "mul": Mul, "div": Div}
	for _, op := range []string{"add", "sub", "mul", "div"} {
		apply := binary[op]
		second := generator(normalNumbers)
		if op == "div" {
			second = nonZeroNumbers
		}
		for _, s := range lengths {
			for form, bs := range map[string]Shape{"same": s, "vector": Vector(s.C), "scalar": Scalar} {
				add(one(op, fmt.Sprintf("%v %s", s, form), func(b *builder) *Node {
					return apply(b.input(s), b.paramOf(bs, second))
				}))
			}
		}
		add(one(op, "with itself", func(b *builder) *Node {
			x := b.inputOf(shape(1, 5, 3, 7), nonZeroNumbers)
			return apply(x, x)
		}))
		// the operands are results, so that the plan may work in place of either
		add(one(op, "in place of the first", func(b *builder) *Node {
			return apply(ScaleOffset(b.input(shape(1, 5, 3, 7)), 2, 1), b.inputOf(shape(1, 5, 3, 7), second))
		}))
		add(one(op, "in place of the second", func(b *builder) *Node {
			return apply(b.input(shape(1, 5, 3, 7)), Scale(b.inputOf(shape(1, 5, 3, 7), second), -0.5))
		}))
	}
	for _, s := range lengths {
		name := s.String()
		add(
			one("linear", name, func(b *builder) *Node { return ScaleOffset(b.input(s), 1.25, -0.3) }),
			one("linear", name+" no offset", func(b *builder) *Node { return Scale(b.input(s), -0.7) }),
			one("square", name, func(b *builder) *Node { return Square(b.input(s)) }),
			one("exp", name, func(b *builder) *Node { return Exp(b.input(s)) }),
			one("log", name, func(b *builder) *Node { return Log(ScaleOffset(Square(b.input(s)), 1, 0.1)) }),
			one("sigmoid", name, func(b *builder) *Node { return Sigmoid(Scale(b.input(s), 4)) }),
			one("tanh", name, func(b *builder) *Node { return Tanh(b.input(s)) }),
			one("tanh", name+" of small numbers", func(b *builder) *Node { return Tanh(Scale(b.input(s), 1e-3)) }),
			one("relu", name, func(b *builder) *Node { return ReLU(b.inputOf(s, nonZeroNumbers)) }),
			gradOf("reluGrad", name, 0, func(b *builder) *Node { return ReLU(b.inputOf(s, nonZeroNumbers)) }),
		)
		if s == Scalar {
			continue // which is its own filling
		}
		add(
			one("fill", name+" scalar", func(b *builder) *Node { return Fill(b.param(Scalar), s) }),
			one("reshape", name, func(b *builder) *Node { return Reshape(b.input(s), shape(s.Len(), 1, 1, 1)) }),
		)
		if s != Vector(s.C) {
			add(one("fill", name+" vector", func(b *builder) *Node { return Fill(b.param(Vector(s.C)), s) }))
		}
	}
	ties := shape(2, 3, 5, 7)
	add(
		kinked(one("relu", "zeros", func(b *builder) *Node { return ReLU(b.inputOf(ties, tiedNumbers)) })),
		kinked(gradOf("reluGrad", "zeros", 0, func(b *builder) *Node { return ReLU(b.inputOf(ties, tiedNumbers)) })),
		one("reshape", "of a parameter", func(b *builder) *Node { return Reshape(b.param(ties), Matrix(30, 7)) }),
		one("reshape", "of a reshaped parameter", func(b *builder) *Node {
			return Reshape(Reshape(b.param(ties), Matrix(30, 7)), Matrix(7, 30))
		}),
		one("reshape", "beside its operand", func(b *builder) *Node {
			x := Square(b.input(shape(1, 3, 5, 7)))
			return Mul(Reshape(x, Matrix(5, 21)), Reshape(Scale(x, 3), Matrix(5, 21)))
		}),
	)
	return list
}
