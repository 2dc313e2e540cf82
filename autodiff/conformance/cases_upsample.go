package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

func upsampleCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }
	for _, u := range []struct {
		factor, more int
		x            Shape
	}{
		{2, 0, shape(1, 4, 5, 3)}, {2, 1, shape(2, 3, 5, 33)}, {4, 3, shape(1, 2, 3, 16)}, {3, 1, shape(1, 1, 4, 1)},
		{2, 0, shape(1, 1, 1, 5)}, {1, 0, shape(1, 3, 2, 7)},
	} {
		name := fmt.Sprintf("%v %d times and %d", u.x, u.factor, u.more)
		like := shape(u.x.N, u.x.H*u.factor+u.more, u.x.W*u.factor, 2)
		up := func(b *builder) *Node { return Upsample(b.input(u.x), b.fixed(like, normalNumbers), u.factor) }
		if u.factor > 1 {
			add(one("upsample", name, up), gradOf("upsampleGrad", name, 0, up))
		}
	}
	for _, s := range []Shape{shape(1, 4, 5, 3), shape(2, 3, 3, 64), shape(1, 1, 1, 1), shape(1, 2, 7, 129)} {
		dots := func(b *builder) *Node { return Dots(b.input(s), b.param(s)) }
		add(one("dots", fmt.Sprint(s), dots), gradOf("dotsGrad", fmt.Sprint(s), 0, dots))
		if s.C == 1 { // cosines are 1 or -1
			continue
		}
		add(one("dots", fmt.Sprintf("cosines of %v", s), func(b *builder) *Node {
			return Cosines(Dots(b.input(s), b.param(s)), 1e-8)
		}))
	}
	return list
}
