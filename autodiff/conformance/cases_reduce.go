package conformance

import (
	. "oneiro/autodiff"
)

func reduceCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }
	for _, s := range lengths {
		name := s.String()
		add(
			one("sum", name, func(b *builder) *Node { return Sum(b.inputOf(s, positiveNumbers)) }),
			one("sum", name+" mean", func(b *builder) *Node { return Mean(b.inputOf(s, positiveNumbers)) }),
			one("sumRows", name, func(b *builder) *Node { return SumRows(b.inputOf(s, positiveNumbers)) }),
			one("squaredError", name, func(b *builder) *Node { return MSE(b.input(s), b.param(s)) }),
			one("squaredError", name+" from zeros", func(b *builder) *Node { return SquaredError(b.input(s), nil, 0.3) }),
			one("squaredError", name+" relative to the target", func(b *builder) *Node {
				return RelativeSquaredError(b.input(s), b.fixed(s, normalNumbers))
			}),
			gradOf("squaredErrorGrad", name+" relative to the target", 0, func(b *builder) *Node {
				return RelativeSquaredError(b.input(s), b.fixed(s, normalNumbers))
			}),
			gradOf("squaredErrorGrad", name, 0, func(b *builder) *Node { return MSE(b.input(s), b.param(s)) }),
			gradOf("squaredErrorGrad", name+" of the target", 1, func(b *builder) *Node {
				return MSE(b.input(s), b.input(s))
			}),
			gradOf("squaredErrorGrad", name+" from zeros", 0, func(b *builder) *Node {
				return SquaredError(b.input(s), nil, 0.3)
			}),
		)
	}
	add(
		one("givenGradient", "of fourth powers", func(b *builder) *Node {
			x := b.input(shape(1, 3, 4, 5))
			y := Square(x)
			return Scale(GivenGradient(Sum(Square(y)), Given{By: x, Gradient: Scale(Mul(x, y), 4)}), 0.5)
		}),
		one("givenGradient", "of two", func(b *builder) *Node {
			x, y := b.input(shape(1, 3, 4, 5)), b.input(Vector(5))
			product := Sum(Mul(Square(x), y))
			return GivenGradient(product,
				Given{By: x, Gradient: Scale(Mul(x, y), 2)}, Given{By: y, Gradient: SumRows(Square(x))})
		}),
	)
	for _, s := range append(lengths, shape(1, 1, 6, 3), shape(1, 6, 1, 3), shape(1, 2, 2, 1)) {
		for name, a := range map[string]TVAttr{
			" L1":            {ScaleY: 0.5, ScaleX: 1.5},
			" L2":            {Squared: true, ScaleY: 0.5, ScaleX: 1.5},
			" vertical only": {Squared: true, ScaleY: 2},
		} {
			name = s.String() + name
			tv := func(b *builder) *Node { return TotalVariation(b.inputOf(s, distinctNumbers), a) }
			ties := func(b *builder) *Node { return TotalVariation(b.inputOf(s, tiedNumbers), a) }
			add(
				one("totalVariation", name, tv),
				kinked(one("totalVariation", name+" ties", ties)),
				gradOf("totalVariationGrad", name, 0, tv),
				kinked(gradOf("totalVariationGrad", name+" ties", 0, ties)),
			)
		}
	}
	return list
}
