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
			one("sum", name, func(b *Builder) *Node { return Sum(b.InputOf(s, Positive)) }),
			one("sum", name+" mean", func(b *Builder) *Node { return Mean(b.InputOf(s, Positive)) }),
			one("sumRows", name, func(b *Builder) *Node { return SumRows(b.InputOf(s, Positive)) }),
			one("squaredError", name, func(b *Builder) *Node { return MSE(b.Input(s), b.Param(s)) }),
			one("squaredError", name+" from zeros", func(b *Builder) *Node { return SquaredError(b.Input(s), nil, 0.3) }),
			one("squaredError", name+" relative to the target", func(b *Builder) *Node {
				return RelativeSquaredError(b.Input(s), b.Fixed(s, Normal))
			}),
			gradOf("squaredErrorGrad", name, 0, func(b *Builder) *Node { return MSE(b.Input(s), b.Param(s)) }),
			gradOf("squaredErrorGrad", name+" relative to the target", 0, func(b *Builder) *Node {
				return RelativeSquaredError(b.Input(s), b.Fixed(s, Normal))
			}),
			gradOf("squaredErrorGrad", name+" of the target", 1, func(b *Builder) *Node {
				return MSE(b.Input(s), b.Input(s))
			}),
			gradOf("squaredErrorGrad", name+" from zeros", 0, func(b *Builder) *Node {
				return SquaredError(b.Input(s), nil, 0.3)
			}),
		)
	}
	for _, s := range append(lengths, shape(1, 1, 6, 3), shape(1, 6, 1, 3), shape(1, 2, 2, 1)) {
		for name, a := range map[string]TVAttr{
			" L1":            {ScaleY: 0.5, ScaleX: 1.5},
			" L2":            {Squared: true, ScaleY: 0.5, ScaleX: 1.5},
			" vertical only": {Squared: true, ScaleY: 2},
		} {
			name = s.String() + name
			tv := func(b *Builder) *Node { return TotalVariation(b.InputOf(s, Distinct), a) }
			ties := func(b *Builder) *Node { return TotalVariation(b.InputOf(s, Ties), a) }
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
